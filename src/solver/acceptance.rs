//! The acceptance of a step: what is measured on nodes that it did not train on.

use super::Solver;
use super::guesses::paired;
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Observed, State};
use crate::minimize::Outcome;
use crate::report::StepReport;
use std::sync::Arc;

/// Violations of the energy inequality below this part of the energy are rounding.
const ROUNDING: f64 = 1e-11;

/// Standard errors of the energy's change that a violation of the energy inequality may be: near rest
/// a step gains less than a random sample of nodes can tell.
const NOISE: f64 = 3.0;

/// A step that is to be checked.
pub(super) struct Step<'a> {
    /// `U_0, U_1, ...` as parameters, the last those of the step's end.
    pub stages: &'a [Vec<f64>],
    pub tau: f64,
    /// Nodes that it trained on, on all ranks.
    pub nodes: u64,
    /// How the last stage ended.
    pub last: Outcome,
}

/// Measurements of a step on independent nodes.
pub(super) struct Checked {
    pub report: StepReport,
    pub observed: Observed,
    pub is_underresolved: bool,
}

impl Solver {
    /// Evaluates what moves at the independent nodes in a state.
    pub(super) fn observed(&self, state: &State) -> Result<Arc<Observed>> {
        match &state.observed {
            Some(observed) => Ok(Arc::clone(observed)),
            None => Ok(Arc::new(
                self.flow.observe(&self.context, &state.parameters)?,
            )),
        }
    }

    /// Measures a step from `before`, and refuses it if the energy inequality does not hold.
    pub(super) fn check_step(&self, before: &State, step: &Step<'_>) -> Result<Checked> {
        let (cx, flow, last) = (&self.context, &*self.flow, &step.last);
        let scheme = cx.movement().stages;
        let (Some((parameters, earlier)), Some(row)) = (step.stages.split_last(), scheme.last())
        else {
            return Err(Error::internal("a movement scheme has no stages"));
        };
        let parts = paired(row, earlier);
        let centre = flow.centre(cx, flow.check_nodes(), &parts, step.tau)?;
        let strength = centre.strength;
        let (after, residual) = flow.observe_stage(cx, parameters, &centre)?;
        let then = self.observed(before)?;
        let total = |observed| -> Result<f64> { Ok(flow.energies(cx, observed)?.iter().sum()) };
        let (energy, energy_before) = (total(&after)?, total(&then)?);
        let distance = flow.distance(cx, parameters, &after, &then)?;
        let movement = match scheme.len() {
            1 => distance * distance / (2.0 * step.tau),
            _ => 0.0,
        };
        // Where what is given on the boundary has moved, the last stage's own functional has to be no larger
        // than where the state before was moved along.
        let energy_slack = match flow.carried(&before.parameters, parameters) {
            None => energy_before - energy - movement,
            Some(carried) => {
                let carried = flow.observe(cx, &carried)?;
                let towards = |of: &Observed| -> Result<f64> {
                    let centre = Observed {
                        u: centre.values.clone(),
                        ..Observed::default()
                    };
                    let nodes = flow.check_nodes();
                    let distance = of.distance(flow.metric(), cx.ranks(), &centre, nodes)?;
                    Ok(0.5 * strength * distance * distance)
                };
                total(&carried)? + towards(&carried)? - energy - towards(&after)?
            }
        };
        let rest = flow.rest(cx, &after)?;
        let mut tolerance =
            ROUNDING * energy.abs().max(energy_before.abs()) + 2.0 * last.gap.max(last.enough);
        if 0.5 * distance * distance <= rest {
            tolerance += centre.strength * rest;
        }
        if energy_slack < -tolerance
            && energy_slack < -tolerance - NOISE * flow.energy_noise(cx, &then, &after)?
        {
            return Err(Error::new(
                ErrorKind::EnergyIncrease,
                format!(
                    "the energy inequality is violated by {:.1e} on independent nodes (energy \
                     {energy:.6e} after {energy_before:.6e}): take a smaller `tau` or more `nodes`",
                    -energy_slack
                ),
            ));
        }
        let error_bound = if flow.is_convex() {
            residual / centre.strength
        } else {
            f64::INFINITY
        };
        let (ranks, nodes) = (cx.ranks(), flow.check_nodes());
        let report = StepReport {
            tau: step.tau,
            energy,
            energy_before,
            movement_distance: distance,
            energy_slack,
            residual,
            error_bound,
            gap: last.gap,
            stage_error: (2.0 * last.gap / centre.strength).sqrt(),
            parameters: flow.parameters() as u64,
            nodes: step.nodes,
            substeps: 1,
            boundary_flux: flow.boundary_flux(cx, parameters)?,
            least_jacobian: after.least_jacobian(ranks, nodes)?,
            mass: after.mass(ranks, nodes)?,
            ..StepReport::default()
        };
        Ok(Checked {
            is_underresolved: flow.is_underresolved(&report, centre.strength, rest, last),
            report,
            observed: after,
        })
    }
}
