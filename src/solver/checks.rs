//! The guards of a step: what is measured on nodes that the step did not train on.

use super::denser::is_rough;
use super::{Solver, State};
use crate::error::{Error, ErrorKind, Result};
use crate::flow::Observed;
use crate::minimize::Outcome;
use crate::report::StepReport;
use std::sync::Arc;

/// Violations of the energy inequality below this part of the energy are rounding.
const ROUNDING: f64 = 1e-11;

/// What a step has come to.
pub(super) struct Examined {
    pub report: StepReport,
    pub observed: Observed,
    /// See [`is_rough`].
    pub rough: bool,
}

impl Solver {
    /// What moves at the independent nodes in a state.
    pub(super) fn observed(&self, state: &State) -> Result<Arc<Observed>> {
        if let Some(observed) = &state.observed {
            return Ok(Arc::clone(observed));
        }
        let observed = self
            .flow
            .observe(&self.pool, &self.check, &state.parameters)?;
        Ok(Arc::new(observed))
    }

    /// Measures a step from `before` to `parameters` whose last stage has these parts.
    pub(super) fn examine(
        &self,
        before: &State,
        parameters: &[f64],
        parts: &[(f64, &[f64])],
        tau: f64,
        last: &Outcome,
    ) -> Result<Examined> {
        let (pool, check, flow) = (&self.pool, &self.check, &self.flow);
        let centre = flow.centre(pool, check, parts, tau)?;
        let (after, residual) = flow.observe_stage(pool, check, parameters, &centre)?;
        let then = self.observed(before)?;
        let total =
            |observed| -> Result<f64> { Ok(flow.energies(pool, check, observed)?.iter().sum()) };
        let (energy, energy_before) = (total(&after)?, total(&then)?);
        let distance = flow.distance(pool, check, parameters, &after, &then)?;
        let movement = match self.movement.stages.len() {
            1 => distance * distance / (2.0 * tau),
            _ => 0.0,
        };
        let energy_slack = energy_before - energy - movement;
        let still = flow.still(pool.ranks(), check, &after)?;
        let mut tolerance =
            ROUNDING * energy.abs().max(energy_before.abs()) + 2.0 * last.gap.max(last.enough);
        if 0.5 * distance * distance <= still {
            tolerance += centre.strength * still;
        }
        if energy_slack < -tolerance {
            return Err(Error::new(
                ErrorKind::EnergyIncrease,
                format!(
                    "the energy inequality is violated by {:.1e} on independent nodes (energy \
                     {energy:.6e} after {energy_before:.6e}): take a smaller `tau` or more `nodes`",
                    -energy_slack
                ),
            ));
        }
        let error_bound = if self.flow.is_convex() {
            residual / centre.strength
        } else {
            f64::INFINITY
        };
        let report = StepReport {
            step: 0,
            time: 0.0,
            tau,
            energy,
            energy_before,
            movement_distance: distance,
            energy_slack,
            residual,
            error_bound,
            gap: last.gap,
            boundary_flux: flow.boundary_flux(pool, self.boundary.as_ref(), parameters)?,
            least_jacobian: after.least_jacobian(pool.ranks(), check)?,
            mass: after.mass(pool.ranks(), check)?,
            iterations: 0,
            retries: 0,
            rejected: 0,
            error_estimate: 0.0,
            seconds: 0.0,
        };
        Ok(Examined {
            rough: is_rough(&report, centre.strength, still, last),
            report,
            observed: after,
        })
    }
}
