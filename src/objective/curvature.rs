//! The curvature of an integrand at each node, `w [f_uu f_up; f_pu f_pp]` and where it depends on them what the second
//! derivatives of the field add to it, as blocks.

use super::densities::Densities;
use crate::error::Result;
use crate::field::{Blocks, JetShape};
use crate::linear_algebra::positive_root;
use faer::Mat;

/// Factors the positive part of the second derivatives of w phi at every node of jets of this shape, of
/// `w [f_uu f_up; f_pu f_pp]` where there are no second derivatives of the field; one row a node and component where phi does not curve in p.
pub(super) fn curvature(w: &[f64], densities: &Densities, shape: JetShape) -> Result<Blocks> {
    if shape.hessian() > 0 {
        return with_hessian(w, densities, shape);
    }
    let (c, slope) = (shape.components, shape.slope());
    let size = c + slope;
    let Densities {
        f_uu, f_up, f_pp, ..
    } = densities;
    let curved = f_up.iter().chain(f_pp).any(|v| *v != 0.0);
    let mut blocks = Blocks::default();
    blocks.reset(w.len(), if curved { size } else { c }, shape);
    let mut h = match curved {
        true => Mat::<f64>::zeros(size, size),
        false => Mat::<f64>::zeros(c, c),
    };
    let mut root = vec![0.0; c * c];
    for (node, (out, w)) in blocks.iter_mut().zip(w).enumerate() {
        let f_uu = &f_uu[node * c * c..(node + 1) * c * c];
        if let ([f_uu], false) = (f_uu, curved) {
            out[0] = (w * f_uu).max(0.0).sqrt();
            continue;
        }
        for i in 0..c {
            for j in 0..c {
                h[(i, j)] = w * f_uu[i * c + j];
            }
        }
        if !curved {
            positive_root(&h, &mut root)?;
            for (out, root) in out.chunks_exact_mut(size).zip(root.chunks_exact(c)) {
                out[..c].copy_from_slice(root);
            }
            continue;
        }
        for i in 0..c {
            for k in 0..slope {
                let up = w * f_up[(node * c + i) * slope + k];
                (h[(i, c + k)], h[(c + k, i)]) = (up, up);
            }
        }
        for k in 0..slope {
            for l in 0..slope {
                h[(c + k, c + l)] = w * f_pp[(node * slope + k) * slope + l];
            }
        }
        positive_root(&h, out)?;
    }
    Ok(blocks.compressed())
}

/// The same of jets with second derivatives.
fn with_hessian(w: &[f64], densities: &Densities, shape: JetShape) -> Result<Blocks> {
    let (c, slope, hessian) = (shape.components, shape.slope(), shape.hessian());
    let size = shape.size();
    // Blocks of the rows and columns of u, p and h, each with its place.
    let arrays: [(&[f64], [usize; 2], [usize; 2]); 6] = [
        (&densities.f_uu, [0, 0], [c, c]),
        (&densities.f_up, [0, c], [c, slope]),
        (&densities.f_pp, [c, c], [slope, slope]),
        (&densities.f_uh, [0, c + slope], [c, hessian]),
        (&densities.f_ph, [c, c + slope], [slope, hessian]),
        (&densities.f_hh, [c + slope; 2], [hessian; 2]),
    ];
    let mut blocks = Blocks::default();
    blocks.reset(w.len(), size, shape);
    let mut matrix = Mat::<f64>::zeros(size, size);
    for (node, (out, w)) in blocks.iter_mut().zip(w).enumerate() {
        for (array, [row, column], [rows, columns]) in arrays {
            let own = &array[node * rows * columns..(node + 1) * rows * columns];
            for (i, entries) in own.chunks_exact(columns).enumerate() {
                for (j, entry) in entries.iter().enumerate() {
                    matrix[(row + i, column + j)] = w * entry;
                    matrix[(column + j, row + i)] = w * entry;
                }
            }
        }
        positive_root(&matrix, out)?;
    }
    Ok(blocks.compressed())
}
