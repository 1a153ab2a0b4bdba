//! Functions that are orthonormal at weighted nodes, made of others that may depend on each other.

use super::least_squares::gram;
use crate::error::Result;
use crate::field::CHUNK;
use crate::linear_algebra::{self, product, solve_lower};
use crate::parallel::Pool;
use faer::{Accum, Mat, MatMut, MatRef};

/// Those of some functions, of whose products `square` has the integrals (the lower triangle), that the others
/// hardly make: at most so many, in the order in which the largest part of each that those before do not make
/// falls, down to the part `cut` of the largest. The first `kept` of `order` come first, whatever is left of
/// them.
pub(super) fn pivots(
    mut square: Mat<f64>,
    mut order: Vec<usize>,
    kept: usize,
    most: usize,
    cut: f64,
) -> Vec<usize> {
    let n = order.len();
    mirror(&mut square);
    let mut diagonal: Vec<f64> = (0..n).map(|i| square[(i, i)]).collect();
    let largest = diagonal.iter().fold(0.0_f64, |a, b| a.max(*b));
    let mut factor: Vec<Vec<f64>> = Vec::new();
    let mut rank = 0;
    while rank < n.min(most) {
        if rank >= kept {
            let best = (rank..n).max_by(|a, b| diagonal[order[*a]].total_cmp(&diagonal[order[*b]]));
            order.swap(rank, best.unwrap_or(rank));
        }
        let pivot = order[rank];
        let size = diagonal[pivot];
        if size <= cut * largest {
            break;
        }
        let root = size.sqrt();
        let mut column: Vec<f64> = square.col(pivot).iter().copied().collect();
        for before in &factor {
            let part = before[pivot];
            column
                .iter_mut()
                .zip(before)
                .for_each(|(c, b)| *c -= part * b);
        }
        column.iter_mut().for_each(|c| *c /= root);
        diagonal
            .iter_mut()
            .zip(&column)
            .for_each(|(d, c)| *d -= c * c);
        factor.push(column);
        rank += 1;
    }
    order.truncate(rank);
    order
}

/// The coefficients, `[len][rank]`, of functions that are orthonormal at nodes with these weights, and their
/// values there, `[n][rank]`: of functions with values `raw`, `[n][len]`, in the combinations `transform` to
/// begin with. `None` if these depend on each other.
///
/// # Errors
/// Errors of the threads.
pub(super) fn orthonormalized(
    pool: &Pool,
    raw: &[f64],
    weights: &[f64],
    transform: Mat<f64>,
) -> Result<Option<(Mat<f64>, Vec<f64>)>> {
    orthonormalized_by(pool, raw, (weights, &gram), transform)
}

/// The lower triangle of what rows, `[k][len]`, make with each other: of a rank's own, or of those of all.
pub(super) type Gram = dyn Fn(&Pool, &[f64], usize) -> Result<Mat<f64>>;

/// The same by a function that gives products of functions.
///
/// # Errors
/// Errors of the threads.
pub(super) fn orthonormalized_by(
    pool: &Pool,
    raw: &[f64],
    (weights, gram): (&[f64], &Gram),
    mut transform: Mat<f64>,
) -> Result<Option<(Mat<f64>, Vec<f64>)>> {
    let rank = transform.ncols();
    let mut values = times(pool, raw, &transform)?;
    // Twice is enough (Giraud, Langou, Rozloznik and van den Eshof, 2005).
    for _ in 0..2 {
        let square = gram(pool, &weighted(values, weights, rank), rank)?;
        let Some(lower) = linear_algebra::cholesky(square.as_ref()) else {
            return Ok(None);
        };
        // T L^-T, whose transpose is L^-1 T^T.
        solve_lower(lower.as_ref(), transform.as_mut().transpose_mut());
        values = times(pool, raw, &transform)?;
    }
    Ok(Some((transform, values)))
}

/// Rows `[n][len]`, each times the root of its weight.
pub(super) fn weighted(mut rows: Vec<f64>, weights: &[f64], len: usize) -> Vec<f64> {
    for (row, w) in rows.chunks_exact_mut(len).zip(weights) {
        let root = w.max(0.0).sqrt();
        row.iter_mut().for_each(|r| *r *= root);
    }
    rows
}

/// Rows `[k][len]` times a matrix.
pub(super) fn times(pool: &Pool, rows: &[f64], matrix: &Mat<f64>) -> Result<Vec<f64>> {
    let (len, rank) = (matrix.nrows(), matrix.ncols());
    let mut out = vec![0.0; rows.len() / len * rank];
    let tasks = out.chunks_mut(CHUNK * rank).zip(rows.chunks(CHUNK * len));
    pool.try_for_each(tasks, |(out, rows)| {
        let k = rows.len() / len;
        let rows = MatRef::from_row_major_slice(rows, k, len);
        let out = MatMut::from_row_major_slice_mut(out, k, rank);
        product(out, Accum::Replace, rows, matrix.as_ref(), 1.0);
        Ok(())
    })?;
    Ok(out)
}

/// Copies the lower triangle of a symmetric matrix to the upper one.
pub(super) fn mirror(lower: &mut Mat<f64>) {
    let n = lower.nrows();
    for j in 0..n {
        for i in 0..j {
            lower[(i, j)] = lower[(j, i)];
        }
    }
}
