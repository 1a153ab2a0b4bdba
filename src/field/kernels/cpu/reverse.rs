//! The reverse pass: the gradient in the parameters of a function of u and grad u at the nodes.

use super::{Layer, Network, Tape};
use crate::linear_algebra;
use faer::{Accum, MatMut, MatRef};

/// Buffers of a reverse pass.
#[derive(Debug, Default)]
pub struct Adjoint {
    /// Adjoints of the activations of the layer at hand, `[1 + d][n][w]`; then of its
    /// pre-activations.
    channels: Vec<f64>,
    below: Vec<f64>,
    /// Adjoints of the second-order channel, `[n][w]`.
    bend: Vec<f64>,
}

/// The layer that a reverse pass has come to.
pub(super) struct Visit<'a> {
    pub layer: &'a Layer,
    /// Whether it has biases: the skip connection has none.
    pub biases: bool,
    /// Its input, `[channels][n][inputs]`.
    pub input: &'a [f64],
    /// The adjoint of its output, `[channels][n][outputs]`.
    pub adjoint: &'a [f64],
}

impl Adjoint {
    /// Adds to `gradient` the parameter gradient of `sum_q s_q0 u(x_q) + s_qi du/dx_i(x_q)` for
    /// the nodes of the tape, plus `s_q(1 + d) (A : Hess u)(x_q)` if its pass had a second-order
    /// channel; `seed` is `[channels][n][outputs]`, of which the last may be left out.
    pub fn accumulate(
        &mut self,
        network: &Network,
        parameters: &[f64],
        tape: &Tape,
        seed: &[f64],
        gradient: &mut [f64],
    ) {
        let n = tape.n;
        self.walk(network, parameters, tape, seed, |visit| {
            visit.add_to(n, gradient);
        });
    }

    /// Overwrites `out` (`[channels][n][features]`) with the derivative of the sum of
    /// [`accumulate`](Self::accumulate) in the features of the nodes and in their derivatives.
    pub fn features(
        &mut self,
        network: &Network,
        parameters: &[f64],
        tape: &Tape,
        seed: &[f64],
        out: &mut Vec<f64>,
    ) {
        self.walk(network, parameters, tape, seed, |_| {});
        if let Some(first) = network.layers.first() {
            propagate(first, parameters, &self.channels, out);
        }
        if let Some(skip) = &network.skip {
            propagate(skip, parameters, seed, &mut self.below);
            out.iter_mut().zip(&self.below).for_each(|(o, b)| *o += b);
        }
    }

    /// Goes back through the layers, from the last to the first; the adjoint of the first is left.
    pub(super) fn walk(
        &mut self,
        network: &Network,
        parameters: &[f64],
        tape: &Tape,
        seed: &[f64],
        mut visit: impl FnMut(&Visit<'_>),
    ) {
        if let Some(skip) = &network.skip {
            visit(&Visit {
                layer: skip,
                biases: false,
                input: &tape.features,
                adjoint: seed,
            });
        }
        self.channels.clear();
        self.channels.extend_from_slice(seed);
        for (index, layer) in network.layers.iter().enumerate().rev() {
            visit(&Visit {
                layer,
                biases: true,
                input: tape.input(index),
                adjoint: &self.channels,
            });
            let Some(below) = index.checked_sub(1) else {
                break;
            };
            propagate(layer, parameters, &self.channels, &mut self.below);
            std::mem::swap(&mut self.channels, &mut self.below);
            self.through_activation(network, tape, below);
        }
    }

    /// From the adjoints of a hidden layer's activations to those of its pre-activations:
    /// `h_i = s' z_i` and `h = s(z)`, so `z_i` receives `s' h_i`, and z `s' h + sum s'' z_i h_i`.
    fn through_activation(&mut self, network: &Network, tape: &Tape, layer: usize) {
        let store = &tape.hidden[layer];
        let size = store.first.len().max(1);
        let (value, tangents) = self.channels.split_at_mut(size);
        for (v, first) in value.iter_mut().zip(&store.first) {
            *v *= first;
        }
        if !tape.curvature.is_empty() {
            self.bend.clear();
            let (_, curved) = tangents.split_at(network.dimension * size);
            self.bend.extend_from_slice(curved);
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
        if !tape.curvature.is_empty() {
            // c = s' (A : Hess z) + s'' q, q = grad z . A grad z: what s'' q adds to the above.
            curve_back(network, tape, layer, &mut self.bend, value, tangents);
        }
    }
}

impl Visit<'_> {
    /// `dW += sum over channels and nodes of adjoint x input`, `db += sum` of channel 0.
    fn add_to(&self, n: usize, gradient: &mut [f64]) {
        let layer = self.layer;
        let columns = self.adjoint.len() / layer.outputs;
        let (weights, rest) = gradient[layer.offset..].split_at_mut(layer.size());
        let adjoint = MatRef::from_column_major_slice(self.adjoint, layer.outputs, columns);
        let input = &self.input[..columns * layer.inputs];
        let input = MatRef::from_column_major_slice(input, layer.inputs, columns);
        let weights = MatMut::from_row_major_slice_mut(weights, layer.outputs, layer.inputs);
        linear_algebra::product(weights, Accum::Add, adjoint, input.transpose(), 1.0);
        if self.biases {
            for node in self.adjoint.chunks_exact(layer.outputs).take(n) {
                for (b, a) in rest.iter_mut().zip(node) {
                    *b += a;
                }
            }
        }
    }
}

/// Adds to the adjoints of z (`value`) and of its derivatives (`tangents`) what comes through
/// `s''(z) q` from the adjoints `bend` of the second-order channel, which are overwritten.
fn curve_back(
    network: &Network,
    tape: &Tape,
    layer: usize,
    bend: &mut [f64],
    value: &mut [f64],
    tangents: &mut [f64],
) {
    let store = &tape.hidden[layer];
    let slopes = store.first.iter().zip(&store.second);
    for (((v, bend), (first, second)), (h, q)) in value
        .iter_mut()
        .zip(bend.iter_mut())
        .zip(slopes)
        .zip(store.active.iter().zip(&store.quadratic))
    {
        *v += *bend * network.activation.third(*h, *first, *second) * q;
        *bend *= 2.0 * second;
    }
    add_applied(
        &tape.curvature,
        network.dimension,
        &store.tangent,
        bend,
        tangents,
    );
}

/// `out_i += factor sum_j A_ij z_j` for each node and unit; `factor` is `[n][w]`, the others
/// `[d][n][w]`.
fn add_applied(curvature: &[f64], d: usize, z: &[f64], factor: &[f64], out: &mut [f64]) {
    let n = curvature.len() / (d * d);
    let w = factor.len() / n.max(1);
    let at = |axis: usize, node: usize| (axis * n + node) * w..(axis * n + node + 1) * w;
    for (node, a) in curvature.chunks_exact(d * d).enumerate() {
        let factor = &factor[node * w..(node + 1) * w];
        for (i, a_i) in a.chunks_exact(d).enumerate() {
            for (j, a_ij) in a_i.iter().enumerate().filter(|(_, a)| **a != 0.0) {
                let z = &z[at(j, node)];
                for ((o, z), f) in out[at(i, node)].iter_mut().zip(z).zip(factor) {
                    *o += a_ij * f * z;
                }
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
    linear_algebra::product(out, Accum::Replace, weights.transpose(), above, 1.0);
}
