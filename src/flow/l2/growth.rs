//! The start from u_0: a network that has grown until it fits.

use super::L2Flow;
use super::capacity::{Capacity, FEATURES, NODES, POINTS};
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Beginning, Context, Queries};
use crate::initial::Initial;
use crate::minimize::Watch;
use std::time::Instant;

/// Features up to which it grows for a better fit; beyond for one that is accepted at all. A step with as
/// many takes a second or two.
const QUICK: usize = 2000;

/// How many times as many a field may come to have.
const MOST_GROWTH: usize = 4;

/// A fit whose relative error is below this is good enough for no more features to be tried, or if it
/// is below so many times the tolerance of fits where that is more.
const WELL_FITTED: f64 = 5e-4;
const TOLERANCES: f64 = 30.0;

/// The error of a fit beyond which lattices of local features are tried, and that beyond which the finer one is worth
/// what another is. Below, as its steps take ten times as long, it has to divide the error by [`RESOLVED`]: it does
/// where it resolves u_0, and not where u_0 has kinks.
const LAYERS: f64 = 2e-3;
const COARSE: [f64; 2] = [LAYERS, 1e-2];
const RESOLVED: f64 = 20.0;

/// Twice the features are worth their work, eight times as much, if they divide the error of the fit by
/// this: those that resolve u_0 do, and for u_0 with kinks no number of them does.
pub(super) const WORTH: f64 = 5.0;
const OF_LAYERS: f64 = 1.2;

/// How many times the option `fit_accept` a fit of features may be off where F penalises gradients: they fit
/// by a projection, so that what they miss of u_0 is rough, and a flow that smooths loses it in its first step.
const ROUGH: f64 = 30.0;

