//! Fields by default, as combinations of random features: accuracy without any option of the network,
//! the nodes or the minimiser, growth where u_0 asks for it, and restarts with what has grown.

use crate::support::problems::{allen_cahn, dirichlet, on_grid, relative, start_from};
use movimento::energy::{Batch, Derivatives, EnergyDensity, Traits};
use movimento::snapshot::{restore, write};
use movimento::{Energy, ErrorKind, Initial, Options, Result, Solver};
use std::f64::consts::PI;
use std::sync::Arc;

/// A solver of the box `[lower, upper]^d` with the options of a user.
fn solver(d: i64, (lower, upper): (f64, f64), tau: f64, movement: &str) -> Solver {
    let mut options = Options::new();
    options.set("dimension", d).unwrap();
    options.set("lower", vec![lower]).unwrap();
    options.set("upper", vec![upper]).unwrap();
    options.set("tau", tau).unwrap();
    options.set("movement", movement).unwrap();
    Solver::new(&options).unwrap()
}

/// The heat equation on [0, 1] at time t from u_0, by its series of cosines.
fn heat(u_0: impl Fn(f64) -> f64, kappa: f64, t: f64, x: &[f64]) -> Vec<f64> {
    let n = 4000;
    let points: Vec<f64> = (0..n)
        .map(|i| (f64::from(i) + 0.5) / f64::from(n))
        .collect();
    let values: Vec<f64> = points.iter().map(|x| u_0(*x)).collect();
    let modes = (0..200).map(|k| {
        let wave = PI * f64::from(k);
        let pairs = values.iter().zip(&points);
        let mean = pairs.map(|(u, x)| u * (wave * x).cos()).sum::<f64>() / f64::from(n);
        let height = if k == 0 { mean } else { 2.0 * mean };
        (wave, height * (-kappa * wave * wave * t).exp())
    });
    let modes: Vec<_> = modes.collect();
    let at = |x: &f64| modes.iter().map(|(wave, a)| a * (wave * x).cos()).sum();
    x.iter().map(at).collect()
}

#[test]
fn a_layer_on_the_line_diffuses_as_its_series_does() {
    let u_0 = |x: f64| (25.0 * (x - 0.4)).tanh();
    let mut solver = solver(1, (0.0, 1.0), 0.01, "second");
    solver.add_energy(&dirichlet(0.1)).unwrap();
    start_from(&mut solver, |x| u_0(x[0]));
    assert!(solver.fit_report().unwrap().relative_error < 1e-5);
    solver.step_to(0.1).unwrap();
    let (x, u) = on_grid(&solver, 97);
    let error = relative(&u, &heat(u_0, 0.1, 0.1, &x));
    // The error of the scheme itself, of which most stems from the first steps of the layer.
    assert!(error < 2e-4, "{error:e}");
}

/// Features miss 3 % of it, all of which the first step smooths away. Without an energy that smooths it would stay.
#[test]
fn a_jump_on_the_line_diffuses_as_its_series_does() {
    let u_0 = |x: f64| if x < 0.37 { 1.0 } else { -0.5 };
    let mut smoothing = solver(1, (0.0, 1.0), 0.005, "second");
    smoothing.add_energy(&dirichlet(0.1)).unwrap();
    start_from(&mut smoothing, |x| u_0(x[0]));
    let fitted = smoothing.fit_report().unwrap().relative_error;
    assert!((1e-2..1e-1).contains(&fitted), "{fitted}");
    smoothing.step_to(0.1).unwrap();
    let (x, u) = on_grid(&smoothing, 97);
    let error = relative(&u, &heat(u_0, 0.1, 0.1, &x));
    assert!(error < 5e-4, "{error:e}");

    let mut decaying = solver(1, (0.0, 1.0), 0.005, "second");
    let mut decay = Energy::plugin("quadratic").unwrap();
    decay.set("kappa", &[1.0]).unwrap();
    decaying.add_energy(&decay).unwrap();
    let mut jump = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
        x.iter().zip(u).for_each(|(x, u)| *u = u_0(*x));
        Ok(())
    };
    let refused = decaying
        .set_initial(Initial::Function {
            field: &mut jump,
            has_gradient: false,
        })
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotConverged);
    assert!(
        refused.message().contains("`fit_accept` is 1e-2"),
        "{refused}"
    );
}

/// `sqrt(delta^2 + |p|^2) + 5 (u - f)^2` with f a noisy edge: convex, and as steep as smoothed total
/// variation is.
struct Denoising;

const DELTA: f64 = 0.1;

fn edge(x: f64) -> f64 {
    (20.0 * (x - 0.45)).tanh() + 0.15 * (7.0 * PI * x).cos()
}

