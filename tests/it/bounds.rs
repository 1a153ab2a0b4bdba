//! Bounds of a field, obstacle problems, against closed forms at points that no step trains on.

use crate::support::problems::{dirichlet, start_from};
use crate::support::restart_helpers::{checkpoint, goes_on};
use crate::support::thread_communicator::on_ranks;
use movimento::domain::{BoundaryValue, Bounds};
use movimento::options::Value;
use movimento::{Energy, ErrorKind, Options, Solver, Wanted};
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

/// A membrane under a load of 8 that is held at 1 at its ends and lies on the ground, from u = 1.
fn lay_membrane(solver: &mut Solver) {
    solver.add_energy(&dirichlet(1.0)).unwrap();
    solver.add_energy(&load(|_| 8.0)).unwrap();
    solver
        .set_dirichlet(None, &BoundaryValue::Constant(1.0))
        .unwrap();
    let (lower, upper) = (0.0, INF);
    solver
        .set_bounds(Bounds::Constant { lower, upper })
        .unwrap();
    start_from(solver, |_| 1.0);
}

/// Where it comes to rest.
fn membrane(x: &[f64]) -> f64 {
    4.0 * (x[0].abs() - 0.5).max(0.0).powi(2)
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
        lay_membrane(&mut solver);
        let mut iterations = 0;
        for _ in 0..steps {
            solver.step().unwrap();
            iterations += solver.report().unwrap().iterations;
        }
        let error = error(&solver, membrane);
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

/// `u_t = -u` between bounds: each Euler step is that of a number, held between them.
#[test]
fn a_flow_of_numbers_stops_at_either_bound() {
    let lower = |x: &[f64]| 0.3 * (3.0 * x[0]).sin() - 0.2;
    let upper = |x: &[f64]| 1.0 + 0.5 * x[0];
    let (tau, steps) = (0.1, 8);
    let start = |x: &[f64]| 1.2 * (2.0 * x[0]).sin() + 0.4;
    let mut solver = Solver::new(&options(1, &[("tau", tau.into())])).unwrap();
    let decay = crate::support::common::energy("internal", "quadratic", &[("kappa", &[1.0])]);
    solver.add_energy(&decay).unwrap();
    solver
        .set_bounds(of_place(1, move |x| [lower(x), upper(x)]))
        .unwrap();
    start_from(&mut solver, start);
    for _ in 0..steps {
        solver.step().unwrap();
        let report = solver.report().unwrap();
        assert!(
            report.energy_slack > -1e-9 && report.bound_error < 5e-3,
            "{report:?}"
        );
    }
    let exact =
        |x: &[f64]| (0..steps).fold(start(x), |u, _| (u / (1.0 + tau)).clamp(lower(x), upper(x)));
    let error = error(&solver, exact);
    let report = solver.report().unwrap();
    println!(
        "error {error:.1e}, bound_error {:.1e}, residual {:.1e}",
        report.bound_error, report.residual
    );
    // The field has kinks where it leaves its bounds.
    assert!(error < 1e-2, "{error:e}");
    assert!(report.error_bound == f64::INFINITY && report.residual < 0.1);
    // Where it is at a bound it rests, and else it decays.
    let x = [-0.6, 0.5];
    let (mut u, mut rate) = ([0.0; 2], [0.0; 2]);
    let wanted = Wanted {
        u: Some(&mut u),
        rate: Some(&mut rate),
        ..Wanted::default()
    };
    solver.evaluate_all(&x, wanted).unwrap();
    for ((x, u), rate) in x.iter().zip(u).zip(rate) {
        let free = u > lower(&[*x]) + 0.1;
        let expected = if free { -u } else { 0.0 };
        assert!((rate - expected).abs() < 0.1, "{x}: {u}, {rate}");
    }
}

/// A membrane over a bump in the plane: it touches it, and elsewhere it is harmonic, so that it is nowhere above its
/// own walls nor below the bump.
#[test]
fn in_the_plane_bounds_hold_between_the_nodes() {
    let bump = |x: &[f64]| 0.5 - 2.0 * (x[0] * x[0] + x[1] * x[1]);
    let more = [("tau", 1.0.into())];
    let mut solver = Solver::new(&options(2, &more)).unwrap();
    solver.add_energy(&dirichlet(1.0)).unwrap();
    solver
        .set_dirichlet(None, &BoundaryValue::Constant(0.0))
        .unwrap();
    solver
        .set_bounds(of_place(2, move |x| [bump(x), INF]))
        .unwrap();
    start_from(&mut solver, |x| {
        0.6 * (1.0 - x[0] * x[0]) * (1.0 - x[1] * x[1])
    });
    for _ in 0..4 {
        solver.step().unwrap();
    }
    let (x, u) = between(&solver);
    let below = x
        .chunks_exact(2)
        .zip(&u)
        .map(|(x, u)| bump(x) - u)
        .fold(-INF, f64::max);
    let most = u.iter().copied().fold(-INF, f64::max);
    let report = solver.report().unwrap();
    println!(
        "below by {below:.1e}, reported {:.1e}, most {most}",
        report.bound_error
    );
    assert!(below < 3.0 * report.bound_error * 0.6 + 1e-6 && report.bound_error < 2e-3);
    assert!((most - 0.5).abs() < 2e-3, "{most}");
}

fn held(more: &[(&str, Value)]) -> Solver {
    let mut solver = Solver::new(&options(1, more)).unwrap();
    solver.add_energy(&dirichlet(1.0)).unwrap();
    solver.add_energy(&load(|_| 8.0)).unwrap();
    solver
        .set_dirichlet(None, &BoundaryValue::Constant(1.0))
        .unwrap();
    let bounds = of_place(1, |x| [0.1 * x[0], INF]);
    solver.set_bounds(bounds).unwrap();
    solver.hold_mean(0.4).unwrap();
    solver
}

#[test]
fn a_run_between_bounds_goes_on_from_a_snapshot() {
    for movement in ["euler", "second"] {
        let more = [("tau", 0.05.into()), ("movement", movement.into())];
        let mut run = held(&more);
        start_from(&mut run, |_| 1.0);
        goes_on(run, &|| held(&more), 3, &[1, 2]);
        // Other bounds are found out.
        let mut run = held(&more);
        start_from(&mut run, |_| 1.0);
        run.step().unwrap();
        let mut other = Solver::new(&options(1, &more)).unwrap();
        other.add_energy(&dirichlet(1.0)).unwrap();
        other.add_energy(&load(|_| 8.0)).unwrap();
        other
            .set_dirichlet(None, &BoundaryValue::Constant(1.0))
            .unwrap();
        let refused = other.restore(&checkpoint(&run)).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Argument, "{refused}");
    }
}

