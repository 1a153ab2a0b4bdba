//! A spectral reference for `u_t = kappa Laplacian u - eps^-2 (u^3 - u)` with vanishing flux on a
//! square: Galerkin in products of cosines, products free of aliasing.
//!
//! [`exponential`] follows the equation itself, [`movements`] the movement schemes with every
//! minimisation exact: the difference of the two is a scheme's own error. `tests/it/reference.rs`
//! shows that both have converged. [`DoubleWell`] is the reference of a flow in Wasserstein space.

mod cosines;
mod exponential;
mod finite_volumes;
mod movements;
mod start;

pub use cosines::Cosines;
pub use exponential::{Schedule, exponential};
pub use finite_volumes::DoubleWell;
pub use movements::movements;
pub use start::{discs, inside_discs, random};

/// The equation: heat if `well` is 0.
#[derive(Clone, Copy, Debug)]
pub struct Equation {
    pub kappa: f64,
    /// `eps^-2`
    pub well: f64,
}

impl Equation {
    /// `-eps^-2 (u^3 - u)` in place of u.
    fn react(&self, u: &mut [f64]) {
        u.iter_mut().for_each(|u| *u *= self.well * (1.0 - *u * *u));
    }
}
