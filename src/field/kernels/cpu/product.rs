//! The products of one layer with the vectors of many nodes, `[width][n]`.

use super::{Layer, Real, Weights};
use crate::linear_algebra;
use faer::{Accum, MatMut, MatRef};

/// `out = W x` at every node, or `out += W x`.
pub(super) fn apply<R: Real>(
    layer: &Layer,
    weights: &Weights<R>,
    x: &[R],
    out: &mut [R],
    into: Accum,
) {
    product(weights.matrix(layer), layer.inputs, x, out, into);
}

/// `out = W^T y` at every node, or `out += W^T y`.
pub(super) fn apply_transpose<R: Real>(
    layer: &Layer,
    weights: &Weights<R>,
    y: &[R],
    out: &mut [R],
    into: Accum,
) {
    product(weights.transposed(layer), layer.outputs, y, out, into);
}

/// `W += sum over the nodes of y x^T`.
pub(super) fn add_outer<R: Real>(layer: &Layer, y: &[R], x: &[R], weights: &mut [R]) {
    let n = y.len() / layer.outputs;
    let y = MatRef::from_row_major_slice(y, layer.outputs, n);
    let x = MatRef::from_row_major_slice(x, layer.inputs, n);
    let weights = MatMut::from_row_major_slice_mut(weights, layer.outputs, layer.inputs);
    linear_algebra::product(weights, Accum::Add, y, x.transpose(), R::ONE);
}

/// The product of a matrix of some columns with x.
fn product<R: Real>(matrix: &[R], columns: usize, x: &[R], out: &mut [R], into: Accum) {
    let (rows, n) = (matrix.len() / columns, x.len() / columns);
    let matrix = MatRef::from_row_major_slice(matrix, rows, columns);
    let x = MatRef::from_row_major_slice(x, columns, n);
    let out = MatMut::from_row_major_slice_mut(out, rows, n);
    linear_algebra::product(out, into, matrix, x, R::ONE);
}
