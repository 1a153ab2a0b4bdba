//! Denser labels for a map that turns out rough between those it has.
//!
//! Where a map stretches, or has more units than the labels see, its network can do between them
//! what it likes: the residual at independent labels shows it. Steps are tried again with labels of
//! a higher Gauss rule, which those that follow keep, see
//! [`Flow::can_refine`](crate::flow::Flow::can_refine).

use super::TransportFlow;
use crate::error::Result;
use crate::flow::{Context, State};
use crate::minimize::Outcome;
use crate::quadrature::Quadrature;
use crate::report::StepReport;
use std::sync::Arc;

/// A map is rough if its residual is so many times larger between labels, and this part of the
/// velocity.
const ROUGH: f64 = 3.0;
const VISIBLE: f64 = 0.01;

/// Labels that a step may take in the end, relative to those it began with.
const DENSEST: f64 = 16.0;

/// Whether the labels of a Gauss rule may be denser than after this many refinements: up to
/// [`DENSEST`] times as many.
pub(super) fn can_refine(rule: &Quadrature, dimension: usize, refinements: u64) -> bool {
    let (Quadrature::Gauss { per_axis }, Quadrature::Gauss { per_axis: denser }) =
        (rule, rule.refined(refinements + 1))
    else {
        return false;
    };
    let ratio = denser as f64 / *per_axis as f64;
    ratio.powi(dimension as i32) <= DENSEST
}

impl TransportFlow {
    /// Measures on labels that are as much denser as those of the steps have become.
    pub(super) fn refine_check(&mut self, cx: &Context, state: &mut State) -> Result<()> {
        if state.refinements == 0 {
            return Ok(());
        }
        // A Gauss rule draws nothing at random: any step will do.
        let profile = Arc::clone(&self.labels()?.profile);
        let denser = self.independent_labels(cx, &*profile, 0, state.refinements);
        let denser = cx.own(cx.ranks().settle(denser)?);
        if let Some(labels) = &mut self.labels {
            labels.check = denser;
        }
        state.observed = None;
        Ok(())
    }
}

/// Whether a step whose last stage has this `S/tau` left a map that is rough between its labels, as
/// it becomes where they are too few for it: what is left of the Euler-Lagrange equation of that
/// stage, in strong form, is then many times larger at the independent labels than at its own.
/// `rest` is what [`Flow::rest`](crate::flow::Flow::rest) says.
pub(super) fn is_rough(report: &StepReport, strength: f64, rest: f64, last: &Outcome) -> bool {
    // The objective is half the square of the residual over S/tau.
    let own = (2.0 * strength * last.value).max(0.0).sqrt();
    let least = (VISIBLE * report.movement_distance).max((2.0 * rest).sqrt());
    report.residual > ROUGH * own && report.residual > strength * least
}
