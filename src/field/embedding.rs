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
    /// Of each axis.
    kinds: Vec<Kind>,
    /// Per axis: `t = (x - origin) * scale`.
    origin: Vec<f64>,
    scale: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// x mapped to [-1, 1] on each axis.
    Affine,
    /// The same and half of its square.
    Quadratic,
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
            kinds: vec![kind; origin.len()],
            origin,
            scale,
        }
    }

    /// The features of which exponentials make Gaussians: the position and half of its square where an axis ends,
    /// sine and cosine of the first harmonic where it is periodic.
    #[must_use]
    pub fn of_lattice(&self, domain: &Domain) -> Self {
        let plain = Self::new(EmbeddingChoice::None, 1, domain);
        let mut own = self.clone();
        for (axis, kind) in own.kinds.iter_mut().enumerate() {
            if let Kind::Fourier { .. } = kind {
                *kind = Kind::Fourier { harmonics: 1 };
                continue;
            }
            *kind = Kind::Quadratic;
            own.origin[axis] = plain.origin[axis];
            own.scale[axis] = plain.scale[axis];
        }
        own
    }

    /// Whether the features are such as [`of_lattice`](Self::of_lattice) makes.
    pub(super) fn is_of_lattice(&self) -> bool {
        let once = Kind::Fourier { harmonics: 1 };
        let is_one = |kind: &Kind| *kind == Kind::Quadratic || *kind == once;
        self.kinds.iter().all(is_one)
    }

    /// Whether each axis is periodic.
    pub fn periodic(&self) -> impl Iterator<Item = bool> + '_ {
        let is_periodic = |kind: &Kind| matches!(kind, Kind::Fourier { .. });
        self.kinds.iter().map(is_periodic)
    }

    /// The same, periodic along some axes with as many harmonics.
    #[must_use]
    pub fn periodic_along(mut self, axes: &[usize], harmonics: usize, domain: &Domain) -> Self {
        let periodic = Self::new(EmbeddingChoice::Periodic, harmonics, domain);
        let d = self.dimension();
        for axis in axes.iter().copied().filter(|axis| *axis < d) {
            self.kinds[axis] = periodic.kinds[axis];
            self.origin[axis] = periodic.origin[axis];
            self.scale[axis] = periodic.scale[axis];
        }
        self
    }

    /// The position itself as features, shifted and scaled: `(x - origin) * scale` on each axis.
    #[must_use]
    pub fn affine(origin: Vec<f64>, scale: Vec<f64>) -> Self {
        Self {
            kinds: vec![Kind::Affine; origin.len()],
            origin,
            scale,
        }
    }

    /// Whether the features are the position itself, shifted and scaled.
    #[must_use]
    pub fn is_affine(&self) -> bool {
        self.kinds.iter().all(|kind| *kind == Kind::Affine)
    }

    /// The kind of the features, by the names of [`crate::export`].
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.kinds.first() {
            Some(first) if self.kinds.iter().all(|kind| kind == first) => first.name(),
            _ => "mixed",
        }
    }

    /// The kind of the features of each axis, by the same names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.kinds.iter().map(|kind| kind.name())
    }

    /// Harmonics per axis; 0 if it has none.
    #[must_use]
    pub fn harmonics(&self) -> usize {
        let each = self.kinds.iter().map(|kind| match *kind {
            Kind::Affine | Kind::Quadratic => 0,
            Kind::Cosine { harmonics } | Kind::Fourier { harmonics } => harmonics,
        });
        each.max().unwrap_or(0)
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
        self.kinds.iter().map(|kind| kind.features()).sum()
    }

    /// Sets the weights with which the features make a plane of these slopes, one for each axis, and
    /// returns its bias. Of harmonics it takes the first: all functions of it are all there are.
    pub(super) fn plane(&self, slopes: impl Iterator<Item = Slope>, weights: &mut [f64]) -> f64 {
        weights.fill(0.0);
        let (mut bias, mut rest) = (0.0, weights);
        for (slope, kind) in slopes.zip(&self.kinds) {
            let (weights, after) = rest.split_at_mut(kind.features());
            rest = after;
            let own = match (kind, weights) {
                (Kind::Affine | Kind::Quadratic, [weight, ..]) => {
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
            let mut first = node * e;
            for (axis, (x, (origin, scale))) in x.iter().zip(axes).enumerate() {
                let t = (x - origin) * scale;
                match self.kinds[axis] {
                    Kind::Affine => put(axis, first, [t, *scale, 0.0]),
                    Kind::Quadratic => {
                        put(axis, first, [t, *scale, 0.0]);
                        put(axis, first + 1, [0.5 * t * t, t * scale, scale * scale]);
                    }
                    Kind::Cosine { harmonics } => {
                        for (k, s, c) in multiples(t, harmonics) {
                            let rate = k as f64 * scale;
                            put(axis, first + k - 1, [c, -rate * s, -rate * rate * c]);
                        }
                    }
                    Kind::Fourier { harmonics } => {
                        for (k, s, c) in multiples(t, harmonics) {
                            let rate = k as f64 * scale;
                            let at = first + 2 * (k - 1);
                            put(axis, at, [s, rate * c, -rate * rate * s]);
                            put(axis, at + 1, [c, -rate * s, -rate * rate * c]);
                        }
                    }
                }
                first += self.kinds[axis].features();
            }
        }
    }
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Affine => "affine",
            Self::Quadratic => "quadratic",
            Self::Cosine { .. } => "cosine",
            Self::Fourier { .. } => "fourier",
        }
    }

    /// Features of an axis.
    const fn features(self) -> usize {
        match self {
            Self::Affine => 1,
            Self::Quadratic => 2,
            Self::Cosine { harmonics } => harmonics,
            Self::Fourier { harmonics } => 2 * harmonics,
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
