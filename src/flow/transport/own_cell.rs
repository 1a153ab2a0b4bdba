//! What a kernel that is singular at `x = y` does within the cell of each mass.
//!
//! A sum over pairs of masses leaves out `i = j`, and with it the integral of W over the cell that the mass `m` stands
//! for, of volume `v = m / rho`: of the energy, `m^2 omega(v) / 2` with the mean `omega` that the rest of a regular
//! lattice lacks. Its part of the force is as large as that of the lattice's other errors is small: with the logarithm
//! in the plane it is `-c/2 h^2 grad rho`, and the virial of the pairs is `1 - sum m^2` of what it should be.
//! Where W is about `a + b r^g` near 0 (a logarithm where g is 0),
//!
//! `omega(v) = W(R) - s (1/(d + g) + k)`, `s = R W'(R)`, `v = |B| R^d`, `k = d |B|^(2/d) / 24`,
//!
//! the mean over the ball of the cell's volume, less what cells around it add to their midpoints: `v^(2/d) / 24` times
//! the Laplacian outside of the ball, which is the flux of `grad W` through its surface. Of the lattice sums of `ln r`
//! and `1/r` that differs by less than 4 %. What it does not depend on: units and offsets, and how W is given.

use super::measure::Measure;
use crate::domain::ball_volume;
use crate::energy::{PairBatch, PairKernel};
use crate::error::Result;
use crate::linear_algebra::{cholesky, solve_lower, solve_upper};
use faer::Mat;
use std::ops::Range;
use std::sync::Arc;

/// Distances at which W is looked at, relative to the radius of the ball of a cell's volume: so near that what is
/// smooth of W hardly varies there, and evenly apart in logarithm.
const NEAR: [f64; 3] = [1e-2, 1e-3, 1e-4];

/// What a singular kernel changes over the second of the two intervals, at least, relative to the first: a power of
/// `r` above 0 changes ever less.
const SINGULAR: f64 = 0.97;

/// Changes that are no more than this of W are what rounding makes.
const ROUNDING: f64 = 1e-9;

/// The power of `r` to which W is taken, relative to the last whose integral exists.
const LEAST_POWER: f64 = -0.95;

/// Labels whose pairs are one call of a kernel, about.
const LABELS: usize = 256;

/// What a kernel does in the cell of a mass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct OwnCell {
    /// `omega(v)`.
    pub value: f64,
    /// `v omega'(v)`.
    pub slope: f64,
    /// The power of v that `omega` grows with.
    pub power: f64,
}

impl OwnCell {
    /// From W at [`NEAR`] times the radius, continued to the radius as a power or a logarithm; `None` where W settles.
    fn of([far, near, nearest]: [f64; 3], d: usize) -> Option<Self> {
        let (outer, inner) = (far - near, near - nearest);
        let is_singular = inner.abs() > SINGULAR * outer.abs()
            && inner.abs() > ROUNDING * near.abs().max(nearest.abs());
        if !is_singular {
            return None;
        }
        let (dimension, span) = (d as f64, (NEAR[0] / NEAR[1]).ln());
        let power = match outer / inner {
            ratio if ratio > 0.0 => (ratio.ln() / span).clamp(LEAST_POWER * dimension, 0.0),
            _ => 0.0,
        };
        // The integral of r^(power - 1) over an interval of ln r that ends at 1.
        let grown = |span: f64| match power.abs() < 1e-6 {
            true => span,
            false => -(-power * span).exp_m1() / power,
        };
        let steepness = outer / grown(span) * NEAR[0].powf(-power);
        let at = far + steepness * grown(-NEAR[0].ln());
        let missing = 1.0 / (dimension + power) + midpoints(d);
        Some(Self {
            value: at - steepness * missing,
            slope: steepness / dimension * (1.0 - power * missing),
            power: power / dimension,
        })
    }
}

/// The part k of a cell's neighbours.
fn midpoints(d: usize) -> f64 {
    d as f64 * ball_volume(d).powf(2.0 / d as f64) / 24.0
}

