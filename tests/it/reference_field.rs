//! The references of the field's benchmarks: each against a second way to compute it, or a known value.

use crate::reference_solutions::{
    Cosines, DoubleWell, Equation, Fourier, HeatedBall, Plane, RippledFront, Schedule, Space,
    SpreadingPower, Wells, exponential, heated_plane, kinked, random, random_waves,
};
use movimento::initial::profile::{Mixture, Profile};
use std::f64::consts::{PI, TAU};

const ONCE: Schedule = Schedule {
    intervals: 1,
    steps: 200,
};

fn relative(a: &[f64], b: &[f64]) -> f64 {
    let squares: f64 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
    (squares / b.iter().map(|b| b * b).sum::<f64>()).sqrt()
}

/// Positions off any symmetry in `[-half, half]^d`.
fn points(count: usize, half: f64) -> Vec<f64> {
    let at = |i: usize| (i as f64 * 0.618_033_988_75 + 0.1).fract();
    (0..count).map(|i| half * (2.0 * at(i) - 1.0)).collect()
}

#[test]
fn products_of_waves_are_free_of_aliasing() {
    for d in [1, 2] {
        let highest = 14;
        let space = Fourier::new(d, -PI, TAU, highest);
        let field = if d == 1 {
            kinked(&space)
        } else {
            random_waves(&space, 64, 205, 0.3, 1)
        };
        let x = points(200, PI);
        let u = space.evaluate(&field, &x);
        // To values and back.
        let same = space.pointwise(&field, |_| {});
        assert!(relative(&same, &field) < 1e-14);
        // Of the cube, what a space that holds all of it has at the same waves.
        let cube = |u: &mut [f64]| u.iter_mut().for_each(|u| *u = u.powi(3));
        let finer = Fourier::new(d, -PI, TAU, 3 * highest);
        let whole = finer.pointwise(&embed(&space, &field, &finer), cube);
        let cubes: Vec<f64> = u.iter().map(|u| u.powi(3)).collect();
        assert!(relative(&finer.evaluate(&whole, &x), &cubes) < 1e-12);
        let part = embed(&space, &space.pointwise(&field, cube), &finer);
        let kept = part.iter().zip(&whole).filter(|(p, _)| **p != 0.0);
        kept.for_each(|(p, w)| assert!((p - w).abs() < 1e-13, "{p} {w}"));
    }
}

/// The field in a space of more waves.
fn embed(space: &Fourier, field: &[f64], finer: &Fourier) -> Vec<f64> {
    let place = |at: usize| match 2 * at < space.modes {
        true => at,
        false => at + finer.modes - space.modes,
    };
    let mut out = vec![0.0; finer.len()];
    for (at, pair) in field.chunks_exact(2).enumerate() {
        let to = match space.dimension() {
            1 => place(at),
            _ => place(at / space.modes) * finer.modes + place(at % space.modes),
        };
        out[2 * to..2 * to + 2].copy_from_slice(pair);
    }
    out
}

/// An even field is one of cosines on a quarter of the square.
#[test]
fn waves_and_cosines_agree() {
    let equation = Equation {
        kappa: 0.3,
        well: 4.0,
    };
    let cosines = Cosines::new(0.0, 2.0, 24);
    let start = random(&cosines, 4, 0.2, 5);
    let space = Fourier::new(2, -2.0, 4.0, 23);
    let mut field = vec![0.0; space.len()];
    for i in 0..4_usize {
        for j in 0..4_usize {
            let sign = if (i + j) % 2 == 0 { 1.0 } else { -1.0 };
            let height = (0.5 * sign * start[i * 24 + j]).into();
            space.add(&mut field, &[i as i64, j as i64], height);
            space.add(&mut field, &[i as i64, -(j as i64)], height);
        }
    }
    let x = points(200, 2.0);
    assert!(relative(&space.evaluate(&field, &x), &cosines.evaluate(&start, &x)) < 1e-13);
    let ours = exponential(&space, &equation, &field, 0.5, &ONCE);
    let theirs = exponential(&cosines, &equation, &start, 0.5, &ONCE);
    let difference = relative(&space.evaluate(&ours, &x), &cosines.evaluate(&theirs, &x));
    assert!(difference < 1e-11, "{difference:e}");
}

#[test]
fn random_waves_are_of_the_class() {
    let space = Fourier::new(2, -PI, TAU, 14);
    let field = random_waves(&space, 64, 205, 0.3, 1);
    let rates = space.eigenvalues();
    let there = field.iter().zip(&rates).filter(|(c, _)| **c != 0.0);
    assert!(there.clone().all(|(_, l)| *l > 0.5 && *l < 205.5));
    // Two numbers for each of k and -k.
    assert_eq!(there.count(), 4 * 64);
    let size = field.iter().map(|c| c * c).sum::<f64>().sqrt();
    assert!((size - 0.3).abs() < 1e-12, "{size}");
}

