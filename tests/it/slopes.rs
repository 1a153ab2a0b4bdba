//! Energies of `grad rho` in Wasserstein space: thin films and Fisher's information against closed forms, by
//! default options.

use crate::support::common::energy;
use crate::support::problems::relative;
use crate::support::restart_helpers::{goes_on, set};
use crate::support::wasserstein::density;
use movimento::energy::{Batch, Derivatives, EnergyDensity, SuppliedDerivatives, Traits};
use movimento::initial::profile::{Barenblatt, Mixture, Particles, Profile};
use movimento::options::Value;
use movimento::quadrature::{Quadrature, Stream, generator};
use movimento::{Energy, ErrorKind, Initial, Options, Solver};
use std::f64::consts::PI;
use std::sync::Arc;

fn options(d: i64, movement: &str, tau: f64) -> Options {
    let mut options = Options::new();
    let basic: [(&str, Value); 5] = [
        ("dimension", d.into()),
        ("flow", "wasserstein".into()),
        ("domain", "space".into()),
        ("movement", movement.into()),
        ("tau", tau.into()),
    ];
    set(&mut options, &basic);
    options
}

fn solver(options: &Options, energies: &[Energy], start: Arc<dyn Profile>) -> Solver {
    let mut solver = Solver::new(options).unwrap();
    for energy in energies {
        solver.add_energy(energy).unwrap();
    }
    solver.set_initial(Initial::Density(start)).unwrap();
    solver
}

fn film() -> Energy {
    energy("thin_film", "thin-film", &[])
}

/// Smyth and Hill's film of mass 1 at a time, which is Barenblatt's profile of the same radius.
fn smyth_hill(d: usize, time: f64) -> Arc<Barenblatt> {
    let length = match d {
        1 => (120.0_f64 * 15.0 / 16.0).powf(0.2),
        _ => (192.0 * 3.0 / PI).powf(1.0 / 6.0),
    };
    let radius = length * time.powf(1.0 / (d as f64 + 4.0));
    let unit = Barenblatt::new(d, 1.5, 1.0).unwrap().radius();
    let k = 1.0 / (0.5 * d as f64 + 2.0);
    Arc::new(Barenblatt::new(d, 1.5, (radius / unit).powf(1.0 / k)).unwrap())
}

/// The relative error of the variance after a time 0.1 from 0.1 on.
fn missed(d: usize, movement: &str, steps: usize) -> f64 {
    let options = options(d as i64, movement, 0.1 / steps as f64);
    let mut flow = solver(&options, &[film()], smyth_hill(d, 0.1));
    for _ in 0..steps {
        flow.step().unwrap();
        let report = flow.report().unwrap();
        assert!(report.energy <= report.energy_before);
        assert!((report.mass - 1.0).abs() < 1e-12);
    }
    let (_, covariance) = flow.moments().unwrap();
    // The variance is the radius squared over 7 and 8.
    let radius = smyth_hill(d, 0.2).radius();
    let exact = radius * radius / [7.0, 8.0][d - 1];
    (covariance[0] / exact - 1.0).abs()
}

#[test]
fn films_spread_as_smyth_and_hill_say_to_the_order_of_the_scheme() {
    for (movement, steps, order) in [("euler", [4, 8], 1.0), ("second", [2, 4], 2.0)] {
        let [coarse, fine] = steps.map(|steps| missed(1, movement, steps));
        let observed = (coarse / fine).log2();
        assert!((observed - order).abs() < 0.35, "{movement}: {observed}");
    }
    let plane = missed(2, "second", 10);
    assert!(plane < 2e-4, "{plane}");
}

/// Each variance obeys `(s^2)' = 4 c / s^2`.
#[test]
fn gaussians_stay_so_down_fisher_information() {
    let information = || energy("thin_film", "fisher-information", &[("c", &[0.3])]);
    let start = Mixture::new(2, &[1.0], &[0.1, -0.2], &[1.0, 0.0, 0.0, 0.5]).unwrap();
    let mut flow = solver(
        &options(2, "second", 0.02),
        &[information()],
        Arc::new(start),
    );
    flow.step_to(0.1).unwrap();
    let (mean, covariance) = flow.moments().unwrap();
    let grown = |variance: f64| (variance * variance + 8.0 * 0.3 * 0.1).sqrt();
    let exact = [0.1, -0.2, grown(1.0), 0.0, 0.0, grown(0.5)];
    for (a, b) in mean.iter().chain(&covariance).zip(exact) {
        assert!((a - b).abs() < 1e-4, "{mean:?} {covariance:?}");
    }
    // At points, with the slope.
    let last = Mixture::new(2, &[1.0], &exact[..2], &exact[2..]).unwrap();
    let y = [0.3, 0.4, -1.0, 0.2];
    let mut known = [0.0; 2];
    last.density(&y, &mut known, None).unwrap();
    let found = density(&flow, &y);
    assert!(relative(&found, &known) < 3e-4, "{found:?} {known:?}");
}

/// `|p|^2/2` of a program, with first derivatives only.
struct Slopes;

