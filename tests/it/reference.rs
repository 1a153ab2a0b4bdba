//! The spectral reference that the Allen-Cahn cases are measured against: closed forms of its parts,
//! and that it has converged.

use crate::reference_solutions::{
    Cosines, DoubleWell, Equation, Schedule, Space, discs, exponential, inside_discs, movements,
    random,
};
use movimento::movement::{self, Movement};

const ALLEN_CAHN: Equation = Equation {
    kappa: 1.0,
    well: 16.0,
};

const HEAT: Equation = Equation {
    kappa: 0.3,
    well: 0.0,
};

/// As the cases take it.
const SCHEDULE: Schedule = Schedule {
    intervals: 14,
    steps: 32,
};

const TAU: f64 = 0.005;

/// A ring about the corner, which is a quarter of a torus, and a disc inside.
const PARTS: &[([f64; 2], f64, f64)] = &[
    ([0.0, 0.0], 1.2, 2.0),
    ([0.0, 0.0], 0.5, -2.0),
    ([1.5, 1.4], 0.3, 2.0),
];

fn jumps(modes: usize) -> (Cosines, Vec<f64>) {
    let space = Cosines::new(0.0, 2.0, modes);
    let start = discs(&space, -1.0, PARTS);
    (space, start)
}

/// The field in a space of more modes.
fn embed(space: &Cosines, field: &[f64], finer: &Cosines) -> Vec<f64> {
    let mut out = vec![0.0; finer.modes * finer.modes];
    let rows = field.chunks_exact(space.modes);
    for (row, out) in rows.zip(out.chunks_exact_mut(finer.modes)) {
        out[..space.modes].copy_from_slice(row);
    }
    out
}

fn relative(a: &[f64], b: &[f64]) -> f64 {
    let squares: f64 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
    (squares / b.iter().map(|b| b * b).sum::<f64>()).sqrt()
}

/// Positions off any symmetry.
fn points() -> Vec<f64> {
    (0..400)
        .map(|i| 2.0 * (f64::from(i) * 0.618_033_988_75 + 0.1).fract())
        .collect()
}

#[test]
fn coefficients_of_discs_are_those_of_the_integrals() {
    let (space, field) = jumps(8);
    // Midpoints on a grid so fine that the jumps contribute less than 1e-4.
    let n = 2000;
    let at = |i: usize| 2.0 * (i as f64 + 0.5) / n as f64;
    let mut sums = vec![0.0; field.len()];
    for i in 0..n {
        let mut row = [0.0; 8];
        for j in 0..n {
            let u = inside_discs([at(i), at(j)], -1.0, PARTS);
            for (k, row) in row.iter_mut().enumerate() {
                *row += u * (k as f64 * std::f64::consts::FRAC_PI_2 * at(j)).cos();
            }
        }
        for (k, sums) in sums.chunks_exact_mut(8).enumerate() {
            let c = (k as f64 * std::f64::consts::FRAC_PI_2 * at(i)).cos();
            sums.iter_mut().zip(row).for_each(|(s, r)| *s += c * r);
        }
    }
    for (k, (sum, exact)) in sums.iter().zip(&field).enumerate() {
        let norm = |k: usize| if k == 0 { 1.0 } else { 2.0 } / n as f64;
        let measured = sum * norm(k / space.modes) * norm(k % space.modes);
        assert!((measured - exact).abs() < 1e-4, "{k}: {measured} {exact}");
    }
}

#[test]
fn products_are_free_of_aliasing() {
    let (coarse, fine) = (Cosines::new(-1.0, 3.0, 6), Cosines::new(-1.0, 3.0, 24));
    let field = random(&coarse, 6, 1.0, 7);
    let cube = |u: &mut [f64]| u.iter_mut().for_each(|u| *u = u.powi(3));
    let whole = fine.pointwise(&embed(&coarse, &field, &fine), cube);
    let projected = coarse.pointwise(&field, cube);
    for (k, c) in projected.iter().enumerate() {
        assert!((c - whole[k / 6 * 24 + k % 6]).abs() < 1e-12);
    }
    // The whole cube has 16 modes per axis: its values are the cubes of the values.
    let x = points();
    let cubes: Vec<f64> = coarse
        .evaluate(&field, &x)
        .iter()
        .map(|u| u.powi(3))
        .collect();
    assert!(relative(&fine.evaluate(&whole, &x), &cubes) < 1e-12);
}

#[test]
fn diffusion_is_exact() {
    let (space, start) = jumps(32);
    let time = 0.2;
    let field = exponential(&space, &HEAT, &start, time, &SCHEDULE);
    let rates = space.eigenvalues();
    let exact = |decay: &dyn Fn(f64) -> f64| -> Vec<f64> {
        let modes = start.iter().zip(&rates);
        modes.map(|(c, l)| c * decay(HEAT.kappa * l)).collect()
    };
    assert!(relative(&field, &exact(&|l| (-l * time).exp())) < 1e-12);
    let euler = movements(&space, &HEAT, &movement::TABLE[0], &start, TAU, 40).unwrap();
    assert!(relative(&euler, &exact(&|l| (1.0 + TAU * l).powi(-40))) < 1e-12);
}

