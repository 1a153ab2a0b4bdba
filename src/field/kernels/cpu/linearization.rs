//! The network linearised in its parameters at a chunk of nodes: u and grad u there, and products
//! of their Jacobian J with vectors from either side.
//!
//! grad u comes from one reverse pass, whatever the dimension. The derivatives of (u, grad u) in
//! the parameters need grad u in one direction a node only: `sum_i s_i du/dx_i` is the derivative
//! of u along s, one tangent. So with a value and a gradient at hand (two matrix products a layer)
//! `J v` and `J^T s` take four products more each, where carrying all d tangents forward
//! ([`Tape`](super::Tape)) takes `3 (1 + d)` in all.
//!
//! For a layer `h = s(z)`, `z = W x + b`, with `g = du/dh`: `delta = du/dz = s' g`.
//! - A change of the parameters: `dz = dW x + W dx + db`, `d delta = s' dg + s'' g dz`,
//!   `dg below = W^T d delta + dW^T delta`.
//! - The adjoint of `s_0 u + s . grad u`, with t the tangent of x along s, `z_t = W t`: z receives
//!   `m = s' q + s'' g z_t`, W receives `m x^T + delta t^T`, and `q below = W^T m`.
//!
//! Arrays are `[width][n]`: the matrix products run along the nodes, whose number can be chosen.

use super::product::{add_outer, apply, apply_transpose};
use super::{Layer, Network, Real, ScalarNetwork, Weights, passes};
use faer::Accum::{Add, Replace};

/// The network and its first derivatives at a chunk of nodes. One serves many chunks in turn.
#[derive(Debug, Default)]
pub struct Linearization<R> {
    /// Nodes of the chunk.
    n: usize,
    /// The features and their derivatives in x, `[features][n]`.
    features: Vec<R>,
    rates: Vec<R>,
    hidden: Vec<Hidden<R>>,
    /// u, `[n]`, and its derivatives in the features, `[features][n]`.
    value: Vec<R>,
    slope: Vec<R>,
    /// Tangents of the features, `[features][n]`, and the seeds of u, `[n]`, of
    /// [`apply_transpose`](Self::apply_transpose).
    tangent: Vec<R>,
    seed: Vec<R>,
    /// A vector at each node, on its way through the layers.
    vector: Vec<R>,
    next: Vec<R>,
}

/// One hidden layer with w units; all arrays are `[w][n]`.
#[derive(Debug, Default)]
struct Hidden<R> {
    /// `h = s(z)`.
    active: Vec<R>,
    /// `s'(z)`.
    first: Vec<R>,
    /// `s''(z) du/dh`; before the way back `s''(z)`.
    curvature: Vec<R>,
    /// `du/dz`.
    delta: Vec<R>,
    /// `s'(z)` times the tangent of z.
    tangent: Vec<R>,
    /// `s''(z) du/dh` times the tangent of z.
    bend: Vec<R>,
}

impl<R: Real> Linearization<R> {
    /// Evaluates u at positions `x`, `[n][d]`.
    pub fn set_value(&mut self, network: ScalarNetwork<'_>, weights: &Weights<R>, x: &[f64]) {
        self.n = x.len() / network.dimension;
        let size = self.n * network.widths[0];
        self.features.resize(size, R::ZERO);
        self.rates.resize(size, R::ZERO);
        network
            .embedding
            .apply_rates(x, &mut self.features, &mut self.rates);
        let Some((output, layers)) = network.layers.split_last() else {
            return;
        };
        self.hidden.resize_with(layers.len(), Hidden::default);
        let mut input = &self.features;
        for (layer, hidden) in layers.iter().zip(&mut self.hidden) {
            hidden.forward(layer, &network, weights, input, self.n);
            input = &hidden.active;
        }
        self.value.clear();
        self.value.resize(self.n, weights.biases(output)[0]);
        passes::add_combination(weights.matrix(output), input, &mut self.value);
    }

