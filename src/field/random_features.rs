//! Random features: hidden units that are drawn once and stay as they are, so that a field is a linear
//! combination of them (Rahimi and Recht, "Random features for large-scale kernel machines", 2007).
//!
//! Each unit varies across a plane through a random point of the box, in a random direction, over a
//! length about as short as so many units can resolve.

use super::network::Network;
use crate::words::words;
use rand::RngExt;
use std::f64::consts::{PI, TAU};

words! {
    /// Parameters of a network that are minimised.
    pub enum TrainingChoice {
        /// What suits the flow.
        Auto = "auto",
        /// All of them.
        All = "all",
        /// Those of the output layer, of random features.
        Outputs = "outputs",
    }
}

/// The largest steepness of units on a line, in the plane and beyond, relative to the root of their
/// number that belongs to the dimension, where coordinates go from -1 to 1; and the part of it that the
/// least is. Fits of functions of each kind, smooth and with layers, are near their best with these.
const STEEPNESS: [f64; 3] = [0.2, 0.3, 0.3];
const LEAST: f64 = 0.25;

/// Points that planes go through lie up to so far out of the box: units must differ at its faces too.
const BEYOND: f64 = 1.1;

/// The part of a plane along one axis.
pub(super) struct Slope {
    /// The point on this axis that it goes through, from -1 to 1.
    pub at: f64,
    /// The derivative.
    pub steepness: f64,
    /// The phase of what is periodic.
    pub phase: f64,
}

impl Slope {
    /// The weight of the coordinate, and its bias.
    pub(super) fn affine(&self) -> (f64, f64) {
        (self.steepness, -self.steepness * BEYOND * self.at)
    }

    /// The weight of `cos t`, t from 0 to pi, and its bias.
    pub(super) fn cosine(&self) -> (f64, f64) {
        let middle = (0.5 * PI * (1.0 + self.at)).cos();
        (self.steepness, -self.steepness * middle)
    }

    /// The weights of `sin t` and `cos t`, t from 0 to 2 pi, and their bias.
    pub(super) fn fourier(&self) -> (f64, f64, f64) {
        let weight = self.steepness / PI;
        let middle = (PI * (1.0 + self.at) - self.phase).sin();
        let (sin, cos) = self.phase.sin_cos();
        (weight * cos, -weight * sin, -weight * middle)
    }
}

impl Network {
    /// Random parameters of one hidden layer whose units are to stay as they are. The outputs are 0.
    pub fn random_features(&self, rng: &mut impl RngExt) -> Vec<f64> {
        let mut parameters = vec![0.0; self.parameters()];
        let Some(layer) = self.layers.first() else {
            return parameters;
        };
        let d = self.dimension;
        let root = (layer.outputs as f64).powf(1.0 / d as f64);
        let most = STEEPNESS[d.min(STEEPNESS.len()) - 1] * root;
        let (weights, biases) = layer.split_mut(&mut parameters);
        for (weights, bias) in weights.chunks_exact_mut(layer.inputs).zip(biases) {
            let steepness = most * LEAST.powf(rng.random());
            let direction = direction(d, rng);
            let slopes = direction.iter().map(|part| Slope {
                at: signed(rng),
                steepness: steepness * part,
                phase: PI * signed(rng),
            });
            *bias = self.embedding.plane(slopes, weights);
        }
        parameters
    }

    /// Parameters of this network of one hidden layer which give the field that a narrower one has with its own:
    /// units of the narrower come first, then the last of those that were `drawn`, whose outputs are 0.
    #[must_use]
    pub fn widened(&self, narrow: &Self, own: &[f64], mut drawn: Vec<f64>) -> Vec<f64> {
        let layers = self.layers.iter().zip(&narrow.layers);
        for (wide, from) in layers {
            let (weights, biases) = wide.split_mut(&mut drawn);
            let rows = weights.chunks_exact_mut(wide.inputs);
            for (row, kept) in rows.zip(from.weights(own).chunks_exact(from.inputs)) {
                row[..from.inputs].copy_from_slice(kept);
                row[from.inputs..].fill(0.0);
            }
            let kept = from.biases(own);
            biases[..kept.len()].copy_from_slice(kept);
        }
        drawn
    }
}

/// A number between -1 and 1.
fn signed(rng: &mut impl RngExt) -> f64 {
    2.0 * rng.random::<f64>() - 1.0
}

/// A direction, uniform: that of independent normal numbers (Box and Muller).
fn direction(d: usize, rng: &mut impl RngExt) -> Vec<f64> {
    let mut normal = || {
        let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
        radius * (TAU * rng.random::<f64>()).cos()
    };
    let mut v: Vec<f64> = (0..d).map(|_| normal()).collect();
    let norm = v.iter().map(|v| v * v).sum::<f64>().sqrt();
    v.iter_mut().for_each(|v| *v /= norm.max(f64::MIN_POSITIVE));
    v
}
