//! Lifts have the values on every wall, and the derivatives that they say.

use super::*;
use crate::domain::DomainChoice;

fn domain(choice: DomainChoice, d: usize) -> Domain {
    let (lower, upper) = match choice {
        DomainChoice::Ball => (vec![-1.0; d], vec![2.0; d]),
        _ => (
            vec![-1.0, 0.5, 2.0][..d].to_vec(),
            vec![0.5, 1.5, 4.0][..d].to_vec(),
        ),
    };
    Domain::new(choice, lower, upper).unwrap()
}

fn g(x: &[f64]) -> f64 {
    let sum: f64 = x
        .iter()
        .enumerate()
        .map(|(k, x)| (k as f64 + 1.0) * x)
        .sum();
    sum.sin() + 0.3 * x[0] * x.last().unwrap()
}

fn lift(domain: &Domain, sides: &[usize]) -> Lift {
    lift_of(g, 1e-9, domain, sides)
}

/// The lift of a function that is this smooth on its walls.
fn lift_of(g: fn(&[f64]) -> f64, smooth: f64, domain: &Domain, sides: &[usize]) -> Lift {
    let walls: Vec<_> = sides
        .iter()
        .map(|side| match domain.is_box() {
            true => Wall::of_box(domain, *side),
            false => Wall::of_ball(domain),
        })
        .collect();
    let d = domain.dimension();
    let coefficients: Vec<Vec<f64>> = walls
        .iter()
        .map(|wall| {
            let values: Vec<f64> = wall.x.chunks_exact(d).map(g).collect();
            let coefficients = wall.coefficients(&values);
            assert!(wall.roughness(&coefficients) < smooth);
            coefficients
        })
        .collect();
    let each = sides.iter().zip(&walls).zip(&coefficients);
    Lift::new(
        domain,
        each.map(|((side, wall), c)| (*side, wall, c.as_slice())),
    )
}

/// A point in the unit cube, quasi-random.
fn point(i: usize, d: usize) -> Vec<f64> {
    let rates = [0.754_877_666, 0.569_840_291, 0.430_159_709];
    (0..d)
        .map(|k| ((i + 1) as f64 * rates[k]).fract())
        .collect()
}

fn differentiates(lift: &Lift, x: &[f64]) {
    let d = x.len();
    let jet = lift.jet(x);
    let moved = |axis: usize, by: f64| {
        let mut x = x.to_vec();
        x[axis] += by;
        lift.jet(&x)
    };
    let h = 1e-5;
    for j in 0..d {
        let [up, down] = [moved(j, h), moved(j, -h)];
        let slope = (up.value - down.value) / (2.0 * h);
        assert!((slope - jet.slope[j]).abs() < 1e-7, "{x:?} {j}");
        for k in 0..d {
            let second = (up.slope[k] - down.slope[k]) / (2.0 * h);
            assert!((second - jet.second[j][k]).abs() < 1e-6, "{x:?} {j} {k}");
        }
    }
}

#[test]
fn boxes_have_the_values_on_every_wall() {
    for (d, sides) in [
        (1, vec![0, 1]),
        (1, vec![1]),
        (2, vec![0, 1, 2, 3]),
        (2, vec![1, 2]),
        (3, vec![0, 1, 2, 3, 4, 5]),
        (3, vec![0, 3, 4, 5]),
    ] {
        let domain = domain(DomainChoice::Box, d);
        let lift = lift(&domain, &sides);
        for i in 0..7 {
            let t = point(i, d);
            let corners = domain.lower().iter().zip(domain.upper());
            let x: Vec<f64> = corners.zip(&t).map(|((a, b), t)| a + (b - a) * t).collect();
            differentiates(&lift, &x);
            for side in &sides {
                let mut x = x.clone();
                let corner = [domain.lower(), domain.upper()][side % 2];
                x[side / 2] = corner[side / 2];
                let error = (lift.jet(&x).value - g(&x)).abs();
                assert!(error < 1e-12, "d = {d}, side {side}: {error:e}");
            }
        }
    }
}

#[test]
fn boxes_beyond_space_have_the_values_on_every_wall_and_the_derivatives_that_they_say() {
    let g = |x: &[f64]| {
        let each = x.iter().enumerate();
        let sum: f64 = each.map(|(k, x)| (0.4 + 0.2 * k as f64) * x).sum();
        sum.sin() + 0.3 * x[0] * x[x.len() - 1] + x[1] * x[1]
    };
    for (d, sides, accepted) in [
        (4, (0..8).collect::<Vec<_>>(), 1e-10),
        (4, vec![0, 3, 4, 5], 1e-10),
        (5, (0..10).collect(), 1e-7),
        (6, vec![0, 1, 5, 10, 11], 1e-5),
    ] {
        let lower = vec![-0.5; d];
        let upper: Vec<f64> = (0..d).map(|k| 0.5 + 0.1 * k as f64).collect();
        let domain = Domain::new(DomainChoice::Box, lower, upper).unwrap();
        let lift = lift_of(g, 1e-3, &domain, &sides);
        for i in 0..5 {
            let t = (0..d).map(|k| (0.618_034 * (i * d + k + 1) as f64).fract());
            let corners = domain.lower().iter().zip(domain.upper());
            let x: Vec<f64> = corners.zip(t).map(|((a, b), t)| a + (b - a) * t).collect();
            differentiates(&lift, &x);
            assert_eq!(lift.slopes(&x).slope, lift.jet(&x).slope);
            for side in &sides {
                let mut x = x.clone();
                x[side / 2] = [domain.lower(), domain.upper()][side % 2][side / 2];
                let error = (lift.jet(&x).value - g(&x)).abs();
                assert!(error < accepted, "d = {d}, side {side}: {error:e}");
            }
        }
    }
}

#[test]
fn discs_have_them_on_the_circle() {
    let domain = domain(DomainChoice::Ball, 2);
    let lift = lift(&domain, &[0]);
    for i in 0..9 {
        let (sin, cos) = (0.7 * f64::from(i)).sin_cos();
        let at = |r: f64| [0.5 + r * cos, 0.5 + r * sin];
        assert!((lift.jet(&at(1.5)).value - g(&at(1.5))).abs() < 1e-10);
        differentiates(&lift, &at(0.9));
        let jet = lift.jet(&at(1.2));
        assert!((jet.second[0][0] + jet.second[1][1]).abs() < 1e-12);
    }
}

#[test]
fn one_value_everywhere_is_a_constant_in_any_dimension() {
    let domain = Domain::new(DomainChoice::Box, vec![0.0; 6], vec![1.0; 6]).unwrap();
    let walls: Vec<Wall> = (0..12).map(|side| Wall::of_box(&domain, side)).collect();
    let each = walls
        .iter()
        .enumerate()
        .map(|(side, wall)| (side, wall, &[2.5][..]));
    assert_eq!(Lift::new(&domain, each).jet(&[0.1; 6]), Jet::constant(2.5));
}