/// Digits of 512 modes with steps of 1e-4.
#[test]
fn the_standard_of_physics_informed_networks_has_its_known_values() {
    let equation = Equation {
        kappa: 1e-4,
        well: 5.0,
    };
    let space = Fourier::new(1, -1.0, 2.0, 767);
    let start = kinked(&space);
    let x = points(50, 0.9);
    let u_0: Vec<f64> = x.iter().map(|x| x * x * (PI * x).cos()).collect();
    assert!(relative(&space.evaluate(&start, &x), &u_0) < 1e-3);
    let schedule = Schedule {
        intervals: 1,
        steps: 2000,
    };
    let end = exponential(&space, &equation, &start, 1.0, &schedule);
    let u = space.evaluate(&end, &[0.0, -1.0]);
    assert!((u[0] - 0.029_579_722).abs() < 2e-9, "{}", u[0]);
    assert!((u[1] + 0.999_998_89).abs() < 1e-8, "{}", u[1]);
}

#[test]
fn the_source_solution_of_the_p_laplacian_solves_its_equation() {
    for (dimension, p) in [(1, 3.0), (2, 3.0), (2, 4.0)] {
        let exact = SpreadingPower { dimension, p };
        let (t, h) = (1.3, 1e-3);
        let at = |r: f64, t: f64| {
            let mut x = vec![0.0; dimension];
            x[0] = r;
            exact.value(&x, t)
        };
        for r in [0.4, 1.0, 1.7] {
            assert!(r < 0.8 * exact.radius(t));
            let rate = (at(r, t + h) - at(r, t - h)) / (2.0 * h);
            // r^(1 - d) (r^(d - 1) |u'|^(p - 2) u')'
            let flux = |r: f64| {
                let slope = (at(r + h, t) - at(r - h, t)) / (2.0 * h);
                r.powi(dimension as i32 - 1) * slope.abs().powf(p - 2.0) * slope
            };
            let divergence = (flux(r + h) - flux(r - h)) / (2.0 * h * r.powi(dimension as i32 - 1));
            assert!((rate - divergence).abs() < 1e-5, "{rate} {divergence}");
        }
        // Its mass stays.
        let mass = |t: f64| {
            let n = 4000;
            let width = exact.radius(t) / f64::from(n);
            let ring = |i| {
                let r = width * (f64::from(i) + 0.5);
                r.powi(dimension as i32 - 1) * at(r, t)
            };
            width * (0..n).map(ring).sum::<f64>()
        };
        assert!((mass(2.0) / mass(1.0) - 1.0).abs() < 1e-6);
        assert_eq!(at(1.001 * exact.radius(t), t), 0.0);
    }
}

#[test]
fn wells_are_those_of_the_mixture() {
    let wells = Wells::random(3, 5, 2.0, 7);
    let mut units = [0.0; 9];
    units.iter_mut().step_by(4).for_each(|c| *c = 1.0);
    let mixture = Mixture::of_equal_shares(3, &wells.means, &units.repeat(5)).unwrap();
    let x = points(30, 3.0);
    let mut rho = vec![0.0; 10];
    mixture.density(&x, &mut rho, None).unwrap();
    for (x, rho) in x.chunks_exact(3).zip(&rho) {
        let mut gradient = [0.0; 3];
        let v = wells.potential(x, Some(&mut gradient));
        let mass = 5.0 * TAU.powf(1.5);
        assert!(((-v).exp() / mass / rho - 1.0).abs() < 1e-12);
        for (axis, gradient) in gradient.iter().enumerate() {
            let at = |h: f64| {
                let mut x = x.to_vec();
                x[axis] += h;
                wells.potential(&x, None)
            };
            assert!(((at(1e-5) - at(-1e-5)) / 2e-5 - gradient).abs() < 1e-8);
        }
    }
    // Far away nothing vanishes.
    assert!(wells.potential(&[1e3, 0.0, 0.0], None).is_finite());
}

