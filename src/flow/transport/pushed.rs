//! The density that a transport map has made of another: what a flow goes on from after it was
//! relabelled.

use super::Transport;
use super::configuration::Configuration;
use super::strong::{log_jacobian_gradient, pushed_score};
use crate::error::Result;
use crate::field::AtNodes;
use crate::initial::profile::Profile;
use crate::parallel::Pool;
use crate::quadrature::{Nodes, Quadrature};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::sync::Arc;

/// `X_# rho_0`.
pub struct Pushed {
    flow: Transport,
    parameters: Vec<f64>,
    before: Arc<dyn Profile>,
    /// Labels, and where they are: starts of the search for preimages.
    labels: Nodes,
    images: Vec<f64>,
    pool: Arc<Pool>,
}

impl Pushed {
    /// The density that the map of `flow` makes of `before`, whose labels are a sample of it.
    ///
    /// # Errors
    /// [`TryAgain`](crate::ErrorKind::TryAgain) if the map folds the labels over.
    pub fn new(
        flow: &Transport,
        parameters: Vec<f64>,
        before: Arc<dyn Profile>,
        labels: Nodes,
        pool: Arc<Pool>,
    ) -> Result<Self> {
        let flow = Transport::new(flow.map().clone());
        let images = flow.observe(&pool, &labels, &parameters)?.u;
        Ok(Self {
            flow,
            parameters,
            before,
            labels,
            images,
            pool,
        })
    }

    /// Labels of the density before, where they are now: `rho = rho_0 / J` and
    /// `grad ln rho = DX^-T (grad ln rho_0 - grad ln J)`.
    ///
    /// # Errors
    /// The map has a Jacobian that is not positive somewhere.
    pub fn push(&self, labels: &Nodes) -> Result<Nodes> {
        let field = self.flow.map().field();
        let mut map = AtNodes::new(field, &self.pool, labels.x.as_slice());
        let mut at = Configuration::default();
        map.record(&self.parameters, &[], &mut at.map)?;
        at.update_monotone(&self.pool, field.dimension(), labels)?;
        let score = if labels.score.is_empty() {
            Vec::new()
        } else {
            let expansion = log_jacobian_gradient(&map, &at)?;
            pushed_score(&self.pool, &at, &labels.score, &expansion)?
        };
        Ok(Nodes {
            x: at.map.value,
            w: labels.w.clone(),
            rho: at.rho,
            score,
            side: Vec::new(),
        })
    }
}

impl Profile for Pushed {
    fn dimension(&self) -> usize {
        self.before.dimension()
    }

    fn labels(&self, rule: &Quadrature, rng: &mut Xoshiro256PlusPlus) -> Result<Nodes> {
        self.push(&self.before.labels(rule, rng)?)
    }

    fn density(&self, x: &[f64], rho: &mut [f64], score: Option<&mut [f64]>) -> Result<()> {
        let found =
            self.flow
                .preimages(&self.pool, &self.parameters, &self.labels, &self.images, x)?;
        let mut inner = score.as_ref().map(|score| vec![0.0; score.len()]);
        self.before.density(&found.x, rho, inner.as_deref_mut())?;
        if let (Some(score), Some(inner)) = (score, inner) {
            let labels = Nodes {
                w: vec![0.0; rho.len()],
                rho: rho.to_vec(),
                score: inner,
                x: found.x,
                side: Vec::new(),
            };
            score.copy_from_slice(&self.push(&labels)?.score);
        }
        for (rho, jacobian) in rho.iter_mut().zip(&found.jacobian) {
            // Beyond the support there is no mass, wherever the search ended.
            if *rho > 0.0 {
                *rho /= jacobian;
            }
        }
        Ok(())
    }

    fn carry(&self, x: Vec<f64>) -> Result<Vec<f64>> {
        let x = self.before.carry(x)?;
        Ok(self.flow.positions(&self.pool, &x, &self.parameters))
    }

    fn is_fixed(&self) -> bool {
        self.before.is_fixed()
    }

    fn origin(&self) -> Option<&dyn Profile> {
        Some(self.before.origin().unwrap_or(&*self.before))
    }

    fn carry_labels(&self, labels: Nodes) -> Result<Nodes> {
        self.push(&self.before.carry_labels(labels)?)
    }
}
