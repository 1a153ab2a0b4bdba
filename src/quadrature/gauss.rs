//! Tensor Gauss-Legendre nodes.

use super::Nodes;
use crate::domain::Domain;
use crate::error::{Error, ErrorKind, Result};
use gauss_quad::GaussLegendre;
use std::num::NonZeroUsize;

/// `per_axis^d` nodes, exact for polynomials of degree `2 per_axis - 1` in each variable.
pub(super) fn tensor(domain: &Domain, per_axis: usize) -> Result<Nodes> {
    let degree = NonZeroUsize::new(per_axis)
        .ok_or_else(|| Error::new(ErrorKind::Internal, "a Gauss rule without nodes"))?;
    let rule: Vec<(f64, f64)> = GaussLegendre::new(degree).as_node_weight_pairs().to_vec();
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
