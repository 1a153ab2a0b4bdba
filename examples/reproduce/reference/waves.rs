//! Periodic initial data by their coefficients.

use super::Fourier;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use rustfft::num_complex::Complex64;
use std::f64::consts::{PI, TAU};

/// A random field on a square: so many wave vectors with `|k|^2 <= most`, each with a sine and a
/// cosine of normal heights over `1 + |k|^2`, and the whole of root mean square `size`.
pub fn random_waves(space: &Fourier, waves: usize, most: i64, size: f64, seed: u64) -> Vec<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let reach = most.isqrt();
    // Of k and -k one.
    let upper = |k: &[i64; 2]| k[0] > 0 || (k[0] == 0 && k[1] > 0);
    let vectors = (-reach..=reach).flat_map(|a| (-reach..=reach).map(move |b| [a, b]));
    let inside = |k: &[i64; 2]| k[0] * k[0] + k[1] * k[1] <= most;
    let mut vectors: Vec<[i64; 2]> = vectors.filter(upper).filter(inside).collect();
    let mut field = vec![0.0; space.len()];
    let mut squares = 0.0;
    for _ in 0..waves.min(vectors.len()) {
        let k = vectors.swap_remove(rng.random_range(0..vectors.len()));
        let [length, turn]: [f64; 2] = [rng.random(), rng.random()];
        // Box and Muller: a sine and a cosine of normal heights.
        let radius = (-2.0 * (1.0 - length).ln()).sqrt();
        let height = radius / (1 + k[0] * k[0] + k[1] * k[1]) as f64;
        squares += 0.5 * height * height;
        space.add(&mut field, &k, Complex64::from_polar(height, TAU * turn));
    }
    let scale = size / squares.sqrt();
    field.iter_mut().for_each(|c| *c *= scale);
    field
}

/// `x^2 cos(pi x)` on `[-1, 1]`, whose slope jumps at the ends: the integrals of `x^2 cos(n pi x)` are
/// `4 (-1)^n / (n pi)^2`, and 2/3 for n = 0.
pub fn kinked(space: &Fourier) -> Vec<f64> {
    let integral = |n: i64| match n {
        0 => 2.0 / 3.0,
        n => 4.0 * if n % 2 == 0 { 1.0 } else { -1.0 } / (n as f64 * PI).powi(2),
    };
    let mut field = vec![0.0; space.len()];
    for k in 0..=(space.modes / 2) as i64 {
        let height = 0.5 * (integral(k - 1) + integral(k + 1));
        let height = if k == 0 { 0.5 * height } else { height };
        // The waves are counted from the lower end, -1.
        let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
        space.add(&mut field, &[k], Complex64::from(sign * height));
    }
    field
}
