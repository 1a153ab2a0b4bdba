//! Steps that a host asks for: one, one of another length, or as many as lead to a time.

use super::Solver;
use crate::error::{Error, Result};

impl Solver {
    /// One time step: of tau, or with the option `step_tolerance` of a length that keeps its
    /// estimated error below that, taken as two half steps.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without energy or initial condition,
    /// [`NotConverged`](crate::ErrorKind::NotConverged),
    /// [`EnergyIncrease`](crate::ErrorKind::EnergyIncrease),
    /// [`Cancelled`](crate::ErrorKind::Cancelled), and what the energies return.
    pub fn step(&mut self) -> Result<()> {
        self.collectively("step", |solver| solver.advance(f64::INFINITY))
    }

    /// One time step of length `tau` in place of the solver's own, which stays. With the option
    /// `step_tolerance` as many steps as it takes to go on by `tau`.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if it is outside the range of the option `tau`, and those of
    /// [`step`](Self::step) or [`step_to`](Self::step_to).
    pub fn step_by(&mut self, tau: f64) -> Result<()> {
        self.collectively("step_by", |solver| {
            solver.check_tau(tau)?;
            solver.take_exactly(tau)
        })
    }

    pub(super) fn take_exactly(&mut self, tau: f64) -> Result<()> {
        if self.context.settings.time.step_tolerance.is_some() {
            return self.go_to(self.time() + tau);
        }
        let usual = std::mem::replace(&mut self.tau, tau);
        let done = self.advance(f64::INFINITY);
        self.tau = usual;
        done
    }

    /// Steps until `time`, the last step shortened to end there exactly. If a step fails, the
    /// steps before it stay.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if `time` is not finite or has passed, and those
    /// of [`step`](Self::step).
    pub fn step_to(&mut self, time: f64) -> Result<()> {
        self.collectively("step_to", |solver| solver.go_to(time))
    }

    fn go_to(&mut self, time: f64) -> Result<()> {
        let now = self.time();
        let refused = || {
            Err(Error::argument(format!(
                "argument `time` is {time}; accepted is a finite time from now on, which is {now}"
            )))
        };
        // Ranks would not agree on NaN, and say so in place of what is wrong with it.
        let finite = if time.is_finite() { Ok(()) } else { refused() };
        self.ranks().settle(finite)?;
        self.ranks().same("time", time)?;
        if time < now {
            return refused();
        }
        while !self.toward(time)? {}
        Ok(())
    }

    /// A step toward a time, or whether it is reached.
    pub(super) fn toward(&mut self, time: f64) -> Result<bool> {
        let left = time - self.time();
        // A remainder that only rounding left is not a step.
        if left <= 1e-9 * self.tau {
            if let Some(state) = &mut self.state {
                state.time = time;
                state.time_rest = 0.0;
                state.report.time = time;
            }
            return Ok(true);
        }
        // Two even steps rather than a whole one and a sliver.
        let tau = if left <= self.tau * (1.0 + 1e-9) {
            left
        } else if left < 2.0 * self.tau * (1.0 - 1e-9) {
            0.5 * left
        } else {
            self.tau
        };
        self.advance(tau)?;
        Ok(false)
    }
}
