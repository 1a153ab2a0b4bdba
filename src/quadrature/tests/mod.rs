//! Rules against closed forms, and the rates at which they converge.

mod random;

use super::*;
use crate::communicator::Ranks;
use crate::domain::DomainChoice;
use std::f64::consts::{PI, TAU};
use std::sync::Arc;

fn cube(d: usize, lower: f64, upper: f64) -> Domain {
    Domain::new(DomainChoice::Box, vec![lower; d], vec![upper; d]).unwrap()
}

fn ball(d: usize) -> Domain {
    Domain::new(DomainChoice::Ball, vec![-1.0; d], vec![1.0; d]).unwrap()
}

/// The part of `[-1, 1]^d` where the function is true.
fn cut(d: usize, inside: impl Fn(&[f64]) -> bool + Send + Sync + 'static) -> Domain {
    let all = move |x: &[f64], out: &mut [bool]| {
        for (out, x) in out.iter_mut().zip(x.chunks(d)) {
            *out = inside(x);
        }
        Ok(())
    };
    let mut domain = cube(d, -1.0, 1.0).cut(Arc::new(all));
    measure(&mut domain, &mut rng(0)).unwrap();
    domain
}

fn annulus() -> Domain {
    cut(2, |x| {
        let r = x[0].hypot(x[1]);
        (0.4..0.9).contains(&r)
    })
}

fn l_shape() -> Domain {
    cut(2, |x| x[0] < 0.1 || x[1] < -0.2)
}

fn rng(step: u64) -> impl RngExt {
    generator(1, Stream::Nodes, step, 0)
}

fn integral(nodes: &Nodes, d: usize, f: impl Fn(&[f64]) -> f64) -> f64 {
    let values = nodes.x.chunks_exact(d).zip(&nodes.w);
    values.map(|(x, w)| w * f(x)).sum()
}

fn gauss(domain: &Domain, per_axis: usize, f: impl Fn(&[f64]) -> f64) -> f64 {
    let rule = Quadrature::Gauss { per_axis };
    let nodes = rule.nodes(domain, &mut rng(0)).unwrap();
    integral(&nodes, domain.dimension(), f)
}

fn random_rules(nodes: usize) -> [Quadrature; 3] {
    [
        Quadrature::Sobol { nodes },
        Quadrature::Stratified { nodes },
        Quadrature::MonteCarlo { nodes },
    ]
}

#[test]
fn gauss_integrates_polynomials_exactly() {
    for d in 1..=3 {
        let domain = cube(d, -1.0, 2.0);
        let one = |x: f64| x.powi(7);
        let sum = gauss(&domain, 4, |x| x.iter().map(|x| one(*x)).product());
        let exact = ((2.0_f64.powi(8) - 1.0) / 8.0).powi(d as i32);
        assert!((sum / exact - 1.0).abs() < 1e-12);
        assert!((gauss(&domain, 4, |_| 1.0) / domain.volume() - 1.0).abs() < 1e-13);
    }
}

#[test]
fn polar_gauss_converges_fast_on_balls() {
    // int exp(a x) over the unit ball: 2 sinh(a)/a, 2 pi I_1(a)/a, 4 pi (a cosh a - sinh a)/a^3.
    let a = 1.5_f64;
    let bessel: f64 = (0..30)
        .scan(0.5 * a, |term, k| {
            let now = *term;
            let k = f64::from(k);
            *term *= 0.25 * a * a / ((k + 1.0) * (k + 2.0));
            Some(now)
        })
        .sum();
    let sinh = a.sinh();
    let exact = [
        2.0 * sinh / a,
        TAU * bessel / a,
        4.0 * PI * (a * a.cosh() - sinh) / a.powi(3),
    ];
    for (d, exact) in (1..).zip(exact) {
        let domain = ball(d);
        let error = |n| (gauss(&domain, n, |x| (a * x[d - 1]).exp()) / exact - 1.0).abs();
        assert!(error(12) < 1e-9, "{d}: {:e}", error(12));
        // And across the rings, where the first coordinate is not special.
        let turned = gauss(&domain, 12, |x| (a * x[0]).exp());
        assert!((turned / exact - 1.0).abs() < 1e-9, "{d}: {turned}");
        assert!((gauss(&domain, 6, |_| 1.0) / domain.volume() - 1.0).abs() < 1e-13);
    }
}

