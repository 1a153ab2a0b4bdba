//! Features that are local: Gaussians on a lattice, for a u_0 that planes through the whole box do not resolve.

use super::L2Flow;
use super::capacity::Capacity;
use crate::error::Result;
use crate::field::{AtNodes, CHUNK, Channels, Jets, Lattice};
use crate::flow::{Context, Flow, State};
use crate::initial::Initial;

/// The dimension that they are for: on a line planes are points, and in space lattices are coarse.
const PLANE: usize = 2;

/// The most units of the lattices that are tried, one after the other.
pub(super) const UNITS: [usize; 2] = [1600, 5000];

/// How many times as fine as along one axis a lattice may be along another, and the steps in which ratios are
/// taken: what is told from a field that misses layers is no more than a hint.
const FINER: f64 = 8.0;
const STEPS: f64 = 4.0;

/// The part of what a step misses in space that a change of features may.
const KEPT: f64 = 0.1;

impl L2Flow {
    /// The flow of a lattice of at most so many units in place of planes, finer along axes where the field that they
    /// fitted is steeper; `None` where features are no choice of the library's, nodes or points are few, or the field is
    /// held to what a lattice does not know.
    pub(super) fn on_lattice(
        &self,
        cx: &Context,
        fitted: &[f64],
        units: usize,
        few: bool,
    ) -> Result<Option<Self>> {
        let held = self.non_local.is_some() || self.functional.has_multipliers();
        let asked = cx.settings.discretization.nodes.is_some();
        let is_box = self.domain.is_box() && self.domain.dimension() == PLANE;
        if !self.is_free(cx) || few || held || asked || !is_box || self.functional.uses_hessian() {
            return Ok(None);
        }
        let parts = self.steepness(cx, fitted)?;
        let periodic: Vec<bool> = self.network().embedding().periodic().collect();
        let lattice = Lattice::finest(units / self.components(), &parts, &periodic);
        let mut flow = self.clone();
        let capacity = Capacity::on_lattice(&cx.settings, &self.domain, lattice)?;
        cx.ranks().settle(flow.take(cx, capacity))?;
        Ok(Some(flow))
    }

    /// The flow of a lattice for the field as it is; `None` where there is none, or where it misses more of the field
    /// than the step did that asks for it.
    pub(super) fn refitted_on_lattice(
        &self,
        cx: &Context,
        state: &mut State,
    ) -> Result<Option<Self>> {
        let [.., most] = UNITS;
        let Some(mut fine) = self.on_lattice(cx, &state.parameters, most, self.given.nodes)? else {
            return Ok(None);
        };
        let present = state.parameters.clone();
        let mut field = |x: &[f64], u: &mut [f64], grad: Option<&mut [f64]>| {
            self.evaluate(cx, &present, x, u, grad)
        };
        let present = Initial::Function {
            field: &mut field,
            has_gradient: true,
        };
        let fitted = fine.fit(cx, present, state.time, &mut |_, _| Ok(()))?;
        if fitted.fit.relative_error > KEPT * state.report.space_error {
            return Ok(None);
        }
        log::info!(
            "step {}: what it misses in space is {:.1e} of the variation of u; {} features on a lattice from now on",
            state.step,
            state.report.space_error,
            fine.features()
        );
        state.reparametrize(fitted.parameters, fitted.minimizer);
        fine.prepared = None;
        Ok(Some(fine))
    }

    /// How steep a field is along each axis of the box, relative to the others: by the fourth root of the mean fourth
    /// power of its slope, which knows where it is steepest.
    fn steepness(&self, cx: &Context, parameters: &[f64]) -> Result<Vec<f64>> {
        let (values, own) = parameters.split_at(self.functional.on_walls());
        let field = self.functional.with_values(values, self.functional.units());
        let d = self.domain.dimension();
        let mut jets = Jets::default();
        AtNodes::new(&*field, &cx.pool, &self.check.x).jets(own, Channels::First, &mut jets)?;
        let slopes = &jets.slope;
        let per_node = slopes.len() / self.check.len().max(1);
        let powers = cx.ranks().sum_over(self.check.len(), CHUNK, |lane| {
            let part = &slopes[lane.start * per_node..lane.end * per_node];
            [0, 1].map(|axis| {
                let along = part.iter().skip(axis).step_by(d);
                along.map(|s| (s * s) * (s * s)).sum::<f64>()
            })
        })?;
        let sides = self.domain.lower().iter().zip(self.domain.upper());
        let steep = sides
            .zip(powers)
            .map(|((lo, hi), s)| (hi - lo) * s.sqrt().sqrt());
        let steep: Vec<f64> = steep.collect();
        let largest = steep.iter().fold(0.0_f64, |a, b| a.max(*b));
        let of = |s: &f64| {
            let part = (s / largest.max(f64::MIN_POSITIVE)).max(1.0 / FINER);
            (STEPS * part.log2()).round() / STEPS
        };
        Ok(steep.iter().map(|s| of(s).exp2()).collect())
    }
}
