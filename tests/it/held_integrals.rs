//! Integrals of a field that are held at values, against closed forms at points that no step trains on.

use crate::support::problems::{dirichlet, start_from};
use movimento::domain::BoundaryValue;
use movimento::energy::{Batch, Derivatives, EnergyDensity, Outer, SuppliedDerivatives, Traits};
use movimento::options::Value;
use movimento::{Energy, ErrorKind, Options, Result, Solver, Wanted};
use std::f64::consts::PI;
use std::sync::Arc;

/// `u^2`.
struct Square;

impl EnergyDensity for Square {
    fn traits(&self) -> Traits {
        Traits {
            convex: true,
            derivatives: SuppliedDerivatives::ValueAndSlopes,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        wanted.each(|array| array.fill(0.0));
        if let Some(f) = &mut wanted.f {
            f.iter_mut().zip(batch.u).for_each(|(f, u)| *f = u * u);
        }
        if let Some(f_u) = &mut wanted.f_u {
            f_u.iter_mut().zip(batch.u).for_each(|(f, u)| *f = 2.0 * u);
        }
        Ok(())
    }
}

fn square() -> Energy {
    Energy::from_density("square", Arc::new(Square))
}

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

/// The largest error on an irregular lattice.
fn error(solver: &Solver, exact: impl Fn(f64, &[f64]) -> f64) -> f64 {
    let d = solver.domain().dimension();
    let ratios = [0.754_877_666_247, 0.569_840_290_998];
    let x: Vec<f64> = (0..1000)
        .flat_map(|point| {
            let at = move |ratio: &f64| 2.0 * (0.5 + f64::from(point) * ratio).fract() - 1.0;
            ratios[..d].iter().map(at).collect::<Vec<_>>()
        })
        .collect();
    let mut u = vec![0.0; x.len() / d];
    solver.evaluate(&x, &mut u, None).unwrap();
    let pairs = x.chunks_exact(d).zip(&u);
    let misses = pairs.map(|(x, u)| (u - exact(solver.time(), x)).abs());
    misses.fold(0.0, f64::max)
}

/// `u_t = u_xx + pi^2 cos(pi x) + 1 - mu`: the multiplier takes the mean of the source away.
#[test]
fn a_mean_is_held_to_rounding_and_schemes_keep_their_orders() {
    for (order, movement) in [(1.0, "euler"), (2.0, "second"), (3.0, "third")] {
        let run = |tau: f64| {
            let more = [("tau", tau.into()), ("movement", movement.into())];
            let mut solver = Solver::new(&options(1, &more)).unwrap();
            solver.add_energy(&dirichlet(1.0)).unwrap();
            let source = |_: f64, x: &[f64]| PI * PI * (PI * x[0]).cos() + 1.0;
            let source = Energy::from_source("source", Arc::new(source));
            solver.add_energy(&source).unwrap();
            solver.hold_mean(0.25).unwrap();
            start_from(&mut solver, |_| 0.25);
            for _ in 0..(0.1 / tau).round() as usize {
                solver.step().unwrap();
                let report = solver.report().unwrap();
                assert!((report.mass - 0.5).abs() < 1e-13, "{:e}", report.mass - 0.5);
                assert!(report.integral_error < 1e-12, "{:e}", report.integral_error);
                assert!(report.energy_slack > -1e-9, "{:e}", report.energy_slack);
            }
            println!("{} iterations", solver.report().unwrap().iterations);
            error(&solver, |t, x| {
                0.25 + (1.0 - (-PI * PI * t).exp()) * (PI * x[0]).cos()
            })
        };
        let [coarse, fine] = [0.02, 0.01].map(run);
        let seen = (coarse / fine).log2();
        println!("{movement}: {coarse:.2e}, {fine:.2e}, order {seen:.2}");
        assert!(seen > order - 0.3, "{movement}: {seen}");
    }
}

/// The least energy of a norm that is held is the first eigenvalue: `u = A cos(pi x / 2)`.
#[test]
fn a_norm_is_held_and_leads_to_the_ground_state() {
    let mut solver = Solver::new(&options(1, &[("tau", 0.2.into())])).unwrap();
    solver.add_energy(&dirichlet(1.0)).unwrap();
    solver
        .set_dirichlet(None, &BoundaryValue::Constant(0.0))
        .unwrap();
    solver.hold_integral(&square(), 2.0).unwrap();
    start_from(&mut solver, |x| (1.0 - x[0] * x[0]) * (1.0 + x[0]));
    for _ in 0..30 {
        solver.step().unwrap();
    }
    let report = solver.report().unwrap();
    let error = error(&solver, |_, x| 2.0_f64.sqrt() * (0.5 * PI * x[0]).cos());
    println!(
        "error {error:.1e}, off {:.1e}, {} iterations",
        report.integral_error, report.iterations
    );
    assert!(error < 1e-4 && report.integral_error < 1e-12);
    assert!(
        (report.energy - PI * PI / 4.0).abs() < 1e-5,
        "{}",
        report.energy
    );
}

/// Held together: the mean and the norm, from a u_0 that has neither.
#[test]
fn several_integrals_are_held_together() {
    let mut solver = Solver::new(&options(1, &[("tau", 0.1.into())])).unwrap();
    solver.add_energy(&dirichlet(1.0)).unwrap();
    solver.hold_mean(0.5).unwrap();
    solver.hold_integral(&square(), 1.5).unwrap();
    start_from(&mut solver, |x| 0.3 + 0.6 * (1.5 * x[0]).sin());
    for _ in 0..40 {
        solver.step().unwrap();
        let report = solver.report().unwrap();
        assert!((report.mass - 1.0).abs() < 1e-12, "{:e}", report.mass - 1.0);
        assert!(report.integral_error < 1e-10, "{:e}", report.integral_error);
    }
    // At rest the mean and the first mode, `1/2 +- sin(pi x / 2)` of the norm that is left.
    let error = error(&solver, |_, x| 0.5 + (0.5 * PI * x[0]).sin());
    println!("error {error:.1e}");
    assert!(error < 1e-4, "{error:e}");
    // There it stays.
    let mut rate = [0.0];
    let wanted = Wanted {
        rate: Some(&mut rate),
        ..Wanted::default()
    };
    solver.evaluate_all(&[0.4], wanted).unwrap();
    assert!(rate[0].abs() < 1e-3, "{rate:?}");
}

#[test]
fn an_integral_that_cannot_be_held_is_refused() {
    let mut solver = Solver::new(&options(1, &[])).unwrap();
    for value in [f64::NAN, f64::INFINITY] {
        let refused = solver.hold_mean(value).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Argument);
        assert!(refused.message().contains("`value`"), "{refused}");
    }
    let refused = solver.hold_integral(&dirichlet(1.0), 1.0).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Plugin);
    assert!(
        refused.message().contains("without p = grad u"),
        "{refused}"
    );
    solver.hold_mean(0.5).unwrap();
    let refused = solver.hold_mean(0.5).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Argument);
    assert!(refused.message().contains("held already"), "{refused}");
    solver.add_energy(&dirichlet(1.0)).unwrap();
    start_from(&mut solver, |x| 0.5 + 0.2 * x[0]);
    solver.step().unwrap();
    assert_eq!(solver.hold_mean(0.5).unwrap_err().kind(), ErrorKind::State);
}

