//! Functions that differ at nodes, among many that the others nearly make.

use super::of_ranks::{gram, sum_matrix};
use crate::error::{Error, Result};
use crate::flow::orthonormal::{orthonormalized_by, pivots, times, weighted};
use crate::linear_algebra::{column_blocks, product};
use crate::parallel::Pool;
use faer::{Accum, Mat, MatRef};

/// The squared part of a feature that others do not make, relative to the largest, below which it is no mode.
const CUT: f64 = 1e-13;

/// The same in a second round, and the squared part of one that others do not make of what is left there.
const LEAST: f64 = 1e-16;
const APART: f64 = 1e-4;

/// Columns of a product that one task takes.
const COLUMNS: usize = 64;

/// An orthonormal basis of so many functions with these values, `[n][len]`, at the nodes of this rank: its coefficients and its values, as
/// [`orthonormalized_by`] gives them. Collective.
///
/// In products of functions those drown that are less than the root of rounding away from the others. They are
/// found in a second round, if it is to be `thorough`, among what is left of the functions without those of the
/// first.
pub(super) fn independent(
    pool: &Pool,
    (values, len): (&[f64], usize),
    w: &[f64],
    thorough: bool,
) -> Result<(Mat<f64>, Vec<f64>)> {
    let orthonormalized = |transform| orthonormalized_by(pool, values, (w, &gram), transform);
    let square = gram(pool, &weighted(values.to_vec(), w, len), len)?;
    let largest = (0..len).fold(0.0_f64, |most, i| most.max(square[(i, i)]));
    let kept = pivots(square, (0..len).collect(), 0, len, CUT);
    let first = chosen(len, &kept);
    let (first, basis) =
        orthonormalized(first)?.ok_or_else(|| Error::internal("features depend on each other"))?;
    if !thorough {
        return Ok((first, basis));
    }
    let rank = first.ncols();
    // What the first ones make of each, and what they leave of it.
    let scaled = |rows: &[f64], len| {
        let mut rows = rows.to_vec();
        let nodes = rows.chunks_exact_mut(len).zip(w);
        nodes.for_each(|(row, w)| row.iter_mut().for_each(|v| *v *= w));
        rows
    };
    let mut made = Mat::<f64>::zeros(rank, len);
    let left = MatRef::from_row_major_slice(&basis, w.len(), rank).transpose();
    let right = scaled(values, len);
    let right = MatRef::from_row_major_slice(&right, w.len(), len);
    let blocks = column_blocks(made.as_mut(), COLUMNS);
    pool.try_for_each(blocks, |(start, block)| {
        let right = right.subcols(start, block.ncols());
        product(block, Accum::Replace, left, right, 1.0);
        Ok(())
    })?;
    sum_matrix(pool, &mut made)?;
    let mut rest = times(pool, &basis, &made)?;
    let pairs = rest.iter_mut().zip(values);
    pairs.for_each(|(rest, value)| *rest = value - *rest);
    let mut sizes = vec![0.0; len];
    for (row, w) in rest.chunks_exact(len).zip(w) {
        let sums = sizes.iter_mut().zip(row);
        sums.for_each(|(size, v)| *size += w * v * v);
    }
    pool.ranks().sum(Ok(()), &mut sizes)?;
    let others: Vec<usize> = (0..len).filter(|i| sizes[*i] > LEAST * largest).collect();
    if others.is_empty() {
        return Ok((first, basis));
    }
    let count = others.len();
    let mut columns = Vec::with_capacity(w.len() * count);
    for row in rest.chunks_exact(len) {
        columns.extend(others.iter().map(|i| row[*i] / sizes[*i].sqrt()));
    }
    let square = gram(pool, &weighted(columns, w, count), count)?;
    let more = pivots(square, (0..count).collect(), 0, count, APART);
    let mut transform = Mat::<f64>::zeros(len, rank + more.len());
    transform.as_mut().subcols_mut(0, rank).copy_from(&first);
    for (column, other) in (rank..).zip(&more) {
        let function = others[*other];
        let size = sizes[function].sqrt();
        for (mode, made) in made.col_as_slice(function).iter().enumerate() {
            let (part, of) = (made / size, first.col_as_slice(mode));
            let out = transform.col_as_slice_mut(column).iter_mut();
            out.zip(of).for_each(|(out, t)| *out -= part * t);
        }
        transform[(function, column)] += 1.0 / size;
    }
    // Those that rounding has made are as they were without.
    Ok(orthonormalized(transform)?.unwrap_or((first, basis)))
}

/// The matrix that picks these functions.
fn chosen(len: usize, kept: &[usize]) -> Mat<f64> {
    let mut chosen = Mat::zeros(len, kept.len());
    for (mode, function) in kept.iter().enumerate() {
        chosen[(*function, mode)] = 1.0;
    }
    chosen
}
