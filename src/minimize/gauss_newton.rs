//! Damped Gauss-Newton (Levenberg-Marquardt) with a dense normal matrix and geodesic acceleration.
//!
//! Assembling the matrix costs a hundred values, so each one is made the most of: several dampings
//! may be tried with it, and every step is bent along the valley that the objective forms in
//! parameter space (Transtrum and Sethna, arXiv:1201.5885), which costs two values and a gradient.

use super::{Objective, Outcome, Stop, Watch};
use crate::error::{Error, ErrorKind, Result};
use faer::linalg::solvers::{Llt, Solve};
use faer::{Mat, Side};

/// The minimiser; its damping carries over from one minimisation to the next.
#[derive(Clone, Debug)]
pub struct GaussNewton {
    /// Damping relative to the mean diagonal of G. (Scaling each parameter by its own diagonal
    /// diverges: directions the nodes do not see are then hardly damped.)
    damping: f64,
}

/// The damping for an objective whose minimum is far.
const FIRST_DAMPING: f64 = 1.0;

/// The damping for an objective whose minimum is near, such as a time step's.
const NEAR_DAMPING: f64 = 1e-7;

const LEAST_DAMPING: f64 = 1e-14;
const MOST_DAMPING: f64 = 1e8;

/// The matrix, its tiles and its factor take 24 bytes for each pair of parameters.
const MAX_PARAMETERS: usize = 12_000;

/// A trial is accepted if it gains at least this part of what the model expects.
const ACCEPTED: f64 = 1e-3;

/// Gains below this part of the value drown in rounding.
const ROUNDING: f64 = 1e-14;

/// No single iteration is trusted to leave less than this part of what it gained.
const DIGITS: f64 = 1e-9;

/// The longest geodesic acceleration, relative to its step, that is trusted.
const LARGEST_BEND: f64 = 0.75;

impl Default for GaussNewton {
    fn default() -> Self {
        Self {
            damping: FIRST_DAMPING,
        }
    }
}

/// Where a minimisation stands.
struct Point<'a> {
    parameters: &'a mut [f64],
    gradient: Vec<f64>,
    value: f64,
}

/// How one iteration ended.
struct Gain {
    /// What the model expected to gain.
    expected: f64,
    /// What was gained, 0 if no damping gave a gain.
    actual: f64,
}

impl GaussNewton {
    /// Refuses networks whose dense normal matrix and its factor would not fit into memory.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option), naming the options to change.
    pub fn check_size(parameters: usize) -> Result<()> {
        if parameters <= MAX_PARAMETERS {
            Ok(())
        } else {
            Err(Error::option(format!(
                "option `hidden` makes a network of {parameters} parameters; with `minimizer` = \
                 gauss-newton, whose matrix is dense, accepted are up to {MAX_PARAMETERS}"
            )))
        }
    }

    /// Forgets the damping: the next minimisation is of another objective, from near its minimum,
    /// where a damping above the square of its `tolerance` would hold back what is asked for.
    pub fn restart_near(&mut self, tolerance: f64) {
        self.damping = NEAR_DAMPING.min(tolerance * tolerance).max(LEAST_DAMPING);
    }

    /// Minimises from `parameters`, which hold the best point found whatever happens.
    ///
    /// # Errors
    /// Those of the objective at the first point and of `watch`; a trial that fails recoverably
    /// or is not finite is refused instead.
    pub fn minimize(
        &mut self,
        objective: &mut dyn Objective,
        parameters: &mut [f64],
        stop: &Stop,
        watch: &mut Watch<'_>,
    ) -> Result<Outcome> {
        let count = parameters.len();
        let mut point = Point {
            gradient: vec![0.0; count],
            parameters,
            value: 0.0,
        };
        let mut normal = Mat::zeros(count, count);
        let mut outcome = Outcome::default();
        for iteration in 0..stop.max_iterations {
            objective.refresh(iteration)?;
            point.value =
                objective.linearize(point.parameters, &mut point.gradient, &mut normal)?;
            outcome.value = point.value;
            watch(iteration, point.value)?;
            if point.value <= stop.value {
                outcome.converged = true;
                break;
            }
            outcome.iterations = iteration + 1;
            let gain = self.advance(objective, &mut point, &normal)?;
            outcome.value = point.value;
            // What the model did not foresee is of the size of what it leaves to gain, unless the
            // two agree by chance.
            outcome.gap = if gain.actual > 0.0 {
                let unforeseen = (gain.expected - gain.actual).abs();
                unforeseen.clamp(DIGITS * gain.expected, gain.expected)
            } else {
                gain.expected
            };
            let enough = (stop.gain * objective.scale()).max(ROUNDING * point.value.abs());
            if outcome.gap <= enough || point.value <= stop.value {
                outcome.converged = true;
                break;
            }
            if gain.actual <= 0.0 {
                break;
            }
        }
        Ok(outcome)
    }

