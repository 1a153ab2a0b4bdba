//! Functions of position, value, gradient and second derivatives of a field that objectives sum over nodes.

use crate::energy::{Batch, Derivatives};
use crate::error::Result;
use std::ops::Range;

/// The function phi at each node.
pub trait Integrand: Sync {
    /// Fills what is wanted for a range of nodes, whose positions, values and gradients are in
    /// `batch`. Second derivatives need not be positive: the assembly takes their positive part.
    ///
    /// # Errors
    /// Errors of the energies in it.
    fn evaluate(
        &self,
        nodes: Range<usize>,
        batch: &Batch<'_>,
        wanted: &mut Derivatives<'_>,
    ) -> Result<()>;

    /// The time at which it is evaluated.
    fn time(&self) -> f64 {
        0.0
    }

    /// Whether phi depends on second derivatives of the field, which `batch` then has.
    fn uses_hessian(&self) -> bool {
        false
    }

    /// Whether only the thread that called the solver may evaluate it.
    fn caller_thread_only(&self) -> bool;

    /// The part of phi that tolerances are relative to, at one node with u there, `[c]`.
    fn scale(&self, node: usize, u: &[f64]) -> f64;
}

impl<T: Integrand + ?Sized> Integrand for &T {
    fn evaluate(
        &self,
        nodes: Range<usize>,
        batch: &Batch<'_>,
        wanted: &mut Derivatives<'_>,
    ) -> Result<()> {
        (**self).evaluate(nodes, batch, wanted)
    }

    fn time(&self) -> f64 {
        (**self).time()
    }

    fn uses_hessian(&self) -> bool {
        (**self).uses_hessian()
    }

    fn caller_thread_only(&self) -> bool {
        (**self).caller_thread_only()
    }

    fn scale(&self, node: usize, u: &[f64]) -> f64 {
        (**self).scale(node, u)
    }
}
