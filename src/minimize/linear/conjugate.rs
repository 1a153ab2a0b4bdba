//! Preconditioned conjugate gradients (Hestenes and Stiefel 1952), stopped by what is left to gain
//! in the quadratic model (Nash and Sofer, "Assessing a search direction within a truncated-Newton
//! method", 1990).

use super::{Model, Solution};
use crate::error::Result;
use crate::linear_algebra::dot;

/// When conjugate gradients are done.
pub struct Limit {
    /// The gain below which nothing more is wanted.
    pub enough: f64,
    /// The part of the whole gain below which nothing more is wanted.
    pub part: f64,
    /// Products with G allowed.
    pub products: usize,
}

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
    // Processors of one kind and another give other bits, and all ranks must take as many products.
    let precondition = |linear: &dyn Model, z: &mut [f64]| {
        let made = precondition(linear, z);
        linear.pool().ranks().agree(made, z)
    };
    let mut step = vec![0.0; q.len()];
    let mut residual: Vec<f64> = q.iter().map(|q| -q).collect();
    let mut z = residual.clone();
    precondition(linear, &mut z)?;
    let mut direction = z.clone();
    let mut image = vec![0.0; q.len()];
    let mut rz = dot(&residual, &z);
    let mut gained = 0.0;
    for products in 1..=limit.products {
        linear.product(&direction, &mut image)?;
        add(&mut image, mu, &direction);
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
        precondition(linear, &mut z)?;
        let next = dot(&residual, &z);
        // Half of r . (G + mu)^-1 r is left; the preconditioner stands for the inverse.
        let left = (0.5 * next).max(0.0);
        let wanted = limit.enough.max(limit.part * gained);
        if left <= wanted && gain <= wanted {
            return Ok((Solution { step, left }, Some(products)));
        }
        let beta = next / rz;
        rz = next;
        for (d, z) in direction.iter_mut().zip(&z) {
            *d = z + beta * *d;
        }
    }
    let left = 0.5 * rz.max(0.0);
    Ok((Solution { step, left }, None))
}

fn add(y: &mut [f64], a: f64, x: &[f64]) {
    y.iter_mut().zip(x).for_each(|(y, x)| *y += a * x);
}