impl EnergyDensity for Denoising {
    fn traits(&self) -> Traits {
        Traits {
            uses_gradient: true,
            uses_position: true,
            convex: true,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        wanted.each(|array| array.fill(0.0));
        for (node, ((x, u), p)) in batch.x.iter().zip(batch.u).zip(batch.p).enumerate() {
            let (root, misfit) = (DELTA.hypot(*p), u - edge(*x));
            let all = [
                (&mut wanted.f, root + 5.0 * misfit * misfit),
                (&mut wanted.f_u, 10.0 * misfit),
                (&mut wanted.f_uu, 10.0),
                (&mut wanted.f_p, p / root),
                (&mut wanted.f_pp, (DELTA / root).powi(2) / root),
            ];
            for (array, value) in all {
                if let Some(array) = array {
                    array[node] = value;
                }
            }
        }
        Ok(())
    }
}

/// The same by implicit steps on n cells, each by Newton's method with shortened steps.
fn denoised_on_cells(n: usize, tau: f64, steps: usize) -> Vec<f64> {
    let h = 1.0 / n as f64;
    let f: Vec<f64> = (0..n).map(|i| edge((i as f64 + 0.5) * h)).collect();
    let mut u = f.clone();
    for _ in 0..steps {
        let before = u.clone();
        let value = |u: &[f64]| {
            let cells = u.iter().zip(&f).zip(&before);
            let cells =
                cells.map(|((u, f), b)| 5.0 * (u - f).powi(2) + (u - b).powi(2) / (2.0 * tau));
            let slopes = u
                .windows(2)
                .map(|pair| DELTA.hypot((pair[1] - pair[0]) / h));
            h * (cells.sum::<f64>() + slopes.sum::<f64>())
        };
        for _ in 0..200 {
            let mut gradient: Vec<f64> = (0..n)
                .map(|i| 10.0 * (u[i] - f[i]) + (u[i] - before[i]) / tau)
                .collect();
            let mut diagonal = vec![10.0 + 1.0 / tau; n];
            let mut beside = vec![0.0; n - 1];
            for i in 0..n - 1 {
                let p = (u[i + 1] - u[i]) / h;
                let root = DELTA.hypot(p);
                gradient[i] -= p / root / h;
                gradient[i + 1] += p / root / h;
                let curved = (DELTA / root).powi(2) / root / (h * h);
                diagonal[i] += curved;
                diagonal[i + 1] += curved;
                beside[i] -= curved;
            }
            // Thomas' elimination.
            let mut step: Vec<f64> = gradient.iter().map(|g| -g).collect();
            for i in 1..n {
                let factor = beside[i - 1] / diagonal[i - 1];
                diagonal[i] -= factor * beside[i - 1];
                step[i] -= factor * step[i - 1];
            }
            for i in (0..n).rev() {
                let next = if i + 1 < n {
                    beside[i] * step[i + 1]
                } else {
                    0.0
                };
                step[i] = (step[i] - next) / diagonal[i];
            }
            let (mut part, now) = (1.0, value(&u));
            let moved = |part: f64| -> Vec<f64> {
                u.iter().zip(&step).map(|(u, s)| u + part * s).collect()
            };
            while part > 1e-9 && value(&moved(part)) > now {
                part *= 0.5;
            }
            u = moved(part);
            if step.iter().all(|s| s.abs() < 1e-12) {
                break;
            }
        }
    }
    u
}

#[test]
fn an_energy_that_is_hardly_smooth_is_minimised() {
    let (tau, steps) = (0.01, 4);
    let mut solver = solver(1, (0.0, 1.0), tau, "euler");
    solver
        .add_energy(&Energy::from_density("denoising", Arc::new(Denoising)))
        .unwrap();
    start_from(&mut solver, |x| edge(x[0]));
    for _ in 0..steps {
        solver.step().unwrap();
    }
    let n = 1500;
    let (_, u) = on_grid(&solver, n);
    let error = relative(&u, &denoised_on_cells(n, tau, steps));
    assert!(error < 1e-3, "{error:e}");
}

#[test]
fn layers_in_the_plane_take_more_features_and_a_restart_has_as_many() {
    let started = |steep: f64| {
        let mut solver = solver(2, (-1.0, 1.0), 1e-3, "second");
        solver.add_energy(&allen_cahn(1.0, 0.1)).unwrap();
        start_from(&mut solver, |x| {
            (steep * (0.5 - (x[0] - 0.1).hypot(0.8 * x[1] + 0.01))).tanh()
        });
        solver
    };
    let smooth = started(2.0);
    let mut steep = started(14.0);
    let features = |solver: &Solver| solver.network().widths()[1];
    assert_eq!(features(&steep), 2 * features(&smooth));
    assert!(steep.fit_report().unwrap().relative_error < 2e-3);
    let folder = tempfile::tempdir().unwrap();
    steep.step().unwrap();
    write(&steep, folder.path()).unwrap();
    // Its own u_0 is another one, of fewer features.
    let mut other = started(2.0);
    assert_eq!(restore(&mut other, folder.path()).unwrap(), Some(0));
    assert_eq!(features(&other), features(&steep));
    steep.step().unwrap();
    other.step().unwrap();
    assert_eq!(other.parameters(), steep.parameters());
}

#[test]
fn values_at_few_points_take_few_features() {
    let mut solver = solver(1, (0.0, 1.0), 0.01, "second");
    solver.add_energy(&dirichlet(0.1)).unwrap();
    let x: Vec<f64> = (0..120).map(|i| (f64::from(i) + 0.5) / 120.0).collect();
    let u: Vec<f64> = x.iter().map(|x| (PI * x).cos()).collect();
    let initial = movimento::Initial::Values {
        x: &x,
        u: &u,
        grad: None,
    };
    solver.set_initial(initial).unwrap();
    assert!(solver.network().widths()[1] <= 60);
    solver.step_to(0.1).unwrap();
    let (x, u) = on_grid(&solver, 41);
    let decay = (-0.1 * PI * PI * 0.1).exp();
    let exact: Vec<f64> = x.iter().map(|x| decay * (PI * x).cos()).collect();
    assert!(relative(&u, &exact) < 1e-4);
    // What was known of another u_0 is no matter.
    start_from(&mut solver, |x| (PI * x[0]).cos());
    assert!(solver.network().widths()[1] > 500);
}
