//! Features, splines and pressures against differences and closed forms, and a stage against the formula of
//! a Gaussian.

use super::basis::Basis;
use super::carried::Masses;
use super::choice::is_quadratic;
use super::features::{Features, Jet, Units};
use super::newton::Stage;
use super::pressure::Pressure;
use super::site::{SIZES, Site, region};
use super::spline::Spline;
use super::{Dual, Potential};
use crate::domain::{Domain, DomainChoice};
use crate::energy::{Batch, Derivatives, EnergyDensity, Term, Traits};
use crate::error::Result;
use crate::flow::Context;
use crate::flow::transport::Terms;
use crate::minimize::Stop;
use crate::options::Options;
use crate::parallel::Pool;
use crate::quadrature::{Nodes, Stream, generator};
use rand::RngExt;
use std::sync::Arc;

/// `rho ln rho`, or `rho^m / (m - 1)`, or `rho |x|^2 / 2`.
enum Known {
    Entropy,
    Power(f64),
    Bowl,
}

impl EnergyDensity for Known {
    fn traits(&self) -> Traits {
        Traits {
            uses_position: matches!(self, Self::Bowl),
            ..Traits::default()
        }
    }

    fn evaluate(&self, at: &Batch<'_>, out: &mut Derivatives<'_>) -> Result<()> {
        let bowl = |i: usize| {
            let x = &at.x[i * at.d..(i + 1) * at.d];
            0.5 * x.iter().map(|x| x * x).sum::<f64>()
        };
        for (i, u) in at.u.iter().enumerate() {
            let [f, first, second] = match self {
                Self::Entropy => [u * u.ln(), u.ln() + 1.0, 1.0 / u],
                Self::Power(m) => [
                    u.powf(*m) / (m - 1.0),
                    m / (m - 1.0) * u.powf(m - 1.0),
                    m * u.powf(m - 2.0),
                ],
                Self::Bowl => [u * bowl(i), bowl(i), 0.0],
            };
            let values = [
                (&mut out.f, f),
                (&mut out.f_u, first),
                (&mut out.f_uu, second),
            ];
            for (slot, value) in values {
                if let Some(slot) = slot {
                    slot[i] += value;
                }
            }
            if let (Some(slope), Self::Bowl) = (&mut out.f_x, self) {
                for a in 0..at.d {
                    slope[i * at.d + a] += u * at.x[i * at.d + a];
                }
            }
        }
        Ok(())
    }
}

fn term(name: &str, density: impl EnergyDensity + 'static) -> Term {
    Term {
        name: name.to_owned(),
        local: Some(Arc::new(density)),
        ..Term::default()
    }
}

fn terms(all: impl IntoIterator<Item = Known>) -> Terms {
    let mut terms = Terms::default();
    for (i, known) in all.into_iter().enumerate() {
        terms.add(term(&format!("term {i}"), known)).unwrap();
    }
    terms
}

fn pool() -> Pool {
    Pool::new(2).unwrap()
}

fn numbers(n: usize, attempt: u64) -> Vec<f64> {
    let mut rng = generator(5, Stream::Check, 0, attempt);
    (0..n).map(|_| 2.0 * rng.random::<f64>() - 1.0).collect()
}

