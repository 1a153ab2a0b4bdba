//! The minimiser of a solver's steps, one of several.

use super::{Adam, GaussNewton, Objective, Outcome, Stop, Watch};
use crate::error::Result;

/// A minimiser, with what it learnt from one stage for the next.
#[derive(Clone, Debug)]
pub enum Minimizer {
    /// Damped least squares.
    GaussNewton(Box<GaussNewton>),
    /// The first-order method of the paper.
    Adam(Adam),
}

impl Minimizer {
    /// The number of matrices made so far that later minimisations may begin with.
    #[must_use]
    pub const fn matrices(&self) -> u64 {
        match self {
            Self::GaussNewton(it) => it.matrices(),
            Self::Adam(_) => 0,
        }
    }

    /// Forgets the matrix of earlier minimisations: that of the next is another.
    pub fn forget_matrix(&mut self) {
        match self {
            Self::GaussNewton(it) => it.forget_matrix(),
            Self::Adam(_) => {}
        }
    }

    /// Minimises from `parameters`, which hold the best point found whatever happens. Directions
    /// that the objective hardly depends on are held to `anchor`.
    ///
    /// # Errors
    /// Errors of the objective and of `watch`.
    pub fn minimize(
        &mut self,
        objective: &mut dyn Objective,
        parameters: &mut [f64],
        anchor: Option<&[f64]>,
        stop: &Stop,
        watch: &mut Watch<'_>,
    ) -> Result<Outcome> {
        match self {
            Self::GaussNewton(it) => it.minimize(objective, parameters, anchor, stop, watch),
            Self::Adam(it) => it.minimize(objective, parameters, stop, watch),
        }
    }
}
