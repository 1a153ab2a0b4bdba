//! Flows in Wasserstein space that the library follows by potentials by itself: accuracy against closed
//! forms without any option of the network, the nodes or the minimiser, orders, units, and restarts.

use crate::support::problems::relative;
use crate::support::restart_helpers::goes_on;
use crate::support::wasserstein::{self, density, energy, exact, grid, ornstein_uhlenbeck, solver};
use movimento::initial::profile::{Mixture, OnBox, Profile};
use movimento::options::Value;
use movimento::{Energy, ErrorKind, Options, Solver};
use std::sync::Arc;

/// Options of a user, in all of space.
fn options(d: i64, movement: &str, tau: f64) -> Options {
    wasserstein::options(d, movement, tau, &[0])
}

/// Two Gaussians in the drift `-a x` at time t: each stays one.
fn parted(a: &[f64], t: f64, length: f64) -> Arc<Mixture> {
    let d = a.len();
    let centres = [[-1.2, 0.3, 0.2], [1.1, -0.2, -0.4]];
    let squares = [[0.2, 0.3, 0.25], [0.35, 0.15, 0.3]];
    let (mut means, mut covariances) = (Vec::new(), Vec::new());
    for (centre, square) in centres.iter().zip(&squares) {
        for i in 0..d {
            let left = (-a[i] * t).exp();
            means.push(length * centre[i] * left);
            for j in 0..d {
                let spread = square[i] * left * left + (1.0 - left * left) / a[i];
                covariances.push(length * length * if i == j { spread } else { 0.0 });
            }
        }
    }
    Arc::new(Mixture::new(d, &[0.35, 0.65], &means, &covariances).unwrap())
}

/// Their flow, in the drift of `|x|^2_a / 2`.
fn relaxing(a: &[f64], movement: &str, tau: f64) -> Solver {
    let d = a.len();
    let matrix: Vec<f64> = (0..d * d)
        .map(|k| if k % (d + 1) == 0 { a[k / d] } else { 0.0 })
        .collect();
    let energies = ornstein_uhlenbeck(&matrix, &vec![0.0; d]);
    solver(
        &options(d as i64, movement, tau),
        &energies,
        parted(a, 0.0, 1.0),
    )
}

/// The error of the density at points, relative to that of the closed form.
fn off(solver: &Solver, known: &dyn Profile, half: f64, n: usize) -> f64 {
    let y = grid(solver.domain().dimension(), half, n);
    relative(&density(solver, &y), &exact(known, &y))
}

#[test]
fn two_gaussians_in_the_plane_relax_as_their_closed_form() {
    let a = [1.0, 1.5];
    let mut flow = relaxing(&a, "second", 0.05);
    assert!(flow.fit_report().unwrap().relative_error < 5e-3);
    for _ in 0..4 {
        flow.step().unwrap();
        let report = flow.report().unwrap();
        assert!(report.energy <= report.energy_before);
        assert!((report.mass - 1.0).abs() < 1e-3);
    }
    let error = off(&flow, &*parted(&a, 0.2, 1.0), 4.0, 41);
    assert!(error < 1e-3, "{error:e}");
    // Far away there is a little of it still, and nowhere less than none.
    let far = density(&flow, &[30.0, 0.0, 0.0, -80.0]);
    assert!(far.iter().all(|r| (0.0..1e-12).contains(r)), "{far:?}");
}

#[test]
fn schemes_have_their_orders() {
    let a = [1.3];
    let errors = |movement: &str, steps: u32| {
        let t = 0.4;
        let mut flow = relaxing(&a, movement, t / f64::from(steps));
        flow.step_to(t).unwrap();
        off(&flow, &*parted(&a, t, 1.0), 4.0, 301)
    };
    for (movement, order) in [("euler", 1.0), ("second", 2.0)] {
        let (coarse, fine) = (errors(movement, 4), errors(movement, 8));
        let found = (coarse / fine).log2();
        assert!(
            (found - order).abs() < 0.35,
            "{movement}: {coarse:e} {fine:e}"
        );
    }
    let third = errors("third", 4);
    assert!(third < 0.5 * errors("second", 4), "{third:e}");
}

