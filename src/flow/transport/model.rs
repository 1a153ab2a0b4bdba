//! The Gauss-Newton model of a stage.

use super::blocks::Blocks;
use super::labelled::Labelled;
use crate::error::Result;
use crate::minimize::{FRACTION, Model};
use crate::network::CHUNK;
use crate::parallel::Pool;
use std::ops::Range;

/// Rows that the blocks of curvature make of the derivatives of the jets.
pub(super) struct StepModel<'b, 'a> {
    pub labelled: &'b Labelled<'a>,
    pub blocks: &'b Blocks,
}

impl Model for StepModel<'_, '_> {
    fn pool(&self) -> &Pool {
        self.labelled.pool
    }

    fn parameters(&self) -> usize {
        self.labelled.network.parameters()
    }

    fn nodes(&self) -> usize {
        self.labelled.len()
    }

    fn rows_per_node(&self) -> usize {
        self.blocks.rows
    }

    fn rows(&self, nodes: Range<usize>, out: &mut [f64], stride: usize) {
        self.labelled.rows(nodes, self.blocks, out, stride);
    }

    fn product(&mut self, v: &[f64], out: &mut [f64]) -> Result<()> {
        let mut jets = Vec::new();
        self.labelled.along(v, self.blocks.size, &mut jets)?;
        self.blocks.apply(&mut jets);
        self.labelled.gradient(&jets, out)
    }

    fn product_work(&self) -> f64 {
        // Three products with each weight matrix and channel, and small matrices are slow.
        let channels = self.blocks.size as f64 / self.labelled.network.dimension() as f64;
        let nodes = self.nodes().next_multiple_of(CHUNK) as f64;
        12.0 * nodes * self.parameters() as f64 * channels
    }

    fn bend(&mut self, parameters: &[f64], step: &[f64], out: &mut [f64]) -> Result<()> {
        let mut second = Vec::new();
        let size = self.blocks.size;
        self.labelled
            .second_along(parameters, step, FRACTION, size, &mut second)?;
        self.blocks.apply(&mut second);
        self.labelled.gradient(&second, out)
    }
}
