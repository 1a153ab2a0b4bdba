//! Least squares by normal equations, of the flows whose unknown is a linear combination of features.

use super::factor::{Damping, Factor};
use crate::error::Result;
use crate::linear_algebra::{add_lower_product, column_blocks, product};
use crate::parallel::Pool;
use faer::{Accum, Mat, MatRef};

/// Columns of a product that one task takes.
const COLUMNS: usize = 64;

/// The least that is added to the diagonal of a matrix that is not positive definite.
const LEAST: f64 = 1e-13;

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
            let entries = self.right.iter_mut().zip(row);
            entries.for_each(|(sum, r)| *sum += b * r);
        }
        Ok(())
    }

    /// The unknowns, where the diagonal is scaled to 1 and `damping` is added to it.
    ///
    /// # Errors
    /// [`NotFinite`](crate::ErrorKind::NotFinite) if rows hold no numbers.
    pub fn solve(self, damping: f64) -> Result<Vec<f64>> {
        let Self { matrix, mut right } = self;
        solve_damped(matrix, &mut right, damping)?;
        Ok(right)
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

/// Overwrites `x` by `A^-1 x`, A symmetric, of which the lower triangle is read: its diagonal is scaled to 1,
/// and `damping` added to it, more where A is not positive definite in floating point.
///
/// # Errors
/// [`NotFinite`](crate::ErrorKind::NotFinite) if A holds no numbers.
pub(super) fn solve_damped(matrix: Mat<f64>, x: &mut [f64], damping: f64) -> Result<()> {
    let damping = Damping {
        first: damping,
        least: LEAST,
        growth: 100.0,
        most: 1.0,
    };
    Factor::new(matrix, &damping)?.solve(x);
    Ok(())
}

/// The lower triangle of `R^T R` of rows `[k][len]`.
pub(super) fn gram(pool: &Pool, rows: &[f64], len: usize) -> Result<Mat<f64>> {
    cross_gram(pool, rows, rows, len)
}

/// The lower triangle of `R^T S`, which is symmetric, of rows `[k][len]` of both.
pub(super) fn cross_gram(
    pool: &Pool,
    rows: &[f64],
    images: &[f64],
    len: usize,
) -> Result<Mat<f64>> {
    let mut out = Mat::zeros(len, len);
    let of = |rows| MatRef::from_row_major_slice(rows, images.len() / len, len);
    let (all, images) = (of(rows), of(images));
    let blocks = column_blocks(out.as_mut(), COLUMNS);
    pool.try_for_each(blocks, |(first, columns)| {
        let width = columns.ncols();
        let (_, below) = columns.split_at_row_mut(first);
        let (corner, rest) = below.split_at_row_mut(width);
        let right = images.subcols(first, width);
        add_lower_product(corner, all.subcols(first, width).transpose(), right);
        let left = all.subcols(first + width, len - first - width);
        product(rest, Accum::Replace, left.transpose(), right, 1.0);
        Ok(())
    })?;
    Ok(out)
}
