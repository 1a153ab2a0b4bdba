//! Steps until something happens: a time, rest, a root of a function of the host, the end of a budget.

use super::{SavedState, Solver};
use crate::arguments::check_points;
use crate::error::{Error, Result};
use crate::flow::{REST, State};
use std::time::Instant;

/// What ends a run: the first of what is given. The default is nothing.
pub struct Until<'a> {
    /// A time that is reached exactly; infinity for none.
    pub time: f64,
    /// A tolerance of rest; 0 for none. See [`Solver::run`].
    pub rest: f64,
    /// Seconds after which no step is begun; infinity for none.
    pub seconds: f64,
    /// A function of the state that crosses zero.
    pub event: Option<Event<'a>>,
}

impl Default for Until<'_> {
    fn default() -> Self {
        Self {
            time: f64::INFINITY,
            rest: 0.0,
            seconds: f64::INFINITY,
            event: None,
        }
    }
}

/// A function of the state whose root in time ends a run.
pub struct Event<'a> {
    /// Points where it looks at u, `[n][d]`; perhaps none.
    pub x: &'a [f64],
    /// The function; called on the thread that calls the solver.
    pub function: &'a mut EventFunction<'a>,
}

/// A function of the time, the energy, and u (`[n]`) at points.
pub type EventFunction<'a> = dyn FnMut(f64, f64, &[f64]) -> Result<f64> + 'a;

/// What ended a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The time was reached.
    Time,
    /// The flow is at rest.
    Rest,
    /// The function of the host has crossed zero.
    Event,
    /// The seconds are spent.
    Seconds,
}

/// The part of a step to which a root is located.
const LOCATED: f64 = 1e-7;

/// Steps that the search for a root may take.
const SEARCHES: u32 = 60;

/// A motion that is no more than so many times what the minimiser leaves of it is none.
const NOISE: f64 = 2.0;

impl Solver {
    /// Steps until the first of what is given, and says which.
    ///
    /// The flow is at rest when its rate of change is below the tolerance `rest` relative to the fastest that
    /// it had, and when it would change by less than that part of its size in as long a time as it took so
    /// far; or when a step moves no more than what the minimiser leaves. The root of a function is located to
    /// 1e-7 of a step by steps of other lengths from before it; the state is then that of just after it.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if nothing is given that ends the run, a value is out of
    /// range or points do not fit, [`NotFinite`](crate::ErrorKind::NotFinite) if the function gives no
    /// number, those of [`step`](Self::step), and what the function returns. Steps before it stay.
    pub fn run(&mut self, mut until: Until<'_>) -> Result<Ended> {
        self.collectively("run", |solver| {
            solver.check_until(&until)?;
            solver.go_until(&mut until)
        })
    }

    fn check_until(&self, until: &Until<'_>) -> Result<()> {
        let Until {
            time,
            rest,
            seconds,
            event,
        } = until;
        let now = self.time();
        if time.is_nan() || *time < now {
            return Err(Error::argument(format!(
                "argument `time` is {time}; accepted is a time from now on, which is {now}, or infinity"
            )));
        }
        if !(0.0..1.0).contains(rest) {
            return Err(Error::argument(format!(
                "argument `rest` is {rest}; accepted are numbers from 0, for none, to below 1"
            )));
        }
        if seconds.is_nan() || *seconds <= 0.0 {
            return Err(Error::argument(format!(
                "argument `seconds` is {seconds}; accepted are numbers above 0, or infinity"
            )));
        }
        if let Some(event) = event {
            check_points("x", event.x, self.domain().dimension())?;
        }
        let ends = [time, seconds].iter().any(|it| it.is_finite()) || *rest > 0.0;
        if !ends && event.is_none() {
            return Err(Error::argument(
                "nothing is given that ends the run; accepted is a time, a tolerance of rest, seconds or a \
                 function",
            ));
        }
        self.ranks().same("rest", *rest)
    }

