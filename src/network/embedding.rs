//! What the network sees of a position: features of x with their derivatives.

use crate::domain::Domain;
use crate::error::{Error, Result};
use std::f64::consts::{PI, TAU};

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
    /// The embedding of this name (the choices of the option `embedding`) on a domain.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if there is no such embedding.
    pub fn named(name: &str, harmonics: usize, domain: &Domain) -> Result<Self> {
        let (lower, upper) = (domain.lower(), domain.upper());
        let length = lower.iter().zip(upper).map(|(lo, hi)| hi - lo);
        let (kind, origin, scale) = match name {
            "none" => (
                Kind::Affine,
                lower
                    .iter()
                    .zip(upper)
                    .map(|(lo, hi)| 0.5 * (lo + hi))
                    .collect(),
                length.map(|l| 2.0 / l).collect(),
            ),
            "neumann" => (
                Kind::Cosine { harmonics },
                lower.to_vec(),
                length.map(|l| PI / l).collect(),
            ),
            "periodic" => (
                Kind::Fourier { harmonics },
                lower.to_vec(),
                length.map(|l| TAU / l).collect(),
            ),
            _ => return Err(Error::option(format!("there is no embedding `{name}`"))),
        };
        Ok(Self {
            kind,
            origin,
            scale,
        })
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

    /// The features at positions `x` (`[n][d]`) and their derivatives, as channels: `out` is
    /// `[1 + d][n][features]`, channel 0 the values, channel 1 + i the derivatives in `x_i`.
    pub fn apply(&self, x: &[f64], out: &mut [f64]) {
        let (d, e) = (self.origin.len(), self.features());
        let channel = x.len() / d * e;
        out.fill(0.0);
        for (node, x) in x.chunks_exact(d).enumerate() {
            for (axis, (x, (origin, scale))) in x
                .iter()
                .zip(self.origin.iter().zip(&self.scale))
                .enumerate()
            {
                let t = (x - origin) * scale;
                // Value at `value`, derivative in x_axis at the same place of channel 1 + axis.
                let mut put = |feature: usize, value: f64, derivative: f64| {
                    let at = node * e + feature;
                    out[at] = value;
                    out[(1 + axis) * channel + at] = derivative;
                };
                match self.kind {
                    Kind::Affine => put(axis, t, *scale),
                    Kind::Cosine { harmonics } => {
                        for k in 1..=harmonics {
                            let (s, c) = (k as f64 * t).sin_cos();
                            put(axis * harmonics + k - 1, c, -(k as f64) * scale * s);
                        }
                    }
                    Kind::Fourier { harmonics } => {
                        for k in 1..=harmonics {
                            let (s, c) = (k as f64 * t).sin_cos();
                            let rate = k as f64 * scale;
                            let first = 2 * (axis * harmonics + k - 1);
                            put(first, s, rate * c);
                            put(first + 1, c, -rate * s);
                        }
                    }
                }
            }
        }
    }
}