#[test]
fn quantiles_are_those_of_the_closed_form() {
    let a = [1.3];
    let mut flow = relaxing(&a, "second", 0.05);
    flow.step_to(0.3).unwrap();
    let levels = [0.01, 0.2, 0.5, 0.9];
    let found = flow.quantiles(0, &levels).unwrap();
    // The distribution function of the closed form by the midpoint rule.
    let known = parted(&a, 0.3, 1.0);
    let n = 40_000;
    let x: Vec<f64> = (0..n)
        .map(|i| -8.0 + 16.0 * (f64::from(i) + 0.5) / f64::from(n))
        .collect();
    let rho = exact(&*known, &x);
    for (level, found) in levels.iter().zip(found) {
        let mut below = 0.0;
        let at = rho.iter().position(|r| {
            below += r * 16.0 / f64::from(n);
            below > *level
        });
        let quantile = x[at.unwrap()];
        assert!(
            (quantile - found).abs() < 3e-3,
            "{level}: {found} for {quantile}"
        );
    }
}

/// Half of Barenblatt's solution of `rho_t = (rho^2)_xx` about each of two points, with mass 1 in all.
fn patches(x: f64, t: f64) -> f64 {
    let height = (3.0 / (8.0 * 12.0_f64.sqrt())).powf(2.0 / 3.0);
    let one = |centre: f64| {
        let z = (x - centre) / t.cbrt();
        (height - z * z / 12.0).max(0.0) / t.cbrt()
    };
    one(-2.0) + one(2.0)
}

/// A flow of a density that is given on an interval about 0.
fn on_interval(
    (half, movement, tau): (f64, &str, f64),
    energy: Energy,
    rho_0: impl Fn(f64) -> f64 + Send + Sync + 'static,
) -> Solver {
    let mut options = options(1, movement, tau);
    for (key, value) in [
        ("domain", Value::from("box")),
        ("lower", vec![-half].into()),
        ("upper", vec![half].into()),
    ] {
        options.set(key, value).unwrap();
    }
    let given = move |x: &[f64], rho: &mut [f64]| {
        rho.iter_mut().zip(x).for_each(|(r, x)| *r = rho_0(*x));
        Ok(())
    };
    let domain = Solver::new(&options).unwrap().domain().clone();
    let profile = OnBox::new(domain, Arc::new(given)).unwrap();
    solver(&options, &[energy], Arc::new(profile))
}

#[test]
fn patches_of_a_porous_medium_spread_each_by_itself() {
    let power = energy("internal", "power", &[("m", &[2.0])]);
    let mut flow = on_interval((6.0, "second", 0.05), power, |x| patches(x, 0.5));
    flow.step_to(0.5).unwrap();
    let x = grid(1, 5.0, 997);
    let known: Vec<f64> = x.iter().map(|x| patches(*x, 1.0)).collect();
    let error = relative(&density(&flow, &x), &known);
    assert!(error < 3e-3, "{error:e}");
    let middle = flow.quantiles(0, &[0.25, 0.75]).unwrap();
    assert!(
        (middle[0] + 2.0).abs() < 5e-3 && (middle[1] - 2.0).abs() < 5e-3,
        "{middle:?}"
    );
}

/// The solution of the heat equation that begins as 1/4 on (-2, 2), away from walls.
fn spread(x: f64, t: f64) -> f64 {
    let n = 2000;
    let h = 4.0 / f64::from(n);
    let points = (0..n).map(|i| -2.0 + h * (f64::from(i) + 0.5));
    let parts = points.map(|y| (-(x - y) * (x - y) / (4.0 * t)).exp());
    0.25 * h * parts.sum::<f64>() / (4.0 * std::f64::consts::PI * t).sqrt()
}

#[test]
fn a_density_that_jumps_spreads_as_its_closed_form() {
    let jump = |x: f64| if x.abs() < 2.0 { 0.25 } else { 0.0 };
    for (movement, allowed) in [("euler", 6e-3), ("second", 1e-3)] {
        let entropy = energy("internal", "entropy", &[]);
        let mut flow = on_interval((5.0, movement, 0.02), entropy, jump);
        // It is its convolution that flows, and the fit says how far that is from what was given.
        let fit = flow.fit_report().unwrap().relative_error;
        assert!((0.02..0.2).contains(&fit), "{movement}: {fit:e}");
        flow.step_to(0.2).unwrap();
        let x = grid(1, 5.0, 997);
        let known: Vec<f64> = x.iter().map(|x| spread(*x, 0.2)).collect();
        let error = relative(&density(&flow, &x), &known);
        assert!(error < allowed, "{movement}: {error:e}");
    }
}

