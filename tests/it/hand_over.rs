//! Fields that a host hands over between two steps: operator splitting with the host's own operators.

use crate::support::problems::{allen_cahn, dirichlet, on_grid, relative, small, start_from};
use crate::support::wasserstein::{self, options, ornstein_uhlenbeck, standard};
use movimento::domain::BoundaryValue;
use movimento::snapshot::{Writer, restore};
use movimento::{ErrorKind, HandOver, Initial, NewField, Options, Result, Solver};
use std::f64::consts::TAU;

/// A solver of the box `[-1, 1]^d` with the options of a user.
fn solver(d: i64, tau: f64, movement: &str) -> Solver {
    let mut options = Options::new();
    options.set("dimension", d).unwrap();
    options.set("lower", vec![-1.0]).unwrap();
    options.set("upper", vec![1.0]).unwrap();
    options.set("tau", tau).unwrap();
    options.set("movement", movement).unwrap();
    Solver::new(&options).unwrap()
}

fn set_values(solver: &mut Solver, x: &[f64], values: &[f64]) -> Result<()> {
    solver.hand_over(HandOver {
        is_increment: false,
        field: NewField::Values { x, values },
    })
}

/// Hands over `u -> f(x, u)`, or adds it.
fn change(solver: &mut Solver, is_increment: bool, f: impl Fn(&[f64], f64) -> f64) -> Result<()> {
    let d = solver.domain().dimension();
    let mut function = |x: &[f64], u: &[f64], out: &mut [f64]| {
        let points = x.chunks_exact(d).zip(u).zip(out);
        points.for_each(|((x, u), out)| *out = f(x, *u));
        Ok(())
    };
    solver.hand_over(HandOver {
        is_increment,
        field: NewField::Function(&mut function),
    })
}

/// A host's grid of n x n points on the square `[-1, 1]^2`, which it turns by interpolation.
struct Host {
    n: usize,
}

impl Host {
    fn points(&self) -> Vec<f64> {
        let at = |i: usize| -1.0 + 2.0 * i as f64 / (self.n - 1) as f64;
        (0..self.n)
            .flat_map(|i| (0..self.n).flat_map(move |j| [at(i), at(j)]))
            .collect()
    }

    /// The field that was at each point turned back by an angle, by polynomials of degree 5.
    fn turned(&self, u: &[f64], angle: f64) -> Vec<f64> {
        let (sin, cos) = angle.sin_cos();
        let from = |p: &[f64]| [cos * p[0] + sin * p[1], cos * p[1] - sin * p[0]];
        let points = self.points();
        points
            .chunks_exact(2)
            .map(|p| {
                let [x, y] = from(p);
                let ((i, a), (j, b)) = (self.weights(x), self.weights(y));
                let row = |k: usize| -> f64 {
                    let row = &u[(i + k) * self.n + j..];
                    b.iter().zip(row).map(|(b, u)| b * u).sum()
                };
                a.iter().enumerate().map(|(k, a)| a * row(k)).sum()
            })
            .collect()
    }

    /// The first of six points around x, and Lagrange's weights; beyond the grid the nearest value.
    fn weights(&self, x: f64) -> (usize, [f64; 6]) {
        let h = 2.0 / (self.n - 1) as f64;
        let s = ((x + 1.0) / h).clamp(0.0, (self.n - 1) as f64);
        let first = (s.floor() as usize).saturating_sub(2).min(self.n - 6);
        let t = s - first as f64;
        let weight = |k: usize| {
            let others = (0..6).filter(|m| *m != k);
            others
                .map(|m| (t - m as f64) / (k as f64 - m as f64))
                .product()
        };
        (first, std::array::from_fn(weight))
    }
}

const KAPPA: f64 = 0.003;

/// A Gaussian of variances 0.02 and 0.03 along axes that have turned with its centre by an angle, and
/// diffused for a time.
fn bump(x: &[f64], angle: f64, t: f64) -> f64 {
    let (sin, cos) = angle.sin_cos();
    let along = cos * x[0] + sin * x[1] - 0.2;
    let across = cos * x[1] - sin * x[0];
    let (a, b) = (0.02 + 2.0 * KAPPA * t, 0.03 + 2.0 * KAPPA * t);
    let height = (0.02 * 0.03 / (a * b)).sqrt();
    height * (-0.5 * (along * along / a + across * across / b)).exp()
}

