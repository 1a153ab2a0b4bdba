//! Gaussians that drift down a quadratic potential and diffuse (Ornstein and Uhlenbeck):
//! `rho_t = div(rho grad V) + Laplacian rho`, `V = (x - c)^T A (x - c) / 2`.

use super::symmetric_divergence;
use crate::exact::Exact;
use faer::{Mat, Side};
use movimento::initial::profile::{Mixture, Profile};
use movimento::movement::Movement;
use movimento::{Initial, Result, Solver};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::sync::Arc;

/// The potential and where the flow starts.
#[derive(Clone, Debug)]
pub struct Quadratic {
    /// A, `[d][d]`, symmetric and positive definite.
    pub stiffness: Vec<f64>,
    pub centre: Vec<f64>,
    pub mean: Vec<f64>,
    pub covariance: Vec<f64>,
}

/// A random problem in dimension d that starts from the standard normal density: eigenvalues of A
/// between 1/2 and 2, in random directions.
pub fn random_quadratic(d: usize, seed: u64) -> Quadratic {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut entries = || 2.0 * rng.random::<f64>() - 1.0;
    let basis = Mat::from_fn(d, d, |_, _| entries()).qr().compute_Q();
    let eigenvalue = |i: usize| 0.5 * 4.0_f64.powf(i as f64 / (d - 1).max(1) as f64);
    let scaled = Mat::from_fn(d, d, |i, j| basis[(i, j)] * eigenvalue(j));
    let stiffness = scaled * basis.transpose();
    let even = |k: usize| 0.5 * (stiffness[(k / d, k % d)] + stiffness[(k % d, k / d)]);
    Quadratic {
        stiffness: (0..d * d).map(even).collect(),
        centre: (0..d).map(|_| entries()).collect(),
        mean: vec![0.0; d],
        covariance: identity(d),
    }
}

pub fn identity(d: usize) -> Vec<f64> {
    let entry = |k| f64::from(u8::from(k % (d + 1) == 0));
    (0..d * d).map(entry).collect()
}

pub struct Gaussian {
    problem: Quadratic,
}

impl Gaussian {
    pub const fn new(problem: Quadratic) -> Self {
        Self { problem }
    }

    fn d(&self) -> usize {
        self.problem.mean.len()
    }

    fn matrix(&self, entries: &[f64]) -> Mat<f64> {
        let d = self.d();
        Mat::from_fn(d, d, |i, j| entries[i * d + j])
    }

    /// Mean and covariance at a time.
    pub fn moments(&self, time: f64) -> Result<(Vec<f64>, Vec<f64>)> {
        let d = self.d();
        let stiffness = self.matrix(&self.problem.stiffness);
        let eigen = stiffness.self_adjoint_eigen(Side::Lower).map_err(|_| {
            movimento::Error::new(movimento::ErrorKind::Internal, "no eigenvalues of A")
        })?;
        let of = |f: &dyn Fn(f64) -> f64| {
            let scaled = Mat::from_fn(d, d, |i, j| eigen.U()[(i, j)] * f(eigen.S()[j]));
            scaled * eigen.U().transpose()
        };
        let decay = of(&|a| (-a * time).exp());
        let rest = of(&|a| -(-2.0 * a * time).exp_m1() / a);
        let covariance = &decay * self.matrix(&self.problem.covariance) * &decay + rest;
        let shift = Mat::from_fn(d, 1, |i, _| self.problem.mean[i] - self.problem.centre[i]);
        let shift = decay * shift;
        let mean = (0..d).map(|i| self.problem.centre[i] + shift[(i, 0)]);
        let even = |k: usize| 0.5 * (covariance[(k / d, k % d)] + covariance[(k % d, k / d)]);
        Ok((mean.collect(), (0..d * d).map(even).collect()))
    }

    /// Mean and covariance after steps of a scheme. Gaussians stay Gaussians under affine maps `M z + b` of
    /// standard normal labels z, and a stage solves `S/tau (M - M_c) + A M - M^-T = 0`.
    fn stepped(&self, movement: &Movement, tau: f64, steps: u64) -> Option<(Vec<f64>, Vec<f64>)> {
        let d = self.d();
        let stiffness = self.matrix(&self.problem.stiffness);
        let llt = self
            .matrix(&self.problem.covariance)
            .llt(Side::Lower)
            .ok()?;
        let mut slope = Mat::from_fn(d, d, |i, j| if j <= i { llt.L()[(i, j)] } else { 0.0 });
        let mut shift = Mat::from_fn(d, 1, |i, _| self.problem.mean[i] - self.problem.centre[i]);
        for _ in 0..steps {
            let mut stages = vec![(slope.clone(), shift.clone())];
            for row in movement.stages {
                let strength = row.iter().sum::<f64>() / tau;
                let mut centre = (Mat::zeros(d, d), Mat::zeros(d, 1));
                for (g, (m, b)) in row.iter().zip(&stages) {
                    centre.0 += m * faer::Scale(g / tau);
                    centre.1 += b * faer::Scale(g / tau);
                }
                let system = Mat::from_fn(d, d, |i, j| {
                    stiffness[(i, j)] + if i == j { strength } else { 0.0 }
                });
                let system = system.llt(Side::Lower).ok()?;
                use faer::linalg::solvers::{DenseSolveCore, Solve};
                let mut m = stages.last()?.0.clone();
                // A contraction by about tau / S.
                for _ in 0..60 {
                    let inverse = m.partial_piv_lu().inverse();
                    m = system.solve(&centre.0 + inverse.transpose());
                }
                stages.push((m, system.solve(&centre.1)));
            }
            (slope, shift) = stages.pop()?;
        }
        let covariance = &slope * slope.transpose();
        let mean = (0..d).map(|i| self.problem.centre[i] + shift[(i, 0)]);
        let entries = (0..d * d).map(|k| covariance[(k / d, k % d)]);
        Some((mean.collect(), entries.collect()))
    }

    fn profile(&self, mean: &[f64], covariance: &[f64]) -> Result<Mixture> {
        Mixture::new(self.d(), &[1.0], mean, covariance)
    }

    fn density(&self, moments: &(Vec<f64>, Vec<f64>), x: &[f64]) -> Result<Vec<f64>> {
        let mut rho = vec![0.0; x.len() / self.d()];
        self.profile(&moments.0, &moments.1)?
            .density(x, &mut rho, None)?;
        Ok(rho)
    }
}

impl Exact for Gaussian {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        let profile = self.profile(&self.problem.mean, &self.problem.covariance)?;
        solver.set_initial(Initial::Density(Arc::new(profile)))
    }

    fn solution(&mut self, x: &[f64], time: f64) -> Vec<f64> {
        let moments = self.moments(time);
        moments
            .and_then(|moments| self.density(&moments, x))
            .unwrap_or_default()
    }

    fn mean(&self, time: f64) -> Option<Vec<f64>> {
        self.moments(time).ok().map(|(mean, _)| mean)
    }

    /// Beyond four dimensions, where no grid holds the density: by samples of either.
    fn divergence(&self, solver: &Solver) -> Result<Option<f64>> {
        let d = self.d();
        if d <= 4 {
            return Ok(None);
        }
        let (mean, covariance) = self.moments(solver.time())?;
        let exact = self.profile(&mean, &covariance)?;
        let start = self.profile(&self.problem.mean, &self.problem.covariance)?;
        symmetric_divergence(solver, &start, &exact).map(Some)
    }

    fn movement(&self, x: &[f64], movement: &Movement, tau: f64, steps: u64) -> Option<Vec<f64>> {
        let moments = self.stepped(movement, tau, steps)?;
        self.density(&moments, x).ok()
    }
}
