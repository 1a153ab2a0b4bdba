//! The Gauss-Newton matrix `G = sum_q w_q J_q^T H_q J_q`, assembled as `R^T R` from rows
//! `sqrt(w) L^T J`, `H = L L^T`.

use crate::error::{Error, Result};
use crate::parallel::Pool;
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par, Side};

/// Second derivatives of an integrand at its nodes.
pub(super) struct Second<'a> {
    pub w: &'a [f64],
    pub f_uu: &'a [f64],
    pub f_up: &'a [f64],
    pub f_pp: &'a [f64],
}

/// `sqrt(w) L^T` of every node.
pub(super) struct Factors {
    /// Rows a node contributes: 1 + d, or 1 when phi does not curve in p.
    pub rows: usize,
    channels: usize,
    data: Vec<f64>,
}

impl Factors {
    /// Row `which` of a node: coefficients of u and of the derivatives of u.
    pub fn row(&self, node: usize, which: usize) -> &[f64] {
        let start = (node * self.rows + which) * self.channels;
        &self.data[start..start + self.channels]
    }
}

/// Factors the positive part of `w [f_uu f_up; f_pu f_pp]` at every node.
pub(super) fn factor(second: &Second<'_>, n: usize, d: usize) -> Result<Factors> {
    let k = 1 + d;
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
        if !semidefinite_cholesky(&h, out) {
            positive_part(&h, out)?;
        }
    }
    Ok(Factors {
        rows,
        channels: k,
        data,
    })
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

/// Rows of R that are in memory at once, at most.
const BLOCK_BYTES: usize = 192 << 20;

/// Nodes whose rows fit into a block, a multiple of `chunk`.
pub(super) fn nodes_per_block(parameters: usize, rows: usize, chunk: usize) -> usize {
    let nodes = BLOCK_BYTES / (8 * parameters * rows).max(1);
    (nodes / chunk).max(1) * chunk
}

/// Some rows of R, row-major.
#[derive(Default)]
pub(super) struct RowBlock {
    pub data: Vec<f64>,
}

impl RowBlock {
    /// Room for so many rows; what they hold is whatever was there.
    pub fn reset(&mut self, rows: usize, parameters: usize) -> Result<()> {
        let size = rows * parameters;
        let more = size.saturating_sub(self.data.len());
        self.data
            .try_reserve_exact(more)
            .map_err(|e| Error::memory(format!("{rows} rows of {parameters} parameters: {e}")))?;
        self.data.resize(size, 0.0);
        Ok(())
    }
}

/// Columns of a tile of G.
const TILE: usize = 176;

/// The lower triangle of G in square tiles, each of which one task updates: the sum over rows is
/// taken in the same order whatever the number of threads.
pub(super) struct Tiles {
    parameters: usize,
    tiles: Vec<(usize, usize, Vec<f64>)>,
}

impl Tiles {
    pub fn new(parameters: usize) -> Result<Self> {
        let count = parameters.div_ceil(TILE);
        let mut tiles = Vec::new();
        for i in 0..count {
            for j in 0..=i {
                let size = width(i, parameters) * width(j, parameters);
                let mut data = Vec::new();
                data.try_reserve_exact(size).map_err(|e| {
                    Error::memory(format!("a normal matrix of {parameters} parameters: {e}"))
                })?;
                data.resize(size, 0.0);
                tiles.push((i, j, data));
            }
        }
        Ok(Self { parameters, tiles })
    }

    /// `G += R^T R`.
    pub fn add(&mut self, pool: &Pool, block: &RowBlock) -> Result<()> {
        let parameters = self.parameters;
        let rows = block.data.len() / parameters;
        let r = MatRef::from_row_major_slice(&block.data, rows, parameters);
        pool.try_for_each(&mut self.tiles, |(i, j, data)| {
            let (m, n) = (width(*i, parameters), width(*j, parameters));
            let left = r.subcols(*i * TILE, m).transpose();
            let right = r.subcols(*j * TILE, n);
            let out = MatMut::from_column_major_slice_mut(data, m, n);
            matmul(out, Accum::Add, left, right, 1.0, Par::Seq);
            Ok(())
        })
    }

    /// Writes the lower triangle.
    pub fn copy_to(&self, normal: &mut Mat<f64>) {
        for (i, j, data) in &self.tiles {
            let (m, n) = (width(*i, self.parameters), width(*j, self.parameters));
            normal
                .as_mut()
                .submatrix_mut(i * TILE, j * TILE, m, n)
                .copy_from(MatRef::from_column_major_slice(data, m, n));
        }
    }
}

fn width(tile: usize, parameters: usize) -> usize {
    TILE.min(parameters - tile * TILE)
}
