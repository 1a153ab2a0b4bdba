//! Damped Gauss-Newton (Levenberg-Marquardt) with geodesic acceleration.
//!
//! Assembling the matrix costs a hundred values, so each one is made the most of: several dampings
//! may be tried with it, and every step is bent along the valley that the objective forms in
//! parameter space (Transtrum and Sethna, arXiv:1201.5885), which costs two values and a gradient.

use super::line::{Line, Point, shorten, tolerate};
use super::linear::{Kept, Method, Solution, Solver};
use super::{Model, Objective, Outcome, Stop, Watch};
use crate::error::{Error, Result};
use crate::linear_algebra::dot;

/// The minimiser; its damping carries over from one minimisation to the next.
#[derive(Clone, Debug)]
pub struct GaussNewton {
    /// Damping relative to the mean diagonal of G. (Scaling each parameter by its own diagonal
    /// diverges: directions the nodes do not see are then hardly damped.)
    damping: f64,
    /// The damping that it does not fall below: directions that the nodes hardly see drift.
    least: f64,
    linear: Solver,
    /// Whether a minimisation may begin with the matrix of an earlier one.
    reuse: bool,
    /// Whether the matrix is of a model that the objective made since a step overshot: not of the parameters alone.
    overshot: bool,
    /// Matrices that later minimisations may begin with, so far.
    matrices: u64,
    /// The parameters that the last of them was made at.
    made_at: Vec<f64>,
}

/// State that a minimiser keeps between minimisations.
#[derive(Clone, Debug, PartialEq)]
pub struct Memory {
    /// The damping.
    pub damping: f64,
    /// The damping that it does not fall below.
    pub least: f64,
    /// Whether a minimisation may begin with the matrix of an earlier one.
    pub reuse: bool,
    /// The matrix, if there is one.
    pub matrix: Option<MatrixMemory>,
}

/// The making of a matrix: enough to make it again.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixMemory {
    /// The parameters that the objective was linearised at.
    pub parameters: Vec<f64>,
    /// The matrix, as numbers that it is recognised by.
    pub kept: Kept,
}

/// The damping for an objective whose minimum is far.
const FIRST_DAMPING: f64 = 1.0;

/// The damping for an objective whose minimum is near, such as a time step's.
const NEAR_DAMPING: f64 = 1e-7;

/// The damping for an objective of linear combinations, as far above rounding as the factor of a
/// singular matrix needs.
const LINEAR_DAMPING: f64 = 1e-13;

const LEAST_DAMPING: f64 = 1e-14;
const MOST_DAMPING: f64 = 1e8;

/// A trial is accepted if it gains at least this part of what the model expects.
const ACCEPTED: f64 = 1e-3;

/// A trial of linear combinations that gains less than this part of it overshoots.
const POOR: f64 = 0.25;

/// A trial made with an old matrix is accepted if it gains at least this part of what the model
/// expects.
const TRUSTED: f64 = 0.8;

/// Inexact solutions leave this part of what is too little to go on for.
const SOLVED: f64 = 0.03;

/// Gains below this part of the value drown in rounding.
const ROUNDING: f64 = 1e-14;

/// No single iteration is trusted to leave less than this part of what it gained.
const DIGITS: f64 = 1e-9;

/// The part of the least damping by which the parameters are held to the anchor, where that damping is
/// [`NEAR_DAMPING`]. Guesses continue the parameters' changes, also where the nodes hardly see them and no
/// iteration corrects them: unheld, what drifts there goes on drifting, faster from step to step, until the
/// field is steep between the nodes. Held it loses a quarter of its speed in each iteration. Linear combinations
/// are held so in the first iteration, which is that of the guess, and by less in those that follow: in all of them
/// it would cost digits of what nodes see a little of.
const HOLD: f64 = 0.3;

/// The part in iterations after the first; where the damping itself is no larger part of [`NEAR_DAMPING`], as of
/// stages that are minimised to many digits, nothing is held.
const LEAST_HOLD: f64 = 0.1;

/// Linear combinations come slowly to their minimum where an iteration gains more than this part of what
/// the one before did.
const SLOW: f64 = 0.3;

