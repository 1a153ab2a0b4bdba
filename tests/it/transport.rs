//! Flows in Wasserstein space against closed forms: densities, moments, velocities, orders.

use crate::support::problems::relative;
use crate::support::wasserstein::{
    density, energy, exact, grid, options, ornstein_uhlenbeck, solver, standard, turning,
};
use movimento::initial::profile::{Barenblatt, Mixture, OnBox, Particles, Profile};
use movimento::quadrature::Quadrature;
use movimento::{Result, Settings};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

#[test]
fn barenblatt_spreads_and_its_front_is_where_it_should_be() {
    let mut options = options(1, "second", 0.005, &[8, 8]);
    options.set("check_nodes", 200).unwrap();
    let power = [energy("internal", "power", &[("m", &[2.0])])];
    let start = Arc::new(Barenblatt::new(1, 2.0, 0.1).unwrap());
    let mut solver = solver(&options, &power, start.clone());
    for _ in 0..20 {
        solver.step().unwrap();
        let report = solver.report().unwrap();
        assert!(report.energy_slack > 0.0 && report.least_jacobian > 0.5);
        assert!((report.mass - 1.0).abs() < 1e-12);
    }
    let now = Barenblatt::new(1, 2.0, 0.1 + solver.time()).unwrap();
    let y = grid(1, 2.0, 501);
    let rho = density(&solver, &y);
    assert!(rho.iter().all(|r| *r >= 0.0));
    let error = relative(&rho, &exact(&now, &y));
    assert!(error < 1e-5, "{error:e}");
    // The front, as where the label of the front is, and as where the density ends.
    let mut front = [0.0];
    solver.push_forward(&[start.radius()], &mut front).unwrap();
    assert!(
        (front[0] / now.radius() - 1.0).abs() < 1e-5,
        "{} {}",
        front[0],
        now.radius()
    );
    let beside = density(
        &solver,
        &[0.9999 * now.radius(), 1.0001 * now.radius(), 50.0],
    );
    assert!(
        beside[0] > 0.0 && beside[1] == 0.0 && beside[2] == 0.0,
        "{beside:?}"
    );
}

#[test]
fn density_gradient_velocity_entropy_and_quantiles_are_those_of_the_gaussian() {
    let solver = turning("second", 0.02, 5);
    let (mean, covariance) = solver.moments().unwrap();
    let now = Mixture::new(2, &[1.0], &mean, &covariance).unwrap();
    let y = grid(2, 2.0, 12);
    let n = y.len() / 2;
    let (mut rho, mut grad) = (vec![0.0; n], vec![0.0; 2 * n]);
    solver.evaluate(&y, &mut rho, Some(&mut grad)).unwrap();
    let (mut whole, mut score) = (vec![0.0; n], vec![0.0; 2 * n]);
    now.density(&y, &mut whole, Some(&mut score)).unwrap();
    assert!(
        relative(&rho, &whole) < 1e-5,
        "{:e}",
        relative(&rho, &whole)
    );
    let slopes: Vec<f64> = (0..2 * n).map(|k| whole[k / 2] * score[k]).collect();
    assert!(
        relative(&grad, &slopes) < 1e-4,
        "{:e}",
        relative(&grad, &slopes)
    );
    // v = -grad V - grad ln rho
    let mut velocity = vec![0.0; 2 * n];
    solver.velocity(&y, &mut velocity).unwrap();
    let expected: Vec<f64> = (0..n)
        .flat_map(|k| {
            let z = [y[2 * k] - 1.0 / 3.0, y[2 * k + 1] + 1.0 / 3.0];
            [
                -(2.5 * z[0] + 1.5 * z[1]) - score[2 * k],
                -(1.5 * z[0] + 2.5 * z[1]) - score[2 * k + 1],
            ]
        })
        .collect();
    let error = relative(&velocity, &expected);
    assert!(error < 1e-3, "{error:e}");
    let determinant = covariance[0] * covariance[3] - covariance[1] * covariance[2];
    let entropy = -(0.5 * (std::f64::consts::TAU.powi(2) * determinant).ln() + 1.0);
    assert!((solver.entropy().unwrap() - entropy).abs() < 1e-5);
    let found = solver
        .quantiles(0, &[0.158_655_253_931_457, 0.5, 0.841_344_746_068_543])
        .unwrap();
    let deviation = covariance[0].sqrt();
    for (q, expected) in found.iter().zip([-1.0, 0.0, 1.0]) {
        let expected = mean[0] + expected * deviation;
        assert!((q - expected).abs() < 2e-2, "{q} {expected}");
    }
}

