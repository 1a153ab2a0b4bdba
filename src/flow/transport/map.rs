//! The transport map `X_i(x) = x_i + s_i(x_i) N_i(x)` with N a network.
//!
//! On R^d each s_i is a constant, the scale of the labels along that axis; on a box it vanishes on
//! the two faces of the axis, which X so maps onto themselves.

use crate::domain::Domain;
use crate::network::{Activation, Embedding, Network};
use rand::RngExt;
use std::f64::consts::PI;

/// The shape of a map: all but its parameters.
#[derive(Clone, Debug)]
pub struct Map {
    network: Network,
    frame: Frame,
}

/// The factors s_i.
#[derive(Clone, Debug)]
enum Frame {
    Space { scale: Vec<f64> },
    Box { lower: Vec<f64>, upper: Vec<f64> },
}

/// The map at labels.
#[derive(Clone, Debug, Default)]
pub struct Images {
    /// X, `[n][d]`.
    pub x: Vec<f64>,
    /// DX, `[n][d][d]`; entry `[i][j]` is the derivative of `X_i` in `x_j`.
    pub slope: Vec<f64>,
}

impl Map {
    /// A map of R^d whose labels have this mean and scale along each axis.
    #[must_use]
    pub fn of_space(
        mean: &[f64],
        scale: Vec<f64>,
        activation: Activation,
        hidden: impl IntoIterator<Item = usize>,
    ) -> Self {
        let rate = scale.iter().map(|s| 1.0 / s).collect();
        let embedding = Embedding::affine(mean.to_vec(), rate);
        Self {
            network: Network::vector(embedding, activation, mean.len(), hidden),
            frame: Frame::Space { scale },
        }
    }

    /// A map of a box onto itself, face onto face.
    #[must_use]
    pub fn of_box(
        domain: &Domain,
        embedding: Embedding,
        activation: Activation,
        hidden: impl IntoIterator<Item = usize>,
    ) -> Self {
        Self {
            network: Network::vector(embedding, activation, domain.dimension(), hidden),
            frame: Frame::Box {
                lower: domain.lower().to_vec(),
                upper: domain.upper().to_vec(),
            },
        }
    }

    /// The dimension.
    #[must_use]
    pub const fn dimension(&self) -> usize {
        self.network.dimension()
    }

    /// The network N.
    #[must_use]
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// What the factors s_i are made of, by the names of [`crate::export`].
    #[must_use]
    pub fn frame(&self) -> Vec<(&'static str, &[f64])> {
        match &self.frame {
            Frame::Space { scale } => vec![("scale", scale)],
            Frame::Box { lower, upper } => vec![("lower", lower), ("upper", upper)],
        }
    }

    /// The square of how far labels lie apart.
    #[must_use]
    pub fn extent(&self) -> f64 {
        match &self.frame {
            Frame::Space { scale } => scale.iter().map(|s| s * s).sum(),
            Frame::Box { lower, upper } => {
                let sides = upper.iter().zip(lower);
                sides.map(|(b, a)| (b - a) * (b - a) / 12.0).sum()
            }
        }
    }

    /// Parameters of the identity: hidden layers at random, and nothing of them in the outputs.
    pub fn identity(&self, rng: &mut impl RngExt) -> Vec<f64> {
        let mut parameters = self.network.initialize(rng);
        self.network.clear_outputs(&mut parameters);
        parameters
    }

    /// s_i at a label, and its first and second derivative.
    fn factor(&self, axis: usize, x: f64) -> [f64; 3] {
        match &self.frame {
            Frame::Space { scale } => [scale[axis], 0.0, 0.0],
            Frame::Box { lower, upper } => {
                let rate = PI / (upper[axis] - lower[axis]);
                let (sin, cos) = (rate * (x - lower[axis])).sin_cos();
                [sin / rate, cos, -rate * sin]
            }
        }
    }

    /// X (`[n][d]`) and DX (`[n][d][d]`) from the jets of N at labels `x`, `[n][1 + d][d]`: values, then
    /// derivatives in each `x_j`.
    pub fn images(&self, x: &[f64], jets: &[f64], out: &mut [f64], slope: &mut [f64]) {
        let d = self.dimension();
        let jets = jets.chunks_exact((1 + d) * d);
        let out = out.chunks_exact_mut(d).zip(slope.chunks_exact_mut(d * d));
        for ((x, jet), (out, slope)) in x.chunks_exact(d).zip(jets).zip(out) {
            for (i, (x, row)) in x.iter().zip(slope.chunks_exact_mut(d)).enumerate() {
                let [s, s_1, _] = self.factor(i, *x);
                out[i] = x + s * jet[i];
                let along = jet[d..].iter().skip(i).step_by(d);
                row.iter_mut().zip(along).for_each(|(r, n)| *r = s * n);
                row[i] += 1.0 + s_1 * jet[i];
            }
        }
    }

    /// Overwrites the values of N at labels `x` by X, both `[n][d]`.
    pub fn move_labels(&self, x: &[f64], values: &mut [f64]) {
        let d = self.dimension();
        for (x, values) in x.chunks_exact(d).zip(values.chunks_exact_mut(d)) {
            for (i, (x, value)) in x.iter().zip(values).enumerate() {
                *value = x + self.factor(i, *x)[0] * *value;
            }
        }
    }

    /// The derivative of `a . X` at a label in N there, `[d]`.
    pub fn pull_back_value(&self, x: &[f64], of_x: &[f64], out: &mut [f64]) {
        for (i, x) in x.iter().enumerate() {
            out[i] = self.factor(i, *x)[0] * of_x[i];
        }
    }

    /// The derivative of `a . X + A : DX` at a label in the jet of N there: a is `[d]`, A `[d][d]`
    /// and `out` `[1 + d][d]`.
    pub fn pull_back(&self, x: &[f64], of_x: &[f64], of_slope: &[f64], out: &mut [f64]) {
        let d = self.dimension();
        for (i, x) in x.iter().enumerate() {
            let [s, s_1, _] = self.factor(i, *x);
            out[i] = s * of_x[i] + s_1 * of_slope[i * d + i];
            for j in 0..d {
                out[(1 + j) * d + i] = s * of_slope[i * d + j];
            }
        }
    }

    /// The derivative of `A : DX` in the label where the jet of N is held fixed, `[d]`.
    pub fn frame_gradient(&self, x: &[f64], jet: &[f64], of_slope: &[f64], out: &mut [f64]) {
        let d = self.dimension();
        for (i, (x, out)) in x.iter().zip(out).enumerate() {
            let [_, s_1, s_2] = self.factor(i, *x);
            let along: f64 = (0..d)
                .map(|j| of_slope[i * d + j] * s_1 * jet[(1 + j) * d + i])
                .sum();
            *out = along + of_slope[i * d + i] * s_2 * jet[i];
        }
    }
}
