//! No model: that of objectives which only first-order methods minimise.

use super::Model;
use crate::error::Result;
use crate::parallel::Pool;
use std::ops::Range;

/// The model of nothing.
pub struct NoModel<'a> {
    pool: &'a Pool,
}

impl<'a> NoModel<'a> {
    /// Creates the model of an objective whose linearisation is refused.
    #[must_use]
    pub const fn new(pool: &'a Pool) -> Self {
        Self { pool }
    }
}

impl Model for NoModel<'_> {
    fn pool(&self) -> &Pool {
        self.pool
    }

    fn parameters(&self) -> usize {
        0
    }

    fn nodes(&self) -> usize {
        0
    }

    fn rows_per_node(&self) -> usize {
        0
    }

    fn chunk(&self) -> usize {
        1
    }

    fn rows(&self, _nodes: Range<usize>, _out: &mut [f64], _stride: usize) {}

    fn product(&mut self, _v: &[f64], out: &mut [f64]) -> Result<()> {
        out.fill(0.0);
        Ok(())
    }

    fn product_work(&self) -> f64 {
        0.0
    }

    fn geodesic_acceleration(
        &mut self,
        _parameters: &[f64],
        _step: &[f64],
        out: &mut [f64],
    ) -> Result<()> {
        out.fill(0.0);
        Ok(())
    }
}
