//! The Wasserstein gradient flow in Lagrangian form: `rho = X_# rho_0` with a transport map X of
//! labels x. The flow of F in Wasserstein space is that of `F(X_# rho_0)` in `L2(rho_0; R^d)`, so
//! mass and positivity are exact, and no optimal transport problem is solved.

mod configuration;
mod dense_inverse;
mod flow;
mod inverse;
mod labels;
mod lagrangian;
mod linearized_residual;
mod local;
mod map;
mod measure;
mod own_cell;
mod pairs;
mod pushed;
mod queries;
mod rate;
mod refinement;
mod relabelling;
mod residual_derivatives;
mod second_derivatives;
mod sloped;
mod smooth_kernels;
mod stage;
mod strong;
mod terms;
mod walls;

pub use flow::{SPEC, TransportFlow};
pub(in crate::flow) use local::{Local, Order};
pub use map::Map;
pub use measure::Measure;
pub(in crate::flow) use pairs::Pairs;
pub use pushed::Pushed;
pub use stage::TransportStage;
pub use terms::Terms;

use super::observed::total;
use super::{Centre, Context, Observed, Posed};
use crate::energy::Term;
use crate::error::Error;
use crate::error::Result;
use crate::field::{AtNodes, Channels};
use crate::objective::{Euclidean, Form, Metric, MovementTerm};
use crate::parallel::Pool;
use crate::quadrature::Nodes;
use configuration::Configuration;
use stage::dual_square;
use std::sync::Arc;
use strong::{Evaluated, log_jacobian_gradient, pushed_score};

/// The functional and the map it is evaluated on.
#[derive(Clone)]
pub struct Transport {
    map: Map,
    metric: Arc<dyn Metric>,
    terms: Terms,
}

impl Transport {
    /// The flow of no energy yet.
    #[must_use]
    pub fn new(map: Map) -> Self {
        Self {
            map,
            metric: Arc::new(Euclidean),
            terms: Terms::default(),
        }
    }

    /// Puts the functional on another map.
    #[must_use]
    pub fn with_map(&self, map: Map) -> Self {
        Self {
            map,
            metric: self.metric.clone(),
            terms: self.terms.clone(),
        }
    }

    /// Adds a term.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) if the map does not carry what the term needs.
    pub fn add_term(&mut self, term: Term) -> Result<()> {
        self.terms.add(term)
    }

    /// The terms.
    pub(in crate::flow) const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Replaces the terms.
    pub(in crate::flow) fn set_terms(&mut self, terms: Terms) {
        self.terms = terms;
    }