/// The distance in Wasserstein space of densities at evenly spaced points of a line: that of quantiles.
fn distance(x: &[f64], densities: [&[f64]; 2]) -> f64 {
    let (h, levels) = (x[1] - x[0], 4000);
    let quantiles = densities.map(|rho| {
        let whole: f64 = rho.iter().sum();
        let (mut at, mut below) = (0, 0.0);
        let level = |i: i32| (f64::from(i) + 0.5) / f64::from(levels);
        let mut quantile = |s: f64| {
            while below + rho[at] / whole < s {
                below += rho[at] / whole;
                at += 1;
            }
            x[at] + h * ((s - below) * whole / rho[at] - 0.5)
        };
        (0..levels)
            .map(|i| quantile(level(i)))
            .collect::<Vec<f64>>()
    });
    let pairs = quantiles[0].iter().zip(&quantiles[1]);
    let squares = pairs.map(|(a, b)| (a - b) * (a - b));
    (squares.sum::<f64>() / f64::from(levels)).sqrt()
}

#[test]
fn the_distance_of_a_step_is_that_of_its_densities() {
    let entropy = energy("internal", "entropy", &[]);
    // Edges spread by more than they are wide, where the density of before and after are unlike.
    let mut flow = on_interval((5.0, "euler", 0.02), entropy, |x| spread(x, 0.01));
    let x = grid(1, 4.9, 19_601);
    let before = density(&flow, &x);
    flow.step().unwrap();
    let known = distance(&x, [&before, &density(&flow, &x)]);
    let reported = flow.report().unwrap().movement_distance;
    assert!(
        (reported / known - 1.0).abs() < 0.01,
        "{reported} is {known}"
    );
}

#[test]
fn mass_that_moves_away_is_followed() {
    // A drift of constant speed: V = -3 x.
    let slope = energy(
        "potential",
        "potential-quadratic",
        &[("a", &[1.0]), ("center", &[6.0])],
    );
    let energies = [energy("internal", "entropy", &[]), slope];
    let start = parted(&[1.0], 0.0, 1.0);
    let mut flow = solver(&options(1, "second", 0.1), &energies, start);
    flow.step_to(2.0).unwrap();
    let (mean, _) = flow.moments().unwrap();
    // The mean goes to 6 as e^-t.
    let first = -1.2 * 0.35 + 1.1 * 0.65;
    let known = 6.0 + (first - 6.0) * (-2.0_f64).exp();
    assert!((mean[0] - known).abs() < 5e-3, "{} for {known}", mean[0]);
    assert!((flow.report().unwrap().mass - 1.0).abs() < 1e-4);
}

#[test]
fn three_dimensions_when_asked_for() {
    let mut options = options(3, "second", 0.1);
    options.set("transport", "dual").unwrap();
    let a: [f64; 3] = [1.0, 1.5, 0.7];
    let bell = |t: f64| {
        let mut covariance = vec![0.0; 9];
        let mut mean = Vec::new();
        for (i, a) in a.iter().enumerate() {
            let left = (-a * t).exp();
            mean.push(0.5 * left);
            covariance[4 * i] = 0.4 * left * left + (1.0 - left * left) / a;
        }
        Arc::new(Mixture::new(3, &[1.0], &mean, &covariance).unwrap())
    };
    let matrix = [1.0, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 0.7];
    let energies = ornstein_uhlenbeck(&matrix, &[0.0; 3]);
    let mut flow = solver(&options, &energies, bell(0.0));
    flow.step_to(0.2).unwrap();
    let error = off(&flow, &*bell(0.2), 2.5, 11);
    assert!(error < 2e-3, "{error:e}");
}

#[test]
fn units_do_not_matter() {
    // Diffusion of unit strength leaves one unit of the two.
    let answer = |length: f64| {
        let time = length * length;
        let entropy = energy("internal", "entropy", &[]);
        let bowl = energy(
            "potential",
            "potential-quadratic",
            &[("a", &[1.3 / time]), ("center", &[0.0])],
        );
        let mut options = options(1, "second", 0.05 * time);
        options.set("lower", vec![-4.0 * length]).unwrap();
        options.set("upper", vec![4.0 * length]).unwrap();
        let mut flow = solver(&options, &[entropy, bowl], parted(&[1.3], 0.0, length));
        flow.step_to(0.2 * time).unwrap();
        let y: Vec<f64> = grid(1, 3.0, 61).iter().map(|y| y * length).collect();
        density(&flow, &y)
            .iter()
            .map(|r| r * length)
            .collect::<Vec<_>>()
    };
    let plain = answer(1.0);
    for length in [1e-3, 1e2] {
        let off = relative(&answer(length), &plain);
        assert!(off < 1e-6, "{length:e}: {off:e}");
    }
}

