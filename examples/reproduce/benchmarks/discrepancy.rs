//! Maximum mean discrepancy on a line, to a target known by points that are even on [0, 1]: the quantiles of the flow
//! are `Q(s, t) = s + (Q(s, 0) - s) exp(-2 t)`.

use crate::exact::Exact;
use crate::problem::term;
use movimento::initial::profile::OnBox;
use movimento::{Energy, Initial, Result, Solver};
use std::sync::Arc;

/// Points of the target.
const POINTS: usize = 1000;

/// Where the mass is at first, evenly.
const FROM: f64 = 0.2;
const TO: f64 = 0.4;

pub fn energies() -> Result<Vec<Energy>> {
    let target: Vec<f64> = (0..POINTS)
        .map(|j| (j as f64 + 0.5) / POINTS as f64)
        .collect();
    Ok(vec![term("mmd", &[("target", &target)])?])
}

pub struct Discrepancy;

impl Exact for Discrepancy {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        let density = |x: &[f64], rho: &mut [f64]| {
            let even = 1.0 / (TO - FROM);
            for (x, rho) in x.iter().zip(rho) {
                *rho = if (FROM..TO).contains(x) { even } else { 0.0 };
            }
            Ok(())
        };
        let start = OnBox::new(solver.domain().clone(), Arc::new(density))?;
        solver.set_initial(Initial::Density(Arc::new(start)))
    }

    /// The largest error of quantiles.
    fn moment_error(&self, solver: &Solver) -> Result<Option<f64>> {
        let probabilities: Vec<f64> = (1..20).map(|k| f64::from(k) / 20.0).collect();
        let found = solver.quantiles(0, &probabilities)?;
        let decay = (-2.0 * solver.time()).exp();
        let exact = |s: f64| s + (FROM + (TO - FROM) * s - s) * decay;
        let errors = found.iter().zip(probabilities);
        Ok(errors.map(|(q, s)| (q - exact(s)).abs()).reduce(f64::max))
    }
}