/// What a kernel does in the cell of each mass of a measure; `None` where a kernel is finite, and
/// where there is no mass.
pub(super) fn own_cells(
    kernel: &Arc<dyn PairKernel>,
    measure: &Measure<'_>,
) -> Result<Vec<Option<OwnCell>>> {
    let d = measure.d;
    let ball = ball_volume(d);
    let mut cells = Vec::with_capacity(measure.w.len());
    let directions = 2 * d;
    let groups = measure
        .y
        .chunks(LABELS * d)
        .zip(measure.w.chunks(LABELS).zip(measure.rho.chunks(LABELS)));
    for (y, (w, rho)) in groups {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for (y, (w, rho)) in y.chunks_exact(d).zip(w.iter().zip(rho)) {
            let radius = (w / rho / ball).powf(1.0 / d as f64);
            let radius = if radius.is_finite() { radius } else { 0.0 };
            for part in NEAR {
                for direction in 0..directions {
                    left.extend_from_slice(y);
                    right.extend_from_slice(y);
                    let at = right.len() - d + direction / 2;
                    right[at] += radius * part * if direction % 2 == 0 { 1.0 } else { -1.0 };
                }
            }
        }
        let batch = PairBatch {
            d,
            t: measure.t,
            x: &left,
            y: &right,
        };
        let mut values = vec![0.0; batch.n()];
        kernel.evaluate(&batch, Some(&mut values), None)?;
        for (values, w) in values.chunks_exact(NEAR.len() * directions).zip(w) {
            let mean = |at: usize| {
                let at = &values[at * directions..(at + 1) * directions];
                at.iter().sum::<f64>() / directions as f64
            };
            let near = [mean(0), mean(1), mean(2)];
            cells.push(OwnCell::of(near, d).filter(|_| *w != 0.0));
        }
    }
    Ok(cells)
}

/// `grad ln v` in each label that `own` counts, `[n][d]`, of labels with masses w and densities rho: how the cells of
/// labels widen, by a local regression.
pub(super) fn widening(all: &Measure<'_>, own: Range<usize>) -> Vec<f64> {
    let d = all.d;
    let sizes = all.w.iter().zip(all.rho).map(|(w, rho)| (w / rho).ln());
    let sizes: Vec<f64> = sizes.collect();
    let mut slopes = vec![0.0; own.len() * d];
    for (label, out) in own.zip(slopes.chunks_exact_mut(d)) {
        let at = &all.y[label * d..(label + 1) * d];
        if sizes[label].is_finite() {
            regress(d, at, sizes[label], (all.y, &sizes), out);
        }
    }
    slopes
}

/// The slope at a point of values at points, with weights that fall over a cell's width.
fn regress(d: usize, at: &[f64], size: f64, (x, values): (&[f64], &[f64]), out: &mut [f64]) {
    let width = (size / d as f64).exp();
    // Beyond six widths a weight is nothing.
    let near = x.chunks_exact(d).zip(values).filter_map(|(x, value)| {
        let z: Vec<f64> = x.iter().zip(at).map(|(x, at)| (x - at) / width).collect();
        let square = z.iter().map(|z| z * z).sum::<f64>();
        (square < 36.0 && value.is_finite()).then(|| ((-0.5 * square).exp(), z, value - size))
    });
    let near: Vec<(f64, Vec<f64>, f64)> = near.collect();
    let total: f64 = near.iter().map(|(k, ..)| k).sum();
    let mut mean = vec![0.0; d + 1];
    for (k, z, value) in &near {
        mean.iter_mut()
            .zip(z.iter().chain(std::iter::once(value)))
            .for_each(|(mean, z)| *mean += k * z / total);
    }
    let mut matrix = Mat::<f64>::identity(d, d) * 1e-6;
    let mut right = Mat::<f64>::zeros(d, 1);
    for (k, z, value) in &near {
        for i in 0..d {
            let from = k * (z[i] - mean[i]) / total;
            right[(i, 0)] += from * (value - mean[d]);
            for j in 0..d {
                matrix[(i, j)] += from * (z[j] - mean[j]);
            }
        }
    }
    let Some(lower) = cholesky(matrix.as_ref()) else {
        return;
    };
    solve_lower(lower.as_ref(), right.as_mut());
    solve_upper(lower.transpose(), right.as_mut());
    for (i, out) in out.iter_mut().enumerate() {
        *out = right[(i, 0)] / width;
    }
}

#[cfg(test)]
mod tests;