fn exact(x: &[f64], angle: f64, t: f64) -> Vec<f64> {
    x.chunks_exact(2).map(|x| bump(x, angle, t)).collect()
}

#[test]
fn a_bump_that_the_host_turns_and_the_library_diffuses() {
    const STEPS: u32 = 20;
    let (tau, angle) = (0.02, TAU / 20.0);
    let host = Host { n: 61 };
    let x = host.points();
    let mut solver = solver(2, tau, "second");
    solver.add_energy(&dirichlet(KAPPA)).unwrap();
    start_from(&mut solver, |x| bump(x, 0.0, 0.0));
    let mut alone = solver.try_clone().unwrap();
    let mut turned = exact(&x, 0.0, 0.0);
    let mut u = vec![0.0; turned.len()];
    let (mut steps, mut hand_overs) = ((0, 0.0), (0, 0.0));
    for step in 1..=STEPS {
        solver.evaluate(&x, &mut u, None).unwrap();
        set_values(&mut solver, &x, &host.turned(&u, angle)).unwrap();
        solver.step().unwrap();
        alone.step().unwrap();
        turned = host.turned(&turned, angle);
        let (report, given) = (solver.report().unwrap(), solver.hand_over_report().unwrap());
        assert_eq!(
            (given.count, given.step),
            (step.into(), u64::from(step) - 1)
        );
        assert!(given.relative_error < 1e-3, "{given:?}");
        // The first of each makes its matrix.
        if step > 1 {
            steps = (steps.0 + report.iterations, steps.1 + report.seconds);
            hand_overs = (
                hand_overs.0 + given.iterations,
                hand_overs.1 + given.seconds,
            );
        }
    }
    assert_eq!((solver.steps(), solver.time()), (20, alone.time()));
    let t = solver.time();
    solver.evaluate(&x, &mut u, None).unwrap();
    let error = relative(&u, &exact(&x, TAU, t));
    alone.evaluate(&x, &mut u, None).unwrap();
    let of_steps = relative(&u, &exact(&x, 0.0, t));
    let of_host = relative(&turned, &exact(&x, TAU, 0.0));
    println!(
        "error {error:.2e}, of the steps {of_steps:.2e}, of the host {of_host:.2e}; \
         {steps:?} of steps, {hand_overs:?} of hand-overs; {:?}",
        solver.hand_over_report()
    );
    assert!(
        error < 2.0 * (of_steps + of_host),
        "{error:e} {of_steps:e} {of_host:e}"
    );
    // In iterations, whose cost is alike, and in seconds of one run.
    assert!(hand_overs.0 <= steps.0, "{hand_overs:?} {steps:?}");
    assert!(hand_overs.1 <= 1.5 * steps.1, "{hand_overs:?} {steps:?}");
}

#[test]
fn own_values_back_are_next_to_nothing() {
    let mut solver = solver(2, 0.01, "euler");
    solver.add_energy(&dirichlet(KAPPA)).unwrap();
    start_from(&mut solver, |x| bump(x, 0.4, 0.0));
    solver.step().unwrap();
    let (x, before) = on_grid(&solver, 50);
    let parameters = solver.parameters().to_vec();
    set_values(&mut solver, &x, &before).unwrap();
    let given = solver.hand_over_report().unwrap();
    println!("{given:?}");
    assert!(given.iterations == 0 && given.change < 1e-11, "{given:?}");
    assert_eq!(solver.parameters(), parameters);
    assert_eq!((solver.steps(), solver.time()), (1, 0.01));
}

/// The flow of `u' = (u - u^3)/e` for a time.
fn react(u: f64, e: f64, t: f64) -> f64 {
    let grown = (t / e).exp();
    u * grown / (1.0 + u * u * (grown * grown - 1.0)).sqrt()
}