impl L2Flow {
    /// The flow that begins with u_0: its network has grown until it fits, as far as it may.
    pub(super) fn fitted(
        &self,
        cx: &Context,
        mut initial: Initial<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<(Self, Beginning)> {
        let start = Instant::now();
        let mut flow = self.clone();
        flow.suit(cx, &initial)?;
        let is_smooth = has_gradient(&initial);
        let asked = cx.settings.fit.fit_accept;
        let of_waves = flow.begun_with_waves(cx, &mut initial, watch)?;
        if let Some((waves, mut fitted)) = of_waves {
            fitted.fit.seconds = start.elapsed().as_secs_f64();
            return Ok((waves, fitted));
        }
        let mut best = flow.fit(cx, initial.again(), 0.0, watch)?;
        flow.grow(cx, &mut initial, &mut best, true, watch)?;
        flow.localise(cx, &mut initial, &mut best, watch)?;
        flow.grow(cx, &mut initial, &mut best, false, watch)?;
        let accept = flow.accepted_error(cx, is_smooth);
        if best.fit.relative_error > asked
            && let Some((rough, next)) = flow.roughly(cx, &mut initial, &best, watch)?
            && next.fit.relative_error <= accept
        {
            (flow, best) = (rough, next);
        }
        best.fit.seconds = start.elapsed().as_secs_f64();
        let fit = &best.fit;
        if fit.relative_error <= accept {
            log::info!(
                "initial fit: relative error {:.2e} after {} iterations",
                fit.relative_error,
                fit.iterations
            );
            return Ok((flow, best));
        }
        let advice = match flow.functional.outputs_only() {
            _ if flow.functional.walls().is_some() || flow.functional.held().is_some() => {
                "u_0 with the values that are given on the boundary, or more features by a larger `hidden` with \
                 `training` = outputs"
            }
            true => {
                "`initial_smoothing` if u_0 jumps, or a larger `hidden` with `training` = outputs"
            }
            false => {
                "a wider `hidden`, more `harmonics` or a larger `fit_max_iterations`, or another `embedding` where u_0 \
                 does not go on across the sides as this one does"
            }
        };
        Err(Error::new(
            ErrorKind::NotConverged,
            format!(
                "the initial fit has relative error {:.1e} on independent points after {} iterations; \
                 option `fit_accept` is {asked:e}{}: use {advice}",
                fit.relative_error,
                fit.iterations,
                match accept > asked {
                    true => format!(
                        ", {ROUGH} times of which are accepted of u_0 where an energy smooths"
                    ),
                    false => String::new(),
                },
            ),
        ))
    }

    /// Takes twice the features, and again, while that is quick, or where it is not, and the fit is not good enough.
    fn grow(
        &mut self,
        cx: &Context,
        initial: &mut Initial<'_>,
        best: &mut Beginning,
        while_quick: bool,
        watch: &mut Watch<'_>,
    ) -> Result<()> {
        let is_smooth = has_gradient(initial);
        while self.is_quick_when_grown() == while_quick
            && best.fit.relative_error > self.good_enough(cx, is_smooth)
        {
            let Some(mut grown) = self.grown(cx, initial)? else {
                break;
            };
            let next = grown.fit(cx, initial.again(), 0.0, watch)?;
            if next.fit.relative_error * self.worth_of_growth() > best.fit.relative_error {
                break;
            }
            (*self, *best) = (grown, next);
        }
        Ok(())
    }

    /// Takes features that are local where a lattice of them fits far better, the coarsest that does so well enough.
    fn localise(
        &mut self,
        cx: &Context,
        initial: &mut Initial<'_>,
        best: &mut Beginning,
        watch: &mut Watch<'_>,
    ) -> Result<()> {
        let few = self.given.nodes || matches!(initial, Initial::Values { .. });
        let planes = self.clone();
        let fitted = best.parameters.clone();
        for (units, beyond) in self.lattices().iter().zip(COARSE) {
            let error = best.fit.relative_error;
            if error <= LAYERS {
                break;
            }
            let worth = if error > beyond { WORTH } else { RESOLVED };
            let Some(mut fine) = planes.on_lattice(cx, &fitted, *units, few)? else {
                break;
            };
            let next = fine.fit(cx, initial.again(), 0.0, watch)?;
            if next.fit.relative_error * worth <= error {
                (*self, *best) = (fine, next);
            }
        }
        Ok(())
    }

    /// What more features have to divide the error of a fit by: where the mean stays layers do too, and features
    /// that make them are worth their work.
    fn worth_of_growth(&self) -> f64 {
        match self.non_local {
            Some(_) => OF_LAYERS,
            None => WORTH,
        }
    }

    /// The error of a fit for which no more features are tried.
    pub(super) fn good_enough(&self, cx: &Context, is_smooth: bool) -> f64 {
        if self.is_quick_when_grown() {
            WELL_FITTED.max(TOLERANCES * cx.fit_tolerance())
        } else {
            self.accepted_error(cx, is_smooth)
        }
    }

    /// The error of a fit beyond which it is refused, of a u_0 that may be rough or of a smooth one.
    fn accepted_error(&self, cx: &Context, is_smooth: bool) -> f64 {
        let by_projection = self.functional.outputs_only() && !is_smooth;
        let smooths = by_projection && self.functional.penalises_gradients();
        cx.settings.fit.fit_accept * if smooths { ROUGH } else { 1.0 }
    }

    /// Whether the number of features is the library's choice.
    pub(super) fn is_free(&self, cx: &Context) -> bool {
        self.functional.outputs_only() && cx.settings.network.hidden.given().is_none()
    }

    /// Whether steps with twice the features are still quick: more are for fits alone that would be refused.
    pub(super) fn is_quick_when_grown(&self) -> bool {
        2 * self.features() * self.components() <= QUICK
    }

    /// Whether a run may take twice as many features on its way. What is held has kinks, which take any number.
    pub(super) fn may_be_enriched(&self, cx: &Context) -> bool {
        let few = self.given.nodes || cx.settings.discretization.nodes.is_some();
        let held = self.non_local.is_some() || self.functional.has_multipliers();
        self.is_free(cx) && !few && !held && self.is_quick_when_grown()
    }

    /// Takes the features that a field begins with, whatever it had before, or fewer where the host's nodes or
    /// the points of u_0 are few.
    fn suit(&mut self, cx: &Context, initial: &Initial<'_>) -> Result<()> {
        if !self.is_free(cx) {
            return Ok(());
        }
        let mut suited = Capacity::new(&cx.settings, &self.domain, None)?;
        if self.given.nodes {
            let all = self.nodes_of_host(cx)?;
            suited = suited.for_points(&cx.settings, &self.domain, (all, NODES))?;
        }
        if let Initial::Values { x, .. } = initial {
            let points = x.len() / self.domain.dimension();
            let all = cx.ranks().counts(points)?.iter().sum();
            suited = suited.for_points(&cx.settings, &self.domain, (all, POINTS))?;
        }
        if suited.network.widths() == self.network().widths()
            && self.lattice.is_none()
            && self.waves.is_none()
        {
            return Ok(());
        }
        cx.ranks().settle(self.take(cx, suited))
    }

    /// A flow of twice as many features; `None` if the options or the nodes say how many, or if they are
    /// as many as may be.
    pub(super) fn grown(&self, cx: &Context, initial: &Initial<'_>) -> Result<Option<Self>> {
        let Some(first) = FEATURES.get(self.domain.dimension() - 1) else {
            return Ok(None);
        };
        let (features, most) = (2 * self.features(), first * MOST_GROWTH);
        let few = self.given.nodes || matches!(initial, Initial::Values { .. });
        if !self.is_free(cx)
            || self.lattice.is_some()
            || self.waves.is_some()
            || few
            || cx.settings.discretization.nodes.is_some()
            || features > most
        {
            return Ok(None);
        }
        let mut grown = self.clone();
        let capacity = Capacity::new(&cx.settings, &self.domain, Some(features))?;
        cx.ranks().settle(grown.take(cx, capacity))?;
        Ok(Some(grown))
    }
}

/// Whether an initial condition comes with its gradient.
const fn has_gradient(initial: &Initial<'_>) -> bool {
    match initial {
        Initial::Function { has_gradient, .. } => *has_gradient,
        Initial::Values { grad, .. } => grad.is_some(),
        Initial::Named(_) => true,
        Initial::Density(_) => false,
    }
}
