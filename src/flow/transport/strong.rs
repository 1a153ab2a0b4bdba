//! The residual of a stage in strong form.

use super::configuration::{Configuration, GROUP};
use super::labelled::Labelled;
use super::map::Map;
use super::terms::{Local, Pairs, Terms};
use crate::error::Result;
use crate::flow::Centre;
use crate::quadrature::Nodes;
use std::ops::Range;

/// What is known of a configuration.
pub(super) struct Evaluated<'a> {
    pub at: &'a Configuration,
    pub local: &'a Local,
    pub pairs: &'a Pairs,
    pub jets: &'a [f64],
}

/// `(X - c) S/tau + grad_y [f_u(y, rho(y)) + (W * rho)(y)]` at `y = X(x)`, `[n][d]`, with
/// `grad_y rho = rho DX^-T (grad ln rho_0 - grad ln J)`. The labels' pass is the recorded one.
pub(super) fn strong_residual(
    map: &Map,
    labelled: &Labelled<'_>,
    labels: &Nodes,
    terms: &Terms,
    evaluated: &Evaluated<'_>,
    centre: &Centre,
    out: &mut Vec<f64>,
) -> Result<()> {
    let Evaluated {
        at,
        local,
        pairs,
        jets,
    } = evaluated;
    let (n, d) = (labels.len(), map.dimension());
    let mixed = terms.mixed(labelled.pool, &at.measure(d, labels))?;
    let expansion = log_jacobian_gradient(map, labelled, labels, at, jets)?;
    out.resize(n * d, 0.0);
    let groups = out.chunks_mut(GROUP * d).enumerate();
    labelled.pool.try_for_each(groups, |(group, out)| {
        let nodes = (group * GROUP..).zip(out.chunks_exact_mut(d));
        for (node, r) in nodes {
            let inverse = &at.inverse[node * d * d..(node + 1) * d * d];
            let slope = local.f_uu[node] * at.rho[node];
            for (j, r) in r.iter_mut().enumerate() {
                let axis = node * d + j;
                let log_rho: f64 = (0..d)
                    .map(|i| {
                        let x = node * d + i;
                        inverse[i * d + j] * (labels.score[x] - expansion[x])
                    })
                    .sum();
                *r = centre.strength * (at.images.x[axis] - centre.values[axis])
                    + slope * log_rho
                    + mixed.as_ref().map_or(0.0, |m| m[axis])
                    + pairs.gradient.get(axis).copied().unwrap_or(0.0);
            }
        }
        Ok(())
    })
}

/// `grad_x ln det DX = (tr DX^-1 d_i DX)_i`, `[n][d]`.
pub(super) fn log_jacobian_gradient(
    map: &Map,
    labelled: &Labelled<'_>,
    labels: &Nodes,
    at: &Configuration,
    jets: &[f64],
) -> Result<Vec<f64>> {
    let d = map.dimension();
    let transposed = |node: usize, out: &mut [f64]| {
        let inverse = &at.inverse[node * d * d..(node + 1) * d * d];
        for i in 0..d {
            for j in 0..d {
                out[i * d + j] = inverse[j * d + i];
            }
        }
    };
    slope_gradient(map, labelled, labels, jets, transposed)
}

/// The derivative of `C : DX` in the label, `[n][d]`, with the matrix that `coefficients` writes for each.
pub(super) fn slope_gradient(
    map: &Map,
    labelled: &Labelled<'_>,
    labels: &Nodes,
    jets: &[f64],
    coefficients: impl Fn(usize, &mut [f64]) + Sync,
) -> Result<Vec<f64>> {
    let (d, size) = (map.dimension(), labelled.jet());
    let nothing = vec![0.0; d];
    let seed = |nodes: Range<usize>, seeds: &mut [f64], fixed: &mut [f64]| {
        let mut of_slope = vec![0.0; d * d];
        let out = seeds.chunks_exact_mut(size).zip(fixed.chunks_exact_mut(d));
        for (node, (seed, fixed)) in nodes.zip(out) {
            let x = &labels.x[node * d..(node + 1) * d];
            coefficients(node, &mut of_slope);
            let jet = &jets[node * size..(node + 1) * size];
            map.pull_back(x, &nothing, &of_slope, seed);
            map.frame_gradient(x, jet, &of_slope, fixed);
        }
    };
    let mut gradient = Vec::new();
    labelled.label_gradient(seed, &mut gradient)?;
    Ok(gradient)
}