/// So many iterations are in vain that have together gained no more than what one may leave.
const VAIN: usize = 12;

/// The longest geodesic acceleration, relative to its step, that is trusted.
const LARGEST_ACCELERATION: f64 = 0.75;

/// How one iteration ended.
struct Gain {
    /// Gain that the model predicted.
    expected: f64,
    /// Gain of the objective, 0 if no damping gave one.
    actual: f64,
    /// Gain that an inexact solution left.
    left: f64,
}

impl GaussNewton {
    /// The minimiser for an objective whose minimum is far.
    #[must_use]
    pub fn new(method: Method) -> Self {
        Self {
            damping: FIRST_DAMPING,
            least: LEAST_DAMPING,
            linear: Solver::new(method),
            reuse: false,
            overshot: false,
            matrices: 0,
            made_at: Vec::new(),
        }
    }

    /// Forgets the damping: the next minimisation is of another objective, from near its minimum,
    /// where a damping above the square of its `tolerance` would hold back what is asked for.
    pub fn restart_near(&mut self, tolerance: f64) {
        self.damping = NEAR_DAMPING.min(tolerance * tolerance).max(LEAST_DAMPING);
        self.least = self.damping;
        self.linear.reset();
        self.reuse = true;
    }

    /// Forgets the damping, as [`restart_near`](Self::restart_near) does, of an objective of linear
    /// combinations: what it is minimised by does not turn, and rounding is all that asks for damping.
    pub fn restart_linear(&mut self) {
        self.damping = LINEAR_DAMPING;
        self.least = LINEAR_DAMPING;
        self.linear.reset();
        self.reuse = true;
    }

    /// Forgets the matrix of earlier minimisations.
    pub fn forget_matrix(&mut self) {
        self.linear.reset();
    }

    /// The strength by which parameters are held, relative to the mean diagonal of G, where the model turns or
    /// is that of linear combinations.
    fn hold(&self, turns: bool, is_first: bool) -> f64 {
        let near = self.least / NEAR_DAMPING;
        let part = match (turns, is_first) {
            (false, true) => HOLD,
            (false, false) => LEAST_HOLD,
            (true, _) if near <= LEAST_HOLD => 0.0,
            (true, _) => near.min(HOLD),
        };
        part * self.least
    }

    /// How many matrices were made so far that later minimisations may begin with.
    #[must_use]
    pub const fn matrices(&self) -> u64 {
        self.matrices
    }

    /// State kept for the next minimisation.
    #[must_use]
    pub fn memory(&self) -> Memory {
        Memory {
            damping: self.damping,
            least: self.least,
            reuse: self.reuse,
            matrix: self.linear.kept().map(|kept| MatrixMemory {
                parameters: self.made_at.clone(),
                kept,
            }),
        }
    }

    /// Takes up the memory of another minimiser of the same method. If there was a matrix,
    /// `objective` is that which it was made of.
    ///
    /// # Errors
    /// Errors of the objective.
    pub fn recall(&mut self, memory: &Memory, objective: Option<&mut dyn Objective>) -> Result<()> {
        self.damping = memory.damping;
        self.least = memory.least;
        self.reuse = memory.reuse;
        self.linear.reset();
        if let (Some(matrix), Some(objective)) = (&memory.matrix, objective) {
            let mut gradient = vec![0.0; matrix.parameters.len()];
            objective.linearize(&matrix.parameters, &mut gradient)?;
            let linear = &mut *objective.linear();
            self.renew(linear, &matrix.parameters, false)?;
            self.linear.restore(linear, &matrix.kept)?;
        }
        Ok(())
    }

    /// Makes the matrix of an objective and its factor, as if an earlier minimisation had left them.
    ///
    /// # Errors
    /// Errors of the objective.
    pub fn prepare(&mut self, objective: &mut dyn Objective, parameters: &[f64]) -> Result<()> {
        let mut gradient = vec![0.0; parameters.len()];
        objective.linearize(parameters, &mut gradient)?;
        let linear = &mut *objective.linear();
        self.renew(linear, parameters, false)?;
        // What cannot be factored is damped further by the minimisation.
        self.linear
            .damp(linear, self.damping * self.linear.mean())?;
        Ok(())
    }

