//! Initial conditions: a function, values at points, or a closed form by its name.

pub mod closed_form;
pub mod profile;
mod smoothing;

pub(crate) use smoothing::{MOST_DIMENSIONS, Smoothed, check_width};

use crate::error::{Error, Result};
use std::sync::Arc;

/// Fills `u` (`[n][c]`) and, when it is wanted and known, `grad` (`[n][c][d]`) at positions `x` (`[n][d]`).
pub type Field<'a> = dyn FnMut(&[f64], &mut [f64], Option<&mut [f64]>) -> Result<()> + 'a;

/// Where u_0 comes from.
pub enum Initial<'a> {
    /// A function of x. With `has_gradient` it also fills grad u_0, and the fit uses it.
    Function {
        /// The function; called on the thread that calls the solver.
        field: &'a mut Field<'a>,
        /// Whether it fills the gradient when asked.
        has_gradient: bool,
    },
    /// Values, and if known gradients, at given points, all weighted alike.
    Values {
        /// Positions, `[n][d]`, inside the domain.
        x: &'a [f64],
        /// Values, `[n][c]`.
        u: &'a [f64],
        /// Gradients, `[n][c][d]`.
        grad: Option<&'a [f64]>,
    },
    /// One of [`closed_form::TABLE`].
    Named(&'a str),
    /// A density of mass 1, for flows in Wasserstein space.
    Density(Arc<dyn profile::Profile>),
}

impl Initial<'_> {
    /// The same once more.
    pub(crate) fn again(&mut self) -> Initial<'_> {
        match self {
            Self::Function {
                field,
                has_gradient,
            } => Initial::Function {
                field: &mut **field,
                has_gradient: *has_gradient,
            },
            Self::Values { x, u, grad } => Initial::Values { x, u, grad: *grad },
            Self::Named(name) => Initial::Named(name),
            Self::Density(profile) => Initial::Density(Arc::clone(profile)),
        }
    }
}

/// Refuses values of u_0, or of its gradient, that are not finite; `values` has as many numbers for
/// each of the points `x` (`[n][d]`).
pub(crate) fn check_values(what: &str, values: &[f64], x: &[f64], d: usize) -> Result<()> {
    check_finite(&format!("initial condition: {what}"), values, x, d)
}

/// Refuses values that are not finite; as [`check_values`].
pub(crate) fn check_finite(what: &str, values: &[f64], x: &[f64], d: usize) -> Result<()> {
    let Some(at) = values.iter().position(|v| !v.is_finite()) else {
        return Ok(());
    };
    let point = at / (values.len() / (x.len() / d));
    Err(Error::not_finite(format!(
        "{what} = {} at x = {:?}; accepted are finite numbers",
        values[at],
        &x[point * d..(point + 1) * d]
    )))
}
