//! Initial data by their coefficients.

use super::Cosines;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::f64::consts::PI;

/// `constant + sum weight 1{|x - centre| < radius}` over discs `(centre, radius, weight)`. A disc
/// has to lie inside the square, or to be cut in quarters by a corner at which the square is one
/// quarter of a symmetric whole.
///
/// Cosines about the centre of a disc integrate over it to `2 pi r J_1(q r) / q`, sines to nothing.
pub fn discs(space: &Cosines, constant: f64, discs: &[([f64; 2], f64, f64)]) -> Vec<f64> {
    let modes = space.modes;
    let q = |k: usize| k as f64 * PI / space.length;
    let norm = |k: usize| if k == 0 { 1.0 } else { 2.0 } / space.length;
    let mut field = vec![0.0; modes * modes];
    for &(centre, radius, weight) in discs {
        let at_corner = centre.iter().all(|c| *c == space.lower);
        let weight = if at_corner { 0.25 * weight } else { weight };
        for (k, c) in field.iter_mut().enumerate() {
            let (i, j) = (k / modes, k % modes);
            let [x, y] = centre.map(|c| c - space.lower);
            let wave = q(i).hypot(q(j));
            let integral = if wave == 0.0 {
                PI * radius * radius
            } else {
                2.0 * PI * radius * libm::j1(wave * radius) / wave
            };
            *c += weight * norm(i) * norm(j) * (q(i) * x).cos() * (q(j) * y).cos() * integral;
        }
    }
    field[0] += constant;
    field
}

/// A smooth random field: coefficients of the lowest `active` modes per axis, uniform in
/// `[-amplitude, amplitude]`.
pub fn random(space: &Cosines, active: usize, amplitude: f64, seed: u64) -> Vec<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut field = vec![0.0; space.modes * space.modes];
    for row in field.chunks_exact_mut(space.modes).take(active) {
        for c in row.iter_mut().take(active) {
            *c = amplitude * (2.0 * rng.random::<f64>() - 1.0);
        }
    }
    field
}

/// The value at a point of the field that [`discs`] has the coefficients of.
pub fn inside_discs(x: [f64; 2], constant: f64, discs: &[([f64; 2], f64, f64)]) -> f64 {
    let inside = |centre: [f64; 2], radius| (x[0] - centre[0]).hypot(x[1] - centre[1]) < radius;
    let parts = discs
        .iter()
        .filter(|(centre, radius, _)| inside(*centre, *radius));
    constant + parts.map(|(_, _, weight)| weight).sum::<f64>()
}
