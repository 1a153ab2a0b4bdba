//! What is kept against what is computed.

use super::*;
use crate::domain::{Domain, DomainChoice};
use crate::field::kernels::cpu;
use crate::field::{Activation, Embedding, EmbeddingChoice, JetsMut, Network};
use crate::parallel::Pool;

/// Against the kernels of the processor, on chunks that are full and not, in one dimension and more.
#[test]
fn what_is_kept_gives_what_is_computed() {
    let mut networks = cpu::tests::networks();
    for d in 1..=3 {
        let domain = Domain::new(DomainChoice::Box, vec![-0.7; d], vec![1.9; d]).unwrap();
        let plain = Embedding::new(EmbeddingChoice::None, 1, &domain);
        let planes = Network::new(plain, Activation::Tanh, d, [37]);
        assert!(planes::Planes::suit(&planes));
        networks.push(planes);
    }
    assert!(!networks[..4].iter().any(planes::Planes::suit));
    // Outputs that share what is kept.
    let several = networks[1].clone().with_outputs(3);
    let planes = networks[networks.len() - 2].clone().with_outputs(2);
    networks.extend([several, planes]);
    for network in networks {
        let n = 2 * CHUNK + 5;
        let (parameters, x) = cpu::tests::setting(&network, n);
        let pool = Pool::new(2).unwrap();
        let at = At {
            pool: &pool,
            network: &network,
            parameters: &parameters,
            x: &x,
            curvature: &[],
        };
        let frozen = Frozen::default();
        let (mut mine, mut theirs) = (frozen.recording(), Cpu.recording());
        let (mut jets, mut expected) = (Jets::default(), Jets::default());
        mine.record(&at, &mut jets).unwrap();
        theirs.record(&at, &mut expected).unwrap();
        close(&jets.value, &expected.value);
        close(&jets.slope, &expected.slope);
        let first = network.outputs_start();
        let mut change = vec![0.0; parameters.len()];
        let outputs = change[first..].iter_mut().enumerate();
        outputs.for_each(|(p, c)| *c = (p as f64).sin());
        for channels in [Channels::Value, Channels::First] {
            mine.pushforward(&at, &change, channels, &mut jets).unwrap();
            theirs
                .pushforward(&at, &change, channels, &mut expected)
                .unwrap();
            close(&jets.value, &expected.value);
            close(&jets.slope, &expected.slope);
            let mut gradients = [change.clone(), change.clone()];
            mine.pullback(&at, &expected, &mut gradients[0]).unwrap();
            theirs.pullback(&at, &expected, &mut gradients[1]).unwrap();
            close(&gradients[0][first..], &gradients[1][first..]);
            assert!(gradients[0][..first].iter().all(|g| *g == 0.0));
            // In one pass.
            let apply = |nodes: Range<usize>, jets: &mut JetsMut<'_>| {
                for (node, value) in nodes.zip(jets.value.iter_mut()) {
                    *value *= 1.0 + (node as f64).sin();
                }
                jets.slope.iter_mut().for_each(|s| *s *= 0.3);
            };
            mine.product(&at, &change, channels, &apply, &mut gradients[0])
                .unwrap();
            theirs
                .product(&at, &change, channels, &apply, &mut gradients[1])
                .unwrap();
            assert!(gradients[0][..first].iter().all(|g| *g == 0.0));
            let size = gradients[1]
                .iter()
                .fold(0.0, |most: f64, g| most.max(g.abs()));
            for (a, b) in gradients[0][first..].iter().zip(&gradients[1][first..]) {
                assert!((a - b).abs() <= 1e-12 * size, "{a} {b}");
            }
        }
        let shape = at.shape(Channels::First);
        let rows = shape.size() - 1;
        let count = n * rows * shape.size();
        let coefficients: Vec<f64> = (0..count).map(|i| (i % 7) as f64 - 2.0).collect();
        let stride = rows * n + 3;
        let of = Rows {
            rows,
            first,
            shape,
            coefficients: &coefficients,
        };
        let mut all = [(); 2].map(|()| vec![0.0; (parameters.len() - first) * stride]);
        mine.rows(&at, 0..n, of, &mut all[0], stride);
        theirs.rows(&at, 0..n, of, &mut all[1], stride);
        close(&all[0], &all[1]);
    }
}

