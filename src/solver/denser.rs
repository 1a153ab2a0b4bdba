//! Denser labels for a map that turns out rough between those it has.
//!
//! Where a map stretches, or has more units than the labels see, its network can do between them what it likes: the
//! residual at independent labels shows it. Steps are tried again with labels of a higher Gauss rule, which those that
//! follow keep, see [`guarded`](Solver::guarded).

use super::Solver;
use crate::error::Result;
use crate::initial::profile::Profile;
use crate::minimize::Outcome;
use crate::quadrature::Quadrature;
use crate::report::StepReport;
use std::sync::Arc;

/// A map is rough if its residual is so many times larger between labels, and this part of the velocity.
const ROUGH: f64 = 3.0;
const VISIBLE: f64 = 0.01;

/// How many times as many labels a step may take in the end.
const DENSEST: f64 = 16.0;

impl Solver {
    /// Whether the labels of a map may be denser than after this many refinements: those of a Gauss rule, up
    /// to [`DENSEST`] times as many.
    pub(super) fn can_refine(&self, refined: u64) -> bool {
        let fixed = |profile: &Arc<dyn Profile>| profile.is_fixed();
        if self.form.is_none() || self.profile.as_ref().is_none_or(fixed) {
            return false;
        }
        let (Quadrature::Gauss { per_axis }, Quadrature::Gauss { per_axis: denser }) =
            (&self.quadrature, self.quadrature.refined(refined + 1))
        else {
            return false;
        };
        let ratio = denser as f64 / *per_axis as f64;
        ratio.powi(self.domain.dimension() as i32) <= DENSEST
    }

    /// Measures on labels that are as much denser as those of the steps have become.
    pub(super) fn refine_check(&mut self) -> Result<()> {
        let refined = self.state()?.refined;
        if refined == 0 {
            return Ok(());
        }
        // A Gauss rule draws nothing at random: any step will do.
        let labels = self.independent_labels(&**self.profile()?, 0, refined);
        let labels = self.pool.ranks().settle(labels)?;
        self.check = self.own(labels);
        if let Some(state) = &mut self.state {
            state.observed = None;
        }
        Ok(())
    }
}

/// Whether a step whose last stage has this `S/tau` left a map that is rough between its labels, as it becomes
/// where they are too few for it: what is left of the Euler-Lagrange equation of that stage, in strong form, is then
/// many times larger at the independent labels than at its own. `still` is what [`Flow::still`](crate::flow::Flow::still) says.
pub(super) fn is_rough(report: &StepReport, strength: f64, still: f64, last: &Outcome) -> bool {
    // The objective is half the square of the residual over S/tau.
    let own = (2.0 * strength * last.value).max(0.0).sqrt();
    let least = (VISIBLE * report.movement_distance).max((2.0 * still).sqrt());
    report.residual > ROUGH * own && report.residual > strength * least
}