/// The end of Allen-Cahn on a line, whose reaction is the host's own, by Strang's splitting.
fn strang(steps: u32, by_increments: bool) -> Vec<f64> {
    let t = 0.4;
    let tau = t / f64::from(steps);
    let mut solver = solver(1, tau, "second");
    solver.add_energy(&dirichlet(0.1)).unwrap();
    start_from(&mut solver, |x| 0.5 * (4.0 * x[0]).sin() + 0.2 * x[0].cos());
    let half = |solver: &mut Solver| {
        let done = match by_increments {
            true => change(solver, true, |_, u| react(u, 0.5, 0.5 * tau) - u),
            false => change(solver, false, |_, u| react(u, 0.5, 0.5 * tau)),
        };
        done.unwrap();
    };
    for _ in 0..steps {
        half(&mut solver);
        solver.step().unwrap();
        half(&mut solver);
    }
    on_grid(&solver, 101).1
}

#[test]
fn strang_splitting_is_of_second_order() {
    let best = strang(64, true);
    let errors: Vec<f64> = [4, 8, 16]
        .into_iter()
        .map(|steps| relative(&strang(steps, steps != 8), &best))
        .collect();
    println!("{errors:?}");
    let orders: Vec<f64> = errors.windows(2).map(|e| (e[0] / e[1]).log2()).collect();
    assert!(
        orders.iter().all(|order| (1.7..2.4).contains(order)),
        "{orders:?}"
    );
    // And it comes to what the whole equation does.
    let mut solver = solver(1, 0.4 / 64.0, "second");
    solver.add_energy(&allen_cahn(0.1, 0.5_f64.sqrt())).unwrap();
    start_from(&mut solver, |x| 0.5 * (4.0 * x[0]).sin() + 0.2 * x[0].cos());
    solver.step_to(0.4).unwrap();
    let apart = relative(&best, &on_grid(&solver, 101).1);
    println!("{apart:e}");
    assert!(apart < 3e-5, "{apart:e}");
}

#[test]
fn a_field_that_outgrows_its_units_and_features_is_met() {
    let mut solver = solver(2, 1e-3, "second");
    solver.add_energy(&dirichlet(0.1)).unwrap();
    start_from(&mut solver, |x| x[0].cos());
    let before = solver.parameters().len();
    let layer = |x: &[f64], _: f64| 1e4 * (12.0 * (x[0] + 0.5 * x[1] - 0.2)).tanh() + 3e5;
    change(&mut solver, false, layer).unwrap();
    let given = solver.hand_over_report().unwrap().clone();
    println!("{given:?} {before} {}", solver.parameters().len());
    let (x, u) = on_grid(&solver, 50);
    let wanted: Vec<f64> = x.chunks_exact(2).map(|x| layer(x, 0.0) - 3e5).collect();
    let varying: Vec<f64> = u.iter().map(|u| u - 3e5).collect();
    let error = relative(&varying, &wanted);
    assert!(
        error < 2e-3 && given.relative_error < 2e-3,
        "{error:e} {given:?}"
    );
    assert!(solver.parameters().len() > before);
    solver.step().unwrap();
    let report = solver.report().unwrap();
    assert!(
        report.energy_slack > 0.0 && report.substeps == 1,
        "{report:?}"
    );
    // And back to where it was: other units again.
    change(&mut solver, false, |x, _| 1e-3 * x[1].sin()).unwrap();
    let error = relative(
        &on_grid(&solver, 50).1,
        &x.chunks_exact(2)
            .map(|x| 1e-3 * x[1].sin())
            .collect::<Vec<_>>(),
    );
    assert!(error < 1e-4, "{error:e}");
}

#[test]
fn whole_networks_are_fitted_from_where_they_are() {
    let mut options = small(2, -1.0, 1.0, &[16, 16]);
    options.set("tau", 0.01).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    solver.add_energy(&dirichlet(0.01)).unwrap();
    start_from(&mut solver, |x| bump(x, 0.4, 0.0));
    let fit = solver.fit_report().unwrap().clone();
    solver.step().unwrap();
    change(&mut solver, false, |_, u| u).unwrap();
    assert_eq!(solver.hand_over_report().unwrap().iterations, 0);
    let (x, before) = on_grid(&solver, 30);
    change(&mut solver, true, |x, _| 0.02 * x[0].sin()).unwrap();
    let given = solver.hand_over_report().unwrap();
    println!("{fit:?} {given:?}");
    assert!(
        given.iterations <= 40 && given.relative_error < 2e-3,
        "{given:?}"
    );
    let wanted = x
        .chunks_exact(2)
        .zip(&before)
        .map(|(x, u)| u + 0.02 * x[0].sin());
    let error = relative(&on_grid(&solver, 30).1, &wanted.collect::<Vec<_>>());
    assert!(error < 3e-3, "{error:e}");
    solver.step().unwrap();
}