/// The distance of the report against the closed form for Gaussians with one covariance direction
/// after the other, `W2^2 = |m - m'|^2 + |S^(1/2) - S'^(1/2)|^2` where they commute.
#[test]
fn the_movement_distance_is_the_wasserstein_distance_of_a_step() {
    let mut options = options(2, "euler", 0.05, &[6]);
    options.set("tolerance", 1e-6).unwrap();
    let energies = ornstein_uhlenbeck(&[3.0, 0.0, 0.0, 0.5], &[0.5, -0.2]);
    let mut solver = solver(&options, &energies, standard(2));
    let mut before = solver.moments().unwrap();
    for _ in 0..3 {
        solver.step().unwrap();
        let now = solver.moments().unwrap();
        let means = before.0.iter().zip(&now.0).map(|(a, b)| (a - b).powi(2));
        let roots = [0, 3].map(|k| (before.1[k].sqrt() - now.1[k].sqrt()).powi(2));
        let exact = (means.sum::<f64>() + roots.iter().sum::<f64>()).sqrt();
        let distance = solver.report().unwrap().movement_distance;
        assert!((distance / exact - 1.0).abs() < 1e-5, "{distance} {exact}");
        before = now;
    }
}

#[test]
fn sampled_labels_in_ten_dimensions_carry_no_noise() {
    let d = 10;
    let mut a = vec![0.0; d * d];
    for i in 0..d {
        a[i * d + i] = 0.5 + 0.2 * i as f64;
    }
    let mut options = options(d as i64, "second", 0.05, &[8]);
    options.set("nodes", 400).unwrap();
    let mut solver = solver(&options, &ornstein_uhlenbeck(&a, &[0.3]), standard(d));
    for _ in 0..4 {
        solver.step().unwrap();
    }
    // X = c + diag(s) (x - ...) with s the standard deviations: affine, and no sample's moments.
    let x: Vec<f64> = (0..d).map(|i| 0.3 * (i as f64 - 4.0)).collect();
    let mut y = vec![0.0; d];
    solver.push_forward(&x, &mut y).unwrap();
    for i in 0..d {
        let rate = a[i * d + i];
        let decay = (-rate * solver.time()).exp();
        let deviation = (decay * decay + (1.0 - decay * decay) / rate).sqrt();
        let exact = 0.3 * (1.0 - decay) + deviation * x[i];
        assert!((y[i] - exact).abs() < 2e-4, "axis {i}: {} {exact}", y[i]);
    }
}

#[test]
fn attraction_gathers_mass_about_its_mean() {
    let mut options = options(2, "second", 0.02, &[4]);
    options.set("nodes", 196).unwrap();
    let energies = [
        energy("internal", "entropy", &[]),
        energy("interaction", "interaction-quadratic", &[("kappa", &[2.0])]),
    ];
    let start = Mixture::new(2, &[1.0], &[0.4, -0.3], &[1.0, 0.2, 0.2, 0.6]).unwrap();
    let mut solver = solver(&options, &energies, Arc::new(start));
    for _ in 0..5 {
        solver.step().unwrap();
    }
    let (mean, covariance) = solver.moments().unwrap();
    assert!(
        (mean[0] - 0.4).abs() < 1e-6 && (mean[1] + 0.3).abs() < 1e-6,
        "{mean:?}"
    );
    let decay = (-4.0 * solver.time()).exp();
    for (c, (before, equilibrium)) in
        covariance
            .iter()
            .zip([(1.0, 0.5), (0.2, 0.0), (0.2, 0.0), (0.6, 0.5)])
    {
        let exact = equilibrium + decay * (before - equilibrium);
        assert!((c - exact).abs() < 2e-5, "{c} {exact}");
    }
}

/// In one dimension `W = r^2/2 - r` repels as charged sheets do, and mass comes to rest evenly over
/// an interval of length 2.
#[test]
fn sheets_of_charge_come_to_rest_evenly() {
    let mut options = options(1, "euler", 0.5, &[8, 8]);
    options.set("nodes", 300).unwrap();
    let energies = [energy(
        "interaction",
        "interaction-power",
        &[("a", &[2.0]), ("b", &[1.0])],
    )];
    let mut solver = solver(
        &options,
        &energies,
        Arc::new(Barenblatt::new(1, 2.0, 0.05).unwrap()),
    );
    for _ in 0..20 {
        solver.step().unwrap();
    }
    let found = solver.quantiles(0, &[0.1, 0.25, 0.5, 0.75, 0.9]).unwrap();
    for (q, exact) in found.iter().zip([-0.8, -0.5, 0.0, 0.5, 0.8]) {
        assert!((q - exact).abs() < 5e-3, "{q} {exact}");
    }
}

