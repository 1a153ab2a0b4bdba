//! An objective whose nodes are split over ranks: sums over nodes are summed over ranks.

use super::linear::Model;
use super::{Objective, finite};
use crate::communicator::Ranks;
use crate::error::Result;
use crate::parallel::Pool;
use std::ops::Range;

/// The sum of the objectives of all ranks, each on its own nodes.
pub struct Shared<'a> {
    own: &'a mut dyn Objective,
    ranks: &'a Ranks,
    scale: f64,
}

impl<'a> Shared<'a> {
    /// The sum of these objectives.
    #[must_use]
    pub fn new(own: &'a mut dyn Objective, ranks: &'a Ranks) -> Self {
        Self {
            own,
            ranks,
            scale: 0.0,
        }
    }

    /// Sums value, scale and gradient.
    fn sum(&mut self, value: Result<f64>, gradient: &mut [f64]) -> Result<f64> {
        let mut all = Vec::with_capacity(2 + gradient.len());
        all.push(value.as_ref().map_or(0.0, |v| *v));
        all.push(self.own.scale());
        all.extend_from_slice(gradient);
        self.ranks.sum(value, &mut all)?;
        let (scalars, sum) = all.split_at(2);
        gradient.copy_from_slice(sum);
        self.scale = scalars.last().copied().unwrap_or(0.0);
        finite(scalars.first().copied().unwrap_or(f64::NAN))
    }
}

impl Objective for Shared<'_> {
    fn value(&mut self, parameters: &[f64]) -> Result<f64> {
        let value = self.own.value(parameters);
        self.sum(value, &mut [])
    }

    fn gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        let value = self.own.gradient(parameters, gradient);
        self.sum(value, gradient)
    }

    fn linearize(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        let value = self.own.linearize(parameters, gradient);
        self.sum(value, gradient)
    }

    fn linear(&mut self) -> Box<dyn Model + '_> {
        Box::new(SharedModel {
            own: self.own.linear(),
            ranks: self.ranks,
        })
    }

    fn scale(&self) -> f64 {
        self.scale
    }

    fn refresh(&mut self, iteration: u64) -> Result<()> {
        self.own.refresh(iteration)
    }

    fn fade(&self) -> Option<f64> {
        self.own.fade()
    }

    fn adopt(&mut self, parameters: &mut [f64]) -> Result<()> {
        self.own.adopt(parameters)
    }
}

/// The sum of the models of all ranks; its nodes and rows are this rank's own.
struct SharedModel<'a> {
    own: Box<dyn Model + 'a>,
    ranks: &'a Ranks,
}

impl Model for SharedModel<'_> {
    fn pool(&self) -> &Pool {
        self.own.pool()
    }

    fn parameters(&self) -> usize {
        self.own.parameters()
    }

    fn nodes(&self) -> usize {
        self.own.nodes()
    }

    fn rows_per_node(&self) -> usize {
        self.own.rows_per_node()
    }

    fn rows(&self, nodes: Range<usize>, out: &mut [f64], stride: usize) {
        self.own.rows(nodes, out, stride);
    }

    fn product(&mut self, v: &[f64], out: &mut [f64]) -> Result<()> {
        let done = self.own.product(v, out);
        self.ranks.sum(done, out)
    }

    fn product_work(&self) -> f64 {
        self.own.product_work()
    }

    fn bend(&mut self, parameters: &[f64], step: &[f64], out: &mut [f64]) -> Result<()> {
        let done = self.own.bend(parameters, step, out);
        self.ranks.sum(done, out)
    }
}
