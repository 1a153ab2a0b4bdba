//! Square roots of small symmetric matrices.

use crate::error::{Error, Result};
use faer::{Mat, Side};

/// What rounding leaves of an entry, relative to its size.
const ROUNDING: f64 = 1e-13;

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
    // Entries are in different units, those of u and of its slopes.
    let tolerance = |i: usize, j: usize| ROUNDING * (h[(i, i)] * h[(j, j)]).abs().sqrt();
    for j in 0..k {
        let column = |i: usize| {
            let dot: f64 = (0..j).map(|r| out[r * k + i] * out[r * k + j]).sum();
            h[(i, j)] - dot
        };
        let rest: Vec<f64> = (j..k).map(column).collect();
        let pivot = rest[0];
        if pivot > tolerance(j, j) {
            let root = pivot.sqrt();
            for (i, v) in (j..k).zip(&rest) {
                out[j * k + i] = v / root;
            }
        } else if (j..k).zip(&rest).any(|(i, v)| v.abs() > tolerance(i, j)) {
            return false;
        }
    }
    true
}

/// `out = D^(1/2) V^T S` with the eigenvalues of `S^-1 h S^-1` below zero set to zero, S the [`sizes`].
fn positive_part(h: &Mat<f64>, out: &mut [f64]) -> Result<()> {
    let k = h.nrows();
    let sizes = sizes(h);
    let scaled = Mat::from_fn(k, k, |i, j| h[(i, j)] / (sizes[i] * sizes[j]));
    let eigen = scaled.self_adjoint_eigen(Side::Lower).map_err(|_| {
        Error::not_finite(
            "second derivatives of the energy have no eigenvalues; accepted are finite numbers",
        )
    })?;
    let (values, vectors) = (eigen.S(), eigen.U());
    for (r, row) in out.chunks_exact_mut(k).enumerate() {
        let root = values[r].max(0.0).sqrt();
        for (i, v) in row.iter_mut().enumerate() {
            *v = root * vectors[(i, r)] * sizes[i];
        }
    }
    Ok(())
}

/// The sizes of the variables of a quadratic form, in which its entries are about 1.
fn sizes(h: &Mat<f64>) -> Vec<f64> {
    let k = h.nrows();
    let own = |i: usize| h[(i, i)].abs();
    let size = |i: usize| {
        let others = (0..k).filter(|j| *j != i && h[(i, *j)] != 0.0);
        let beside = others.map(|j| match own(j) {
            0.0 => h[(i, j)].abs(),
            square => h[(i, j)] / square * h[(i, j)],
        });
        match own(i) {
            0.0 => beside.fold(0.0, f64::max),
            square => square,
        }
    };
    let root = |i| match size(i) {
        0.0 => 1.0,
        square => square.sqrt(),
    };
    (0..k).map(root).collect()
}
