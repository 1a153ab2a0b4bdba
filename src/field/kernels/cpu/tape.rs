//! The forward pass: values and derivatives in x of a chunk of nodes, kept for the reverse passes.
//!
//! The second-order channel is the "forward Laplacian" (Li et al., arXiv:2307.08214) with a matrix
//! A at each node in the place of the identity: `A : Hess` obeys a recursion of its own through the
//! layers, so it costs one channel more, not the d (d + 1) / 2 of the whole Hessian.

use super::{Layer, Network};
use crate::linear_algebra;
use faer::{Accum, MatMut, MatRef};

/// The record of a forward pass. One tape serves many chunks in turn.
#[derive(Debug, Default)]
pub struct Tape {
    /// Nodes of the chunk.
    pub(super) n: usize,
    /// Features.
    width: usize,
    /// The matrices A of the second-order channel, `[n][d][d]`; empty without that channel.
    pub(super) curvature: Vec<f64>,
    /// The features, `[channels][n][features]`.
    pub(super) features: Vec<f64>,
    pub(super) hidden: Vec<HiddenLayer>,
    /// The outputs and their derivatives, `[channels][n][outputs]`.
    output: Vec<f64>,
}

/// One hidden layer of a tape, with `w` units.
#[derive(Debug, Default)]
pub(super) struct HiddenLayer {
    /// Derivatives of the pre-activation z in x, `[d][n][w]`, and then `A : Hess z`, `[n][w]`, if
    /// there is a second-order channel.
    pub tangent: Vec<f64>,
    /// `grad z . A grad z`, `[n][w]`; empty without second-order channel.
    pub quadratic: Vec<f64>,
    /// Activations and their derivatives in x, `[channels][n][w]`.
    pub active: Vec<f64>,
    /// First and second derivative of the activation function, `[n][w]`.
    pub first: Vec<f64>,
    pub second: Vec<f64>,
}

impl Tape {
    /// Runs the network at positions `x`, `[n][d]`.
    pub fn forward(&mut self, network: &Network, parameters: &[f64], x: &[f64]) {
        self.run(network, parameters, x, &[], 1 + network.dimension);
    }

    /// Runs the network at positions `x`, `[n][d]`, without derivatives.
    pub fn forward_values(&mut self, network: &Network, parameters: &[f64], x: &[f64]) {
        self.run(network, parameters, x, &[], 1);
    }

    /// Runs the network at positions `x`, `[n][d]`, with the channel `A : Hess u`; `curvature`
    /// holds the symmetric matrix A of each node, `[n][d][d]`; without that channel if it is empty.
    pub fn forward_curved(
        &mut self,
        network: &Network,
        parameters: &[f64],
        x: &[f64],
        curvature: &[f64],
    ) {
        let channels = 1 + network.dimension + usize::from(!curvature.is_empty());
        self.run(network, parameters, x, curvature, channels);
    }

    /// Number of channels that the last pass carried: 1 + d, and one more with a second-order channel.
    pub(super) fn channels(&self) -> usize {
        self.features
            .len()
            .checked_div(self.n * self.width)
            .unwrap_or(0)
    }

    fn run(
        &mut self,
        network: &Network,
        parameters: &[f64],
        x: &[f64],
        curvature: &[f64],
        channels: usize,
    ) {
        let second = usize::from(!curvature.is_empty());
        self.n = x.len() / network.dimension;
        self.width = network.widths[0];
        self.curvature.clear();
        self.curvature.extend_from_slice(curvature);
        let columns = channels * self.n;
        self.features.resize(columns * network.widths[0], 0.0);
        let first = (columns - second * self.n) * network.widths[0];
        let (jets, curved) = self.features.split_at_mut(first);
        network.embedding.apply(x, jets);
        if second > 0 {
            network.embedding.apply_second(x, curvature, curved);
        }
        let hidden = network.layers.len() - 1;
        self.hidden.resize_with(hidden, HiddenLayer::default);
        let mut input: &[f64] = &self.features;
        for (layer, store) in network.layers.iter().zip(&mut self.hidden) {
            store.forward(layer, network, parameters, input, &self.curvature, self.n);
            input = &store.active;
        }
        if let Some(layer) = network.layers.last() {
            self.output.resize(columns * layer.outputs, 0.0);
            linear(layer, parameters, input, &mut self.output, self.n);
        }
        if let Some(skip) = &network.skip {
            product(
                skip,
                parameters,
                &self.features,
                &mut self.output,
                Accum::Add,
            );
        }
    }

    /// Writes the outputs (`[n][c]`) and, when wanted, their derivatives (`[n][c][d]`) of the last
    /// forward pass.
    pub fn copy_to(&self, value: &mut [f64], slope: Option<&mut [f64]>) {
        value.copy_from_slice(self.value());
        if let Some(slope) = slope {
            let d = slope.len() / value.len().max(1);
            for axis in 0..d {
                let along = slope.iter_mut().skip(axis).step_by(d);
                for (s, v) in along.zip(self.derivative(axis)) {
                    *s = *v;
                }
            }
        }
    }

