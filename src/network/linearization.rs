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

use super::product::{Into, add_outer, apply, apply_transpose};
use super::{Layer, Network, Real};
use pulp::Arch;

/// The network and its first derivatives at a chunk of nodes. One serves many chunks in turn.
#[derive(Debug, Default)]
pub struct Linearization<R> {
    /// Nodes of the chunk.
    n: usize,
    /// The features and their derivatives in x, `[n][features]`.
    features: Vec<R>,
    rates: Vec<R>,
    hidden: Vec<Hidden<R>>,
    /// u, `[n]`, and its derivatives in the features, `[n][features]`.
    value: Vec<R>,
    slope: Vec<R>,
    /// Tangents of the features, `[n][features]`, for [`apply_transpose`](Self::apply_transpose).
    tangent: Vec<R>,
    /// A vector at each node, on its way through the layers.
    vector: Vec<R>,
    next: Vec<R>,
}

/// One hidden layer with w units; all arrays are `[n][w]`.
#[derive(Debug, Default)]
struct Hidden<R> {
    /// `h = s(z)`.
    active: Vec<R>,
    /// `s'(z)`.
    first: Vec<R>,
    /// `s''(z) du/dh`; on the way forward `s''(z)`.
    curvature: Vec<R>,
    /// `du/dz`.
    delta: Vec<R>,
    /// `s'(z)` times the tangent of z.
    tangent: Vec<R>,
    /// `s''(z) du/dh` times the tangent of z.
    bend: Vec<R>,
}

impl<R: Real> Linearization<R> {
    /// Evaluates u and grad u at positions `x`, `[n][d]`.
    pub fn set(&mut self, network: &Network, parameters: &[R], x: &[f64]) {
        let features = network.widths[0];
        self.n = x.len() / network.dimension;
        self.features.resize(self.n * features, R::ZERO);
        self.rates.resize(self.n * features, R::ZERO);
        network
            .embedding
            .apply_rates(x, &mut self.features, &mut self.rates);
        let Some((output, layers)) = network.layers.split_last() else {
            return;
        };
        self.hidden.resize_with(layers.len(), Hidden::default);
        let mut input = &self.features;
        for (layer, hidden) in layers.iter().zip(&mut self.hidden) {
            hidden.forward(layer, network, parameters, input, self.n);
            input = &hidden.active;
        }
        let weights = output.weights(parameters);
        let bias = output.biases(parameters)[0];
        self.value.resize(self.n, R::ZERO);
        dots(input, weights, bias, &mut self.value);
        self.slope.resize(self.n * features, R::ZERO);
        let mut layers = layers.iter().zip(&mut self.hidden).rev();
        let Some((mut layer, mut above)) = layers.next() else {
            rows_of(weights, &mut self.slope);
            return;
        };
        above.delta.resize(above.active.len(), R::ZERO);
        rows_of(weights, &mut above.delta);
        scale_slopes(&above.first, &mut above.delta, &mut above.curvature);
        for (below_layer, below) in layers {
            below.delta.resize(below.active.len(), R::ZERO);
            let weights = layer.weights(parameters);
            apply_transpose(
                layer,
                weights,
                &above.delta,
                &mut below.delta,
                Into::Replace,
            );
            scale_slopes(&below.first, &mut below.delta, &mut below.curvature);
            (layer, above) = (below_layer, below);
        }
        let weights = layer.weights(parameters);
        apply_transpose(layer, weights, &above.delta, &mut self.slope, Into::Replace);
    }

    /// Writes u (`[n]`) and, when wanted, grad u (`[n][d]`).
    pub fn copy_to(&self, u: &mut [f64], grad: Option<&mut [f64]>) {
        for (u, value) in u.iter_mut().zip(&self.value) {
            *u = value.wide();
        }
        if let Some(grad) = grad {
            self.along_axes(&self.slope, grad);
        }
    }

