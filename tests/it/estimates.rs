//! Estimated errors against true ones: what a report says of a step, and what the closed form of the flow
//! that starts where the step did says.

use crate::support::problems::{dirichlet, on_grid, relative, start_from};
use crate::support::wasserstein::{ornstein_uhlenbeck, solver};
use movimento::initial::profile::Mixture;
use movimento::{Options, Solver};
use std::f64::consts::PI;
use std::sync::Arc;

/// How far an estimate may be off, either way.
const FACTOR: f64 = 5.0;

fn is_near(estimate: f64, truth: f64, of: &str) {
    let ratio = estimate / truth;
    println!("{of}: estimated {estimate:.2e}, true {truth:.2e}");
    assert!(
        (1.0 / FACTOR..FACTOR).contains(&ratio),
        "{of}: estimated {estimate:e}, true {truth:e}"
    );
}

/// Cells by which fields on the line are compared.
const CELLS: usize = 2000;

/// The field with each mode `cos(k pi x)` of u multiplied by what `damping` says of its eigenvalue.
fn damped(u: &[f64], x: &[f64], damping: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut out = vec![0.0; u.len()];
    for k in (0..60).map(f64::from) {
        let wave = k * PI;
        let pairs = u.iter().zip(x);
        let mean = pairs.map(|(u, x)| u * (wave * x).cos()).sum::<f64>() / u.len() as f64;
        let height = damping(wave * wave) * if k == 0.0 { mean } else { 2.0 * mean };
        let points = out.iter_mut().zip(x);
        points.for_each(|(out, x)| *out += height * (wave * x).cos());
    }
    out
}

const KAPPA: f64 = 0.1;

/// Heat on the line by a network that is minimised as a whole.
fn network(options: &[(&str, f64)], movement: &str) -> Solver {
    heat_by(&[6, 6], options, movement)
}

/// The same by default options.
fn heat(options: &[(&str, f64)], movement: &str) -> Solver {
    heat_by(&[0], options, movement)
}

fn heat_by(hidden: &[i64], options: &[(&str, f64)], movement: &str) -> Solver {
    let mut all = Options::new();
    all.set("dimension", 1).unwrap();
    all.set("hidden", hidden).unwrap();
    all.set("movement", movement).unwrap();
    for (name, value) in options {
        all.set(name, *value).unwrap();
    }
    let mut solver = Solver::new(&all).unwrap();
    solver.add_energy(&dirichlet(KAPPA)).unwrap();
    start_from(&mut solver, |x| {
        1.0 + (PI * x[0]).cos() + 0.4 * (3.0 * PI * x[0]).cos()
    });
    solver
}

/// By step doubling, of fields and of each order.
#[test]
fn errors_of_adaptive_steps_of_a_field() {
    for (movement, tolerance) in [("euler", 1e-3), ("second", 1e-5), ("third", 1e-6)] {
        let mut solver = heat(&[("step_tolerance", tolerance), ("tau", 0.05)], movement);
        for step in 0..4 {
            let (x, before) = on_grid(&solver, CELLS);
            solver.step().unwrap();
            let report = solver.report().unwrap();
            let exact = damped(&before, &x, |q| (-KAPPA * q * report.tau).exp());
            let truth = relative(&on_grid(&solver, CELLS).1, &exact);
            let name = format!("heat, {movement}, step {step} of {:.1e}", report.tau);
            is_near(report.error_estimate, truth, &name);
        }
    }
}

/// By step doubling, of maps: a Gaussian stays one, and its distance to the exact one is known.
#[test]
fn errors_of_adaptive_steps_of_a_map() {
    let (rate, centre) = (1.5, 0.8);
    for (movement, tolerance) in [("euler", 3e-3), ("second", 1e-4), ("third", 1e-5)] {
        let mut options = crate::support::wasserstein::options(1, movement, 0.1, &[0]);
        options.set("step_tolerance", tolerance).unwrap();
        let start = Mixture::new(1, &[1.0], &[-1.0], &[0.2]).unwrap();
        let energies = ornstein_uhlenbeck(&[rate], &[centre]);
        let mut flow = solver(&options, &energies, Arc::new(start));
        for step in 0..4 {
            let (mean, square) = first_two(&flow);
            flow.step().unwrap();
            let report = flow.report().unwrap();
            let left = (-rate * report.tau).exp();
            let mean = centre + (mean - centre) * left;
            let deviation = (1.0 / rate + (square - 1.0 / rate) * left * left).sqrt();
            let (now, now_square) = first_two(&flow);
            let distance = (now - mean).hypot(now_square.sqrt() - deviation);
            let truth = distance / now.hypot(now_square.sqrt());
            let name = format!("drift, {movement}, step {step} of {:.1e}", report.tau);
            is_near(report.error_estimate, truth, &name);
        }
    }
}

/// Mean and variance on the line.
fn first_two(flow: &Solver) -> (f64, f64) {
    let (mean, covariance) = flow.moments().unwrap();
    (mean[0], covariance[0])
}

/// How far the bound on what a stage misses may be above it, and what the minimiser estimates of that off:
/// it does not see what its network cannot do at all.
const LOOSE: f64 = 10.0;

#[test]
fn distances_to_the_minimiser_of_a_stage() {
    let tau = 0.02;
    for accept in [3e-3, 3e-2, 3e-1] {
        let options = [("tau", tau), ("tolerance", accept), ("step_accept", accept)];
        for (is_linear, mut solver) in [
            (true, heat(&options, "euler")),
            (false, network(&options, "euler")),
        ] {
            for _ in 0..3 {
                let (x, before) = on_grid(&solver, CELLS);
                solver.step().unwrap();
                let exact = damped(&before, &x, |q| 1.0 / (1.0 + KAPPA * q * tau));
                let after = on_grid(&solver, CELLS).1;
                let squares = after.iter().zip(&exact).map(|(a, b)| (a - b).powi(2));
                let truth = (squares.sum::<f64>() / CELLS as f64).sqrt();
                let report = solver.report().unwrap();
                assert!(truth <= report.error_bound, "{truth:e} {report:?}");
                // Linear combinations miss less than the rounding of their bound.
                if !is_linear {
                    assert!(report.error_bound <= LOOSE * truth, "{truth:e} {report:?}");
                    let ratio = report.stage_error / truth;
                    assert!(
                        (1.0 / LOOSE..LOOSE).contains(&ratio),
                        "{truth:e} {report:?}"
                    );
                }
            }
        }
    }
}
