//! Products of functions at the nodes of all ranks.

use crate::error::Result;
use crate::flow::least_squares;
use crate::parallel::Pool;
use faer::Mat;

/// The lower triangle of `R^T R` of the rows, `[k][len]`, of all ranks. Collective.
///
/// # Errors
/// Errors of the threads and of the other ranks.
pub(super) fn gram(pool: &Pool, rows: &[f64], len: usize) -> Result<Mat<f64>> {
    cross_gram(pool, rows, rows, len)
}

/// The lower triangle of `R^T S`, which is symmetric, of the rows of all ranks. Collective.
///
/// # Errors
/// As for [`gram`].
pub(super) fn cross_gram(
    pool: &Pool,
    rows: &[f64],
    images: &[f64],
    len: usize,
) -> Result<Mat<f64>> {
    let mut all = least_squares::cross_gram(pool, rows, images, len)?;
    sum_matrix(pool, &mut all)?;
    Ok(all)
}

/// Replaces a matrix by its sum over the ranks. Collective.
///
/// # Errors
/// Errors of the other ranks.
pub(super) fn sum_matrix(pool: &Pool, matrix: &mut Mat<f64>) -> Result<()> {
    let ranks = pool.ranks();
    if ranks.are_alone() {
        return Ok(());
    }
    let columns = matrix.ncols();
    let mut entries: Vec<f64> = (0..columns)
        .flat_map(|j| matrix.col_as_slice(j).iter().copied())
        .collect();
    ranks.sum(Ok(()), &mut entries)?;
    let rows = matrix.nrows().max(1);
    for (j, column) in entries.chunks_exact(rows).enumerate() {
        matrix.col_as_slice_mut(j).copy_from_slice(column);
    }
    Ok(())
}
