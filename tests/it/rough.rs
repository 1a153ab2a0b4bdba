//! Initial conditions that jump, and energies that grow slower than a square of the slope: posed as they are, they
//! are solved by defaults.

use crate::support::problems::{dirichlet, start_from};
use crate::support::restart_helpers::goes_on;
use movimento::energy::{Batch, Derivatives, EnergyDensity, Traits};
use movimento::{Energy, Options, Result, Solver};
use std::f64::consts::PI;
use std::sync::Arc;

/// 1 in a box of the plane, else 0.
const BOX: [[f64; 2]; 2] = [[0.21, 0.63], [0.34, 0.88]];

fn solver(d: i64, movement: &str, tau: f64) -> Solver {
    let mut options = Options::new();
    options.set("dimension", d).unwrap();
    options.set("movement", movement).unwrap();
    options.set("tau", tau).unwrap();
    Solver::new(&options).unwrap()
}

/// The heat equation on [0, 1] from 1 between a and b, by its cosine series.
fn diffused([a, b]: [f64; 2], x: f64, time: f64) -> f64 {
    let modes = (1..400).map(|k| {
        let k = PI * f64::from(k);
        2.0 * ((k * b).sin() - (k * a).sin()) / k * (k * x).cos() * (-k * k * time).exp()
    });
    b - a + modes.sum::<f64>()
}

#[test]
fn what_jumps_diffuses_as_its_series_does() {
    let mut solver = solver(2, "second", 0.002);
    solver.add_energy(&dirichlet(0.5)).unwrap();
    let inside = |x: &[f64]| x.iter().zip(BOX).all(|(x, [a, b])| (a..b).contains(x));
    start_from(&mut solver, |x| f64::from(u8::from(inside(x))));
    let fit = solver.fit_report().unwrap().relative_error;
    for _ in 0..10 {
        solver.step().unwrap();
    }
    let side = 61;
    let at = |k: usize| (k as f64 + 0.3) / side as f64;
    let along = BOX.map(|edges| {
        (0..side)
            .map(move |k| diffused(edges, at(k), 0.01))
            .collect::<Vec<_>>()
    });
    let x: Vec<f64> = (0..side * side)
        .flat_map(|k| [at(k % side), at(k / side)])
        .collect();
    let mut u = vec![0.0; side * side];
    solver.evaluate(&x, &mut u, None).unwrap();
    let exact = |k: usize| along[0][k % side] * along[1][k / side];
    let misfit: f64 = u
        .iter()
        .enumerate()
        .map(|(k, u)| (u - exact(k)).powi(2))
        .sum();
    let size: f64 = (0..u.len()).map(|k| exact(k).powi(2)).sum();
    let error = (misfit / size).sqrt();
    println!("fit {fit:.1e}, off {error:.1e}");
    // Its projection misses the jumps, and diffusion loses what it missed.
    assert!(fit > 0.05 && error < 1.5e-3, "{fit:e} {error:e}");
}

/// Total variation that is smooth below a slope, with a fidelity: `weight sqrt(SLOPE^2 + p^2) + (u - g)^2 / 2`.
struct Denoising;

const SLOPE: f64 = 0.05;
const WEIGHT: f64 = 0.05;

/// A plateau with steep ends, and waves.
fn noisy(x: f64) -> f64 {
    let end = |at: f64| ((x - at) / 0.008).tanh();
    0.5 * (end(0.3) - end(0.62)) + 0.15 * (40.0 * x).sin()
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
        for (node, ((x, u), p)) in batch.x.iter().zip(batch.u).zip(batch.p).enumerate() {
            let (root, off) = (SLOPE.hypot(*p), u - noisy(*x));
            let set = |out: &mut Option<&mut [f64]>, value: f64| {
                if let Some(out) = out {
                    out[node] = value;
                }
            };
            set(&mut wanted.f, WEIGHT * root + 0.5 * off * off);
            set(&mut wanted.f_u, off);
            set(&mut wanted.f_p, WEIGHT * p / root);
            set(&mut wanted.f_uu, 1.0);
            set(&mut wanted.f_up, 0.0);
            set(&mut wanted.f_pp, WEIGHT * SLOPE * SLOPE / root.powi(3));
        }
        Ok(())
    }
}

