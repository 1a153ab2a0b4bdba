//! The Gauss-Newton model that linear solvers see: products with G and the rows of R.

use super::Rows;
use crate::communicator::fold;
use crate::error::{Error, Result};
use crate::minimize::normal::{Shape, Tiles, room};
use crate::parallel::Pool;
use faer::Mat;
use std::ops::Range;

/// The part of a step over which second differences for its geodesic acceleration are taken: long
/// enough for them to stand above rounding.
pub const ACCELERATION_PART: f64 = 0.1;

/// The Gauss-Newton model `G = R^T R` of an objective at its last linearisation. Each node
/// contributes the same number of rows.
pub trait Model: Sync {
    /// The threads of the solver.
    fn pool(&self) -> &Pool;

    /// Number of parameters.
    fn parameters(&self) -> usize;

    /// How many nodes there are.
    fn nodes(&self) -> usize;

    /// Rows of a node.
    fn rows_per_node(&self) -> usize;

    /// Nodes of a chunk, whose rows lie together.
    fn chunk(&self) -> usize;

    /// Writes the rows of a range of nodes that begins with a [chunk](Self::chunk),
    /// `[parameters][stride]`: node q of a chunk of n has its row r in the chunk's column
    /// `r n + q`.
    fn rows(&self, nodes: Range<usize>, out: &mut [f64], stride: usize);

    /// Writes [`rows`](Self::rows) of the parameters from the `first`, which begins a layer of them.
    fn rows_from(&self, first: usize, nodes: Range<usize>, out: &mut [f64], stride: usize) {
        let mut all = vec![0.0; self.parameters() * stride];
        self.rows(nodes, &mut all, stride);
        out.copy_from_slice(&all[first * stride..]);
    }

    /// Whether directions in which the objective hardly curves may turn with the parameters: of an
    /// objective of linear combinations they do not.
    fn turns(&self) -> bool {
        true
    }

    /// The models of the lanes of nodes whose sum this is, each with rows of its own; none if it
    /// has no lanes.
    fn lanes(&self) -> &[Box<dyn Model + '_>] {
        &[]
    }

    /// Rows r of which `r r^T` is added to G, on all ranks the same: of functions of integrals over all nodes.
    fn outer(&self) -> &[Vec<f64>] {
        &[]
    }

    /// Overwrites `out` with `G v`.
    ///
    /// # Errors
    /// Errors of the other ranks.
    fn product(&mut self, v: &[f64], out: &mut [f64]) -> Result<()>;

    /// Floating-point work of a product, in products of one large matrix.
    fn product_work(&self) -> f64;

    /// Overwrites `out` with `sum_q J_q^T H_q j_q''`, the right side of the equation of the
    /// geodesic acceleration (Transtrum and Sethna, arXiv:1201.5885): `j''` is the second
    /// derivative of what the objective depends on at the nodes along `step` from `parameters`,
    /// where it was linearised.
    ///
    /// # Errors
    /// Errors of the evaluation.
    fn geodesic_acceleration(
        &mut self,
        parameters: &[f64],
        step: &[f64],
        out: &mut [f64],
    ) -> Result<()>;
}

