//! Values between the beginning and the end of a step, in Wasserstein space and of steps in parts.

use crate::support::problems::{allen_cahn, dirichlet, relative, small, start_from};
use crate::support::restart_helpers::checkpoint;
use crate::support::wasserstein::{self, density, energy, exact, grid, solver};
use movimento::initial::profile::{Barenblatt, Mixture, Profile};
use movimento::{Energy, ErrorKind, Initial, Options, Solver};
use std::f64::consts::PI;
use std::sync::Arc;

fn options(transport: &str, movement: &str, tau: f64) -> Options {
    let mut options = wasserstein::options(1, movement, tau, &[0]);
    options.set("transport", transport).unwrap();
    options
}

/// Diffusion in a bowl about 0.5, from a Gaussian.
fn in_bowl() -> [Energy; 2] {
    [
        energy("internal", "entropy", &[]),
        energy(
            "potential",
            "potential-quadratic",
            &[("a", &[2.0]), ("center", &[0.5])],
        ),
    ]
}

fn gaussian(t: f64) -> Arc<dyn Profile> {
    let left = (-2.0 * t).exp();
    let mean = 0.5 - 0.8 * left;
    let variance = 0.3 * left * left + 0.5 * (1.0 - left * left);
    Arc::new(Mixture::new(1, &[1.0], &[mean], &[variance]).unwrap())
}

fn between(flow: &Solver, time: f64, x: &[f64]) -> Vec<f64> {
    let mut u = vec![f64::NAN; x.len() / flow.domain().dimension()];
    flow.evaluate_between(time, x, &mut u).unwrap();
    u
}

/// Errors in the last step, of this length, relative to the density.
fn errors(flow: &Solver, tau: f64, x: &[f64]) -> [f64; 5] {
    let times = [1.0, 0.75, 0.5, 0.25, 0.0].map(|left| flow.time() - left * tau);
    times.map(|t| relative(&between(flow, t, x), &exact(&*gaussian(t), x)))
}

#[test]
fn densities_between_steps_are_of_the_order_of_the_scheme() {
    let x = grid(1, 2.0, 81);
    for transport in ["map", "dual"] {
        for (movement, order) in [("euler", 1.0), ("second", 2.0), ("third", 3.0)] {
            // Steps that end at the same time: later the density bends less in time.
            let [coarse, fine] = [0.1, 0.05].map(|tau| {
                let options = options(transport, movement, tau);
                let mut flow = solver(&options, &in_bowl(), gaussian(0.0));
                flow.step_to(0.2).unwrap();
                let errors = errors(&flow, tau, &x);
                println!("{transport} {movement} {tau}: {errors:?}");
                errors.into_iter().fold(0.0, f64::max)
            });
            let observed = (coarse / fine).log2();
            println!("{transport} {movement}: order {observed:.2}");
            assert!(
                observed > order - 0.35,
                "{transport} {movement}: {observed}"
            );
        }
    }
}

#[test]
fn values_at_the_ends_are_the_states_however_often_a_map_was_relabelled() {
    let x = grid(1, 2.0, 41);
    for transport in ["map", "dual"] {
        let mut options = options(transport, "second", 0.05);
        options.set("relabel", 1_i64).unwrap();
        let mut flow = solver(&options, &in_bowl(), gaussian(0.0));
        let early = flow
            .evaluate_between(0.0, &x, &mut vec![0.0; 41])
            .unwrap_err();
        assert_eq!(early.kind(), ErrorKind::State);
        for _ in 0..4 {
            let (then, begin) = (density(&flow, &x), flow.time());
            flow.step().unwrap();
            let end = flow.time();
            let apart = [
                relative(&between(&flow, begin, &x), &then),
                relative(&between(&flow, end, &x), &density(&flow, &x)),
            ];
            println!("{transport}: {apart:?}");
            assert!(apart.iter().all(|a| *a < 1e-4), "{transport}: {apart:?}");
        }
        let late = flow
            .evaluate_between(0.25, &x, &mut vec![0.0; 41])
            .unwrap_err();
        assert!(
            late.message().contains("`time` is 0.25") && late.message().contains("to 0.2"),
            "{late}"
        );
        // Times go with the solver's.
        let middle = between(&flow, 0.175, &x);
        flow.set_time(10.0).unwrap();
        assert!(relative(&between(&flow, 9.975, &x), &middle) < 1e-9);
        // A copy knows as much, and a state that is restored.
        let copy = flow.try_clone().unwrap();
        let saved = flow.save_state().unwrap();
        flow.step().unwrap();
        flow.restore_state(&saved).unwrap();
        for flow in [&copy, &flow] {
            assert!(relative(&between(flow, 9.975, &x), &middle) < 1e-9);
        }
    }
}

#[test]
fn a_density_with_an_edge_stays_one_between_steps() {
    let (t, tau) = (0.1, 0.02);
    let power = [energy("internal", "power", &[("m", &[2.0])])];
    let start = Arc::new(Barenblatt::new(1, 2.0, t).unwrap());
    let mut flow = solver(&options("map", "second", tau), &power, start);
    flow.step().unwrap();
    let now = Barenblatt::new(1, 2.0, t + 0.5 * tau).unwrap();
    let x = grid(1, 1.2 * now.radius(), 201);
    let rho = between(&flow, 0.5 * tau, &x);
    assert!(rho.iter().all(|rho| *rho >= 0.0));
    let error = relative(&rho, &exact(&now, &x));
    let inner: Vec<f64> = x
        .iter()
        .copied()
        .filter(|x| x.abs() < 0.9 * now.radius())
        .collect();
    let inside = relative(&between(&flow, 0.5 * tau, &inner), &exact(&now, &inner));
    println!("{error:e} {inside:e}");
    assert!(error < 2e-2 && inside < 1e-3, "{error:e} {inside:e}");
}

