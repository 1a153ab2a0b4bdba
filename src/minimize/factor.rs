//! The curvature of an objective at each node, `w [f_uu f_up; f_pu f_pp]`, as `L L^T`: the rows of
//! `L^T J` are those of Gauss-Newton's least squares.

use super::densities::Densities;
use super::gauss_newton::dot;
use super::jets::Jets;
use crate::error::{Error, Result};
use faer::{Mat, Side};
use std::ops::Range;

/// Second derivatives of an integrand at its nodes.
pub(super) struct Second<'a> {
    pub w: &'a [f64],
    pub f_uu: &'a [f64],
    pub f_up: &'a [f64],
    pub f_pp: &'a [f64],
}

impl<'a> Second<'a> {
    pub fn of(w: &'a [f64], densities: &'a Densities) -> Self {
        Self {
            w,
            f_uu: &densities.f_uu,
            f_up: &densities.f_up,
            f_pp: &densities.f_pp,
        }
    }
}

/// `sqrt(w) L^T` of every node.
#[derive(Default)]
pub(super) struct Factors {
    /// Rows a node contributes: 1 + d, or 1 when phi does not curve in p.
    pub rows: usize,
    channels: usize,
    data: Vec<f64>,
}

impl Factors {
    /// One row at each node, `[n][channels]`.
    pub const fn single(channels: usize, data: Vec<f64>) -> Self {
        Self {
            rows: 1,
            channels,
            data,
        }
    }

    /// Replaces jets j by `L L^T j`.
    pub fn apply(&self, jets: &mut Jets) {
        let d = jets.p.len() / jets.u.len().max(1);
        let strong = self.channels > 1 + d;
        let mut out = vec![0.0; self.channels];
        let nodes = self.data.chunks_exact(self.rows * self.channels);
        for (node, rows) in nodes.enumerate() {
            out.fill(0.0);
            let p = &mut jets.p[node * d..(node + 1) * d];
            for row in rows.chunks_exact(self.channels) {
                let mut sum = row[0] * jets.u[node] + dot(&row[1..=d], p);
                if strong {
                    sum += row[1 + d] * jets.curved[node];
                }
                out.iter_mut().zip(row).for_each(|(o, a)| *o += sum * a);
            }
            jets.u[node] = out[0];
            p.copy_from_slice(&out[1..=d]);
            if strong {
                jets.curved[node] = out[1 + d];
            }
        }
    }

    /// The rows of some nodes, `[n][rows][1 + d]`: coefficients of u and of the derivatives of u.
    pub fn of(&self, nodes: Range<usize>) -> &[f64] {
        let size = self.rows * self.channels;
        &self.data[nodes.start * size..nodes.end * size]
    }
}

/// Factors the positive part of `w [f_uu f_up; f_pu f_pp]` at every node.
pub(super) fn factor(second: &Second<'_>, d: usize) -> Result<Factors> {
    let (n, k) = (second.w.len(), 1 + d);
    let curved = second.f_up.iter().chain(second.f_pp).any(|v| *v != 0.0);
    let rows = if curved { k } else { 1 };
    let mut data = vec![0.0; n * rows * k];
    let mut h = Mat::<f64>::zeros(k, k);
    for (node, out) in data.chunks_exact_mut(rows * k).enumerate() {
        let w = second.w[node];
        if !curved {
            out[0] = (w * second.f_uu[node]).max(0.0).sqrt();
            continue;
        }
        h[(0, 0)] = w * second.f_uu[node];
        for i in 0..d {
            let up = w * second.f_up[node * d + i];
            (h[(0, 1 + i)], h[(1 + i, 0)]) = (up, up);
            for j in 0..d {
                h[(1 + i, 1 + j)] = w * second.f_pp[(node * d + i) * d + j];
            }
        }
        root(&h, out)?;
    }
    Ok(compressed(rows, k, data))
}

/// `out = L^T`, row by row, with `L L^T` the positive part of the symmetric matrix h.
pub(crate) fn root(h: &Mat<f64>, out: &mut [f64]) -> Result<()> {
    if semidefinite_cholesky(h, out) {
        return Ok(());
    }
    positive_part(h, out)
}

/// The same without the rows that vanish at every node, where H is not of full rank.
fn compressed(rows: usize, channels: usize, mut data: Vec<f64>) -> Factors {
    let is_zero = |row: &[f64]| row.iter().all(|v| *v == 0.0);
    let mut most = 1;
    for node in data.chunks_exact_mut(rows * channels) {
        let mut kept = 0;
        for row in 0..rows {
            let at = row * channels..(row + 1) * channels;
            if !is_zero(&node[at.clone()]) {
                if kept < row {
                    node.copy_within(at.clone(), kept * channels);
                    node[at].fill(0.0);
                }
                kept += 1;
            }
        }
        most = most.max(kept);
    }
    if most < rows {
        let nodes = data.chunks_exact(rows * channels);
        data = nodes
            .flat_map(|node| &node[..most * channels])
            .copied()
            .collect();
    }
    Factors {
        rows: most,
        channels,
        data,
    }
}

/// `out = L^T` row by row with `L L^T = h`, or false if `h` is not positive semidefinite.
fn semidefinite_cholesky(h: &Mat<f64>, out: &mut [f64]) -> bool {
    let k = h.nrows();
    out.fill(0.0);
    let scale = (0..k).fold(0.0_f64, |s, i| s.max(h[(i, i)].abs()));
    let tolerance = 1e-13 * scale;
    for j in 0..k {
        let column = |i: usize| {
            let dot: f64 = (0..j).map(|r| out[r * k + i] * out[r * k + j]).sum();
            h[(i, j)] - dot
        };
        let rest: Vec<f64> = (j..k).map(column).collect();
        let pivot = rest[0];
        if pivot > tolerance {
            let root = pivot.sqrt();
            for (i, v) in (j..k).zip(&rest) {
                out[j * k + i] = v / root;
            }
        } else if pivot < -tolerance || rest.iter().any(|v| v.abs() > tolerance) {
            return false;
        }
    }
    true
}

/// `out = D^(1/2) V^T` with the eigenvalues of `h` below zero set to zero.
fn positive_part(h: &Mat<f64>, out: &mut [f64]) -> Result<()> {
    let k = h.nrows();
    let eigen = h
        .self_adjoint_eigen(Side::Lower)
        .map_err(|_| Error::not_finite("second derivatives of the energy have no eigenvalues"))?;
    let (values, vectors) = (eigen.S(), eigen.U());
    for (r, row) in out.chunks_exact_mut(k).enumerate() {
        let root = values[r].max(0.0).sqrt();
        for (i, v) in row.iter_mut().enumerate() {
            *v = root * vectors[(i, r)];
        }
    }
    Ok(())
}
