//! Rows of the Jacobian: the derivatives of u and its derivatives at each node in every parameter.
//!
//! For the weights of a layer, each row is a sum of outer products of an adjoint and an input. The
//! rows of a chunk are made parameter by parameter, over all nodes at a time: the loops are long
//! and contiguous whatever the widths, and matrix products find their operand in the order they
//! like best.

use super::reverse::propagate;
use super::{Layer, Network, Rows, ScalarNetwork, Tape};
use crate::vector_units::vectorized;

/// Buffers of the Jacobian pass.
#[derive(Debug, Default)]
pub struct Jacobian {
    /// Per layer the adjoints of its pre-activations, `[channels][n][w]`. Channel 0, `l = du/dz`;
    /// channel 1 + i, `m_i = d(du/dx_i)/dz`; channel 1 + d, `d(A : Hess u)/dz`.
    /// (`d(du/dx_i)/dz_i` equals l: both follow the same linear recursion, and for the same reason
    /// `d(A : Hess u)/dz_i` equals `2 sum_j A_ij m_j`.)
    adjoints: Vec<Vec<f64>>,
    /// Arrays of the layer at hand, node-last: inputs `[channels][inputs][n]`, adjoints
    /// `[channels][outputs][n]`.
    inputs: Vec<f64>,
    outputs: Vec<f64>,
    /// Coefficients, `[rows][channels][n]`.
    coefficients: Vec<f64>,
    mixed: Mixed,
}

/// Mixtures of channels for one row and layer, node-last.
#[derive(Debug, Default)]
struct Mixed {
    /// `sum_c a_c h_c`, `[inputs][n]`.
    input: Vec<f64>,
    /// `sum_(c > 0) a_c m_c`, `[outputs][n]`.
    adjoint: Vec<f64>,
    /// `2 a_(1 + d) sum_j A_ij m_j`, `[d][outputs][n]`; empty without second-order channel.
    curved: Vec<f64>,
}

impl Jacobian {
    /// Differentiates the network at the nodes of the tape, down to the layer of the `first`
    /// parameter.
    pub fn prepare(
        &mut self,
        network: ScalarNetwork<'_>,
        parameters: &[f64],
        tape: &Tape,
        first: usize,
    ) {
        self.adjoints.resize(network.layers.len(), Vec::new());
        let mut adjoints = self.adjoints.iter_mut().rev();
        let Some(output) = adjoints.next() else {
            return;
        };
        output.clear();
        output.resize(tape.channels() * tape.n, 0.0);
        output[..tape.n].fill(1.0);
        let mut above = &*output;
        let layers = network.layers.iter().skip(1).rev();
        let layers = layers.take_while(|layer| layer.offset > first);
        let below = (0..network.layers.len() - 1).rev();
        for ((layer, index), adjoint) in layers.zip(below).zip(adjoints) {
            propagate(layer, parameters, above, adjoint);
            through_activation(&network, tape, index, adjoint);
            above = adjoint;
        }
    }

    /// Writes combinations of rows, `sum_c a_c J_c` with J_c the derivative of channel c in the
    /// parameters from the first that is wanted, for each node of the tape: entry p of combination r
    /// of node q goes to `out[p * stride + r * n + q]`. The coefficients are a.
    pub fn combine(
        &mut self,
        network: ScalarNetwork<'_>,
        tape: &Tape,
        of: Rows<'_>,
        out: &mut [f64],
        stride: usize,
    ) {
        let (n, channels) = (tape.n, tape.channels());
        transpose(of.coefficients, n, &mut self.coefficients);
        let rows = self.coefficients.len() / (n * channels).max(1);
        for (index, (layer, adjoint)) in network.layers.iter().zip(&self.adjoints).enumerate() {
            let Some(before) = layer.offset.checked_sub(of.first) else {
                continue;
            };
            nodes_last(tape.input(index), n, layer.inputs, &mut self.inputs);
            nodes_last(adjoint, n, layer.outputs, &mut self.outputs);
            for row in 0..rows {
                let a = &self.coefficients[row * channels * n..(row + 1) * channels * n];
                let (inputs, outputs) = (&self.inputs, &self.outputs);
                let out = &mut out[before * stride + row * n..];
                let mixed = &mut self.mixed;
                write_rows(mixed, layer, tape, a, (inputs, outputs), out, stride);
            }
        }
    }
}

vectorized! {
    /// Writes one combination of rows of a layer at all nodes.
    fn write_rows(
        mixed: &mut Mixed,
        layer: &Layer,
        tape: &Tape,
        a: &[f64],
        arrays: (&[f64], &[f64]),
        out: &mut [f64],
        stride: usize,
    ) {
        let (inputs, outputs) = arrays;
        mixed.fill(tape, a, inputs, outputs);
        mixed.write(layer, a, tape.n, inputs, outputs, out, stride);
    }
}

