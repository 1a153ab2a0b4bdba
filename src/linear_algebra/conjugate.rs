//! Preconditioned conjugate gradients (Hestenes and Stiefel 1952), stopped by what is left to gain
//! in the quadratic model (Nash and Sofer, "Assessing a search direction within a truncated-Newton
//! method", 1990).

use super::dot;
use crate::error::Result;

/// A symmetric linear system, and something near its inverse.
pub trait System {
    /// Overwrites `out` with the matrix times v.
    ///
    /// # Errors
    /// Errors of what the matrix is made of.
    fn product(&mut self, v: &[f64], out: &mut [f64]) -> Result<()>;

    /// Overwrites z by an approximate solution of the system with that right-hand side.
    ///
    /// # Errors
    /// Errors of what it is made of.
    fn precondition(&mut self, z: &mut [f64]) -> Result<()>;
}

/// When conjugate gradients are done.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// The gain below which nothing more is wanted.
    pub enough: f64,
    /// The part of the whole gain below which nothing more is wanted.
    pub part: f64,
    /// Products with the matrix allowed.
    pub products: usize,
}

/// What they came to.
#[derive(Debug)]
pub struct Solved {
    /// The solution.
    pub step: Vec<f64>,
    /// What is left to gain.
    pub left: f64,
    /// How many products were taken; `None` if they did not do.
    pub products: Option<usize>,
}

/// Solves `A s = -q`.
///
/// # Errors
/// Errors of the system.
pub fn conjugate_gradients(system: &mut dyn System, q: &[f64], limit: &Limit) -> Result<Solved> {
    let mut step = vec![0.0; q.len()];
    let mut residual: Vec<f64> = q.iter().map(|q| -q).collect();
    let mut z = residual.clone();
    system.precondition(&mut z)?;
    let mut direction = z.clone();
    let mut image = vec![0.0; q.len()];
    let mut rz = dot(&residual, &z);
    let mut gained = 0.0;
    for products in 1..=limit.products {
        system.product(&direction, &mut image)?;
        let curvature = dot(&direction, &image);
        if !(curvature > 0.0 && rz > 0.0) {
            break;
        }
        let alpha = rz / curvature;
        add(&mut step, alpha, &direction);
        add(&mut residual, -alpha, &image);
        let gain = 0.5 * alpha * rz;
        gained += gain;
        z.copy_from_slice(&residual);
        system.precondition(&mut z)?;
        let next = dot(&residual, &z);
        // Half of r . A^-1 r is left; the preconditioner stands for the inverse.
        let left = (0.5 * next).max(0.0);
        let wanted = limit.enough.max(limit.part * gained);
        if left <= wanted && gain <= wanted {
            return Ok(Solved {
                step,
                left,
                products: Some(products),
            });
        }
        let beta = next / rz;
        rz = next;
        for (d, z) in direction.iter_mut().zip(&z) {
            *d = z + beta * *d;
        }
    }
    let left = 0.5 * rz.max(0.0);
    Ok(Solved {
        step,
        left,
        products: None,
    })
}

/// `y += a x`.
pub fn add(y: &mut [f64], a: f64, x: &[f64]) {
    y.iter_mut().zip(x).for_each(|(y, x)| *y += a * x);
}
