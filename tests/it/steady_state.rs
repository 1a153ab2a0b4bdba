//! Flows that have come to rest go on being stepped: there is little left that a tolerance is relative to.

use crate::support::problems::{dirichlet, on_grid, small, start_from};
use crate::support::wasserstein;
use movimento::initial::profile::Mixture;
use movimento::{Options, Solver};
use std::f64::consts::PI;
use std::sync::Arc;

#[test]
fn a_steady_state_is_stepped_on() {
    // As far from the mean as what the steps on the way there left undone.
    for (form, movement, accepted) in [
        ("weak", "euler", 1e-3),
        ("weak", "third", 1e-6),
        ("residual", "euler", 1e-3),
        ("residual", "second", 5e-5),
        ("galerkin", "second", 5e-5),
    ] {
        let mut options = small(1, 0.0, 1.0, &[8]);
        options.set("form", form).unwrap();
        options.set("movement", movement).unwrap();
        options.set("tau", 0.1).unwrap();
        let mut solver = Solver::new(&options).unwrap();
        solver.add_energy(&dirichlet(1.0)).unwrap();
        start_from(&mut solver, |x| 2.0 + (PI * x[0]).cos());
        for step in 0..300 {
            solver
                .step()
                .unwrap_or_else(|e| panic!("{form} {movement} {step}: {e}"));
        }
        let (_, u) = on_grid(&solver, 100);
        let furthest = u.iter().fold(0.0_f64, |far, u| far.max((u - 2.0).abs()));
        assert!(furthest < accepted, "{form}, {movement}: {furthest:e}");
    }
}

#[test]
fn a_map_is_stepped_to_its_steady_state_and_on() {
    // As a stranger would: with long steps, and with what the options are by default.
    let mut options = Options::new();
    for (key, value) in [
        ("flow", "wasserstein"),
        ("domain", "space"),
        ("movement", "second"),
    ] {
        options.set(key, value).unwrap();
    }
    options.set("dimension", 2).unwrap();
    options.set("tau", 0.05).unwrap();
    let start = Mixture::new(2, &[1.0], &[0.0, 0.0], &[1.0, 0.0, 0.0, 0.25]).unwrap();
    let (drift, centre) = ([2.5, 1.5, 1.5, 2.5], [1.0 / 3.0, -1.0 / 3.0]);
    let energies = wasserstein::ornstein_uhlenbeck(&drift, &centre);
    let mut solver = wasserstein::solver(&options, &energies, Arc::new(start));
    for step in 0..240 {
        solver.step().unwrap_or_else(|e| panic!("{step}: {e}"));
    }
    // Its covariance is the inverse of the drift.
    let covariance = [0.625, -0.375, -0.375, 0.625];
    let steady = Mixture::new(2, &[1.0], &centre, &covariance).unwrap();
    let y = wasserstein::grid(2, 2.5, 21);
    let (rho, expected) = (
        wasserstein::density(&solver, &y),
        wasserstein::exact(&steady, &y),
    );
    let pairs = rho.iter().zip(&expected);
    let furthest = pairs.fold(0.0_f64, |far, (a, b)| far.max((a - b).abs()));
    assert!(furthest < 2e-5, "{furthest:e}");
}