fn close(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len());
    let size = b.iter().fold(1e-3, |most: f64, b| most.max(b.abs()));
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() <= 1e-12 * size, "{a} {b}");
    }
}

/// Second derivatives against those that the processor's kernels make of a channel, and the products as each other's
/// transposes.
#[test]
fn second_derivatives_are_those_of_a_channel_of_them() {
    for network in cpu::tests::networks() {
        let network = match network.widths().len() {
            3 => network.with_outputs(1),
            _ => continue,
        };
        let n = CHUNK + 7;
        let (parameters, x) = cpu::tests::setting(&network, n);
        let d = network.dimension();
        let pool = Pool::new(2).unwrap();
        let at = At {
            pool: &pool,
            network: &network,
            parameters: &parameters,
            x: &x,
            curvature: &[],
        };
        let mut mine = Frozen::with_hessian().recording();
        let (mut jets, mut kept) = (Jets::default(), Jets::default());
        mine.record_hessian(&at, &mut jets).unwrap();
        mine.jets(&at, Channels::Hessian, &mut kept).unwrap();
        assert_eq!(jets.hessian, kept.hessian);
        let a: Vec<f64> = (0..n * d * d).map(|i| (i as f64).sin()).collect();
        let symmetric = |at: usize| a[at] + a[at / (d * d) * d * d + at % d * d + at / d % d];
        let a: Vec<f64> = (0..a.len()).map(symmetric).collect();
        let curved = At {
            curvature: &a,
            ..at
        };
        let mut expected = Jets::default();
        Cpu.recording().record(&curved, &mut expected).unwrap();
        close(&jets.value, &expected.value);
        close(&jets.slope, &expected.slope);
        let pairs = jets.hessian.chunks_exact(d * d).zip(a.chunks_exact(d * d));
        let sums = pairs.map(|(h, a)| h.iter().zip(a).map(|(h, a)| h * a).sum());
        close(&sums.collect::<Vec<f64>>(), &expected.curved);

        let first = network.outputs_start();
        let mut change = vec![0.0; parameters.len()];
        let outputs = change[first..].iter_mut().enumerate();
        outputs.for_each(|(p, c)| *c = (p as f64).cos());
        let shape = at.shape(Channels::Hessian);
        let mut moved = Jets::default();
        mine.pushforward(&at, &change, Channels::Hessian, &mut moved)
            .unwrap();
        let mut seeds = Jets::default();
        seeds.reset(n, shape);
        let entries = seeds.value.iter_mut().chain(&mut seeds.slope);
        let entries = entries.chain(&mut seeds.hessian).enumerate();
        entries.for_each(|(i, s)| *s = (1.7 * i as f64).sin());
        let mut gradient = vec![1.0; parameters.len()];
        mine.pullback(&at, &seeds, &mut gradient).unwrap();
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let along = dot(&seeds.value, &moved.value)
            + dot(&seeds.slope, &moved.slope)
            + dot(&seeds.hessian, &moved.hessian);
        close(&[dot(&gradient, &change)], &[along]);

        let (rows, size) = (2, shape.size());
        let coefficients: Vec<f64> = (0..n * rows * size).map(|i| (i as f64).cos()).collect();
        let of = Rows {
            rows,
            first,
            shape,
            coefficients: &coefficients,
        };
        let stride = rows * n;
        let mut all = vec![0.0; (parameters.len() - first) * stride];
        mine.rows(&at, 0..n, of, &mut all, stride);
        let (mut by_rows, mut by_jets) = (Vec::new(), Vec::new());
        for node in 0..n {
            let chunk = node / CHUNK;
            let nodes = chunk_of(n, chunk);
            let columns = nodes.start * rows + node - nodes.start;
            for row in 0..rows {
                let column = columns + row * nodes.len();
                let entries = all.iter().skip(column).step_by(stride);
                by_rows.push(entries.zip(&change[first..]).map(|(r, c)| r * c).sum());
                let a = &coefficients[(node * rows + row) * size..][..size];
                let (slope, second) = (1..=d, d * d);
                by_jets.push(
                    a[0] * moved.value[node]
                        + dot(&a[slope], &moved.slope[node * d..])
                        + dot(&a[1 + d..], &moved.hessian[node * second..]),
                );
            }
        }
        close(&by_rows, &by_jets);
    }
}