#[test]
fn relabelling_loses_no_mass_and_no_accuracy() {
    let run = |relabel: f64| {
        let mut options = options(1, "second", 0.02, &[12, 12]);
        options.set("relabel", relabel).unwrap();
        let energies = [
            energy("internal", "entropy", &[]),
            energy(
                "potential",
                "potential-double-well",
                &[("a", &[4.0]), ("b", &[1.0])],
            ),
        ];
        let start = Mixture::new(1, &[1.0], &[0.2], &[0.25]).unwrap();
        let mut solver = solver(&options, &energies, Arc::new(start));
        for _ in 0..10 {
            solver.step().unwrap();
            assert!((solver.report().unwrap().mass - 1.0).abs() < 1e-12);
        }
        let began = [-1.0, -0.3, 0.2, 0.9];
        let mut ended = [0.0; 4];
        solver.push_forward(&began, &mut ended).unwrap();
        (
            density(&solver, &grid(1, 2.0, 301)),
            solver.moments().unwrap(),
            ended,
        )
    };
    let (never, moments, ended) = run(0.0);
    let (often, same, there) = run(1.3);
    // Trajectories go on through new labels.
    let apart = relative(&there, &ended);
    assert!(apart < 1e-3, "{there:?} {ended:?}");
    let error = relative(&often, &never);
    assert!(error < 5e-4, "{error:e}");
    assert!(
        (moments.0[0] - same.0[0]).abs() < 1e-4,
        "{moments:?} {same:?}"
    );
    assert!(often != never, "it was never relabelled");
}

#[test]
fn densities_on_a_box_keep_to_it_and_come_to_rest() {
    let mut options = options(2, "second", 0.05, &[8]);
    options.set("domain", "box").unwrap();
    options.set("lower", vec![0.0]).unwrap();
    options.set("upper", vec![1.0]).unwrap();
    let wave = |x: &[f64]| 1.0 + 0.3 * (std::f64::consts::PI * x[0]).cos();
    let sampled = move |x: &[f64], rho: &mut [f64]| -> Result<()> {
        rho.iter_mut()
            .zip(x.chunks(2))
            .for_each(|(rho, x)| *rho = wave(x));
        Ok(())
    };
    let domain = Settings::parse(&options).unwrap().problem.domain().unwrap();
    let start = OnBox::new(domain, Arc::new(sampled)).unwrap();
    let mut solver = solver(
        &options,
        &[energy("internal", "entropy", &[])],
        Arc::new(start),
    );
    let mut corner = [0.0; 4];
    for _ in 0..2 {
        solver.step().unwrap();
        solver
            .push_forward(&[0.0, 0.0, 1.0, 0.3], &mut corner)
            .unwrap();
        assert!(corner[0] == 0.0 && corner[1] == 0.0 && (corner[2] - 1.0).abs() < 1e-15);
    }
    let decay = (-std::f64::consts::PI.powi(2) * solver.time()).exp();
    let y: Vec<f64> = grid(2, 0.5, 20).iter().map(|y| y + 0.5).collect();
    let exact: Vec<f64> = y.chunks(2).map(|y| 1.0 + decay * (wave(y) - 1.0)).collect();
    let error = relative(&density(&solver, &y), &exact);
    assert!(error < 2e-3, "{error:e}");
}

#[test]
fn particles_are_labels_and_need_no_function() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let rule = Quadrature::Sobol { nodes: 300 };
    let labels = standard(2).labels(&rule, &mut rng).unwrap();
    let a = [2.0, 0.0, 0.0, 1.0];
    let mut means = Vec::new();
    for score in [Some(labels.score.as_slice()), None] {
        let start = Particles::new(2, &labels.x, None, &labels.rho, score).unwrap();
        let energies = ornstein_uhlenbeck(&a, &[1.0]);
        let mut solver = solver(&options(2, "euler", 0.01, &[3]), &energies, Arc::new(start));
        solver.step().unwrap();
        means.push(solver.moments().unwrap().0);
        let refused = solver.evaluate(&[0.0, 0.0], &mut [0.0], None).unwrap_err();
        assert!(refused.message().contains("particles"), "{refused}");
    }
    // Of the particles' mean the weak form knows that pressure has no mean. The strong form moves each
    // particle by the exact map `M x + b`, `(M - 1)/tau + a M = 1/M`.
    for i in 0..2 {
        let (rate, tau) = (a[3 * i], 0.01);
        let before = labels.x.iter().skip(i).step_by(2).sum::<f64>() / 300.0;
        let drift = tau * rate / (1.0 + tau * rate);
        let slope = 1.0 / tau + rate;
        let m = (1.0 / tau + (1.0 / (tau * tau) + 4.0 * slope).sqrt()) / (2.0 * slope);
        let strong = m * before + drift;
        let weak = before / (1.0 + tau * rate) + drift;
        assert!((means[0][i] - strong).abs() < 2e-6, "{means:?} {strong}");
        assert!((means[1][i] - weak).abs() < 2e-6, "{means:?} {weak}");
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    let run = |threads: i64| {
        let mut options = options(2, "second", 0.02, &[8, 8]);
        options.set("threads", threads).unwrap();
        let energies = ornstein_uhlenbeck(&[2.5, 1.5, 1.5, 2.5], &[0.3]);
        let mut solver = solver(&options, &energies, standard(2));
        solver.step().unwrap();
        solver.parameters().to_vec()
    };
    assert_eq!(run(1), run(3));
}

