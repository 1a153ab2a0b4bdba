//! Layers that form on the way: the field comes to have the features that they take, and goes on after a
//! restart to the same bits.

use crate::support::problems::{allen_cahn, start_from};
use crate::support::restart_helpers::goes_on;
use movimento::{Options, Solver};
use std::f64::consts::{PI, SQRT_2};

/// The root of `kappa`: layers are `tanh(x / (sqrt(2) WIDTH))`, and cost `2 sqrt(2)/3 WIDTH` each.
const WIDTH: f64 = 1e-3;

/// Layers of `cos(4 pi x)`.
const LAYERS: f64 = 4.0;

fn phases(features: &[i64]) -> Solver {
    let mut options = Options::new();
    options.set("dimension", 1_i64).unwrap();
    options.set("movement", "second").unwrap();
    options.set("tau", 0.5).unwrap();
    options.set("snapshot_resolution", 9_i64).unwrap();
    if !features.is_empty() {
        options.set("hidden", features).unwrap();
        options.set("training", "outputs").unwrap();
    }
    let mut solver = Solver::new(&options).unwrap();
    solver.add_energy(&allen_cahn(WIDTH * WIDTH, 1.0)).unwrap();
    solver
}

fn started(mut solver: Solver) -> Solver {
    start_from(&mut solver, |x| 0.5 * (4.0 * PI * x[0]).cos());
    solver
}

/// Steps to `t`; what the energy is off its layers' cost, the largest estimate in space, and the steps by which the
/// field had grown.
fn run(features: &[i64], steps: usize) -> (f64, f64, Vec<usize>) {
    let mut solver = started(phases(features));
    let (mut before, mut grown) = (0, Vec::new());
    let mut largest = 0.0_f64;
    for step in 1..=steps {
        solver.step().unwrap();
        let report = solver.report().unwrap();
        if before > 0 && report.parameters > before {
            grown.push(step);
        }
        before = report.parameters;
        largest = largest.max(report.space_error);
    }
    let cost = LAYERS * 2.0 * SQRT_2 / 3.0 * WIDTH;
    let off = (solver.report().unwrap().energy / cost - 1.0).abs();
    println!("{features:?}: off {off:.2e}, estimated {largest:.2e}, grown {grown:?}");
    (off, largest, grown)
}

#[test]
fn layers_that_form_are_resolved_and_what_misses_them_is_told() {
    let (off, _, grown) = run(&[], 16);
    let (unhelped, told, none) = run(&[512], 16);
    assert_eq!((grown.len(), none.len()), (1, 0));
    assert!(
        off < 0.3 * unhelped,
        "{off:e} by default, {unhelped:e} by 512"
    );
    assert!(told > 3e-3, "{told:e}");

    let first = grown[0];
    let fresh = || phases(&[]);
    goes_on(
        started(fresh()),
        &fresh,
        first + 1,
        &[first - 2, first - 1, first],
    );
}
