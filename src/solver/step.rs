//! One time step.
//!
//! A step reads from top to bottom in [`Solver::attempt`]:
//!
//! 1. *nodes*: where this attempt takes its integrals;
//! 2. for each stage of the movement scheme
//!    - *centre*: the proximal centre that the stage moves from,
//!    - *guess*: where its minimisation may start,
//!    - *minimise*: over the parameters, to the tolerance;
//! 3. *check*: the energy inequality and the residual, on nodes that the step did not train on;
//! 4. *report*.
//!
//! [`Solver::take`] around it tries again with other nodes, and [`Solver::advance`] accepts: what
//! fails on the way leaves no trace.

use super::acceptance::Step;
use super::effort::Effort;
use super::guesses::{guesses, paired};
use super::metric::Middle;
use super::{Solver, notify};
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Centre, Context, Course, Linearized, Moment, Posed, State, Turn};
use crate::minimize::{Minimizer, Outcome, Stop};
use crate::progress::Progress;
use crate::quadrature::Nodes;
use crate::report::StepReport;
use std::sync::Arc;
use std::time::Instant;

/// The part of what is accepted by which a stage that comes slowly to its minimum may miss it.
const SLOW: f64 = 0.1;

/// A step that fails is taken in two halves, these in quarters, and so on so often.
const HALVINGS: u32 = 3;

impl Solver {
    /// One step, of `self.tau` or shorter if `longest` is; then what the flow does between steps.
    pub(super) fn advance(&mut self, longest: f64) -> Result<()> {
        if self.flow.term_names().is_empty() {
            return Err(Error::state("there is no energy yet; add one first"));
        }
        let state = self.state()?.clone();
        self.check_same_step(&state)?;
        // Of what the host has changed as little is known as of u_0.
        let report = Some(&state.report).filter(|_| state.is_as_stepped());
        self.effort = Effort::after(&self.context, report.unwrap_or(&StepReport::default()));
        let taken = match self.context.settings.time.step_tolerance {
            Some(tolerance) => self.adapt(&state, tolerance, longest),
            None => {
                let tau = self.tau.min(longest);
                let next = self.take_in_parts(&state, tau, HALVINGS);
                next.map(|next| (next, self.tau))
            }
        };
        let (mut next, tau) = taken.map_err(|refused| self.with_effort(refused, &state))?;
        next.report.iterations = self.effort.iterations;
        let rate = next.report.movement_distance / next.report.tau;
        next.fastest = next.fastest.max(rate);
        let cx = self.context.at(next.time);
        self.keep_course(&mut next);
        self.flow.after_step(&cx, &mut next, state.refinements)?;
        self.state = Some(next);
        self.tau = tau;
        Ok(())
    }

    /// The refusal of a step from `state`, with what was tried.
    fn with_effort(&self, refused: Error, state: &State) -> Error {
        if !refused.kind().is_of_the_step() {
            return refused;
        }
        let (effort, parameters) = (&self.effort, state.parameters.len());
        refused.followed_by(format!(
            "; tried {} times, {} iterations in all, with {parameters} parameters and {} nodes",
            effort.attempts,
            effort.iterations,
            effort.nodes(),
        ))
    }

    /// One step from `state`, in parts where the whole fails; the error is that of the whole.
    fn take_in_parts(&mut self, state: &State, tau: f64, halvings: u32) -> Result<State> {
        let is_whole = halvings == HALVINGS;
        self.effort.begin(is_whole);
        // The whole has tried other nodes.
        let retries = if is_whole { self.flow.retries() } else { 0 };
        let refused = match self.take(state, tau, retries) {
            Err(e) if e.kind().is_of_the_step() && halvings > 0 => e,
            other => return other,
        };
        self.effort.begin(false);
        if self.effort.is_spent(self.context.ranks())? {
            return Err(refused);
        }
        log::info!("step {}: {refused}; halved", state.step + 1);
        let whole = |e: Error| match e.kind().is_of_the_step() {
            true => refused.clone(),
            false => e,
        };
        let half = 0.5 * tau;
        let first = self.take_in_parts(state, half, halvings - 1);
        let first = first.map_err(whole)?;
        if self.effort.is_spent(self.context.ranks())? {
            return Err(refused);
        }
        let second = self.take_in_parts(&first, half, halvings - 1);
        let mut second = second.map_err(whole)?;
        second.step = state.step + 1;
        second.report.step = second.step;
        self.join(state, &first, &mut second)?;
        Ok(second)
    }

