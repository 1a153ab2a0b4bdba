//! A stage of a step, posed on nodes, and what its minimisation has come to.

use super::{Centre, Context, Turn};
use crate::error::{Error, Result};
use crate::minimize::Outcome;
use crate::movement::Movement;
use crate::quadrature::Nodes;

/// When a stage takes place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moment {
    /// The time at the beginning of the step.
    pub begin: f64,
    /// The length of the step.
    pub tau: f64,
    /// The stage, from 0.
    pub stage: usize,
}

impl Moment {
    /// The time at which the stage takes the energies.
    ///
    /// # Errors
    /// [`Internal`](crate::ErrorKind::Internal) if the scheme has no such stage.
    pub fn time(&self, movement: &Movement) -> Result<f64> {
        let abscissae = movement.abscissae();
        let at = abscissae.get(self.stage);
        let at = at.ok_or_else(|| Error::internal("a movement scheme has no such stage"))?;
        Ok(self.begin + at * self.tau)
    }
}

/// A stage of a step, posed on nodes.
#[derive(Clone, Copy)]
pub struct Posed<'a> {
    /// Options, threads and ranks.
    pub cx: &'a Context,
    /// The nodes: this rank's own.
    pub nodes: &'a Nodes,
    /// The proximal centre at the nodes.
    pub centre: &'a Centre,
    /// The parameters at the beginning of the step.
    pub before: &'a [f64],
    /// The step and its attempt, for what is drawn anew in each iteration.
    pub turn: Turn,
    /// When the stage takes place.
    pub moment: Moment,
}

/// Result of the minimisation of a stage.
pub struct Minimized {
    /// The parameters.
    pub parameters: Vec<f64>,
    /// Outcome of the minimisation.
    pub outcome: Outcome,
    /// The part of the value that tolerances are relative to.
    pub scale: f64,
}