#[test]
fn densities_of_potentials_are_inverse_to_them() {
    let pool = pool();
    let functionals = [
        terms([Known::Entropy]),
        terms([Known::Power(2.0)]),
        terms([Known::Power(3.0)]),
        terms([Known::Entropy, Known::Power(2.0)]),
    ];
    for (which, terms) in functionals.iter().enumerate() {
        let pressure = Pressure::new(&pool, terms, 2, 0.3, 1e-9).unwrap().unwrap();
        for rho in [1e-3, 1e-2, 0.1, 0.299, 0.7, 5.0] {
            let h = pressure.value(rho);
            let (back, rate) = pressure.density(h);
            assert!((back / rho - 1.0).abs() < 1e-7, "{which}: {back} for {rho}");
            let step = 1e-5 * h.abs();
            let [up, down] = [h + step, h - step].map(|h| pressure.density(h).0);
            let slope = (up - down) / (2.0 * step);
            assert!(
                (slope / rate - 1.0).abs() < 1e-5,
                "{which}: {slope} and {rate}"
            );
        }
    }
    // Below its limit at rho = 0 a power has no mass, an entropy always some.
    let power = Pressure::new(&pool, &functionals[1], 2, 0.3, 1e-3)
        .unwrap()
        .unwrap();
    assert!(power.density(-0.1).0 < 1e-30);
    let entropy = Pressure::new(&pool, &functionals[0], 2, 0.3, 1e-3)
        .unwrap()
        .unwrap();
    assert!((entropy.density(-100.0).0.ln() + 101.0).abs() < 1e-9);
    // What falls with the density is no pressure.
    struct Falling;
    impl EnergyDensity for Falling {
        fn traits(&self) -> Traits {
            Traits::default()
        }

        fn evaluate(&self, at: &Batch<'_>, out: &mut Derivatives<'_>) -> Result<()> {
            for (i, u) in at.u.iter().enumerate() {
                if let Some(f) = &mut out.f {
                    f[i] -= u * u;
                }
                if let Some(f) = &mut out.f_u {
                    f[i] -= 2.0 * u;
                }
                if let Some(f) = &mut out.f_uu {
                    f[i] -= 2.0;
                }
            }
            Ok(())
        }
    }
    let mut falling = Terms::default();
    falling.add(term("falling", Falling)).unwrap();
    assert!(
        Pressure::new(&pool, &falling, 2, 0.3, 1e-3)
            .unwrap()
            .is_none()
    );
}

/// The largest difference of a jet's derivatives from those of its values and gradients by differences.
fn off(d: usize, x: &[f64], at: impl Fn(&[f64]) -> Jet) -> f64 {
    let here = at(x);
    let h = 1e-5;
    let mut most = 0.0_f64;
    for a in 0..d {
        let beside = |side: f64| {
            let mut x = x.to_vec();
            x[a] += side;
            at(&x)
        };
        let (up, down) = (beside(h), beside(-h));
        most = most.max((here.gradient[a] - (up.value - down.value) / (2.0 * h)).abs());
        for b in 0..d {
            let slope = (up.gradient[b] - down.gradient[b]) / (2.0 * h);
            most = most.max((here.hessian[a * d + b] - slope).abs());
        }
    }
    most
}

fn features(d: usize, planes: usize) -> Features {
    let hidden = numbers(planes * (d + 1), d as u64);
    let hidden: Vec<f64> = hidden.iter().map(|w| 2.0 * w).collect();
    let (lower, upper) = (vec![-1.0; d], vec![2.0; d]);
    let grid = Spline::grid(&lower, &upper, 24);
    let values: Vec<f64> = grid
        .chunks_exact(d)
        .map(|x| (x[0] + x[d - 1]).sin())
        .collect();
    let given = Spline::through(&values, &lower, &upper, 24);
    Features::of(&hidden, &lower, &upper).with(Some(Arc::new(given)))
}

#[test]
fn features_have_the_derivatives_that_they_say() {
    for d in 1..=3 {
        let all = features(d, 9);
        let coefficients = numbers(all.len(), 7);
        let x = [0.3, -0.2, 0.7];
        let jet = |x: &[f64]| all.jet(x, &coefficients, &mut Units::default());
        assert!(off(d, &x[..d], jet) < 1e-8);
        // The rows of a matrix are the same features.
        let (mut values, mut slopes) = (vec![0.0; all.len()], vec![0.0; d * all.len()]);
        all.rows(&x[..d], &mut Units::default(), &mut values, &mut slopes);
        let sum = |row: &[f64]| {
            row.iter()
                .zip(&coefficients)
                .map(|(r, c)| r * c)
                .sum::<f64>()
        };
        let whole = jet(&x[..d]);
        assert!((sum(&values) - whole.value).abs() < 1e-13);
        for (a, row) in slopes.chunks_exact(all.len()).enumerate() {
            assert!((sum(row) - whole.gradient[a]).abs() < 1e-13);
        }
    }
}

