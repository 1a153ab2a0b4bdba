//! Features that are local: Gaussians on a lattice, for a u_0 that planes through the whole box do not resolve.

use super::L2Flow;
use super::capacity::Capacity;
use crate::error::Result;
use crate::field::{AtNodes, Channels, EmbeddingChoice, Jets, Lattice};
use crate::flow::{Context, Queries, State};
use crate::initial::Initial;

/// The most units of the lattices that are tried, one after the other, on a line and in the plane. In space lattices
/// are coarse.
pub(super) const UNITS: [&[usize]; 2] = [&[2000], &[1600, 5000]];

/// How many times as fine as along one axis a lattice may be along another, and the steps in which ratios are
/// taken: what is told from a field that misses layers is no more than a hint.
const FINER: f64 = 8.0;
const STEPS: f64 = 4.0;

/// The part of what a step misses in space that a change of features may.
const KEPT: f64 = 0.1;

impl L2Flow {
    /// The most units of the lattices that are tried; none where there are none for the dimension.
    pub(super) fn lattices(&self) -> &'static [usize] {
        UNITS
            .get(self.domain.dimension() - 1)
            .copied()
            .unwrap_or_default()
    }

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
        // Cosines that were asked for meet the condition on the faces by themselves.
        let sealed = cx.settings.network.embedding == EmbeddingChoice::Neumann;
        let is_box = self.domain.is_box() && self.domain.dimension() <= UNITS.len();
        if !self.is_free(cx)
            || few
            || held
            || asked
            || sealed
            || !is_box
            || self.functional.uses_hessian()
        {
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

    /// The flow of the next lattice for the field as it is; `None` where there is none, or where all miss more of the
    /// field than they may.
    pub(super) fn refitted_on_lattice(
        &self,
        cx: &Context,
        state: &mut State,
    ) -> Result<Option<Self>> {
        let missed = state.report.space_error;
        let had = match &self.lattice {
            Some(_) => self.features() * self.components(),
            None => 0,
        };
        let present = state.parameters.clone();
        let mut field = |x: &[f64], u: &mut [f64], grad: Option<&mut [f64]>| {
            self.evaluate(cx, &present, x, u, grad)
        };
        let mut present = Initial::Function {
            field: &mut field,
            has_gradient: true,
        };
        for units in self.lattices().iter().filter(|units| **units > 2 * had) {
            let Some(mut fine) =
                self.on_lattice(cx, &state.parameters, *units, self.given.nodes)?
            else {
                break;
            };
            let fitted = fine.fit(cx, present.again(), state.time, &mut |_, _| Ok(()))?;
            if fitted.fit.relative_error > KEPT * missed {
                continue;
            }
            log::info!(
                "step {}: what it misses in space is {missed:.1e} of the variation of u; {} features on a lattice \
                 from now on",
                state.step,
                fine.features()
            );
            state.reparametrize(fitted.parameters, fitted.minimizer);
            fine.prepared = None;
            return Ok(Some(fine));
        }
        Ok(None)
    }

    /// How steep a field is along each axis of the box where it is steepest, relative to the others.
    fn steepness(&self, cx: &Context, parameters: &[f64]) -> Result<Vec<f64>> {
        let (values, own) = parameters.split_at(self.functional.on_walls());
        let field = self.functional.with_values(values, self.functional.units());
        let d = self.domain.dimension();
        let mut jets = Jets::default();
        AtNodes::new(&*field, &cx.pool, &self.check.x).jets(own, Channels::First, &mut jets)?;
        let sides = self.domain.lower().iter().zip(self.domain.upper());
        let mut steep: Vec<f64> = sides
            .enumerate()
            .map(|(axis, (lo, hi))| {
                let along = jets.slope.iter().skip(axis).step_by(d);
                (hi - lo) * along.fold(0.0_f64, |most, s| most.max(s.abs()))
            })
            .collect();
        cx.ranks().max(Ok(()), &mut steep)?;
        let largest = steep.iter().fold(f64::MIN_POSITIVE, |a, b| a.max(*b));
        let of = |s: &f64| {
            let part = (s / largest).max(1.0 / FINER);
            ((STEPS * part.log2()).round() / STEPS).exp2()
        };
        Ok(steep.iter().map(of).collect())
    }
}
