//! Densities whose mass is moved, born and dies, against closed forms and by default options.

use crate::support::common::energy;
use crate::support::problems::relative;
use crate::support::restart_helpers::{goes_on, set};
use crate::support::wasserstein::density;
use movimento::initial::profile::{Mixture, Profile};
use movimento::options::Value;
use movimento::{Energy, ErrorKind, Initial, Options, Solver};
use std::sync::Arc;

fn options(d: i64, tau: f64, more: &[(&str, Value)]) -> Options {
    let mut options = Options::new();
    let basic: [(&str, Value); 5] = [
        ("dimension", d.into()),
        ("flow", "wfr".into()),
        ("domain", "space".into()),
        ("movement", "second".into()),
        ("tau", tau.into()),
    ];
    set(&mut options, &basic);
    set(&mut options, more);
    options
}

/// `int rho ln rho + V rho`, V a bowl about b of stiffness 1/G along each axis.
fn divergence(b: &[f64], g: f64) -> [Energy; 2] {
    let d = b.len();
    let a: Vec<f64> = (0..d * d)
        .map(|k| if k % (d + 1) == 0 { 1.0 / g } else { 0.0 })
        .collect();
    [
        energy("internal", "entropy", &[]),
        energy(
            "potential",
            "potential-quadratic",
            &[("a", &a), ("center", b)],
        ),
    ]
}

fn gaussian(mean: &[f64], variance: f64) -> Arc<Mixture> {
    let d = mean.len();
    let covariance: Vec<f64> = (0..d * d)
        .map(|k| if k % (d + 1) == 0 { variance } else { 0.0 })
        .collect();
    Arc::new(Mixture::new(d, &[1.0], mean, &covariance).unwrap())
}

fn solver(options: &Options, energies: &[Energy], start: Arc<dyn Profile>) -> Solver {
    let mut solver = Solver::new(options).unwrap();
    for energy in energies {
        solver.add_energy(energy).unwrap();
    }
    solver.set_initial(Initial::Density(start)).unwrap();
    solver
}

/// Mean, variance and the logarithm of the mass on a line: `m' = (b - m)(al + be S)/G`,
/// `S' = (G - S)(2 al + be S)/G`, and the mass decays by the mean of `dF/drho`, by Runge and Kutta.
fn moments([al, be]: [f64; 2], [b, g]: [f64; 2], start: [f64; 3], time: f64) -> [f64; 3] {
    let rates = |y: [f64; 3]| {
        let [m, s, l] = y;
        let mean = l - 0.5 * (2.0 * std::f64::consts::PI * s).ln() - 0.5
            + 1.0
            + 0.5 * (s + (m - b).powi(2)) / g;
        [
            (b - m) * (al + be * s) / g,
            (g - s) * (2.0 * al + be * s) / g,
            -be * mean,
        ]
    };
    let add = |y: [f64; 3], k: [f64; 3], h: f64| std::array::from_fn(|i| y[i] + h * k[i]);
    let (mut y, h) = (start, time / 2000.0);
    for _ in 0..2000 {
        let k = rates(y);
        let l = rates(add(y, k, 0.5 * h));
        let m = rates(add(y, l, 0.5 * h));
        let n = rates(add(y, m, h));
        y = std::array::from_fn(|i| y[i] + h / 6.0 * (k[i] + 2.0 * (l[i] + m[i]) + n[i]));
    }
    y
}

#[test]
fn gaussians_come_to_another_to_second_order() {
    let weights = [0.7, 1.3];
    let missed = |steps: usize| {
        let more: [(&str, Value); 2] = [
            ("transport_weight", weights[0].into()),
            ("birth_death_weight", weights[1].into()),
        ];
        let options = options(1, 0.5 / steps as f64, &more);
        let energies = divergence(&[0.8], 0.6);
        let mut flow = solver(&options, &energies, gaussian(&[-0.2], 1.2));
        for _ in 0..steps {
            flow.step().unwrap();
            let report = flow.report().unwrap();
            assert!(report.energy <= report.energy_before);
        }
        let (mean, covariance) = flow.moments().unwrap();
        let mass = flow.measure().unwrap().mass;
        let [m, s, l] = moments(weights, [0.8, 0.6], [-0.2, 1.2, 0.0], 0.5);
        relative(&[mean[0], covariance[0], mass], &[m, s, l.exp()])
    };
    let (coarse, fine) = (missed(5), missed(10));
    let order = (coarse / fine).log2();
    assert!((order - 2.0).abs() < 0.3 && fine < 2e-3, "{order}: {fine}");
}

#[test]
fn mass_that_is_held_stays() {
    let more: [(&str, Value); 1] = [("total_mass", "held".into())];
    let energies = [
        energy("internal", "power", &[("m", &[2.0])]),
        energy("internal", "entropy", &[]),
        energy(
            "potential",
            "potential-quadratic",
            &[("a", &[2.0]), ("center", &[0.5])],
        ),
    ];
    let mut flow = solver(&options(1, 0.05, &more), &energies, gaussian(&[-0.2], 0.4));
    for _ in 0..5 {
        flow.step().unwrap();
        let mass = flow.report().unwrap().mass;
        assert!((mass - 1.0).abs() < 1e-6, "{mass}");
    }
}

