//! All that can be asked of u at points at once, and u between the last two steps.

use super::Solver;
use crate::arguments::{check_length, check_points};
use crate::error::{Error, Result};

/// Why a flow has no du/dt.
const NO_RATE: &str = "of which du/dt and values between steps are not known; accepted is l2, or the field `velocity` of a \
    transport map";

/// What is wanted of u at n points; what is `None` is not computed.
#[derive(Debug, Default)]
pub struct Wanted<'a> {
    /// u, `[n][c]`.
    pub u: Option<&'a mut [f64]>,
    /// Its gradient, `[n][c][d]`.
    pub grad: Option<&'a mut [f64]>,
    /// Its second derivatives, `[n][c][d][d]`.
    pub hessian: Option<&'a mut [f64]>,
    /// Their trace, `[n][c]`.
    pub laplacian: Option<&'a mut [f64]>,
    /// du/dt, `[n][c]`.
    pub rate: Option<&'a mut [f64]>,
}

impl Solver {
    /// Evaluates all that is wanted of u at `x` (`[n][d]`), as [`evaluate`](Self::evaluate) does u.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition, or for du/dt of a flow in Wasserstein
    /// space; [`Argument`](crate::ErrorKind::Argument) if shapes do not fit or a position is not finite; and
    /// errors of the energies.
    pub fn evaluate_all(&self, x: &[f64], wanted: Wanted<'_>) -> Result<()> {
        let state = self.state()?;
        let (c, d) = (self.components(), self.domain().dimension());
        let n = check_points("x", x, d)?;
        let shapes = [
            ("u", &wanted.u, n * c),
            ("grad", &wanted.grad, n * c * d),
            ("hessian", &wanted.hessian, n * c * d * d),
            ("laplacian", &wanted.laplacian, n * c),
            ("rate", &wanted.rate, n * c),
        ];
        for (name, array, size) in shapes {
            check_length(name, array.as_ref().map_or(size, |array| array.len()), size)?;
        }
        if n == 0 {
            return Ok(());
        }
        let (cx, parameters) = (&self.now(), &state.parameters);
        let rate = match wanted.rate {
            Some(out) => Some((out, self.flow.eulerian(NO_RATE)?.rates(cx, parameters, x)?)),
            None => None,
        };
        let second = match wanted.hessian.is_some() || wanted.laplacian.is_some() {
            true => self.flow.second_derivatives(cx, parameters, x)?,
            false => Vec::new(),
        };
        let mut own = Vec::new();
        if wanted.u.is_some() || wanted.grad.is_some() {
            let u = wanted.u.unwrap_or_else(|| {
                own.resize(n * c, 0.0);
                &mut own
            });
            self.flow.evaluate(cx, parameters, x, u, wanted.grad)?;
        }
        if let Some((out, rate)) = rate {
            out.copy_from_slice(&rate);
        }
        if let Some(out) = wanted.laplacian {
            for (out, second) in out.iter_mut().zip(second.chunks_exact(d * d)) {
                *out = second.iter().step_by(d + 1).sum();
            }
        }
        if let Some(out) = wanted.hessian {
            out.copy_from_slice(&second);
        }
        Ok(())
    }

    /// u, `[n][c]`, at `x` (`[n][d]`) at a time in the last step, by the parabola in time through the values at both ends
    /// with du/dt at the later one: to third order in the step.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) before the first step, after a hand-over, or of a flow in Wasserstein
    /// space, [`Argument`](crate::ErrorKind::Argument) if the time is not in the last step, and those of
    /// [`evaluate_all`](Self::evaluate_all).
    pub fn evaluate_between(&self, time: f64, x: &[f64], u: &mut [f64]) -> Result<()> {
        let state = self.state()?;
        let n = check_points("x", x, self.domain().dimension())?;
        check_length("u", u.len(), n * self.components())?;
        let last = state.past.first().filter(|_| state.is_as_stepped());
        let last = last.and_then(|last| Some((last.tau, last.changes.last()?)));
        let Some((tau, change)) = last else {
            return Err(Error::state(
                "values between steps are known after a step alone, and until the host changes the field; \
                 accepted is to ask before the hand-over",
            ));
        };
        let begin = state.time - tau;
        // A time that rounding has moved is one of the ends.
        let left = (state.time - time) / tau;
        if !(-1e-9..=1.0 + 1e-9).contains(&left) {
            return Err(Error::argument(format!(
                "argument `time` is {time}; accepted are times of the last step, from {begin} to {}",
                state.time
            )));
        }
        if n == 0 {
            return Ok(());
        }
        let pairs = state.parameters.iter().zip(change);
        let before: Vec<f64> = pairs.map(|(now, change)| now - change).collect();
        let (cx, flow) = (&self.now(), &self.flow);
        let rate = flow.eulerian(NO_RATE)?.rates(cx, &state.parameters, x)?;
        let mut then = vec![0.0; u.len()];
        flow.evaluate(cx, &before, x, &mut then, None)?;
        flow.evaluate(cx, &state.parameters, x, u, None)?;
        for ((u, then), rate) in u.iter_mut().zip(&then).zip(&rate) {
            let now = *u;
            let bend = then - now + tau * rate;
            *u = now - left * tau * rate + left * left * bend;
        }
        Ok(())
    }
}
