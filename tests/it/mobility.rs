//! Mobilities `u_t = -M(t, x, u) dF/du` against closed forms, at points that no step trains on.

use crate::support::problems::{dirichlet, start_from};
use crate::support::restart_helpers::goes_on;
use movimento::energy::{
    Batch, Dependence, Derivatives, EnergyDensity, Mobility, SuppliedDerivatives, Traits,
};
use movimento::options::Value;
use movimento::{Energy, ErrorKind, Options, Result, Solver, Wanted};
use std::sync::Arc;

/// `u^2 / 2`.
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
            f.iter_mut()
                .zip(batch.u)
                .for_each(|(f, u)| *f = 0.5 * u * u);
        }
        if let Some(f_u) = &mut wanted.f_u {
            f_u.copy_from_slice(batch.u);
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

/// A mobility of t, x on a line, and u.
fn in_time(m: impl Fn(f64, f64, f64) -> f64 + Send + Sync + 'static) -> Mobility {
    let all = move |t: f64, x: &[f64], u: &[f64], out: &mut [f64]| {
        let points = out.iter_mut().zip(x.iter().zip(u));
        points.for_each(|(out, (x, u))| *out = m(t, *x, *u));
        Ok(())
    };
    let (value, time) = (true, true);
    Mobility::new(Arc::new(all), Dependence { value, time })
}

/// The largest error between the nodes, relative to the largest value.
fn error(solver: &Solver, u: impl Fn(f64, &[f64]) -> f64) -> f64 {
    let d = solver.domain().dimension();
    let ratios = [0.754_877_666_247, 0.569_840_290_998];
    let x: Vec<f64> = (0..1000)
        .flat_map(|point| {
            let at = move |ratio: &f64| 2.0 * (0.5 + f64::from(point) * ratio).fract() - 1.0;
            ratios[..d].iter().map(at).collect::<Vec<_>>()
        })
        .collect();
    let mut found = vec![0.0; x.len() / d];
    solver.evaluate(&x, &mut found, None).unwrap();
    let exact: Vec<f64> = x.chunks_exact(d).map(|x| u(solver.time(), x)).collect();
    let largest = exact.iter().fold(0.0_f64, |most, u| most.max(u.abs()));
    let misses = found.iter().zip(&exact).map(|(u, exact)| (u - exact).abs());
    misses.fold(0.0, f64::max) / largest
}

/// Errors of schemes at two time steps, and the orders that they show.
fn orders(taus: [f64; 2], schemes: &[(f64, &str)], run: impl Fn(&str, f64) -> f64) {
    for (order, movement) in schemes {
        let [coarse, fine] = taus.map(|tau| run(movement, tau));
        let seen = (coarse / fine).log2();
        println!("{movement}: {coarse:.2e}, {fine:.2e}, order {seen:.2}");
        assert!(seen > order - 0.3, "{movement}: {seen}");
    }
}

const ALL: [(f64, &str); 3] = [(1.0, "euler"), (2.0, "second"), (3.0, "third")];

fn start(x: &[f64]) -> f64 {
    1.5 + 0.5 * (2.0 * x[0]).sin()
}

/// B14c: `u = u_0 exp(-m(x) t)`.
#[test]
fn of_a_function_of_x_every_scheme_keeps_its_order() {
    let m = |x: &[f64]| 1.0 + 0.5 * (3.0 * x[0]).cos();
    orders([0.2, 0.1], &ALL, |movement, tau| {
        let more = [("tau", tau.into()), ("movement", movement.into())];
        let mut solver = Solver::new(&options(1, &more)).unwrap();
        solver.add_energy(&square()).unwrap();
        solver.set_mobility(Mobility::of_position(1, m)).unwrap();
        start_from(&mut solver, start);
        // The rate of change is -M dF/du at any point.
        let mut rate = [0.0];
        let rates = Wanted {
            rate: Some(&mut rate),
            ..Wanted::default()
        };
        solver.evaluate_all(&[0.3], rates).unwrap();
        assert!(
            (rate[0] + m(&[0.3]) * start(&[0.3])).abs() < 1e-4,
            "{rate:?}"
        );
        solver.step_to(1.0).unwrap();
        let report = solver.report().unwrap();
        assert!(report.energy_slack > -1e-9, "{}", report.energy_slack);
        // A bound in the metric, where M is between a half and 3/2.
        assert!(report.error_bound.is_finite());
        error(&solver, |t, x| start(x) * (-m(x) * t).exp())
    });
}

/// `u' = -(1 + u^2) u`: `u = (exp(2 t) (1 + 1/u_0^2) - 1)^(-1/2)`.
#[test]
fn of_the_value_the_metric_is_frozen_to_first_and_second_order() {
    orders([0.1, 0.05], &ALL[..2], |movement, tau| {
        let more = [("tau", tau.into()), ("movement", movement.into())];
        let mut solver = Solver::new(&options(1, &more)).unwrap();
        solver.add_energy(&square()).unwrap();
        let mobility = Mobility::of_value(|u| 1.0 + u * u);
        solver.set_mobility(mobility).unwrap();
        start_from(&mut solver, start);
        for _ in 0..(0.8 / tau).round() as usize {
            solver.step().unwrap();
            let report = solver.report().unwrap();
            assert!(report.energy_slack > -1e-9, "{}", report.energy_slack);
        }
        error(&solver, |t, x| {
            ((2.0 * t).exp() * (1.0 + start(x).powi(-2)) - 1.0).powf(-0.5)
        })
    });
}

/// Heat through `M = 1/(1 + u^2)`, `u_t = M (u_xx + s)`, with the source of a given u.
#[test]
fn heat_through_a_mobility_of_t_x_and_u_has_the_orders() {
    fn exact(t: f64, x: f64) -> f64 {
        1.0 + (-t).exp() * (x + 0.3).sin()
    }
    let m = |t: f64, x: f64, u: f64| (1.0 + 0.2 * (3.0 * t).sin() + 0.3 * x) / (1.0 + u * u);
    orders([0.1, 0.05], &ALL[..2], |movement, tau| {
        let more = [("tau", tau.into()), ("movement", movement.into())];
        let mut solver = Solver::new(&options(1, &more)).unwrap();
        solver.add_energy(&dirichlet(1.0)).unwrap();
        // u_t / M = u_xx + s with u_t = u_xx = -exp(-t) sin(x + 0.3).
        let source = move |t: f64, x: &[f64]| {
            let (x, u) = (x[0], exact(t, x[0]));
            (1.0 - u) * (1.0 / m(t, x, u) - 1.0)
        };
        let source = Energy::from_source("source", Arc::new(source));
        solver.add_energy(&source).unwrap();
        let walls = |t: f64, x: &[f64], g: &mut [f64]| {
            g.iter_mut().zip(x).for_each(|(g, x)| *g = exact(t, *x));
            Ok(())
        };
        let walls = movimento::domain::BoundaryValue::Function(Arc::new(walls));
        solver.set_dirichlet(None, &walls).unwrap();
        solver.set_mobility(in_time(m)).unwrap();
        start_from(&mut solver, |x| exact(0.0, x[0]));
        solver.step_to(0.6).unwrap();
        error(&solver, |t, x| exact(t, x[0]))
    });
}

/// Of a plane, where nodes of steps and of checks differ: a step of any length lowers the energy.
#[test]
fn long_steps_in_a_metric_of_the_state_lower_the_energy() {
    let more = [
        ("tau", 2.0.into()),
        ("hidden", vec![200_i64].into()),
        ("training", "outputs".into()),
    ];
    let mut solver = Solver::new(&options(2, &more)).unwrap();
    solver.add_energy(&dirichlet(0.3)).unwrap();
    solver.add_energy(&square()).unwrap();
    let mobility = Mobility::of_value(|u| (3.0 * u).exp());
    solver.set_mobility(mobility).unwrap();
    start_from(&mut solver, |x| (2.0 * x[0]).sin() * x[1].cos());
    for _ in 0..4 {
        solver.step().unwrap();
        let report = solver.report().unwrap();
        assert!(report.energy_slack > 0.0 && report.energy < report.energy_before);
    }
}

#[test]
fn a_run_with_a_mobility_goes_on_from_a_snapshot() {
    for movement in ["euler", "second"] {
        let make = || {
            let more = [("tau", 0.1.into()), ("movement", movement.into())];
            let mut solver = Solver::new(&options(1, &more)).unwrap();
            solver.add_energy(&dirichlet(0.2)).unwrap();
            solver
                .set_mobility(in_time(|t, x, u| 1.0 + 0.3 * (t + x).sin() + u * u))
                .unwrap();
            solver
        };
        let mut run = make();
        start_from(&mut run, start);
        let fresh = || make();
        goes_on(run, &fresh, 3, &[1, 2]);
    }
}

#[test]
fn what_is_no_mobility_is_refused_and_leaves_the_solver_as_it_was() {
    let third = [("movement", "third".into())];
    let mut solver = Solver::new(&options(1, &third)).unwrap();
    let refused = solver
        .set_mobility(Mobility::of_value(|u| 1.0 + u * u))
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Option);
    assert!(refused.message().contains("euler and second"), "{refused}");
    let refused = solver
        .set_mobility(Mobility::of_position(1, |x| x[0]))
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Argument);
    assert!(refused.message().contains("above 0"), "{refused}");
    let nan = Mobility::of_position(1, |_| f64::NAN);
    assert_eq!(
        solver.set_mobility(nan).unwrap_err().kind(),
        ErrorKind::NotFinite
    );
    solver
        .set_mobility(Mobility::of_position(1, |_| 2.0))
        .unwrap();

    // What depends on u shows in a step.
    let mut solver = Solver::new(&options(1, &[("tau", 0.1.into())])).unwrap();
    solver.add_energy(&square()).unwrap();
    solver
        .set_mobility(Mobility::of_value(|u| 1.7 - u))
        .unwrap();
    start_from(&mut solver, start);
    let before = solver.parameters().to_vec();
    let refused = solver.step().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Argument);
    assert!(refused.message().contains("the mobility is -"), "{refused}");
    assert_eq!((solver.steps(), solver.parameters()), (0, &*before));
    let late = solver
        .set_mobility(Mobility::of_value(|_| 1.0))
        .unwrap_err();
    assert_eq!(late.kind(), ErrorKind::State);

    let wasserstein = [("flow", "wasserstein".into()), ("domain", "space".into())];
    let mut solver = Solver::new(&options(1, &wasserstein)).unwrap();
    let refused = solver
        .set_mobility(Mobility::of_value(|_| 1.0))
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::State);
    assert!(refused.message().contains("a mobility"), "{refused}");
}