#[test]
fn the_reference_has_converged_in_space_and_time() {
    let at = |modes, schedule: &Schedule| {
        let (space, start) = jumps(modes);
        let field = exponential(&space, &ALLEN_CAHN, &start, 0.2, schedule);
        (space, field)
    };
    let (space, field) = at(128, &SCHEDULE);
    let (finer, more) = at(256, &SCHEDULE);
    let in_space = relative(&embed(&space, &field, &finer), &more);
    let halved = Schedule {
        steps: 2 * SCHEDULE.steps,
        ..SCHEDULE
    };
    let in_time = relative(&field, &at(128, &halved).1);
    assert!(in_space < 3e-8, "doubling the modes: {in_space:e}");
    assert!(in_time < 2e-8, "halving the steps: {in_time:e}");
    // The method is of order 4.
    let twice = Schedule {
        steps: SCHEDULE.steps / 2,
        ..SCHEDULE
    };
    let order = (relative(&at(128, &twice).1, &field) / in_time).log2();
    assert!((order - 4.0).abs() < 0.3, "order {order}");
}

#[test]
fn the_movement_schemes_have_their_orders_and_converge_with_the_modes() {
    // Smooth data: jumps lower the order.
    let space = Cosines::new(-2.0, 4.0, 32);
    let start = random(&space, 4, 0.2, 3);
    let exact = exponential(&space, &ALLEN_CAHN, &start, 0.1, &SCHEDULE);
    let error = |movement: &Movement, steps: u64| {
        let tau = 0.1 / steps as f64;
        let u = movements(&space, &ALLEN_CAHN, movement, &start, tau, steps).unwrap();
        relative(&u, &exact)
    };
    for movement in movement::TABLE {
        let order = (error(movement, 20) / error(movement, 40)).log2();
        let expected = f64::from(movement.order);
        assert!((order - expected).abs() < 0.2, "{}: {order}", movement.name);
    }
    let (space, start) = jumps(64);
    let (finer, more) = jumps(128);
    for movement in movement::TABLE {
        let run = |space: &Cosines, start: &[f64]| {
            movements(space, &ALLEN_CAHN, movement, start, TAU, 40).unwrap()
        };
        let coarse = embed(&space, &run(&space, &start), &finer);
        let change = relative(&coarse, &run(&finer, &more));
        assert!(change < 1e-6, "{}: {change:e}", movement.name);
    }
}

#[test]
fn a_time_step_too_large_for_the_fixed_point_is_said() {
    let (space, start) = jumps(16);
    let field = movements(&space, &ALLEN_CAHN, &movement::TABLE[0], &start, 10.0, 1);
    assert!(field.is_none());
}

/// What the option `initial_smoothing` of the Allen-Cahn cases costs at their end.
#[test]
fn smoothing_the_jumps_is_forgotten() {
    let points: &[_] = &[([0.8, 0.8], 0.4, 2.0)];
    for (parts, lost) in [(&PARTS[..2], 2e-4), (points, 2e-5)] {
        let space = Cosines::new(0.0, 2.0, 64);
        let start = discs(&space, -1.0, parts);
        let at = |width: f64| {
            // What the kernel keeps of a wave, axis by axis.
            let kept = |k: usize| {
                let e = 0.5 * (k as f64 * std::f64::consts::FRAC_PI_2 * width).powi(2);
                (-e).exp() * (1.0 + e + 0.5 * e * e)
            };
            let smooth = |(k, c): (usize, &f64)| c * kept(k / 64) * kept(k % 64);
            let smooth: Vec<f64> = start.iter().enumerate().map(smooth).collect();
            exponential(&space, &ALLEN_CAHN, &smooth, 0.2, &SCHEDULE)
        };
        let (exact, wide, narrow) = (at(0.0), at(0.1), at(0.05));
        let (wide, narrow) = (relative(&wide, &exact), relative(&narrow, &exact));
        assert!(wide < lost, "{wide:e}");
        // The sixth power of the width, less what modes beyond its reach add.
        assert!(narrow < wide / 10.0, "{narrow:e} {wide:e}");
    }
}

#[test]
fn finite_volumes_converge_and_come_to_rest() {
    let well = DoubleWell {
        a: 4.0,
        b: 1.0,
        mean: 0.2,
        variance: 0.25,
    };
    let mean = |rho: &[f64], power: i32| {
        let width = 10.0 / rho.len() as f64;
        let at = |i: usize| -5.0 + width * (i as f64 + 0.5);
        let terms = rho.iter().enumerate();
        width * terms.map(|(i, r)| r * at(i).powi(power)).sum::<f64>()
    };
    // Second order in the cells: averages differ by h^2/12 in the second moment, which goes too.
    let second = [200, 400, 800].map(|cells| {
        let rho = well.cells(cells, 0.3);
        assert!((mean(&rho, 0) - 1.0).abs() < 1e-12);
        mean(&rho, 2)
    });
    let order = ((second[0] - second[1]) / (second[1] - second[2])).log2();
    assert!((order - 2.0).abs() < 0.1, "{order}");
    // At rest rho is exp(-V), normalised: the flux between any two cells vanishes.
    let rest = well.cells(400, 40.0);
    let at = |i: usize| -5.0 + 10.0 / 400.0 * (i as f64 + 0.5);
    for i in 150..250 {
        let ratio = rest[i] / rest[200] * (well.potential(at(i)) - well.potential(at(200))).exp();
        assert!((ratio - 1.0).abs() < 1e-6, "{ratio}");
    }
    // What the cases take is far below what they ask for.
    let values = well.values(0.3);
    let fine = well.cells(7200, 0.3);
    for (i, v) in values.iter().enumerate().step_by(40) {
        let middle = fine[9 * i + 4];
        assert!((v - middle).abs() < 2e-6, "{v} {middle}");
    }
}