    /// The terms' names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.terms.names()
    }

    /// The shape of the map.
    #[must_use]
    pub const fn map(&self) -> &Map {
        &self.map
    }

    /// The metric of `L2(rho_0; R^d)`, in which maps move.
    #[must_use]
    pub fn metric(&self) -> &dyn Metric {
        &*self.metric
    }

    /// Replaces the metric by another local one.
    pub fn set_metric(&mut self, metric: Arc<dyn Metric>) {
        self.metric = metric;
    }

    /// The movement term of a stage on labels.
    fn movement<'a>(&self, labels: &Nodes, centre: &'a Centre) -> Result<MovementTerm<'a>> {
        let (values, strength) = (&centre.values, centre.strength);
        MovementTerm::new(&*self.metric, labels.view(), values, strength)
    }

    /// The objective of a stage.
    ///
    /// # Errors
    /// [`Internal`](crate::ErrorKind::Internal) if the metric is not local.
    pub fn stage<'a>(
        &'a self,
        posed: &Posed<'a>,
        form: Option<Form>,
    ) -> Result<TransportStage<'a>> {
        let Posed {
            cx, nodes, centre, ..
        } = *posed;
        let movement = self.movement(nodes, centre)?;
        let terms = &self.terms;
        self.check_slope(nodes)?;
        Ok(TransportStage::new(
            &self.map,
            (&cx.pool, cx.time),
            nodes,
            terms,
            movement,
            form,
        ))
    }

    /// The map at labels.
    ///
    /// # Errors
    /// [`TryAgain`](crate::ErrorKind::TryAgain) if it folds them over.
    pub fn observe(&self, pool: &Pool, labels: &Nodes, parameters: &[f64]) -> Result<Observed> {
        let mut at = Configuration::default();
        let mut map = AtNodes::new(self.map.field(), pool, labels.x.as_slice());
        if !self.terms.use_slope() {
            map.jets(parameters, Channels::First, &mut at.map)?;
            at.update_monotone(pool, self.map.dimension(), labels)?;
            return Ok(at.into());
        }
        self.check_slope(labels)?;
        map.record(parameters, &[], &mut at.map)?;
        at.update_monotone(pool, self.map.dimension(), labels)?;
        let expansion = log_jacobian_gradient(&map, &at)?;
        let mut slope = pushed_score(pool, &at, &labels.score, &expansion)?;
        let points = slope.chunks_exact_mut(self.map.dimension()).zip(&at.rho);
        points.for_each(|(slope, rho)| slope.iter_mut().for_each(|s| *s *= rho));
        Ok(Observed {
            rho_slope: slope,
            ..at.into()
        })
    }

    /// Refuses labels whose score is not known where an energy depends on `grad rho`.
    fn check_slope(&self, labels: &Nodes) -> Result<()> {
        if !self.terms.use_slope() || labels.score.len() == labels.x.len() {
            return Ok(());
        }
        Err(Error::argument(
            "an energy depends on grad rho, for which the score grad ln rho_0 of the particles is needed; \
             accepted are particles with it, or a density",
        ))
    }

    /// Positions X that the map takes labels `x` to, both `[n][d]`, and nothing of its derivatives.
    #[must_use]
    pub fn positions(&self, pool: &Pool, x: &[f64], parameters: &[f64]) -> Vec<f64> {
        let mut values = vec![0.0; x.len()];
        let field = self.map.field();
        field.evaluate(pool, parameters, x, &mut values, None);
        values
    }

    /// The energy of each term at the time of the context.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn energies(&self, cx: &Context, labels: &Nodes, observed: &Observed) -> Result<Vec<f64>> {
        let measure = Measure {
            d: self.map.dimension(),
            t: cx.time,
            y: &observed.u,
            w: &labels.w,
            rho: &observed.rho,
        };
        self.terms
            .energies_with(&cx.pool, &measure, &observed.rho_slope)
    }

    /// The density of each term's energy at points x with density rho and its gradient, in a state known at labels.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn densities_at(
        &self,
        cx: &Context,
        (labels, whole): (&Nodes, &Observed),
        points: (&[f64], &[f64], &[f64]),
    ) -> Result<Vec<Vec<f64>>> {
        let measure = Measure {
            d: self.map.dimension(),
            t: cx.time,
            y: &whole.u,
            w: &labels.w,
            rho: &whole.rho,
        };
        self.terms.densities(&cx.pool, &measure, points)
    }

    /// The map at labels, and the norm in `L2(rho_0)` of `(X - c) S/tau + grad (dF/drho)(X)`; NaN
    /// where the score of the labels is not known, and where energies depend on `grad rho`, whose residual has third
    /// derivatives of the map.
    ///
    /// # Errors
    /// As for [`observe`](Self::observe), and errors of the energies.
    pub fn observe_stage(
        &self,
        cx: &Context,
        labels: &Nodes,
        parameters: &[f64],
        centre: &Centre,
    ) -> Result<(Observed, f64)> {
        let pool = &*cx.pool;
        let mut unknown = [f64::from(labels.score.len() < labels.x.len())];
        pool.ranks().max(Ok(()), &mut unknown)?;
        if unknown > [0.0] || self.terms.use_slope() {
            return Ok((self.observe(pool, labels, parameters)?, f64::NAN));
        }
        let d = self.map.dimension();
        let mut map = AtNodes::new(self.map.field(), pool, labels.x.as_slice());
        let mut state = Evaluated {
            time: cx.time,
            ..Evaluated::default()
        };
        map.record(parameters, &[], &mut state.at.map)?;
        state.update(pool, d, labels, &self.terms, Order::Second)?;
        let movement = self.movement(labels, centre)?;
        let residual = state.residual(&map, labels, &self.terms, &movement)?;
        let square = dual_square(&residual, labels, &movement);
        let residual = total(pool.ranks(), square)?.sqrt();
        Ok((state.at.into(), residual))
    }

    /// The velocity `-grad (dF/drho)` of the mass at points `y` (`[n][d]`) with density rho (`[n]`)
    /// and the score `grad ln rho` (`[n][d]`), all of a measure that is `whole`; 0 where there is
    /// no mass.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn velocity(
        &self,
        pool: &Pool,
        whole: &Measure<'_>,
        (y, rho, score): (&[f64], &[f64], &[f64]),
    ) -> Result<Vec<f64>> {
        let d = self.map.dimension();
        // Where there is no mass the result is discarded: any density does.
        let some: Vec<f64> = rho
            .iter()
            .map(|r| if *r > 0.0 { *r } else { 1.0 })
            .collect();
        let here = Measure {
            d,
            t: whole.t,
            y,
            w: &[],
            rho: &some,
        };
        let (mut local, mut pairs) = (Local::default(), Pairs::default());
        self.terms.local(pool, &here, Order::Second, &mut local)?;
        if self.terms.interact() {
            self.terms.pairs(pool, whole, y, &mut pairs)?;
        }
        let mut velocity = self
            .terms
            .force(pool, &here, &local.f_uu, score, Some(&pairs))?;
        for (velocity, rho) in velocity.chunks_exact_mut(d).zip(rho) {
            for v in velocity {
                *v = match *rho {
                    0.0 => 0.0,
                    rho if rho.is_nan() => f64::NAN,
                    _ => -*v,
                };
            }
        }
        Ok(velocity)
    }
}

impl From<Configuration> for Observed {
    fn from(at: Configuration) -> Self {
        Self {
            u: at.map.value,
            p: at.map.slope,
            rho: at.rho,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests;