#[test]
fn splines_are_of_fourth_order_and_go_on_along_tangents() {
    let (lower, upper) = ([0.0, -1.0], [1.0, 1.0]);
    let f = |x: &[f64]| (3.0 * x[0]).sin() * (2.0 * x[1]).cos();
    let error = |per_axis: usize| {
        let grid = Spline::grid(&lower, &upper, per_axis);
        let values: Vec<f64> = grid.chunks_exact(2).map(f).collect();
        let spline = Spline::through(&values, &lower, &upper, per_axis);
        // At a grid point it is the value; away from the ends, where it is natural, it is as close as
        // cubics are.
        let at = spline.jet(&grid[2 * per_axis + 4..2 * per_axis + 6]).value;
        assert!((at - f(&grid[2 * per_axis + 4..2 * per_axis + 6])).abs() < 1e-12);
        assert!(off(2, &[0.41, 0.07], |x| spline.jet(x)) < 1e-6);
        (spline.jet(&[0.47, 0.13]).value - f(&[0.47, 0.13])).abs()
    };
    let (coarse, fine) = (error(25), error(97));
    assert!(fine < coarse / 100.0, "{coarse:e} {fine:e}");
    let grid = Spline::grid(&lower, &upper, 12);
    let line: Vec<f64> = grid.chunks_exact(2).map(|x| 2.0 * x[0] - x[1]).collect();
    let spline = Spline::through(&line, &lower, &upper, 12);
    assert!((spline.jet(&[3.0, -4.0]).value - 10.0).abs() < 1e-10);
}

#[test]
fn a_basis_is_orthonormal_and_gives_its_coefficients() {
    let pool = pool();
    let all = features(2, 30);
    let nodes = Nodes {
        x: numbers(2 * 400, 1),
        w: vec![1.0 / 400.0; 400],
        ..Nodes::default()
    };
    let weights: Vec<f64> = numbers(400, 2).iter().map(|w| 1.1 + w).collect();
    let some = super::basis::choose(&pool, &all, &nodes, &weights, 25).unwrap();
    assert_eq!(some.len(), 25);
    let basis = Basis::new(&pool, some, &nodes, &weights).unwrap();
    let rows: Vec<&[f64]> = basis.values.chunks_exact(25).collect();
    for i in 0..25 {
        for j in 0..=i {
            let product: f64 = rows
                .iter()
                .zip(&weights)
                .map(|(r, w)| w * r[i] * r[j])
                .sum();
            assert!((product - f64::from(u8::from(i == j))).abs() < 1e-9);
        }
    }
    let in_basis = numbers(25, 3);
    let coefficients = basis.coefficients(&in_basis);
    let x = &nodes.x[40..42];
    let jet = basis.features.jet(x, &coefficients, &mut Units::default());
    assert!((jet.value - basis.at(&in_basis)[20]).abs() < 1e-10);
}

#[test]
fn a_quadratic_potential_carries_masses_to_where_its_formula_says() {
    // p = a |y|^2 / 2 in coordinates of a box of half side 1.
    let all = Features::of(&[], &[-1.0, -1.0], &[1.0, 1.0]);
    let (a, tau) = (0.7, 0.3);
    let coefficients = [0.0, 0.0, 0.0, 0.5 * a, 0.0, 0.5 * a];
    let centre = numbers(2 * 100, 4);
    let mass = vec![0.01; 100];
    let masses = Masses {
        centre: &centre,
        mass: &mass,
        tau,
        within: None,
    };
    let carried = masses.carry(&pool(), &all, &coefficients, &centre).unwrap();
    for (y, c) in carried.y.iter().zip(&centre) {
        assert!((y - c / (1.0 + a * tau)).abs() < 1e-12);
    }
    assert!((carried.sums[0] - 1.0).abs() < 1e-12);
    let square: f64 = centre
        .iter()
        .zip(&carried.y)
        .map(|(c, y)| 0.01 * (c - y) * (c - y))
        .sum();
    assert!((carried.square - square).abs() < 1e-14);
}

