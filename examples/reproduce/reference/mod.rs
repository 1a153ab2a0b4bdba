//! Independent solutions of the equations that cases follow.
//!
//! [`exponential`] follows `u_t = kappa Laplacian u - eps^-2 (u^3 - u)` itself in a [`Space`], products of
//! [`Cosines`] on a square without flux or [`Fourier`] waves of a periodic one, and [`movements`] the
//! movement schemes with every minimisation exact: the difference of the two is a scheme's own error.
//! [`DoubleWell`] and [`Plane`] are finite volumes for flows in Wasserstein space, the second in a
//! potential such as that of [`Wells`]; [`SpreadingPower`], [`Trap`], [`RippledFront`], [`HeatedBall`], [`TwoFields`], [`Director`] and [`heated_plane`] are closed
//! forms. `tests/it/reference.rs` and
//! `tests/it/reference_field.rs` show that all of them have converged.

mod cosines;
mod coupled;
mod exponential;
mod finite_volumes;
mod fourier;
mod front;
mod heated;
mod movements;
mod plane;
mod space;
mod spreading;
mod start;
mod trap;
mod waves;
mod wells;

pub use cosines::Cosines;
pub use coupled::{Director, TwoFields};
pub use exponential::{Schedule, exponential};
pub use finite_volumes::DoubleWell;
pub use fourier::Fourier;
pub use front::RippledFront;
pub use heated::{HeatedBall, heated_plane};
pub use movements::movements;
pub use plane::Plane;
pub use space::Space;
pub use spreading::SpreadingPower;
pub use start::{discs, inside_discs, random};
pub use trap::Trap;
pub use waves::{kinked, random_waves};
pub use wells::Wells;

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
