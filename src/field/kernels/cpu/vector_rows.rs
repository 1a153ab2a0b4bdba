//! Rows of the Jacobian of a network with several outputs: combinations of the derivatives of the
//! outputs and of their derivatives in x at each node in every parameter.
//!
//! Each combination takes a reverse pass of its own, whose outer products are kept node by node
//! instead of summed.

use super::rows::nodes_last;
use super::{Adjoint, Network, Rows, Tape};
use crate::vector_units::vectorized;

/// Buffers of the passes.
#[derive(Debug, Default)]
pub struct VectorRows {
    adjoint: Adjoint,
    seed: Vec<f64>,
    /// Inputs of every layer and of the skip connection, node-last, `[channels][inputs][n]`.
    inputs: Vec<Vec<f64>>,
    /// The adjoint of the layer at hand, `[channels][outputs][n]`.
    outputs: Vec<f64>,
}

impl VectorRows {
    /// Writes combinations of rows for each node of the tape: entry p of combination r of node q
    /// goes to `out[p * stride + r * n + q]`. The coefficients are those of the values and, where
    /// they have any, of the other channels; all of them if the pass had a second-order one.
    pub fn combine(
        &mut self,
        network: &Network,
        parameters: &[f64],
        tape: &Tape,
        of: Rows<'_>,
        out: &mut [f64],
        stride: usize,
    ) {
        let n = tape.n;
        let (size, c, d) = (of.shape.size(), of.shape.components, of.shape.dimension);
        let slope = of.shape.slope();
        let layers = network.layers.len();
        self.inputs.resize_with(layers, Vec::new);
        for (index, inputs) in self.inputs.iter_mut().enumerate() {
            let width = network.widths[index];
            nodes_last(tape.input(index), n, width, inputs);
        }
        for row in 0..of.rows {
            self.seed.clear();
            let nodes = || of.coefficients.chunks_exact(of.rows * size);
            let rows = || nodes().map(|node| &node[row * size..(row + 1) * size]);
            rows().for_each(|row| self.seed.extend_from_slice(&row[..c]));
            for axis in 0..slope / c.max(1) {
                rows().for_each(|row| {
                    let along = row[c..c + slope].iter().skip(axis).step_by(d);
                    self.seed.extend(along);
                });
            }
            rows().for_each(|row| self.seed.extend_from_slice(&row[c + slope..]));
            let (outputs, inputs) = (&mut self.outputs, &self.inputs);
            // The layers come from the last to the first, after the skip connection, which sees the
            // features.
            let mut next = layers;
            let (adjoint, seed) = (&mut self.adjoint, &self.seed);
            adjoint.walk(network, parameters, tape, seed, |visit| {
                let layer = visit.layer;
                let input = if visit.biases {
                    next -= 1;
                    &inputs[next]
                } else {
                    &inputs[0]
                };
                let Some(before) = layer.offset.checked_sub(of.first) else {
                    return;
                };
                nodes_last(visit.adjoint, n, layer.outputs, outputs);
                let out = &mut out[before * stride + row * n..];
                let shape = (n, layer.inputs, layer.outputs);
                write(shape, input, outputs, visit.biases, out, stride);
            });
        }
    }
}

vectorized! {
    /// `W[o][k] = sum over channels of a_o x_k` and `b[o] = a_o` of channel 0, for each node.
    fn write(
        shape: (usize, usize, usize),
        input: &[f64],
        adjoint: &[f64],
        biases: bool,
        out: &mut [f64],
        stride: usize,
        ) {
        let (n, inputs, outputs) = shape;
        for o in 0..outputs {
            for k in 0..inputs {
                let at = (o * inputs + k) * stride;
                let out = &mut out[at..at + n];
                out.fill(0.0);
                let channels = adjoint.chunks_exact(outputs * n);
                for (a, x) in channels.zip(input.chunks_exact(inputs * n)) {
                    let (a, x) = (&a[o * n..(o + 1) * n], &x[k * n..(k + 1) * n]);
                    for ((out, a), x) in out.iter_mut().zip(a).zip(x) {
                        *out = a.mul_add(*x, *out);
                    }
                }
            }
            if biases {
                let at = (outputs * inputs + o) * stride;
                out[at..at + n].copy_from_slice(&adjoint[o * n..(o + 1) * n]);
            }
        }
    }
}
