//! The Gauss-Newton model of an objective that depends on the jets of a field at nodes.

use crate::error::Result;
use crate::field::{AtNodes, Blocks, CHUNK, Jets};
use crate::minimize::{ACCELERATION_PART, Model};
use crate::parallel::Pool;
use std::ops::Range;

/// The rows of node q are `L_q^T J_q`, with `L_q L_q^T` the curvature in the jet.
pub struct NodalModel<'b, 'a> {
    /// The field, linearised.
    pub field: &'b AtNodes<'a>,
    /// `L_q^T`.
    pub blocks: &'b Blocks,
}

impl Model for NodalModel<'_, '_> {
    fn pool(&self) -> &Pool {
        self.field.pool()
    }

    fn parameters(&self) -> usize {
        self.field.field().parameters()
    }

    fn nodes(&self) -> usize {
        self.field.len()
    }

    fn rows_per_node(&self) -> usize {
        self.blocks.rows()
    }

    fn chunk(&self) -> usize {
        CHUNK
    }

    fn rows(&self, nodes: Range<usize>, out: &mut [f64], stride: usize) {
        self.field.rows(nodes, self.blocks, 0, out, stride);
    }

    fn rows_from(&self, first: usize, nodes: Range<usize>, out: &mut [f64], stride: usize) {
        self.field.rows(nodes, self.blocks, first, out, stride);
    }

    fn product(&mut self, v: &[f64], out: &mut [f64]) -> Result<()> {
        self.field.product(v, self.blocks, out)
    }

    fn product_work(&self) -> f64 {
        self.field.product_work(self.blocks.shape().channels)
    }

    fn geodesic_acceleration(
        &mut self,
        parameters: &[f64],
        step: &[f64],
        out: &mut [f64],
    ) -> Result<()> {
        let mut second = Jets::default();
        let channels = self.blocks.shape().channels;
        self.field
            .second_along(parameters, step, ACCELERATION_PART, channels, &mut second)?;
        self.blocks.apply(0, &mut second.as_mut());
        self.field.pullback(&second, out)
    }
}