/// More nodes, and then more features, for the field as it is: its bounds are held at other nodes.
#[test]
fn nodes_and_features_may_change_in_a_run() {
    let begun = [("tau", 0.05.into()), ("nodes", 1400.into())];
    let mut solver = held(&begun);
    let mut asked = options(1, &begun);
    start_from(&mut solver, |_| 1.0);
    solver.step().unwrap();
    let changes: [Vec<(&str, Value)>; 2] = [
        vec![("nodes", 1800.into())],
        vec![("nodes", 2000.into()), ("hidden", vec![600_i64].into())],
    ];
    for more in changes {
        for (key, value) in more {
            asked.set(key, value).unwrap();
        }
        solver.set_options(&asked).unwrap();
        for _ in 0..4 {
            solver.step().unwrap();
            let report = solver.report().unwrap();
            assert!(
                (report.mass - 0.8).abs() < 1e-12 && report.bound_error < 2e-3,
                "{report:?}"
            );
        }
    }
}

/// On nodes of the host, and on random ones in four dimensions.
#[test]
fn bounds_hold_on_any_nodes() {
    let mut solver = Solver::new(&options(1, &[("tau", 0.5.into())])).unwrap();
    // Gauss nodes, three in each of so many cells.
    let cells = |n: usize| -> (Vec<f64>, Vec<f64>) {
        let width = 2.0 / n as f64;
        let reach = 0.5 * width * 0.6_f64.sqrt();
        let cell = |k: usize| {
            let centre = (k as f64 + 0.5) * width - 1.0;
            [(-reach, 5.0), (0.0, 8.0), (reach, 5.0)].map(|(at, w)| (centre + at, w * width / 18.0))
        };
        (0..n).flat_map(cell).unzip()
    };
    let ((x, w), (x_check, w_check)) = (cells(500), cells(370));
    solver
        .set_nodes(&x, &w, Some((&x_check, &w_check)))
        .unwrap();
    solver
        .set_boundary(&[-1.0, 1.0], &[-1.0, 1.0], &[1.0, 1.0])
        .unwrap();
    lay_membrane(&mut solver);
    for _ in 0..10 {
        solver.step().unwrap();
    }
    let mesh = error(&solver, membrane);
    let report = solver.report().unwrap();
    println!(
        "mesh: error {mesh:.1e}, {:.1e}, {:.1e}",
        report.bound_error, report.wall_error
    );
    assert!(mesh < 1e-3 && report.bound_error < 1e-3 && report.wall_error < 1e-3);

    let more = [
        ("tau", 0.1.into()),
        ("hidden", vec![24_i64, 24].into()),
        ("nodes", 4000.into()),
    ];
    let mut solver = Solver::new(&options(4, &more)).unwrap();
    let decay = crate::support::common::energy("internal", "quadratic", &[("kappa", &[1.0])]);
    solver.add_energy(&decay).unwrap();
    let (lower, upper) = (0.8, INF);
    solver
        .set_bounds(Bounds::Constant { lower, upper })
        .unwrap();
    start_from(&mut solver, |x| 1.5 + 0.5 * x[0] * (x[1] + x[2]).sin());
    for _ in 0..3 {
        solver.step().unwrap();
    }
    let report = solver.report().unwrap();
    println!(
        "4-D: {:.1e}, {} iterations",
        report.bound_error, report.iterations
    );
    assert!(report.bound_error < 5e-2 && report.energy < report.energy_before);
}

