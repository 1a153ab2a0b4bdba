//! What the solvers of linear systems see of an objective: products with G and the rows of R.

use super::Rows;
use crate::error::Result;
use crate::minimize::normal::{Shape, Tiles, room};
use crate::network::CHUNK;
use crate::parallel::Pool;
use faer::Mat;
use std::ops::Range;

/// The part of a step over which second differences are taken: long enough for them to stand above
/// rounding.
pub const FRACTION: f64 = 0.1;

/// The Gauss-Newton model `G = R^T R` of an objective at its last linearisation. Each node
/// contributes the same number of rows.
pub trait Model: Sync {
    /// The threads of the solver.
    fn pool(&self) -> &Pool;

    /// How many parameters there are.
    fn parameters(&self) -> usize;

    /// How many nodes there are.
    fn nodes(&self) -> usize;

    /// Rows of a node.
    fn rows_per_node(&self) -> usize;

    /// The rows of a range of nodes that begins with a chunk of [`CHUNK`], `[parameters][stride]`:
    /// node q of a chunk of n has its row r in the chunk's column `r n + q`.
    fn rows(&self, nodes: Range<usize>, out: &mut [f64], stride: usize);

    /// Overwrites `out` with `G v`.
    ///
    /// # Errors
    /// None of its own.
    fn product(&mut self, v: &[f64], out: &mut [f64]) -> Result<()>;

    /// Floating-point work of a product, in products of one large matrix.
    fn product_work(&self) -> f64;

    /// Overwrites `out` with `sum_q J_q^T H_q j_q''`, where `j''` is the second derivative of what
    /// the objective depends on at the nodes along `step` from `parameters`, where it was linearised.
    ///
    /// # Errors
    /// None of its own.
    fn bend(&mut self, parameters: &[f64], step: &[f64], out: &mut [f64]) -> Result<()>;
}

impl dyn Model + '_ {
    /// How many rows R has.
    pub(super) fn row_count(&self) -> usize {
        self.nodes() * self.rows_per_node()
    }

    /// Overwrites the lower triangle of `normal` with G.
    ///
    /// # Errors
    /// [`Memory`](crate::ErrorKind::Memory).
    pub(super) fn normal(&self, normal: &mut Mat<f64>) -> Result<()> {
        let n = self.nodes();
        let shape = Shape::new(self.parameters(), self.rows_per_node(), CHUNK);
        let mut tiles = Tiles::new(self.parameters())?;
        let mut block = Vec::new();
        let panels = n.div_ceil(shape.nodes);
        for start in (0..panels).step_by(shape.panels) {
            let end = (start + shape.panels).min(panels);
            room(&mut block, (end - start) * shape.panel())?;
            let tasks = (start..end).zip(block.chunks_exact_mut(shape.panel()));
            self.pool().try_for_each(tasks, |(panel, out)| {
                self.panel(&shape, panel, out);
                Ok(())
            })?;
            tiles.add(self.pool(), &shape, &block)?;
        }
        tiles.copy_to(normal);
        Ok(())
    }

    /// All rows at once.
    ///
    /// # Errors
    /// [`Memory`](crate::ErrorKind::Memory).
    pub(super) fn all_rows(&self, rows: &mut Rows) -> Result<()> {
        let shape = Shape::new(self.parameters(), self.rows_per_node(), CHUNK);
        rows.reset(&shape, self.nodes().div_ceil(shape.nodes))?;
        let tasks = rows.data.chunks_exact_mut(shape.panel()).enumerate();
        self.pool().try_for_each(tasks, |(panel, out)| {
            self.panel(&shape, panel, out);
            Ok(())
        })
    }

    /// Floating-point work of G relative to that of one product with it.
    pub(super) fn products_per_matrix(&self) -> f64 {
        let p = self.parameters() as f64;
        (self.row_count() as f64 * p * p + p * p * p / 3.0) / self.product_work()
    }

    fn panel(&self, shape: &Shape, panel: usize, out: &mut [f64]) {
        let nodes = panel * shape.nodes..((panel + 1) * shape.nodes).min(self.nodes());
        self.rows(nodes, out, shape.stride);
    }
}