#[test]
fn gauss_on_cut_boxes_meets_curved_and_straight_boundaries_to_high_order() {
    let f = |x: &[f64]| (x[0] + 0.5 * x[1]).exp();
    // The annulus in polar coordinates, by a rule of its own.
    let ring = |from: f64, to: f64| -> f64 {
        let mut rules = gauss::Rules::default();
        let angles = 64;
        let radial = rules.interval(from, to, 24).unwrap();
        let of_radius = |(r, w): (f64, f64)| {
            let at = |i: i32| {
                let (sin, cos) = (TAU * f64::from(i) / f64::from(angles)).sin_cos();
                f(&[r * cos, r * sin])
            };
            w * r * TAU / f64::from(angles) * (0..angles).map(at).sum::<f64>()
        };
        radial.into_iter().map(of_radius).sum()
    };
    let exact = ring(0.4, 0.9);
    let domain = annulus();
    let errors = [8, 12, 16, 24].map(|n| (gauss(&domain, n, f) / exact - 1.0).abs());
    assert!(errors[0] < 1e-4 && errors[1] < 2e-6, "{errors:?}");
    assert!(errors[2] < 2e-8 && errors[3] < 1e-10, "{errors:?}");
    let area = PI * (0.81 - 0.16);
    assert!((domain.volume() / area - 1.0).abs() < 1e-11);
    // The L in two rectangles.
    let piece = |a: f64, b: f64, c: f64| (b.exp() - a.exp()) / c;
    let exact = piece(-1.0, 0.1, 0.5) * piece(-0.5, 0.5, 1.0)
        + piece(0.1, 1.0, 0.5) * piece(-0.5, -0.1, 1.0);
    let domain = l_shape();
    let errors = [8, 16].map(|n| (gauss(&domain, n, f) / exact - 1.0).abs());
    assert!(errors[0] < 1e-9 && errors[1] < 1e-12, "{errors:?}");
    assert!((domain.volume() / (2.2 + 0.72) - 1.0).abs() < 1e-11);
    // A tilted ellipse with a hole, whose tips lie anywhere.
    let domain = cut(2, |x| {
        let (s, t) = (x[0] - 0.031 + 0.4 * x[1], x[1] - 0.2 * x[0]);
        s * s / 0.36 + t * t / 0.25 < 1.0 && s * s + t * t > 0.01
    });
    let jacobian = 1.0 + 0.4 * 0.2;
    let area = (PI * 0.6 * 0.5 - PI * 0.01) / jacobian;
    let errors = [12, 48].map(|n| (gauss(&domain, n, |_| 1.0) / area - 1.0).abs());
    assert!(errors[0] < 1e-4 && errors[1] < 1e-9, "{errors:?}");
    // A region in pieces on the line, and a shell with a box in space.
    let domain = cut(1, |x| x[0] < -0.3 || (x[0] > 0.2 && x[0] < 0.25));
    assert!((gauss(&domain, 4, |x| x[0].powi(2)) - exact_pieces()).abs() < 1e-12);
    let domain = cut(3, |x| {
        let r2: f64 = x.iter().map(|x| x * x).sum();
        r2 < 0.81 && (r2 > 0.25 || x[2] < 0.0)
    });
    let volume = 4.0 / 3.0 * PI * (0.729 - 0.5 * 0.125);
    assert!(
        (domain.volume() / volume - 1.0).abs() < 1e-5,
        "{}",
        domain.volume() / volume - 1.0
    );
}

fn exact_pieces() -> f64 {
    let cube = |x: f64| x.powi(3) / 3.0;
    cube(-0.3) - cube(-1.0) + cube(0.25) - cube(0.2)
}