#[test]
fn finite_volumes_of_the_plane_agree_with_closed_forms() {
    let plane = Plane {
        end: 6.0,
        cells: 48,
    };
    // Ornstein and Uhlenbeck's process along both axes, from variance 2 and mean 1/2 of the first.
    let (time, start) = (0.4, 2.0);
    let bell = |x: &[f64], mean: f64, variance: f64| {
        let square = (x[0] - mean).powi(2) + x[1] * x[1];
        (-0.5 * square / variance).exp() / (TAU * variance)
    };
    let hill = |x: &[f64]| 0.5 * (x[0] * x[0] + x[1] * x[1]);
    let values = plane.values(hill, |x| bell(x, 0.5, start), time);
    let left = (-2.0_f64 * time).exp();
    let x = points(100, 3.0);
    let exact: Vec<f64> = x
        .chunks_exact(2)
        .map(|x| bell(x, 0.5 * left.sqrt(), 1.0 + (start - 1.0) * left))
        .collect();
    let ours: Vec<f64> = (x.chunks_exact(2).map(|x| plane.interpolate(&values, x))).collect();
    let error = relative(&ours, &exact);
    assert!(error < 1e-3, "{error:e}");
    // And with the finite volumes of a line where the potential is one of a line and of a parabola.
    let well = DoubleWell {
        a: 1.0,
        b: 1.0,
        mean: 0.2,
        variance: 0.5,
    };
    let potential = |x: &[f64]| well.potential(x[0]) + 0.5 * x[1] * x[1];
    let narrow = |x: &[f64]| {
        let square = (x[0] - 0.2).powi(2) / 0.5 + x[1] * x[1];
        (-0.5 * square).exp() / (TAU * 0.5_f64.sqrt())
    };
    let plane = Plane {
        end: 4.0,
        cells: 48,
    };
    let values = plane.values(potential, narrow, time);
    let line = well.values(time);
    for x in x.chunks_exact(2).filter(|x| x[0].abs() < 2.0) {
        let along = (-0.5 * x[1] * x[1]).exp() / TAU.sqrt();
        let exact = DoubleWell::interpolate(&line, x[0]) * along;
        let ours = plane.interpolate(&values, x);
        assert!((ours - exact).abs() < 2e-3 * 0.3, "{ours} {exact}");
    }
}

/// `u_t - kappa Laplacian u` by differences of fourth order.
fn residual(u: &dyn Fn(f64, &[f64]) -> f64, kappa: f64, t: f64, x: &[f64], h: f64) -> f64 {
    let along = |axis: usize, step: f64| {
        let mut x = x.to_vec();
        x[axis] += step * h;
        u(t, &x)
    };
    let rate =
        (8.0 * (u(t + h, x) - u(t - h, x)) - u(t + 2.0 * h, x) + u(t - 2.0 * h, x)) / (12.0 * h);
    let second = |axis: usize| {
        let near = along(axis, 1.0) + along(axis, -1.0);
        let far = along(axis, 2.0) + along(axis, -2.0);
        (16.0 * near - far - 30.0 * u(t, x)) / (12.0 * h * h)
    };
    rate - kappa * (0..x.len()).map(second).sum::<f64>()
}

#[test]
fn a_rippled_front_solves_its_equation() {
    let front = RippledFront::PFHUB_A;
    let value = |t: f64, x: &[f64]| front.value(t, x);
    // Where the source is, not only where it is nothing.
    let mut most = 0.0_f64;
    for (k, x) in points(400, 0.5).chunks_exact(2).enumerate() {
        let (t, x) = (0.04 * k as f64, [x[0] + 0.5, 0.25 + 0.3 * x[1]]);
        let u = front.value(t, &x);
        let reaction = 4.0 * u * (u - 1.0) * (u - 0.5);
        let left = residual(&value, front.kappa, t, &x, 1e-4) + reaction;
        let source = front.source(t, &x);
        assert!((left - source).abs() < 1e-6, "{t} {x:?}: {left} {source}");
        most = most.max(source.abs());
        let around = [x[0] + 1.0, x[1]];
        assert!((front.value(t, &around) - u).abs() < 1e-12);
        for (y, end) in [(0.0, 1.0), (0.5, 0.0)] {
            assert!((front.value(t, &[x[0], y]) - end).abs() < 2e-5);
        }
    }
    assert!(most > 0.1, "{most}");
}

#[test]
fn heat_with_walls_that_change_solves_its_equation() {
    for (k, x) in points(300, 0.57).chunks_exact(3).enumerate() {
        let t = 0.01 * k as f64;
        let left = residual(&HeatedBall::value, 1.0, t, x, 1e-3);
        let source = HeatedBall::source(t, x);
        assert!((left - source).abs() < 1e-8, "{left} {source}");
        let r = x.iter().map(|x| x * x).sum::<f64>().sqrt();
        let on: Vec<f64> = x.iter().map(|x| x / r).collect();
        assert!((HeatedBall::value(t, &on) - HeatedBall::wall(t)).abs() < 1e-12);
        let left = residual(&heated_plane, 1.0, t, &x[..2], 1e-3);
        assert!((left - 1.0).abs() < 1e-8, "{left}");
    }
}
