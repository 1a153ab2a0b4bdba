//! Whether kernels are smooth where their points meet.

use super::measure::Measure;
use crate::domain::ball_volume;
use crate::energy::{PairBatch, PairKernel};
use crate::error::Result;
use std::sync::Arc;

/// Masses around which kernels are looked at.
const LOOKS: usize = 8;

/// Distances, relative to the radius of the cell that a mass stands for.
const NEAR: [f64; 3] = [1e-1, 1e-2, 1e-3];

/// A kernel whose mean over the directions goes with a lower power of the distance than this bends at 0: those of smooth
/// ones go with the square.
const POWER: f64 = 1.7;

/// Changes that are no more than this of a kernel are what rounding makes.
const ROUNDING: f64 = 1e-9;

/// Whether every kernel is smooth where its points meet, by the masses of a measure.
///
/// # Errors
/// Errors of the energies.
pub(super) fn are_smooth(kernels: &[Arc<dyn PairKernel>], measure: &Measure<'_>) -> Result<bool> {
    let (d, n) = (measure.d, measure.w.len());
    let looks = (0..n)
        .step_by(n.div_ceil(LOOKS).max(1))
        .filter(|i| measure.w[*i] > 0.0 && measure.rho[*i] > 0.0);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for i in looks {
        let y = &measure.y[i * d..(i + 1) * d];
        let cell = measure.w[i] / measure.rho[i];
        let radius = (cell / ball_volume(d)).powf(1.0 / d as f64);
        for part in NEAR {
            for direction in 0..2 * d {
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
    for kernel in kernels {
        kernel.evaluate(&batch, Some(&mut values), None)?;
        let bends = |values: &[f64]| {
            let mean = |at: usize| {
                let own = &values[2 * d * at..2 * d * (at + 1)];
                own.iter().sum::<f64>() / own.len() as f64
            };
            let [far, near, nearest] = [0, 1, 2].map(mean);
            let (outer, inner) = ((far - near).abs(), (near - nearest).abs());
            let least = ROUNDING * near.abs().max(nearest.abs());
            inner > least && inner > outer * (NEAR[1] / NEAR[0]).powf(POWER)
        };
        if values.chunks_exact(2 * d * NEAR.len()).any(bends) {
            return Ok(false);
        }
    }
    Ok(true)
}
