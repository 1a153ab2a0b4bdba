//! Embeddings: the features of a position that enter a network, with their derivatives.

use super::random_features::Slope;
use crate::domain::Domain;
use crate::words::words;
use std::f64::consts::{PI, TAU};

words! {
    /// The embedding that is asked for.
    pub enum EmbeddingChoice {
        /// The one that fits the domain: [`Neumann`](Self::Neumann) on a box, else
        /// [`None`](Self::None).
        Auto = "auto",
        /// Cosines, whose normal derivative vanishes on the faces of the box.
        Neumann = "neumann",
        /// Sines and cosines of the period of the box.
        Periodic = "periodic",
        /// The position itself.
        None = "none",
    }
}

/// A map from positions to the features that enter the first layer.
#[derive(Clone, Debug)]
pub struct Embedding {
    kind: Kind,
    /// Per axis: `t = (x - origin) * scale`.
    origin: Vec<f64>,
    scale: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// x mapped to [-1, 1] on each axis.
    Affine,
    /// `cos(k pi t)`, t in [0, 1], k = 1..K: the normal derivative vanishes on the box.
    Cosine { harmonics: usize },
    /// `sin(2 k pi t)` and `cos(2 k pi t)`, k = 1..K.
    Fourier { harmonics: usize },
}

impl Embedding {
    /// An embedding of positions in the box of a domain, with so many harmonics per axis.
    #[must_use]
    pub fn new(choice: EmbeddingChoice, harmonics: usize, domain: &Domain) -> Self {
        let (lower, upper) = (domain.lower(), domain.upper());
        let length = lower.iter().zip(upper).map(|(lo, hi)| hi - lo);
        let (kind, origin, scale) = match choice {
            EmbeddingChoice::Auto if domain.is_box() => {
                return Self::new(EmbeddingChoice::Neumann, harmonics, domain);
            }
            EmbeddingChoice::Auto | EmbeddingChoice::None => {
                let corners = lower.iter().zip(upper);
                let centre = corners.map(|(lo, hi)| 0.5 * (lo + hi)).collect();
                (Kind::Affine, centre, length.map(|l| 2.0 / l).collect())
            }
            EmbeddingChoice::Neumann => (
                Kind::Cosine { harmonics },
                lower.to_vec(),
                length.map(|l| PI / l).collect(),
            ),
            EmbeddingChoice::Periodic => (
                Kind::Fourier { harmonics },
                lower.to_vec(),
                length.map(|l| TAU / l).collect(),
            ),
        };
        Self {
            kind,
            origin,
            scale,
        }
    }

    /// The position itself as features, shifted and scaled: `(x - origin) * scale` on each axis.
    #[must_use]
    pub const fn affine(origin: Vec<f64>, scale: Vec<f64>) -> Self {
        Self {
            kind: Kind::Affine,
            origin,
            scale,
        }
    }

    /// Whether the features are the position itself, shifted and scaled.
    #[must_use]
    pub fn is_affine(&self) -> bool {
        self.kind == Kind::Affine
    }

    /// The kind of the features, by the names of [`crate::export`].
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.kind {
            Kind::Affine => "affine",
            Kind::Cosine { .. } => "cosine",
            Kind::Fourier { .. } => "fourier",
        }
    }

    /// Harmonics per axis; 0 if it has none.
    #[must_use]
    pub const fn harmonics(&self) -> usize {
        match self.kind {
            Kind::Affine => 0,
            Kind::Cosine { harmonics } | Kind::Fourier { harmonics } => harmonics,
        }
    }

    /// Origin and scale of each axis: it sees `(x - origin) * scale`.
    #[must_use]
    pub fn axes(&self) -> (&[f64], &[f64]) {
        (&self.origin, &self.scale)
    }

    /// The dimension of x.
    #[must_use]
    pub const fn dimension(&self) -> usize {
        self.origin.len()
    }

    /// Features per position.
    #[must_use]
    pub fn features(&self) -> usize {
        let d = self.origin.len();
        match self.kind {
            Kind::Affine => d,
            Kind::Cosine { harmonics } => d * harmonics,
            Kind::Fourier { harmonics } => d * 2 * harmonics,
        }
    }

    /// Sets the weights with which the features make a plane of these slopes, one for each axis, and
    /// returns its bias. Of harmonics it takes the first: all functions of it are all there are.
    pub(super) fn plane(&self, slopes: impl Iterator<Item = Slope>, weights: &mut [f64]) -> f64 {
        weights.fill(0.0);
        let per_axis = self.features() / self.dimension();
        let mut bias = 0.0;
        for (slope, weights) in slopes.zip(weights.chunks_exact_mut(per_axis)) {
            let own = match (self.kind, weights) {
                (Kind::Affine, [weight, ..]) => {
                    let (w, bias) = slope.affine();
                    *weight = w;
                    bias
                }
                (Kind::Cosine { .. }, [weight, ..]) => {
                    let (w, bias) = slope.cosine();
                    *weight = w;
                    bias
                }
                (Kind::Fourier { .. }, [sin, cos, ..]) => {
                    let (s, c, bias) = slope.fourier();
                    (*sin, *cos) = (s, c);
                    bias
                }
                _ => 0.0,
            };
            bias += own;
        }
        bias
    }

    /// Calls `put` with each feature of each position: the axis it varies along, its place in
    /// `[n][features]`, its value and its first and second derivative.
    pub(super) fn each(&self, x: &[f64], mut put: impl FnMut(usize, usize, [f64; 3])) {
        let (d, e) = (self.origin.len(), self.features());
        for (node, x) in x.chunks_exact(d).enumerate() {
            let axes = self.origin.iter().zip(&self.scale);
            for (axis, (x, (origin, scale))) in x.iter().zip(axes).enumerate() {
                let t = (x - origin) * scale;
                match self.kind {
                    Kind::Affine => put(axis, node * e + axis, [t, *scale, 0.0]),
                    Kind::Cosine { harmonics } => {
                        let first = node * e + axis * harmonics;
                        for (k, s, c) in multiples(t, harmonics) {
                            let rate = k as f64 * scale;
                            put(axis, first + k - 1, [c, -rate * s, -rate * rate * c]);
                        }
                    }
                    Kind::Fourier { harmonics } => {
                        let first = node * e + 2 * axis * harmonics;
                        for (k, s, c) in multiples(t, harmonics) {
                            let rate = k as f64 * scale;
                            let at = first + 2 * (k - 1);
                            put(axis, at, [s, rate * c, -rate * rate * s]);
                            put(axis, at + 1, [c, -rate * s, -rate * rate * c]);
                        }
                    }
                }
            }
        }
    }
}

/// `(k, sin k t, cos k t)`, k = 1..K, by turning through t again and again.
fn multiples(t: f64, harmonics: usize) -> impl Iterator<Item = (usize, f64, f64)> {
    let (s, c) = t.sin_cos();
    let turn = move |(s_k, c_k): &(f64, f64)| Some((s_k * c + c_k * s, c_k * c - s_k * s));
    let all = std::iter::successors(Some((s, c)), turn);
    (1..=harmonics).zip(all).map(|(k, (s, c))| (k, s, c))
}
