//! Objectives that are sums over nodes, `sum_q w_q phi_q(u(x_q), grad u(x_q))`: what the steps of
//! L2 flows in weak form and fits have in common.

use super::curvature::curvature;
use super::densities::{Densities, Order};
use super::primal_dual::PrimalDual;
use super::{Integrand, NodalModel};
use crate::energy::{Batch, Derivatives};
use crate::error::Result;
use crate::field::kernels::NodeSum;
use crate::field::{AtNodes, Blocks, Channels, Field, Jets, Precision};
use crate::minimize::{Model, Objective, finite};
use crate::parallel::Pool;
use crate::quadrature::NodesView;
use std::borrow::Cow;
use std::ops::Range;

/// An integrand on nodes.
pub struct Pointwise<'a> {
    nodes: NodesView<'a>,
    integrand: Box<dyn Integrand + 'a>,
    field: AtNodes<'a>,
    jets: Jets,
    densities: Densities,
    blocks: Blocks,
    /// Once a step overshot.
    primal_dual: Option<PrimalDual>,
    scale: f64,
}

impl<'a> Pointwise<'a> {
    /// The objective of `integrand` on `nodes`.
    #[must_use]
    pub fn new(
        field: impl Into<Cow<'a, Field>>,
        pool: &'a Pool,
        nodes: NodesView<'a>,
        integrand: Box<dyn Integrand + 'a>,
    ) -> Self {
        Self {
            nodes,
            integrand,
            field: AtNodes::new(field, pool, nodes.x),
            jets: Jets::default(),
            densities: Densities::default(),
            blocks: Blocks::default(),
            primal_dual: None,
            scale: 0.0,
        }
    }

    /// Sets the precision of the network where a value and its gradient are all that is wanted:
    /// [`Objective::gradient`].
    #[must_use]
    pub fn in_precision(mut self, precision: Precision) -> Self {
        self.field = self.field.in_precision(precision);
        self
    }

    /// What phi depends on.
    fn channels(&self) -> Channels {
        match self.integrand.uses_hessian() {
            true => Channels::Hessian,
            false => Channels::First,
        }
    }

    /// Overwrites the gradient, after the derivatives of phi were evaluated.
    fn pull_back(&self, gradient: &mut [f64]) -> Result<()> {
        let w = self.nodes.w;
        let shape = self.field.shape(self.channels());
        let weighted = |all: &[f64], width: usize| -> Vec<f64> {
            let nodes = all.chunks_exact(width.max(1)).zip(w);
            nodes
                .flat_map(|(f, w)| f.iter().map(move |f| w * f))
                .collect()
        };
        let seeds = Jets {
            value: weighted(&self.densities.f_u, shape.components),
            slope: weighted(&self.densities.f_p, shape.slope()),
            hessian: weighted(&self.densities.f_h, shape.hessian()),
            ..Jets::default()
        };
        self.field.pullback(&seeds, gradient)
    }

    /// Evaluates the network and phi at all nodes and sums the value.
    fn evaluate(&mut self, parameters: &[f64], order: Order) -> Result<f64> {
        let channels = self.channels();
        match (order, channels) {
            (Order::Value, _) => self.field.jets(parameters, channels, &mut self.jets)?,
            (_, Channels::Hessian) => self.field.record_hessian(parameters, &mut self.jets)?,
            _ => self.field.record(parameters, &[], &mut self.jets)?,
        }
        self.densities.evaluate(
            self.field.pool(),
            &*self.integrand,
            self.nodes.x,
            (&self.jets, self.field.shape(channels)),
            order,
        )?;
        let (mut value, mut scale) = (0.0, 0.0);
        let nodes = self.nodes.w.iter().zip(&self.densities.f);
        let values = self
            .jets
            .value
            .chunks_exact(self.field.field().components());
        for (node, ((w, f), u)) in nodes.zip(values).enumerate() {
            value += w * f;
            scale += w * self.integrand.scale(node, u);
        }
        self.scale = scale;
        finite(value)
    }
}

impl Objective for Pointwise<'_> {
    fn value(&mut self, parameters: &[f64]) -> Result<f64> {
        self.evaluate(parameters, Order::Value)
    }

    fn gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        if self.channels() == Channels::Hessian {
            let value = self.evaluate(parameters, Order::First)?;
            self.pull_back(gradient)?;
            return Ok(value);
        }
        let sum = Sum {
            nodes: self.nodes,
            components: self.field.field().components(),
            integrand: &*self.integrand,
        };
        let [value, scale] = self.field.sum_gradient(parameters, &sum, gradient)?;
        self.scale = scale;
        finite(value)
    }

    fn linearize(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        let value = self.evaluate(parameters, Order::Second)?;
        self.pull_back(gradient)?;
        let shape = self.field.shape(self.channels());
        if let Some(it) = &mut self.primal_dual {
            it.stiffen(&self.jets.slope, shape.slope(), &mut self.densities);
        }
        self.blocks = curvature(self.nodes.w, &self.densities, shape)?;
        Ok(value)
    }

    fn linear(&mut self) -> Box<dyn Model + '_> {
        Box::new(NodalModel {
            field: &self.field,
            blocks: &self.blocks,
        })
    }

    fn scale(&self) -> f64 {
        self.scale
    }

    fn overshot(&mut self) -> bool {
        let is_first = self.primal_dual.is_none();
        self.primal_dual.get_or_insert_default();
        is_first
    }
}

/// The value and the scale of an integrand.
struct Sum<'a> {
    nodes: NodesView<'a>,
    components: usize,
    integrand: &'a dyn Integrand,
}

impl NodeSum for Sum<'_> {
    fn add(
        &self,
        nodes: Range<usize>,
        jets: &mut Jets,
        seeds: &mut Jets,
        scratch: &mut Vec<f64>,
        [value, scale]: &mut [f64; 2],
    ) -> Result<()> {
        let d = self.nodes.x.len() / self.nodes.len().max(1);
        let c = self.components;
        let batch = Batch {
            c,
            d,
            t: self.integrand.time(),
            x: &self.nodes.x[nodes.start * d..nodes.end * d],
            u: &jets.value,
            p: &jets.slope,
            h: &[],
        };
        scratch.resize(nodes.len(), 0.0);
        let mut wanted = Derivatives {
            f: Some(scratch),
            f_u: Some(&mut seeds.value),
            f_p: Some(&mut seeds.slope),
            ..Derivatives::default()
        };
        self.integrand
            .evaluate(nodes.clone(), &batch, &mut wanted)?;
        let w = &self.nodes.w[nodes.clone()];
        let values = scratch.iter().zip(jets.value.chunks_exact(c));
        for ((node, w), (f, u)) in nodes.zip(w).zip(values) {
            *value += w * f;
            *scale += w * self.integrand.scale(node, u);
        }
        for (seeds, width) in [(&mut seeds.value, c), (&mut seeds.slope, c * d)] {
            for (seeds, w) in seeds.chunks_exact_mut(width).zip(w) {
                seeds.iter_mut().for_each(|f| *f *= w);
            }
        }
        Ok(())
    }

    fn caller_thread_only(&self) -> bool {
        self.integrand.caller_thread_only()
    }
}
