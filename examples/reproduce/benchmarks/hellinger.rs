//! A flow in the Hellinger distance: its density is `u^2/4`, of which L2 is that distance.

use crate::exact::{Exact, start_from};
use crate::problem::term;
use movimento::energy::{Batch, Derivatives, EnergyDensity, SuppliedDerivatives, Traits};
use movimento::{Energy, Result, Solver};
use std::f64::consts::TAU;
use std::sync::Arc;

/// Half of the box's side, and points of its grid along an axis.
pub const HALF: f64 = 6.0;
const GRID: usize = 241;

/// Weights and means of the target's parts, whose covariances are 1.
const PARTS: [(f64, [f64; 2]); 2] = [(0.65, [1.2, 0.5]), (0.35, [-1.2, -0.8])];

/// The variance of the start.
pub const VARIANCE: f64 = 1.5;

/// `ln pi`, a mixture of Gaussians.
pub fn target(x: &[f64]) -> f64 {
    let part = |(weight, mean): &(f64, [f64; 2])| {
        let square: f64 = x.iter().zip(mean).map(|(x, m)| (x - m).powi(2)).sum();
        weight * (-0.5 * square).exp() / TAU
    };
    PARTS.iter().map(part).sum::<f64>().ln()
}

/// The gradient of `ln pi`.
pub fn target_slope(x: &[f64], slope: &mut [f64]) {
    let whole = target(x);
    slope.fill(0.0);
    for (weight, mean) in &PARTS {
        let square: f64 = x.iter().zip(mean).map(|(x, m)| (x - m).powi(2)).sum();
        let share = weight * (-0.5 * square - whole).exp() / TAU;
        let axes = slope.iter_mut().zip(x.iter().zip(mean));
        axes.for_each(|(s, (x, m))| *s -= share * (x - m));
    }
}

/// `ln rho_0`, a Gaussian.
fn start(x: &[f64]) -> f64 {
    let square: f64 = x.iter().map(|x| x * x).sum();
    -0.5 * square / VARIANCE - (VARIANCE * TAU).ln()
}

/// `rho_0^a pi^(1 - a)`.
pub fn power(x: &[f64], a: f64) -> f64 {
    (a * start(x) + (1.0 - a) * target(x)).exp()
}

/// Its mass.
pub fn mass(a: f64) -> f64 {
    let width = 2.0 * HALF / (GRID - 1) as f64;
    let at = |k: usize| width * k as f64 - HALF;
    let grid = (0..GRID * GRID).map(|k| power(&[at(k / GRID), at(k % GRID)], a));
    width * width * grid.sum::<f64>()
}

/// `rho ln (rho / pi)` of `rho = u^2/4`.
struct Divergence;

impl EnergyDensity for Divergence {
    fn traits(&self) -> Traits {
        Traits {
            uses_position: true,
            derivatives: SuppliedDerivatives::ValueAndSlopes,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        wanted.each(|array| array.fill(0.0));
        for (node, (x, u)) in batch.x.chunks_exact(batch.d).zip(batch.u).enumerate() {
            let rho = 0.25 * u * u;
            let ratio = rho.max(f64::MIN_POSITIVE).ln() - target(x);
            if let Some(f) = &mut wanted.f {
                f[node] = rho * ratio;
            }
            if let Some(f_u) = &mut wanted.f_u {
                f_u[node] = 0.5 * u * (ratio + 1.0);
            }
        }
        Ok(())
    }
}

pub fn divergence() -> Result<Vec<Energy>> {
    Ok(vec![Energy::from_density(
        "divergence",
        Arc::new(Divergence),
    )])
}

/// `rho_t` is `rho_0^a pi^(1 - a)`, `a = e^-t`, up to its mass.
pub struct Reacting;

impl Exact for Reacting {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        solver.hold_integral(&term("quadratic", &[("kappa", &[0.5])])?, 1.0)?;
        start_from(solver, |x, u| {
            for (x, u) in x.chunks_exact(2).zip(u) {
                *u = 2.0 * (0.5 * start(x)).exp();
            }
        })
    }

    fn solution(&mut self, x: &[f64], time: f64) -> Vec<f64> {
        let a = (-time).exp();
        let mass = mass(a);
        let points = x.chunks_exact(2);
        points.map(|x| 2.0 * (power(x, a) / mass).sqrt()).collect()
    }
}
