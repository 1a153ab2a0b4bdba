//! Answers do not hang on the units of a problem: offset and size of u, lengths and times.

use crate::support::problems::{dirichlet, relative, small, start_from};
use crate::support::wasserstein::energy;
use movimento::initial::profile::Mixture;
use movimento::{Initial, Options, Solver};
use std::f64::consts::PI;
use std::sync::Arc;

/// A problem in units of its own: lengths are `length` times as large, and so on.
#[derive(Clone, Copy)]
struct Units {
    offset: f64,
    size: f64,
    length: f64,
    time: f64,
}

const PLAIN: Units = Units {
    offset: 0.0,
    size: 1.0,
    length: 1.0,
    time: 1.0,
};

const ALL: [Units; 7] = [
    Units {
        offset: 101_325.0,
        size: 100.0,
        ..PLAIN
    },
    Units { size: 1e5, ..PLAIN },
    Units {
        size: 1e-9,
        ..PLAIN
    },
    Units {
        length: 1e-6,
        ..PLAIN
    },
    Units {
        length: 1e5,
        ..PLAIN
    },
    // Time steps of 2e-15 and 5e14.
    Units {
        time: 2e-13,
        ..PLAIN
    },
    Units {
        time: 5e16,
        ..PLAIN
    },
];

/// `(u - offset) / size` of the heat equation from `cos(pi x)` after ten steps, on 41 points.
fn heat(units: Units) -> (Solver, Vec<f64>) {
    let Units {
        offset,
        size,
        length,
        time,
    } = units;
    let mut options = small(1, 0.0, length, &[8]);
    options.set("tau", 0.01 * time).unwrap();
    options.set("movement", "second").unwrap();
    let mut solver = Solver::new(&options).unwrap();
    let kappa = 0.1 * length * length / time;
    solver.add_energy(&dirichlet(kappa)).unwrap();
    start_from(&mut solver, |x| offset + size * (PI * x[0] / length).cos());
    for _ in 0..10 {
        solver.step().unwrap();
    }
    let x: Vec<f64> = (0..=40).map(|i| f64::from(i) * length / 40.0).collect();
    let mut u = vec![0.0; x.len()];
    solver.evaluate(&x, &mut u, None).unwrap();
    let u = u.iter().map(|u| (u - offset) / size).collect();
    (solver, u)
}

#[test]
fn a_field_is_as_exact_in_every_unit() {
    let decay = (-0.1 * PI * PI * 0.1).exp();
    let exact: Vec<f64> = (0..=40)
        .map(|i| decay * (PI * f64::from(i) / 40.0).cos())
        .collect();
    let (plain, u) = heat(PLAIN);
    let error = relative(&u, &exact);
    assert!(error < 1e-5, "{error:e}");
    for units in ALL {
        let (scaled, v) = heat(units);
        let error = relative(&v, &u);
        let Units {
            offset,
            size,
            length,
            time,
        } = units;
        let case = format!("offset {offset:e}, size {size:e}, length {length:e}, time {time:e}");
        assert!(error < 1e-6, "{case}: {error:e}");
        // Figures scale as their units do.
        let of = |solver: &Solver| solver.report().unwrap().clone();
        let (report, was) = (of(&scaled), of(&plain));
        let norm = size * length.sqrt();
        let moved = report.movement_distance / norm;
        assert!(
            (moved / was.movement_distance - 1.0).abs() < 1e-5,
            "{case}: {moved:e}"
        );
        let energy = report.energy / (norm * norm / time);
        assert!(
            (energy / was.energy - 1.0).abs() < 1e-5,
            "{case}: {energy:e}"
        );
    }
}

/// The density of the heat flow from a Gaussian off the origin, times `length`, after ten steps.
fn spread(length: f64) -> Vec<f64> {
    let mut options = Options::new();
    for (key, value) in [
        ("flow", "wasserstein"),
        ("domain", "space"),
        ("movement", "second"),
    ] {
        options.set(key, value).unwrap();
    }
    options.set("dimension", 1).unwrap();
    // The entropy has no coefficient: times are squares of lengths.
    options.set("tau", 0.02 * length * length).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    let entropy = energy("internal", "entropy", &[]);
    solver.add_energy(&entropy).unwrap();
    let start = Mixture::new(1, &[1.0], &[0.3 * length], &[0.2 * length * length]).unwrap();
    solver
        .set_initial(Initial::Density(Arc::new(start)))
        .unwrap();
    for _ in 0..10 {
        solver.step().unwrap();
    }
    let x: Vec<f64> = (0..=40)
        .map(|i| (f64::from(i) - 20.0) * 0.1 * length)
        .collect();
    let mut rho = vec![0.0; x.len()];
    solver.evaluate(&x, &mut rho, None).unwrap();
    rho.iter().map(|rho| rho * length).collect()
}

#[test]
fn a_density_is_as_exact_in_every_unit() {
    let variance = 0.2 + 2.0 * 0.2;
    let exact: Vec<f64> = (0..=40)
        .map(|i| {
            let x = (f64::from(i) - 20.0) * 0.1 - 0.3;
            (-0.5 * x * x / variance).exp() / (2.0 * PI * variance).sqrt()
        })
        .collect();
    for length in [1.0, 1e-3, 1e3] {
        let error = relative(&spread(length), &exact);
        assert!(error < 2e-4, "length {length:e}: {error:e}");
    }
}
