//! The curvature of an integrand at each node, `w [f_uu f_up; f_pu f_pp]`, as blocks.

use super::densities::Densities;
use crate::error::Result;
use crate::field::{Blocks, Channels, JetShape};
use crate::linear_algebra::positive_root;
use faer::Mat;

/// Factors the positive part of `w [f_uu f_up; f_pu f_pp]` at every node; one row a node where phi
/// does not curve in p.
pub(super) fn curvature(w: &[f64], densities: &Densities, dimension: usize) -> Result<Blocks> {
    let d = dimension;
    let shape = JetShape {
        dimension,
        components: 1,
        channels: Channels::First,
    };
    let Densities {
        f_uu, f_up, f_pp, ..
    } = densities;
    let curved = f_up.iter().chain(f_pp).any(|v| *v != 0.0);
    let mut blocks = Blocks::default();
    blocks.reset(w.len(), if curved { 1 + d } else { 1 }, shape);
    let mut h = Mat::<f64>::zeros(1 + d, 1 + d);
    for (node, (out, w)) in blocks.iter_mut().zip(w).enumerate() {
        if !curved {
            out[0] = (w * f_uu[node]).max(0.0).sqrt();
            continue;
        }
        h[(0, 0)] = w * f_uu[node];
        for i in 0..d {
            let up = w * f_up[node * d + i];
            (h[(0, 1 + i)], h[(1 + i, 0)]) = (up, up);
            for j in 0..d {
                h[(1 + i, 1 + j)] = w * f_pp[(node * d + i) * d + j];
            }
        }
        positive_root(&h, out)?;
    }
    Ok(blocks.compressed())
}
