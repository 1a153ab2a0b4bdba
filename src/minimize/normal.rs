//! The Gauss-Newton matrix as `R^T R`: panels of rows of R, and tiles of the product.

use crate::error::{Error, Result};
use crate::linear_algebra;
use crate::parallel::Pool;
use faer::{Accum, Mat, MatMut, MatRef};
use std::ops::Range;

/// Rows of R that are in memory at once, about, for each thread: few enough to stay in its share of
/// the caches, which other processes have theirs of.
const BLOCK_BYTES: usize = 4 << 20;

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
    /// Panels of a block, for each thread.
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
    let refused = |e| {
        Error::memory(format!(
            "{size} entries of a Jacobian: {e}; take fewer `nodes` or a smaller `hidden`"
        ))
    };
    block.clear();
    block.try_reserve_exact(size).map_err(refused)?;
    block.resize(size, 0.0);
    Ok(())
}

/// Columns of a tile of G, about: a few times those of the matrix product's own kernel, 48.
const TILE: usize = 240;

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
        let width = parameters.div_ceil(count).next_multiple_of(48);
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

    /// `G += R^T R` for the rows in these panels. Columns of parameters that are 0 in a panel, as those of local
    /// features are in most, add nothing.
    pub fn add(&mut self, pool: &Pool, shape: &Shape, block: &[f64]) -> Result<()> {
        let (parameters, width) = (self.parameters, self.width);
        let columns = (width * shape.stride).max(1);
        let count = parameters.div_ceil(width);
        let mut used = vec![0..0; block.len() / shape.panel() * count];
        let panels = used
            .chunks_mut(count)
            .zip(block.chunks_exact(shape.panel()));
        pool.try_for_each(panels, |(used, panel)| {
            let tiles = used.iter_mut().zip(panel.chunks(columns));
            tiles.for_each(|(used, own)| *used = used_columns(own, shape.stride));
            Ok(())
        })?;
        pool.try_for_each(&mut self.tiles, |(i, j, data)| {
            let m = width.min(parameters - *i * width);
            let n = width.min(parameters - *j * width);
            let panels = block.chunks_exact(shape.panel());
            for (panel, used) in panels.zip(used.chunks(count)) {
                let (rows, columns) = (used[*i].clone(), used[*j].clone());
                if rows.is_empty() || columns.is_empty() {
                    continue;
                }
                let r = MatRef::from_column_major_slice(panel, shape.stride, parameters);
                let left = r.subcols(*i * width + rows.start, rows.len()).transpose();
                let right = r.subcols(*j * width + columns.start, columns.len());
                let out = MatMut::from_column_major_slice_mut(data, m, n);
                let out = out.submatrix_mut(rows.start, columns.start, rows.len(), columns.len());
                if i == j {
                    linear_algebra::add_lower_product(out, left, right);
                } else {
                    linear_algebra::product(out, Accum::Add, left, right, 1.0);
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

/// The columns of part of a panel, `[columns][stride]`, from the first to the last that is not 0.
fn used_columns(part: &[f64], stride: usize) -> Range<usize> {
    let is_used = |column: &[f64]| column.iter().any(|r| *r != 0.0);
    let Some(first) = part.chunks_exact(stride).position(is_used) else {
        return 0..0;
    };
    let last = part.chunks_exact(stride).rposition(is_used);
    first..last.unwrap_or(first) + 1
}
