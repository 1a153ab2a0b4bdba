//! The equation of a label against differences, derivatives of V, and small matrices.

use super::asked::Wanted;
use super::calibrated::{Scored, calibrated};
use super::cloud::Cloud;
use super::features::{Features, add};
use super::functional::Functional;
use super::planes::{Bent, draw};
use super::row::{Label, Room, Shared};
use super::small;
use crate::energy::{Batch, Derivatives, EnergyDensity, Term, Traits};
use crate::error::{ErrorKind, Result};
use crate::flow::transport::Terms;
use crate::parallel::Pool;
use crate::quadrature::{Quadrature, Stream, generator, normal};
use std::sync::Arc;

const D: usize = 3;

/// `1.3 rho ln rho`, or `rho cos(x + 2 y + z)`.
enum Known {
    Entropy,
    Waves,
}

impl EnergyDensity for Known {
    fn traits(&self) -> Traits {
        Traits {
            uses_position: matches!(self, Self::Waves),
            ..Traits::default()
        }
    }

    fn evaluate(&self, at: &Batch<'_>, out: &mut Derivatives<'_>) -> Result<()> {
        for (i, (u, x)) in at.u.iter().zip(at.x.chunks_exact(at.d)).enumerate() {
            let wave = (x[0] + 2.0 * x[1] + x[2]).cos();
            let [f, first, second] = match self {
                Self::Entropy => [1.3 * u * u.ln(), 1.3 * (u.ln() + 1.0), 1.3 / u],
                Self::Waves => [u * wave, wave, 0.0],
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
        }
        Ok(())
    }
}

fn functional(pool: &Pool) -> Functional {
    let mut terms = Terms::default();
    for (name, density) in [("entropy", Known::Entropy), ("waves", Known::Waves)] {
        terms
            .add(Term {
                name: name.to_owned(),
                local: Some(Arc::new(density)),
                ..Term::default()
            })
            .unwrap();
    }
    let x: Vec<f64> = (0..8 * D).map(|i| (0.7 * i as f64).sin()).collect();
    let found = Functional::new((pool, 0.0), &terms, (&x, D), 0.3).unwrap();
    found.expect("an entropy and a potential")
}

fn features() -> Features {
    let mut rng = generator(5, Stream::Weights, 0, 0);
    let rule = Quadrature::MonteCarlo { nodes: 20 };
    let hidden = normal(&rule, 20, D + 1, &mut rng);
    Features::of(hidden, vec![0.1, -0.2, 0.3], vec![1.5, 0.8, 1.1], true)
}

#[test]
fn the_functional_is_known_by_its_diffusivity() {
    let functional = functional(&Pool::new(1).unwrap());
    assert!((functional.diffusivity - 1.3).abs() < 1e-9);
    let p = functional.potential(-2.0, 0.7);
    assert!((p - (1.3 * (1.0 - 2.0) + 0.7)).abs() < 1e-9);
    assert!((functional.logarithm(p, 0.7) + 2.0).abs() < 1e-9);
}

#[test]
fn an_external_potential_has_its_derivatives() {
    let pool = Pool::new(1).unwrap();
    let x = [0.4, -0.3, 0.9];
    let step = [1e-4; D];
    let jets = functional(&pool).jets((&pool, 0.0), &x, &step, Wanted::Hessian);
    let jets = jets.unwrap();
    let phase: f64 = x[0] + 2.0 * x[1] + x[2];
    let along = [1.0, 2.0, 1.0];
    assert!((jets.value[0] - phase.cos()).abs() < 1e-12);
    for a in 0..D {
        assert!((jets.gradient[a] + along[a] * phase.sin()).abs() < 1e-7);
        for b in 0..D {
            let known = -along[a] * along[b] * phase.cos();
            assert!((jets.hessian[a * D + b] - known).abs() < 2e-3);
        }
    }
}

#[test]
fn the_residual_of_a_label_has_the_derivatives_that_a_step_takes() {
    let pool = Pool::new(1).unwrap();
    let (functional, features) = (functional(&pool), features());
    let external = features.len() - 1;
    // Without a part of V, whose third derivatives are left out.
    let coefficients: Vec<f64> = (0..features.len())
        .map(|i| {
            if i == external {
                0.0
            } else {
                0.2 * (1.0 + i as f64).sin()
            }
        })
        .collect();
    let (centre, mut y) = ([0.5, -0.1, 0.2], [0.4, -0.2, 0.3]);
    let tau = 0.05;
    // The residual with the label where the potential takes it.
    let settled = |coefficients: &[f64], y: &mut [f64; D]| {
        let shared = Shared {
            functional: &functional,
            features: &features,
            coefficients,
            tau,
        };
        let mut room = Room::default();
        for _ in 0..60 {
            let external = functional.jets((&pool, 0.0), &y[..], &[1e-4; D], Wanted::Hessian);
            let external = external.unwrap();
            let label = Label {
                centre: &centre,
                logarithm: -1.5,
                y: &y[..],
                external: external.at(0, D),
            };
            let equation = shared.equation(&label, &mut room).unwrap();
            let mut way = [0.0; D];
            small::apply(&equation.inverse, &equation.missed, &mut way);
            let done = way.iter().all(|w| w.abs() < 1e-10);
            if done {
                let mut row = vec![0.0; features.len()];
                let residual = shared.linearize(&label, &equation, &mut room, &mut row);
                return (residual, row);
            }
            y.iter_mut().zip(way).for_each(|(y, w)| *y -= w);
        }
        panic!("the label does not settle");
    };
    let (_, row) = settled(&coefficients, &mut y);
    let planes = features.planes();
    for i in [
        0,
        3,
        11,
        planes,
        planes + 1,
        planes + 4,
        planes + 5,
        external,
    ] {
        let h = 1e-4;
        let [ahead, behind] = [h, -h].map(|h| {
            let mut moved = coefficients.clone();
            moved[i] += h;
            settled(&moved, &mut y.clone()).0
        });
        let slope = (ahead - behind) / (2.0 * h);
        let allowed = 1e-4 * slope.abs().max(0.1);
        assert!((row[i] - slope).abs() < allowed, "{i}: {} {slope}", row[i]);
    }
}

#[test]
fn matrices_are_factored_and_inverted() {
    let a = [4.0, 1.0, 0.5, 1.0, 3.0, -0.2, 0.5, -0.2, 2.0];
    let mut lower = a;
    assert!(small::cholesky(&mut lower, D));
    let (mut inverse, mut one) = ([0.0; 9], [0.0; 9]);
    small::inverse(&lower, D, &mut inverse);
    small::product(&a, &inverse, D, &mut one);
    for (i, entry) in one.iter().enumerate() {
        assert!((entry - f64::from(u8::from(i % 4 == 0))).abs() < 1e-14);
    }
    let of_any = small::logarithm_of_any(&mut a.clone(), D).unwrap();
    assert!((small::logarithm(&lower, D) - of_any).abs() < 1e-14);
    let mut turned = a;
    add(&mut turned[..3], -2.0, &a[..3]);
    assert_eq!(small::logarithm_of_any(&mut turned, D), None);
    assert!(!small::cholesky(&mut turned, D));
}

#[test]
fn labels_are_weighed_by_the_quotient_of_their_densities() {
    let cloud = Cloud {
        logarithm: vec![0.0, 2.0_f64.ln(), 0.0, 3.0_f64.ln()],
        carried: vec![0.0; 4],
        ..Cloud::default()
    };
    let (weights, mass) = cloud.weights(0..4, &[0.1, 0.2, 0.3, 0.4]);
    assert!((mass - 2.0).abs() < 1e-14);
    for (weight, known) in weights.iter().zip([0.05, 0.2, 0.15, 0.6]) {
        assert!((weight - known).abs() < 1e-14);
    }
    // One that is out of all bounds counts for the root of the number of labels.
    let far = Cloud {
        logarithm: [vec![0.0; 99], vec![700.0]].concat(),
        carried: vec![0.0; 100],
        ..Cloud::default()
    };
    let (_, mass) = far.weights(0..100, &[0.01; 100]);
    assert!((mass - 1.09).abs() < 1e-12, "{mass}");
}

#[test]
fn parameters_that_are_no_state_are_a_broken_invariant() {
    let features = features();
    let n = 7;
    let whole = features.len() + n * (4 * D + 2 + D * D);
    for (length, is_state) in [
        (whole, true),
        (whole + n * D * D, true),
        (whole - 1, false),
        (whole + 1, false),
    ] {
        let found = Cloud::of(&vec![0.5; length], &features, n);
        assert_eq!(found.is_ok(), is_state, "{length}");
        let kind = found.err().map(|e| e.kind());
        assert!(kind.is_none_or(|kind| kind == ErrorKind::Internal));
    }
}

#[test]
fn planes_lie_across_what_bends() {
    // p = |x|^2 + tanh(4 (x + 2 y)): the gradient changes along (1, 2, 0) beyond an affine function.
    let mut rng = generator(3, Stream::Nodes, 0, 0);
    let n = 400;
    let x = normal(&Quadrature::MonteCarlo { nodes: n }, n, D, &mut rng);
    let slope = x.chunks_exact(D).flat_map(|x| {
        let first = 4.0 / (4.0 * (x[0] + 2.0 * x[1])).cosh().powi(2);
        [2.0 * x[0] + first, 2.0 * x[1] + 2.0 * first, 2.0 * x[2]]
    });
    let slope: Vec<f64> = slope.collect();
    let labels = Bent {
        x: &x,
        slope: &slope,
        masses: &vec![1.0 / n as f64; n],
    };
    let features = draw(&Pool::new(1).unwrap(), labels, 40, false, &mut rng).unwrap();
    let across = (0..features.planes()).filter(|j| {
        let [a, b, c] =
            [0, 1, 2].map(|axis| features.along(axis)[*j] * features.scale[axis].powi(2));
        let whole = (a * a + b * b + c * c).sqrt();
        (a + 2.0 * b).abs() / 5.0_f64.sqrt() > 0.97 * whole
    });
    assert!(across.count() >= 20);
}

/// Labels of independent normal numbers about a mean, of these deviations.
fn normal_labels(n: usize, mean: [f64; D], deviation: [f64; D]) -> Vec<f64> {
    let mut rng = generator(11, Stream::Nodes, 0, 0);
    let mut x = normal(&Quadrature::MonteCarlo { nodes: n }, n, D, &mut rng);
    for x in x.chunks_exact_mut(D) {
        (0..D).for_each(|a| x[a] = mean[a] + deviation[a] * x[a]);
    }
    x
}

#[test]
fn weights_that_obey_steins_identities_have_the_moments_of_a_gaussian() {
    let (mean, deviation) = ([0.3, -0.1, 2.0], [1.0, 0.2, 3.0]);
    let n = 500;
    let x = normal_labels(n, mean, deviation);
    let score = |about: [f64; D]| -> Vec<f64> {
        let points = x.chunks_exact(D);
        points
            .flat_map(|x| {
                (0..D)
                    .map(|a| (about[a] - x[a]) / deviation[a].powi(2))
                    .collect::<Vec<_>>()
            })
            .collect()
    };
    let features = features();
    let pool = Pool::new(1).unwrap();
    let weigh = |score: &[f64]| {
        let labels = Scored {
            x: &x,
            score,
            features: &features,
        };
        calibrated(&pool, labels, vec![1.0 / n as f64; n]).unwrap()
    };
    let weights = weigh(&score(mean));
    let sum = |of: &dyn Fn(&[f64]) -> f64| -> f64 {
        x.chunks_exact(D)
            .zip(&weights)
            .map(|(x, w)| w * of(x))
            .sum()
    };
    assert!(weights.iter().all(|w| *w > 0.0));
    assert!((sum(&|_| 1.0) - 1.0).abs() < 1e-12);
    for a in 0..D {
        let found = sum(&|x| x[a]);
        assert!((found - mean[a]).abs() < 1e-6 * deviation[a], "{found}");
        for b in 0..D {
            let found = sum(&|x| (x[a] - mean[a]) * (x[b] - mean[b]));
            let known = if a == b { deviation[a].powi(2) } else { 0.0 };
            let allowed = 1e-6 * deviation[a] * deviation[b];
            assert!((found - known).abs() < allowed, "{found} {known}");
        }
    }
    // Of a density that labels do not see weights say nothing.
    let far = mean.map(|m| m + 20.0);
    assert_eq!(weigh(&score(far)), vec![1.0 / n as f64; n]);
}
