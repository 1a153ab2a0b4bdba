//! Flows in H^-1 against closed forms, at points that no step trains on.

use crate::support::common::energy;
use crate::support::problems::{allen_cahn, on_grid, relative, start_from};
use crate::support::restart_helpers::goes_on;
use movimento::domain::BoundaryValue;
use movimento::energy::Mobility;
use movimento::options::Value;
use movimento::{Energy, ErrorKind, Options, Solver, Wanted};
use std::f64::consts::PI;

fn options(d: i64, more: &[(&str, Value)]) -> Options {
    let mut options = Options::new();
    options.set("flow", "h-1").unwrap();
    options.set("dimension", d).unwrap();
    for (key, value) in more {
        options.set(key, value.clone()).unwrap();
    }
    options
}

fn quadratic() -> Energy {
    energy("internal", "quadratic", &[])
}

/// Heat on the unit interval or square from two waves, of which the flow of `int u^2 / 2` makes this.
fn waves(t: f64, x: &[f64]) -> f64 {
    let decay = |k2: f64| (-PI * PI * k2 * t).exp();
    let second = match x {
        [x, y, ..] => decay(5.0) * (PI * x).cos() * (2.0 * PI * y).cos(),
        _ => decay(4.0) * (2.0 * PI * x[0]).cos(),
    };
    1.0 + 0.5 * decay(1.0) * (PI * x[0]).cos() + 0.25 * second
}

/// Its error relative to what varies, and how far the mass is from 1.
fn heat(d: i64, movement: &str, steps: u32) -> [f64; 2] {
    let tau = 0.1 / f64::from(steps);
    let more = [("movement", movement.into()), ("tau", tau.into())];
    let mut solver = Solver::new(&options(d, &more)).unwrap();
    solver.add_energy(&quadratic()).unwrap();
    start_from(&mut solver, |x| waves(0.0, x));
    for _ in 0..steps {
        solver.step().unwrap();
    }
    let (x, u) = on_grid(&solver, 33);
    let points = x.chunks_exact(d as usize);
    let exact: Vec<f64> = points.map(|x| waves(solver.time(), x) - 1.0).collect();
    let u: Vec<f64> = u.iter().map(|u| u - 1.0).collect();
    let mass = solver.report().unwrap().mass - 1.0;
    [relative(&u, &exact), mass.abs()]
}

#[test]
fn the_flow_of_half_the_square_is_heat_with_orders_one_two_and_three() {
    for (movement, order, bound) in [("euler", 1, 6e-2), ("second", 2, 7e-4), ("third", 3, 2e-5)] {
        let [[coarse, _], [fine, mass]] = [10, 20].map(|steps| heat(1, movement, steps));
        println!("{movement}: {coarse:.2e} {fine:.2e}, mass off by {mass:.1e}");
        let observed = (coarse / fine).log2();
        assert!(coarse < bound, "{movement}: {coarse:e}");
        assert!(
            (observed - f64::from(order)).abs() < 0.15,
            "{movement}: {observed}"
        );
        assert!(mass < 1e-12, "{movement}: {mass:e}");
    }
    let [error, mass] = heat(2, "third", 20);
    assert!(error < 1e-5 && mass < 1e-12, "{error:e} {mass:e}");
}

/// The same with few features, which every vector unit is quick with.
#[test]
fn few_features_make_heat_too() {
    let more = [
        ("movement", "third".into()),
        ("tau", 0.01.into()),
        ("hidden", vec![48_i64].into()),
    ];
    let mut solver = Solver::new(&options(1, &more)).unwrap();
    solver.add_energy(&quadratic()).unwrap();
    start_from(&mut solver, |x| waves(0.0, x));
    for _ in 0..10 {
        solver.step().unwrap();
    }
    let (x, u) = on_grid(&solver, 33);
    let exact = x.iter().map(|x| waves(solver.time(), &[*x]) - 1.0);
    let u: Vec<f64> = u.iter().map(|u| u - 1.0).collect();
    let error = relative(&u, &exact.collect::<Vec<_>>());
    let mass = (solver.report().unwrap().mass - 1.0).abs();
    println!("{error:.2e}, mass off by {mass:.1e}");
    assert!(error < 1e-4 && mass < 1e-12, "{error:e} {mass:e}");
}