/// Energies of Euler steps on a grid of so many cells: each by fixed points of the curvature's secant, each of which
/// solves a tridiagonal system.
fn on_grid(cells: usize, tau: f64, steps: usize) -> Vec<f64> {
    let h = 1.0 / cells as f64;
    let data: Vec<f64> = (0..cells).map(|k| noisy((k as f64 + 0.5) * h)).collect();
    let mut u = data.clone();
    let slope = |u: &[f64], k: usize| (u[k + 1] - u[k]) / h;
    let mut energies = Vec::new();
    for _ in 0..steps {
        let before = u.clone();
        for _ in 0..400 {
            let face = |k: usize| WEIGHT / SLOPE.hypot(slope(&u, k)) / (h * h);
            let faces: Vec<f64> = (0..cells - 1).map(face).collect();
            // Gauss elimination from above, and back.
            let (mut diagonal, mut right) = (vec![0.0; cells], vec![0.0; cells]);
            for k in 0..cells {
                let above = if k == 0 { 0.0 } else { faces[k - 1] };
                let below = faces.get(k).copied().unwrap_or(0.0);
                diagonal[k] = 1.0 + 1.0 / tau + above + below;
                right[k] = data[k] + before[k] / tau;
                if k > 0 {
                    let factor = above / diagonal[k - 1];
                    diagonal[k] -= factor * above;
                    right[k] += factor * right[k - 1];
                }
            }
            let mut next = 0.0;
            for k in (0..cells).rev() {
                next = (right[k] + faces.get(k).copied().unwrap_or(0.0) * next) / diagonal[k];
                u[k] = next;
            }
        }
        let variation: f64 = (0..cells - 1).map(|k| SLOPE.hypot(slope(&u, k))).sum();
        let fidelity: f64 = u
            .iter()
            .zip(&data)
            .map(|(u, g)| 0.5 * (u - g).powi(2))
            .sum();
        energies.push(h * (WEIGHT * variation + fidelity));
    }
    energies
}

/// Newton's method takes hundreds of iterations for the first step: the second derivative is next to nothing where
/// the field is steep.
#[test]
fn total_variation_falls_as_on_a_grid_in_a_few_iterations() {
    let (tau, steps) = (0.05, 3);
    let mut solver = solver(1, "euler", tau);
    let energy = Energy::from_density("denoising", Arc::new(Denoising));
    solver.add_energy(&energy).unwrap();
    start_from(&mut solver, |x| noisy(x[0]));
    for exact in on_grid(4000, tau, steps) {
        solver.step().unwrap();
        let report = solver.report().unwrap();
        let off = (report.energy / exact - 1.0).abs();
        println!(
            "off {off:.1e}, {} iterations, {} retries",
            report.iterations, report.retries
        );
        assert!(
            off < 1e-3 && report.iterations < 40,
            "{off:e}, {}",
            report.iterations
        );
    }
}

#[test]
fn a_restart_of_total_variation_goes_on_to_the_same_bits() {
    let fresh = || {
        let mut options = Options::new();
        options.set("dimension", 1_i64).unwrap();
        options.set("movement", "second").unwrap();
        options.set("tau", 0.05).unwrap();
        options.set("snapshot_resolution", 9_i64).unwrap();
        let mut solver = Solver::new(&options).unwrap();
        let energy = Energy::from_density("denoising", Arc::new(Denoising));
        solver.add_energy(&energy).unwrap();
        solver
    };
    let mut solver = fresh();
    start_from(&mut solver, |x| noisy(x[0]));
    goes_on(solver, &fresh, 2, &[0, 1]);
}