#[test]
fn a_coupled_run_is_one_series_and_its_restart_comes_to_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let mut solver = solver(1, 0.01, "second");
        solver.add_energy(&dirichlet(0.1)).unwrap();
        solver
    };
    // By values at the same points and by a function, in turns; and one that renews the units.
    let x: Vec<f64> = (0..700).map(|i| -1.0 + f64::from(i) / 349.5).collect();
    let cycle = |solver: &mut Solver| {
        let mut u = vec![0.0; x.len()];
        solver.evaluate(&x, &mut u, None).unwrap();
        u.iter_mut().for_each(|u| *u *= 1.3);
        set_values(solver, &x, &u).unwrap();
        solver.step().unwrap();
        change(solver, true, |x, u| 0.05 * (x[0] - u)).unwrap();
    };
    let mut whole = start();
    start_from(&mut whole, |x| (3.0 * x[0]).cos());
    let mut writer = Writer::new(&whole, folder.path(), None).unwrap();
    writer.write(&whole).unwrap();
    for _ in 0..3 {
        cycle(&mut whole);
        writer.write(&whole).unwrap();
    }
    // Energies are those of the state, not of the last step.
    let energy = whole.measure().unwrap().energies[0];
    assert!((energy - whole.energy().unwrap()).abs() <= 1e-12 * energy.abs());
    drop(writer);
    let mut other = start();
    restore(&mut other, folder.path()).unwrap();
    let mut writer = Writer::new(&other, folder.path(), None).unwrap();
    for _ in 0..3 {
        cycle(&mut whole);
        cycle(&mut other);
        assert_eq!(other.parameters(), whole.parameters());
        writer.write(&other).unwrap();
    }
    assert_eq!((other.steps(), other.time()), (6, whole.time()));
    assert_eq!(writer.len(), 7);
    let (one, two) = (
        other.hand_over_report().unwrap(),
        whole.hand_over_report().unwrap(),
    );
    assert_eq!(
        (one.count, one.relative_error),
        (two.count, two.relative_error)
    );
}

#[test]
fn what_cannot_be_handed_over_is_refused_and_nothing_has_changed() {
    let mut solver = solver(1, 0.01, "euler");
    let x: Vec<f64> = (0..700).map(|i| -1.0 + f64::from(i) / 349.5).collect();
    let u = vec![1.0; x.len()];
    let early = set_values(&mut solver, &x, &u).unwrap_err();
    assert_eq!(early.kind(), ErrorKind::State);
    solver.add_energy(&dirichlet(0.1)).unwrap();
    start_from(&mut solver, |x| x[0].cos());
    solver.step().unwrap();
    let before = solver.parameters().to_vec();
    let mut refused = |x: &[f64], u: &[f64], kind, part: &str| {
        let error = set_values(&mut solver, x, u).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().contains(part), "{error}");
    };
    let mut bad = u.clone();
    bad[3] = f64::NAN;
    refused(&x, &bad, ErrorKind::Argument, "`values` holds NaN");
    refused(&x[..50], &u[..50], ErrorKind::Argument, "give more points");
    refused(
        &x[..50],
        &u,
        ErrorKind::Argument,
        "`values` has 700 entries",
    );
    let mut outside = x.clone();
    outside[0] = -1.5;
    refused(&outside, &u, ErrorKind::Argument, "-1.5");
    let rough: Vec<f64> = (0..700).map(|i| f64::from(i * 7919 % 13)).collect();
    refused(&x, &rough, ErrorKind::NotConverged, "`fit_accept`");
    let error = change(&mut solver, true, |_, _| f64::INFINITY).unwrap_err();
    assert!(
        error.message().contains("hand-over: the value = inf"),
        "{error}"
    );
    assert_eq!(solver.parameters(), before);
    assert_eq!(solver.hand_over_report().unwrap().count, 0);
    let mut mass = transported();
    let error = change(&mut mass, false, |_, u| u).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::State);
    assert!(error.message().contains("set_time"), "{error}");
    // As it says: the time goes on with a new density.
    mass.step().unwrap();
    let time = mass.time();
    mass.set_initial(Initial::Density(standard(1))).unwrap();
    mass.set_time(time).unwrap();
    mass.step().unwrap();
    assert!((mass.time() - 2.0 * time).abs() < 1e-12);
    assert!(mass.set_time(f64::NAN).is_err());
}