    fn go_until(&mut self, until: &mut Until<'_>) -> Result<Ended> {
        let begun = Instant::now();
        let mut before = self.value(until.event.as_mut())?;
        loop {
            let mut spent = [begun.elapsed().as_secs_f64()];
            self.ranks().agree(Ok(()), &mut spent)?;
            if spent >= [until.seconds] {
                return Ok(Ended::Seconds);
            }
            let saved = until.event.as_ref().map(|_| self.save_state());
            let saved = saved.transpose()?;
            if self.toward(until.time)? {
                return Ok(Ended::Time);
            }
            if let (Some(event), Some(saved)) = (until.event.as_mut(), &saved) {
                let after = self.value(Some(&mut *event))?;
                if after == 0.0 || before * after < 0.0 {
                    self.locate(saved, event, [before, after])?;
                    return Ok(Ended::Event);
                }
                before = after;
            }
            if until.rest > 0.0 && self.is_at_rest(until.rest)? {
                return Ok(Ended::Rest);
            }
        }
    }

    /// The function of the host in this state; 0 without one.
    fn value(&self, event: Option<&mut Event<'_>>) -> Result<f64> {
        let Some(event) = event else { return Ok(0.0) };
        let state = self.state()?;
        let energy = match self.report().filter(|_| state.is_as_stepped()) {
            Some(report) => report.energy,
            None => self.energy()?,
        };
        let n = event.x.len() / self.domain().dimension();
        let mut u = vec![0.0; n * self.components()];
        self.evaluate(event.x, &mut u, None)?;
        let mut value = [(event.function)(state.time, energy, &u)?];
        self.ranks().agree(Ok(()), &mut value)?;
        let [value] = value;
        if value.is_finite() {
            return Ok(value);
        }
        Err(Error::not_finite(format!(
            "the function that ends the run is {value} at t = {:e}; accepted are finite numbers",
            state.time
        )))
    }

    /// Finds the step from `saved` to just after the root between its values there and now: the secant of
    /// values of which one is halved when it stays for long (the Illinois method).
    fn locate(
        &mut self,
        saved: &SavedState,
        event: &mut Event<'_>,
        [mut below, mut above]: [f64; 2],
    ) -> Result<()> {
        let begin = saved.time();
        let whole = self.time() - begin;
        let mut found = self.save_state()?;
        let (mut from, mut to) = (0.0, whole);
        let mut last = 0;
        for _ in 0..SEARCHES {
            if above == 0.0 || to - from <= LOCATED * whole {
                break;
            }
            let margin = 0.25 * LOCATED * whole;
            let secant = to - above * (to - from) / (above - below);
            let tau = secant.clamp(from + margin, to - margin);
            self.restore_state(saved)?;
            let stepped = self.take_exactly(tau);
            let value = stepped.and_then(|()| self.value(Some(&mut *event)));
            let value = match self.ranks().settle(value) {
                Ok(value) => value,
                Err(error) => {
                    self.restore_state(&found)?;
                    return Err(error);
                }
            };
            if value * below > 0.0 {
                (from, below) = (tau, value);
                if last == 1 {
                    above *= 0.5;
                }
                last = 1;
            } else {
                (to, above) = (tau, value);
                found = self.save_state()?;
                if last == 2 {
                    below *= 0.5;
                }
                last = 2;
            }
        }
        self.restore_state(&found)
    }

    fn is_at_rest(&self, tolerance: f64) -> Result<bool> {
        let state = self.state()?;
        let State {
            report,
            began,
            fastest,
            ..
        } = state;
        let rate = report.movement_distance / report.tau;
        let observed = self.observed(state)?;
        let size = (2.0 * self.flow.rest(&self.now(), &observed)?).sqrt() / REST;
        let slow = rate <= tolerance * fastest && rate * (state.time - began) <= tolerance * size;
        Ok(slow || report.movement_distance <= NOISE * report.stage_error)
    }
}
