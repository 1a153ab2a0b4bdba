//! A mixture of Gaussians of equal shares and unit covariance as what a diffusion comes to rest in.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// `V = -ln sum_i exp(-|x - m_i|^2 / 2)`, so that the mixture is `exp(-V)` up to a factor.
#[derive(Clone, Debug)]
pub struct Wells {
    pub dimension: usize,
    /// `[n][d]`
    pub means: Vec<f64>,
}

impl Wells {
    /// Means drawn evenly from `[-span, span]^d`.
    pub fn random(dimension: usize, count: usize, span: f64, seed: u64) -> Self {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut draw = || span * (2.0 * rng.random::<f64>() - 1.0);
        let means = (0..count * dimension).map(|_| draw()).collect();
        Self { dimension, means }
    }

    /// V at one point, and grad V when wanted.
    pub fn potential(&self, x: &[f64], gradient: Option<&mut [f64]>) -> f64 {
        let means = self.means.chunks_exact(self.dimension);
        let halves: Vec<f64> = means
            .clone()
            .map(|m| 0.5 * x.iter().zip(m).map(|(x, m)| (x - m).powi(2)).sum::<f64>())
            .collect();
        // The nearest well goes in front of the logarithm, or far away all would vanish.
        let least = halves.iter().fold(f64::INFINITY, |m, h| m.min(*h));
        let weights: Vec<f64> = halves.iter().map(|h| (least - h).exp()).collect();
        let total: f64 = weights.iter().sum();
        if let Some(gradient) = gradient {
            gradient.copy_from_slice(x);
            for (mean, weight) in means.zip(&weights) {
                let pull = gradient.iter_mut().zip(mean);
                pull.for_each(|(g, m)| *g -= weight / total * m);
            }
        }
        least - total.ln()
    }
}