/// u at points after the flow of `int u^2 / 2` with a mobility on [-1, 1] to t = 0.2.
fn moved(movement: &str, steps: u32, mobility: Mobility, u_0: fn(&[f64]) -> f64) -> Vec<f64> {
    let tau = 0.2 / f64::from(steps);
    let more = [
        ("movement", movement.into()),
        ("tau", tau.into()),
        ("lower", vec![-1.0].into()),
    ];
    let mut solver = Solver::new(&options(1, &more)).unwrap();
    solver.add_energy(&quadratic()).unwrap();
    solver.set_mobility(mobility).unwrap();
    start_from(&mut solver, u_0);
    for _ in 0..steps {
        solver.step().unwrap();
    }
    on_grid(&solver, 57).1
}

/// `u_t = ((1 - x^2) u_x)_x`, whose waves are the polynomials of Legendre: P_n decays by n (n + 1).
#[test]
fn legendres_polynomials_decay_where_the_mobility_vanishes_at_the_ends() {
    let second = |x: f64| 1.5 * x * x - 0.5;
    let all = |x: &[f64]| 2.0 + x[0] + 0.5 * (1.5 * x[0] * x[0] - 0.5);
    let ends = || Mobility::of_position(1, |x| 1.0 - x[0] * x[0]);
    let x: Vec<f64> = (0..57)
        .map(|i| 2.0 * (f64::from(i) + 0.5) / 57.0 - 1.0)
        .collect();
    let decay = |rate: f64| (-0.2 * rate).exp();
    let exact = x
        .iter()
        .map(|x| decay(2.0) * x + 0.5 * decay(6.0) * second(*x));
    let exact: Vec<f64> = exact.collect();
    for (movement, order, bound) in [("second", 2, 1e-3), ("third", 3, 1e-4)] {
        let [coarse, fine] = [5, 10].map(|steps| {
            let u = moved(movement, steps, ends(), all);
            let u: Vec<f64> = u.iter().map(|u| u - 2.0).collect();
            relative(&u, &exact)
        });
        println!("{movement}: {coarse:.2e} {fine:.2e}");
        let observed = (coarse / fine).log2();
        assert!(
            coarse < bound && observed > f64::from(order) - 0.3,
            "{movement}: {observed}"
        );
    }
}

/// With `M = 1 + u^2` frozen in the middle of each step: the second order, against a tenth of the step.
#[test]
fn a_mobility_of_u_keeps_the_second_order() {
    let run = |steps| {
        let mobility = Mobility::of_value(|u| 1.0 + u * u);
        moved("second", steps, mobility, |x| 0.5 + 0.5 * (PI * x[0]).sin())
    };
    let fine = run(80);
    let [coarse, half] = [4, 8].map(|steps| relative(&run(steps), &fine));
    println!("{coarse:.2e} {half:.2e}");
    assert!(
        coarse < 1e-2 && (coarse / half).log2() > 1.6,
        "{coarse:e} {half:e}"
    );
}

/// `f = c^2/2 |grad u|^2 + (u^2 - 1)^2 / 4` near u = 0: waves grow by `k^2 (1 - c^2 k^2)`.
#[test]
fn small_waves_grow_as_the_linear_equation_says() {
    const STIFFNESS: f64 = 0.02;
    let more = [
        ("movement", "third".into()),
        ("tau", 0.005.into()),
        ("embedding", "periodic".into()),
    ];
    let mut solver = Solver::new(&options(1, &more)).unwrap();
    solver.add_energy(&allen_cahn(STIFFNESS, 1.0)).unwrap();
    let size = 1e-4;
    start_from(&mut solver, |x| size * (2.0 * PI * x[0]).cos());
    for _ in 0..10 {
        solver.step().unwrap();
    }
    let square = 4.0 * PI * PI;
    let growth = (square * (1.0 - STIFFNESS * square) * solver.time()).exp();
    let (x, u) = on_grid(&solver, 50);
    let exact = x.iter().map(|x| size * growth * (2.0 * PI * x).cos());
    let error = relative(&u, &exact.collect::<Vec<_>>());
    println!("grown {growth:.4} times, error {error:.1e}");
    assert!(growth > 1.4 && error < 1e-6, "{error:e}");
}

