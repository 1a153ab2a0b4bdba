//! Bounds of a field, obstacle problems, against closed forms at points that no step trains on.

use crate::support::problems::{dirichlet, start_from};
use crate::support::restart_helpers::goes_on;
use movimento::domain::{BoundaryValue, Bounds};
use movimento::energy::{Batch, Derivatives, EnergyDensity, Traits};
use movimento::options::Value;
use movimento::{Energy, ErrorKind, Options, Result, Solver};
use std::sync::Arc;

const INF: f64 = f64::INFINITY;

fn options(d: i64, more: &[(&str, Value)]) -> Options {
    let mut options = Options::new();
    options.set("dimension", d).unwrap();
    options.set("lower", vec![-1.0]).unwrap();
    options.set("upper", vec![1.0]).unwrap();
    for (key, value) in more {
        options.set(key, value.clone()).unwrap();
    }
    options
}

/// The energy `int f u`.
fn load(f: impl Fn(&[f64]) -> f64 + Send + Sync + 'static) -> Energy {
    Energy::from_source("load", Arc::new(move |_: f64, x: &[f64]| -f(x)))
}

fn of_place(d: usize, both: impl Fn(&[f64]) -> [f64; 2] + Send + Sync + 'static) -> Bounds {
    Bounds::Function(Arc::new(
        move |x: &[f64], lower: &mut [f64], upper: &mut [f64]| {
            let points = x.chunks_exact(d).zip(lower.iter_mut().zip(upper));
            points.for_each(|(x, (lo, hi))| [*lo, *hi] = both(x));
            Ok(())
        },
    ))
}

/// u on an irregular lattice.
fn between(solver: &Solver) -> (Vec<f64>, Vec<f64>) {
    let d = solver.domain().dimension();
    let ratios = [0.754_877_666_247, 0.569_840_290_998];
    let x: Vec<f64> = (0..3000)
        .flat_map(|point| {
            let at = move |ratio: &f64| 2.0 * (0.5 + f64::from(point) * ratio).fract() - 1.0;
            ratios[..d].iter().map(at).collect::<Vec<_>>()
        })
        .collect();
    let mut u = vec![0.0; x.len() / d];
    solver.evaluate(&x, &mut u, None).unwrap();
    (x, u)
}

fn error(solver: &Solver, exact: impl Fn(&[f64]) -> f64) -> f64 {
    let d = solver.domain().dimension();
    let (x, u) = between(solver);
    let misses = x.chunks_exact(d).zip(&u).map(|(x, u)| (u - exact(x)).abs());
    misses.fold(0.0, f64::max)
}

/// B17: at rest `u = 4 (|x| - 1/2)_+^2`, for any time step.
#[test]
fn a_membrane_over_an_obstacle_comes_to_rest_as_it_should() {
    for (tau, steps) in [(0.05, 60), (1.0, 8), (100.0, 3)] {
        let mut solver = Solver::new(&options(1, &[("tau", tau.into())])).unwrap();
        solver.add_energy(&dirichlet(1.0)).unwrap();
        solver.add_energy(&load(|_| 8.0)).unwrap();
        solver
            .set_dirichlet(None, &BoundaryValue::Constant(1.0))
            .unwrap();
        let (lower, upper) = (0.0, INF);
        solver
            .set_bounds(Bounds::Constant { lower, upper })
            .unwrap();
        start_from(&mut solver, |_| 1.0);
        let mut iterations = 0;
        for _ in 0..steps {
            solver.step().unwrap();
            iterations += solver.report().unwrap().iterations;
        }
        let error = error(&solver, |x| 4.0 * (x[0].abs() - 0.5).max(0.0).powi(2));
        let report = solver.report().unwrap();
        let least = between(&solver).1.iter().copied().fold(INF, f64::min);
        println!(
            "tau {tau}: error {error:.1e}, least {least:.1e}, bound_error {:.1e}, {iterations} iterations, slack {:.1e}",
            report.bound_error, report.energy_slack
        );
        assert!(error < 1e-3, "{error:e}");
        assert!(report.bound_error < 1e-3 && -least < 2.0 * report.bound_error + 1e-5);
        assert!(report.wall_error == 0.0 && report.integral_error == 0.0);
    }
}