/// Precisions relax: `P = G^-1 + (P_0 - G^-1) e^-t`, and `P m` likewise.
#[test]
fn birth_and_death_alone_are_exact_in_eight_dimensions() {
    let b = [0.3, -0.2, 0.1, 0.0, 0.2, -0.1, 0.25, 0.15];
    for (tau, steps) in [(0.7, 1), (0.07, 10)] {
        let more: [(&str, Value); 2] = [
            ("transport_weight", 0.0.into()),
            ("total_mass", "held".into()),
        ];
        let energies = divergence(&b, 0.8);
        let mut flow = solver(&options(8, tau, &more), &energies, gaussian(&[0.0; 8], 1.1));
        (0..steps).for_each(|_| flow.step().unwrap());
        let left = (-0.7_f64).exp();
        let precision = left / 1.1 + (1.0 - left) / 0.8;
        let mean = b.map(|b| (1.0 - left) / 0.8 * b / precision);
        let exact = gaussian(&mean, 1.0 / precision);
        let y: Vec<f64> = (0..24).map(|k| 0.8 * (1.7 * f64::from(k)).sin()).collect();
        let (mut known, mut score) = ([0.0; 3], [0.0; 24]);
        exact.density(&y, &mut known, Some(&mut score)).unwrap();
        let (mut found, mut slope) = ([0.0; 3], [0.0; 24]);
        flow.evaluate(&y, &mut found, Some(&mut slope)).unwrap();
        assert!(relative(&found, &known) < 1e-4, "{found:?} {known:?}");
        for (node, rho) in known.iter().enumerate() {
            for k in node * 8..node * 8 + 8 {
                assert!((slope[k] - rho * score[k]).abs() < 1e-4 * rho.max(1e-3));
            }
        }
        let report = flow.report().unwrap();
        assert!((report.mass - 1.0).abs() < 1e-3, "{}", report.mass);
        let (first, _) = flow.moments().unwrap();
        assert!(relative(&first, &mean) < 1e-2, "{first:?} {mean:?}");
    }
}

/// Where the target has less mass than 1, and nothing holds it, mass dies: `rho = rho_0^a rho_*^(1-a)`.
#[test]
fn mass_that_is_free_relaxes_pointwise() {
    let more: [(&str, Value); 1] = [("transport_weight", 0.0.into())];
    let energies = divergence(&[0.4], 0.7);
    let mut flow = solver(&options(1, 0.1, &more), &energies, gaussian(&[0.0], 1.0));
    (0..4).for_each(|_| flow.step().unwrap());
    let a = (-0.4_f64).exp();
    let y = [-1.0, 0.0, 0.3, 1.2];
    let mut start = [0.0; 4];
    gaussian(&[0.0], 1.0).density(&y, &mut start, None).unwrap();
    let known: Vec<f64> = y
        .iter()
        .zip(start)
        .map(|(y, rho)| {
            rho.powf(a)
                * (-(0.5 * (y - 0.4_f64).powi(2) / 0.7 + 1.0))
                    .exp()
                    .powf(1.0 - a)
        })
        .collect();
    assert!(relative(&density(&flow, &y), &known) < 1e-12);
}

#[test]
fn these_flows_go_on_from_snapshots_with_the_same_bits() {
    for weight in [1.0, 0.0] {
        let fresh = || {
            let more: [(&str, Value); 4] = [
                ("transport_weight", weight.into()),
                ("lower", vec![-3.0].into()),
                ("upper", vec![3.0].into()),
                ("snapshot_resolution", 9_i64.into()),
            ];
            let energies = divergence(&[0.4], 0.7);
            solver(&options(1, 0.05, &more), &energies, gaussian(&[0.0], 1.0))
        };
        goes_on(fresh(), &fresh, 4, &[0, 2, 3]);
    }
}

#[test]
fn what_does_not_go_together_is_refused() {
    let refused = |more: &[(&str, Value)], energies: &[Energy], text: &str| {
        let mut flow = Solver::new(&options(1, 0.1, more)).unwrap();
        let added = energies.iter().try_for_each(|e| flow.add_energy(e));
        let begun = added.and_then(|()| flow.set_initial(Initial::Density(gaussian(&[0.0], 1.0))));
        let error = begun.unwrap_err();
        assert!(error.message().contains(text), "{error}");
        error.kind()
    };
    let alone: [(&str, Value); 1] = [("transport_weight", 0.0.into())];
    let power = [energy("internal", "power", &[("m", &[2.0])])];
    let kind = refused(&alone, &power, "int k rho ln rho + V rho");
    assert_eq!(kind, ErrorKind::Option);
    refused(&[], &[], "there is no energy yet");
    let film = [energy("dirichlet", "dirichlet", &[])];
    refused(&[], &film, "`flow` is wfr, which takes functionals");
    let flow = solver(
        &options(1, 0.1, &[]),
        &divergence(&[0.1], 1.0),
        gaussian(&[0.0], 1.0),
    );
    let error = flow.masses(3).unwrap_err();
    assert!(error.message().contains("born and dies"), "{error}");
}
