//! Flows in Wasserstein space that several tests share.

pub use super::common::energy;
use movimento::initial::profile::{Mixture, Profile};
use movimento::{Energy, Initial, Options, Solver};
use std::sync::Arc;

pub fn options(d: i64, movement: &str, tau: f64, hidden: &[i64]) -> Options {
    let mut options = Options::new();
    for (key, value) in [
        ("dimension", d.into()),
        ("flow", "wasserstein".into()),
        ("domain", "space".into()),
        ("lower", vec![-4.0].into()),
        ("upper", vec![4.0].into()),
        ("movement", movement.into()),
        ("tau", tau.into()),
        ("hidden", hidden.into()),
    ] {
        let value: movimento::options::Value = value;
        options.set(key, value).unwrap();
    }
    options
}

pub fn solver(options: &Options, energies: &[Energy], start: Arc<dyn Profile>) -> Solver {
    let mut solver = Solver::new(options).unwrap();
    for energy in energies {
        solver.add_energy(energy).unwrap();
    }
    solver.set_initial(Initial::Density(start)).unwrap();
    solver
}

pub fn density(solver: &Solver, y: &[f64]) -> Vec<f64> {
    let mut rho = vec![0.0; y.len() / solver.domain().dimension()];
    solver.evaluate(y, &mut rho, None).unwrap();
    rho
}

/// A grid of cell centres of `[-half, half]^d`, which no rule of labels shares.
pub fn grid(d: usize, half: f64, n: usize) -> Vec<f64> {
    let at = |i: usize| half * (2.0 * (i as f64 + 0.5) / n as f64 - 1.0);
    let point = |k: usize| (0..d).map(move |axis| at(k / n.pow(axis as u32) % n));
    (0..n.pow(d as u32)).flat_map(point).collect()
}

pub fn exact(profile: &dyn Profile, y: &[f64]) -> Vec<f64> {
    let mut rho = vec![0.0; y.len() / profile.dimension()];
    profile.density(y, &mut rho, None).unwrap();
    rho
}

pub fn standard(d: usize) -> Arc<Mixture> {
    let identity: Vec<f64> = (0..d * d)
        .map(|k| f64::from(u8::from(k % (d + 1) == 0)))
        .collect();
    Arc::new(Mixture::new(d, &[1.0], &vec![0.0; d], &identity).unwrap())
}

/// Drift to c down `(x - c)^T A (x - c) / 2` and diffusion.
pub fn ornstein_uhlenbeck(a: &[f64], c: &[f64]) -> Vec<Energy> {
    vec![
        energy("internal", "entropy", &[]),
        energy(
            "potential",
            "potential-quadratic",
            &[("a", a), ("center", c)],
        ),
    ]
}

/// A covariance that does not commute with the potential's, so that the axes turn.
pub fn turning(movement: &str, tau: f64, steps: usize) -> Solver {
    let a = [2.5, 1.5, 1.5, 2.5];
    let start = Mixture::new(2, &[1.0], &[0.0, 0.0], &[1.0, 0.0, 0.0, 0.25]).unwrap();
    let mut options = options(2, movement, tau, &[6]);
    options.set("tolerance", 1e-6).unwrap();
    let energies = ornstein_uhlenbeck(&a, &[1.0 / 3.0, -1.0 / 3.0]);
    let mut solver = solver(&options, &energies, Arc::new(start));
    for _ in 0..steps {
        solver.step().unwrap();
    }
    solver
}