#[test]
fn without_du_dt_densities_between_steps_are_of_second_order() {
    let start: Arc<dyn Profile> = Arc::new(Mixture::new(1, &[1.0], &[0.0], &[0.3]).unwrap());
    let film = [energy("thin_film", "thin-film", &[])];
    let flow = |tau: f64| {
        let mut options = options("auto", "second", tau);
        options.set("relabel", 0_i64).unwrap();
        solver(&options, &film, start.clone())
    };
    let x = grid(1, 0.8, 21);
    let mut whole = flow(2e-4);
    whole.step().unwrap();
    let mut half = flow(1e-4);
    half.step().unwrap();
    let error = relative(&between(&whole, 1e-4, &x), &density(&half, &x));
    let moved = relative(&density(&whole, &x), &density(&half, &x));
    println!("{error:e} of {moved:e}");
    assert!(error < 0.1 * moved, "{error:e} {moved:e}");
}

/// `1 + e^(-kappa pi^2 t) cos pi x`, by steps that adapt.
#[test]
fn a_step_in_parts_is_known_from_its_beginning() {
    let mut options = Options::new();
    options.set("dimension", 1_i64).unwrap();
    options.set("movement", "second").unwrap();
    options.set("tau", 0.1).unwrap();
    options.set("step_tolerance", 1e-4).unwrap();
    let mut flow = Solver::new(&options).unwrap();
    flow.add_energy(&dirichlet(0.1)).unwrap();
    start_from(&mut flow, |x| 1.0 + (PI * x[0]).cos());
    let x = [0.05, 0.3, 0.65, 0.9];
    for _ in 0..3 {
        let begin = flow.time();
        let then = density(&flow, &x);
        flow.step().unwrap();
        let tau = flow.time() - begin;
        assert!(relative(&between(&flow, begin, &x), &then) < 1e-9);
        for part in [0.1, 0.25, 0.5, 0.6, 0.9, 1.0] {
            let t = begin + part * tau;
            let exact = x.map(|x| 1.0 + (-0.1 * PI * PI * t).exp() * (PI * x).cos());
            let error = relative(&between(&flow, t, &x), &exact);
            assert!(error < 1e-3, "{t}: {error:e}");
        }
    }
    let early = flow.evaluate_between(0.0, &x, &mut [0.0; 4]).unwrap_err();
    assert_eq!(early.kind(), ErrorKind::Argument);

    // A density likewise.
    let mut options = self::options("auto", "second", 0.05);
    options.set("step_tolerance", 1e-3).unwrap();
    let mut flow = solver(&options, &in_bowl(), gaussian(0.0));
    flow.step().unwrap();
    let begin = flow.time();
    flow.step().unwrap();
    let x = grid(1, 2.0, 41);
    for part in [0.0, 0.2, 0.5, 0.7] {
        let t = begin + part * (flow.time() - begin);
        let error = relative(&between(&flow, t, &x), &exact(&*gaussian(t), &x));
        assert!(error < 3e-3, "{t}: {error:e}");
    }
}

#[test]
fn a_step_that_was_halved_is_known_from_its_beginning() {
    let mut options = small(1, 0.0, 1.0, &[8]);
    for (key, value) in [("tolerance", 1e-3), ("step_accept", 1e-3), ("tau", 2.0)] {
        options.set(key, value).unwrap();
    }
    options.set("max_iterations", 4_i64).unwrap();
    let start = |options: &Options| {
        let mut flow = Solver::new(options).unwrap();
        flow.add_energy(&allen_cahn(0.1, 1.0)).unwrap();
        let mut cosines = |x: &[f64], u: &mut [f64], grad: Option<&mut [f64]>| {
            for (u, x) in u.iter_mut().zip(x) {
                *u = (PI * x).cos() + 0.4 * (2.0 * PI * x).cos();
            }
            for (g, x) in grad.into_iter().flatten().zip(x) {
                *g = -PI * (PI * x).sin() - 0.8 * PI * (2.0 * PI * x).sin();
            }
            Ok(())
        };
        let initial = Initial::Function {
            field: &mut cosines,
            has_gradient: true,
        };
        flow.set_initial(initial).unwrap();
        flow
    };
    let mut whole = start(&options);
    let x = [0.1, 0.4, 0.8];
    let then = density(&whole, &x);
    whole.step().unwrap();
    assert_eq!(whole.report().unwrap().substeps, 2);
    options.set("tau", 1.0).unwrap();
    let mut half = start(&options);
    half.step().unwrap();
    assert!(relative(&between(&whole, 0.0, &x), &then) < 1e-9);
    let apart = relative(&between(&whole, 1.0, &x), &density(&half, &x));
    assert!(apart < 1e-3, "{apart:e}");
}

#[test]
fn after_a_restart_a_density_says_that_it_takes_a_step_first() {
    let made = || solver(&options("auto", "second", 0.05), &in_bowl(), gaussian(0.0));
    let mut flow = made();
    flow.step().unwrap();
    let saved = checkpoint(&flow);
    let mut again = made();
    again.restore(&saved).unwrap();
    let (x, mut u) = ([0.1], [0.0]);
    let error = again.evaluate_between(0.04, &x, &mut u).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::State);
    assert!(error.message().contains("restart"), "{error}");
    again.step().unwrap();
    again.evaluate_between(0.075, &x, &mut u).unwrap();
    flow.step().unwrap();
    let mut v = [0.0];
    flow.evaluate_between(0.075, &x, &mut v).unwrap();
    assert_eq!(u, v);
}
