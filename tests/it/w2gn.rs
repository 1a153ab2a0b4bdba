//! The Wasserstein flow with a density network and a pair of potentials.

use movimento::energy::{Batch, Derivatives, EnergyDensity, Traits};
use movimento::initial::profile::{Barenblatt, Mixture, Profile};
use movimento::{Energy, ErrorKind, Initial, Options, Solver};
use std::sync::Arc;

/// `entropy u ln u + square u^2 + stiffness/2 (x - 1/2)^2 u` in one dimension.
struct Terms {
    entropy: f64,
    square: f64,
    stiffness: f64,
}

impl EnergyDensity for Terms {
    fn traits(&self) -> Traits {
        Traits {
            uses_position: true,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> movimento::Result<()> {
        wanted.each(|array| array.fill(0.0));
        let potential = |x: f64| 0.5 * self.stiffness * (x - 0.5).powi(2);
        for (node, (u, x)) in batch.u.iter().zip(batch.x).enumerate() {
            if let Some(f) = &mut wanted.f {
                f[node] = self.entropy * u * u.ln() + self.square * u * u + potential(*x) * u;
            }
            if let Some(f_u) = &mut wanted.f_u {
                f_u[node] = self.entropy * (u.ln() + 1.0) + 2.0 * self.square * u + potential(*x);
            }
        }
        Ok(())
    }
}

fn options() -> Options {
    let mut options = Options::new();
    for (key, value) in [
        ("flow", "wasserstein"),
        ("transport", "w2gn"),
        ("minimizer", "adam"),
        ("embedding", "none"),
    ] {
        options.set(key, value).unwrap();
    }
    options.set("dimension", 1_i64).unwrap();
    options.set("lower", vec![-4.0]).unwrap();
    options.set("upper", vec![4.0]).unwrap();
    options.set("hidden", vec![12_i64, 12]).unwrap();
    options.set("potential_hidden", vec![16_i64, 16]).unwrap();
    options.set("nodes", 256_i64).unwrap();
    options.set("adam_iterations", 400_i64).unwrap();
    options.set("threads", 1_i64).unwrap();
    options
}

fn start(options: &Options, terms: Terms, profile: impl Profile + 'static) -> Solver {
    let mut solver = Solver::new(options).unwrap();
    let energy = Energy::from_density("terms", Arc::new(terms));
    solver.add_energy(&energy).unwrap();
    solver
        .set_initial(Initial::Density(Arc::new(profile)))
        .unwrap();
    solver
}

const FOKKER_PLANCK: Terms = Terms {
    entropy: 1.0,
    square: 0.0,
    stiffness: 2.0,
};

fn bell() -> Mixture {
    Mixture::new(1, &[1.0], &[-0.5], &[0.8]).unwrap()
}

/// Mass, mean and standard deviation on a fine grid.
fn moments(solver: &Solver) -> (f64, f64, f64) {
    let n = 4000;
    let x: Vec<f64> = (0..n)
        .map(|i| -4.0 + 8.0 * (f64::from(i) + 0.5) / f64::from(n))
        .collect();
    let mut u = vec![0.0; x.len()];
    solver.evaluate(&x, &mut u, None).unwrap();
    let sum = |g: &dyn Fn(f64) -> f64| {
        let points = x.iter().zip(&u);
        points.map(|(x, u)| g(*x) * u).sum::<f64>() * 8.0 / f64::from(n)
    };
    let (mass, mean) = (sum(&|_| 1.0), sum(&|x| x));
    (mass, mean, sum(&|x| (x - mean).powi(2)).sqrt())
}

#[test]
fn a_fokker_planck_step_drifts_and_spreads_as_it_should() {
    let mut options = options();
    options.set("tau", 0.02).unwrap();
    let mut solver = start(&options, FOKKER_PLANCK, bell());
    assert!(solver.fit_report().unwrap().relative_error < 1e-3);
    let (_, mean_before, spread_before) = moments(&solver);
    solver.step().unwrap();
    let report = solver.report().unwrap();
    let (mass, mean, spread) = moments(&solver);
    assert!((mass - 1.0).abs() < 1e-4, "{mass}");
    assert!(report.energy < report.energy_before, "{report:?}");
    assert!(report.energy_slack > 0.0, "{report:?}");
    // The step is closed form: the mean solves (m - m_0)/tau = -2 (m - 1/2), the deviation s
    // (s - s_0)/tau = 1/s - 2 s.
    let drift = 0.02 * 2.0 / 1.04;
    let spread_0 = 0.8_f64.sqrt();
    let mut exact = spread_0;
    for _ in 0..100 {
        exact = spread_0 + 0.02 * (1.0 / exact - 2.0 * exact);
    }
    let moved = (mean - mean_before, spread - spread_before);
    let expected = (drift, exact - spread_0);
    // Measured: 7e-4 of the drift, 3e-3 of it, and 2e-4 for the distance.
    assert!(
        (moved.0 - expected.0).abs() < 0.02 * drift,
        "{moved:?} {expected:?}"
    );
    assert!(
        (moved.1 - expected.1).abs() < 0.04 * drift,
        "{moved:?} {expected:?}"
    );
    // Between Gaussians on a line the squared distance is that of (mean, deviation).
    let distance = moved.0.hypot(moved.1);
    let ratio = report.movement_distance / distance;
    assert!((ratio - 1.0).abs() < 0.02, "{report:?} {distance}");
}

#[test]
fn a_porous_medium_step_spreads_and_lowers_the_energy() {
    let mut options = options();
    options.set("tau", 0.005).unwrap();
    let terms = Terms {
        entropy: 0.0,
        square: 1.0,
        stiffness: 0.0,
    };
    let source = Barenblatt::new(1, 2.0, 0.1).unwrap();
    let mut solver = start(&options, terms, source);
    let (_, _, before) = moments(&solver);
    solver.step().unwrap();
    let report = solver.report().unwrap();
    assert!(report.energy < report.energy_before, "{report:?}");
    let (mass, mean, after) = moments(&solver);
    assert!(
        (mass - 1.0).abs() < 1e-3 && mean.abs() < 2e-3,
        "{mass} {mean}"
    );
    // The radius grows as the cube root of time, and the deviation with it.
    let ratio = (after / before - 1.0) / (1.05_f64.cbrt() - 1.0);
    // Measured: 2e-2, and 2e-3 for the distance, which for dilations is the change of the deviation.
    assert!((ratio - 1.0).abs() < 0.1, "{ratio}");
    let ratio = report.movement_distance / (after - before);
    assert!((ratio - 1.0).abs() < 0.03, "{ratio}");
}

#[test]
fn the_same_seed_gives_the_same_bits_on_any_number_of_threads() {
    let run = |seed: i64, threads: i64| {
        let mut options = options();
        options.set("seed", seed).unwrap();
        options.set("threads", threads).unwrap();
        options.set("adam_iterations", 5_i64).unwrap();
        // Of potentials that have not converged the inequality says nothing.
        options.set("adam_learning_rate", 1e-5).unwrap();
        options.set("potential_learning_rate", 1e-6).unwrap();
        let mut solver = start(&options, FOKKER_PLANCK, bell());
        solver.step().unwrap();
        solver.parameters().to_vec()
    };
    assert_eq!(run(1, 1), run(1, 2));
    assert_ne!(run(1, 1), run(2, 1));
}

/// Measured on the nodes of the checks, against the closed form of the Gaussian that the fit is of.
#[test]
fn moments_and_entropy_are_those_of_the_density() {
    let mut options = options();
    options.set("fit_tolerance", 1e-5).unwrap();
    options.set("check_nodes", 200_i64).unwrap();
    let solver = start(&options, FOKKER_PLANCK, bell());
    let (mean, covariance) = solver.moments().unwrap();
    assert!((mean[0] + 0.5).abs() < 1e-3, "{mean:?}");
    // Of a Gaussian of this width the box cuts off 1e-4.
    assert!((covariance[0] - 0.8).abs() < 5e-3, "{covariance:?}");
    let entropy = -0.5 * (std::f64::consts::TAU * 0.8).ln() - 0.5;
    let found = solver.entropy().unwrap();
    assert!((found - entropy).abs() < 2e-3, "{found} {entropy}");
    // The same as on a fine grid, to the rule's own accuracy.
    let (mass, on_grid, spread) = moments(&solver);
    assert!((mass - 1.0).abs() < 1e-6, "{mass}");
    assert!((mean[0] - on_grid).abs() < 1e-6);
    assert!((covariance[0].sqrt() - spread).abs() < 1e-6);
}

#[test]
fn gradients_are_those_of_the_density() {
    let solver = start(&options(), FOKKER_PLANCK, bell());
    let x = [-1.3, 0.2, 0.9];
    let (mut u, mut grad) = ([0.0; 3], [0.0; 3]);
    solver.evaluate(&x, &mut u, Some(&mut grad)).unwrap();
    for (x, slope) in x.iter().zip(grad) {
        let mut beside = [0.0; 2];
        solver
            .evaluate(&[x + 1e-5, x - 1e-5], &mut beside, None)
            .unwrap();
        assert!(((beside[0] - beside[1]) / 2e-5 - slope).abs() < 1e-8);
    }
}

#[test]
fn what_it_does_not_take_is_refused_by_name() {
    for (option, given, accepted) in [
        ("movement", "second", "euler"),
        ("minimizer", "gauss-newton", "adam"),
        ("domain", "space", "box"),
        ("form", "galerkin", "weak"),
        ("quadrature", "gauss", "monte-carlo"),
        ("flow", "l2", "auto"),
    ] {
        let mut options = options();
        options.set(option, given).unwrap();
        let error = Solver::new(&options).map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Option);
        for word in [given, accepted, "transport"] {
            assert!(error.message().contains(word), "{error}");
        }
    }
    let mut options = options();
    options.set("step_tolerance", 1e-3).unwrap();
    let error = Solver::new(&options).map(|_| ()).unwrap_err();
    assert!(error.message().contains("`step_tolerance`"), "{error}");
    options.set("step_tolerance", 0.0).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    let error = solver.set_initial(Initial::Named("sine")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::State);
    let plane = Mixture::new(2, &[1.0], &[0.0, 0.0], &[1.0, 0.0, 0.0, 1.0]).unwrap();
    let error = solver
        .set_initial(Initial::Density(Arc::new(plane)))
        .unwrap_err();
    assert!(error.message().contains("dimension 2"), "{error}");
}
