//! Products with the Jacobian against central differences, each other and the forward channels.

use super::tests::{close, jets, networks, scalar, setting};
use super::*;

const NODES: usize = 5;

/// A vector with entries of order one.
fn wave(len: usize, frequency: f64) -> Vec<f64> {
    (0..len).map(|i| (i as f64 * frequency).sin()).collect()
}

fn weights<R: Real>(network: &Network, parameters: &[f64]) -> Weights<R> {
    let mut weights = Weights::default();
    weights.set(network, parameters);
    weights
}

/// `[n][d]` of `[1 + d][n]`, without channel 0.
fn gradients(jets: &[f64], n: usize) -> Vec<f64> {
    let d = jets.len() / n - 1;
    (0..n * d)
        .map(|at| jets[(1 + at % d) * n + at / d])
        .collect()
}

#[test]
fn values_and_gradients_agree_with_the_forward_channels() {
    for network in networks() {
        let d = network.dimension();
        let (parameters, x) = setting(&network, NODES);
        let expected = jets(&network, &parameters, &x);
        let mut linear = Linearization::<f64>::default();
        linear.set(scalar(&network), &weights(&network, &parameters), &x);
        let (mut u, mut grad) = (vec![0.0; NODES], vec![0.0; NODES * d]);
        linear.copy_to(&mut u, Some(&mut grad));
        let close = |a: &f64, b: &f64| assert!((a - b).abs() < 1e-12 * (1.0 + b.abs()));
        u.iter().zip(&expected).for_each(|(a, b)| close(a, b));
        grad.iter()
            .zip(&gradients(&expected, NODES))
            .for_each(|(a, b)| close(a, b));
    }
}

#[test]
fn the_product_with_a_direction_agrees_with_differences() {
    for network in networks() {
        let d = network.dimension();
        let (parameters, x) = setting(&network, NODES);
        let direction = wave(parameters.len(), 2.3);
        let shifted = |h: f64| {
            let parameters: Vec<f64> = parameters
                .iter()
                .zip(&direction)
                .map(|(p, v)| p + h * v)
                .collect();
            jets(&network, &parameters, &x)
        };
        let (up, down) = (shifted(1e-5), shifted(-1e-5));
        let expected: Vec<f64> = up.iter().zip(&down).map(|(u, d)| (u - d) / 2e-5).collect();
        let mut linear = Linearization::<f64>::default();
        linear.set(scalar(&network), &weights(&network, &parameters), &x);
        let (mut du, mut dgrad) = (vec![0.0; NODES], vec![0.0; NODES * d]);
        linear.apply(
            scalar(&network),
            &weights(&network, &parameters),
            &weights(&network, &direction),
            &mut du,
            &mut dgrad,
        );
        for (ours, expected) in du.iter().zip(&expected) {
            close(*ours, *expected, 30.0, "J v, value");
        }
        for (ours, expected) in dgrad.iter().zip(&gradients(&expected, NODES)) {
            close(
                *ours,
                *expected,
                30.0 + 10.0 * expected.abs(),
                "J v, gradient",
            );
        }
    }
}

#[test]
fn the_transposed_product_agrees_with_the_forward_channels_and_is_added() {
    for network in networks() {
        let d = network.dimension();
        let (parameters, x) = setting(&network, NODES);
        let seed = wave((1 + d) * NODES, 1.7);
        let mut tape = Tape::default();
        tape.forward(&network, &parameters, &x);
        let mut expected = wave(parameters.len(), 0.9);
        let mut ours = expected.clone();
        Adjoint::default().accumulate(&network, &parameters, &tape, &seed, &mut expected);
        let mut linear = Linearization::<f64>::default();
        linear.set(scalar(&network), &weights(&network, &parameters), &x);
        let s_grad = gradients(&seed, NODES);
        linear.apply_transpose(
            scalar(&network),
            &weights(&network, &parameters),
            &seed[..NODES],
            &s_grad,
            &mut ours,
        );
        let scale = expected.iter().fold(1.0_f64, |s, g| s.max(g.abs()));
        for (ours, expected) in ours.iter().zip(&expected) {
            assert!(
                (ours - expected).abs() < 1e-13 * scale,
                "{ours} and {expected}"
            );
        }
    }
}

#[test]
fn the_products_are_transposes_of_each_other() {
    for network in networks() {
        let d = network.dimension();
        let (parameters, x) = setting(&network, NODES);
        let mut linear = Linearization::<f64>::default();
        linear.set(scalar(&network), &weights(&network, &parameters), &x);
        let direction = wave(parameters.len(), 2.3);
        let (s_u, s_grad) = (wave(NODES, 1.1), wave(NODES * d, 0.7));
        let (mut du, mut dgrad) = (vec![0.0; NODES], vec![0.0; NODES * d]);
        let mut gradient = vec![0.0; parameters.len()];
        // Either product leaves what the other needs.
        linear.apply_transpose(
            scalar(&network),
            &weights(&network, &parameters),
            &s_u,
            &s_grad,
            &mut gradient,
        );
        linear.apply(
            scalar(&network),
            &weights(&network, &parameters),
            &weights(&network, &direction),
            &mut du,
            &mut dgrad,
        );
        let mut again = vec![0.0; parameters.len()];
        linear.apply_transpose(
            scalar(&network),
            &weights(&network, &parameters),
            &s_u,
            &s_grad,
            &mut again,
        );
        assert!(gradient == again);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let rows = dot(&s_u, &du) + dot(&s_grad, &dgrad);
        let columns = dot(&gradient, &direction);
        assert!(
            (rows - columns).abs() < 1e-12 * (1.0 + dot(&gradient, &gradient).sqrt()),
            "{rows} and {columns}"
        );
    }
}

#[test]
fn single_precision_agrees_to_1e_5() {
    for network in networks() {
        let d = network.dimension();
        let (parameters, x) = setting(&network, 200);
        let (s_u, s_grad) = (wave(200, 1.1), wave(200 * d, 0.7));
        let mut double = Linearization::default();
        double.set(scalar(&network), &weights(&network, &parameters), &x);
        let mut expected = vec![0.0; parameters.len()];
        double.apply_transpose(
            scalar(&network),
            &weights(&network, &parameters),
            &s_u,
            &s_grad,
            &mut expected,
        );
        let rounded = weights::<f32>(&network, &parameters);
        let mut single = Linearization::default();
        single.set(scalar(&network), &rounded, &x);
        let mut ours = vec![0.0_f32; parameters.len()];
        single.apply_transpose(scalar(&network), &rounded, &s_u, &s_grad, &mut ours);
        let norm = |v: &mut dyn Iterator<Item = f64>| v.map(|g| g * g).sum::<f64>().sqrt();
        let size = norm(&mut expected.iter().copied());
        let error = norm(&mut expected.iter().zip(&ours).map(|(a, b)| a - b.wide()));
        assert!(error < 1e-5 * size, "{:e}", error / size);
    }
}
