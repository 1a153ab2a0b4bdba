//! Each kernel against central differences.

use super::reverse::Adjoint;
use super::rows::Jacobian;
use super::*;
use crate::domain::{Domain, DomainChoice};
use crate::field::{Activation, Embedding, EmbeddingChoice};
use rand::RngExt;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

pub(in crate::field::kernels) fn networks() -> Vec<Network> {
    let mut all = Vec::new();
    for (d, embedding) in [
        (1, EmbeddingChoice::None),
        (2, EmbeddingChoice::Neumann),
        (3, EmbeddingChoice::Periodic),
        (2, EmbeddingChoice::None),
    ] {
        let domain = Domain::new(DomainChoice::Box, vec![-0.7; d], vec![1.9; d]).unwrap();
        for (activation, hidden) in [
            (Activation::Tanh, vec![5, 7]),
            (Activation::Sin, vec![6]),
            (Activation::Softplus, vec![4, 5, 6]),
            (Activation::Cos, vec![70, 3]),
        ] {
            let embedding = Embedding::new(embedding, 2, &domain);
            all.push(Network::new(embedding, activation, d, hidden));
        }
    }
    all
}

pub(super) fn scalar(network: &Network) -> ScalarNetwork<'_> {
    network.as_scalar().expect("one output, no skip connection")
}

pub(in crate::field::kernels) fn setting(network: &Network, n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
    let parameters = network.initialize(&mut rng);
    let x = (0..n * network.dimension())
        .map(|_| rng.random::<f64>() * 2.6 - 0.7)
        .collect();
    (parameters, x)
}

/// A symmetric matrix for each node, some of its entries zero.
fn curvature(d: usize, n: usize) -> Vec<f64> {
    let entry = |node: usize, i: usize, j: usize| match (i * j) % 2 {
        0 => ((1 + node) as f64 * 0.7 + (i + j) as f64).cos(),
        _ => 0.0,
    };
    let at = |e: usize| entry(e / (d * d), e / d % d, e % d);
    (0..n * d * d).map(at).collect()
}

fn taped(network: &Network, parameters: &[f64], x: &[f64]) -> Tape {
    let mut tape = Tape::default();
    let d = network.dimension();
    tape.forward_curved(network, parameters, x, &curvature(d, x.len() / d));
    tape
}

/// u and grad u, `[1 + d][n]`.
pub(super) fn jets(network: &Network, parameters: &[f64], x: &[f64]) -> Vec<f64> {
    let mut jets = curved_jets(network, parameters, x);
    jets.truncate(x.len() / network.dimension() * (1 + network.dimension()));
    jets
}