/// `u' = -phi'(int u^2) 2 u`: all values decay alike, by a rate that the norm says. With `phi = I^2 / 4` it is
/// `u' = -I u`, so that `I' = -2 I^2`.
#[test]
fn a_function_of_an_integral_is_an_energy() {
    for (order, movement) in [(1.0, "euler"), (2.0, "second"), (3.0, "third")] {
        let run = |tau: f64| {
            let more = [("tau", tau.into()), ("movement", movement.into())];
            let mut solver = Solver::new(&options(1, &more)).unwrap();
            let phi = |integral: f64| Ok([0.25 * integral * integral, 0.5 * integral, 0.5]);
            solver
                .add_function_of_integral(&square(), Outer::new(Arc::new(phi)))
                .unwrap();
            let start = |x: &[f64]| 1.0 + 0.5 * (2.0 * x[0]).sin();
            start_from(&mut solver, start);
            // int (1 + sin(2 x) / 2)^2 = 2 + (1 - sin(4) / 4) / 4
            let first = 2.0 + 0.25 * (1.0 - 0.25 * 4.0_f64.sin());
            assert!((solver.energy().unwrap() - 0.25 * first * first).abs() < 1e-4);
            let mut rate = [0.0];
            let wanted = Wanted {
                rate: Some(&mut rate),
                ..Wanted::default()
            };
            solver.evaluate_all(&[0.5], wanted).unwrap();
            assert!((rate[0] + first * start(&[0.5])).abs() < 1e-3, "{rate:?}");
            solver.step_to(0.4).unwrap();
            let report = solver.report().unwrap();
            assert!(
                report.energy_slack > -1e-9 && report.residual < 1e-2,
                "{report:?}"
            );
            assert!(report.integral_error == 0.0);
            error(&solver, |t, x| {
                start(x) * (1.0 + 2.0 * first * t).powf(-0.5)
            })
        };
        let [coarse, fine] = [0.1, 0.05].map(run);
        let seen = (coarse / fine).log2();
        println!("{movement}: {coarse:.2e}, {fine:.2e}, order {seen:.2}");
        assert!(seen > order - 0.4, "{movement}: {seen}");
    }
}

/// A penalty comes to the constraint that it stands for.
#[test]
fn a_penalty_of_the_mean_is_nearly_the_mean_that_is_held() {
    let run = |pose: &dyn Fn(&mut Solver)| {
        let mut solver = Solver::new(&options(1, &[("tau", 0.1.into())])).unwrap();
        solver.add_energy(&dirichlet(1.0)).unwrap();
        let walls = BoundaryValue::Constant(0.0);
        solver.set_dirichlet(None, &walls).unwrap();
        pose(&mut solver);
        start_from(&mut solver, |x| 1.0 - x[0] * x[0]);
        for _ in 0..30 {
            solver.step().unwrap();
            assert!(solver.report().unwrap().energy_slack > -1e-9);
        }
        solver
    };
    // int u = 1: at rest u = 3/4 (1 - x^2).
    let held = run(&|solver| solver.hold_mean(0.5).unwrap());
    let exact = |_: f64, x: &[f64]| 0.75 * (1.0 - x[0] * x[0]);
    let of_held = error(&held, exact);
    let volume = Energy::from_source("volume", Arc::new(|_: f64, _: &[f64]| -1.0));
    let penalised = run(&|solver| {
        let phi = Outer::penalty(2000.0, 1.0);
        solver.add_function_of_integral(&volume, phi).unwrap();
    });
    let of_penalty = error(&penalised, exact);
    println!("held {of_held:.1e}, by a penalty {of_penalty:.1e}");
    assert!(of_held < 1e-5 && of_penalty < 2e-3 && of_penalty > 1e-5);
    let energies = penalised.energies().unwrap();
    assert_eq!(
        penalised.energy_names(),
        ["dirichlet in Rust", "function of volume"]
    );
    assert!(energies[1] > 0.0 && energies[1] < 1e-2, "{energies:?}");
}
