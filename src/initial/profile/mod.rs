//! Densities of mass 1 that a Wasserstein flow starts from, with the labels that stand for them.

mod barenblatt;
mod gaussian;
mod on_box;
mod particles;

pub use barenblatt::Barenblatt;
pub use gaussian::Mixture;
pub use on_box::OnBox;
pub use particles::Particles;

use crate::error::{Error, Result};
use crate::quadrature::{Nodes, Quadrature};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A density `rho_0` of mass 1.
pub trait Profile: Send + Sync {
    /// The dimension.
    fn dimension(&self) -> usize;

    /// Checks that it is a density in so many dimensions.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if it is none.
    fn check_dimension(&self, dimension: usize) -> Result<()> {
        let own = self.dimension();
        if own == dimension {
            return Ok(());
        }
        Err(Error::argument(format!(
            "rho_0 is a density in dimension {own}; option `dimension` is {dimension}"
        )))
    }

    /// Labels of the measure: positions, masses that sum to 1, `rho_0` and, where it is known,
    /// its score. `rule` says how they are drawn, and about how many in all.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if the rule does not fit the density.
    fn labels(&self, rule: &Quadrature, rng: &mut Xoshiro256PlusPlus) -> Result<Nodes>;

    /// `rho_0` at positions `x` (`[n][d]`) into `rho` (`[n]`) and, when wanted, `grad ln rho_0` into
    /// `score` (`[n][d]`), which means nothing where there is no mass.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) if it is known at its labels only.
    fn density(&self, x: &[f64], rho: &mut [f64], score: Option<&mut [f64]>) -> Result<()>;

    /// Where mass that began at `x` (`[n][d]`) is in this density: where it was, unless a flow has moved it.
    ///
    /// # Errors
    /// [`TryAgain`](crate::ErrorKind::TryAgain) if a map that carried it folds labels over.
    fn carry(&self, x: Vec<f64>) -> Result<Vec<f64>> {
        Ok(x)
    }

    /// Whether it is one of a formula whose flows are all but affine maps of it: a Gaussian, a Barenblatt
    /// profile.
    fn is_elementary(&self) -> bool {
        false
    }

    /// Whether there are no labels but those it came with.
    fn is_fixed(&self) -> bool {
        false
    }

    /// The density that all began with, where this one was made of another.
    fn origin(&self) -> Option<&dyn Profile> {
        None
    }

    /// Labels of the density that all began with, where they are in this one.
    ///
    /// # Errors
    /// [`TryAgain`](crate::ErrorKind::TryAgain) if a map folds them over.
    fn carry_labels(&self, labels: Nodes) -> Result<Nodes> {
        Ok(labels)
    }
}

/// The tolerance on the mass of a density or of particles; within it they are scaled to 1.
pub const MASS_TOLERANCE: f64 = 1e-2;

/// Checks that a mass is 1, where it is known up to `unsure`.
///
/// # Errors
/// [`Argument`](crate::ErrorKind::Argument) if it is further from 1 than [`MASS_TOLERANCE`] and that.
fn check_mass(mass: f64, name: &str, unsure: f64) -> Result<()> {
    if (mass - 1.0).abs() <= MASS_TOLERANCE + unsure {
        return Ok(());
    }
    Err(Error::argument(format!(
        "`{name}` has mass {mass:.6}; accepted is 1 within {MASS_TOLERANCE}: scale it, and let `lower` and \
         `upper` hold its support"
    )))
}

#[cfg(test)]
mod tests;
