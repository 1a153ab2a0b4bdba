//! Objectives with functions of integrals beside a sum over nodes, `J(p) + sum_k phi_k(I_k(p))`.

use crate::error::Result;
use crate::linear_algebra::dot;
use crate::minimize::{Model, Objective};
use crate::parallel::Pool;
use std::ops::Range;

/// `phi(I)`, its first and its second derivative.
pub type Outer<'a> = dyn Fn(f64) -> Result<[f64; 3]> + 'a;

/// A function of an integral, which is an objective of the same parameters.
pub struct OfIntegral<'a> {
    /// I.
    pub integral: Box<dyn Objective + 'a>,
    /// phi.
    pub phi: Box<Outer<'a>>,
}

/// An objective and functions of integrals. Its model adds `phi'' grad I grad I^T` of each where phi is convex; what
/// I itself curves is left out.
pub struct WithIntegrals<'a> {
    objective: Box<dyn Objective + 'a>,
    terms: Vec<OfIntegral<'a>>,
    /// `sqrt(phi'') grad I` of each at the last linearisation.
    outer: Vec<Vec<f64>>,
}

impl<'a> WithIntegrals<'a> {
    /// The sum of an objective and functions of integrals.
    #[must_use]
    pub const fn new(objective: Box<dyn Objective + 'a>, terms: Vec<OfIntegral<'a>>) -> Self {
        Self {
            objective,
            terms,
            outer: Vec::new(),
        }
    }

    /// Adds the gradients of the functions, and returns their sum; the roots of what curves are kept.
    fn add(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        let mut sum = 0.0;
        self.outer.clear();
        for OfIntegral { integral, phi } in &mut self.terms {
            let mut slope = vec![0.0; gradient.len()];
            let [value, first, second] = phi(integral.gradient(parameters, &mut slope)?)?;
            sum += value;
            let entries = gradient.iter_mut().zip(&slope);
            entries.for_each(|(g, s)| *g += first * s);
            let root = second.max(0.0).sqrt();
            slope.iter_mut().for_each(|s| *s *= root);
            self.outer.push(slope);
        }
        Ok(sum)
    }
}

impl Objective for WithIntegrals<'_> {
    fn value(&mut self, parameters: &[f64]) -> Result<f64> {
        let mut value = self.objective.value(parameters)?;
        for OfIntegral { integral, phi } in &mut self.terms {
            let [of_integral, ..] = phi(integral.value(parameters)?)?;
            value += of_integral;
        }
        Ok(value)
    }

    fn gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        let value = self.objective.gradient(parameters, gradient)?;
        Ok(value + self.add(parameters, gradient)?)
    }

    fn linearize(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        let value = self.objective.linearize(parameters, gradient)?;
        Ok(value + self.add(parameters, gradient)?)
    }

    fn linear(&mut self) -> Box<dyn Model + '_> {
        Box::new(WithOuter {
            model: self.objective.linear(),
            outer: &self.outer,
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

/// A model and squares of single functions of the parameters.
struct WithOuter<'a> {
    model: Box<dyn Model + 'a>,
    outer: &'a [Vec<f64>],
}

impl Model for WithOuter<'_> {
    fn pool(&self) -> &Pool {
        self.model.pool()
    }

    fn parameters(&self) -> usize {
        self.model.parameters()
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
        self.model.rows(nodes, out, stride);
    }

    fn rows_from(&self, first: usize, nodes: Range<usize>, out: &mut [f64], stride: usize) {
        self.model.rows_from(first, nodes, out, stride);
    }

    fn turns(&self) -> bool {
        self.model.turns()
    }

    fn lanes(&self) -> &[Box<dyn Model + '_>] {
        self.model.lanes()
    }

    fn outer(&self) -> &[Vec<f64>] {
        self.outer
    }

    fn product(&mut self, v: &[f64], out: &mut [f64]) -> Result<()> {
        self.model.product(v, out)?;
        for row in self.outer {
            let along = dot(row, v);
            out.iter_mut().zip(row).for_each(|(o, r)| *o += along * r);
        }
        Ok(())
    }

    fn product_work(&self) -> f64 {
        self.model.product_work()
    }

    fn geodesic_acceleration(
        &mut self,
        parameters: &[f64],
        step: &[f64],
        out: &mut [f64],
    ) -> Result<()> {
        self.model.geodesic_acceleration(parameters, step, out)
    }
}
