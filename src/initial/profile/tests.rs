use super::*;
use crate::domain::{Domain, DomainChoice};
use crate::quadrature::{Stream, generator};
use std::sync::Arc;

fn labels(profile: &dyn Profile, rule: &Quadrature) -> Nodes {
    let mut rng = generator(3, Stream::Nodes, 0, 0);
    profile.labels(rule, &mut rng).unwrap()
}

/// `int g rho_0`.
fn mean(labels: &Nodes, d: usize, g: impl Fn(&[f64]) -> f64) -> f64 {
    let points = labels.x.chunks_exact(d).zip(&labels.w);
    points.map(|(x, w)| w * g(x)).sum()
}

/// Labels integrate to 1, carry the density, and the score is its logarithm's gradient.
fn check_consistent(profile: &dyn Profile, labels: &Nodes) {
    let d = profile.dimension();
    assert!((labels.w.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    let mut rho = vec![0.0; labels.len()];
    profile.density(&labels.x, &mut rho, None).unwrap();
    for (a, b) in rho.iter().zip(&labels.rho) {
        assert!((a - b).abs() <= 1e-9 * b, "{a} {b}");
    }
    let h = 1e-5;
    for axis in 0..d {
        let beside = |side: f64| {
            let mut x = labels.x.clone();
            x.iter_mut().skip(axis).step_by(d).for_each(|x| *x += side);
            let mut rho = vec![0.0; labels.len()];
            profile.density(&x, &mut rho, None).unwrap();
            rho
        };
        let (up, down) = (beside(h), beside(-h));
        for node in 0..labels.len() {
            // Where the density has all but ended a difference says nothing.
            if up[node].min(down[node]) > 1e-3 * labels.rho[node] && labels.rho[node] > 1e-6 {
                let slope = (up[node].ln() - down[node].ln()) / (2.0 * h);
                let score = labels.score[node * d + axis];
                let size = 1.0 + score.abs().powi(3);
                assert!((slope - score).abs() < 1e-5 * size, "{slope} {score}");
            }
        }
    }
}

#[test]
fn mixtures_have_their_moments() {
    let (means, covariances) = (
        [0.0, 1.0, -2.0, 0.5],
        [1.0, 0.3, 0.3, 0.5, 0.2, 0.0, 0.0, 2.0],
    );
    let mixture = Mixture::new(2, &[0.25, 0.75], &means, &covariances).unwrap();
    let gauss = labels(&mixture, &Quadrature::Gauss { per_axis: 16 });
    check_consistent(&mixture, &gauss);
    assert!((mean(&gauss, 2, |x| x[0]) + 1.5).abs() < 1e-12);
    assert!((mean(&gauss, 2, |x| x[1]) - 0.625).abs() < 1e-12);
    let product = 0.25 * 0.3 + 0.75 * (-2.0 * 0.5);
    assert!((mean(&gauss, 2, |x| x[0] * x[1]) - product).abs() < 1e-12);
    let sobol = labels(&mixture, &Quadrature::Sobol { nodes: 4096 });
    check_consistent(&mixture, &sobol);
    assert!((mean(&sobol, 2, |x| x[0]) + 1.5).abs() < 1e-2);
    let refused = Mixture::new(1, &[0.5, 0.6], &[0.0, 1.0], &[1.0, 1.0])
        .err()
        .unwrap();
    assert!(refused.message().contains("`share`"), "{refused}");
    assert!(Mixture::new(2, &[1.0], &[0.0, 0.0], &[1.0, 2.0, 2.0, 1.0]).is_err());
}

#[test]
fn barenblatt_has_mass_one_in_every_dimension() {
    for (d, m) in [(1, 2.0), (2, 2.0), (3, 2.0), (1, 3.0), (2, 1.5)] {
        let profile = Barenblatt::new(d, m, 0.1).unwrap();
        let gauss = labels(&profile, &Quadrature::Gauss { per_axis: 14 });
        check_consistent(&profile, &gauss);
        // The second moment by a fine rule on the box about the support.
        let radius = profile.radius();
        let corners = (vec![-radius; d], vec![radius; d]);
        let domain = Domain::new(DomainChoice::Box, corners.0, corners.1).unwrap();
        let fine = Quadrature::Gauss {
            per_axis: [4000, 400, 80][d - 1],
        };
        let mut rng = generator(1, Stream::Nodes, 0, 0);
        let mut nodes = fine.nodes(&domain, &mut rng).unwrap();
        let mut rho = vec![0.0; nodes.len()];
        profile.density(&nodes.x, &mut rho, None).unwrap();
        nodes.w.iter_mut().zip(&rho).for_each(|(w, rho)| *w *= rho);
        let square = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>();
        let tolerance = [1e-4, 1e-3, 3e-3][d - 1];
        assert!(
            (nodes.w.iter().sum::<f64>() - 1.0).abs() < tolerance,
            "mass, d = {d}, m = {m}"
        );
        let (a, b) = (mean(&gauss, d, square), mean(&nodes, d, square));
        assert!((a / b - 1.0).abs() < tolerance, "d = {d}, m = {m}: {a} {b}");
    }
    // The paper's constant for m = 2 in one dimension, C = (3/64)^(1/3).
    let profile = Barenblatt::new(1, 2.0, 0.1).unwrap();
    let mut rho = [0.0];
    profile.density(&[0.0], &mut rho, None).unwrap();
    let height = (3.0_f64 / 64.0).cbrt() * 0.1_f64.powf(-1.0 / 3.0);
    assert!((rho[0] - height).abs() < 1e-12, "{} {height}", rho[0]);
}

#[test]
fn functions_on_a_box_are_scaled_and_refused() {
    let domain = Domain::new(DomainChoice::Box, vec![0.0], vec![1.0]).unwrap();
    let made = |f: fn(f64) -> f64| {
        let density = move |x: &[f64], rho: &mut [f64]| {
            rho.iter_mut().zip(x).for_each(|(rho, x)| *rho = f(*x));
            Ok(())
        };
        OnBox::new(domain.clone(), Arc::new(density))
    };
    // Mass 1.005 is within the tolerance.
    let profile = made(|x| 1.005 + 0.5 * (std::f64::consts::PI * x).cos()).unwrap();
    let nodes = labels(&profile, &Quadrature::Gauss { per_axis: 20 });
    check_consistent(&profile, &nodes);
    let message = |f| made(f).err().unwrap().to_string();
    assert!(
        message(|_| 1.2).contains("mass 1.2"),
        "{}",
        message(|_| 1.2)
    );
    assert!(message(|x| x - 0.5).contains("not negative"));
    assert!(message(|_| f64::NAN).contains("NaN"));
    assert!(message(|_| 0.0).contains("mass 0"));
    let particles = Particles::new(1, &[0.1, 0.2], None, &[1.0, -1.0], None);
    assert!(
        particles
            .err()
            .unwrap()
            .message()
            .contains("`rho` holds -1")
    );
}

#[test]
fn the_mass_of_a_jump_is_judged_by_what_its_quadrature_knows() {
    let lower = vec![-3.0; 2];
    let domain = Domain::new(DomainChoice::Box, lower, vec![3.0; 2]).unwrap();
    let disk = |mass: f64| {
        let density = move |x: &[f64], rho: &mut [f64]| {
            for (rho, x) in rho.iter_mut().zip(x.chunks_exact(2)) {
                let inside = x[0] * x[0] + x[1] * x[1] < 1.0;
                *rho = if inside {
                    mass / std::f64::consts::PI
                } else {
                    0.0
                };
            }
            Ok(())
        };
        OnBox::new(domain.clone(), Arc::new(density))
    };
    // 96 Gauss nodes an axis see 0.98 of it.
    assert!(disk(1.0).is_ok());
    for mass in [0.9, 1.1] {
        let refused = disk(mass).err().unwrap().to_string();
        assert!(refused.contains("accepted is 1"), "{mass}: {refused}");
    }
}