/// W2 of pairs of samples, each `[n][d]`, by POT.
fn by_pot(pairs: &[[&[f64]; 2]], d: usize) -> Vec<f64> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = std::env::var_os("MOVIMENTO_PYTHON")
        .map_or_else(|| root.join("target/tools/bin/python"), PathBuf::from);
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(python);
    command.arg(root.join("tests/transport/check_pot.py"));
    for (index, sample) in pairs.iter().flatten().enumerate() {
        let file = folder.path().join(format!("{index}.txt"));
        let line = |x: &[f64]| x.iter().map(|x| format!("{x:e} ")).collect::<String>() + "\n";
        fs::write(&file, sample.chunks(d).map(line).collect::<String>()).unwrap();
        command.arg(file);
    }
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text.lines().map(|line| line.parse().unwrap()).collect()
}

/// The same labels after one step and the next: no rearrangement of the points is shorter than the way
/// that the map took, so the reported distance is the Wasserstein distance.
#[test]
fn steps_are_optimal_transports_by_pot() {
    let options = options(2, "euler", 0.02, &[8, 8]);
    let energies = [
        energy("internal", "entropy", &[]),
        energy(
            "potential",
            "potential-double-well",
            &[("a", &[1.0]), ("b", &[1.0])],
        ),
    ];
    let mut solver = solver(&options, &energies, standard(2));
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
    let rule = Quadrature::Sobol { nodes: 400 };
    let labels = standard(2).labels(&rule, &mut rng).unwrap().x;
    let mut samples = vec![labels.clone()];
    let mut reported = Vec::new();
    for _ in 0..3 {
        solver.step().unwrap();
        let mut moved = vec![0.0; labels.len()];
        solver.push_forward(&labels, &mut moved).unwrap();
        samples.push(moved);
        reported.push(solver.report().unwrap().movement_distance);
    }
    let pairs: Vec<_> = samples.windows(2).map(|s| [&*s[0], &*s[1]]).collect();
    for ((found, pair), reported) in by_pot(&pairs, 2).iter().zip(&pairs).zip(&reported) {
        let squares = pair[0].iter().zip(pair[1]).map(|(a, b)| (a - b) * (a - b));
        let along = (squares.sum::<f64>() / 400.0).sqrt();
        assert!((found / along - 1.0).abs() < 1e-9, "{found} {along}");
        // 400 samples of a force that grows with the third power say it to some per cent.
        assert!((found / reported - 1.0).abs() < 0.1, "{found} {reported}");
    }
}

/// In one dimension W2 is the L2 distance of quantiles.
#[test]
fn steps_in_one_dimension_are_as_long_as_their_quantiles_say() {
    let options = options(1, "euler", 0.02, &[8]);
    let energies = ornstein_uhlenbeck(&[3.0], &[1.0]);
    let mut solver = solver(&options, &energies, standard(1));
    let n = 400;
    let at: Vec<f64> = (0..n)
        .map(|i| (f64::from(i) + 0.5) / f64::from(n))
        .collect();
    let mut before = solver.quantiles(0, &at).unwrap();
    for _ in 0..3 {
        solver.step().unwrap();
        let now = solver.quantiles(0, &at).unwrap();
        let squares = before.iter().zip(&now).map(|(a, b)| (a - b) * (a - b));
        let distance = (squares.sum::<f64>() / f64::from(n)).sqrt();
        let reported = solver.report().unwrap().movement_distance;
        assert!(
            (distance / reported - 1.0).abs() < 1e-2,
            "{distance} {reported}"
        );
        before = now;
    }
}
