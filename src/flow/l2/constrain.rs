//! How bounds of a field and integrals that are held are posed, and how well they hold.

use super::bounds::Bounded;
use super::derivatives::FreeRate;
use super::form;
use super::functional::Place;
use super::integral_moves::solve;
use super::integrals::{HeldIntegral, Integrals, Of};
use super::multipliers::largest;
use super::stage::Stage;
use super::{L2, L2Flow};
use crate::domain::Bounds;
use crate::energy::{Outer, Term};
use crate::error::{Error, Result};
use crate::flow::{Context, Observed};
use crate::objective::{Form, FormChoice};
use crate::options::Settings;
use crate::quadrature::{Nodes, Quadrature, Stream, generator};
use std::sync::Arc;

impl L2 {
    /// Takes integrals of which the last is that of an energy.
    fn add_outer(&mut self, of: &str, integrals: Integrals) {
        self.integrals = Arc::new(integrals);
        self.places.push(Place::Outer);
        self.names.push(format!("function of {of}"));
    }

    /// Makes of the Euler-Lagrange residual r of F and the movement, at independent nodes with u there, that of a
    /// field which is held: with the multipliers of integrals, and with bounds `S m / tau (u - P(u - tau r / (S m)))`,
    /// P the projection between them, which is 0 where they push u against r.
    pub(super) fn hold_residual(
        &self,
        cx: &Context,
        state: &[f64],
        (nodes, u): (&Nodes, &[f64]),
        (stage, r): (&Stage<'_>, &mut [f64]),
    ) -> Result<()> {
        let numbers = &state[self.places().integrals];
        let slopes = self.integrals.slopes(cx.time, &nodes.x, u)?;
        for (numbers, slopes) in numbers.chunks_exact(2).zip(&slopes) {
            let pairs = r.iter_mut().zip(slopes);
            pairs.for_each(|(r, slope)| *r -= numbers[1] * slope);
        }
        if self.integrals.have_energies() {
            let measured = self.integrals.measure(cx, nodes, u)?;
            let outer = self.integrals.outer(&measured)?;
            for ([_, first, _], slopes) in outer.iter().rev().zip(slopes.iter().rev()) {
                let pairs = r.iter_mut().zip(slopes);
                pairs.for_each(|(r, slope)| *r += first * slope);
            }
        }
        let Some(bounds) = &self.bounds else {
            return Ok(());
        };
        let [lower, upper] = bounds.at_check();
        let between = u.iter().zip(lower.iter().zip(upper)).enumerate();
        for ((node, (u, (lo, hi))), r) in between.zip(r) {
            let strength = stage.movement.second(node);
            *r = strength * (u - (u - *r / strength).clamp(*lo, *hi));
        }
        Ok(())
    }
}

impl L2Flow {
    /// Takes of a rate at points x what a field that is held cannot go along with: in a step of the length `tau` of the
    /// options it ends between its bounds.
    pub(super) fn hold_rate(
        &self,
        cx: &Context,
        state: &[f64],
        x: &[f64],
        free: &mut FreeRate,
    ) -> Result<()> {
        let functional = &self.functional;
        if functional.integrals.have_energies() {
            self.add_rate_of_outer(cx, state, x, free)?;
        }
        if !functional.integrals.none_held() {
            let multipliers = self.multipliers_of_rate(cx, state)?;
            let slopes = functional.integrals.slopes(cx.time, x, &free.u)?;
            for (multiplier, slopes) in multipliers.iter().zip(&slopes) {
                let points = free.rate.iter_mut().zip(slopes).zip(&free.weights);
                points.for_each(|((rate, slope), m)| *rate += multiplier * slope / m);
            }
        }
        let Some(bounds) = &functional.bounds else {
            return Ok(());
        };
        let [lower, upper] = bounds.bounds().at(free.u.len(), x)?;
        let tau = cx.settings.time.tau;
        let points = free.rate.iter_mut().zip(&free.u);
        for ((rate, u), (lo, hi)) in points.zip(lower.iter().zip(&upper)) {
            *rate = ((u + tau * *rate).clamp(*lo, *hi) - u) / tau;
        }
        Ok(())
    }

