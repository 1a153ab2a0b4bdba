//! Features that are local: Gaussians on a lattice, for a u_0 that planes through the whole box do not resolve.

use super::L2Flow;
use super::capacity::Capacity;
use crate::error::Result;
use crate::field::{AtNodes, CHUNK, Channels, Jets, Lattice};
use crate::flow::{Context, Flow};
use crate::initial::Initial;

/// The dimension that they are for: on a line planes are points, and in space lattices are coarse.
const PLANE: usize = 2;

/// The most units of a lattice.
const UNITS: usize = 4000;

/// How many times as fine as along one axis a lattice may be along another, and the steps in which ratios are
/// taken: what is told from a field that misses layers is no more than a hint.
const FINER: f64 = 8.0;
const STEPS: f64 = 4.0;

impl L2Flow {
    /// The flow of a lattice in place of planes, finer along axes where a field that was fitted is steeper; `None`
    /// where features are no choice of the library's, or hold to what the lattice does not know.
    pub(super) fn on_lattice(
        &self,
        cx: &Context,
        initial: &Initial<'_>,
        fitted: &[f64],
    ) -> Result<Option<Self>> {
        let few = self.given.nodes || matches!(initial, Initial::Values { .. });
        let held = self.non_local.is_some() || self.functional.has_multipliers();
        let asked = cx.settings.discretization.nodes.is_some();
        let is_box = self.domain.is_box() && self.domain.dimension() == PLANE;
        if !self.is_free(cx) || few || held || asked || !is_box || self.functional.uses_hessian() {
            return Ok(None);
        }
        let parts = self.steepness(cx, fitted)?;
        let periodic: Vec<bool> = self.network().embedding().periodic().collect();
        let units = UNITS / self.components();
        let lattice = Lattice::finest(units, &parts, &periodic);
        let mut flow = self.clone();
        let capacity = Capacity::on_lattice(&cx.settings, &self.domain, lattice)?;
        cx.ranks().settle(flow.take(cx, capacity))?;
        Ok(Some(flow))
    }

    /// How steep a field is along each axis of the box, relative to the others: by the root of the mean square of its
    /// slope.
    fn steepness(&self, cx: &Context, parameters: &[f64]) -> Result<Vec<f64>> {
        let (values, own) = parameters.split_at(self.functional.on_walls());
        let field = self.functional.with_values(values, self.functional.units());
        let d = self.domain.dimension();
        let mut jets = Jets::default();
        AtNodes::new(&*field, &cx.pool, &self.check.x).jets(own, Channels::First, &mut jets)?;
        let slopes = &jets.slope;
        let per_node = slopes.len() / self.check.len().max(1);
        let squares = cx.ranks().sum_over(self.check.len(), CHUNK, |lane| {
            let part = &slopes[lane.start * per_node..lane.end * per_node];
            [0, 1].map(|axis| {
                let along = part.iter().skip(axis).step_by(d);
                along.map(|s| s * s).sum::<f64>()
            })
        })?;
        let sides = self.domain.lower().iter().zip(self.domain.upper());
        let steep = sides.zip(squares).map(|((lo, hi), s)| (hi - lo) * s.sqrt());
        let steep: Vec<f64> = steep.collect();
        let largest = steep.iter().fold(0.0_f64, |a, b| a.max(*b));
        let of = |s: &f64| {
            let part = (s / largest.max(f64::MIN_POSITIVE)).max(1.0 / FINER);
            (STEPS * part.log2()).round() / STEPS
        };
        Ok(steep.iter().map(|s| of(s).exp2()).collect())
    }
}