fn asked(key: &str, value: Value) -> Options {
    let mut options = options(1, "euler", 0.05);
    options.set(key, value).unwrap();
    options
}

#[test]
fn what_suits_the_flow_is_taken() {
    let energies: Vec<Energy> = ornstein_uhlenbeck(&[1.0], &[0.0]);
    let two = || parted(&[1.0], 0.0, 1.0);
    let one = Arc::new(Mixture::new(1, &[1.0], &[0.3], &[0.5]).unwrap());
    let plain = options(1, "euler", 0.05);
    assert!(!solver(&plain, &energies, two()).carries_mass());
    assert!(solver(&plain, &energies, one.clone()).carries_mass());
    // A network of the user's, or a map, is kept to.
    for (key, value) in [
        ("hidden", Value::from(vec![8_i64])),
        ("transport", "map".into()),
    ] {
        assert!(solver(&asked(key, value), &energies, two()).carries_mass());
    }
    // One Gaussian in a potential that will part it.
    let well = energy(
        "potential",
        "potential-double-well",
        &[("a", &[4.0]), ("b", &[1.0])],
    );
    let parting = [energy("internal", "entropy", &[]), well];
    assert!(!solver(&plain, &parting, one.clone()).carries_mass());
    // Another start may ask for the other.
    let mut flow = solver(&plain, &energies, two());
    flow.set_initial(movimento::Initial::Density(one)).unwrap();
    assert!(flow.carries_mass());
    flow.set_initial(movimento::Initial::Density(two()))
        .unwrap();
    assert!(!flow.carries_mass());
    let refused = flow.push_forward(&[0.0], &mut [0.0]).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::State);
    assert!(refused.message().contains("map"));
}

#[test]
fn functionals_that_have_no_potential_are_refused_where_it_is_asked_for() {
    let options = asked("transport", "dual".into());
    let bowl = &ornstein_uhlenbeck(&[1.0], &[0.0])[1];
    let mut flow = Solver::new(&options).unwrap();
    flow.add_energy(bowl).unwrap();
    let start = movimento::Initial::Density(parted(&[1.0], 0.0, 1.0));
    let refused = flow.set_initial(start).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Option);
    assert!(
        refused
            .message()
            .contains("accepted for others is `flow` = wasserstein with `transport` = map")
    );
    assert_eq!(flow.steps(), 0);
}

#[test]
fn a_restart_goes_on_with_the_same_bits() {
    for movement in ["euler", "second"] {
        let fresh = || relaxing(&[1.0], movement, 0.1);
        goes_on(fresh(), &fresh, 6, &[0, 2, 5]);
    }
    // Through a change of the region, and with a potential that is a feature itself.
    let well = energy(
        "potential",
        "potential-double-well",
        &[("a", &[4.0]), ("b", &[1.0])],
    );
    let parting = [energy("internal", "entropy", &[]), well];
    let one = || Arc::new(Mixture::new(1, &[1.0], &[0.1], &[0.02]).unwrap());
    let fresh = || solver(&options(1, "euler", 0.05), &parting, one());
    goes_on(fresh(), &fresh, 6, &[1, 4]);
}

/// Clusters that attract each other, `W = kappa |x - y|^2 / 2`: about their mean each is an Ornstein-Uhlenbeck
/// process. On its way to a step's end a potential belongs to a density of another mass, by which strong attraction
/// was refused, or was 2 % off in energy.
#[test]
fn clusters_that_attract_each_other_follow_their_closed_form() {
    for kappa in [4.0, 6.0] {
        let energies = [
            energy("internal", "entropy", &[]),
            energy(
                "interaction",
                "interaction-quadratic",
                &[("kappa", &[kappa])],
            ),
        ];
        let (masses, means, squares) = ([0.4, 0.3, 0.3], [-2.0, 0.2, 1.8], [0.1, 0.05, 0.15]);
        let at = |t: f64| {
            let left = (-kappa * t).exp();
            let middle: f64 = masses.iter().zip(&means).map(|(m, x)| m * x).sum();
            let means = means.map(|x| middle + (x - middle) * left);
            let squares = squares.map(|s| s * left * left + (1.0 - left * left) / kappa);
            Arc::new(Mixture::new(1, &masses, &means, &squares).unwrap())
        };
        let mut flow = solver(&options(1, "second", 0.01), &energies, at(0.0));
        flow.step_to(0.05).unwrap();
        let error = off(&flow, &*at(0.05), 4.0, 400);
        println!("kappa = {kappa}: {error:.2e}");
        assert!(error < 2e-3, "kappa = {kappa}: {error:e}");
    }
}
