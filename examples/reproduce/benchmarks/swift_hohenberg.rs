//! Swift and Hohenberg's equation, a flow of fourth order: stripes that grow out of long waves.

use crate::exact::{Exact, start_from};
use crate::problem::term;
use movimento::{Energy, Result, Solver};

pub fn energies() -> Result<Vec<Energy>> {
    Ok(vec![term("swift-hohenberg", &[("eps", &[0.3])])?])
}

/// Energies at times, and u(0) at the last, by a spectral method of 256 waves.
const ENERGIES: [(f64, f64); 2] = [(10.0, -0.748_493_75), (50.0, -0.754_765_790_025)];
const VALUE: (f64, f64) = (50.0, 0.631_961_76);

/// Stripes on a periodic line, from three waves of which one is unstable.
pub struct Stripes;

impl Exact for Stripes {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        start_from(solver, |x, u| {
            for (x, u) in x.iter().zip(u) {
                *u = 0.1 * x.cos() + 0.1 * (0.25 * x).cos() + 0.05 * (0.375 * x).sin();
            }
        })
    }

    /// The relative error of the energy and of u(0), where this step has come to a time at which they are known.
    fn moment_error(&self, solver: &Solver) -> Result<Option<f64>> {
        let is_now = |time: f64| (solver.time() - time).abs() < 1e-9 * time;
        let mut missed: Option<f64> = None;
        let mut compare = |found: f64, known: f64| {
            let error = (found / known - 1.0).abs();
            missed = Some(missed.map_or(error, |most| most.max(error)));
        };
        for (time, energy) in ENERGIES {
            if let Some(report) = solver.report().filter(|_| is_now(time)) {
                compare(report.energy, energy);
            }
        }
        if is_now(VALUE.0) {
            let mut u = [0.0];
            solver.evaluate(&[0.0], &mut u, None)?;
            compare(u[0], VALUE.1);
        }
        Ok(missed)
    }
}