    /// Adds to a rate at points x that of energies which are functions of integrals.
    fn add_rate_of_outer(
        &self,
        cx: &Context,
        state: &[f64],
        x: &[f64],
        free: &mut FreeRate,
    ) -> Result<()> {
        if !cx.ranks().are_alone() {
            return Err(Error::state(
                "du/dt of energies that are functions of integrals is asked of ranks one by one, each of which has a \
                 part of the integrals; accepted is without a communicator",
            ));
        }
        let integrals = &self.functional.integrals;
        let u = self.functional.values(&cx.pool, &self.check.x, state)?;
        let outer = integrals.outer(&integrals.measure(cx, &self.check, &u)?)?;
        let slopes = integrals.slopes(cx.time, x, &free.u)?;
        for ([_, first, _], slopes) in outer.iter().rev().zip(slopes.iter().rev()) {
            let points = free.rate.iter_mut().zip(slopes).zip(&free.weights);
            points.for_each(|((rate, slope), m)| *rate -= first * slope / m);
        }
        Ok(())
    }

    /// Adds a function of the integral of a density as an energy. Collective.
    pub(super) fn add_outer(&mut self, cx: &Context, of: &Term, phi: Outer) -> Result<()> {
        let mut flow = self.clone();
        flow.require_weak(cx, "energies of integrals")?;
        let integrals = (*flow.functional.integrals).clone();
        let of_density = cx.ranks().settle(Of::new(of))?;
        let integrals = integrals.and_energy(of_density, phi).on(cx, &flow.check)?;
        flow.functional.add_outer(&of.name, integrals);
        *self = flow;
        Ok(())
    }

    /// The multipliers with which integrals stay as they are; on several ranks, which are asked one by one, those of
    /// the last stage.
    fn multipliers_of_rate(&self, cx: &Context, state: &[f64]) -> Result<Vec<f64>> {
        let functional = &self.functional;
        if !cx.ranks().are_alone() {
            let numbers = &state[functional.places().integrals];
            return Ok(numbers.iter().skip(1).step_by(2).copied().collect());
        }
        let mut free = self.free_rate(cx, state, &self.check.x)?;
        if functional.integrals.have_energies() {
            self.add_rate_of_outer(cx, state, &self.check.x, &mut free)?;
        }
        let FreeRate { rate, weights, u } = free;
        let slopes = functional.integrals.slopes(cx.time, &self.check.x, &u)?;
        // Each times the root of w / m, so that their products are those of the metric.
        let roots = self.check.w.iter().zip(&weights);
        let roots: Vec<f64> = roots.map(|(w, m)| (w / m).sqrt()).collect();
        let scaled = |slopes: &Vec<f64>| slopes.iter().zip(&roots).map(|(s, r)| s * r).collect();
        let rows: Vec<Vec<f64>> = slopes.iter().map(scaled).collect();
        let change = |slopes: &Vec<f64>| {
            let points = slopes.iter().zip(&rate).zip(&self.check.w);
            -points.map(|((s, rate), w)| s * rate * w).sum::<f64>()
        };
        let changes: Vec<f64> = slopes.iter().map(change).collect();
        solve(&rows, &changes).ok_or_else(|| {
            Error::state(
                "du/dt of a field whose held integrals change alike, as far as the independent nodes tell, is not \
                 known; accepted are integrals with gradients of their own",
            )
        })
    }

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

    /// The form of the steps on nodes of a rule; the weak one where multipliers hold u or its integrals, and of energies
    /// of second derivatives.
    pub(super) fn form_on(
        &self,
        settings: &Settings,
        rule: &Quadrature,
        all: bool,
    ) -> Option<Form> {
        match self.functional.has_constraints() || self.functional.uses_hessian() {
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
        if integrals.none_held() {
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