/// u, grad u and A : Hess u, `[2 + d][n]`.
fn curved_jets(network: &Network, parameters: &[f64], x: &[f64]) -> Vec<f64> {
    let tape = taped(network, parameters, x);
    let mut jets = tape.value().to_vec();
    for axis in 0..network.dimension() {
        jets.extend_from_slice(tape.derivative(axis));
    }
    jets.extend_from_slice(tape.curved());
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
        let here = curved_jets(&network, &parameters, &x);
        for axis in 0..d {
            let shifted = |h: f64| {
                let mut x = x.clone();
                x.iter_mut().skip(axis).step_by(d).for_each(|x| *x += h);
                curved_jets(&network, &parameters, &x)
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
fn second_derivatives_agree_with_differences() {
    for network in networks() {
        let (d, n) = (network.dimension(), 5);
        let (parameters, x) = setting(&network, n);
        let a = curvature(d, n);
        let here = curved_jets(&network, &parameters, &x);
        let mut expected = vec![0.0; n];
        for axis in 0..d {
            let shifted = |h: f64| {
                let mut x = x.clone();
                x.iter_mut().skip(axis).step_by(d).for_each(|x| *x += h);
                curved_jets(&network, &parameters, &x)
            };
            let (up, down) = (shifted(1e-5), shifted(-1e-5));
            for (node, e) in expected.iter_mut().enumerate() {
                for other in 0..d {
                    let at = (1 + other) * n + node;
                    *e += a[(node * d + axis) * d + other] * (up[at] - down[at]) / 2e-5;
                }
            }
        }
        for node in 0..n {
            close(
                here[(1 + d) * n + node],
                expected[node],
                expected[node].abs(),
                "A : Hess u",
            );
        }
    }
}

#[test]
fn the_pass_without_second_order_channel_gives_the_same_values() {
    for network in networks() {
        let (parameters, x) = setting(&network, 3);
        let mut tape = Tape::default();
        tape.forward(&network, &parameters, &x);
        let curved = taped(&network, &parameters, &x);
        assert_eq!(tape.value(), curved.value());
        assert_eq!(tape.derivative(0), curved.derivative(0));
        assert!(tape.curved().is_empty());
    }
}

#[test]
fn parameter_derivatives_agree_with_differences() {
    for network in networks() {
        let (channels, n) = (2 + network.dimension(), 4);
        let (parameters, x) = setting(&network, n);
        let count = parameters.len();
        let tape = taped(&network, &parameters, &x);
        let mut jacobian = Jacobian::default();
        jacobian.prepare(scalar(&network), &parameters, &tape, 0);
        let seed: Vec<f64> = (0..channels * n).map(|i| (i as f64 * 1.7).sin()).collect();
        let mut gradient = vec![0.0; count];
        Adjoint::default().accumulate(&network, &parameters, &tape, &seed, &mut gradient);
        // One row for each channel, and one that mixes them.
        let mut a = vec![0.0; n * (channels + 1) * channels];
        for (i, a) in a.chunks_exact_mut(channels).enumerate() {
            match i % (channels + 1) {
                row if row < channels => a[row] = 1.0,
                _ => a
                    .iter_mut()
                    .enumerate()
                    .for_each(|(c, a)| *a = 0.3 + c as f64),
            }
        }
        let stride = (channels + 1) * n + 3;
        let mut rows = vec![f64::NAN; count * stride];
        let of = Rows {
            rows: channels + 1,
            first: 0,
            shape: JetShape {
                dimension: network.dimension(),
                components: 1,
                channels: Channels::Curved,
            },
            coefficients: &a,
        };
        jacobian.combine(scalar(&network), &tape, of, &mut rows, stride);
        for p in 0..count {
            let shifted = |h: f64| {
                let mut parameters = parameters.clone();
                parameters[p] += h;
                curved_jets(&network, &parameters, &x)
            };
            let (up, down) = (shifted(1e-5), shifted(-1e-5));
            let difference: Vec<f64> = up.iter().zip(&down).map(|(u, d)| (u - d) / 2e-5).collect();
            let row = &rows[p * stride..(p + 1) * stride];
            for (row, difference) in row.iter().zip(&difference) {
                close(*row, *difference, difference.abs(), "Jacobian");
            }
            let sum: f64 = difference.iter().zip(&seed).map(|(a, b)| a * b).sum();
            close(gradient[p], sum, 10.0, "gradient");
            for node in 0..n {
                let mixed = |c: usize| (0.3 + c as f64) * difference[c * n + node];
                let combined: f64 = (0..channels).map(mixed).sum();
                close(row[channels * n + node], combined, 40.0, "mixed row");
            }
            assert!(row[(channels + 1) * n..].iter().all(|v| v.is_nan()));
        }
    }
}

#[test]
fn the_neumann_embedding_has_no_normal_derivative_on_the_box() {
    for network in networks().iter().filter(|n| n.widths()[0] == 4) {
        let (parameters, _) = setting(network, 1);
        let x = [-0.7, 0.4, 1.9, 0.1, 0.3, -0.7, 1.1, 1.9];
        let jets = curved_jets(network, &parameters, &x);
        for (node, axis) in [(0, 0), (1, 0), (2, 1), (3, 1)] {
            assert!(jets[(1 + axis) * 4 + node].abs() < 1e-12);
        }
        assert!(
            jets[4 + 2].abs() > 1e-6,
            "the tangential derivative does not vanish"
        );
    }
}
