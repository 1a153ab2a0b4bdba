//! One time step: the stages of the movement scheme, guarded and retried.

use super::{Linearized, Past, Solver, State, count, notify, real_or};
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Centre, Setting};
use crate::minimize::{Objective, Outcome, Stop};
use crate::progress::Progress;
use crate::quadrature::Nodes;
use std::sync::Arc;
use std::time::Instant;

/// Fresh nodes are tried this often before a failure is reported.
const RETRIES: u64 = 2;

impl Solver {
    /// One step, of `self.tau` or shorter if `longest` is.
    pub(super) fn advance(&mut self, longest: f64) -> Result<()> {
        if self.flow.names().next().is_none() {
            return Err(Error::state("there is no energy yet"));
        }
        self.check_same_step(self.state()?)?;
        let refined = self.state()?.refined;
        if let Some(tolerance) = self.step_tolerance()? {
            self.advance_adaptively(tolerance, longest)?;
        } else {
            let state = self.state()?.clone();
            self.state = Some(self.guarded(&state, self.tau.min(longest))?);
        }
        if self.state()?.refined > refined {
            self.refine_check()?;
        }
        self.relabel()
    }

    /// One step from `state`; what may be the nodes' fault is tried again with others. A map that is rough
    /// between its labels tries denser ones, which the next steps keep.
    pub(super) fn guarded(&mut self, state: &State, tau: f64) -> Result<State> {
        let start = Instant::now();
        let mut retries = 0;
        let mut rough = None;
        let next = loop {
            let attempt = self.attempt(state, tau, state.refined + retries);
            match (self.pool.ranks().settle(attempt), rough.take()) {
                (Err(e), Some(rough)) if is_of_the_nodes(&e) => break Ok(rough),
                (Err(e), _) if is_of_the_nodes(&e) && retries < RETRIES => {
                    log::info!("step {}: {e}; trying fresh nodes", state.step + 1);
                    retries += 1;
                }
                (Ok((next, true)), _) if retries < RETRIES && self.can_refine(next.refined) => {
                    log::info!("step {}: trying denser labels", state.step + 1);
                    rough = Some(next);
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

    /// A step, and whether it left a map that is rough between its labels.
    fn attempt(&mut self, state: &State, tau: f64, attempt: u64) -> Result<(State, bool)> {
        let nodes = self.step_nodes(state.step + 1, attempt)?;
        let mut next = state.clone();
        if attempt > state.refined {
            next.past.clear();
            if self.can_refine(attempt - 1) {
                next.refined = attempt;
            }
        }
        // U_0, U_1, ... as parameters.
        let mut stages = vec![state.parameters.clone()];
        let mut last = Outcome::default();
        let mut iterations = 0;
        for row in self.movement.stages {
            let parts: Vec<(f64, &[f64])> = row
                .iter()
                .copied()
                .zip(stages.iter().map(Vec::as_slice))
                .collect();
            let centre = self.flow.centre(&self.pool, &nodes, &parts, tau)?;
            let guesses = guesses(&next, &stages, tau, self.flow.continued());
            let (parameters, outcome) =
                self.minimize_stage(&mut next, &nodes, &centre, guesses, iterations, attempt)?;
            iterations += outcome.iterations;
            last = outcome;
            stages.push(parameters);
        }
        let parameters = stages.pop().unwrap_or_default();
        let last_row = self.movement.stages.last().copied().unwrap_or(&[]);
        let parts: Vec<(f64, &[f64])> = last_row
            .iter()
            .copied()
            .zip(stages.iter().map(Vec::as_slice))
            .collect();
        let examined = self.examine(state, &parameters, &parts, tau, &last)?;
        next.report = examined.report;
        next.observed = Some(Arc::new(examined.observed));
        next.report.iterations = iterations;
        stages.push(parameters);
        next.remember(stages, tau);
        next.step += 1;
        next.time += tau;
        next.report.step = next.step;
        next.report.time = next.time;
        Ok((next, examined.rough))
    }

    fn minimize_stage(
        &mut self,
        state: &mut State,
        nodes: &Nodes,
        centre: &Centre,
        guesses: Vec<Vec<f64>>,
        earlier: u64,
        attempt: u64,
    ) -> Result<(Vec<f64>, Outcome)> {
        let setting = Setting {
            pool: &self.pool,
            nodes,
            form: self.form,
            precision: self.precision,
            turn: (state.step + 1, attempt),
        };
        let stop = self.step_stop()?;
        let accept = self.options.real("step_accept")?;
        let observer = &mut self.observer;
        let (step, time) = (state.step, state.time);
        let mut watch = |iteration, objective| {
            let progress = Progress {
                fitting: false,
                step,
                time,
                iteration: earlier + iteration,
                objective,
            };
            notify(observer, &progress)
        };
        let minimizer = &mut state.minimizer;
        let matrices = minimizer.matrices();
        let mut objective = self.flow.stage(&setting, centre)?;
        let mut parameters = best_guess(&mut *objective, guesses)?;
        let minimized = minimizer.minimize(&mut *objective, &mut parameters, &stop, &mut watch);
        if minimizer.matrices() != matrices {
            state.linearized = Some(Linearized {
                step: setting.turn.0,
                attempt,
                strength: centre.strength,
            });
        }
        let outcome = minimized?;
        if outcome.converged || outcome.gap <= accept.powi(2) * objective.scale() {
            return Ok((parameters, outcome));
        }
        Err(Error::new(
            ErrorKind::NotConverged,
            format!(
                "step {}: the minimiser stopped after {} iterations with {:.1e} of {:.1e} \
                 still to gain; take a smaller `tau`, a larger `max_iterations` or `tolerance`",
                step + 1,
                outcome.iterations,
                outcome.gap,
                outcome.value
            ),
        ))
    }

    /// A hundredth of what the minimum on random nodes gains over the true one by fitting the
    /// sample: about parameters / nodes of the objective. To solve further is to fit noise.
    fn sampling_noise(&self) -> f64 {
        if self.form.is_some() {
            return 0.0;
        }
        self.random_nodes().map_or(0.0, |nodes| {
            0.01 * self.flow.network().parameters() as f64 / nodes as f64
        })
    }

    fn step_stop(&self) -> Result<Stop> {
        let iterations = match self.minimizer {
            super::Minimizer::GaussNewton(_) => "max_iterations",
            super::Minimizer::Adam(_) => "adam_iterations",
        };
        let tolerance = real_or(&self.options, "tolerance", self.movement.tolerance)?;
        Ok(Stop {
            gain: tolerance.powi(2).max(self.sampling_noise()),
            value: f64::NEG_INFINITY,
            max_iterations: count(&self.options, iterations)? as u64,
        })
    }
}

impl State {
    /// Takes up the parameters that the stages of a step led to; the first are those it began with.
    fn remember(&mut self, stages: Vec<Vec<f64>>, tau: f64) {
        let changes = stages.iter().skip(1).map(|stage| {
            let line = stage.iter().zip(&self.parameters);
            line.map(|(now, then)| now - then).collect()
        });
        let changes = changes.collect();
        self.past.insert(0, Past { tau, changes });
        self.past.truncate(2);
        if let Some(last) = stages.into_iter().next_back() {
            self.parameters = last;
        }
    }
}

/// Where a stage may start: the stage before; the change of the same stage in the last step, which
/// is of first order in the time step; and the line through the changes in the last two steps.
///
/// Of changes that carry the noise of their minimisation only the part `continued` is taken, and no line
/// is drawn through them.
fn guesses(state: &State, stages: &[Vec<f64>], tau: f64, continued: f64) -> Vec<Vec<f64>> {
    let mut guesses: Vec<Vec<f64>> = stages.last().into_iter().cloned().collect();
    let stage = stages.len() - 1;
    // Changes are taken as proportional to the time step.
    let rates = state.past.iter().map_while(|past| {
        let change = past.changes.get(stage)?;
        Some((past.tau, change.iter().map(move |c| c * tau / past.tau)))
    });
    let mut rates = rates.map(|(tau, rates)| (tau, rates.collect::<Vec<_>>()));
    let Some((last_tau, last)) = rates.next() else {
        return guesses;
    };
    let along = |change: &[f64]| -> Vec<f64> {
        let line = state.parameters.iter().zip(change);
        line.map(|(p, c)| p + continued * c).collect()
    };
    guesses.push(along(&last));
    if let Some((_, before)) = rates.next().filter(|_| continued >= 1.0) {
        // The rates are those of times (tau + last_tau)/2 apart and so on; even steps double one.
        let ratio = (tau / last_tau).min(1.0);
        let line = last.iter().zip(&before);
        let change: Vec<f64> = line.map(|(l, b)| l + ratio * (l - b)).collect();
        guesses.push(along(&change));
    }
    guesses
}

/// Whether it may be the nodes that a step fails with: an energy that only seems to fall, or goes on
/// falling, where the network is steep at the nodes and flat between them.
fn is_of_the_nodes(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::EnergyIncrease | ErrorKind::NotConverged
    )
}

/// The part of what a step moves by, squared, that a guess may be wrong by for no other to be tried.
const NEAR: f64 = 1e-2;

/// The guess of the lowest value; one that the energy refuses is passed over. Where values tell how far the
/// minimum is, the longest line is tried first, and taken if it ends near. At rest none does: changes are noise
/// then, which lines through them raise.
fn best_guess(objective: &mut dyn Objective, mut guesses: Vec<Vec<f64>>) -> Result<Vec<f64>> {
    if guesses.len() == 1 {
        return Ok(guesses.remove(0));
    }
    if objective.motion().is_some() {
        guesses.reverse();
    }
    let mut best: Option<(f64, Vec<f64>)> = None;
    let mut refused = None;
    for guess in guesses {
        match objective.value(&guess) {
            Ok(value) if objective.motion().is_some_and(|m| value <= NEAR * m) => {
                return Ok(guess);
            }
            Ok(value) if best.as_ref().is_none_or(|(least, _)| value < *least) => {
                best = Some((value, guess));
            }
            Err(e) if !e.kind().is_recoverable() && e.kind() != ErrorKind::NotFinite => {
                return Err(e);
            }
            Err(e) => refused = Some(e),
            Ok(_) => {}
        }
    }
    match (best, refused) {
        (Some((_, guess)), _) => Ok(guess),
        (None, Some(e)) => Err(e),
        (None, None) => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::minimize::{Model, NoModel};
    use crate::parallel::Pool;

    /// `(p - 1)^2 + rest`, which refuses p below 0 and counts its values.
    struct Bowl {
        pool: Pool,
        rest: f64,
        values: usize,
    }

    impl Objective for Bowl {
        fn value(&mut self, p: &[f64]) -> Result<f64> {
            self.values += 1;
            if p[0] < 0.0 {
                return Err(Error::new(ErrorKind::TryAgain, "below 0"));
            }
            Ok((p[0] - 1.0).powi(2) + self.rest)
        }

        fn gradient(&mut self, p: &[f64], _gradient: &mut [f64]) -> Result<f64> {
            self.value(p)
        }

        fn linearize(&mut self, p: &[f64], _gradient: &mut [f64]) -> Result<f64> {
            self.value(p)
        }

        fn linear(&mut self) -> Box<dyn Model + '_> {
            Box::new(NoModel::new(&self.pool))
        }

        fn scale(&self) -> f64 {
            1.0
        }

        fn motion(&self) -> Option<f64> {
            (self.rest == 0.0).then_some(1.0)
        }
    }

    /// Which guess is taken, and after how many values.
    fn taken(rest: f64, guesses: &[f64]) -> (Result<f64>, usize) {
        let pool = Pool::new(1).unwrap();
        let mut bowl = Bowl {
            pool,
            rest,
            values: 0,
        };
        let guesses = guesses.iter().map(|g| vec![*g]).collect();
        let best = best_guess(&mut bowl, guesses).map(|p| p[0]);
        (best, bowl.values)
    }

    #[test]
    fn a_guess_known_to_be_near_is_taken_at_once_and_else_the_best_of_all() {
        let found = |rest, guesses: &[f64]| {
            let (best, values) = taken(rest, guesses);
            (best.unwrap(), values)
        };
        assert_eq!(found(0.0, &[0.0, 0.98, 0.95]), (0.95, 1));
        assert_eq!(found(0.0, &[0.0, 0.98, 0.5]), (0.98, 2));
        assert_eq!(found(0.0, &[0.7, 0.8, 0.5]), (0.8, 3));
        assert_eq!(found(0.5, &[0.0, 0.95, 0.98]), (0.98, 3));
        assert_eq!(found(0.5, &[0.3]), (0.3, 0));
        for rest in [0.0, 0.5] {
            assert_eq!(found(rest, &[-1.0, 0.5, -2.0]), (0.5, 3));
            let (refused, values) = taken(rest, &[-1.0, -2.0]);
            assert_eq!(refused.unwrap_err().kind(), ErrorKind::TryAgain);
            assert_eq!(values, 2);
        }
    }
}
