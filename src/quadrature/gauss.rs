//! Tensor Gauss-Legendre nodes.

use super::Nodes;
use crate::domain::Domain;
use crate::error::{Error, ErrorKind, Result};
use gauss_quad::GaussLegendre;
use std::num::NonZeroUsize;

/// The rule on [-1, 1] as pairs of node and weight.
fn rule(per_axis: usize) -> Result<Vec<(f64, f64)>> {
    let degree = NonZeroUsize::new(per_axis)
        .ok_or_else(|| Error::new(ErrorKind::Internal, "a Gauss rule without nodes"))?;
    Ok(GaussLegendre::new(degree).as_node_weight_pairs().to_vec())
}

/// The cells that partition [-1, 1] in the order of the rule's nodes, each as long as its weight:
/// by the separation theorem of Chebyshev, Markov and Stieltjes it holds its node.
pub(super) fn cells(per_axis: usize) -> Result<Vec<(f64, f64)>> {
    let rule = rule(per_axis)?;
    let cell = |(t, v): &(f64, f64)| {
        let before = rule.iter().filter(|(s, _)| s < t);
        let start = before.map(|(_, w)| w).sum::<f64>() - 1.0;
        (start, start + v)
    };
    Ok(rule.iter().map(cell).collect())
}

/// `per_axis^d` nodes, exact for polynomials of degree `2 per_axis - 1` in each variable.
pub(super) fn tensor(domain: &Domain, per_axis: usize) -> Result<Nodes> {
    let rule = rule(per_axis)?;
    let axes = domain.lower().iter().zip(domain.upper());
    let mut nodes = Nodes {
        x: Vec::new(),
        w: vec![1.0],
    };
    // Axis by axis, each partial node is repeated for every node of the next axis.
    for (axis, (lo, hi)) in axes.enumerate() {
        let (centre, half) = (0.5 * (lo + hi), 0.5 * (hi - lo));
        let size = nodes.w.len() * rule.len();
        let mut next = Nodes {
            x: Vec::with_capacity(size * (axis + 1)),
            w: Vec::with_capacity(size),
        };
        for (index, w) in nodes.w.iter().enumerate() {
            let partial = nodes.x.get(index * axis..(index + 1) * axis).unwrap_or(&[]);
            for (t, v) in &rule {
                next.x.extend_from_slice(partial);
                next.x.push(centre + half * t);
                next.w.push(w * half * v);
            }
        }
        nodes = next;
    }
    Ok(nodes)
}
