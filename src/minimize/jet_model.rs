//! The Gauss-Newton model of an objective that depends on the jets of a scalar network at nodes.

use super::factor::Factors;
use super::jets::Jets;
use super::linear::{FRACTION, Model};
use super::nodal::Nodal;
use crate::error::Result;
use crate::parallel::Pool;
use std::ops::Range;

/// The rows of node q are `L_q^T J_q`, with `L_q L_q^T` the curvature in the jet.
pub(super) struct JetModel<'b, 'a> {
    pub nodal: &'b mut Nodal<'a>,
    pub factors: &'b Factors,
}

impl Model for JetModel<'_, '_> {
    fn pool(&self) -> &Pool {
        self.nodal.pool
    }

    fn parameters(&self) -> usize {
        self.nodal.parameters()
    }

    fn nodes(&self) -> usize {
        self.nodal.len()
    }

    fn rows_per_node(&self) -> usize {
        self.factors.rows
    }

    fn rows(&self, nodes: Range<usize>, out: &mut [f64], stride: usize) {
        self.nodal.rows(nodes, self.factors, out, stride);
    }

    fn product(&mut self, v: &[f64], out: &mut [f64]) -> Result<()> {
        let mut jets = Jets::default();
        self.nodal.along(v, &mut jets)?;
        self.factors.apply(&mut jets);
        self.nodal.gradient(&jets, out)
    }

    fn product_work(&self) -> f64 {
        // A product takes four products with each weight matrix and is no match for the speed of
        // a large one.
        let d = self.nodal.network.dimension() as f64;
        20.0 * self.nodes() as f64 * self.parameters() as f64 * (1.0 + 0.1 * d)
    }

    fn bend(&mut self, parameters: &[f64], step: &[f64], out: &mut [f64]) -> Result<()> {
        let mut second = Jets::default();
        let mut jets = Jets::default();
        for (shift, weight) in [(-FRACTION, 1.0), (0.0, -2.0), (FRACTION, 1.0)] {
            let line = parameters.iter().zip(step);
            let shifted: Vec<f64> = line.map(|(p, s)| p + shift * s).collect();
            self.nodal.jets_there(&shifted, &mut jets)?;
            second.resize_as(&jets);
            second.add(weight / (FRACTION * FRACTION), &jets);
        }
        self.factors.apply(&mut second);
        self.nodal.gradient(&second, out)
    }
}