    /// Evaluates u and grad u at positions `x`, `[n][d]`.
    pub fn set(&mut self, network: ScalarNetwork<'_>, weights: &Weights<R>, x: &[f64]) {
        self.set_value(network, weights, x);
        let Some((mut above, layers)) = network.layers.split_last() else {
            return;
        };
        // g = du/dh of the output layer's input is its weights, the same at every node.
        let mut delta: Option<&[R]> = None;
        for (layer, hidden) in layers.iter().zip(&mut self.hidden).rev() {
            hidden.delta.resize(hidden.active.len(), R::ZERO);
            match delta {
                Some(delta) => apply_transpose(above, weights, delta, &mut hidden.delta, Replace),
                None => passes::fill_rows(weights.matrix(above), self.n, &mut hidden.delta),
            }
            passes::slopes(&hidden.first, &mut hidden.delta, &mut hidden.curvature);
            (above, delta) = (layer, Some(hidden.delta.as_slice()));
        }
        self.slope.resize(self.features.len(), R::ZERO);
        match delta {
            Some(delta) => apply_transpose(above, weights, delta, &mut self.slope, Replace),
            None => passes::fill_rows(weights.matrix(above), self.n, &mut self.slope),
        }
    }

    /// Writes u (`[n]`) and, when wanted and [`set`](Self::set) was called, grad u (`[n][d]`).
    pub fn copy_to(&self, u: &mut [f64], grad: Option<&mut [f64]>) {
        for (u, value) in u.iter_mut().zip(&self.value) {
            *u = value.wide();
        }
        if let Some(grad) = grad {
            self.along_axes(&self.slope, grad);
        }
    }

    /// The Jacobian of (u, grad u) times `direction`, a change of the parameters: u's part goes to
    /// `du` (`[n]`), that of grad u to `dgrad` (`[n][d]`). [`set`](Self::set) comes first.
    pub fn apply(
        &mut self,
        network: ScalarNetwork<'_>,
        weights: &Weights<R>,
        direction: &Weights<R>,
        du: &mut [f64],
        dgrad: &mut [f64],
    ) {
        let Some((output, layers)) = network.layers.split_last() else {
            return;
        };
        // The change of h, layer by layer, in `vector`; the features do not change.
        let mut input = &self.features;
        for (index, (layer, hidden)) in layers.iter().zip(&mut self.hidden).enumerate() {
            let size = hidden.active.len();
            self.next.resize(size, R::ZERO);
            passes::fill_rows(direction.biases(layer), self.n, &mut self.next);
            apply(layer, direction, input, &mut self.next, Add);
            if index > 0 {
                apply(layer, weights, &self.vector, &mut self.next, Add);
            }
            hidden.bend.resize(size, R::ZERO);
            let slopes = (&hidden.first[..], &hidden.curvature[..]);
            passes::tangents(slopes, &mut self.next, &mut hidden.bend);
            std::mem::swap(&mut self.vector, &mut self.next);
            input = &hidden.active;
        }
        self.seed.clear();
        self.seed.resize(self.n, direction.biases(output)[0]);
        passes::add_combination(direction.matrix(output), input, &mut self.seed);
        if !layers.is_empty() {
            passes::add_combination(weights.matrix(output), &self.vector, &mut self.seed);
        }
        for (du, change) in du.iter_mut().zip(&self.seed) {
            *du = change.wide();
        }
        // The change of du/dh, and then of du/dz, on the way back.
        self.vector.resize(self.n * output.inputs, R::ZERO);
        passes::fill_rows(direction.matrix(output), self.n, &mut self.vector);
        for (layer, hidden) in layers.iter().zip(&self.hidden).rev() {
            passes::scale_add(&hidden.first, &hidden.bend, &mut self.vector);
            self.next.resize(self.n * layer.inputs, R::ZERO);
            apply_transpose(layer, weights, &self.vector, &mut self.next, Replace);
            apply_transpose(layer, direction, &hidden.delta, &mut self.next, Add);
            std::mem::swap(&mut self.vector, &mut self.next);
        }
        self.along_axes(&self.vector, dgrad);
    }

