//! Rows of the Jacobian: the derivatives of u and grad u at each node in every parameter.

use super::reverse::propagate;
use super::{Layer, Network, Tape};

/// Buffers of the Jacobian pass: for every layer the adjoints of its pre-activations.
#[derive(Debug, Default)]
pub struct Jacobian {
    n: usize,
    /// Per layer `[1 + d][n][w]`. Channel 0, `l = du/dz`; channel 1 + i, `m_i = d(du/dx_i)/dz`.
    /// (`d(du/dx_i)/dz_i` equals `l`: both follow the same linear recursion.)
    adjoints: Vec<Vec<f64>>,
}

impl Jacobian {
    /// Differentiates the network at the nodes of the tape.
    pub fn prepare(&mut self, network: &Network, parameters: &[f64], tape: &Tape) {
        let channels = 1 + network.dimension;
        self.n = tape.n;
        self.adjoints.resize(network.layers.len(), Vec::new());
        let mut adjoints = self.adjoints.iter_mut().rev();
        let Some(output) = adjoints.next() else {
            return;
        };
        output.clear();
        output.resize(channels * tape.n, 0.0);
        output[..tape.n].fill(1.0);
        let mut above = &*output;
        for ((layer, store), adjoint) in network
            .layers
            .iter()
            .skip(1)
            .rev()
            .zip(tape.hidden.iter().rev())
            .zip(adjoints)
        {
            propagate(layer, parameters, above, adjoint);
            let size = store.first.len().max(1);
            let (value, tangents) = adjoint.split_at_mut(size);
            for (m, z) in tangents
                .chunks_exact_mut(size)
                .zip(store.tangent.chunks_exact(size))
            {
                for ((((m, z), first), second), l) in m
                    .iter_mut()
                    .zip(z)
                    .zip(&store.first)
                    .zip(&store.second)
                    .zip(value.iter())
                {
                    *m = *m * first + l * z * second;
                }
            }
            for (l, first) in value.iter_mut().zip(&store.first) {
                *l *= first;
            }
            above = adjoint;
        }
    }

    /// Writes into `row` (one entry a parameter) the combination
    /// `a_0 du/dp + sum_i a_i d(du/dx_i)/dp` at a node; `coefficients` is `a`, `[1 + d]`.
    ///
    /// For weights it is a sum of two outer products, `l (a_0 h + sum a_i h_i) + (sum a_i m_i) h`,
    /// so a combination costs no more than a single row.
    pub fn combine(
        &self,
        network: &Network,
        tape: &Tape,
        node: usize,
        coefficients: &[f64],
        row: &mut [f64],
    ) {
        let mut mixed_input = [0.0; 64];
        let mut mixed_adjoint = [0.0; 64];
        let mut heap = Vec::new();
        for (index, (layer, adjoint)) in network.layers.iter().zip(&self.adjoints).enumerate() {
            let input = match index.checked_sub(1) {
                Some(below) => &tape.hidden[below].active,
                None => &tape.features,
            };
            // Wide layers take the heap; the usual narrow ones do not allocate.
            let (h, m) = if layer.inputs <= 64 && layer.outputs <= 64 {
                (
                    &mut mixed_input[..layer.inputs],
                    &mut mixed_adjoint[..layer.outputs],
                )
            } else {
                heap.clear();
                heap.resize(layer.inputs + layer.outputs, 0.0);
                heap.split_at_mut(layer.inputs)
            };
            mix(input, self.n, node, coefficients, h);
            m.fill(0.0);
            for (channel, a) in coefficients.iter().enumerate().skip(1) {
                axpy(*a, slice(adjoint, self.n, channel, node, layer.outputs), m);
            }
            let l = slice(adjoint, self.n, 0, node, layer.outputs);
            let x = slice(input, self.n, 0, node, layer.inputs);
            outer(layer, l, h, m, x, coefficients[0], row);
        }
    }
}

/// `W[o][k] = l_o h_k + m_o x_k`, `b[o] = a_0 l_o + m_o`.
fn outer(layer: &Layer, l: &[f64], h: &[f64], m: &[f64], x: &[f64], a_0: f64, row: &mut [f64]) {
    let (weights, biases) = layer.split_mut(row);
    for (((w, b), l), m) in weights
        .chunks_exact_mut(layer.inputs)
        .zip(biases)
        .zip(l)
        .zip(m)
    {
        for ((w, h), x) in w.iter_mut().zip(h).zip(x) {
            *w = l * h + m * x;
        }
        *b = a_0 * l + m;
    }
}

fn slice(array: &[f64], n: usize, channel: usize, node: usize, width: usize) -> &[f64] {
    let start = (channel * n + node) * width;
    &array[start..start + width]
}

fn mix(input: &[f64], n: usize, node: usize, coefficients: &[f64], out: &mut [f64]) {
    out.fill(0.0);
    for (channel, a) in coefficients.iter().enumerate() {
        axpy(*a, slice(input, n, channel, node, out.len()), out);
    }
}

fn axpy(a: f64, x: &[f64], y: &mut [f64]) {
    if a != 0.0 {
        for (y, x) in y.iter_mut().zip(x) {
            *y += a * x;
        }
    }
}