    /// The Jacobian of (u, grad u) times `direction`, a change of the parameters: u's part goes to
    /// `du` (`[n]`), that of grad u to `dgrad` (`[n][d]`).
    pub fn apply(
        &mut self,
        network: &Network,
        parameters: &[R],
        direction: &[R],
        du: &mut [f64],
        dgrad: &mut [f64],
    ) {
        let Some((output, layers)) = network.layers.split_last() else {
            return;
        };
        // The change of h, layer by layer, in `vector`; of the features there is none.
        let mut input = &self.features;
        for (index, (layer, hidden)) in layers.iter().zip(&mut self.hidden).enumerate() {
            self.next.resize(self.n * layer.outputs, R::ZERO);
            rows_of(layer.biases(direction), &mut self.next);
            apply(
                layer,
                layer.weights(direction),
                input,
                &mut self.next,
                Into::Add,
            );
            if index > 0 {
                let weights = layer.weights(parameters);
                apply(layer, weights, &self.vector, &mut self.next, Into::Add);
            }
            hidden.bend.resize(self.next.len(), R::ZERO);
            bend(
                &hidden.first,
                &hidden.curvature,
                &mut self.next,
                &mut hidden.bend,
            );
            std::mem::swap(&mut self.vector, &mut self.next);
            input = &hidden.active;
        }
        let (weights, change) = (output.weights(parameters), output.weights(direction));
        self.next.resize(self.n, R::ZERO);
        dots(input, change, output.biases(direction)[0], &mut self.next);
        for (du, sum) in du.iter_mut().zip(&self.next) {
            *du = sum.wide();
        }
        if !layers.is_empty() {
            dots(&self.vector, weights, R::ZERO, &mut self.next);
            for (du, sum) in du.iter_mut().zip(&self.next) {
                *du += sum.wide();
            }
        }
        // The change of du/dh, and then of du/dz, on the way back.
        self.vector.resize(self.n * output.inputs, R::ZERO);
        rows_of(change, &mut self.vector);
        for (layer, hidden) in layers.iter().zip(&self.hidden).rev() {
            scale_add(&hidden.first, &hidden.bend, &mut self.vector);
            self.next.resize(self.n * layer.inputs, R::ZERO);
            let (weights, change) = (layer.weights(parameters), layer.weights(direction));
            apply_transpose(layer, weights, &self.vector, &mut self.next, Into::Replace);
            apply_transpose(layer, change, &hidden.delta, &mut self.next, Into::Add);
            std::mem::swap(&mut self.vector, &mut self.next);
        }
        self.along_axes(&self.vector, dgrad);
    }

    /// Adds to `out` the transposed Jacobian of (u, grad u) times `(s_u, s_grad)`, `[n]` and
    /// `[n][d]`: the parameter gradient of `sum_q s_u u(x_q) + s_grad . grad u(x_q)`.
    pub fn apply_transpose(
        &mut self,
        network: &Network,
        parameters: &[R],
        s_u: &[f64],
        s_grad: &[f64],
        out: &mut [R],
    ) {
        let Some((output, layers)) = network.layers.split_last() else {
            return;
        };
        self.tangents(network, parameters, s_grad);
        let s_u: Vec<R> = s_u.iter().map(|s| R::of(*s)).collect();
        let (input, tangent) = match self.hidden.last() {
            Some(hidden) => (&hidden.active, &hidden.tangent),
            None => (&self.features, &self.tangent),
        };
        let (weights, bias) = output.split_mut(out);
        add_weighted_rows(&s_u, input, tangent, weights);
        for s in &s_u {
            bias[0] += *s;
        }
        self.vector.resize(self.n * output.inputs, R::ZERO);
        multiples_of(output.weights(parameters), &s_u, &mut self.vector);
        for (index, layer) in layers.iter().enumerate().rev() {
            let hidden = &self.hidden[index];
            scale_add(&hidden.first, &hidden.bend, &mut self.vector);
            let (input, tangent) = match index.checked_sub(1) {
                Some(below) => (&self.hidden[below].active, &self.hidden[below].tangent),
                None => (&self.features, &self.tangent),
            };
            let (weights, biases) = layer.split_mut(out);
            add_outer(layer, &self.vector, input, weights);
            add_outer(layer, &hidden.delta, tangent, weights);
            add_rows(&self.vector, biases);
            if index > 0 {
                self.next.resize(self.n * layer.inputs, R::ZERO);
                let weights = layer.weights(parameters);
                apply_transpose(layer, weights, &self.vector, &mut self.next, Into::Replace);
                std::mem::swap(&mut self.vector, &mut self.next);
            }
        }
    }

    /// The tangents of all layers along `direction`, `[n][d]`.
    fn tangents(&mut self, network: &Network, parameters: &[R], direction: &[f64]) {
        let per_axis = network.widths[0] / network.dimension;
        self.tangent.clear();
        self.tangent.extend(
            self.rates
                .chunks_exact(per_axis)
                .zip(direction)
                .flat_map(|(rates, s)| rates.iter().map(|rate| *rate * R::of(*s))),
        );
        let mut input = &self.tangent;
        for (layer, hidden) in network.layers.iter().zip(&mut self.hidden) {
            let size = hidden.active.len();
            hidden.tangent.resize(size, R::ZERO);
            hidden.bend.resize(size, R::ZERO);
            let weights = layer.weights(parameters);
            apply(layer, weights, input, &mut hidden.tangent, Into::Replace);
            bend(
                &hidden.first,
                &hidden.curvature,
                &mut hidden.tangent,
                &mut hidden.bend,
            );
            input = &hidden.tangent;
        }
    }

