//! Energies and forces of Gaussians against closed forms, on few labels.

use super::*;
use crate::energy::Term;
use crate::flow::transport::Terms;
use crate::flow::transport::strong::add_of_mass;
use crate::flow::transport::tests::{LOGARITHM, Radial};
use crate::flow::transport::{Local, Order, Pairs};
use crate::initial::profile::{Mixture, Profile};
use crate::linear_algebra::dot;
use crate::parallel::Pool;
use crate::quadrature::{Nodes, Quadrature, Stream, generator};

const COULOMB: Radial = Radial {
    value: |r| 1.0 / r,
    slope: |r| -1.0 / (r * r),
    origin: 0.0,
};

fn terms(kernel: Radial) -> Terms {
    let mut terms = Terms::default();
    let term = Term {
        name: "kernel".to_owned(),
        pair: Some(Arc::new(kernel)),
        ..Term::default()
    };
    terms.add(term).unwrap();
    terms
}

/// Labels of the normal density in dimension d whose standard deviation is a scale, about a point.
fn labels(d: usize, rule: &Quadrature, (middle, scale): (f64, f64)) -> Nodes {
    let mut covariance = vec![0.0; d * d];
    covariance
        .iter_mut()
        .step_by(d + 1)
        .for_each(|c| *c = scale * scale);
    let profile = Mixture::new(d, &[1.0], &vec![middle; d], &covariance).unwrap();
    let mut rng = generator(3, Stream::Nodes, 0, 0);
    profile.labels(rule, &mut rng).unwrap()
}

fn measure(d: usize, labels: &Nodes) -> Measure<'_> {
    Measure {
        d,
        t: 0.0,
        y: &labels.x,
        w: &labels.w,
        rho: &labels.rho,
    }
}

fn pool() -> Pool {
    Pool::new(2).unwrap()
}

/// The energy, and the force on the labels.
fn energy_and_force(kernel: Radial, d: usize, labels: &Nodes) -> (f64, Vec<f64>) {
    let (pool, terms, measure) = (pool(), terms(kernel), measure(d, labels));
    let energy = terms.energies(&pool, &measure).unwrap()[0];
    let (mut local, mut pairs) = (Local::default(), Pairs::default());
    terms
        .at_masses(&pool, &measure, Order::Second, &mut local)
        .unwrap();
    terms.pairs(&pool, &measure, measure.y, &mut pairs).unwrap();
    let score = &labels.score;
    let mut force = terms
        .force(&pool, &measure, &local.f_uu, score, Some(&pairs))
        .unwrap();
    let mut of_mass = widening(&measure, 0..labels.len());
    of_mass.iter_mut().zip(score).for_each(|(m, s)| *m += s);
    add_of_mass(&mut force, &local, &of_mass);
    (energy, force)
}

/// Of `ln r` and the normal density in the plane the energy is `(ln 4 - gamma)/4`, the force
/// `x (1 - exp(-r^2/2))/r^2`, and the virial 1/2.
#[test]
fn a_logarithm_in_the_plane() {
    const EULER: f64 = 0.577_215_664_901_532_9;
    let exact = 0.25 * (4.0_f64.ln() - EULER);
    for (rule, tolerances) in [
        (Quadrature::Gauss { per_axis: 24 }, [1e-3, 2e-3, 2e-4]),
        (Quadrature::Gauss { per_axis: 12 }, [4e-3, 1e-2, 1e-3]),
        (Quadrature::Sobol { nodes: 1024 }, [3e-3, 3e-1, 1e-2]),
    ] {
        let nodes = labels(2, &rule, (0.0, 1.0));
        let (energy, force) = energy_and_force(LOGARITHM, 2, &nodes);
        let mut squares = [0.0; 2];
        let mut virial = 0.0;
        for ((x, f), w) in nodes.x.chunks(2).zip(force.chunks(2)).zip(&nodes.w) {
            let square = dot(x, x);
            let part = (1.0 - (-0.5 * square).exp()) / square;
            let off: Vec<f64> = f.iter().zip(x).map(|(f, x)| f - part * x).collect();
            squares[0] += w * dot(&off, &off);
            squares[1] += w * part * part * square;
            virial += w * dot(f, x);
        }
        let error = (squares[0] / squares[1]).sqrt();
        assert!((energy - exact).abs() < tolerances[0], "{rule:?}: {energy}");
        assert!(error < tolerances[1], "{rule:?}: {error}");
        assert!((virial - 0.5).abs() < tolerances[2], "{rule:?}: {virial}");
    }
}

