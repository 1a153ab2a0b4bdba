//! Planes for the features of a potential: half of them in any direction, half across what its gradient
//! changes by from label to label beyond an affine function, so that they lie where and as the potential
//! bends. After Bolager, Burak, Datar, Sun and Dietrich, "Sampling weights of deep neural networks", 2023.

use super::features::Features;
use crate::error::Result;
use crate::flow::least_squares::least_squares;
use crate::parallel::Pool;
use crate::quadrature::{Quadrature, normal};
use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

/// Pairs of labels that are looked at for each plane.
const PAIRS: usize = 8;

/// How steep planes are, in coordinates of the features.
const STEEPNESS: [f64; 2] = [0.5, 5.0];

/// Half of the width of the labels' distribution, in standard deviations, that a unit of the coordinates is.
const WIDTH: f64 = 2.0;

/// Labels with the gradient of a potential there.
#[derive(Clone, Copy)]
pub(super) struct Bent<'a> {
    /// `[n][d]`
    pub x: &'a [f64],
    /// `[n][d]`
    pub slope: &'a [f64],
    pub masses: &'a [f64],
}

/// The mean of positions along each axis, and their width.
pub(super) fn frame(x: &[f64], masses: &[f64], d: usize) -> (Vec<f64>, Vec<f64>) {
    let whole: f64 = masses.iter().sum();
    let moment = |axis: usize, about: f64, power: i32| -> f64 {
        let along = x.iter().skip(axis).step_by(d).zip(masses);
        along.map(|(x, w)| w * (x - about).powi(power)).sum::<f64>() / whole
    };
    let centre: Vec<f64> = (0..d).map(|a| moment(a, 0.0, 1)).collect();
    let widths = centre.iter().enumerate().map(|(a, c)| {
        let deviation = moment(a, *c, 2).sqrt();
        WIDTH * deviation.max(f64::MIN_POSITIVE.sqrt())
    });
    let widths = widths.collect();
    (centre, widths)
}

/// Features of so many planes.
///
/// # Errors
/// Errors of the threads.
pub(super) fn draw(
    pool: &Pool,
    labels: Bent<'_>,
    planes: usize,
    external: bool,
    rng: &mut Xoshiro256PlusPlus,
) -> Result<Features> {
    let n = labels.masses.len();
    let d = labels.x.len() / n;
    let (centre, scale) = frame(labels.x, labels.masses, d);
    let axes = || centre.iter().zip(&scale).cycle();
    let z = labels.x.iter().zip(axes()).map(|(x, (c, s))| (x - c) / s);
    let z: Vec<f64> = z.collect();
    let bent = beyond_affine(pool, &z, labels.slope, &scale)?;
    let pairs: Vec<[usize; 2]> = (0..PAIRS * planes)
        .map(|_| [rng.random_range(0..n), rng.random_range(0..n)])
        .collect();
    let across = |[i, j]: [usize; 2]| -> Vec<f64> {
        (0..d).map(|a| bent[i * d + a] - bent[j * d + a]).collect()
    };
    // Those with the least `E / size`, E exponentially distributed, are a sample by size.
    let mut keyed: Vec<(f64, [usize; 2])> = pairs
        .iter()
        .map(|pair| {
            let wait = -(1.0 - rng.random::<f64>()).ln();
            (wait / length(&across(*pair)).max(f64::MIN_POSITIVE), *pair)
        })
        .collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    let any = normal(&Quadrature::MonteCarlo { nodes: planes }, planes, d, rng);
    let (mut weights, mut biases) = (Vec::new(), Vec::new());
    for (k, (any, (_, pair))) in any.chunks_exact(d).zip(&keyed).enumerate() {
        let mut direction = across(*pair);
        if k % 2 == 0 || length(&direction) <= f64::MIN_POSITIVE {
            direction = any.to_vec();
        }
        let steep = STEEPNESS[0] + (STEEPNESS[1] - STEEPNESS[0]) * rng.random::<f64>();
        let size = steep / length(&direction);
        direction.iter_mut().for_each(|w| *w *= size);
        let part = rng.random::<f64>();
        let [i, j] = *pair;
        let offset =
            (0..d).map(|a| direction[a] * (part * z[i * d + a] + (1.0 - part) * z[j * d + a]));
        biases.push(-offset.sum::<f64>());
        weights.extend(direction);
    }
    weights.extend(biases);
    Ok(Features::of(weights, centre, scale, external))
}

/// Gradients in z, `[n][d]`, less the affine function of z that is closest to them.
fn beyond_affine(pool: &Pool, z: &[f64], slope: &[f64], scale: &[f64]) -> Result<Vec<f64>> {
    let d = scale.len();
    let rows = z
        .chunks_exact(d)
        .flat_map(|z| std::iter::once(1.0).chain(z.iter().copied()));
    let rows: Vec<f64> = rows.collect();
    let mut left = slope.to_vec();
    for (a, s) in scale.iter().enumerate() {
        let wanted: Vec<f64> = slope.iter().skip(a).step_by(d).map(|g| g * s).collect();
        let affine = least_squares(pool, &rows, &wanted, d + 1, 0.0)?;
        let points = rows.chunks_exact(d + 1).zip(&wanted).enumerate();
        for (i, (row, wanted)) in points {
            left[i * d + a] = wanted - super::features::inner(row, &affine);
        }
    }
    Ok(left)
}

fn length(v: &[f64]) -> f64 {
    v.iter().map(|v| v * v).sum::<f64>().sqrt()
}
