//! The forward pass: values and gradients in x of a chunk of nodes, kept for the reverse passes.

use super::{Layer, Network};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

/// What a forward pass leaves behind. One tape serves many chunks in turn.
#[derive(Debug, Default)]
pub struct Tape {
    /// Nodes of the chunk.
    pub(super) n: usize,
    /// The features, `[1 + d][n][features]`.
    pub(super) features: Vec<f64>,
    pub(super) hidden: Vec<HiddenLayer>,
    /// The output and its gradient, `[1 + d][n]`.
    output: Vec<f64>,
}

/// One hidden layer of a tape, with `w` units.
#[derive(Debug, Default)]
pub(super) struct HiddenLayer {
    /// Derivatives of the pre-activation in x, `[d][n][w]`.
    pub tangent: Vec<f64>,
    /// Activations and their derivatives in x, `[1 + d][n][w]`.
    pub active: Vec<f64>,
    /// First and second derivative of the activation function, `[n][w]`.
    pub first: Vec<f64>,
    pub second: Vec<f64>,
}

impl Tape {
    /// Runs the network at positions `x`, `[n][d]`.
    pub fn forward(&mut self, network: &Network, parameters: &[f64], x: &[f64]) {
        let channels = 1 + network.dimension;
        self.n = x.len() / network.dimension;
        let columns = channels * self.n;
        self.features.resize(columns * network.widths[0], 0.0);
        network.embedding.apply(x, &mut self.features);
        let hidden = network.layers.len() - 1;
        self.hidden.resize_with(hidden, HiddenLayer::default);
        let mut input: &[f64] = &self.features;
        for (layer, store) in network.layers.iter().zip(&mut self.hidden) {
            store.forward(layer, network, parameters, input, self.n);
            input = &store.active;
        }
        if let Some(layer) = network.layers.last() {
            self.output.resize(columns, 0.0);
            linear(layer, parameters, input, &mut self.output, self.n);
        }
    }

    /// Writes u (`[n]`) and, when wanted, grad u (`[n][d]`) of the last forward pass.
    pub fn copy_to(&self, u: &mut [f64], grad: Option<&mut [f64]>) {
        u.copy_from_slice(self.value());
        if let Some(grad) = grad {
            let d = grad.len() / u.len().max(1);
            for axis in 0..d {
                let component = grad.iter_mut().skip(axis).step_by(d);
                for (g, v) in component.zip(self.derivative(axis)) {
                    *g = *v;
                }
            }
        }
    }

    /// u at the nodes of the last forward pass, `[n]`.
    #[must_use]
    pub fn value(&self) -> &[f64] {
        &self.output[..self.n]
    }

    /// The derivative of u in `x_axis` at the nodes, `[n]`.
    #[must_use]
    pub fn derivative(&self, axis: usize) -> &[f64] {
        &self.output[(1 + axis) * self.n..(2 + axis) * self.n]
    }
}

impl HiddenLayer {
    fn forward(
        &mut self,
        layer: &Layer,
        network: &Network,
        parameters: &[f64],
        input: &[f64],
        n: usize,
    ) {
        let size = n * layer.outputs;
        self.active.resize((1 + network.dimension) * size, 0.0);
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
    }
}

/// `out = W input`, plus the biases in channel 0.
fn linear(layer: &Layer, parameters: &[f64], input: &[f64], out: &mut [f64], n: usize) {
    let columns = out.len() / layer.outputs;
    let weights =
        MatRef::from_row_major_slice(layer.weights(parameters), layer.outputs, layer.inputs);
    let input = MatRef::from_column_major_slice(input, layer.inputs, columns);
    let product = MatMut::from_column_major_slice_mut(out, layer.outputs, columns);
    matmul(product, Accum::Replace, weights, input, 1.0, Par::Seq);
    let biases = layer.biases(parameters);
    for node in out.chunks_exact_mut(layer.outputs).take(n) {
        for (z, b) in node.iter_mut().zip(biases) {
            *z += b;
        }
    }
}