    /// One step from `state`; what may be the nodes' fault is tried again with others, and nodes
    /// that turn out too few with denser ones, which the next steps keep; `most` times.
    pub(super) fn take(&mut self, state: &State, tau: f64, most: u64) -> Result<State> {
        let start = Instant::now();
        let mut retries = 0;
        let mut underresolved = None;
        let next = loop {
            let attempt = self.attempt(state, tau, state.refinements + retries);
            let attempt = self.ranks().settle(attempt);
            let may_retry = retries < most && !self.effort.is_spent(self.context.ranks())?;
            match (attempt, underresolved.take()) {
                (Err(e), Some(next)) if e.kind().is_of_the_step() => break Ok(next),
                (Err(e), _) if e.kind().is_of_the_step() && may_retry => {
                    log::info!("step {}: {e}; trying fresh nodes", state.step + 1);
                    retries += 1;
                }
                (Ok((next, true)), _) if may_retry && self.flow.can_refine(next.refinements) => {
                    log::info!("step {}: trying denser nodes", state.step + 1);
                    underresolved = Some(next);
                    retries += 1;
                }
                (other, _) => break other.map(|(next, _)| next),
            }
        };
        let mut next = next?;
        next.report.retries = retries;
        next.report.seconds = start.elapsed().as_secs_f64();
        log::debug!(
            "step {} to t = {:e}: energy {:e}, residual {:e}, {} iterations",
            next.step,
            next.time,
            next.report.energy,
            next.report.residual,
            next.report.iterations
        );
        Ok(next)
    }

    /// A step on the nodes of this attempt, and whether they turned out too few.
    fn attempt(&mut self, state: &State, tau: f64, attempt: u64) -> Result<(State, bool)> {
        let turn = Turn {
            step: state.step + 1,
            attempt,
        };
        let nodes = self.flow.nodes(&self.context, turn)?;
        let count = self.ranks().counts(nodes.len())?.iter().sum::<usize>() as u64;
        self.effort.begin_attempt(count);
        let mut next = self.before_attempt(state, attempt);
        // U_0, U_1, ... as parameters.
        let mut stages = vec![state.parameters.clone()];
        let mut last = Outcome::default();
        let middle = self.middle(&mut next, &nodes, tau, turn)?;
        let frozen = middle.as_ref().map(Middle::frozen);
        let mut iterations = middle.as_ref().map_or(0, |middle| middle.iterations);
        let movement = self.context.movement();
        for (stage, row) in movement.stages.iter().enumerate() {
            let moment = Moment {
                begin: state.time,
                tau,
                stage,
            };
            let cx = self.context.at(moment.time(movement)?);
            let parts = paired(row, &stages);
            let mut centre = self.flow.centre(&cx, &nodes, &parts, tau)?;
            if let Some(of) = &frozen {
                centre.weights = self.flow.weights(&cx, &nodes, of)?;
            }
            let guesses = guesses(&next, &stages, tau, self.flow.continuation());
            let stage = Stage {
                cx: &cx,
                turn,
                nodes: &nodes,
                centre: &centre,
                moment,
                earlier: iterations,
            };
            let (parameters, outcome) = self.minimize_stage(&mut next, &stage, guesses)?;
            iterations += outcome.iterations;
            last = outcome;
            stages.push(parameters);
        }
        let checked = self.check_step(
            state,
            &Step {
                stages: &stages,
                tau,
                nodes: count,
                last,
                frozen,
            },
        )?;
        if !self.flow.keeps_matrices() {
            next.minimizer.forget_matrix();
        }
        next.report = checked.report;
        next.observed = Some(Arc::new(checked.observed));
        next.report.iterations = iterations;
        next.report.accepted_iterations = iterations;
        next.remember(stages, tau);
        next.step += 1;
        (next.time, next.time_rest) = state.time_after(tau);
        let (begin, end) = (&state.parameters, &next.parameters);
        next.course = Course::of_step((state.time, begin), (next.time, end));
        next.report.step = next.step;
        next.report.time = next.time;
        Ok((next, checked.is_underresolved))
    }

