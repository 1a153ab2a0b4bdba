//! Fields whose layers random planes do not resolve are combinations of Gaussians on a lattice, by default.

use crate::support::problems::{dirichlet, start_from};
use crate::support::restart_helpers::goes_on;
use movimento::{Options, Solver};

/// Diffusion, and the width of the bumps at first.
const KAPPA: f64 = 1e-3;
const WIDTH: f64 = 0.05;

/// Bumps far enough from the walls for these not to be felt, of signs that take turns.
fn bumps() -> Vec<([f64; 2], f64)> {
    let place = |k: usize| {
        let turn = 2.4 * k as f64;
        let radius = 0.72 * ((k as f64 + 0.5) / 40.0).sqrt();
        (
            [radius * turn.cos(), radius * turn.sin()],
            if k.is_multiple_of(2) { 1.0 } else { -0.7 },
        )
    };
    (0..40).map(place).collect()
}

/// The heat equation in the plane: each bump stays a Gaussian, whose variance grows by 2 kappa t.
fn exact(x: &[f64], t: f64) -> f64 {
    let variance = WIDTH * WIDTH + 2.0 * KAPPA * t;
    let bump = |(centre, height): &([f64; 2], f64)| {
        let square = (x[0] - centre[0]).powi(2) + (x[1] - centre[1]).powi(2);
        height * WIDTH * WIDTH / variance * (-0.5 * square / variance).exp()
    };
    bumps().iter().map(bump).sum()
}

fn solver(periodic: &[i64]) -> Solver {
    let mut options = Options::new();
    options.set("dimension", 2_i64).unwrap();
    options.set("lower", vec![-1.0]).unwrap();
    options.set("movement", "second").unwrap();
    options.set("tau", 0.05).unwrap();
    options.set("snapshot_resolution", 9_i64).unwrap();
    if !periodic.is_empty() {
        options.set("periodic_axes", periodic).unwrap();
    }
    let mut solver = Solver::new(&options).unwrap();
    solver.add_energy(&dirichlet(KAPPA)).unwrap();
    solver
}

fn started(mut solver: Solver) -> Solver {
    start_from(&mut solver, |x| exact(x, 0.0));
    solver
}

/// The root of the mean square error at points of no rule's, relative to that of u.
fn error(solver: &Solver) -> f64 {
    let side = 83;
    let at = |k: usize| -0.995 + 1.99 * k as f64 / (side - 1) as f64;
    let x: Vec<f64> = (0..side * side)
        .flat_map(|k| [at(k % side), at(k / side)])
        .collect();
    let mut u = vec![0.0; side * side];
    solver.evaluate(&x, &mut u, None).unwrap();
    let (mut misfit, mut size) = (0.0, 0.0);
    for (x, u) in x.chunks_exact(2).zip(&u) {
        let v = exact(x, solver.time());
        misfit += (u - v) * (u - v);
        size += v * v;
    }
    (misfit / size).sqrt()
}

#[test]
fn many_bumps_diffuse_as_each_does() {
    // Walls on one axis, and a period on the other.
    let mut solver = started(solver(&[0]));
    let fit = solver.fit_report().unwrap().relative_error;
    for _ in 0..2 {
        solver.step().unwrap();
    }
    let error = error(&solver);
    println!("fit {fit:.1e}, off {error:.1e}");
    assert!(error < 1e-4, "{error:e}");
}

#[test]
fn a_restart_goes_on_to_the_same_bits() {
    let fresh = || solver(&[1]);
    goes_on(started(fresh()), &fresh, 2, &[1]);
}
