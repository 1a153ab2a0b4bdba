//! Plugins of patterns and of complex fields against closed forms: waves that grow, spirals that come to rest.

use crate::support::common::energy;
use crate::support::problems::{on_grid, relative, start_from};
use movimento::options::Value;
use movimento::{Energy, Initial, Options, Solver};
use std::f64::consts::TAU;

fn periodic(all: &[(&str, Value)], energy: &Energy) -> Solver {
    let mut options = Options::new();
    let own = [
        ("dimension", 1_i64.into()),
        ("lower", vec![0.0].into()),
        ("upper", vec![TAU].into()),
        ("embedding", "periodic".into()),
        ("movement", "third".into()),
    ];
    for (key, value) in own.iter().chain(all) {
        options.set(key, value.clone()).unwrap();
    }
    let mut solver = Solver::new(&options).unwrap();
    solver.add_energy(energy).unwrap();
    solver
}

/// A wave too small to see itself grows by `eps - (k^2 - m^2)^2`.
#[test]
fn small_waves_of_swift_and_hohenberg_grow_at_their_rate() {
    let (eps, k, mode) = (0.3, 1.1_f64, 1.0);
    let pattern = energy(
        "phase_field",
        "swift-hohenberg",
        &[("eps", &[eps]), ("k", &[k])],
    );
    let mut solver = periodic(&[("tau", 0.25.into())], &pattern);
    start_from(&mut solver, |x| 1e-5 * (mode * x[0]).sin());
    solver.step_to(2.0).unwrap();
    let rate = eps - (k * k - mode * mode).powi(2);
    let (x, u) = on_grid(&solver, 101);
    let exact: Vec<f64> = x
        .iter()
        .map(|x| 1e-5 * (2.0 * rate).exp() * (mode * x).sin())
        .collect();
    let error = relative(&u, &exact);
    assert!(error < 1e-5, "{error:e}");
}

/// `A exp(i x)` keeps its form, and `A^2 = B` obeys `B' = 2 B (a - b B)`.
#[test]
fn a_spiral_of_ginzburg_and_landau_comes_to_its_height() {
    let (kappa, eps) = (0.7, 0.8_f64);
    let vortices = energy(
        "phase_field",
        "ginzburg-landau",
        &[("kappa", &[kappa]), ("eps", &[eps])],
    );
    let settings = [("components", 2_i64.into()), ("tau", 0.05.into())];
    let mut solver = periodic(&settings, &vortices);
    let mut field = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
        let points = x.iter().zip(u.chunks_exact_mut(2));
        points.for_each(|(x, u)| u.copy_from_slice(&[0.3 * x.cos(), 0.3 * x.sin()]));
        Ok(())
    };
    let initial = Initial::Function {
        field: &mut field,
        has_gradient: false,
    };
    solver.set_initial(initial).unwrap();
    let end = 1.0;
    solver.step_to(end).unwrap();
    let (b, first) = (eps.powi(-2), 0.09);
    let a = b - kappa;
    let growth = (2.0 * a * end).exp();
    let square = a * first * growth / (a + b * first * (growth - 1.0));
    let (x, u) = on_grid(&solver, 41);
    let exact = x.iter().flat_map(|x| [x.cos(), x.sin()]);
    let exact: Vec<f64> = exact.map(|wave| square.sqrt() * wave).collect();
    let error = relative(&u, &exact);
    assert!(error < 1e-5, "{error:e}");
}

/// Near 0, where the wells have a maximum, waves decay by `(1/eps - eps k^2)^2 / eps`.
#[test]
fn small_waves_of_willmore_decay_at_their_rate() {
    let (eps, mode) = (0.6, 1.0);
    let bent = energy("phase_field", "willmore", &[("eps", &[eps])]);
    let mut solver = periodic(&[("tau", 0.05.into())], &bent);
    start_from(&mut solver, |x| 1e-5 * (mode * x[0]).cos());
    solver.step_to(0.5).unwrap();
    let rate = (1.0 / eps - eps * mode * mode).powi(2) / eps;
    let (x, u) = on_grid(&solver, 101);
    let exact = x.iter().map(|x| 1e-5 * (-0.5 * rate).exp() * x.cos());
    let error = relative(&u, &exact.collect::<Vec<_>>());
    assert!(error < 1e-5, "{error:e}");
}

/// All that is left of a wide interface has no energy.
#[test]
fn a_wide_interface_of_willmore_comes_to_rest() {
    let eps = 0.2;
    let bent = energy("phase_field", "willmore", &[("eps", &[eps])]);
    let mut options = Options::new();
    for (key, value) in [
        ("dimension", 1_i64.into()),
        ("lower", vec![-1.0].into()),
        ("upper", vec![1.0].into()),
        ("tau", Value::Real(0.02)),
    ] {
        options.set(key, value).unwrap();
    }
    let mut solver = Solver::new(&options).unwrap();
    solver.add_energy(&bent).unwrap();
    start_from(&mut solver, |x| (x[0] / (2.0 * eps)).tanh());
    let before = solver.energy().unwrap();
    (0..40).for_each(|_| solver.step().unwrap());
    let energy = solver.energy().unwrap();
    assert!(energy < 1e-4 * before, "{energy:e} of {before:e}");
}
