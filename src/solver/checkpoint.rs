//! Checkpoints: the state from which a solver resumes and comes to the same bits.
//!
//! All that is random is drawn from streams of the seed, the step and the attempt, and the host hands over
//! its callbacks, nodes and rho_0 anew: of those a fingerprint is kept. The matrix of an earlier
//! step by which the minimiser still finds its way is made again, from the parameters it was made at.

mod section;

use super::{Measured, Solver};
use crate::energy::Identity;
use crate::error::Result;
use crate::fingerprint::Fingerprint;
use crate::flow::{self, Linearized, Past};
use crate::minimize::{Memory, Minimizer};
use crate::options::Options;
use crate::report::{FitReport, HandOverReport, StepReport};
use crate::section::Section;
use crate::vector_units;

/// The state of a run between two steps, and what it was made with.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// Version of the library.
    pub version: String,
    /// The vector units that it computed with.
    pub machine: String,
    /// The options of the solver.
    pub options: Options,
    /// Each term of F.
    pub energies: Vec<Identity>,
    /// The energy of each term, on the independent nodes.
    pub values: Vec<f64>,
    /// How many ranks shared its nodes; `None` without a communicator.
    pub ranks: Option<u64>,
    /// Fingerprint of the nodes and of the boundary, those of the host and of all ranks included.
    pub nodes: Fingerprint,
    /// Fingerprint of what is posed on whichever nodes, and the volume of the domain; the first snapshots have none.
    pub problem: Option<(Fingerprint, f64)>,
    /// What differed where the run went on from a snapshot of another solver.
    pub restarts: Vec<String>,
    /// Record that the flow keeps beyond the parameters.
    pub flow: Section,
    /// The time step that comes next.
    pub tau: f64,
    /// Steps taken.
    pub step: u64,
    /// Time reached.
    pub time: f64,
    /// What rounding took from it.
    pub time_rest: f64,
    /// Time at which the flow began.
    pub began: f64,
    /// The fastest rate of change that it had.
    pub fastest: f64,
    /// How often the nodes were made denser for good.
    pub refinements: u64,
    /// Parameters of the flow's networks.
    pub parameters: Vec<f64>,
    /// The last steps, latest first.
    pub past: Vec<Past>,
    /// Memory of Gauss-Newton; `None` for Adam.
    pub memory: Option<Memory>,
    /// Where the matrix in this memory comes from.
    pub linearized: Option<Linearized>,
    /// Report of the initial fit.
    pub fit: FitReport,
    /// Report of the last step.
    pub report: StepReport,
    /// Report of the last hand-over.
    pub hand_over: HandOverReport,
}

impl Solver {
    /// Returns what resuming needs, with what was [measured](Self::measure) of this state; that alone takes all ranks.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition.
    pub fn checkpoint(&self, measured: &Measured) -> Result<Checkpoint> {
        let state = self.state()?;
        let mut flow = Section::new("restart");
        self.flow.save(&mut flow);
        Ok(Checkpoint {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            machine: vector_units::name(),
            options: (*self.context.options).clone(),
            energies: self.energies.clone(),
            values: measured.energies.clone(),
            ranks: self.ranks().number(),
            nodes: measured.nodes,
            problem: Some((flow::problem(&*self.flow), self.domain().volume())),
            restarts: state.restarts.to_vec(),
            flow,
            tau: self.tau,
            step: state.step,
            time: state.time,
            time_rest: state.time_rest,
            began: state.began,
            fastest: state.fastest,
            refinements: state.refinements,
            parameters: state.parameters.clone(),
            past: state.past.clone(),
            memory: match &state.minimizer {
                Minimizer::GaussNewton(it) => Some(it.memory()),
                Minimizer::Adam(_) => None,
            },
            linearized: state.linearized,
            fit: state.fit.clone(),
            report: state.report.clone(),
            hand_over: state.hand_over.clone(),
        })
    }
}