impl dyn Model + '_ {
    /// Overwrites the lower triangle of `normal` with G.
    ///
    /// # Errors
    /// [`Memory`](crate::ErrorKind::Memory).
    pub(super) fn normal(&self, normal: &mut Mat<f64>) -> Result<()> {
        self.normal_of_nodes(normal)?;
        for row in self.outer() {
            for (j, r) in row.iter().enumerate() {
                let column = normal.col_as_slice_mut(j).iter_mut().zip(row).skip(j);
                column.for_each(|(g, s)| *g += r * s);
            }
        }
        Ok(())
    }

    fn normal_of_nodes(&self, normal: &mut Mat<f64>) -> Result<()> {
        let lanes = self.lanes();
        if lanes.is_empty() {
            return self.own_normal(normal);
        }
        let columns = 0..normal.ncols();
        let mut triangle = Vec::new();
        room(&mut triangle, columns.len() * (columns.len() + 1) / 2)?;
        let own = fold(0..lanes.len(), &mut triangle, &mut |lane, out| {
            if let Some(lane) = lanes.get(lane) {
                lane.own_normal(normal)?;
            }
            let column = |j: usize| normal.col_as_slice(j).iter().skip(j);
            let entries = columns.clone().flat_map(column);
            out.iter_mut().zip(entries).for_each(|(o, g)| *o = *g);
            Ok(())
        });
        self.pool().ranks().sum(own, &mut triangle)?;
        let mut sums = triangle.iter();
        for j in columns {
            let column = normal.col_as_slice_mut(j).iter_mut().skip(j);
            column.zip(&mut sums).for_each(|(g, sum)| *g = *sum);
        }
        Ok(())
    }

    /// The lower triangle of G for a model without lanes.
    fn own_normal(&self, normal: &mut Mat<f64>) -> Result<()> {
        let n = self.nodes();
        let shape = Shape::new(self.parameters(), self.rows_per_node(), self.chunk());
        let mut tiles = Tiles::new(self.parameters())?;
        let mut block = Vec::new();
        let panels = n.div_ceil(shape.nodes);
        let together = shape.panels * self.pool().threads();
        for start in (0..panels).step_by(together) {
            let end = (start + together).min(panels);
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

    /// All rows at once, those of all ranks.
    ///
    /// # Errors
    /// [`Memory`](crate::ErrorKind::Memory) if they are more than `most` numbers.
    pub(super) fn all_rows(&self, rows: &mut Rows, most: f64) -> Result<()> {
        if !self.outer().is_empty() {
            return Err(Error::option(
                "option `linear_solver` is sample, or is chosen so for as many parameters; with functions of \
                 integrals accepted are dense and krylov",
            ));
        }
        let ranks = self.pool().ranks();
        let mut total = [self.row_count()];
        ranks.sum(Ok(()), &mut total)?;
        let ([total], parameters) = (total, self.parameters());
        if total * parameters as f64 > most {
            return Err(Error::memory(format!(
                "the option `linear_solver` = sample needs {total} rows of {parameters} parameters; \
                 accepted are up to {most:e} entries: take fewer `nodes` or another solver"
            )));
        }
        // Energies that curve in one direction at some nodes alone give ranks unlike numbers of
        // rows.
        let mut per_node = [self.rows_per_node() as f64];
        ranks.max(Ok(()), &mut per_node)?;
        let shape = Shape::new(parameters, per_node[0] as usize, self.chunk());
        if self.lanes().is_empty() {
            return self.own_rows(&shape, rows);
        }
        let mut own = Vec::new();
        let done = self.lanes().iter().try_for_each(|lane| {
            lane.own_rows(&shape, rows)?;
            own.append(&mut rows.data);
            Ok(())
        });
        ranks.settle(done)?;
        rows.data = ranks.gather(&own)?;
        Ok(())
    }

    fn own_rows(&self, shape: &Shape, rows: &mut Rows) -> Result<()> {
        rows.reset(shape, self.nodes().div_ceil(shape.nodes))?;
        let tasks = rows.data.chunks_exact_mut(shape.panel()).enumerate();
        self.pool().try_for_each(tasks, |(panel, out)| {
            self.panel(shape, panel, out);
            Ok(())
        })
    }

    /// How many rows this rank has.
    fn row_count(&self) -> f64 {
        let of = |model: &dyn Model| (model.nodes() * model.rows_per_node()) as f64;
        match self.lanes() {
            [] => of(self),
            lanes => lanes.iter().map(|lane| of(&**lane)).sum(),
        }
    }

    /// Floating-point work of G relative to that of one product with it.
    ///
    /// # Errors
    /// Errors of the other ranks.
    pub(super) fn products_per_matrix(&self) -> Result<f64> {
        let p = self.parameters() as f64;
        let rows = self.row_count();
        let mut work = [rows, self.product_work()];
        self.pool().ranks().sum(Ok(()), &mut work)?;
        let [rows, product] = work;
        Ok((rows * p * p + p * p * p / 3.0) / product)
    }

    fn panel(&self, shape: &Shape, panel: usize, out: &mut [f64]) {
        let nodes = panel * shape.nodes..((panel + 1) * shape.nodes).min(self.nodes());
        self.rows(nodes, out, shape.stride);
    }
}
