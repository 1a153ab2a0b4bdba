//! Objectives as functions of the output layer alone: the layers before it are frozen, the field is
//! a linear combination of what they make of x, and a convex functional stays convex.

use crate::error::Result;
use crate::minimize::{Model, Objective};
use crate::parallel::Pool;
use std::ops::Range;

/// An objective of all parameters, as one of those of the output layer.
pub struct OfOutputs<'a> {
    objective: Box<dyn Objective + 'a>,
    /// All parameters; those of the output layer are overwritten.
    all: Vec<f64>,
    /// Where those of the output layer begin.
    first: usize,
    /// The gradient in all parameters.
    gradient: Vec<f64>,
}

impl<'a> OfOutputs<'a> {
    /// The objective where the parameters before the `first` of the output layer are those of
    /// `all`.
    #[must_use]
    pub fn new(objective: Box<dyn Objective + 'a>, all: &[f64], first: usize) -> Self {
        Self {
            objective,
            all: all.to_vec(),
            first,
            gradient: vec![0.0; all.len()],
        }
    }

    fn set(&mut self, outputs: &[f64]) {
        self.all[self.first..].copy_from_slice(outputs);
    }
}

impl Objective for OfOutputs<'_> {
    fn value(&mut self, parameters: &[f64]) -> Result<f64> {
        self.set(parameters);
        self.objective.value(&self.all)
    }

    fn gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        self.set(parameters);
        let value = self.objective.gradient(&self.all, &mut self.gradient)?;
        gradient.copy_from_slice(&self.gradient[self.first..]);
        Ok(value)
    }

    fn linearize(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        self.set(parameters);
        let value = self.objective.linearize(&self.all, &mut self.gradient)?;
        gradient.copy_from_slice(&self.gradient[self.first..]);
        Ok(value)
    }

    fn linear(&mut self) -> Box<dyn Model + '_> {
        Box::new(OutputsModel {
            model: self.objective.linear(),
            first: self.first,
        })
    }

    fn scale(&self) -> f64 {
        self.objective.scale()
    }

    fn motion(&self) -> Option<f64> {
        self.objective.motion()
    }

    fn overshot(&mut self) -> bool {
        self.objective.overshot()
    }
}

/// The model in the parameters of the output layer.
struct OutputsModel<'a> {
    model: Box<dyn Model + 'a>,
    first: usize,
}

impl Model for OutputsModel<'_> {
    fn pool(&self) -> &Pool {
        self.model.pool()
    }

    fn parameters(&self) -> usize {
        self.model.parameters() - self.first
    }

    fn nodes(&self) -> usize {
        self.model.nodes()
    }

    fn rows_per_node(&self) -> usize {
        self.model.rows_per_node()
    }

    fn chunk(&self) -> usize {
        self.model.chunk()
    }

    fn rows(&self, nodes: Range<usize>, out: &mut [f64], stride: usize) {
        self.model.rows_from(self.first, nodes, out, stride);
    }

    fn turns(&self) -> bool {
        false
    }

    fn product(&mut self, v: &[f64], out: &mut [f64]) -> Result<()> {
        let all = self.model.parameters();
        let (mut change, mut image) = (vec![0.0; all], vec![0.0; all]);
        change[self.first..].copy_from_slice(v);
        self.model.product(&change, &mut image)?;
        out.copy_from_slice(&image[self.first..]);
        Ok(())
    }

    fn product_work(&self) -> f64 {
        self.model.product_work()
    }

    /// 0: what the objective depends on at the nodes is linear in the parameters.
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