    /// The state that an attempt works on: other nodes than those of the steps before say nothing
    /// of how the parameters go on.
    fn before_attempt(&self, state: &State, attempt: u64) -> State {
        let mut next = state.clone();
        if attempt > state.refinements {
            next.past.clear();
            if self.flow.can_refine(attempt - 1) {
                next.refinements = attempt;
            }
        }
        next
    }

    pub(super) fn minimize_stage(
        &mut self,
        state: &mut State,
        stage: &Stage<'_>,
        guesses: Vec<Vec<f64>>,
    ) -> Result<(Vec<f64>, Outcome)> {
        let mut stop = self.stage_stop(state);
        let most = stop.max_iterations;
        stop.max_iterations = most.min(self.effort.iterations_left());
        let accept = self.context.step_accept();
        let observer = &mut self.observer;
        let (step, time) = (state.step, state.time);
        let mut begun = 0;
        let mut watch = |iteration, objective| {
            begun = iteration + 1;
            let progress = Progress {
                fitting: false,
                step,
                time,
                iteration: stage.earlier + iteration,
                objective,
            };
            notify(observer, &progress)
        };
        let posed = Posed {
            cx: stage.cx,
            nodes: stage.nodes,
            centre: stage.centre,
            before: &state.parameters,
            turn: stage.turn,
            moment: stage.moment,
        };
        let minimizer = &mut state.minimizer;
        let matrices = minimizer.matrices();
        let result = self
            .flow
            .minimize_stage(&posed, guesses, minimizer, &stop, &mut watch);
        if minimizer.matrices() != matrices {
            state.linearized = Some(Linearized {
                turn: stage.turn,
                strength: stage.centre.strength,
                moment: stage.moment,
            });
        }
        let made = result
            .as_ref()
            .map_or(begun, |done| done.outcome.iterations);
        self.effort.add(made);
        let done = result?;
        let outcome = done.outcome;
        if outcome.converged || outcome.gap <= accept.powi(2) * done.scale {
            return Ok((done.parameters, outcome));
        }
        Err(Error::new(
            ErrorKind::NotConverged,
            format!(
                "step {}: the minimiser stopped after {} iterations with {:.1e} of {:.1e} \
                 still to gain, {:.0e} of what the step moves by where `step_accept` is {accept:.0e}; \
                 take {}",
                step + 1,
                outcome.iterations,
                outcome.gap,
                outcome.value,
                (outcome.gap / done.scale).sqrt(),
                advice(&outcome, &stop, most),
            ),
        ))
    }

    fn stage_stop(&self, state: &State) -> Stop {
        let settings = &self.context.settings;
        let tolerance = match settings.minimizer.tolerance {
            Some(tolerance) => tolerance,
            None => self.flow.exactness() * self.context.tolerance(),
        };
        let gain = tolerance.powi(2);
        Stop {
            gain: gain.max(self.flow.sampling_noise()),
            value: f64::NEG_INFINITY,
            slow: SLOW * self.context.step_accept().powi(2),
            max_iterations: match state.minimizer {
                Minimizer::GaussNewton(_) => settings.minimizer.max_iterations,
                Minimizer::Adam(_) => settings.adam.adam_iterations,
            },
        }
    }
}

/// What may help a minimisation that ended like this, where `most` iterations are allowed for a stage.
fn advice(outcome: &Outcome, stop: &Stop, most: u64) -> &'static str {
    if outcome.iterations < stop.max_iterations {
        "a wider `hidden`, which the motion seems to need, a smaller `tau` or a larger `step_accept`"
    } else if stop.max_iterations < most {
        "a larger `effort`, a smaller `tau`, or a larger `tolerance` or `step_accept`"
    } else {
        "a larger `max_iterations`, a smaller `tau`, or a larger `tolerance` or `step_accept`"
    }
}

/// A stage of the movement scheme.
pub(super) struct Stage<'a> {
    /// At the time of the stage.
    pub cx: &'a Context,
    pub turn: Turn,
    pub nodes: &'a Nodes,
    pub centre: &'a Centre,
    /// When it takes place.
    pub moment: Moment,
    /// Iterations of the stages before.
    pub earlier: u64,
}