#[test]
fn independent_rules_share_no_nodes() {
    let shared = |domain: &Domain, per_axis: usize| {
        let d = domain.dimension();
        let rule = Quadrature::Gauss { per_axis };
        let mine = rule.nodes(domain, &mut rng(0)).unwrap();
        let other = rule
            .independent(10, domain)
            .nodes(domain, &mut rng(0))
            .unwrap();
        let centre = domain.centre();
        let near = |x: &[f64], y: &[f64]| x.iter().zip(y).all(|(x, y)| (x - y).abs() < 1e-12);
        let found = |x: &[f64]| !near(x, &centre) && mine.x.chunks_exact(d).any(|y| near(x, y));
        other.x.chunks_exact(d).filter(|x| found(x)).count()
    };
    for per_axis in 2..80 {
        assert_eq!(shared(&cube(1, -1.0, 2.0), per_axis), 0, "{per_axis}");
    }
    for per_axis in [6, 8, 14, 20] {
        for domain in [ball(2), ball(3), annulus(), l_shape()] {
            assert_eq!(
                shared(&domain, per_axis),
                0,
                "{per_axis} {:?}",
                domain.shape()
            );
        }
    }
    for rule in random_rules(300) {
        let domain = cube(4, 0.0, 1.0);
        let independent = rule.independent(300, &domain);
        assert_eq!(independent.random(), Some(300));
    }
}

#[test]
fn boundaries_have_their_area_and_satisfy_the_divergence_theorem() {
    let square = cut(2, |x| (x[0] - 0.1).abs() + (x[1] + 0.05).abs() < 0.7);
    let simplex = cut(4, |x| x.iter().sum::<f64>() < 0.0);
    let cap = cut(3, |x| {
        x.iter().map(|x| x * x).sum::<f64>() < 0.64 && x[2] < 0.3
    });
    // Area where it is known, and the tolerance of the rule.
    for (domain, area, tolerance) in [
        (cube(1, -1.0, 1.0), Some(2.0), 1e-13),
        (cube(2, -1.0, 1.0), Some(8.0), 1e-13),
        (cube(3, -1.0, 1.0), Some(24.0), 1e-13),
        (cube(5, -1.0, 1.0), Some(160.0), 1e-2),
        (ball(1), Some(2.0), 1e-13),
        (ball(2), Some(TAU), 1e-13),
        (ball(3), Some(2.0 * TAU), 1e-12),
        (ball(5), Some(8.0 * PI * PI / 3.0), 2e-2),
        (annulus(), Some(TAU * 1.3), 1e-6),
        (l_shape(), Some(8.0), 1e-9),
        (square, Some(4.0 * 0.7 * 2.0_f64.sqrt()), 1e-3),
        (cap, Some(TAU * 0.8 * 1.1 + PI * 0.55), 1e-3),
        (simplex, None, 5e-2),
    ] {
        let d = domain.dimension();
        let boundary = Boundary::of(&domain, 2000, &mut rng(0)).unwrap();
        let sum: f64 = boundary.w.iter().sum();
        if let Some(area) = area {
            assert!(
                (sum / area - 1.0).abs() < tolerance,
                "{d} {:?}: area {sum} {area}",
                domain.shape()
            );
        }
        // int x . n = d volume, int n = 0.
        let through = |f: &dyn Fn(&[f64], &[f64]) -> f64| -> f64 {
            let nodes = boundary
                .x
                .chunks_exact(d)
                .zip(boundary.normal.chunks_exact(d));
            nodes.zip(&boundary.w).map(|((x, n), w)| w * f(x, n)).sum()
        };
        let moment = through(&|x, n| x.iter().zip(n).map(|(x, n)| x * n).sum());
        assert!(
            (moment / (d as f64 * domain.volume()) - 1.0).abs() < 2.0 * tolerance,
            "{d} {:?} {moment}",
            domain.shape()
        );
        assert!(through(&|_, n| n[0]).abs() < tolerance * sum);
        let unit = |n: &[f64]| (n.iter().map(|n| n * n).sum::<f64>() - 1.0).abs() < 1e-12;
        assert!(boundary.normal.chunks_exact(d).all(unit));
    }
}