/// Of `1/r` in space the energy is `1/(2 sqrt pi)`, and minus the virial as much.
#[test]
fn a_power_in_space() {
    let nodes = labels(3, &Quadrature::Gauss { per_axis: 12 }, (0.0, 1.0));
    let (energy, force) = energy_and_force(COULOMB, 3, &nodes);
    let exact = 0.5 / std::f64::consts::PI.sqrt();
    let virial: f64 = nodes
        .x
        .iter()
        .zip(&force)
        .zip(nodes.w.iter().flat_map(|w| [w; 3]))
        .map(|((x, f), w)| w * x * f)
        .sum();
    assert!((energy / exact - 1.0).abs() < 1e-2, "{energy} {exact}");
    assert!((-virial / exact - 1.0).abs() < 1e-2, "{virial} {exact}");
}

#[test]
fn units_and_offset_do_not_matter() {
    let rule = Quadrature::Gauss { per_axis: 12 };
    let (energy, force) = energy_and_force(LOGARITHM, 2, &labels(2, &rule, (0.0, 1.0)));
    for (middle, scale) in [(0.0, 1e-6), (0.0, 1e9), (300.0, 1e-3)] {
        let (other, forces) = energy_and_force(LOGARITHM, 2, &labels(2, &rule, (middle, scale)));
        assert!(
            (other - 0.5 * scale.ln() - energy).abs() < 1e-7,
            "{other} {energy}"
        );
        for (a, b) in force.iter().zip(&forces) {
            assert!((a - scale * b).abs() < 1e-6, "{a} {b} {scale}");
        }
    }
}

/// A function of the distance, and what the kernel is at 0.
type Case = (fn(f64) -> f64, f64);

#[test]
fn kernels_that_are_finite_have_no_cells_of_their_own() {
    let nodes = labels(2, &Quadrature::Gauss { per_axis: 6 }, (5.0, 2.0));
    let count = |value: fn(f64) -> f64, origin: f64| {
        let kernel: Arc<dyn PairKernel> = Arc::new(Radial {
            value,
            slope: |_| 0.0,
            origin,
        });
        let cells = own_cells(&kernel, &measure(2, &nodes)).unwrap();
        cells.iter().flatten().count()
    };
    let finite: [Case; 8] = [
        (|r| (-r * r).exp(), 1.0),
        (|r| r, 0.0),
        (|r| -2.0 * r.powf(0.1), 0.0),
        (|r| 1e6 + r * r, 1e6),
        (|r| r.powi(4) / 4.0 - r * r / 2.0, 0.0),
        (|r| r * r * r.ln(), 0.0),
        (|_| 3.0, 3.0),
        (|_| 0.0, 0.0),
    ];
    for (at, (value, origin)) in finite.into_iter().enumerate() {
        assert_eq!(count(value, origin), 0, "{at}");
    }
    let singular: [fn(f64) -> f64; 6] = [
        f64::ln,
        |r| -1e-9 * r.ln(),
        |r| 20.0 * r * r + r.ln(),
        |r| 0.5 * r * r - r.ln(),
        |r| 1.0 / r.sqrt(),
        |r| r.powf(-1.5),
    ];
    for (at, value) in singular.into_iter().enumerate() {
        assert_eq!(count(value, 0.0), nodes.len(), "{at}");
    }
}

/// Cells that are alike on a lattice; those of random labels of one mass widen as the density falls.
#[test]
fn cells_widen_as_their_rule_does() {
    let even = labels(2, &Quadrature::Gauss { per_axis: 24 }, (1.0, 2.0));
    let slopes = widening(&measure(2, &even), 0..even.len());
    let rms = |s: &[f64], w: &[f64]| -> f64 {
        s.chunks(2)
            .zip(w)
            .map(|(s, w)| w * dot(s, s))
            .sum::<f64>()
            .sqrt()
    };
    assert!(rms(&slopes, &even.w) < 0.1 * rms(&even.score, &even.w));
    let sobol = labels(2, &Quadrature::Sobol { nodes: 1024 }, (1.0, 2.0));
    let mut slopes = widening(&measure(2, &sobol), 0..sobol.len());
    slopes
        .iter_mut()
        .zip(&sobol.score)
        .for_each(|(m, s)| *m += s);
    let error = rms(&slopes, &sobol.w) / rms(&sobol.score, &sobol.w);
    assert!(error < 0.3, "{error}");
}
