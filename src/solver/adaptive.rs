//! Time steps chosen by an estimate of their error: each is taken whole and in two halves, whose
//! difference measures it (step doubling; Hairer, Norsett, Wanner, "Solving Ordinary Differential
//! Equations I", section II.4).

use super::Solver;
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Frozen, State};

/// The next time step aims at this part of what the estimate allows.
const SAFETY: f64 = 0.85;

/// Bounds on the ratio of successive time steps; before the first there is nothing to go by but `tau`.
const LEAST_RATIO: f64 = 0.2;
const FIRST_RATIO: f64 = 0.01;
const MOST_RATIO: f64 = 4.0;

/// The part of `tau` that a step may be shortened to where `tau_min` is longer: its default knows no unit.
const PART: f64 = 1e-6;

/// Rejections in a row after which a step is given up.
const MOST_REJECTIONS: u64 = 30;

impl Solver {
    /// One step from `state` of an error below `tolerance`, no longer than `longest`; returns with
    /// it the time step to try next.
    pub(super) fn adapt(
        &mut self,
        state: &State,
        tolerance: f64,
        longest: f64,
    ) -> Result<(State, f64)> {
        let order = f64::from(self.context.movement().order);
        let most = self.context.settings.time.tau_max.unwrap_or(f64::MAX);
        let mut tau = self.tau.min(longest);
        let least = match state.step {
            0 => FIRST_RATIO,
            _ => LEAST_RATIO,
        };
        let mut rejected = 0;
        loop {
            let doubled = self.doubled(state, tau);
            let (next, estimate) = match self.ranks().settle(doubled) {
                Ok(pair) => pair,
                Err(e)
                    if e.kind().is_recoverable_by_shorter_step()
                        && !self.effort.is_spent(self.context.ranks())? =>
                {
                    log::info!("step of {tau:e} from t = {:e}: {e}; halved", state.time);
                    rejected += 1;
                    tau = self.shortened(tau, 0.5, rejected, &e)?;
                    continue;
                }
                Err(e) => return Err(e),
            };
            let ratio =
                SAFETY * (tolerance / estimate.max(f64::MIN_POSITIVE)).powf(1.0 / (order + 1.0));
            let mut ratio = [ratio.clamp(least, MOST_RATIO)];
            self.ranks().agree(Ok(()), &mut ratio)?;
            let [ratio] = ratio;
            if estimate <= tolerance {
                // A step cut short to end at a given time says nothing against the usual one.
                let usual = if rejected == 0 && tau < self.tau {
                    self.tau
                } else {
                    0.0
                };
                let mut next = next;
                next.report.rejected = rejected;
                next.report.error_estimate = estimate;
                return Ok((next, (tau * ratio).max(usual).min(most)));
            }
            log::debug!(
                "step of {tau:e} from t = {:e} rejected: {estimate:e}",
                state.time
            );
            rejected += 1;
            self.effort.forgive();
            let refused = Error::new(
                ErrorKind::NotConverged,
                format!(
                    "the error of a time step of {tau:e} is estimated as {estimate:.1e}; option \
                     `step_tolerance` is {tolerance:e}"
                ),
            );
            tau = self.shortened(tau, ratio.min(0.9), rejected, &refused)?;
        }
    }

    /// Two half steps, and their estimated error relative to the norm of u.
    fn doubled(&mut self, state: &State, tau: f64) -> Result<(State, f64)> {
        let retries = self.flow.retries();
        let whole = self.take(state, tau, retries)?;
        let first = self.take(state, 0.5 * tau, retries)?;
        let mut second = self.take(&first, 0.5 * tau, retries)?;
        let (check, ranks) = (self.flow.check_nodes(), self.ranks());
        let metric = self.flow.metric();
        let end = self.observed(&second)?;
        self.join(state, &first, &mut second)?;
        let order = f64::from(self.context.movement().order);
        let difference =
            end.distance(metric, ranks, &*self.observed(&whole)?, check)? / (order.exp2() - 1.0);
        let estimate = difference / end.norm(metric, ranks, check)?.max(f64::MIN_POSITIVE);
        let report = &mut second.report;
        report.iterations += whole.report.iterations;
        report.accepted_iterations += whole.report.accepted_iterations;
        report.retries += whole.report.retries;
        report.seconds += whole.report.seconds;
        Ok((second, estimate))
    }

    /// Makes of two steps from `state` one, with one report.
    pub(super) fn join(&self, state: &State, first: &State, second: &mut State) -> Result<()> {
        let (start, end) = (self.observed(state)?, self.observed(second)?);
        let of = Frozen {
            time: state.time,
            parameters: &state.parameters,
        };
        let parameters = [&*state.parameters, &*second.parameters];
        let distance = self
            .flow
            .distance(&self.context, Some(&of), parameters, [&start, &end])?;
        let course = &first.course;
        let (first, report) = (&first.report, &mut second.report);
        report.tau += first.tau;
        (second.time, second.time_rest) = state.time_after(report.tau);
        report.time = second.time;
        second.course.follow(course, second.time);
        report.energy_before = first.energy_before;
        report.work += first.work;
        report.energy_slack = report.energy_slack.min(first.energy_slack);
        report.movement_distance = distance;
        report.iterations += first.iterations;
        report.accepted_iterations += first.accepted_iterations;
        report.retries += first.retries;
        report.substeps += first.substeps;
        report.seconds += first.seconds;
        Ok(())
    }

    /// A shorter time step, or the reason why there is none.
    fn shortened(&self, tau: f64, ratio: f64, rejected: u64, reason: &Error) -> Result<f64> {
        let time = &self.context.settings.time;
        let least = match time.tau_min <= time.tau {
            true => time.tau_min,
            false => PART * time.tau,
        };
        let shorter = tau * ratio;
        if rejected < MOST_REJECTIONS && shorter >= least {
            return Ok(shorter);
        }
        Err(reason.clone().context(format!(
            "a time step of {shorter:e}, below the option `tau_min` = {least:e} or after \
             {rejected} rejections, is not tried"
        )))
    }
}
