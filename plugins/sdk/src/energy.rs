//! Energies: what is common to densities and kernels.

use crate::{Arguments, Descriptor, Result};

/// An energy of a plugin: its descriptor, and how an instance is made of its parameters.
///
/// The traits that it implements besides say what it can be evaluated for, one for each table of
/// `movimento_plugin.h`: [`Functional`](crate::Functional), a density,
/// [`SystemFunctional`](crate::SystemFunctional), one of several components, and
/// [`PairKernel`](crate::PairKernel), an interaction. An energy that implements both is the sum of
/// the two.
pub trait Energy: Sized + Send + Sync + 'static {
    /// The energy's id, name, formula, properties and parameters.
    const DESCRIPTOR: Descriptor;

    /// Makes an instance with the given parameters.
    ///
    /// # Errors
    /// The parameters do not fit together; the message says how they would.
    fn create(arguments: &Arguments) -> Result<Self>;
}
