//! Pointwise densities at points that carry a measure.

use super::measure::Measure;
use crate::energy::{Batch, Derivatives, EnergyDensity, evaluate_sum};
use crate::error::Result;
use crate::parallel::Pool;
use std::sync::Arc;

/// Points that one call of a density takes.
const BATCH: usize = 512;

/// The pointwise densities at the points.
#[derive(Clone, Debug, Default)]
pub struct Local {
    /// `f`, `[n]`.
    pub f: Vec<f64>,
    /// `df/drho`, `[n]`.
    pub f_u: Vec<f64>,
    /// `d2f/drho2`, `[n]`.
    pub f_uu: Vec<f64>,
    /// `df/dy` where rho is held fixed, `[n][d]`.
    pub f_x: Vec<f64>,
    /// The force for each `grad ln m` of the masses that carry the measure, which kernels make in their cells,
    /// `[n]`; empty where masses do not count.
    pub of_mass: Vec<f64>,
}

/// Which derivatives of the densities are wanted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Debug)]
pub(in crate::flow) enum Order {
    /// `f_x` alone.
    Force,
    Value,
    /// f and `f_u`.
    Density,
    First,
    Second,
}

/// The sum of densities and its derivatives, as far as `order` asks.
///
/// # Errors
/// Errors of the energies and of the threads.
pub(super) fn evaluate(
    pool: &Pool,
    densities: &[Arc<dyn EnergyDensity>],
    measure: &Measure<'_>,
    order: Order,
    local: &mut Local,
) -> Result<()> {
    let (n, d) = (measure.rho.len(), measure.d);
    local.f.resize(n, 0.0);
    local.f_u.resize(n, 0.0);
    local.f_uu.resize(n, 0.0);
    local.f_x.resize(n * d, 0.0);
    // No density depends on the gradient.
    let here = densities.iter().any(|d| d.traits().caller_thread_only);
    let batch = if here { n.max(1) } else { BATCH };
    let p = vec![0.0; batch * d];
    let tasks = measure.y.chunks(batch * d).zip(measure.rho.chunks(batch));
    let outputs = local.f.chunks_mut(batch).zip(local.f_u.chunks_mut(batch));
    let second = local.f_uu.chunks_mut(batch);
    let outputs = outputs.zip(second.zip(local.f_x.chunks_mut(batch * d)));
    let task = |((x, u), ((f, f_u), (f_uu, f_x))): ((&[f64], &[f64]), _)| {
        let (first, second) = (order >= Order::First, order >= Order::Second);
        let batch = Batch {
            c: 1,
            d,
            t: measure.t,
            x,
            u,
            p: &p[..x.len()],
            h: &[],
        };
        let force = order == Order::Force;
        let mut wanted = Derivatives {
            f: Some(f).filter(|_| !force),
            f_u: Some(f_u).filter(|_| order >= Order::Density),
            f_x: Some(f_x).filter(|_| first || force),
            f_uu: Some(f_uu).filter(|_| second),
            ..Derivatives::default()
        };
        evaluate_sum(densities, &batch, &mut wanted)
    };
    if here {
        tasks.zip(outputs).try_for_each(task)
    } else {
        pool.try_for_each(tasks.zip(outputs), task)
    }
}