#[test]
fn normals_of_a_cut_are_those_of_its_curve() {
    let domain = annulus();
    let boundary = Boundary::of(&domain, 1000, &mut rng(0)).unwrap();
    let nodes = boundary
        .x
        .chunks_exact(2)
        .zip(boundary.normal.chunks_exact(2));
    for ((x, n), w) in nodes.zip(&boundary.w) {
        let r = x[0].hypot(x[1]);
        let sign = if r > 0.6 { 1.0 } else { -1.0 };
        let off = (n[0] - sign * x[0] / r).hypot(n[1] - sign * x[1] / r);
        // Where a line grazes the boundary the crossing is ill-conditioned and the weight small.
        assert!(off * w < 1e-8, "{x:?} {n:?} {off:e} {w:e}");
    }
}

#[test]
fn regions_that_cannot_be_measured_are_refused() {
    let attempt = |d: usize, inside: fn(&[f64]) -> bool| {
        let all = move |x: &[f64], out: &mut [bool]| {
            out.iter_mut()
                .zip(x.chunks(d))
                .for_each(|(out, x)| *out = inside(x));
            Ok(())
        };
        let mut domain = cube(d, -1.0, 1.0).cut(Arc::new(all));
        measure(&mut domain, &mut rng(0)).unwrap_err()
    };
    for d in [1, 2, 3, 4] {
        let error = attempt(d, |_| false);
        assert!(error.message().contains("kept no point"), "{error}");
    }
    let error = attempt(5, |x| x.iter().all(|x| *x < -0.8));
    assert!(
        error.message().contains("enclose the region closely"),
        "{error}"
    );
    let failing = |_: &[f64], _: &mut [bool]| Err(Error::callback("it failed"));
    let mut domain = cube(2, 0.0, 1.0).cut(Arc::new(failing));
    assert_eq!(
        measure(&mut domain, &mut rng(0)).unwrap_err().message(),
        "it failed"
    );
    // The rules on options let nobody ask for these.
    let error = Quadrature::gauss(100, &ball(4)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
}

#[test]
fn held_out_nodes_leave_the_integrals_whole() {
    // A composite midpoint rule, listed row by row.
    let m = 40;
    let cell = 2.0 / f64::from(m);
    let x: Vec<f64> = (0..m * m)
        .flat_map(|i| [i % m, i / m])
        .map(|i| -1.0 + (f64::from(i) + 0.5) * cell)
        .collect();
    let w = vec![cell * cell; (m * m) as usize];
    let domain = cube(2, -1.0, 1.0);
    let given = Given::new(&Ranks::default(), &domain, (&x, &w), None).unwrap();
    assert_eq!((given.nodes.len(), given.check.len()), (1400, 200));
    let f = |x: &[f64]| (x[0] + 0.5 * x[1]).exp();
    let exact = 2.0 * 1.0_f64.sinh() * 4.0 * 0.5_f64.sinh();
    for (nodes, tolerance) in [(&given.nodes, 2e-3), (&given.check, 2e-2)] {
        assert!((integral(nodes, 2, |_| 1.0) - 4.0).abs() < 1e-12);
        let error = integral(nodes, 2, f) / exact - 1.0;
        assert!(error.abs() < tolerance, "{} nodes: {error:e}", nodes.len());
    }
}

#[test]
fn streams_differ_and_repeat() {
    let draw = |stream, step| generator(3, stream, step, 0).random::<u64>();
    assert_eq!(draw(Stream::Nodes, 5), draw(Stream::Nodes, 5));
    assert_ne!(draw(Stream::Nodes, 5), draw(Stream::Nodes, 6));
    assert_ne!(draw(Stream::Nodes, 5), draw(Stream::Check, 5));
}
