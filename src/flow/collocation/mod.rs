//! The Wasserstein gradient flow by potentials at labels, in space of up to sixteen dimensions: the first
//! variation `p = dF/drho` at the end of a stage solves the Monge-Ampere equation of its map at samples of
//! the mass, in the sense of least squares.
//!
//! With `F(rho) = int k rho ln rho + V rho` a mass at c goes to the y with `y + tau grad p(y) = c`, and its
//! density there, `ln rho(y) = (p - V)(y)/k`, is the one that the map makes of that at c:
//! `ln rho(y) = ln rho(c) + ln det(I + tau D^2 p(y))`. Labels are where the mass is, whatever the dimension;
//! the equation holds at each of them, so that no integral over space is taken.
//!
//! Labels carry two densities: that of the potential, from which the next step starts, and that which the
//! maps have made of the initial one. Their quotient weighs labels, so that observables are integrals over
//! the density of the potential.

mod asked;
mod begun;
mod calibrated;
mod checkpoint;
mod choice;
mod cloud;
mod features;
mod fit;
mod flow;
mod following;
mod functional;
mod labelled;
mod newton;
mod noise;
mod planes;
mod queries;
mod rate;
mod row;
mod small;
#[cfg(test)]
mod tests;

pub(super) use choice::suits;
pub use flow::{CollocationFlow, SPEC};
pub(super) use functional::Functional;

/// Added to the diagonal of a potential's matrix, whose diagonal is 1: what labels hardly see stays as it is.
/// Where coefficients are free to follow every residual they grow large, and errors from step to step.
const DAMPING: f64 = 1e-8;

/// The most dimensions: second derivatives at labels fill the memory.
pub(super) const MOST: usize = 16;