    /// Derivatives in x, `[n][d]`, from derivatives in the features.
    fn along_axes(&self, slope: &[R], out: &mut [f64]) {
        let per_axis = (self.rates.len() / out.len().max(1)).max(1);
        for ((slope, rates), out) in slope
            .chunks_exact(per_axis)
            .zip(self.rates.chunks_exact(per_axis))
            .zip(out)
        {
            *out = slope
                .iter()
                .zip(rates)
                .map(|(s, r)| s.wide() * r.wide())
                .sum();
        }
    }
}

impl<R: Real> Hidden<R> {
    fn forward(
        &mut self,
        layer: &Layer,
        network: &Network,
        parameters: &[R],
        input: &[R],
        n: usize,
    ) {
        let size = n * layer.outputs;
        self.active.resize(size, R::ZERO);
        self.first.resize(size, R::ZERO);
        self.curvature.resize(size, R::ZERO);
        rows_of(layer.biases(parameters), &mut self.active);
        apply(
            layer,
            layer.weights(parameters),
            input,
            &mut self.active,
            Into::Add,
        );
        network
            .activation
            .apply(&mut self.active, &mut self.first, &mut self.curvature);
    }
}

/// Every row of `out` becomes `row`.
fn rows_of<R: Real>(row: &[R], out: &mut [R]) {
    for out in out.chunks_exact_mut(row.len()) {
        out.copy_from_slice(row);
    }
}

/// Every row of `out` becomes a multiple of `row`.
fn multiples_of<R: Real>(row: &[R], factors: &[R], out: &mut [R]) {
    Arch::new().dispatch(|| {
        for (out, factor) in out.chunks_exact_mut(row.len()).zip(factors) {
            for (out, x) in out.iter_mut().zip(row) {
                *out = *x * *factor;
            }
        }
    });
}

/// `g` becomes `s' g` and `s''` becomes `s'' g`.
fn scale_slopes<R: Real>(first: &[R], g: &mut [R], second: &mut [R]) {
    Arch::new().dispatch(|| {
        for ((g, second), first) in g.iter_mut().zip(second).zip(first) {
            *second *= *g;
            *g *= *first;
        }
    });
}

/// `bend` becomes `curvature z` and z becomes `first z`.
fn bend<R: Real>(first: &[R], curvature: &[R], z: &mut [R], bend: &mut [R]) {
    Arch::new().dispatch(|| {
        for (((z, bend), first), curvature) in z.iter_mut().zip(bend).zip(first).zip(curvature) {
            *bend = *curvature * *z;
            *z *= *first;
        }
    });
}

/// `x` becomes `first x + bend`.
fn scale_add<R: Real>(first: &[R], bend: &[R], x: &mut [R]) {
    Arch::new().dispatch(|| {
        for ((x, first), bend) in x.iter_mut().zip(first).zip(bend) {
            *x = *x * *first + *bend;
        }
    });
}

/// `out += sum of the rows of x`.
fn add_rows<R: Real>(x: &[R], out: &mut [R]) {
    Arch::new().dispatch(|| {
        for row in x.chunks_exact(out.len()) {
            for (out, x) in out.iter_mut().zip(row) {
                *out += *x;
            }
        }
    });
}

/// `out += sum over rows of factor x + y`.
fn add_weighted_rows<R: Real>(factors: &[R], x: &[R], y: &[R], out: &mut [R]) {
    Arch::new().dispatch(|| {
        let width = out.len();
        for ((x, y), factor) in x
            .chunks_exact(width)
            .zip(y.chunks_exact(width))
            .zip(factors)
        {
            for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
                *out += *factor * *x + *y;
            }
        }
    });
}

/// The products of the rows of `x` with `weights`, plus `bias`.
fn dots<R: Real>(x: &[R], weights: &[R], bias: R, out: &mut [R]) {
    const LANES: usize = 16;
    Arch::new().dispatch(|| {
        for (out, row) in out.iter_mut().zip(x.chunks_exact(weights.len())) {
            // Sixteen sums side by side, which vectorise where one would wait for itself.
            let mut sums = [R::ZERO; LANES];
            let (rows, weights) = (row.chunks_exact(LANES), weights.chunks_exact(LANES));
            let mut rest = bias;
            for (x, w) in rows.remainder().iter().zip(weights.remainder()) {
                rest += *x * *w;
            }
            for (x, w) in rows.zip(weights) {
                for ((sum, x), w) in sums.iter_mut().zip(x).zip(w) {
                    *sum += *x * *w;
                }
            }
            for sum in sums {
                rest += sum;
            }
            *out = rest;
        }
    });
}