    /// Takes up a linearisation at `parameters`.
    fn renew(&mut self, linear: &mut dyn Model, parameters: &[f64], reuse: bool) -> Result<()> {
        self.linear.set(linear, reuse)?;
        if self.linear.is_fresh() && self.linear.keeps() {
            self.matrices += 1;
            self.made_at.clear();
            self.made_at.extend_from_slice(parameters);
        }
        Ok(())
    }

    /// Minimises from `parameters`, which hold the best point found whatever happens. Directions
    /// that the objective hardly depends on are held to `anchor`, where the parameters were before.
    ///
    /// # Errors
    /// Errors of the objective at the first point and of `watch`; a trial that fails recoverably
    /// or is not finite is refused instead.
    pub fn minimize(
        &mut self,
        objective: &mut dyn Objective,
        parameters: &mut [f64],
        anchor: Option<&[f64]>,
        stop: &Stop,
        watch: &mut Watch<'_>,
    ) -> Result<Outcome> {
        let mut point = Point {
            anchor,
            gradient: vec![0.0; parameters.len()],
            parameters,
            value: 0.0,
            enough: 0.0,
        };
        let mut outcome = Outcome::default();
        let mut values = Vec::new();
        let mut before = None;
        let mut reuse = self.reuse;
        for iteration in 0..stop.max_iterations {
            point.value = objective.linearize(point.parameters, &mut point.gradient)?;
            outcome.value = point.value;
            watch(iteration, point.value)?;
            if point.value <= stop.value {
                outcome.converged = true;
                break;
            }
            outcome.iterations = iteration + 1;
            point.enough = (stop.gain * objective.scale()).max(ROUNDING * point.value.abs());
            self.renew(&mut *objective.linear(), point.parameters, reuse)?;
            let gain = loop {
                if let Some(gain) = self.advance(objective, &mut point, iteration == 0)? {
                    break gain;
                }
                point.value = objective.linearize(point.parameters, &mut point.gradient)?;
                self.renew(&mut *objective.linear(), point.parameters, false)?;
            };
            outcome.value = point.value;
            // What the model did not foresee is of the size of what it leaves to gain, unless the
            // two agree by chance.
            outcome.gap = if gain.actual > 0.0 {
                let unforeseen = (gain.expected - gain.actual).abs();
                unforeseen.clamp(DIGITS * gain.expected, gain.expected) + gain.left
            } else {
                gain.expected + gain.left
            };
            outcome.enough = (stop.gain * objective.scale()).max(ROUNDING * point.value.abs());
            if !objective.linear().turns() {
                // The model is exact there: what is left is in directions that the damping hides.
                let ratio = gain.actual / before.replace(gain.actual).unwrap_or(f64::INFINITY);
                let tail = gain.actual * ratio / (1.0 - ratio).max(f64::EPSILON);
                if ratio > SLOW && tail <= stop.slow * objective.scale() {
                    outcome.gap = outcome.gap.max(tail);
                    break;
                }
            }
            if outcome.gap <= outcome.enough || point.value <= stop.value {
                outcome.converged = true;
                break;
            }
            values.push(point.value);
            let then = values.len().checked_sub(VAIN).and_then(|at| values.get(at));
            if then.is_some_and(|then| then - point.value <= outcome.enough) {
                break;
            }
            if gain.actual <= 0.0 {
                if self.linear.is_fresh() {
                    break;
                }
                reuse = false;
            }
        }
        if std::mem::take(&mut self.overshot) {
            self.forget_matrix();
        }
        Ok(outcome)
    }

