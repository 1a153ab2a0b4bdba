//! The point that a minimisation has come to, and steps along a line from it.

use super::Objective;
use crate::error::{ErrorKind, Result};

/// A shorter step is taken if it gains at least this part of what the model expects.
const WELL_GAINED: f64 = 0.1;

/// How often a step is halved.
const HALVINGS: usize = 30;

/// The point that a minimisation has come to.
pub(super) struct Point<'a> {
    pub parameters: &'a mut [f64],
    pub gradient: Vec<f64>,
    pub value: f64,
    /// Gain below which the minimisation ends.
    pub enough: f64,
    /// The parameters that these are held to.
    pub anchor: Option<&'a [f64]>,
}

impl Point<'_> {
    /// `hold/2 |p - anchor|^2` at parameters `p`.
    pub fn held(&self, p: &[f64], hold: f64) -> f64 {
        let Some(anchor) = self.anchor else {
            return 0.0;
        };
        let squares = p.iter().zip(anchor).map(|(p, a)| (p - a) * (p - a));
        0.5 * hold * squares.sum::<f64>()
    }

    /// The gradient of the value and of what holds the parameters.
    pub fn held_gradient(&self, hold: f64) -> Vec<f64> {
        let mut gradient = self.gradient.clone();
        if let Some(anchor) = self.anchor {
            let away = self.parameters.iter().zip(anchor).map(|(p, a)| p - a);
            let pairs = gradient.iter_mut().zip(away);
            pairs.for_each(|(g, away)| *g += hold * away);
        }
        gradient
    }
}

/// The model along a step: `slope t - bend t^2` is gained at the part t of it.
pub(super) struct Line<'a> {
    pub step: &'a [f64],
    pub slope: f64,
    pub bend: f64,
}

/// Goes the largest of halves, quarters and so on of a step that gains a good part of what the model
/// expects of it, and returns the gain; `None` if none does. Of linear combinations that is better than
/// more damping, which turns a step away from all but a few directions.
pub(super) fn shorten(
    objective: &mut dyn Objective,
    point: &mut Point<'_>,
    hold: f64,
    line: &Line<'_>,
) -> Result<Option<f64>> {
    let mut part = 1.0;
    for _ in 0..HALVINGS {
        part *= 0.5;
        let ends = point.parameters.iter().zip(line.step);
        let trial: Vec<f64> = ends.map(|(p, s)| p + part * s).collect();
        let value = tolerate(objective.value(&trial))?;
        let held = point.held(point.parameters, hold) - point.held(&trial, hold);
        let actual = point.value - value + held;
        let expected = part * line.slope - part * part * line.bend;
        if actual > WELL_GAINED * expected {
            point.parameters.copy_from_slice(&trial);
            point.value = value;
            return Ok(Some(actual));
        }
    }
    Ok(None)
}

/// The value of a trial, infinite where the objective refuses it.
pub(super) fn tolerate(value: Result<f64>) -> Result<f64> {
    match value {
        Err(e) if e.kind().is_recoverable() || e.kind() == ErrorKind::NotFinite => {
            Ok(f64::INFINITY)
        }
        other => other,
    }
}
