//! Values between the beginning and the end of the last step: dense output.

use super::Solver;
use crate::arguments::{check_length, check_points};
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Flow, Knot, State};
use std::sync::Arc;

/// Times beyond the ends by no more than this part of a step are the ends, moved by rounding.
const ROUNDING: f64 = 1e-9;

/// How much more than twice the change of `ln rho` in a step its rate may make of it, in logarithms: beyond that the
/// parabola says more of mass that comes from far than of the density between.
const BEYOND: f64 = 1.0;

/// Where a time lies in a part of a step: the part of it that is left, and its length.
#[derive(Clone, Copy)]
struct Within {
    left: f64,
    tau: f64,
}

/// Whether a flow follows mass, so that what it moves is a density.
fn is_carried(flow: &dyn Flow) -> bool {
    flow.eulerian("").is_err()
}

impl Solver {
    /// u, `[n][c]`, at `x` (`[n][d]`) at a time in the last step, by the parabola in time through the values at both ends
    /// with du/dt at the later one: to third order in the step. Of a step that was taken in parts it is that of the part
    /// which the time is in.
    ///
    /// Of a density it is that of `ln rho`, so that rho is positive, limited where `ln rho` would leave its values at the
    /// ends by far; to second order where the flow does not know du/dt; and where there is mass at one end only, the line
    /// through both values of rho, of first order.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) before the first step, after a hand-over, or, of a density, after a restart
    /// until the next step; [`Argument`](crate::ErrorKind::Argument) if the time is not in the last step; and those of
    /// [`evaluate_all`](Self::evaluate_all).
    pub fn evaluate_between(&self, time: f64, x: &[f64], u: &mut [f64]) -> Result<()> {
        let state = self.state()?;
        let n = check_points("x", x, self.domain().dimension())?;
        check_length("u", u.len(), n * self.components())?;
        let course = match state.is_as_stepped() {
            true => self.course(state),
            false => None,
        };
        let Some((flow, knots)) = course else {
            return Err(Error::state(
                "values between steps are known after a step alone, and until the host changes the field; \
                 accepted is to ask before the hand-over, and after a restart of a flow in Wasserstein space to \
                 take a step first",
            ));
        };
        let ([first, ..], [.., last]) = (&*knots, &*knots) else {
            return Err(Error::internal("the course of a step has no states"));
        };
        // The host may have changed the time since.
        let time_then = time - (state.time - last.time);
        let slack = ROUNDING * (last.time - first.time);
        if !(first.time - slack..=last.time + slack).contains(&time_then) {
            return Err(Error::argument(format!(
                "argument `time` is {time}; accepted are times of the last step, from {} to {}",
                first.time + (state.time - last.time),
                state.time
            )));
        }
        if n == 0 {
            return Ok(());
        }
        let parts = knots.windows(2);
        let within = parts.clone().find(|ends| time_then <= ends[1].time);
        let Some([from, to]) = within.or_else(|| knots.windows(2).last()) else {
            return Err(Error::internal("the course of a step has one state"));
        };
        let tau = to.time - from.time;
        let within = Within {
            left: ((to.time - time_then) / tau).clamp(0.0, 1.0),
            tau,
        };
        self.between(flow, [from, to], within, x, u)
    }

