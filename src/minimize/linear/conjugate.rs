//! Conjugate gradients with the Gauss-Newton model.

use super::{Model, Solution};
use crate::error::Result;
use crate::linear_algebra::{Limit, Solved, System, add, conjugate_gradients};

/// Solves `(G + mu I) s = -q`; `precondition` overwrites a vector by an approximate solution of the
/// system with that right-hand side. Also tells how many products were taken, or `None` if they did
/// not do.
///
/// # Errors
/// Errors of the products.
pub fn solve(
    linear: &mut dyn Model,
    mu: f64,
    q: &[f64],
    limit: &Limit,
    precondition: impl Fn(&dyn Model, &mut [f64]) -> Result<()>,
) -> Result<(Solution, Option<usize>)> {
    let mut system = Damped {
        linear,
        mu,
        precondition,
    };
    let Solved {
        step,
        left,
        products,
    } = conjugate_gradients(&mut system, q, limit)?;
    Ok((Solution { step, left }, products))
}

/// `G + mu I`.
struct Damped<'m, P> {
    linear: &'m mut dyn Model,
    mu: f64,
    precondition: P,
}

impl<P: Fn(&dyn Model, &mut [f64]) -> Result<()>> System for Damped<'_, P> {
    fn product(&mut self, v: &[f64], out: &mut [f64]) -> Result<()> {
        self.linear.product(v, out)?;
        add(out, self.mu, v);
        Ok(())
    }

    fn precondition(&mut self, z: &mut [f64]) -> Result<()> {
        // Processors of one kind and another give other bits, and all ranks must take as many products.
        let made = (self.precondition)(self.linear, z);
        self.linear.pool().ranks().agree(made, z)
    }
}
