//! Cholesky factors in blocks on the threads of a solver. (The linear algebra library's parallel
//! factor gives other bits on another number of threads.) Blocks that are 0, of features that do not meet, are
//! passed over.

use crate::error::Result;
use crate::linear_algebra::{self, column_blocks, product, solve_lower, solve_upper};
use crate::parallel::Pool;
use faer::{Accum, ColMut, ColRef, Mat, MatMut};
use std::ops::Range;

/// Columns of a block: a multiple of the matrix product's own tile.
const BLOCK: usize = 96;

/// Unknowns of a substitution that are solved for together, and how many one task takes of them.
const STRIP: usize = 256;
const PART: usize = 32;

/// Replaces the lower triangle of `matrix` by its Cholesky factor. False if the matrix is not
/// positive definite in floating point, which spoils it.
///
/// # Errors
/// Errors of the threads.
pub fn factor(pool: &Pool, matrix: &mut Mat<f64>) -> Result<bool> {
    let n = matrix.nrows();
    for start in (0..n).step_by(BLOCK) {
        let width = BLOCK.min(n - start);
        let rest = matrix
            .as_mut()
            .submatrix_mut(start, start, n - start, n - start);
        let (panel, trailing) = rest.split_at_col_mut(width);
        let (mut corner, mut below) = panel.split_at_row_mut(width);
        let Some(lower) = linear_algebra::cholesky(corner.as_ref()) else {
            return Ok(false);
        };
        let lower = lower.as_ref();
        if (0..width).any(|i| !lower[(i, i)].is_finite()) {
            return Ok(false);
        }
        corner.copy_from_triangular_lower(lower);
        let blocks = row_blocks(below.as_mut()).into_iter().enumerate();
        let (used, blocks): (Vec<_>, Vec<_>) = blocks.filter(|(_, rows)| is_used(rows)).unzip();
        // B L^-T: L X = B^T by columns of B^T.
        pool.try_for_each(blocks, |rows| {
            solve_lower(lower, rows.transpose_mut());
            Ok(())
        })?;
        let below = below.as_ref();
        let trailing = trailing.split_at_row_mut(width).1;
        let blocks = column_blocks(trailing, BLOCK);
        let blocks = blocks
            .into_iter()
            .filter(|(first, _)| used.contains(&(first / BLOCK)));
        pool.try_for_each(blocks, |(first, mut columns)| {
            let right = below.subrows(first, columns.ncols()).transpose();
            for rows in runs(&used, first / BLOCK) {
                let (start, end) = (rows.start * BLOCK, (rows.end * BLOCK).min(below.nrows()));
                let left = below.subrows(start, end - start);
                let out = columns.as_mut().subrows_mut(start, end - start);
                product(out, Accum::Add, left, right, -1.0);
            }
            Ok(())
        })?;
    }
    Ok(true)
}

/// Overwrites `vector` by `(L L^T)^-1 vector`, L in the lower triangle of `factor`. It waits for
/// the memory that L lies in, of which two threads get more than one.
///
/// # Errors
/// Errors of the threads.
pub fn solve(pool: &Pool, factor: &Mat<f64>, vector: &mut [f64]) -> Result<()> {
    let n = vector.len();
    let starts = (0..n).step_by(STRIP);
    for start in starts.clone() {
        let end = (start + STRIP).min(n);
        let (done, rest) = vector.split_at_mut(end);
        let x = &mut done[start..];
        let corner = factor.as_ref().submatrix(start, start, x.len(), x.len());
        let column = MatMut::from_column_major_slice_mut(x, end - start, 1);
        solve_lower(corner, column);
        let x = ColRef::from_slice(x).as_mat();
        let below = rest.chunks_mut(STRIP).zip((end..n).step_by(STRIP));
        pool.try_for_each(below, |(y, first)| {
            let block = factor
                .as_ref()
                .submatrix(first, start, y.len(), end - start);
            let y = ColMut::from_slice_mut(y).as_mat_mut();
            product(y, Accum::Add, block, x, -1.0);
            Ok(())
        })?;
    }
    for start in starts.rev() {
        let end = (start + STRIP).min(n);
        let (rest, done) = vector.split_at_mut(end);
        let x = &mut rest[start..];
        let below = ColRef::from_slice(done).as_mat();
        let parts = x.chunks_mut(PART).zip((start..end).step_by(PART));
        pool.try_for_each(parts, |(x, first)| {
            let block = factor.as_ref().submatrix(end, first, n - end, x.len());
            let x = ColMut::from_slice_mut(x).as_mat_mut();
            product(x, Accum::Add, block.transpose(), below, -1.0);
            Ok(())
        })?;
        let corner = factor.as_ref().submatrix(start, start, x.len(), x.len());
        let column = MatMut::from_column_major_slice_mut(x, end - start, 1);
        solve_upper(corner.transpose(), column);
    }
    Ok(())
}