#[test]
fn a_step_of_a_gaussian_is_that_of_its_formula() {
    // Heat in a bowl: N(m, s^2) goes to N(m', s'^2) with m' = m / (1 + tau) and s' the root of
    // s' (1 + tau) - tau / s' = s.
    let (m, s, tau) = (0.4_f64, 0.8_f64, 0.1);
    let mut options = Options::new();
    options.set("dimension", 1_i64).unwrap();
    options.set("flow", "wasserstein").unwrap();
    let cx = Context::new(&options).unwrap();
    let terms = terms([Known::Entropy, Known::Bowl]);
    let space = Domain::new(DomainChoice::Space, vec![-1.0], vec![1.0]).unwrap();
    let region = region(vec![m - 7.0 * s], vec![m + 7.0 * s]).unwrap();
    let both = Site::nodes(&space, &region, SIZES[0][0]).unwrap();
    let bell = |m: f64, s: f64, x: f64| {
        (-0.5 * ((x - m) / s).powi(2)).exp() / (s * std::f64::consts::TAU.sqrt())
    };
    let rho: Vec<f64> = both[0].x.iter().map(|x| bell(m, s, *x)).collect();
    let dual = Dual::new((&cx.pool, 0.0), &terms, (&both[0].x, 1), 0.5, 1e-3)
        .unwrap()
        .unwrap();
    let site = Site::new(&cx, &dual, region, SIZES[0][0], both, &rho, 0).unwrap();
    let mass: Vec<f64> = site.nodes.w.iter().zip(&rho).map(|(w, r)| w * r).collect();
    let stage = Stage {
        pool: &cx.pool,
        time: 0.0,
        dual: &dual,
        site: &site,
        external: &site.external,
        masses: Masses {
            centre: &site.nodes.x,
            mass: &mass,
            tau,
            within: None,
        },
        strength: 1.0 / tau,
        rest: 1e-10,
    };
    let start = Potential {
        coefficients: vec![0.0; site.basis.features.len()],
        y: site.nodes.x.clone(),
        rho: rho.clone(),
    };
    let stop = Stop {
        gain: 1e-14,
        value: f64::NEG_INFINITY,
        slow: 0.0,
        max_iterations: 60,
    };
    let (end, outcome, _) = stage.solve(start, &stop, &mut |_, _| Ok(())).unwrap();
    assert!(outcome.converged);
    let mean = m / (1.0 + tau);
    let deviation = (s + (s * s + 4.0 * tau * (1.0 + tau)).sqrt()) / (2.0 * (1.0 + tau));
    for (x, found) in site.nodes.x.iter().zip(&end.rho) {
        assert!((found - bell(mean, deviation, *x)).abs() < 1e-6, "at {x}");
    }
    let after: f64 = site.nodes.w.iter().zip(&end.rho).map(|(w, r)| w * r).sum();
    assert!((after - mass.iter().sum::<f64>()).abs() < 1e-7);
}

#[test]
fn polynomials_of_second_degree_are_known_as_such() {
    let x = numbers(2 * 60, 9);
    let of = |f: fn(&[f64]) -> f64| x.chunks_exact(2).map(f).collect::<Vec<_>>();
    assert!(is_quadratic(
        &x,
        2,
        &of(|x| 3.0 - x[0] + 2.0 * x[0] * x[1] + x[1] * x[1])
    ));
    assert!(is_quadratic(&x, 2, &of(|_| 0.0)));
    assert!(!is_quadratic(&x, 2, &of(|x| x[0].powi(3))));
    assert!(!is_quadratic(
        &x,
        2,
        &of(|x| x[0] * x[0] + 0.01 * (3.0 * x[1]).cos())
    ));
}
