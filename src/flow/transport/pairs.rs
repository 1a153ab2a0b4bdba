//! Interactions with a measure at points.

use super::measure::Measure;
use crate::energy::{PairBatch, PairKernel};
use crate::error::Result;
use crate::linear_algebra::dot;
use crate::parallel::Pool;
use std::sync::Arc;

/// Pairs that one call of a kernel takes, about.
const PAIRS: usize = 1 << 14;

/// The interactions at the points.
#[derive(Clone, Debug, Default)]
pub struct Pairs {
    /// `(W * rho)(y)`, `[n]`.
    pub potential: Vec<f64>,
    /// Its gradient in y, `[n][d]`.
    pub gradient: Vec<f64>,
}

/// The sum of the kernels' interactions with a measure at points y, `[n][d]`, with gradients where they are wanted.
///
/// # Errors
/// Errors of the energies and of the threads.
pub(super) fn interact(
    pool: &Pool,
    kernels: &[Arc<dyn PairKernel>],
    measure: &Measure<'_>,
    y: &[f64],
    gradients: bool,
    out: &mut Pairs,
) -> Result<()> {
    let (n, d) = (measure.w.len(), measure.d);
    let points = y.len() / d;
    out.potential.clear();
    out.potential.resize(points, 0.0);
    out.gradient.clear();
    out.gradient.resize(points * d, 0.0);
    let group = (PAIRS / n.max(1)).max(1);
    let tasks = y.chunks(group * d).zip(
        out.potential
            .chunks_mut(group)
            .zip(out.gradient.chunks_mut(group * d)),
    );
    let task = |(y, (potential, gradient)): (&[f64], (&mut [f64], &mut [f64]))| {
        let of = |y: &[f64]| y.repeat(n);
        let left: Vec<f64> = y.chunks_exact(d).flat_map(of).collect();
        let right = measure.y.repeat(potential.len());
        let batch = PairBatch {
            d,
            t: measure.t,
            x: &left,
            y: &right,
        };
        let mut w = vec![0.0; batch.n()];
        let mut w_x = vec![0.0; if gradients { left.len() } else { 0 }];
        for kernel in kernels {
            let slope = gradients.then_some(w_x.as_mut_slice());
            kernel.evaluate(&batch, Some(&mut w), slope)?;
            for (sum, w) in potential.iter_mut().zip(w.chunks_exact(n)) {
                *sum += dot(measure.w, w);
            }
            for (sum, w_x) in gradient.chunks_exact_mut(d).zip(w_x.chunks_exact(n * d)) {
                for (mass, w_x) in measure.w.iter().zip(w_x.chunks_exact(d)) {
                    sum.iter_mut().zip(w_x).for_each(|(s, g)| *s += mass * g);
                }
            }
        }
        Ok(())
    };
    match kernels.iter().any(PairKernel::caller_thread_only) {
        true => {
            let mut tasks = tasks;
            tasks.try_for_each(task)
        }
        false => pool.try_for_each(tasks, task),
    }
}
