//! Least squares by normal equations.

use super::features::add;
use crate::error::{Error, Result};
use crate::flow::dual::gram;
use crate::linear_algebra::{cholesky, solve_lower, solve_upper};
use crate::parallel::Pool;
use faer::{Mat, MatMut};

/// Added to the diagonal of a potential's matrix, whose diagonal is 1: what labels hardly see stays as it is.
/// Where coefficients are free to follow every residual they grow large, and errors from step to step.
pub(super) const DAMPING: f64 = 1e-8;

/// Normal equations of least squares.
pub(super) struct Normal {
    /// The lower triangle of `R^T R`.
    matrix: Mat<f64>,
    right: Vec<f64>,
}

impl Normal {
    /// Those of so many unknowns, without rows.
    pub fn new(len: usize) -> Self {
        Self {
            matrix: Mat::zeros(len, len),
            right: vec![0.0; len],
        }
    }

    /// Adds rows `[k][len]` and what they are to make.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn add(&mut self, pool: &Pool, rows: &[f64], wanted: &[f64]) -> Result<()> {
        let len = self.right.len();
        self.matrix += gram(pool, rows, len)?;
        for (row, b) in rows.chunks_exact(len).zip(wanted) {
            add(&mut self.right, *b, row);
        }
        Ok(())
    }

    /// The unknowns, where the diagonal is scaled to 1 and `damping` is added to it.
    ///
    /// # Errors
    /// [`NotFinite`](crate::ErrorKind::NotFinite) if rows hold no numbers.
    pub fn solve(self, damping: f64) -> Result<Vec<f64>> {
        let Self {
            mut matrix,
            right: mut x,
        } = self;
        let len = x.len();
        let scale: Vec<f64> = (0..len)
            .map(|i| matrix[(i, i)].max(f64::MIN_POSITIVE).sqrt().recip())
            .collect();
        for j in 0..len {
            for i in j..len {
                matrix[(i, j)] *= scale[i] * scale[j];
            }
        }
        let mut damping = damping;
        let lower = loop {
            (0..len).for_each(|i| matrix[(i, i)] = 1.0 + damping);
            match cholesky(matrix.as_ref()) {
                Some(lower) => break lower,
                None if damping < 1.0 => damping *= 100.0,
                None => return Err(Error::not_finite("the matrix of a step is not a number")),
            }
        };
        x.iter_mut().zip(&scale).for_each(|(x, s)| *x *= s);
        let mut column = MatMut::from_column_major_slice_mut(&mut x, len, 1);
        solve_lower(lower.as_ref(), column.as_mut());
        solve_upper(lower.as_ref().transpose(), column);
        x.iter_mut().zip(&scale).for_each(|(x, s)| *x *= s);
        Ok(x)
    }
}

/// The x for which rows `[k][len]` make `wanted` best; see [`Normal::solve`] for `damping`.
///
/// # Errors
/// As for [`Normal::solve`].
pub(super) fn least_squares(
    pool: &Pool,
    rows: &[f64],
    wanted: &[f64],
    len: usize,
    damping: f64,
) -> Result<Vec<f64>> {
    let mut normal = Normal::new(len);
    normal.add(pool, rows, wanted)?;
    normal.solve(damping)
}
