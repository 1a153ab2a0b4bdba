//! Independent uniform points of the unit cube.

use rand::RngExt;

/// `n` points, `[n][d]`.
pub(super) fn points(n: usize, d: usize, rng: &mut impl RngExt) -> Vec<f64> {
    (0..n * d).map(|_| rng.random()).collect()
}
