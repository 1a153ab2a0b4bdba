//! The products of one layer with the vectors of many nodes, `[n][width]`.

use super::{Layer, Real};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

/// Whether a product replaces what is there or is added to it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Into {
    Replace,
    Add,
}

impl From<Into> for Accum {
    fn from(into: Into) -> Self {
        match into {
            Into::Replace => Self::Replace,
            Into::Add => Self::Add,
        }
    }
}

/// `out = W x` at every node.
pub(super) fn apply<R: Real>(layer: &Layer, weights: &[R], x: &[R], out: &mut [R], into: Into) {
    let n = out.len() / layer.outputs;
    let weights = MatRef::from_row_major_slice(weights, layer.outputs, layer.inputs);
    let x = MatRef::from_column_major_slice(x, layer.inputs, n);
    let out = MatMut::from_column_major_slice_mut(out, layer.outputs, n);
    matmul(out, into.into(), weights, x, R::ONE, Par::Seq);
}

/// `out = W^T y` at every node.
pub(super) fn apply_transpose<R: Real>(
    layer: &Layer,
    weights: &[R],
    y: &[R],
    out: &mut [R],
    into: Into,
) {
    let n = out.len() / layer.inputs;
    let weights = MatRef::from_row_major_slice(weights, layer.outputs, layer.inputs);
    let y = MatRef::from_column_major_slice(y, layer.outputs, n);
    let out = MatMut::from_column_major_slice_mut(out, layer.inputs, n);
    matmul(out, into.into(), weights.transpose(), y, R::ONE, Par::Seq);
}

/// `W += sum over the nodes of y x^T`.
pub(super) fn add_outer<R: Real>(layer: &Layer, y: &[R], x: &[R], weights: &mut [R]) {
    let n = y.len() / layer.outputs;
    let y = MatRef::from_column_major_slice(y, layer.outputs, n);
    let x = MatRef::from_column_major_slice(x, layer.inputs, n);
    let weights = MatMut::from_row_major_slice_mut(weights, layer.outputs, layer.inputs);
    matmul(weights, Accum::Add, y, x.transpose(), R::ONE, Par::Seq);
}