fn transported() -> Solver {
    let options = options(1, "euler", 0.05, &[0]);
    wasserstein::solver(&options, &ornstein_uhlenbeck(&[1.0], &[0.3]), standard(1))
}

#[test]
fn parameters_that_the_host_sets_are_gone_on_with() {
    let mut solver = solver(1, 0.01, "euler");
    solver.add_energy(&dirichlet(0.1)).unwrap();
    start_from(&mut solver, |x| x[0].cos());
    solver.step().unwrap();
    let (_, before) = on_grid(&solver, 40);
    let mut parameters = solver.parameters().to_vec();
    // The last is the constant, in units of u.
    let last = parameters.len() - 1;
    parameters[last] += 0.5;
    assert!(solver.set_parameters(&parameters[1..]).is_err());
    solver.set_parameters(&parameters).unwrap();
    let (_, after) = on_grid(&solver, 40);
    let shift = after[0] - before[0];
    let uneven = after
        .iter()
        .zip(&before)
        .map(|(a, b)| (a - b - shift).abs());
    assert!(shift > 0.0 && uneven.fold(0.0, f64::max) < 1e-9, "{shift}");
    solver.step().unwrap();
    assert!((solver.report().unwrap().mass / 2.0 - shift).abs() < 1.0);
}

#[test]
fn values_on_the_boundary_stay_where_a_field_is_handed_over() {
    let mut flow = solver(1, 0.01, "second");
    flow.add_energy(&dirichlet(0.1)).unwrap();
    flow.set_dirichlet(Some(0), &BoundaryValue::Constant(1.0))
        .unwrap();
    start_from(&mut flow, |x| 1.0 + 0.3 * (x[0] + 1.0));
    flow.step().unwrap();
    let (x, before) = on_grid(&flow, 101);
    let added = |x: f64| 0.2 * (1.5 * (x + 1.0)).sin();
    let off = |flow: &Solver, known: &[f64]| relative(&on_grid(flow, 101).1, known);
    let on_the_wall = |flow: &Solver| {
        let mut u = [f64::NAN];
        flow.evaluate(&[-1.0], &mut u, None).unwrap();
        (u[0] - 1.0).abs()
    };
    change(&mut flow, true, |x, _| added(x[0])).unwrap();
    let known: Vec<f64> = before.iter().zip(&x).map(|(u, x)| u + added(*x)).collect();
    assert!(off(&flow, &known) < 1e-4, "{:e}", off(&flow, &known));
    assert!(on_the_wall(&flow) < 1e-12);
    // And by values, at points enough for its features.
    let points = grid(1000);
    let parabola = |x: f64| 1.0 + 0.1 * (x + 1.0) * (x + 1.0);
    let values: Vec<f64> = points.iter().map(|x| parabola(*x)).collect();
    set_values(&mut flow, &points, &values).unwrap();
    let known: Vec<f64> = x.iter().map(|x| parabola(*x)).collect();
    assert!(off(&flow, &known) < 1e-4, "{:e}", off(&flow, &known));
    assert!(on_the_wall(&flow) < 1e-12);
    flow.step().unwrap();
    assert!(on_the_wall(&flow) < 1e-12);
}

/// Points of `[-1, 1]`, evenly spaced.
fn grid(n: u32) -> Vec<f64> {
    let at = |i: u32| -1.0 + 2.0 * (f64::from(i) + 0.5) / f64::from(n);
    (0..n).map(at).collect()
}
