//! What a solver needs to go on from where it is, and come to the same bits.
//!
//! All that is random is drawn from streams of the seed, the step and the attempt, and the host hands over
//! its callbacks, nodes and rho_0 anew: of those a fingerprint is kept. The matrix of an earlier
//! step by which the minimiser still finds its way is made again, from the parameters it was made at.

use super::{Minimizer, Relabelled, Solver};
use crate::energy::Identity;
use crate::error::Result;
use crate::fingerprint::{Fingerprint, Numbers};
use crate::flow::Flow;
use crate::minimize::Memory;
use crate::options::Options;
use crate::quadrature::Nodes;
use crate::report::{FitReport, StepReport};
use crate::vector_units;
use std::sync::Arc;

/// The state of a run between two steps, and what it was made with.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// Of the library.
    pub version: String,
    /// The vector units that it computed with.
    pub machine: String,
    /// The options of the solver.
    pub options: Options,
    /// Each term of F.
    pub energies: Vec<Identity>,
    /// The energy of each term, on the independent nodes.
    pub values: Vec<f64>,
    /// Of the nodes and of the boundary: what of them a host gives is in it.
    pub nodes: Fingerprint,
    /// Of the labels of rho_0, for a flow of maps.
    pub origin: Option<Fingerprint>,
    /// The times that the labels of maps were taken anew.
    pub relabelled: Vec<Relabelling>,
    /// The time step that comes next.
    pub tau: f64,
    /// Steps taken.
    pub step: u64,
    /// Time reached.
    pub time: f64,
    /// How often the labels of a map were made denser.
    pub refined: u64,
    /// Of the network.
    pub parameters: Vec<f64>,
    /// The last steps, latest first.
    pub past: Vec<Past>,
    /// Of Gauss-Newton; Adam has none.
    pub memory: Option<Memory>,
    /// Where the matrix in this memory comes from.
    pub linearized: Option<Linearized>,
    /// Of the initial fit.
    pub fit: FitReport,
    /// Of the last step.
    pub report: StepReport,
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// Its time step.
    pub tau: f64,
    /// For each stage the change of the parameters since the beginning of the step.
    pub changes: Vec<Vec<f64>>,
}

/// The stage whose model a matrix is made of: its nodes, and all that it depends on of the centre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Linearized {
    /// The step, counted from 1.
    pub step: u64,
    /// Its attempt, counted from 0.
    pub attempt: u64,
    /// `S / tau`.
    pub strength: f64,
}

/// Labels that were taken anew.
#[derive(Clone, Debug)]
pub struct Relabelling {
    /// Steps taken then.
    pub step: u64,
    /// Of the map until then.
    pub parameters: Arc<Vec<f64>>,
}

impl Relabelling {
    fn of(relabelled: &Relabelled) -> Self {
        Self {
            step: relabelled.step,
            parameters: Arc::clone(&relabelled.parameters),
        }
    }
}

impl Solver {
    /// What it needs to go on from where it is; `values` are its [`energies`](Self::energies).
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition.
    pub fn checkpoint(&self, values: Vec<f64>) -> Result<Checkpoint> {
        let state = self.state()?;
        Ok(Checkpoint {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            machine: vector_units::name(),
            options: self.options.clone(),
            energies: self.energies.clone(),
            values,
            nodes: self.nodes_fingerprint(),
            origin: self.origin.as_ref().map(|origin| origin.fingerprint),
            relabelled: self.relabelled.iter().map(Relabelling::of).collect(),
            tau: self.tau,
            step: state.step,
            time: state.time,
            refined: state.refined,
            parameters: state.parameters.clone(),
            past: state.past.clone(),
            memory: match &state.minimizer {
                Minimizer::GaussNewton(it) => Some(it.memory()),
                Minimizer::Adam(_) => None,
            },
            linearized: state.linearized,
            fit: state.fit.clone(),
            report: state.report.clone(),
        })
    }

    /// Of every node that steps do not draw anew.
    pub(super) fn nodes_fingerprint(&self) -> Fingerprint {
        let mut numbers = Numbers::default();
        let mut nodes = |nodes: &Nodes| {
            for list in [&nodes.x, &nodes.w, &nodes.rho, &nodes.score] {
                numbers.add(list);
            }
        };
        self.fixed.iter().for_each(&mut nodes);
        nodes(&self.check);
        if let (Flow::L2(_), Some(boundary)) = (&self.flow, &self.boundary) {
            for list in [&boundary.x, &boundary.normal, &boundary.w] {
                numbers.add(list);
            }
        }
        numbers.add(&[self.domain.volume()]);
        numbers.finish()
    }
}
