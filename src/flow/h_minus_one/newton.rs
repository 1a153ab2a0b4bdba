//! Newton's method for a stage of a step, with steps that are halved until the value falls.

use crate::error::{Error, Result};
use crate::linear_algebra::dot;
use crate::minimize::{Outcome, Stop, Watch};
use crate::objective::Densities;

/// Times that a step is halved, and the part of the gain that the slope predicts it has to make.
const HALVINGS: u32 = 12;
const GAINED: f64 = 1e-4;

/// Gains below this part of the value drown in rounding, and steps end where what is left to gain no longer falls
/// to this part of what was left before.
const ROUNDING: f64 = 1e-13;
const FALLS: f64 = 0.5;

/// Unknowns of a stage, with the value there and its derivatives.
pub(super) struct Point {
    pub unknowns: Vec<f64>,
    pub value: f64,
    /// The part of the value that is the movement's.
    pub movement: f64,
    pub gradient: Vec<f64>,
    pub densities: Densities,
}

/// The point that a stage led to.
pub(super) struct Solved {
    pub unknowns: Vec<f64>,
    pub outcome: Outcome,
    /// What tolerances are relative to.
    pub scale: f64,
}

/// A stage as Newton's method sees it. All calls are collective.
pub(super) trait Problem {
    /// The value at unknowns.
    ///
    /// # Errors
    /// Errors of the energies, and [`NotFinite`](crate::ErrorKind::NotFinite) if it is no number.
    fn value(&self, unknowns: &[f64]) -> Result<f64>;

    /// The value at unknowns and its derivatives.
    ///
    /// # Errors
    /// As for [`value`](Self::value).
    fn at(&self, unknowns: Vec<f64>) -> Result<Point>;

    /// The Newton step, and what is left to gain; an inexact one may leave more of the latter, but little beside what is
    /// `enough`.
    ///
    /// # Errors
    /// [`NotFinite`](crate::ErrorKind::NotFinite) if there are no derivatives.
    fn newton(&mut self, now: &Point, enough: f64) -> Result<(Vec<f64>, f64)>;

    /// A movement that tolerances are at least relative to.
    fn rest(&self) -> f64;
}

/// Minimises a stage from the best of several guesses.
///
/// # Errors
/// Those of the stage and of `watch`.
pub(super) fn minimize(
    stage: &mut dyn Problem,
    guesses: Vec<Vec<f64>>,
    (stop, watch): (&Stop, &mut Watch<'_>),
) -> Result<Solved> {
    let mut now = best(stage, guesses)?;
    let (mut iterations, mut before) = (0, f64::INFINITY);
    loop {
        let scale = now.movement + stage.rest();
        let (step, gap) = stage.newton(&now, stop.gain * scale)?;
        // Derivatives tell more than values, as far as they go on falling.
        let rounding = ROUNDING * now.value.abs();
        let stalled = gap <= rounding && gap >= FALLS * before;
        let enough = (stop.gain * scale).max(if stalled { rounding } else { 0.0 });
        before = gap;
        watch(iterations, now.value)?;
        let outcome = Outcome {
            value: now.value,
            gap,
            enough,
            iterations,
            converged: gap <= enough,
        };
        let next = match outcome.converged || iterations >= stop.max_iterations {
            true => None,
            false => along(stage, &now, &step, rounding)?,
        };
        let Some(next) = next else {
            return Ok(Solved {
                unknowns: now.unknowns,
                outcome,
                scale,
            });
        };
        now = next;
        iterations += 1;
    }
}

/// The guess of the least value.
fn best(stage: &dyn Problem, guesses: Vec<Vec<f64>>) -> Result<Point> {
    let mut best: Option<(f64, Vec<f64>)> = None;
    let mut refused = None;
    for unknowns in guesses {
        match stage.value(&unknowns) {
            Ok(value) if best.as_ref().is_none_or(|(least, _)| value < *least) => {
                best = Some((value, unknowns));
            }
            Ok(_) => {}
            Err(e) if e.kind().is_of_the_step() => refused = Some(e),
            Err(e) => return Err(e),
        }
    }
    match best {
        Some((_, unknowns)) => stage.at(unknowns),
        None => Err(refused.unwrap_or_else(|| Error::internal("a stage has no guess"))),
    }
}

/// Goes along a step as far as the value falls; `None` where it does not.
fn along(stage: &dyn Problem, now: &Point, step: &[f64], rounding: f64) -> Result<Option<Point>> {
    let decrement = -dot(step, &now.gradient);
    let mut length = 1.0;
    for _ in 0..HALVINGS {
        let line = now.unknowns.iter().zip(step);
        match stage.at(line.map(|(c, s)| c + length * s).collect()) {
            Ok(next) if next.value <= now.value - GAINED * length * decrement + rounding => {
                return Ok(Some(next));
            }
            Err(e) if !e.kind().is_of_the_step() => return Err(e),
            _ => {}
        }
        length *= 0.5;
    }
    Ok(None)
}

/// Entries `[n][..]`, times the weights of their nodes.
pub(super) fn weighted(w: &[f64], f: &[f64]) -> Vec<f64> {
    let each = (f.len() / w.len().max(1)).max(1);
    f.iter().enumerate().map(|(k, f)| w[k / each] * f).collect()
}

/// Refuses the value of a stage that is no number.
pub(super) fn finite(value: f64) -> Result<f64> {
    match value.is_finite() {
        true => Ok(value),
        false => Err(Error::not_finite(
            "the energy of a step is not a number; take a smaller `tau`",
        )),
    }
}

/// Refuses a step whose slope is no number.
pub(super) fn finite_slope(step: &[f64], gradient: &[f64]) -> Result<f64> {
    let decrement = -dot(step, gradient);
    match decrement.is_finite() {
        true => Ok(decrement),
        false => Err(Error::not_finite(
            "the derivatives of a step are not numbers; take a smaller `tau`",
        )),
    }
}