#[test]
fn du_dt_is_the_laplacian_of_the_derivative() {
    let mut solver = Solver::new(&options(1, &[])).unwrap();
    solver.add_energy(&quadratic()).unwrap();
    start_from(&mut solver, |x| 3.0 + 1e3 * (PI * x[0]).cos());
    let x = [0.1, 0.45, 0.8];
    let mut rate = [0.0; 3];
    let wanted = Wanted {
        rate: Some(&mut rate),
        ..Wanted::default()
    };
    solver.evaluate_all(&x, wanted).unwrap();
    for (x, rate) in x.iter().zip(rate) {
        let exact = -1e3 * PI * PI * (PI * x).cos();
        assert!(
            (rate - exact).abs() < 3e-3 * 1e3 * PI * PI,
            "{rate} {exact}"
        );
    }
}

/// From noise to phases by steps far longer than the fastest mode grows in: the energy falls in each.
#[test]
fn steps_of_any_length_lower_the_energy_and_keep_the_mass() {
    for tau in [1e-3, 1.0, 1e3] {
        let mut solver = Solver::new(&options(1, &[("tau", tau.into())])).unwrap();
        let eps = [("eps", &[0.05][..])];
        let energy = energy("phase_field", "cahn-hilliard", &eps);
        solver.add_energy(&energy).unwrap();
        start_from(&mut solver, |x| {
            0.2 + 0.1 * (7.0 * x[0]).sin() + 0.1 * (3.0 * x[0]).cos()
        });
        let mut mass = None;
        for _ in 0..6 {
            solver.step().unwrap();
            let report = solver.report().unwrap();
            let rounding = 1e-11 * report.energy.abs();
            assert!(report.energy <= report.energy_before + rounding, "{tau}");
            let began = *mass.get_or_insert(report.mass);
            assert!(
                (report.mass - began).abs() < 1e-9,
                "{tau}: {:e}",
                report.mass - began
            );
        }
    }
}

#[test]
fn a_run_goes_on_from_a_snapshot_with_the_same_bits() {
    let more = [
        ("tau", 2e-3.into()),
        ("movement", "second".into()),
        ("hidden", vec![60_i64].into()),
    ];
    let fresh = || {
        let mut solver = Solver::new(&options(1, &more)).unwrap();
        solver.add_energy(&allen_cahn(0.01, 1.0)).unwrap();
        solver
    };
    let mut solver = fresh();
    start_from(&mut solver, |x| 0.3 * (PI * x[0]).cos() - 0.1);
    goes_on(solver, &fresh, 4, &[0, 1, 3]);
}

#[test]
fn what_it_does_not_take_is_refused_by_name() {
    let mut solver = Solver::new(&options(2, &[])).unwrap();
    let refused = solver
        .set_dirichlet(None, &BoundaryValue::Constant(0.0))
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::State);
    assert!(refused.to_string().contains("h-1"), "{refused}");
    for (key, value, words) in [
        ("training", "all", ["`training`", "outputs"]),
        ("domain", "space", ["`domain`", "box"]),
        ("transport", "dual", ["`transport`", "auto"]),
    ] {
        let refused = Solver::new(&options(2, &[(key, value.into())]));
        let refused = refused.err().unwrap();
        assert_eq!(refused.kind(), ErrorKind::Option, "{key}");
        let told = words.iter().all(|word| refused.to_string().contains(word));
        assert!(told, "{refused}");
    }
}
