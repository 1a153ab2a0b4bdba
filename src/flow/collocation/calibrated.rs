//! Weights of labels that obey Stein's identities: `int (div f + f . grad ln rho) d(rho) = 0` for every f, of
//! which those that are gradients of polynomials of second degree are taken.
//!
//! Of a sample such sums are 0 but for chance. Weights whose sums are, the nearest ones by their entropy
//! (Hainmueller, "Entropy balancing", 2012), have no chance left in moments up to the second where rho is a
//! Gaussian, and little where it is nearly one (Mira, Solgi and Imparato, "Zero variance Markov chain Monte
//! Carlo", 2013).

use super::features::Features;
use crate::error::Result;
use crate::flow::least_squares::least_squares;
use crate::linear_algebra::dot;
use crate::parallel::Pool;

/// Iterations of Newton's method, and the part of a standard deviation of the sums that is nothing.
const ITERATIONS: usize = 20;
const NOTHING: f64 = 1e-8;

/// Added to the diagonal of a matrix whose diagonal is 1.
const DAMPING: f64 = 1e-10;

/// What may become of the sum of the squared weights: beyond it labels do not see all of the density.
const DEARER: f64 = 1.5;

/// Labels with the score of their density.
#[derive(Clone, Copy)]
pub(super) struct Scored<'a> {
    /// `[n][d]`
    pub x: &'a [f64],
    /// `grad ln rho`, `[n][d]`.
    pub score: &'a [f64],
    /// Whose coordinates are taken.
    pub features: &'a Features,
}

/// The weights (of sum 1) that obey the identities, nearest to these; these themselves where no others do that
/// are nearly as even.
///
/// # Errors
/// Errors of the threads.
pub(super) fn calibrated(pool: &Pool, labels: Scored<'_>, weights: Vec<f64>) -> Result<Vec<f64>> {
    let (rows, len) = labels.identities();
    if rows.iter().any(|entry| !entry.is_finite()) {
        return Ok(weights);
    }
    let squares = |w: &[f64]| dot(w, w);
    let most = DEARER * squares(&weights);
    let mut now = weights.clone();
    for _ in 0..ITERATIONS {
        let mut weighted = rows.clone();
        let mut wanted = Vec::with_capacity(now.len());
        for (row, w) in weighted.chunks_exact_mut(len).zip(&now) {
            let root = w.sqrt();
            row.iter_mut().for_each(|r| *r *= root);
            wanted.push(-root);
        }
        let change = least_squares(pool, &weighted, &wanted, len, DAMPING)?;
        let exponents: Vec<f64> = rows
            .chunks_exact(len)
            .map(|row| dot(row, &change))
            .collect();
        // The squared sums in units of their standard deviations.
        let square: f64 = exponents.iter().zip(&now).map(|(e, w)| w * e * e).sum();
        let mut next: Vec<f64> = exponents
            .iter()
            .zip(&now)
            .map(|(e, w)| w * e.exp())
            .collect();
        let sum: f64 = next.iter().sum();
        next.iter_mut().for_each(|w| *w /= sum);
        let square_now = squares(&next);
        if square_now.is_nan() || square_now > most {
            return Ok(weights);
        }
        now = next;
        if square <= NOTHING * NOTHING {
            return Ok(now);
        }
    }
    Ok(weights)
}

impl Scored<'_> {
    /// `div f + f . grad ln rho` at labels of the gradients f of `z_a` and of `z_a z_b`, a <= b, and how many
    /// there are of them.
    fn identities(&self) -> (Vec<f64>, usize) {
        let scale = &self.features.scale;
        let d = scale.len();
        let len = d + d * (d + 1) / 2;
        let mut rows = Vec::with_capacity(self.x.len() / d * len);
        for (x, score) in self.x.chunks_exact(d).zip(self.score.chunks_exact(d)) {
            let z = |a: usize| self.features.scaled(x, a);
            let s = |a: usize| scale[a] * score[a];
            rows.extend((0..d).map(s));
            for a in 0..d {
                rows.push(1.0 + z(a) * s(a));
                rows.extend((a + 1..d).map(|b| z(a) * s(b) + z(b) * s(a)));
            }
        }
        (rows, len)
    }
}