#[test]
fn ranks_share_bounds_and_integrals() {
    let more = [
        ("tau", 0.05.into()),
        ("hidden", vec![200_i64].into()),
        ("training", "outputs".into()),
    ];
    let run = |them| {
        let mut solver = Solver::new(&options(1, &more)).unwrap();
        solver.set_communicator(them).unwrap();
        solver.add_energy(&dirichlet(1.0)).unwrap();
        solver.add_energy(&load(|_| 8.0)).unwrap();
        solver
            .set_dirichlet(None, &BoundaryValue::Constant(1.0))
            .unwrap();
        let (lower, upper) = (0.0, 1.2);
        solver
            .set_bounds(Bounds::Constant { lower, upper })
            .unwrap();
        solver.hold_mean(0.4).unwrap();
        let mobility = movimento::energy::Mobility::of_value(|u| 1.0 + u * u);
        solver.set_mobility(mobility).unwrap();
        start_from(&mut solver, |_| 1.0);
        for _ in 0..3 {
            solver.step().unwrap();
        }
        let report = solver.report().unwrap().clone();
        let mut u = vec![0.0; 5];
        solver
            .evaluate(&[-0.9, -0.5, 0.0, 0.3, 0.8], &mut u, None)
            .unwrap();
        (solver.parameters().to_vec(), u, report)
    };
    let alone = on_ranks(1, |_, them| run(them)).swap_remove(0);
    let two = on_ranks(2, |_, them| run(them));
    assert_eq!(two[0].0, two[1].0);
    for (u, alone) in two[0].1.iter().zip(&alone.1) {
        assert!((u - alone).abs() < 1e-4, "{u} {alone}");
    }
    for (_, _, report) in &two {
        assert!((report.mass - 0.8).abs() < 1e-12 && report.bound_error < 1e-3);
        assert!((report.energy - alone.2.energy).abs() < 1e-3 * alone.2.energy.abs());
    }
}

#[test]
fn whole_networks_are_held_too() {
    let more = [
        ("tau", 0.2.into()),
        ("training", "all".into()),
        ("hidden", vec![16_i64, 16].into()),
    ];
    let mut solver = Solver::new(&options(1, &more)).unwrap();
    lay_membrane(&mut solver);
    for _ in 0..8 {
        solver.step().unwrap();
    }
    let error = error(&solver, membrane);
    let report = solver.report().unwrap();
    println!("error {error:.1e}, bound_error {:.1e}", report.bound_error);
    assert!(error < 1e-2 && report.bound_error < 1e-2);
}

#[test]
fn what_is_no_bound_is_refused_and_leaves_the_solver_as_it_was() {
    let mut solver = Solver::new(&options(1, &[])).unwrap();
    let constant = |lower, upper| Bounds::Constant { lower, upper };
    for (bounds, kind, words) in [
        (
            constant(1.0, 0.0),
            ErrorKind::Argument,
            "not above the upper",
        ),
        (constant(f64::NAN, 0.0), ErrorKind::NotFinite, "NaN"),
        (of_place(1, |x| [x[0], 0.5]), ErrorKind::Argument, "at x ="),
    ] {
        let refused = solver.set_bounds(bounds).unwrap_err();
        assert_eq!(refused.kind(), kind);
        assert!(refused.message().contains(words), "{refused}");
    }
    solver.set_bounds(constant(0.0, 1.0)).unwrap();
    let refused = solver.set_nodes(&[0.0], &[2.0], None).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::State);
    assert!(refused.message().contains("after bounds"), "{refused}");
    solver.add_energy(&dirichlet(1.0)).unwrap();
    start_from(&mut solver, |x| 0.5 + 0.2 * x[0]);
    let refused = solver.set_bounds(constant(0.0, 1.0)).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::State);

    let strong = [("form", "residual".into()), ("embedding", "neumann".into())];
    let mut solver = Solver::new(&options(1, &strong)).unwrap();
    for refused in [
        solver.set_bounds(constant(0.0, 1.0)).unwrap_err(),
        solver.hold_mean(0.0).unwrap_err(),
    ] {
        assert_eq!(refused.kind(), ErrorKind::Option);
        assert!(refused.message().contains("auto and weak"), "{refused}");
    }
    let wasserstein = [("flow", "wasserstein".into()), ("domain", "space".into())];
    let mut solver = Solver::new(&options(1, &wasserstein)).unwrap();
    let refused = solver.set_bounds(constant(0.0, 1.0)).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::State);
}
