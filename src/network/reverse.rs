//! The reverse pass: the gradient in the parameters of a function of u and grad u at the nodes.

use super::{Layer, Network, Tape};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

/// Buffers of a reverse pass.
#[derive(Debug, Default)]
pub struct Adjoint {
    /// Adjoints of the activations of the layer at hand, `[1 + d][n][w]`; then of its
    /// pre-activations.
    channels: Vec<f64>,
    below: Vec<f64>,
}

impl Adjoint {
    /// Adds to `gradient` the parameter gradient of `sum_q s_q0 u(x_q) + s_qi du/dx_i(x_q)` for
    /// the nodes of the tape; `seed` is `[1 + d][n]`.
    pub fn accumulate(
        &mut self,
        network: &Network,
        parameters: &[f64],
        tape: &Tape,
        seed: &[f64],
        gradient: &mut [f64],
    ) {
        self.channels.clear();
        self.channels.extend_from_slice(seed);
        for (index, layer) in network.layers.iter().enumerate().rev() {
            let input = match index.checked_sub(1) {
                Some(below) => &tape.hidden[below].active,
                None => &tape.features,
            };
            self.parameter_gradient(layer, input, tape.n, gradient);
            let Some(below) = index.checked_sub(1) else {
                break;
            };
            propagate(layer, parameters, &self.channels, &mut self.below);
            std::mem::swap(&mut self.channels, &mut self.below);
            // h_i = s' z_i and h = s(z): z_i receives s' h_i, and z receives s' h + sum s'' z_i h_i.
            let store = &tape.hidden[below];
            let size = store.first.len().max(1);
            let (value, tangents) = self.channels.split_at_mut(size);
            for (v, first) in value.iter_mut().zip(&store.first) {
                *v *= first;
            }
            for (adjoint, z) in tangents
                .chunks_exact_mut(size)
                .zip(store.tangent.chunks_exact(size))
            {
                for ((((a, z), first), second), v) in adjoint
                    .iter_mut()
                    .zip(z)
                    .zip(&store.first)
                    .zip(&store.second)
                    .zip(value.iter_mut())
                {
                    *v += *a * z * second;
                    *a *= first;
                }
            }
        }
    }

    /// `dW += sum over channels and nodes of adjoint x input`, `db += sum` of channel 0.
    fn parameter_gradient(&self, layer: &Layer, input: &[f64], n: usize, gradient: &mut [f64]) {
        let columns = self.channels.len() / layer.outputs;
        let (weights, biases) = layer.split_mut(gradient);
        let adjoint = MatRef::from_column_major_slice(&self.channels, layer.outputs, columns);
        let input = MatRef::from_column_major_slice(input, layer.inputs, columns);
        let weights = MatMut::from_row_major_slice_mut(weights, layer.outputs, layer.inputs);
        matmul(
            weights,
            Accum::Add,
            adjoint,
            input.transpose(),
            1.0,
            Par::Seq,
        );
        for node in self.channels.chunks_exact(layer.outputs).take(n) {
            for (b, a) in biases.iter_mut().zip(node) {
                *b += a;
            }
        }
    }
}

/// `below = W^T above`, for every column.
pub(super) fn propagate(layer: &Layer, parameters: &[f64], above: &[f64], below: &mut Vec<f64>) {
    let columns = above.len() / layer.outputs;
    below.resize(columns * layer.inputs, 0.0);
    let weights =
        MatRef::from_row_major_slice(layer.weights(parameters), layer.outputs, layer.inputs);
    let above = MatRef::from_column_major_slice(above, layer.outputs, columns);
    let out = MatMut::from_column_major_slice_mut(below, layer.inputs, columns);
    matmul(
        out,
        Accum::Replace,
        weights.transpose(),
        above,
        1.0,
        Par::Seq,
    );
}
