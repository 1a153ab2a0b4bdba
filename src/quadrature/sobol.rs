//! Scrambled Sobol points of the unit cube.
//!
//! The sequence and the hash that approximates Owen's scrambling are those of the crate
//! `sobol_burley`, with the direction numbers of Joe and Kuo. Each call scrambles anew, and every
//! point is uniform by itself, so that integrals are free of bias and their spread is an error estimate.

use rand::RngExt;
use sobol_burley::parts::{owen_scramble_rev, sobol_rev};

/// Points of one scrambled sequence; more take further, independent ones.
const LENGTH: usize = 1 << 16;

/// The most dimensions, the crate's.
pub(super) const DIMENSIONS: usize = sobol_burley::NUM_DIMENSIONS as usize;

/// `n` points, `[n][d]`, `d` at most [`DIMENSIONS`].
pub(super) fn points(n: usize, d: usize, rng: &mut impl RngExt) -> Vec<f64> {
    let mut x = Vec::with_capacity(n * d);
    for start in (0..n).step_by(LENGTH) {
        let scrambles: Vec<u32> = (0..d).map(|_| rng.random()).collect();
        for point in 0..(n - start).min(LENGTH) as u32 {
            for (dimension, scramble) in (0..).zip(&scrambles) {
                let digits = sobol_rev(point.reverse_bits(), dimension);
                let digits = owen_scramble_rev(digits, *scramble).reverse_bits();
                // The digits beyond the 32 are random after scrambling.
                let rest: f64 = rng.random();
                x.push((f64::from(digits) + rest) / 2.0_f64.powi(32));
            }
        }
    }
    x
}

/// The next number of points that keeps most of the sequence's balance: whole blocks of a power of
/// two, at most an eighth more.
pub(super) fn round_up(n: usize) -> usize {
    let block = (n / 8).max(1);
    let block = 1 << block.ilog2();
    n.div_ceil(block) * block
}