impl EnergyDensity for Slopes {
    fn traits(&self) -> Traits {
        Traits {
            uses_gradient: true,
            derivatives: SuppliedDerivatives::First,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> movimento::Result<()> {
        wanted.each(|array| array.fill(0.0));
        if let Some(f) = &mut wanted.f {
            for (f, p) in f.iter_mut().zip(batch.p.chunks_exact(batch.d)) {
                *f = 0.5 * p.iter().map(|p| p * p).sum::<f64>();
            }
        }
        if let Some(f_p) = &mut wanted.f_p {
            f_p.copy_from_slice(batch.p);
        }
        Ok(())
    }
}

#[test]
fn densities_of_a_program_and_of_plugins_are_one_flow() {
    let y = [-0.8, 0.1, 0.9];
    let run = |energy: Energy| {
        let mut flow = solver(&options(1, "second", 0.02), &[energy], smyth_hill(1, 0.1));
        (0..3).for_each(|_| flow.step().unwrap());
        density(&flow, &y)
    };
    let own = run(Energy::from_density("slopes", Arc::new(Slopes)));
    for other in [film(), energy("dirichlet", "dirichlet", &[])] {
        let other = run(other);
        assert!(relative(&own, &other) < 1e-6, "{own:?} {other:?}");
    }
}

/// Two bumps run into each other, with entropy: a map that is far from affine. It is compared with finite volumes,
/// extrapolated from 1200 and 2400 cells, and Crank and Nicolson's method with steps of 2e-4 and 1e-4.
#[test]
fn films_that_merge_come_near_to_finite_volumes() {
    let start = Mixture::new(1, &[0.55, 0.45], &[-1.0, 1.1], &[0.35, 0.45]).unwrap();
    let energies = [
        energy("thin_film", "thin-film", &[("sigma", &[0.5])]),
        energy("internal", "entropy", &[]),
    ];
    let mut flow = solver(&options(1, "second", 0.01), &energies, Arc::new(start));
    flow.step_to(0.2).unwrap();
    let found = density(&flow, &MERGED.map(|(x, _)| x));
    let known = MERGED.map(|(_, rho)| rho);
    assert!(relative(&found, &known) < 2e-4, "{found:?}");
}

/// Cells and the density there.
const MERGED: [(f64, f64); 5] = [
    (-1.5, 0.207_749_7),
    (-0.6, 0.257_596_9),
    (0.1, 0.237_847_8),
    (0.9, 0.208_848_3),
    (1.8, 0.143_650_6),
];

#[test]
fn films_go_on_from_snapshots_with_the_same_bits() {
    let fresh = || {
        let mut options = options(1, "second", 0.02);
        let all: [(&str, Value); 4] = [
            ("lower", vec![-3.0].into()),
            ("upper", vec![3.0].into()),
            ("snapshot_resolution", 9_i64.into()),
            ("relabel", 1.2.into()),
        ];
        set(&mut options, &all);
        solver(&options, &[film()], smyth_hill(1, 0.1))
    };
    goes_on(fresh(), &fresh, 5, &[0, 2, 4]);
}

#[test]
fn what_does_not_go_together_is_refused() {
    let begin = |more: &[(&str, Value)], d: i64| {
        let mut options = options(d, "euler", 0.01);
        set(&mut options, more);
        let mut solver = Solver::new(&options).unwrap();
        let added = solver.add_energy(&film());
        let d = d as usize;
        let unit: Vec<f64> = (0..d * d)
            .map(|k| f64::from(u8::from(k % (d + 1) == 0)))
            .collect();
        let start = Mixture::new(d, &[1.0], &vec![0.0; d], &unit).unwrap();
        added.and_then(|()| solver.set_initial(Initial::Density(Arc::new(start))))
    };
    for (more, d, text) in [
        (
            vec![("form", "residual".into())],
            1,
            "accepted is auto or weak",
        ),
        (vec![("transport", "dual".into())], 1, "`transport` is dual"),
        (
            vec![("transport", "collocation".into())],
            5,
            "`transport` is collocation",
        ),
        (
            Vec::new(),
            6,
            "accepted with `flow` = wasserstein is up to 4",
        ),
    ] {
        let error = begin(&more, d).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Option, "{error}");
        assert!(error.message().contains(text), "{error}");
    }
    // Particles without score; and the velocity has derivatives that are not taken.
    let labels = smyth_hill(1, 0.1).labels(
        &Quadrature::Gauss { per_axis: 300 },
        &mut generator(1, Stream::Nodes, 0, 0),
    );
    let labels = labels.unwrap();
    let particles = Particles::new(1, &labels.x, None, &labels.rho, None).unwrap();
    let mut flow = Solver::new(&options(1, "euler", 0.01)).unwrap();
    flow.add_energy(&film()).unwrap();
    let begun = flow.set_initial(Initial::Density(Arc::new(particles)));
    let refused = begun.and_then(|()| flow.step().map(drop)).unwrap_err();
    assert!(refused.message().contains("score"), "{refused}");
    let flow = solver(&options(1, "euler", 0.01), &[film()], smyth_hill(1, 0.1));
    let refused = flow.velocity(&[0.0], &mut [0.0]).unwrap_err();
    assert!(refused.message().contains("third derivatives"), "{refused}");
}
