//! Square roots of small symmetric matrices.

use crate::error::{Error, Result};
use faer::{Mat, Side};

/// Writes `L^T`, `[k][k]`, with `L L^T` the positive part of the symmetric matrix h.
///
/// # Errors
/// [`NotFinite`](crate::ErrorKind::NotFinite) if h has no eigenvalues.
pub fn positive_root(h: &Mat<f64>, out: &mut [f64]) -> Result<()> {
    if semidefinite_cholesky(h, out) {
        return Ok(());
    }
    positive_part(h, out)
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
