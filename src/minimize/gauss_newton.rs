//! Damped Gauss-Newton (Levenberg-Marquardt) with a dense normal matrix.

use super::{Objective, Outcome, Stop, Watch};
use crate::error::{Error, ErrorKind, Result};
use faer::linalg::solvers::Solve;
use faer::{Mat, Side};

/// The minimiser; its damping carries over from one minimisation to the next.
#[derive(Clone, Debug)]
pub struct GaussNewton {
    /// Damping relative to the mean diagonal of G. (Scaling each parameter by its own diagonal
    /// diverges: directions the nodes do not see are then hardly damped.)
    damping: f64,
}

const FIRST_DAMPING: f64 = 1e-3;
const LEAST_DAMPING: f64 = 1e-14;
const MOST_DAMPING: f64 = 1e8;

/// Gains below this part of the value drown in rounding.
const ROUNDING: f64 = 1e-14;

impl Default for GaussNewton {
    fn default() -> Self {
        Self {
            damping: FIRST_DAMPING,
        }
    }
}

impl GaussNewton {
    /// Forgets the damping: the next minimisation is of another objective.
    pub fn restart(&mut self) {
        *self = Self::default();
    }

    /// Minimises from `parameters`, which hold the best point found whatever happens.
    ///
    /// # Errors
    /// Those of the objective at the first point and of `watch`; a trial that fails recoverably or is not finite is refused instead.
    pub fn minimize(
        &mut self,
        objective: &mut dyn Objective,
        parameters: &mut [f64],
        stop: &Stop,
        watch: &mut Watch<'_>,
    ) -> Result<Outcome> {
        let count = parameters.len();
        let mut gradient = vec![0.0; count];
        let mut normal = Mat::zeros(count, count);
        let mut outcome = Outcome::default();
        for iteration in 0..stop.max_iterations {
            objective.refresh(iteration)?;
            let value = objective.linearize(parameters, &mut gradient, &mut normal)?;
            outcome.value = value;
            watch(iteration, value)?;
            if value <= stop.value {
                outcome.converged = true;
                return Ok(outcome);
            }
            outcome.iterations = iteration + 1;
            let tried = self.advance(objective, parameters, &gradient, &normal, value)?;
            outcome.value = tried.value;
            outcome.gap = tried.expected;
            let scale = objective.scale();
            let small = tried.expected <= stop.gain * scale;
            let rounding = tried.expected <= ROUNDING * value.abs();
            if small || rounding || tried.value <= stop.value {
                outcome.converged = true;
                return Ok(outcome);
            }
            if !tried.accepted {
                return Ok(outcome);
            }
        }
        Ok(outcome)
    }

    /// One iteration: raises the damping until a trial lowers the value.
    fn advance(
        &mut self,
        objective: &mut dyn Objective,
        parameters: &mut [f64],
        gradient: &[f64],
        normal: &Mat<f64>,
        value: f64,
    ) -> Result<Tried> {
        let count = parameters.len();
        let mean = (0..count).map(|i| normal[(i, i)]).sum::<f64>() / count as f64;
        let mut growth = 2.0;
        loop {
            let mu = self.damping * mean;
            let Some(step) = solve(normal, mu, gradient) else {
                self.raise(&mut growth, value)?;
                continue;
            };
            // The model's gain: -g.s - s.G.s/2 with (G + mu) s = -g.
            let slope: f64 = -dot(gradient, &step);
            let expected = 0.5 * (slope + mu * dot(&step, &step));
            let trial: Vec<f64> = parameters.iter().zip(&step).map(|(p, s)| p + s).collect();
            let reached = match objective.value(&trial) {
                Ok(reached) => reached,
                Err(e) if e.kind().is_recoverable() || e.kind() == ErrorKind::NotFinite => {
                    f64::INFINITY
                }
                Err(e) => return Err(e),
            };
            let ratio = (value - reached) / expected;
            if ratio > 1e-3 {
                parameters.copy_from_slice(&trial);
                // Nielsen's rule: a smooth function of the gain ratio.
                let shrink = 1.0 - (2.0 * ratio - 1.0).powi(3);
                self.damping = (self.damping * shrink.max(0.1)).max(LEAST_DAMPING);
                return Ok(Tried {
                    value: reached,
                    expected,
                    accepted: true,
                });
            }
            if expected <= ROUNDING * value.abs() || self.damping >= MOST_DAMPING {
                return Ok(Tried {
                    value,
                    expected,
                    accepted: false,
                });
            }
            self.raise(&mut growth, value)?;
        }
    }

    fn raise(&mut self, growth: &mut f64, value: f64) -> Result<()> {
        if self.damping >= MOST_DAMPING {
            self.damping = FIRST_DAMPING;
            return Err(Error::not_finite(format!(
                "the normal matrix cannot be factored at objective {value:e}"
            )));
        }
        self.damping *= *growth;
        *growth *= 2.0;
        Ok(())
    }
}

/// How one iteration ended.
struct Tried {
    value: f64,
    expected: f64,
    accepted: bool,
}

/// `-(G + mu I)^-1 g`, or None if the matrix is not positive definite in floating point.
fn solve(normal: &Mat<f64>, mu: f64, gradient: &[f64]) -> Option<Vec<f64>> {
    let mut damped = normal.clone();
    for i in 0..gradient.len() {
        damped[(i, i)] += mu;
    }
    let factor = damped.llt(Side::Lower).ok()?;
    let mut step = Mat::from_fn(gradient.len(), 1, |i, _| -gradient[i]);
    factor.solve_in_place(&mut step);
    let step: Vec<f64> = step.col_as_slice(0).to_vec();
    step.iter().all(|s| s.is_finite()).then_some(step)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
