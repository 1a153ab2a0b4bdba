//! Posteriors of Bayesian models, which the flow of the relative entropy carries the prior to, by defaults:
//! moments against sums over a fine grid.

use crate::support::wasserstein::{self, energy};
use movimento::energy::{Batch, Derivatives, Differences, EnergyDensity, Traits};
use movimento::initial::profile::Mixture;
use movimento::{Energy, Initial, Result, Solver};
use std::sync::Arc;

const D: usize = 3;

/// Observations, and the true coefficients.
const DATA: usize = 40;
const TRUTH: [f64; D] = [1.2, -0.7, 0.4];

/// The regressors of an observation, and which of two it is, as a generator of low discrepancy has it.
fn observation(i: usize) -> ([f64; D], f64) {
    let part = |step: f64| (i as f64 * step).fract();
    let a = [0.618, 0.414, 0.732].map(|step| 2.4 * (part(step) - 0.5));
    let z: f64 = a.iter().zip(TRUTH).map(|(a, b)| a * b).sum();
    (
        a,
        f64::from(u8::from(part(0.236) < 1.0 / (1.0 + (-z).exp()))),
    )
}

/// `rho V`, V minus the logarithm of the posterior of a logistic regression with a normal prior, but for a
/// constant.
struct Posterior {
    data: Vec<([f64; D], f64)>,
}

impl Posterior {
    fn new() -> Self {
        Self {
            data: (0..DATA).map(observation).collect(),
        }
    }

    fn v(&self, x: &[f64]) -> f64 {
        let prior: f64 = x.iter().map(|x| 0.5 * x * x).sum();
        let likelihood = self.data.iter().map(|(a, y)| {
            let z: f64 = a.iter().zip(x).map(|(a, b)| a * b).sum();
            z.max(0.0) + (-z.abs()).exp().ln_1p() - y * z
        });
        prior + likelihood.sum::<f64>()
    }
}

impl EnergyDensity for Posterior {
    fn traits(&self) -> Traits {
        Traits {
            uses_position: true,
            convex: true,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        for (i, (x, rho)) in batch.x.chunks_exact(D).zip(batch.u).enumerate() {
            let v = self.v(x);
            if let Some(f) = &mut wanted.f {
                f[i] = rho * v;
            }
            if let Some(f_u) = &mut wanted.f_u {
                f_u[i] = v;
            }
        }
        Ok(())
    }
}

/// Mean and variances of the posterior.
fn known() -> ([f64; D], [f64; D]) {
    let (n, half, posterior) = (36, 3.5, Posterior::new());
    let at = |i: usize| half * (2.0 * (i as f64 + 0.5) / n as f64 - 1.0);
    let mut sums = [0.0; 1 + 2 * D];
    for cell in 0..n * n * n {
        let x = [at(cell / (n * n)), at(cell / n % n), at(cell % n)];
        let weight = (-posterior.v(&x)).exp();
        sums[0] += weight;
        for a in 0..D {
            sums[1 + a] += weight * x[a];
            sums[1 + D + a] += weight * x[a] * x[a];
        }
    }
    let mean = [0, 1, 2].map(|a| sums[1 + a] / sums[0]);
    let variance = [0, 1, 2].map(|a| sums[1 + D + a] / sums[0] - mean[a] * mean[a]);
    (mean, variance)
}

#[test]
fn a_logistic_regression_has_the_moments_of_its_posterior() {
    let (mean, variance) = known();
    for seed in 1..3 {
        let mut options = wasserstein::options(D as i64, "euler", 0.5, &[0]);
        options.set("seed", seed).unwrap();
        let mut solver = Solver::new(&options).unwrap();
        solver
            .add_energy(&energy("internal", "entropy", &[]))
            .unwrap();
        let posterior = Differences::with_position(Posterior::new());
        let posterior = Energy::from_density("posterior", Arc::new(posterior));
        solver.add_energy(&posterior).unwrap();
        let square: Vec<f64> = (0..D * D)
            .map(|k| f64::from(u8::from(k % (D + 1) == 0)))
            .collect();
        let prior = Mixture::new(D, &[1.0], &[0.0; D], &square).unwrap();
        solver
            .set_initial(Initial::Density(Arc::new(prior)))
            .unwrap();
        solver.step_to(5.0).unwrap();
        let (found, squares) = solver.moments().unwrap();
        for a in 0..D {
            let off = (found[a] - mean[a]).abs() / variance[a].sqrt();
            println!("seed {seed}, axis {a}: mean off {off:.1e}");
            assert!(off < 4e-3, "seed {seed}, axis {a}: {off:e}");
            let off = (squares[a * (D + 1)] / variance[a] - 1.0).abs();
            println!("seed {seed}, axis {a}: variance off {off:.1e}");
            assert!(off < 1.2e-2, "seed {seed}, axis {a}: variance {off:e}");
        }
    }
}
