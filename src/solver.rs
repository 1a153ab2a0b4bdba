//! One step of a gradient flow: movement scheme, flow and minimiser, with the guards around them.

use crate::domain::Domain;
use crate::energy::Energy;
use crate::error::{Error, Result};
use crate::initial::Initial;
use crate::options::Options;
use crate::progress::Observer;
use crate::report::{FitReport, StepReport};

/// A gradient flow that is being solved.
///
/// The order of calls: [`new`](Self::new), [`add_energy`](Self::add_energy) once a term,
/// [`set_initial`](Self::set_initial), then [`step`](Self::step) or [`step_to`](Self::step_to),
/// and [`evaluate`](Self::evaluate) whenever there is something to look at. A call that fails
/// leaves the solver as it was.
pub struct Solver {
    options: Options,
    domain: Domain,
}

impl Solver {
    /// A solver for the problem that the options describe.
    pub fn new(options: &Options) -> Result<Self> {
        todo!()
    }
    /// Adds a term to F. Terms can be added until the first step.
    pub fn add_energy(&mut self, energy: &Energy) -> Result<()> {
        todo!()
    }
    /// Fits the network to u_0, at time 0.
    pub fn set_initial(&mut self, initial: Initial<'_>) -> Result<()> {
        todo!()
    }
    /// One time step tau.
    pub fn step(&mut self) -> Result<()> {
        todo!()
    }
    /// Steps until `time`, the last step shortened to end there exactly.
    pub fn step_to(&mut self, time: f64) -> Result<()> {
        todo!()
    }
    /// u at `x` (`[n][d]`) and, when wanted, grad u (`[n][d]`).
    pub fn evaluate(&self, x: &[f64], u: &mut [f64], grad: Option<&mut [f64]>) -> Result<()> {
        todo!()
    }
    /// Energy of each term, in the order they were added, on the independent nodes.
    pub fn energies(&self) -> Result<Vec<f64>> {
        todo!()
    }
    /// The name of each term.
    pub fn energy_names(&self) -> Vec<&str> {
        todo!()
    }
    /// Time reached.
    pub fn time(&self) -> f64 {
        todo!()
    }
    /// Steps taken.
    pub fn steps(&self) -> u64 {
        todo!()
    }
    /// The time step that the next `step` takes; changing it.
    pub fn tau(&self) -> f64 {
        todo!()
    }
    /// Changes the time step.
    pub fn set_tau(&mut self, tau: f64) -> Result<()> {
        todo!()
    }
    /// Report of the last step.
    pub fn report(&self) -> Option<&StepReport> {
        todo!()
    }
    /// Report of the initial fit, once there is an initial condition.
    pub fn fit_report(&self) -> Option<&FitReport> {
        todo!()
    }
    /// The network's parameters, in the layout of [`crate::network`].
    pub fn parameters(&self) -> &[f64] {
        todo!()
    }
    /// The domain.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }
    /// The options it was made with.
    pub fn options(&self) -> &Options {
        &self.options
    }
    /// Watches progress; `None` stops watching.
    pub fn set_observer(&mut self, observer: Option<Observer>) {
        todo!()
    }
}
