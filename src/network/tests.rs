//! Each kernel against central differences.

use super::reverse::Adjoint;
use super::rows::Jacobian;
use super::*;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

pub(super) fn networks() -> Vec<Network> {
    let mut all = Vec::new();
    for (d, embedding) in [(1, "none"), (2, "neumann"), (3, "periodic"), (2, "none")] {
        let mut options = Options::new();
        options.set("dimension", i64::from(d)).unwrap();
        options.set("lower", vec![-0.7]).unwrap();
        options.set("upper", vec![1.9]).unwrap();
        options.set("embedding", embedding).unwrap();
        let domain = Domain::from_options(&options).unwrap();
        for (activation, hidden) in [
            ("tanh", vec![5, 7]),
            ("sin", vec![6]),
            ("softplus", vec![4, 5, 6]),
            ("cos", vec![70, 3]),
        ] {
            options.set("activation", activation).unwrap();
            options.set("hidden", hidden).unwrap();
            all.push(Network::from_options(&options, &domain).unwrap());
        }
    }
    all
}

pub(super) fn setting(network: &Network, n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
    let parameters = network.initialize(&mut rng);
    let x = (0..n * network.dimension())
        .map(|_| rng.random::<f64>() * 2.6 - 0.7)
        .collect();
    (parameters, x)
}

/// `[1 + d][n]`
pub(super) fn jets(network: &Network, parameters: &[f64], x: &[f64]) -> Vec<f64> {
    let mut tape = Tape::default();
    tape.forward(network, parameters, x);
    let mut jets = tape.value().to_vec();
    for axis in 0..network.dimension() {
        jets.extend_from_slice(tape.derivative(axis));
    }
    jets
}

pub(super) fn close(a: f64, b: f64, scale: f64, what: &str) {
    assert!((a - b).abs() <= 2e-8 * (1.0 + scale), "{what}: {a} and {b}");
}

#[test]
fn gradients_in_x_agree_with_differences() {
    for network in networks() {
        let d = network.dimension();
        let (parameters, x) = setting(&network, 5);
        let here = jets(&network, &parameters, &x);
        for axis in 0..d {
            let shifted = |h: f64| {
                let mut x = x.clone();
                x.iter_mut().skip(axis).step_by(d).for_each(|x| *x += h);
                jets(&network, &parameters, &x)
            };
            let (up, down) = (shifted(1e-5), shifted(-1e-5));
            for node in 0..5 {
                let difference = (up[node] - down[node]) / 2e-5;
                close(
                    here[(1 + axis) * 5 + node],
                    difference,
                    difference.abs(),
                    "du/dx",
                );
            }
        }
    }
}

#[test]
fn parameter_derivatives_agree_with_differences() {
    for network in networks() {
        let (d, n) = (network.dimension(), 4);
        let (parameters, x) = setting(&network, n);
        let mut tape = Tape::default();
        tape.forward(&network, &parameters, &x);
        let mut jacobian = Jacobian::default();
        jacobian.prepare(&network, &parameters, &tape);
        let seed: Vec<f64> = (0..(1 + d) * n).map(|i| (i as f64 * 1.7).sin()).collect();
        let mut gradient = vec![0.0; parameters.len()];
        Adjoint::default().accumulate(&network, &parameters, &tape, &seed, &mut gradient);
        let mut row = vec![0.0; parameters.len()];
        let mut rows = vec![vec![0.0; parameters.len()]; (1 + d) * n];
        for channel in 0..=d {
            let mut unit = vec![0.0; 1 + d];
            unit[channel] = 1.0;
            for node in 0..n {
                jacobian.combine(&network, &tape, node, &unit, &mut rows[channel * n + node]);
            }
        }
        let mixed: Vec<f64> = (0..=d).map(|c| 0.3 + c as f64).collect();
        jacobian.combine(&network, &tape, 2, &mixed, &mut row);
        for p in 0..parameters.len() {
            let shifted = |h: f64| {
                let mut parameters = parameters.clone();
                parameters[p] += h;
                jets(&network, &parameters, &x)
            };
            let (up, down) = (shifted(1e-5), shifted(-1e-5));
            let difference: Vec<f64> = up.iter().zip(&down).map(|(u, d)| (u - d) / 2e-5).collect();
            for (row, difference) in rows.iter().zip(&difference) {
                close(row[p], *difference, difference.abs(), "Jacobian");
            }
            let sum: f64 = difference.iter().zip(&seed).map(|(a, b)| a * b).sum();
            close(gradient[p], sum, 10.0, "gradient");
            let combined: f64 = (0..=d).map(|c| mixed[c] * difference[c * n + 2]).sum();
            close(row[p], combined, 10.0, "combined row");
        }
    }
}

#[test]
fn the_neumann_embedding_has_no_normal_derivative_on_the_box() {
    for network in networks().iter().filter(|n| n.widths()[0] == 4) {
        let (parameters, _) = setting(network, 1);
        let x = [-0.7, 0.4, 1.9, 0.1, 0.3, -0.7, 1.1, 1.9];
        let jets = jets(network, &parameters, &x);
        for (node, axis) in [(0, 0), (1, 0), (2, 1), (3, 1)] {
            assert!(jets[(1 + axis) * 4 + node].abs() < 1e-12);
        }
        assert!(
            jets[4 + 2].abs() > 1e-6,
            "the tangential derivative does not vanish"
        );
    }
}
