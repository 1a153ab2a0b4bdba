//! The acceptance of a step: what is measured on nodes that it did not train on.

use super::Solver;
use super::guesses::paired;
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Centre, Context, Frozen, Moment, Observed, REST, State};
use crate::linear_algebra::dot;
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
    /// What the metric is frozen at, where it is.
    pub frozen: Option<Frozen<'a>>,
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
            None => {
                let cx = self.context.at(state.time);
                Ok(Arc::new(self.flow.observe(&cx, &state.parameters)?))
            }
        }
    }

    /// Measures a step from `before`, and refuses it if the energy inequality does not hold.
    pub(super) fn check_step(&self, before: &State, step: &Step<'_>) -> Result<Checked> {
        let cx = &self.context.at(before.time + step.tau);
        let (flow, last) = (&*self.flow, &step.last);
        let scheme = cx.movement().stages;
        let (Some((parameters, earlier)), Some(row)) = (step.stages.split_last(), scheme.last())
        else {
            return Err(Error::internal("a movement scheme has no stages"));
        };
        let parts = paired(row, earlier);
        let mut centre = flow.centre(cx, flow.check_nodes(), &parts, step.tau)?;
        if let Some(of) = &step.frozen {
            centre.weights = flow.weights(cx, flow.check_nodes(), of)?;
        }
        let (after, residual) = flow.observe_stage(cx, parameters, &centre)?;
        let then = self.observed(before)?;
        let (energy, energy_before) = (
            self.total_energy(cx.time, &after)?,
            self.total_energy(before.time, &then)?,
        );
        let work = match self.uses_time {
            true => self.work(before, step, (energy_before, &then))?,
            false => 0.0,
        };
        let states = [before.parameters.as_slice(), parameters];
        let distance = flow.distance(cx, step.frozen.as_ref(), states, [&then, &after])?;
        let movement = match scheme.len() {
            1 => distance * distance / (2.0 * step.tau),
            _ => 0.0,
        };
        // Where what is given on the boundary has moved, the last stage's own functional, with what holds u to it,
        // has to be no larger than where the state before was moved along.
        let energy_slack = match flow.carried(&before.parameters, parameters) {
            None => energy_before + work - energy - movement,
            Some(carried) => {
                let carried = flow.observe(cx, &carried)?;
                let of = (parameters.as_slice(), &centre);
                self.stage_value(cx, of, &carried)? - self.stage_value(cx, of, &after)?
            }
        };
        let rest = flow.rest(cx, &after)? * self.mean_weight(&centre)?;
        let size = energy.abs().max(energy_before.abs()).max(work.abs());
        let mut tolerance = ROUNDING * size + 2.0 * last.gap.max(last.enough);
        if 0.5 * distance * distance <= rest {
            tolerance += centre.strength * rest;
        }
        let noise = match energy_slack >= -tolerance {
            true => 0.0,
            false => NOISE * flow.energy_noise(cx, &then, &after)?,
        };
        // What is no number holds nothing.
        let holds = energy_slack >= -tolerance - noise;
        if !holds {
            return Err(Error::new(
                ErrorKind::EnergyIncrease,
                format!(
                    "the energy inequality is violated by {:.1e} on independent nodes (energy \
                     {energy:.6e} after {energy_before:.6e}{}): take a smaller `tau` or more `nodes`",
                    -energy_slack,
                    match self.uses_time {
                        true => format!(" and {work:.6e} of work"),
                        false => String::new(),
                    }
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
            work,
            movement_distance: distance,
            energy_slack,
            residual,
            error_bound,
            gap: last.gap,
            stage_error: (2.0 * last.gap / centre.strength).sqrt(),
            space_error: residual / centre.strength / ((2.0 * rest).sqrt() / REST),
            parameters: flow.parameters() as u64,
            nodes: step.nodes,
            substeps: 1,
            boundary_flux: flow.boundary_flux(cx, parameters)?,
            wall_error: flow.wall_error(cx, parameters, &after)?,
            bound_error: flow.bound_error(cx, &after)?,
            integral_error: flow.integral_error(cx, parameters, &after)?,
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

    /// The functional of the last stage, `F(u) + S/(2 tau) d(u, c)^2` and what holds the state that it led to.
    fn stage_value(
        &self,
        cx: &Context,
        (parameters, centre): (&[f64], &Centre),
        of: &Observed,
    ) -> Result<f64> {
        let flow = &*self.flow;
        let c = Observed {
            u: centre.values.clone(),
            ..Observed::default()
        };
        let metric = centre.metric(flow.metric());
        let distance = of.distance(&*metric, cx.ranks(), &c, flow.check_nodes())?;
        let holding = flow.holding(cx, (parameters, centre.strength), of)?;
        Ok(self.total_energy(cx.time, of)? + 0.5 * centre.strength * distance * distance + holding)
    }

    /// The mean of the metric's weights at the independent nodes; 1 where they are those of the flow.
    fn mean_weight(&self, centre: &Centre) -> Result<f64> {
        let Some(weights) = &centre.weights else {
            return Ok(1.0);
        };
        let w = &self.flow.check_nodes().w;
        let mut sums = [dot(w, weights), w.iter().sum()];
        self.ranks().sum(Ok(()), &mut sums)?;
        let [weighted, volume] = sums;
        Ok(weighted / volume)
    }

    fn total_energy(&self, time: f64, observed: &Observed) -> Result<f64> {
        let energies = self.flow.energies(&self.context.at(time), observed)?;
        Ok(energies.iter().sum())
    }

    /// What the energy gains in a step by changing with time: `sum F(t_m, U_{m-1}) - F(t_{m-1}, U_{m-1})`
    /// over the stages, which takes the place of the integral of dF/dt. Stage m does not raise
    /// `F(t_m, .)`, so that the energy rises by no more.
    fn work(
        &self,
        before: &State,
        step: &Step<'_>,
        (energy, then): (f64, &Observed),
    ) -> Result<f64> {
        let movement = self.context.movement();
        let time = |stage| {
            let (begin, tau) = (before.time, step.tau);
            Moment { begin, tau, stage }.time(movement)
        };
        let mut start = time(0)?;
        let mut work = self.total_energy(start, then)? - energy;
        for (stage, parameters) in (1..movement.stages.len()).zip(step.stages.iter().skip(1)) {
            let end = time(stage)?;
            let observed = self.flow.observe(&self.context.at(start), parameters)?;
            work += self.total_energy(end, &observed)? - self.total_energy(start, &observed)?;
            start = end;
        }
        Ok(work)
    }
}
