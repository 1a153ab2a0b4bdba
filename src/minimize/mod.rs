//! Minimisers: they see an [`Objective`] of the parameters and know no flow.

mod adam;
mod choice;
mod gauss_newton;
mod guess;
mod line;
mod linear;
mod minimizer;
mod normal;

pub use adam::{Adam, AdamMoments};
pub use choice::{LinearSolverChoice, MinimizerChoice};
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
    /// Errors of the energy; recoverable ones and [`NotFinite`](crate::ErrorKind::NotFinite) make a
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

    /// The Gauss-Newton model of the last [`linearize`](Self::linearize). The model of a step
    /// depends on its proximal centre by the strength `S / tau` alone: a restored solver rebuilds
    /// it without.
    fn linear(&mut self) -> Box<dyn Model + '_>;

    /// Reference of tolerances at the last value.
    fn scale(&self) -> f64;

    /// For objectives whose minimum is 0 (least squares): the value at which the whole motion of
    /// the step is still missing, at the last evaluation. The ratio of value and motion estimates
    /// the squared relative distance to the minimum.
    fn motion(&self) -> Option<f64> {
        None
    }

    /// Hears that a step of the model overshot; returns whether the next [`linearize`](Self::linearize) makes a model
    /// of another kind, which does not. On all ranks the same.
    fn overshot(&mut self) -> bool {
        false
    }
}

/// When a minimiser is done.
#[derive(Clone, Copy, Debug)]
pub struct Stop {
    /// Predicted gain of an iteration, relative to [`Objective::scale`], below which it is done.
    pub gain: f64,
    /// Value below which it is done.
    pub value: f64,
    /// What may be left to gain, relative to [`Objective::scale`], of linear combinations that come
    /// slowly to their minimum: what they miss they hardly resolve.
    pub slow: f64,
    /// Iterations allowed.
    pub max_iterations: u64,
}

/// How a minimisation ended.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The last value.
    pub value: f64,
    /// Estimated gain that is left.
    pub gap: f64,
    /// Gain below which it is done.
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