    /// The outputs at the nodes of the last forward pass, `[n][outputs]`.
    #[must_use]
    pub fn value(&self) -> &[f64] {
        self.channel(0)
    }

    /// `A : Hess` of the outputs at the nodes of the last pass, `[n][outputs]`; empty if it had no
    /// second-order channel.
    #[must_use]
    pub fn curved(&self) -> &[f64] {
        if self.curvature.is_empty() {
            &[]
        } else {
            self.channel(self.channels() - 1)
        }
    }

    /// The derivative of the outputs in `x_axis` at the nodes, `[n][outputs]`.
    #[must_use]
    pub fn derivative(&self, axis: usize) -> &[f64] {
        self.channel(1 + axis)
    }

    /// The input of a layer, `[channels][n][inputs]`.
    pub(super) fn input(&self, layer: usize) -> &[f64] {
        match layer
            .checked_sub(1)
            .and_then(|below| self.hidden.get(below))
        {
            Some(below) => &below.active,
            None => &self.features,
        }
    }

    fn channel(&self, channel: usize) -> &[f64] {
        let size = self.output.len() / self.channels().max(1);
        &self.output[channel * size..(channel + 1) * size]
    }
}

impl HiddenLayer {
    fn forward(
        &mut self,
        layer: &Layer,
        network: &Network,
        parameters: &[f64],
        input: &[f64],
        curvature: &[f64],
        n: usize,
    ) {
        let size = n * layer.outputs;
        let channels = input.len() / (n * layer.inputs).max(1);
        self.active.resize(channels * size, 0.0);
        self.first.resize(size, 0.0);
        self.second.resize(size, 0.0);
        linear(layer, parameters, input, &mut self.active, n);
        let (value, tangents) = self.active.split_at_mut(size);
        self.tangent.clear();
        self.tangent.extend_from_slice(tangents);
        network
            .activation
            .apply(value, &mut self.first, &mut self.second);
        for tangent in tangents.chunks_exact_mut(size.max(1)) {
            for (t, s) in tangent.iter_mut().zip(&self.first) {
                *t *= s;
            }
        }
        self.quadratic.clear();
        if curvature.is_empty() {
            return;
        }
        // A : Hess s(z) = s' A : Hess z + s'' grad z . A grad z, the first part of which is there.
        self.quadratic.resize(size, 0.0);
        let d = network.dimension;
        quadratic_forms(curvature, d, &self.tangent, &mut self.quadratic);
        let curved = tangents.split_at_mut(d * size).1;
        for ((c, q), s) in curved.iter_mut().zip(&self.quadratic).zip(&self.second) {
            *c += q * s;
        }
    }
}

/// `out = sum_ij A_ij z_i z_j` for each node and unit; `z` is `[d][n][w]`, `out` `[n][w]` and zero.
fn quadratic_forms(curvature: &[f64], d: usize, z: &[f64], out: &mut [f64]) {
    let n = curvature.len() / (d * d);
    let w = out.len() / n.max(1);
    let at = |axis: usize, node: usize| &z[(axis * n + node) * w..(axis * n + node + 1) * w];
    let nodes = out.chunks_exact_mut(w).zip(curvature.chunks_exact(d * d));
    for (node, (out, a)) in nodes.enumerate() {
        for i in 0..d {
            for j in 0..=i {
                let factor = a[i * d + j] * if i == j { 1.0 } else { 2.0 };
                // Most are zero: A is a multiple of the identity for the Dirichlet energy.
                if factor != 0.0 {
                    for ((q, x), y) in out.iter_mut().zip(at(i, node)).zip(at(j, node)) {
                        *q += factor * x * y;
                    }
                }
            }
        }
    }
}

/// `out = W input`, plus the biases in channel 0.
fn linear(layer: &Layer, parameters: &[f64], input: &[f64], out: &mut [f64], n: usize) {
    product(layer, parameters, input, out, Accum::Replace);
    let biases = layer.biases(parameters);
    for node in out.chunks_exact_mut(layer.outputs).take(n) {
        for (z, b) in node.iter_mut().zip(biases) {
            *z += b;
        }
    }
}

/// `out = W input`, or `out += W input`, for every column of `out`.
pub(super) fn product(
    layer: &Layer,
    parameters: &[f64],
    input: &[f64],
    out: &mut [f64],
    into: Accum,
) {
    let columns = out.len() / layer.outputs;
    let weights =
        MatRef::from_row_major_slice(layer.weights(parameters), layer.outputs, layer.inputs);
    let input = &input[..columns * layer.inputs];
    let input = MatRef::from_column_major_slice(input, layer.inputs, columns);
    let out = MatMut::from_column_major_slice_mut(out, layer.outputs, columns);
    linear_algebra::product(out, into, weights, input, 1.0);
}
