//! The network kernels against the same expressions in Candle's autograd.

use crate::support::problems::small;
use candle_core::{Device, Result, Tensor, Var};
use movimento::Solver;
use movimento::field::kernels::Rows;
use movimento::field::kernels::cpu::{Adjoint, Jacobian, Tape};
use movimento::field::{Channels, JetShape, Network};

/// Parameters in the documented layout, as one Candle variable a layer.
fn variables(network: &Network, parameters: &[f64]) -> Result<Vec<(Var, Var)>> {
    let mut rest = parameters;
    let mut layers = Vec::new();
    for pair in network.widths().windows(2) {
        let (weights, after) = rest.split_at(pair[0] * pair[1]);
        let (biases, after) = after.split_at(pair[1]);
        rest = after;
        layers.push((
            Var::from_slice(weights, (pair[1], pair[0]), &Device::Cpu)?,
            Var::from_slice(biases, pair[1], &Device::Cpu)?,
        ));
    }
    assert!(rest.is_empty());
    Ok(layers)
}

/// u and its derivatives in x, `[1 + d][n]`, forward through the layers as the paper's network
/// would: tanh layers behind x mapped to [-1, 1] (the box here is [-1, 1]^d).
fn jets(layers: &[(Var, Var)], x: &Tensor) -> Result<Vec<Tensor>> {
    let (n, d) = x.dims2()?;
    let mut h = x.clone();
    let unit = Tensor::eye(d, candle_core::DType::F64, &Device::Cpu)?;
    let mut tangents = (0..d)
        .map(|i| {
            unit.get(i)?
                .unsqueeze(0)?
                .broadcast_as((n, d))?
                .contiguous()
        })
        .collect::<Result<Vec<_>>>()?;
    for (index, (w, b)) in layers.iter().enumerate() {
        let w = w.as_tensor().t()?.contiguous()?;
        let z = h.matmul(&w)?.broadcast_add(b)?;
        tangents = tangents
            .iter()
            .map(|t| t.matmul(&w))
            .collect::<Result<_>>()?;
        if index + 1 < layers.len() {
            h = z.tanh()?;
            let slope = (1.0 - h.sqr()?)?;
            tangents = tangents.iter().map(|t| t * &slope).collect::<Result<_>>()?;
        } else {
            h = z;
        }
    }
    let mut all = vec![h.squeeze(1)?];
    for tangent in tangents {
        all.push(tangent.squeeze(1)?);
    }
    Ok(all)
}

#[test]
fn kernels_agree_with_candle_autograd() -> Result<()> {
    for (d, hidden) in [
        (1, vec![9]),
        (2, vec![24, 24, 24]),
        (3, vec![70, 13]),
        (8, vec![6, 5]),
    ] {
        let mut options = small(d, -1.0, 1.0, &hidden);
        options.set("embedding", "none").unwrap();
        options.set("quadrature", "monte-carlo").unwrap();
        let solver = Solver::new(&options).unwrap();
        let network = solver.network();
        let (n, d) = (37, d as usize);
        let count = network.parameters();
        let parameters: Vec<f64> = (0..count)
            .map(|i| 0.7 * (i as f64 * 12.9898).sin())
            .collect();
        let x: Vec<f64> = (0..n * d).map(|i| (i as f64 * 78.233).sin()).collect();
        let seed: Vec<f64> = (0..(1 + d) * n).map(|i| (i as f64 * 3.1).cos()).collect();

        let layers = variables(network, &parameters)?;
        let theirs = jets(&layers, &Tensor::from_slice(&x, (n, d), &Device::Cpu)?)?;
        let mut sum = Tensor::zeros((), candle_core::DType::F64, &Device::Cpu)?;
        for (jet, seed) in theirs.iter().zip(seed.chunks(n)) {
            sum = (sum + (jet * Tensor::from_slice(seed, n, &Device::Cpu)?)?.sum_all()?)?;
        }
        let gradients = sum.backward()?;
        let mut expected = Vec::new();
        for (w, b) in &layers {
            for var in [w, b] {
                // The output's bias does not act on derivatives, but it always acts on u.
                let gradient = gradients.get(var).expect("every parameter acts");
                expected.extend(gradient.flatten_all()?.to_vec1::<f64>()?);
            }
        }

        let mut tape = Tape::default();
        tape.forward(network, &parameters, &x);
        let mut worst = 0.0_f64;
        for (channel, jet) in theirs.iter().enumerate() {
            let ours = match channel.checked_sub(1) {
                Some(axis) => tape.derivative(axis),
                None => tape.value(),
            };
            for (a, b) in ours.iter().zip(jet.to_vec1::<f64>()?) {
                worst = worst.max((a - b).abs() / (1.0 + b.abs()));
            }
        }
        assert!(worst < 1e-13, "values differ by {worst:e}");

        let mut gradient = vec![0.0; count];
        Adjoint::default().accumulate(network, &parameters, &tape, &seed, &mut gradient);
        let mut jacobian = Jacobian::default();
        let scalar = network.as_scalar().expect("one output");
        jacobian.prepare(scalar, &parameters, &tape, 0);
        // One combination for each node, with the seed as its coefficients.
        let a: Vec<f64> = (0..n * (1 + d))
            .map(|i| seed[i % (1 + d) * n + i / (1 + d)])
            .collect();
        let mut rows = vec![0.0; count * n];
        let of = Rows {
            rows: 1,
            first: 0,
            shape: JetShape {
                dimension: d,
                components: 1,
                channels: Channels::First,
            },
            coefficients: &a,
        };
        jacobian.combine(scalar, &tape, of, &mut rows, n);
        let rows: Vec<f64> = rows.chunks(n).map(|r| r.iter().sum()).collect();
        let scale = expected.iter().fold(0.0_f64, |s, g| s.max(g.abs()));
        for (p, expected) in expected.iter().enumerate() {
            assert!(
                (gradient[p] - expected).abs() < 1e-12 * scale,
                "reverse, {p}"
            );
            assert!((rows[p] - expected).abs() < 1e-12 * scale, "rows, {p}");
        }
    }
    Ok(())
}