    /// The states that the last step came through, and the flow that they are of.
    fn course<'a>(&'a self, state: &'a State) -> Option<(&'a dyn Flow, Vec<Knot>)> {
        if let Some((flow, knots)) = state.course.known() {
            return Some((flow, knots.to_vec()));
        }
        // Parameters of a field mean the same before the step and after it; those of a density may not.
        let last = state.past.first().filter(|_| !is_carried(&*self.flow))?;
        let pairs = state.parameters.iter().zip(last.changes.last()?);
        let before: Vec<f64> = pairs.map(|(now, change)| now - change).collect();
        let knot = |time: f64, parameters: &[f64]| Knot {
            time,
            parameters: Arc::from(parameters),
        };
        let begin = knot(state.time - last.tau, &before);
        Some((
            &*self.flow,
            vec![begin, knot(state.time, &state.parameters)],
        ))
    }

    /// Keeps the flow as it is now with the course of a step, where its parameters alone will not do: of a density,
    /// whose labels or features may be others after the step, and of a step in parts.
    pub(super) fn keep_course(&self, next: &mut State) {
        if next.course.is_in_parts() || is_carried(&*self.flow) {
            next.course.keep(Arc::from(self.flow.boxed_clone()));
        }
    }

    fn between(
        &self,
        flow: &dyn Flow,
        [from, to]: [&Knot; 2],
        within: Within,
        x: &[f64],
        u: &mut [f64],
    ) -> Result<()> {
        let cx = self.context.at(to.time);
        flow.evaluate(&cx, &to.parameters, x, u, None)?;
        if within.left == 0.0 {
            return Ok(());
        }
        let mut then = vec![0.0; u.len()];
        let before = self.context.at(from.time);
        flow.evaluate(&before, &from.parameters, x, &mut then, None)?;
        let rate = flow.rate_of_change(&cx, &to.parameters, x);
        if !is_carried(flow) {
            for ((u, then), rate) in u.iter_mut().zip(&then).zip(rate?) {
                *u = within.parabola([*then, *u], rate);
            }
            return Ok(());
        }
        let rate = match rate {
            Err(error) if error.kind() == ErrorKind::State => None,
            rate => Some(rate?),
        };
        for (i, (rho, then)) in u.iter_mut().zip(&then).enumerate() {
            *rho = within.density([*then, *rho], rate.as_ref().map(|rate| rate[i]));
        }
        Ok(())
    }
}

impl Within {
    /// The parabola through values at both ends with this slope at the later one.
    fn parabola(self, [then, now]: [f64; 2], rate: f64) -> f64 {
        let Self { left, tau } = self;
        now - left * tau * rate + left * left * (then - now + tau * rate)
    }

    /// The density between two.
    fn density(self, [then, now]: [f64; 2], rate: Option<f64>) -> f64 {
        if !(then > 0.0 && now > 0.0) {
            return now + self.left * (then - now);
        }
        let (then, end) = (then.ln(), now.ln());
        let change = end - then;
        let most = (2.0 * change.abs() + BEYOND) / self.tau;
        let rate = match rate.map(|rate| rate / now).filter(|rate| rate.is_finite()) {
            Some(rate) => rate.clamp(-most, most),
            None => change / self.tau,
        };
        self.parabola([then, end], rate).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::Within;

    #[test]
    fn densities_between_are_of_third_order_positive_and_bounded() {
        let rho = |t: f64| (-(t - 0.3) * (t - 0.3) / (0.1 + t)).exp() / (0.1 + t);
        let error = |tau: f64| {
            let rate = (rho(0.5 + 1e-6) - rho(0.5 - 1e-6)) / 2e-6;
            let within = Within { left: 0.5, tau };
            let found = within.density([rho(0.5 - tau), rho(0.5)], Some(rate));
            (found - rho(0.5 - 0.5 * tau)).abs()
        };
        let order = (error(0.05) / error(0.025)).log2();
        assert!((order - 3.0).abs() < 0.2, "{order}");
        let within = Within {
            left: 0.5,
            tau: 1.0,
        };
        assert_eq!(within.density([0.0, 1.0], Some(1.0)), 0.5);
        assert!(within.density([f64::NAN, 1.0], Some(1.0)).is_nan());
        // Mass that leaves by far more than the change of the step.
        let most = within.density([1.0, 1.0], Some(-1e3));
        assert!((1.0..1.3).contains(&most), "{most}");
        assert!((within.density([4.0, 1.0], None) - 2.0).abs() < 1e-12);
    }
}
