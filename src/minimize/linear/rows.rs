//! All rows of R at once.

use crate::error::Result;
use crate::linear_algebra::product;
use crate::minimize::normal::Shape;
use crate::parallel::Pool;
use faer::{Accum, ColMut, ColRef, Mat, MatRef};

/// R in panels of rows, each `[parameters][stride]`; the last is filled up with rows of zeros.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    pub(in crate::minimize) stride: usize,
    pub(in crate::minimize) parameters: usize,
    pub(in crate::minimize) data: Vec<f64>,
}

impl Rows {
    /// Empty panels of this shape, enough for `panels` of them.
    ///
    /// # Errors
    /// [`Memory`](crate::ErrorKind::Memory).
    pub(in crate::minimize) fn reset(&mut self, shape: &Shape, panels: usize) -> Result<()> {
        self.stride = shape.stride;
        self.parameters = shape.panel() / shape.stride;
        crate::minimize::normal::room(&mut self.data, panels * shape.panel())
    }

    fn panels(&self) -> impl Iterator<Item = MatRef<'_, f64>> {
        let size = (self.stride * self.parameters).max(1);
        let panels = self.data.chunks_exact(size);
        panels.map(|panel| MatRef::from_column_major_slice(panel, self.stride, self.parameters))
    }

    /// The lower triangle of `R R^T`.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn gram(&self, pool: &Pool, gram: &mut Mat<f64>) -> Result<()> {
        let panels: Vec<_> = self.panels().collect();
        let n = panels.len() * self.stride;
        if gram.nrows() != n {
            *gram = Mat::zeros(n, n);
        }
        let mut tasks = Vec::new();
        let mut rest = gram.as_mut();
        for (j, right) in panels.iter().enumerate() {
            let (columns, tail) = rest.split_at_col_mut(self.stride);
            rest = tail;
            let mut below = columns.split_at_row_mut(j * self.stride).1;
            for left in &panels[j..] {
                let (block, tail) = below.split_at_row_mut(self.stride);
                below = tail;
                tasks.push((block, *left, *right));
            }
        }
        pool.try_for_each(tasks, |(block, left, right)| {
            product(block, Accum::Replace, left, right.transpose(), 1.0);
            Ok(())
        })
    }

    /// `R v`.
    pub fn times(&self, v: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.panels().count() * self.stride];
        let v = ColRef::from_slice(v).as_mat();
        for (panel, out) in self.panels().zip(out.chunks_exact_mut(self.stride)) {
            let out = ColMut::from_slice_mut(out).as_mat_mut();
            product(out, Accum::Replace, panel, v, 1.0);
        }
        out
    }

    /// `R^T y`.
    pub fn transposed_times(&self, y: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.parameters];
        for (panel, y) in self.panels().zip(y.chunks_exact(self.stride)) {
            let y = ColRef::from_slice(y).as_mat();
            let out = ColMut::from_slice_mut(&mut out).as_mat_mut();
            product(out, Accum::Add, panel.transpose(), y, 1.0);
        }
        out
    }
}
