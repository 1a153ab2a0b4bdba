//! Objectives that are sums over nodes, `sum_q w_q phi_q(u(x_q), grad u(x_q))`: what the steps of
//! L2 flows in weak form and fits have in common.

use super::densities::{Densities, Order};
use super::factor::{self, Factors, Second};
use super::fused::{Fused, Problem};
use super::jet_model::JetModel;
use super::jets::Jets;
use super::linear::Model;
use super::nodal::Nodal;
use super::{Objective, Precision, finite};
use crate::energy::{Batch, Derivatives};
use crate::error::Result;
use crate::network::Network;
use crate::parallel::Pool;
use crate::quadrature::NodesView;
use std::ops::Range;

/// The function phi at each node.
pub trait Integrand: Sync {
    /// Fills what is wanted for a range of nodes, whose positions, values and gradients are in
    /// `batch`. Second derivatives need not be positive: the assembly takes their positive part.
    ///
    /// # Errors
    /// Those of the energies in it.
    fn evaluate(
        &self,
        nodes: Range<usize>,
        batch: &Batch<'_>,
        wanted: &mut Derivatives<'_>,
    ) -> Result<()>;

    /// Whether only the thread that called the solver may evaluate it.
    fn caller_thread_only(&self) -> bool;

    /// The part of phi that tolerances are relative to, at one node.
    fn scale(&self, node: usize, u: f64) -> f64;
}

impl<T: Integrand + ?Sized> Integrand for &T {
    fn evaluate(
        &self,
        nodes: Range<usize>,
        batch: &Batch<'_>,
        wanted: &mut Derivatives<'_>,
    ) -> Result<()> {
        (**self).evaluate(nodes, batch, wanted)
    }

    fn caller_thread_only(&self) -> bool {
        (**self).caller_thread_only()
    }

    fn scale(&self, node: usize, u: f64) -> f64 {
        (**self).scale(node, u)
    }
}

/// An integrand on nodes.
pub struct Pointwise<'a> {
    nodes: NodesView<'a>,
    integrand: Box<dyn Integrand + 'a>,
    nodal: Nodal<'a>,
    jets: Jets,
    densities: Densities,
    factors: Factors,
    double: Fused<f64>,
    /// In use if gradients are wanted in single precision.
    single: Option<Fused<f32>>,
    scale: f64,
}

impl<'a> Pointwise<'a> {
    /// The objective of `integrand` on `nodes`.
    #[must_use]
    pub fn new(
        network: &'a Network,
        pool: &'a Pool,
        nodes: NodesView<'a>,
        integrand: Box<dyn Integrand + 'a>,
    ) -> Self {
        Self {
            nodes,
            integrand,
            nodal: Nodal::new(network, pool, nodes.x),
            jets: Jets::default(),
            densities: Densities::default(),
            factors: Factors::default(),
            double: Fused::default(),
            single: None,
            scale: 0.0,
        }
    }

    /// The same objective with the network in another precision where a value and its gradient are
    /// all that is wanted: [`Objective::gradient`].
    #[must_use]
    pub fn in_precision(mut self, precision: Precision) -> Self {
        self.single = match precision {
            Precision::Double => None,
            Precision::Single => Some(Fused::default()),
        };
        self
    }

    /// Evaluates the network and phi at all nodes and sums the value.
    fn evaluate(&mut self, parameters: &[f64], order: Order) -> Result<f64> {
        if order == Order::Value {
            self.nodal.jets(parameters, &[], &mut self.jets)?;
        } else {
            self.nodal.record(parameters, &[], &mut self.jets)?;
        }
        let (pool, x) = (self.nodal.pool, self.nodes.x);
        self.densities
            .evaluate(pool, &*self.integrand, x, &self.jets, order)?;
        let (mut value, mut scale) = (0.0, 0.0);
        let nodes = self.nodes.w.iter().zip(&self.densities.f);
        for (node, ((w, f), u)) in nodes.zip(&self.jets.u).enumerate() {
            value += w * f;
            scale += w * self.integrand.scale(node, *u);
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
        let problem = Problem {
            network: self.nodal.network,
            pool: self.nodal.pool,
            nodes: self.nodes,
            integrand: &*self.integrand,
        };
        let (value, scale) = match &mut self.single {
            None => self.double.gradient(&problem, parameters, gradient)?,
            Some(single) => single.gradient(&problem, parameters, gradient)?,
        };
        self.scale = scale;
        finite(value)
    }

    fn linearize(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        let value = self.evaluate(parameters, Order::Second)?;
        let seeds = weighted(self.nodes.w, &self.densities.f_u, &self.densities.f_p);
        self.nodal.gradient(&seeds, gradient)?;
        let d = self.nodal.network.dimension();
        self.factors = factor::factor(&Second::of(self.nodes.w, &self.densities), d)?;
        Ok(value)
    }

    fn linear(&mut self) -> Box<dyn Model + '_> {
        Box::new(JetModel {
            nodal: &mut self.nodal,
            factors: &self.factors,
        })
    }

    fn scale(&self) -> f64 {
        self.scale
    }
}

/// `w (f_u, f_p)` at each node.
pub(super) fn weighted(w: &[f64], f_u: &[f64], f_p: &[f64]) -> Jets {
    let d = f_p.len() / w.len().max(1);
    let gradients = f_p.chunks_exact(d.max(1)).zip(w);
    Jets {
        u: w.iter().zip(f_u).map(|(w, f)| w * f).collect(),
        p: gradients
            .flat_map(|(f_p, w)| f_p.iter().map(move |f| w * f))
            .collect(),
        curved: Vec::new(),
    }
}