    /// Adds to `out` the transposed Jacobian of (u, grad u) times `(s_u, s_grad)`, `[n]` and
    /// `[n][d]`: the parameter gradient of `sum_q s_u u(x_q) + s_grad . grad u(x_q)`.
    /// [`set`](Self::set) comes first.
    pub fn apply_transpose(
        &mut self,
        network: ScalarNetwork<'_>,
        weights: &Weights<R>,
        s_u: &[f64],
        s_grad: &[f64],
        out: &mut [R],
    ) {
        let Some((output, layers)) = network.layers.split_last() else {
            return;
        };
        self.set_tangents(network, weights, s_grad);
        self.seed.clear();
        self.seed.extend(s_u.iter().map(|s| R::of(*s)));
        let (input, tangent) = match self.hidden.last() {
            Some(hidden) => (&hidden.active, &hidden.tangent),
            None => (&self.features, &self.tangent),
        };
        let (matrix, bias) = output.split_mut(out);
        passes::add_weighted_sums(&self.seed, input, tangent, matrix);
        passes::add_sums(&self.seed, bias);
        self.vector.resize(self.n * output.inputs, R::ZERO);
        passes::outer(weights.matrix(output), &self.seed, &mut self.vector);
        for (index, layer) in layers.iter().enumerate().rev() {
            let hidden = &self.hidden[index];
            passes::scale_add(&hidden.first, &hidden.bend, &mut self.vector);
            let (input, tangent) = match index.checked_sub(1) {
                Some(below) => (&self.hidden[below].active, &self.hidden[below].tangent),
                None => (&self.features, &self.tangent),
            };
            let (matrix, biases) = layer.split_mut(out);
            add_outer(layer, &self.vector, input, matrix);
            add_outer(layer, &hidden.delta, tangent, matrix);
            passes::add_sums(&self.vector, biases);
            if index > 0 {
                self.next.resize(self.n * layer.inputs, R::ZERO);
                apply_transpose(layer, weights, &self.vector, &mut self.next, Replace);
                std::mem::swap(&mut self.vector, &mut self.next);
            }
        }
    }

    /// The tangents of all layers along `direction`, `[n][d]`.
    fn set_tangents(
        &mut self,
        network: ScalarNetwork<'_>,
        weights: &Weights<R>,
        direction: &[f64],
    ) {
        let d = network.dimension;
        let per_axis = self.n * network.widths[0] / d;
        self.tangent.resize(self.rates.len(), R::ZERO);
        let axes = self.rates.chunks_exact(per_axis.max(1));
        for (axis, (rates, out)) in axes
            .zip(self.tangent.chunks_exact_mut(per_axis.max(1)))
            .enumerate()
        {
            let rows = rates.chunks_exact(self.n).zip(out.chunks_exact_mut(self.n));
            for (rates, out) in rows {
                let component = direction.iter().skip(axis).step_by(d);
                for ((out, rate), s) in out.iter_mut().zip(rates).zip(component) {
                    *out = *rate * R::of(*s);
                }
            }
        }
        let mut input = &self.tangent;
        for (layer, hidden) in network.layers.iter().zip(&mut self.hidden) {
            let size = hidden.active.len();
            hidden.tangent.resize(size, R::ZERO);
            hidden.bend.resize(size, R::ZERO);
            apply(layer, weights, input, &mut hidden.tangent, Replace);
            let slopes = (&hidden.first[..], &hidden.curvature[..]);
            passes::tangents(slopes, &mut hidden.tangent, &mut hidden.bend);
            input = &hidden.tangent;
        }
    }

    /// Derivatives in x, `[n][d]`, from derivatives in the features, `[features][n]`.
    fn along_axes(&self, slope: &[R], out: &mut [f64]) {
        out.fill(0.0);
        let d = out.len() / self.n.max(1);
        let per_axis = (slope.len() / d.max(1)).max(1);
        let axes = slope.chunks_exact(per_axis);
        for (axis, (slope, rates)) in axes.zip(self.rates.chunks_exact(per_axis)).enumerate() {
            let rows = slope.chunks_exact(self.n).zip(rates.chunks_exact(self.n));
            for (slope, rates) in rows {
                let component = out.iter_mut().skip(axis).step_by(d);
                for ((out, slope), rate) in component.zip(slope).zip(rates) {
                    *out += slope.wide() * rate.wide();
                }
            }
        }
    }
}

impl<R: Real> Hidden<R> {
    fn forward(
        &mut self,
        layer: &Layer,
        network: &Network,
        weights: &Weights<R>,
        input: &[R],
        n: usize,
    ) {
        let size = n * layer.outputs;
        self.active.resize(size, R::ZERO);
        self.first.resize(size, R::ZERO);
        self.curvature.resize(size, R::ZERO);
        passes::fill_rows(weights.biases(layer), n, &mut self.active);
        apply(layer, weights, input, &mut self.active, Add);
        network
            .activation
            .apply(&mut self.active, &mut self.first, &mut self.curvature);
    }
}