/// From the adjoints of a layer's activations to those of its pre-activations, in place.
fn through_activation(network: &Network, tape: &Tape, index: usize, adjoint: &mut [f64]) {
    let store = &tape.hidden[index];
    let size = store.first.len().max(1);
    let d = network.dimension;
    let (value, tangents) = adjoint.split_at_mut(size);
    if !tape.curvature.is_empty() {
        // Before the m_j below are scaled: sum_i z_i 2 sum_j A_ij m_j times s'', and what comes
        // through s'' q.
        let (m, curved) = tangents.split_at_mut(d * size);
        for ((((c, second), first), (q, h)), (l, z)) in curved
            .iter_mut()
            .zip(&store.second)
            .zip(&store.first)
            .zip(store.quadratic.iter().zip(&store.active))
            .zip(value.iter().zip(&store.tangent[d * size..]))
        {
            let third = network.activation.third(*h, *first, *second);
            *c = *c * first + l * (second * z + third * q);
        }
        let w = size / tape.n.max(1);
        let at = |axis: usize, node: usize| (axis * tape.n + node) * w..;
        for (node, a) in tape.curvature.chunks_exact(d * d).enumerate() {
            let curved = &mut curved[node * w..(node + 1) * w];
            let second = &store.second[node * w..];
            for i in 0..d {
                for j in (0..d).filter(|j| a[i * d + j] != 0.0) {
                    let (z, m) = (&store.tangent[at(i, node)], &m[at(j, node)]);
                    for ((c, s), (z, m)) in curved.iter_mut().zip(second).zip(z.iter().zip(m)) {
                        *c += 2.0 * a[i * d + j] * s * z * m;
                    }
                }
            }
        }
    }
    let (m, _) = tangents.split_at_mut(d * size);
    for (m, z) in m
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
}

impl Mixed {
    #[inline(always)]
    fn fill(&mut self, tape: &Tape, a: &[f64], inputs: &[f64], outputs: &[f64]) {
        let n = tape.n;
        let channels = a.len() / n;
        let (width_in, width_out) = (inputs.len() / channels, outputs.len() / channels);
        self.input.clear();
        self.input.resize(width_in, 0.0);
        self.adjoint.clear();
        self.adjoint.resize(width_out, 0.0);
        for (channel, a) in a.chunks_exact(n).enumerate() {
            if a.iter().all(|a| *a == 0.0) {
                continue;
            }
            add_scaled(a, &inputs[channel * width_in..], &mut self.input);
            if channel > 0 {
                add_scaled(a, &outputs[channel * width_out..], &mut self.adjoint);
            }
        }
        self.curved.clear();
        if tape.curvature.is_empty() {
            return;
        }
        let d = channels - 2;
        let last = &a[(1 + d) * n..];
        self.curved.resize(d * width_out, 0.0);
        let mut factor = vec![0.0; n];
        for i in 0..d {
            for j in 0..d {
                let matrices = tape.curvature.chunks_exact(d * d);
                for ((f, a), matrix) in factor.iter_mut().zip(last).zip(matrices) {
                    *f = 2.0 * a * matrix[i * d + j];
                }
                if factor.iter().any(|f| *f != 0.0) {
                    let m = &outputs[(1 + j) * width_out..];
                    let curved = &mut self.curved[i * width_out..(i + 1) * width_out];
                    add_scaled(&factor, m, curved);
                }
            }
        }
    }

    /// `W[o][k] = l_o h_k + m_o x_k + sum_i c_io x_ik`, `b[o] = a_0 l_o + m_o`, where h and m are
    /// the mixed input and adjoint and x the input's channels.
    #[inline(always)]
    #[allow(clippy::too_many_arguments)] // the three arrays of a layer, where they go, and how
    fn write(
        &self,
        layer: &Layer,
        a: &[f64],
        n: usize,
        inputs: &[f64],
        outputs: &[f64],
        out: &mut [f64],
        stride: usize,
    ) {
        let width_in = layer.inputs * n;
        let values_only = self.adjoint.iter().all(|m| *m == 0.0);
        for o in 0..layer.outputs {
            let l = &outputs[o * n..(o + 1) * n];
            let m = &self.adjoint[o * n..(o + 1) * n];
            for k in 0..layer.inputs {
                let at = (o * layer.inputs + k) * stride;
                let out = &mut out[at..at + n];
                let h = &self.input[k * n..(k + 1) * n];
                for ((out, l), h) in out.iter_mut().zip(l).zip(h) {
                    *out = l * h;
                }
                if !values_only {
                    let x = &inputs[k * n..(k + 1) * n];
                    add_scaled(m, x, out);
                }
                for (i, curved) in self.curved.chunks_exact(layer.outputs * n).enumerate() {
                    let c = &curved[o * n..(o + 1) * n];
                    let start = (1 + i) * width_in + k * n;
                    add_scaled(c, &inputs[start..start + n], out);
                }
            }
            let at = (layer.outputs * layer.inputs + o) * stride;
            let out = &mut out[at..at + n];
            for ((out, l), (a, m)) in out.iter_mut().zip(l).zip(a.iter().zip(m)) {
                *out = a.mul_add(*l, *m);
            }
        }
    }
}

/// `y += a x` where a repeats for each row of y; the shortest of the three ends it.
#[inline(always)]
fn add_scaled(a: &[f64], x: &[f64], y: &mut [f64]) {
    for (y, x) in y.chunks_exact_mut(a.len()).zip(x.chunks_exact(a.len())) {
        for ((y, x), a) in y.iter_mut().zip(x).zip(a) {
            *y = a.mul_add(*x, *y);
        }
    }
}

/// Each channel of `[channels][n][width]` turned to `[width][n]`.
pub(super) fn nodes_last(array: &[f64], n: usize, width: usize, out: &mut Vec<f64>) {
    out.resize(array.len(), 0.0);
    let size = (n * width).max(1);
    for (array, out) in array.chunks_exact(size).zip(out.chunks_exact_mut(size)) {
        for (node, row) in array.chunks_exact(width).enumerate() {
            let column = out.iter_mut().skip(node).step_by(n);
            column.zip(row).for_each(|(o, v)| *o = *v);
        }
    }
}

/// `[n][m]` turned to `[m][n]`.
fn transpose(array: &[f64], n: usize, out: &mut Vec<f64>) {
    nodes_last(array, n, array.len() / n.max(1), out);
}
