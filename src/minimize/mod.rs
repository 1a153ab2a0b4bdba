//! Minimisers: they see an [`Objective`] of the parameters and know no flow.

mod adam;
mod gauss_newton;
mod normal;
mod pointwise;

pub use adam::Adam;
pub use gauss_newton::GaussNewton;
pub use pointwise::{Integrand, Pointwise};

use crate::error::Result;
use faer::Mat;

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

    /// The value; `gradient` and the lower triangle of the Gauss-Newton matrix `normal` are
    /// overwritten.
    ///
    /// # Errors
    /// As for [`value`](Self::value).
    fn linearize(
        &mut self,
        parameters: &[f64],
        gradient: &mut [f64],
        normal: &mut Mat<f64>,
    ) -> Result<f64>;

    /// The part of the last value that tolerances are relative to.
    fn scale(&self) -> f64;

    /// Before a new iteration: a stochastic objective may draw its nodes anew.
    ///
    /// # Errors
    /// Those of the callbacks it needs.
    fn refresh(&mut self, _iteration: u64) -> Result<()> {
        Ok(())
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
    /// What the quadratic model expected to gain before the last accepted iteration.
    pub gap: f64,
    /// Iterations.
    pub iterations: u64,
    /// Whether a tolerance was met.
    pub converged: bool,
}

/// Watches iterations: `(iteration, value)`; an error ends the minimisation.
pub type Watch<'a> = dyn FnMut(u64, f64) -> Result<()> + 'a;
