//! How bounds of a field and integrals that are held are posed, and how well they hold.

use super::L2Flow;
use super::bounds::Bounded;
use super::form;
use super::integrals::HeldIntegral;
use super::multipliers::largest;
use crate::domain::Bounds;
use crate::energy::Term;
use crate::error::{Error, Result};
use crate::flow::{Context, Observed};
use crate::objective::{Form, FormChoice};
use crate::options::Settings;
use crate::quadrature::{Nodes, Quadrature, Stream, generator};
use std::sync::Arc;

impl L2Flow {
    /// Holds u between bounds. Collective.
    pub(super) fn bound(&mut self, cx: &Context, bounds: Bounds) -> Result<()> {
        let mut flow = self.clone();
        flow.require_weak(cx, "bounds")?;
        flow.hold_between(cx, bounds)?;
        flow.refresh_nodes();
        *self = flow;
        Ok(())
    }

    /// Holds the mean of u, or without `of` the integral of a density, at a value. Collective.
    pub(super) fn hold(&mut self, cx: &Context, of: Option<&Term>, value: f64) -> Result<()> {
        let mut flow = self.clone();
        flow.require_weak(cx, "integrals that are held")?;
        let one = match of {
            None => HeldIntegral::of_mean(value),
            Some(term) => HeldIntegral::of_density(term, value),
        };
        let integrals = (*flow.functional.integrals).clone();
        let integrals = one.and_then(|one| integrals.and(one));
        let integrals = cx.ranks().settle(integrals)?.on(cx, &flow.check)?;
        flow.functional.integrals = Arc::new(integrals);
        *self = flow;
        Ok(())
    }

    /// The same bounds and integrals on the present nodes, if there are any. Collective.
    pub(super) fn constrain_anew(&mut self, cx: &Context) -> Result<()> {
        if let Some(bounds) = self.functional.bounds.as_ref() {
            let bounds = bounds.bounds().clone();
            self.hold_between(cx, bounds)?;
            self.refresh_nodes();
        }
        if !self.functional.integrals.is_empty() {
            let integrals = (*self.functional.integrals).clone();
            self.functional.integrals = Arc::new(integrals.on(cx, &self.check)?);
        }
        Ok(())
    }

    /// The form of the steps on nodes of a rule; the weak one where multipliers hold u or its integrals.
    pub(super) fn form_on(
        &self,
        settings: &Settings,
        rule: &Quadrature,
        all: bool,
    ) -> Option<Form> {
        match self.functional.has_constraints() {
            true => None,
            false => form::of(settings, rule, all),
        }
    }

    fn require_weak(&mut self, cx: &Context, what: &str) -> Result<()> {
        let asked = cx.settings.discretization.form;
        if matches!(asked, FormChoice::Residual | FormChoice::Galerkin) {
            return Err(Error::option(format!(
                "option `form` is {}; with {what} accepted are auto and weak",
                asked.name()
            )));
        }
        self.form = None;
        Ok(())
    }

    /// Takes nodes at which bounds hold: those of a rule that no step trains on, or of the host's all.
    fn hold_between(&mut self, cx: &Context, bounds: Bounds) -> Result<()> {
        let own;
        let (nodes, alike) = match self.fixed.first().filter(|_| self.given.nodes) {
            Some(nodes) => (nodes, false),
            None => {
                let mut rng = generator(cx.seed(), Stream::Check, 0, 3);
                let rule = self.quadrature.turned(1);
                own = cx.ranks().settle(rule.nodes(&self.domain, &mut rng))?;
                (&own, true)
            }
        };
        let of = (bounds, &self.domain);
        let bounded = Bounded::new(cx, of, (nodes, alike), &self.check)?;
        self.functional.bounds = Some(Arc::new(bounded));
        Ok(())
    }

    /// Nodes that steps do not draw anew with those of what is posed beside them.
    fn refresh_nodes(&mut self) {
        let fixed = std::mem::take(&mut self.fixed).into_iter();
        let fixed = fixed.map(|nodes| self.beside_bounds(nodes));
        self.fixed = fixed.collect();
    }

    /// The nodes of a step, the last of them those of bounds.
    pub(super) fn beside_bounds(&self, nodes: Nodes) -> Nodes {
        match &self.functional.bounds {
            Some(bounds) => nodes.without_others().with_boundary(bounds.nodes()),
            None => nodes,
        }
    }

    /// The largest part of its variation by which u is beyond its bounds, at their own nodes and at the independent
    /// ones; 0 without bounds. Collective.
    pub(super) fn beyond_bounds(&self, cx: &Context, observed: &Observed) -> Result<f64> {
        let Some(bounds) = &self.functional.bounds else {
            return Ok(0.0);
        };
        let own = bounds.violation(&observed.at_bounds, &observed.u);
        let most = largest(cx, std::iter::once(own))?;
        Ok(most / self.variation(cx, [&observed.u, &[]])?)
    }

    /// The largest part of its size by which an integral that is held is off its value, by the nodes of the steps and
    /// by the independent ones, at which it is held; 0 if there are none. Collective.
    pub(super) fn off_integrals(
        &self,
        cx: &Context,
        state: &[f64],
        observed: &Observed,
    ) -> Result<f64> {
        let integrals = &self.functional.integrals;
        if integrals.is_empty() {
            return Ok(0.0);
        }
        let mut measured = vec![integrals.measure(cx, &self.check, &observed.u)?];
        if let Some(nodes) = self.fixed.first() {
            let u = self.functional.values(&cx.pool, &nodes.x, state)?;
            measured.push(integrals.measure(cx, nodes, &u)?);
        }
        let misses = measured
            .iter()
            .flat_map(|measured| integrals.misses(measured));
        Ok(misses.fold(0.0, |most, miss| most.max(miss.abs())))
    }
}