    /// One iteration: raises the damping until a trial lowers the value.
    fn advance(
        &mut self,
        objective: &mut dyn Objective,
        point: &mut Point<'_>,
        normal: &Mat<f64>,
    ) -> Result<Gain> {
        let count = point.parameters.len();
        let mean = (0..count).map(|i| normal[(i, i)]).sum::<f64>() / count as f64;
        let mut growth = 2.0;
        loop {
            let mu = self.damping * mean;
            let exhausted = self.damping >= MOST_DAMPING;
            if let Some((factor, step)) = solve(normal, mu, &point.gradient) {
                // The model's gain: -g.s - s.G.s/2 with (G + mu) s = -g.
                let slope = -dot(&point.gradient, &step);
                let expected = 0.5 * (slope + mu * dot(&step, &step));
                let trial = bent(objective, point, &factor, &step)?;
                let actual = point.value - tolerate(objective.value(&trial))?;
                let ratio = actual / expected;
                if ratio > ACCEPTED {
                    point.parameters.copy_from_slice(&trial);
                    point.value -= actual;
                    // Nielsen's rule: a smooth function of the gain ratio.
                    let shrink = 1.0 - (2.0 * ratio - 1.0).powi(3);
                    self.damping = (self.damping * shrink.max(0.25)).max(LEAST_DAMPING);
                    return Ok(Gain { expected, actual });
                }
                if exhausted || expected <= ROUNDING * point.value.abs() {
                    return Ok(Gain {
                        expected,
                        actual: 0.0,
                    });
                }
            } else if exhausted {
                *self = Self::default();
                return Err(Error::not_finite(format!(
                    "the normal matrix cannot be factored at objective {:e}",
                    point.value
                )));
            }
            self.damping *= growth;
            growth *= 1.5;
        }
    }
}

/// Where a step leads with its geodesic acceleration, the second-order correction that follows a
/// curved valley; without it where the correction is not small.
fn bent(
    objective: &mut dyn Objective,
    point: &Point<'_>,
    factor: &Llt<f64>,
    step: &[f64],
) -> Result<Vec<f64>> {
    let mut trial: Vec<f64> = point
        .parameters
        .iter()
        .zip(step)
        .map(|(p, s)| p + s)
        .collect();
    let mut bend = vec![0.0; step.len()];
    match objective.bend(point.parameters, step, &mut bend) {
        Err(e) if e.kind() == ErrorKind::NotFinite => return Ok(trial),
        other => other?,
    }
    let correction = descent(factor, &bend);
    if dot(&correction, &correction).sqrt() <= LARGEST_BEND * dot(step, step).sqrt() {
        trial
            .iter_mut()
            .zip(&correction)
            .for_each(|(t, c)| *t += 0.5 * c);
    }
    Ok(trial)
}

/// The value of a trial, infinite where the objective refuses it.
fn tolerate(value: Result<f64>) -> Result<f64> {
    match value {
        Err(e) if e.kind().is_recoverable() || e.kind() == ErrorKind::NotFinite => {
            Ok(f64::INFINITY)
        }
        other => other,
    }
}

/// The factor of `G + mu I` and the step, or None if it is not positive definite in floating point.
fn solve(normal: &Mat<f64>, mu: f64, gradient: &[f64]) -> Option<(Llt<f64>, Vec<f64>)> {
    let mut damped = normal.clone();
    for i in 0..damped.nrows() {
        damped[(i, i)] += mu;
    }
    let factor = damped.llt(Side::Lower).ok()?;
    let step = descent(&factor, gradient);
    step.iter().all(|s| s.is_finite()).then_some((factor, step))
}

/// `-(G + mu I)^-1 q`.
fn descent(factor: &Llt<f64>, q: &[f64]) -> Vec<f64> {
    let mut step = Mat::from_fn(q.len(), 1, |i, _| -q[i]);
    factor.solve_in_place(&mut step);
    step.col_as_slice(0).to_vec()
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
