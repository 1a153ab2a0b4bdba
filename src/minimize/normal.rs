//! The Gauss-Newton matrix `G = sum_q w_q J_q^T H_q J_q`, assembled as `R^T R` from rows
//! `sqrt(w) L^T J`, `H = L L^T`.

use crate::error::{Error, Result};
use crate::parallel::Pool;
use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure as Structure};
use faer::{Accum, Mat, MatMut, MatRef, Par, Side};
use std::ops::Range;

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
    /// The rows of some nodes, `[n][rows][1 + d]`: coefficients of u and of the derivatives of u.
    pub fn of(&self, nodes: Range<usize>) -> &[f64] {
        let size = self.rows * self.channels;
        &self.data[nodes.start * size..nodes.end * size]
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
const BLOCK_BYTES: usize = 24 << 20;

/// Rows of R in a panel, about: long enough for matrix products to run at their best.
const PANEL_ROWS: usize = 384;

/// How the rows of R are cut: panels of some chunks of nodes, and blocks of some panels.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    parameters: usize,
    /// Rows of a panel: those of its chunks, side by side.
    pub stride: usize,
    /// Nodes of a panel, a multiple of those of a chunk.
    pub nodes: usize,
    /// Panels of a block.
    pub panels: usize,
}

impl Shape {
    /// For networks with so many parameters and nodes with so many rows in chunks of `chunk`.
    pub fn new(parameters: usize, rows: usize, chunk: usize) -> Self {
        let nodes = (PANEL_ROWS / (chunk * rows)).max(1) * chunk;
        let stride = nodes * rows;
        let panels = (BLOCK_BYTES / (8 * parameters * stride)).max(1);
        Self {
            parameters,
            stride,
            nodes,
            panels,
        }
    }

    /// Entries of a panel, `[parameters][stride]`.
    pub const fn panel(&self) -> usize {
        self.parameters * self.stride
    }
}

/// Room for panels that hold so many entries, all zero.
pub(super) fn room(block: &mut Vec<f64>, size: usize) -> Result<()> {
    let refused = |e| Error::memory(format!("{size} entries of a Jacobian: {e}"));
    block.clear();
    block.try_reserve_exact(size).map_err(refused)?;
    block.resize(size, 0.0);
    Ok(())
}

/// Columns of a tile of G, at most.
const TILE: usize = 200;

/// The lower triangle of G in square tiles, each of which one task updates: the sum over rows is
/// taken in the same order whatever the number of threads.
pub(super) struct Tiles {
    parameters: usize,
    width: usize,
    tiles: Vec<(usize, usize, Vec<f64>)>,
}

impl Tiles {
    pub fn new(parameters: usize) -> Result<Self> {
        // Tiles of even width, so that none is a sliver.
        let count = parameters.div_ceil(TILE).max(1);
        let width = parameters.div_ceil(count).next_multiple_of(8);
        let count = parameters.div_ceil(width);
        let mut all = Self {
            parameters,
            width,
            tiles: Vec::new(),
        };
        for i in 0..count {
            for j in 0..=i {
                let mut data = Vec::new();
                room(&mut data, all.width_of(i) * all.width_of(j))?;
                all.tiles.push((i, j, data));
            }
        }
        Ok(all)
    }

    /// `G += R^T R` for the rows in these panels.
    pub fn add(&mut self, pool: &Pool, shape: &Shape, block: &[f64]) -> Result<()> {
        let (parameters, width) = (self.parameters, self.width);
        pool.try_for_each(&mut self.tiles, |(i, j, data)| {
            let m = width.min(parameters - *i * width);
            let n = width.min(parameters - *j * width);
            for panel in block.chunks_exact(shape.panel()) {
                let r = MatRef::from_column_major_slice(panel, shape.stride, parameters);
                let left = r.subcols(*i * width, m).transpose();
                let right = r.subcols(*j * width, n);
                let out = MatMut::from_column_major_slice_mut(data, m, n);
                if i == j {
                    let (lower, all) = (Structure::TriangularLower, Structure::Rectangular);
                    let (add, seq) = (Accum::Add, Par::Seq);
                    triangular::matmul(out, lower, add, left, all, right, all, 1.0, seq);
                } else {
                    matmul(out, Accum::Add, left, right, 1.0, Par::Seq);
                }
            }
            Ok(())
        })
    }

    /// Writes the lower triangle.
    pub fn copy_to(&self, normal: &mut Mat<f64>) {
        for (i, j, data) in &self.tiles {
            let (m, n) = (self.width_of(*i), self.width_of(*j));
            normal
                .as_mut()
                .submatrix_mut(i * self.width, j * self.width, m, n)
                .copy_from(MatRef::from_column_major_slice(data, m, n));
        }
    }

    fn width_of(&self, tile: usize) -> usize {
        self.width.min(self.parameters - tile * self.width)
    }
}