    /// One iteration: raises the damping until a trial lowers the value. `None` if the objective makes another model
    /// instead.
    fn advance(
        &mut self,
        objective: &mut dyn Objective,
        point: &mut Point<'_>,
        is_first: bool,
    ) -> Result<Option<Gain>> {
        let mut growth = 2.0;
        loop {
            let mu = self.damping * self.linear.mean();
            let turns = objective.linear().turns();
            let hold = match point.anchor {
                Some(_) => self.hold(turns, is_first) * self.linear.mean(),
                None => 0.0,
            };
            let gradient = point.held_gradient(hold);
            let exhausted = self.damping >= MOST_DAMPING;
            if let Some(Solution { step, left }) = self.solve(objective, point, mu, &gradient)? {
                // The model's gain: -g.s - s.(G + hold) s/2 with (G + mu) s = -g.
                let slope = -dot(&gradient, &step);
                let expected = 0.5 * (slope + (mu - hold) * dot(&step, &step));
                let trial = self.accelerated(objective, point, mu, &step)?;
                let value = tolerate(objective.value(&trial))?;
                let held = point.held(point.parameters, hold) - point.held(&trial, hold);
                let actual = point.value - value + held;
                let ratio = actual / expected;
                if ratio < TRUSTED && !self.linear.is_fresh() {
                    // Farther than an old matrix reaches.
                    self.renew(&mut *objective.linear(), point.parameters, false)?;
                    continue;
                }
                if ratio > ACCEPTED {
                    point.parameters.copy_from_slice(&trial);
                    point.value = value;
                    // Nielsen's rule: a smooth function of the gain ratio.
                    let shrink = 1.0 - (2.0 * ratio - 1.0).powi(3);
                    self.damping = (self.damping * shrink.max(0.25)).max(self.least);
                    if ratio < POOR && !turns {
                        self.overshot |= objective.overshot();
                    }
                    return Ok(Some(Gain {
                        expected,
                        actual,
                        left,
                    }));
                }
                if !turns && objective.overshot() {
                    self.overshot = true;
                    return Ok(None);
                }
                let line = Line {
                    step: &step,
                    slope,
                    bend: slope - expected,
                };
                if !turns && let Some(actual) = shorten(objective, point, hold, &line)? {
                    return Ok(Some(Gain {
                        expected,
                        actual,
                        left,
                    }));
                }
                if exhausted || expected <= ROUNDING * point.value.abs() {
                    return Ok(Some(Gain {
                        expected,
                        actual: 0.0,
                        left,
                    }));
                }
            } else if exhausted {
                self.damping = FIRST_DAMPING;
                return Err(Error::not_finite(format!(
                    "the normal matrix cannot be factored at objective {:e}",
                    point.value
                )));
            }
            self.damping *= growth;
            growth *= 1.5;
        }
    }

    /// The step with damping mu, or None if the matrix is not positive definite in floating point.
    fn solve(
        &mut self,
        objective: &mut dyn Objective,
        point: &Point<'_>,
        mu: f64,
        gradient: &[f64],
    ) -> Result<Option<Solution>> {
        let mut linear = objective.linear();
        if !self.linear.damp(&*linear, mu)? {
            return Ok(None);
        }
        let enough = SOLVED * point.enough;
        let solution = self.linear.solve(&mut *linear, mu, gradient, enough)?;
        let Some(solution) = solution else {
            self.renew(&mut *linear, point.parameters, false)?;
            drop(linear);
            return self.solve(objective, point, mu, gradient);
        };
        let finite = solution.step.iter().all(|s| s.is_finite());
        Ok(finite.then_some(solution))
    }

    /// The end of a step with its geodesic acceleration, the second-order correction that follows
    /// a curved valley; without it where the correction is not small, or 0 as of linear combinations.
    fn accelerated(
        &mut self,
        objective: &mut dyn Objective,
        point: &Point<'_>,
        mu: f64,
        step: &[f64],
    ) -> Result<Vec<f64>> {
        let line = point.parameters.iter().zip(step);
        let mut trial: Vec<f64> = line.map(|(p, s)| p + s).collect();
        let mut acceleration = vec![0.0; step.len()];
        let mut linear = objective.linear();
        if !linear.turns() {
            return Ok(trial);
        }
        linear.geodesic_acceleration(point.parameters, step, &mut acceleration)?;
        let solution = self
            .linear
            .solve(&mut *linear, mu, &acceleration, point.enough)?;
        let Some(correction) = solution else {
            return Ok(trial);
        };
        let correction = correction.step;
        if dot(&correction, &correction).sqrt() <= LARGEST_ACCELERATION * dot(step, step).sqrt() {
            trial
                .iter_mut()
                .zip(&correction)
                .for_each(|(t, c)| *t += 0.5 * c);
        }
        Ok(trial)
    }
}