/// Whether a block is not 0.
fn is_used(block: &MatMut<'_, f64>) -> bool {
    (0..block.ncols()).any(|j| block.as_ref().col(j).iter().any(|b| *b != 0.0))
}

/// Runs of blocks among those that are used, which are in order, from the `first`.
fn runs(used: &[usize], first: usize) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in used.iter().copied().filter(|at| *at >= first) {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

fn row_blocks(mut rest: MatMut<'_, f64>) -> Vec<MatMut<'_, f64>> {
    let mut blocks = Vec::new();
    while rest.nrows() > BLOCK {
        let (block, tail) = rest.split_at_row_mut(BLOCK);
        blocks.push(block);
        rest = tail;
    }
    blocks.push(rest);
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_that_are_zero_are_passed_over() {
        let n = 700;
        // Features on a circle, which meet their neighbours, and a constant that meets all.
        let a = Mat::from_fn(n, n, |i, j| {
            let apart = i.abs_diff(j).min(n - 1 - i.abs_diff(j));
            match (i == j, i.max(j) == n - 1, apart < 60) {
                (true, ..) => 70.0,
                (_, true, _) => 0.05,
                (_, _, true) => (apart as f64).cos(),
                _ => 0.0,
            }
        });
        let mut factored = a.clone();
        let pool = Pool::new(2).unwrap();
        assert!(factor(&pool, &mut factored).unwrap());
        let x: Vec<f64> = (0..n).map(|i| (i as f64).cos()).collect();
        let mut y: Vec<f64> = (0..n)
            .map(|i| (0..n).map(|j| a[(i, j)] * x[j]).sum())
            .collect();
        solve(&pool, &factored, &mut y).unwrap();
        assert!(x.iter().zip(&y).all(|(x, y)| (x - y).abs() < 1e-10));
        assert_eq!(factored[(400, 200)], 0.0);
    }

    #[test]
    fn factors_solve_and_do_not_depend_on_threads() {
        for n in [1, 95, 96, 97, 300, 600] {
            let a = Mat::from_fn(n, n, |i, j| {
                let decay = (-0.3 * i.abs_diff(j) as f64).exp();
                decay * (1.0 + 0.1 * ((i * j) as f64).sin())
            });
            let a = &a * a.transpose() + Mat::<f64>::identity(n, n);
            let mut one = a.clone();
            let mut two = a.clone();
            assert!(factor(&Pool::new(1).unwrap(), &mut one).unwrap());
            assert!(factor(&Pool::new(2).unwrap(), &mut two).unwrap());
            let x: Vec<f64> = (0..n).map(|i| (i as f64).cos()).collect();
            let mut y: Vec<f64> = (0..n)
                .map(|i| (0..n).map(|j| a[(i, j)] * x[j]).sum())
                .collect();
            solve(&Pool::new(2).unwrap(), &one, &mut y).unwrap();
            for (x, y) in x.iter().zip(&y) {
                assert!((x - y).abs() < 1e-10);
            }
            for j in 0..n {
                for i in j..n {
                    assert_eq!(one[(i, j)].to_bits(), two[(i, j)].to_bits());
                }
            }
        }
        let mut indefinite = Mat::<f64>::identity(120, 120);
        indefinite[(110, 110)] = -1.0;
        assert!(!factor(&Pool::new(1).unwrap(), &mut indefinite).unwrap());
    }
}
