//! Orders of the schemes in Wasserstein space, on problems where no step is exact.

use crate::reference_solutions::DoubleWell;
use crate::support::problems::relative;
use crate::support::wasserstein::{density, energy, grid, options, solver, turning};
use movimento::initial::profile::Mixture;
use std::sync::Arc;

/// Mean and covariance at t = 0.2: A has the eigenvalues 4 along (1, 1) and 1 along (1, -1).
fn turned(time: f64) -> (Vec<f64>, Vec<f64>) {
    let (p, q) = ((-4.0 * time).exp(), (-time).exp());
    let decay = [0.5 * (p + q), 0.5 * (p - q)];
    let rest = [0.25 * (1.0 - p * p), 1.0 - q * q];
    let rest = [0.5 * (rest[0] + rest[1]), 0.5 * (rest[0] - rest[1])];
    let times = |m: [f64; 2], v: [f64; 2]| [m[0] * v[0] + m[1] * v[1], m[1] * v[0] + m[0] * v[1]];
    let shift = times(decay, [-1.0 / 3.0, 1.0 / 3.0]);
    let mean = vec![1.0 / 3.0 + shift[0], -1.0 / 3.0 + shift[1]];
    // E diag(1, 1/4) E with E symmetric.
    let (a, b) = (decay[0], decay[1]);
    let covariance = vec![
        a * a + 0.25 * b * b + rest[0],
        1.25 * a * b + rest[1],
        1.25 * a * b + rest[1],
        b * b + 0.25 * a * a + rest[0],
    ];
    (mean, covariance)
}

#[test]
fn orders_one_and_two_on_gaussians_that_turn() {
    for (movement, steps, order) in [("euler", [4, 8], 1.0), ("second", [2, 4], 2.0)] {
        let error = |steps: usize| {
            let solver = turning(movement, 0.2 / steps as f64, steps);
            let (mean, covariance) = solver.moments().unwrap();
            let (m, c) = turned(0.2);
            relative(&[mean, covariance].concat(), &[m, c].concat())
        };
        let observed = (error(steps[0]) / error(steps[1])).log2();
        assert!((observed - order).abs() < 0.25, "{movement}: {observed}");
    }
}

const WELL: DoubleWell = DoubleWell {
    a: 4.0,
    b: 1.0,
    mean: 0.2,
    variance: 0.25,
};

/// The density that so many steps to t = 0.1 lead to, at points.
fn in_a_double_well(movement: &str, steps: usize, y: &[f64]) -> Vec<f64> {
    let mut options = options(1, movement, 0.1 / steps as f64, &[16, 16]);
    options.set("tolerance", 1e-4).unwrap();
    let energies = [
        energy("internal", "entropy", &[]),
        energy(
            "potential",
            "potential-double-well",
            &[("a", &[WELL.a]), ("b", &[WELL.b])],
        ),
    ];
    let start = Mixture::new(1, &[1.0], &[WELL.mean], &[WELL.variance]).unwrap();
    let mut solver = solver(&options, &energies, Arc::new(start));
    for _ in 0..steps {
        solver.step().unwrap();
    }
    density(&solver, y)
}

/// A potential whose force is not affine, so the map is not, and the velocity is that of no Gaussian. The
/// reference knows nothing of maps and is converged far below the errors here (`reference.rs`).
#[test]
fn orders_one_and_two_on_diffusion_in_a_double_well() {
    let y = grid(1, 2.0, 401);
    let values = WELL.values(0.1);
    let truth: Vec<f64> = y
        .iter()
        .map(|y| DoubleWell::interpolate(&values, *y))
        .collect();
    for (movement, steps, order) in [("euler", [8, 16], 1.0), ("second", [4, 8], 2.0)] {
        let error = |steps| relative(&in_a_double_well(movement, steps, &y), &truth);
        let (coarse, fine) = (error(steps[0]), error(steps[1]));
        let observed = (coarse / fine).log2();
        println!("{movement}: {coarse:.2e} {fine:.2e}, order {observed:.2}");
        assert!((observed - order).abs() < 0.25, "{movement}: {observed}");
    }
}
