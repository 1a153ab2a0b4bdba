//! Minimisers: they see an [`Objective`] of the parameters and know no flow.

mod adam;
mod choice;
mod gauss_newton;
mod guess;
mod linear;
mod minimizer;
mod normal;

pub use adam::{Adam, AdamMoments};
pub use choice::{FormChoice, LinearSolverChoice, MinimizerChoice};
pub use gauss_newton::{GaussNewton, MatrixMemory, Memory};
pub use guess::best_guess;
pub use linear::{ACCELERATION_PART, Kept, Method, Model, NoModel};
pub use minimizer::Minimizer;

use crate::error::{Error, Result};

/// A function of the parameters, a sum of squares near its minimum.
pub trait Objective {
    /// The value.
    ///
    /// # Errors
    /// Those of the energy; recoverable ones and [`NotFinite`](crate::ErrorKind::NotFinite) make a
    /// minimiser refuse the trial and shorten its step.
    fn value(&mut self, parameters: &[f64]) -> Result<f64>;

    /// The value; `gradient` is overwritten.
    ///
    /// # Errors
    /// As for [`value`](Self::value).
    fn gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64>;

    /// The value; `gradient` is overwritten, and [`linear`](Self::linear) is there for it.
    ///
    /// # Errors
    /// As for [`value`](Self::value).
    fn linearize(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64>;

    /// The Gauss-Newton model of the last [`linearize`](Self::linearize). That of a step depends on the
    /// centre of its movement by the strength alone: a solver that is restored makes it again without.
    fn linear(&mut self) -> Box<dyn Model + '_>;

    /// The part of the last value that tolerances are relative to.
    fn scale(&self) -> f64;

    /// Of a step whose value falls to 0 at the minimum, as the square of what is left to move by, what its whole
    /// motion would count as there at the last value: beside it a value tells how far the minimum is.
    fn motion(&self) -> Option<f64> {
        None
    }
}

/// When a minimiser is done.
#[derive(Clone, Copy, Debug)]
pub struct Stop {
    /// The expected gain of an iteration, relative to [`Objective::scale`], below which it is.
    pub gain: f64,
    /// The value below which it is.
    pub value: f64,
    /// Iterations allowed.
    pub max_iterations: u64,
}

/// How a minimisation ended.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The last value.
    pub value: f64,
    /// What is estimated to be left to gain.
    pub gap: f64,
    /// How little of it was asked for.
    pub enough: f64,
    /// Iterations: each assembles one Gauss-Newton matrix, or for Adam one gradient.
    pub iterations: u64,
    /// Whether a tolerance was met.
    pub converged: bool,
}

/// Watches iterations: `(iteration, value)`; an error ends the minimisation.
pub type Watch<'a> = dyn FnMut(u64, f64) -> Result<()> + 'a;

/// Refuses the value of an objective that is no number.
pub(crate) fn finite(value: f64) -> Result<f64> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Error::not_finite("the objective is not a finite number"))
    }
}
