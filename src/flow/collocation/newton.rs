//! A stage of a step: the potential whose map makes its own density, by Gauss and Newton's method for the
//! equations of all labels.

mod lost;

use super::DAMPING;
use super::asked::{Asked, External, Wanted};
use super::cloud::Cloud;
use super::features::Features;
use super::functional::Functional;
use super::row::{Equation, Label, Room, Shared};
use crate::error::{Error, ErrorKind, Result};
use crate::field::CHUNK;
use crate::flow::least_squares::least_squares;
use crate::linear_algebra::dot;
use crate::minimize::{Outcome, Stop, Watch};
use crate::parallel::Pool;

/// Trials of a step's length, and the part that is left of it after each.
const TRIALS: usize = 6;
const CUT: f64 = 0.4;

/// What the sum of squares may grow by.
const SLACK: f64 = 1e-3;

/// Half the square of what second derivatives of V where labels were before may put `ln rho` off by.
const HESSIAN: f64 = 1e-6;

/// What `tau D^2 p` may be off by on the way there.
const LOOSE: f64 = 0.3;

/// The way, in units of the scale, over which a slope of V that only steers convergence is kept.
const NEAR: f64 = 0.05;

/// The part of the masses for which `y + tau grad p` may fold over, or centres have done so.
pub(super) const FOLDED: f64 = 1e-2;

/// The part of what features miss that may be left to gain: what is beyond it goes where labels see nothing.
const PART: f64 = 1e-2;

/// Standard deviations of a mean that are chance.
const CHANCE: f64 = 2.0;

/// The part of a potential below which a start from it is given up.
const LEAST: f64 = 1e-3;

/// A stage, posed.
pub(super) struct Stage<'a> {
    pub pool: &'a Pool,
    pub time: f64,
    pub functional: &'a Functional,
    pub features: &'a Features,
    /// Centres, `[n][d]`.
    pub centre: &'a [f64],
    /// `ln rho` at the centres, `[n]`.
    pub logarithm: &'a [f64],
    /// Masses of the labels, `[n]`.
    pub masses: &'a [f64],
    /// The first of them are trained on.
    pub trained: usize,
    /// `S / tau`.
    pub strength: f64,
    /// What the motion is at least taken for where tolerances are relative to it.
    pub rest: f64,
    /// Steps of differences along axes.
    pub step: &'a [f64],
}

/// A potential with the equations of all labels.
#[derive(Clone, Default)]
struct Point {
    coefficients: Vec<f64>,
    y: Vec<f64>,
    external: External,
    /// What V's derivatives go on from.
    asked: Asked,
    /// None where some hold no numbers.
    equations: Vec<Equation>,
    /// What a step is not to let grow.
    merit: f64,
}

/// What a stage has come to.
pub(super) struct Solved {
    pub coefficients: Vec<f64>,
    /// Where labels go, `[n][d]`.
    pub y: Vec<f64>,
    pub equations: Vec<Equation>,
    pub asked: Asked,
    /// Half the mean square of the residual at labels that were not trained on, in units of the energy.
    pub rough: f64,
    pub outcome: Outcome,
    pub scale: f64,
}

impl Stage<'_> {
    /// Solves the stage from another potential.
    ///
    /// # Errors
    /// [`Folded`](crate::ErrorKind::Folded) if the map folds, and errors of the energies, of `watch`
    /// and of the threads.
    pub fn solve(&self, start: &Cloud, stop: &Stop, watch: &mut Watch<'_>) -> Result<Solved> {
        let mut now = self.tempered(start)?;
        let mut iterations = 0;
        loop {
            let movement = 0.5 * self.strength * self.square(&now);
            let scale = movement.max(self.strength * self.rest);
            let (change, decrement) = self.newton(&now)?;
            if !decrement.is_finite() {
                return Err(Error::not_finite(
                    "the potential of a step is not a number; take a smaller `tau`",
                ));
            }
            let gap = 0.5 * self.functional.diffusivity * decrement;
            let rough = self.rough(&now);
            let converged = gap <= (stop.gain * scale).max(PART * rough);
            let stale = self.stale(&now) > HESSIAN * self.functional.diffusivity;
            watch(iterations, movement)?;
            if iterations < stop.max_iterations && (!converged || stale) {
                let mut next = match converged {
                    true => None,
                    false => self.along(&now, &change)?,
                };
                if next.is_none() && now.asked.x != now.y {
                    // V may bend otherwise than where it was last asked.
                    next = Some(self.at(now.coefficients.clone(), now.y.clone(), None)?);
                }
                if let Some(next) = next {
                    iterations += 1;
                    now = next;
                    continue;
                }
            }
            let lost = self.lost(&now);
            if lost > FOLDED {
                return Err(Error::new(
                    ErrorKind::Folded,
                    format!(
                        "the map of a step folds over for {:.0} % of the labels; take a smaller `tau`",
                        100.0 * lost
                    ),
                ));
            }
            let outcome = Outcome {
                value: movement,
                gap: gap + rough,
                enough: (stop.gain * scale).max(self.unknown(&now, rough)),
                iterations,
                converged,
            };
            self.leave_lost(&mut now)?;
            return Ok(Solved {
                coefficients: now.coefficients,
                y: now.y,
                equations: now.equations,
                asked: now.asked,
                rough,
                outcome,
                scale,
            });
        }
    }

    /// A potential with the labels where it has them, times what lets the map of nearly all of them be one to
    /// one where the density is about to spread by more than its width.
    fn tempered(&self, start: &Cloud) -> Result<Point> {
        let mut part = 1.0;
        // Those of another time say nothing.
        let asked = Some(&start.asked).filter(|_| !self.functional.uses_time());
        loop {
            let coefficients = start.coefficients.iter().map(|c| part * c).collect();
            let point = self.at(coefficients, start.x.clone(), asked)?;
            if !point.equations.is_empty() && self.folded(&point) <= FOLDED {
                return Ok(point);
            }
            part *= 0.5;
            if part < LEAST {
                return Err(Error::not_finite(
                    "the potential of a step is not a number; take a smaller `tau`",
                ));
            }
        }
    }

    /// The mean square of the way from the centres.
    fn square(&self, now: &Point) -> f64 {
        let d = self.step.len();
        let points = now.y.chunks_exact(d).zip(self.centre.chunks_exact(d));
        let squares = points.map(|(y, c)| y.iter().zip(c).map(|(y, c)| (y - c).powi(2)).sum());
        let weighted = squares.zip(self.masses).map(|(s, w): (f64, _)| s * w);
        weighted.sum::<f64>() / self.masses.iter().sum::<f64>()
    }

    /// Half the mean square of the residual at labels that are not trained on, in units of the energy.
    fn rough(&self, now: &Point) -> f64 {
        let labels = now.equations.iter().zip(self.masses).skip(self.trained);
        let (mut sum, mut all) = (0.0, f64::MIN_POSITIVE);
        for (equation, w) in labels.filter(|(equation, _)| !self.is_lost(equation)) {
            sum += w * equation.residual * equation.residual;
            all += w;
        }
        0.5 * self.functional.diffusivity * sum / all
    }

    /// The energy that the residual stands for at the labels that are not trained on, `int p r d(rho)`, with
    /// what it may be by chance: their sum says no more of how the energy changes.
    fn unknown(&self, now: &Point, rough: f64) -> f64 {
        let labels = now.equations.iter().zip(self.masses).enumerate();
        let labels = labels
            .skip(self.trained)
            .filter(|(_, (e, _))| !self.is_lost(e));
        let k = self.functional.diffusivity;
        let points = labels.map(|(i, (e, w))| {
            let p = self
                .functional
                .potential(e.logarithm, now.external.value[i]);
            [*w, w * p, w * e.residual, w * p * e.residual]
        });
        let mut sums = [0.0; 4];
        points.for_each(|of| sums.iter_mut().zip(of).for_each(|(s, of)| *s += of));
        let [whole, p, r, both] = sums;
        let labels = (self.masses.len() - self.trained) as f64;
        let chance = CHANCE * (2.0 * rough * k / labels).sqrt();
        (both / whole - p / whole * r / whole).abs() + chance
    }

    fn label<'b>(&'b self, point: &'b Point, i: usize) -> Label<'b> {
        let d = self.step.len();
        Label {
            centre: &self.centre[i * d..(i + 1) * d],
            logarithm: self.logarithm[i],
            y: &point.y[i * d..(i + 1) * d],
            external: point.external.at(i, d),
        }
    }

    fn shared<'b>(&'b self, coefficients: &'b [f64]) -> Shared<'b> {
        Shared {
            functional: self.functional,
            features: self.features,
            coefficients,
            tau: 1.0 / self.strength,
        }
    }

    /// The equations at a potential; V has the derivatives that it had where it was asked for them last, if
    /// that is near.
    fn at(&self, coefficients: Vec<f64>, y: Vec<f64>, asked: Option<&Asked>) -> Result<Point> {
        let near = asked.filter(|asked| match self.features.external {
            true => self.strays(asked, &coefficients, &y) <= LOOSE,
            // Slopes steer convergence only.
            false => asked.way(&y, &self.features.scale) <= NEAR,
        });
        let (external, asked) = match near {
            Some(asked) => {
                let value = self.functional.value(self.pool, self.time, &y)?;
                (asked.continued(value, &y), asked.clone())
            }
            None => {
                let wanted = Wanted::of(self.features.external);
                let external =
                    self.functional
                        .jets((self.pool, self.time), &y, self.step, wanted)?;
                let asked = Asked::of(&external, &y, wanted);
                (external, asked)
            }
        };
        let mut point = Point {
            coefficients,
            y,
            external,
            asked,
            merit: f64::INFINITY,
            ..Point::default()
        };
        let mut equations = vec![None; self.masses.len()];
        let tasks = equations.chunks_mut(CHUNK).enumerate();
        self.pool.try_for_each(tasks, |(chunk, equations)| {
            let mut room = Room::default();
            let shared = self.shared(&point.coefficients);
            for (k, equation) in equations.iter_mut().enumerate() {
                *equation = shared.equation(&self.label(&point, chunk * CHUNK + k), &mut room);
            }
            Ok(())
        })?;
        let equations: Option<Vec<Equation>> = equations.into_iter().collect();
        if let Some(equations) = equations {
            point.equations = equations;
            point.merit = self.merit(&point);
        }
        Ok(point)
    }

    /// What `tau D^2 p` may be off by at y, since V bends there otherwise than where it was asked.
    fn strays(&self, asked: &Asked, coefficients: &[f64], y: &[f64]) -> f64 {
        let square: f64 = asked.hessian.iter().map(|h| h * h).sum();
        let part = self.features.external_part(coefficients) / self.strength;
        let curvature = part.abs() * (square / self.masses.len() as f64).sqrt();
        curvature * asked.way(y, &self.features.scale)
    }

    /// The same of a point, as its residual feels it, in units of the energy.
    fn stale(&self, now: &Point) -> f64 {
        if !self.features.external {
            return 0.0;
        }
        let off = self.strays(&now.asked, &now.coefficients, &now.y);
        0.5 * self.functional.diffusivity * off * off
    }

    /// The sum of squares of the residuals where it is trained, with what labels miss of their way in units
    /// of the scale.
    fn merit(&self, point: &Point) -> f64 {
        let labels = point.equations.iter().zip(self.masses);
        let squares = labels.take(self.trained).map(|(equation, w)| {
            let way = self.missed(equation);
            match equation.folds {
                true => w * way,
                false => w * (way + equation.residual * equation.residual),
            }
        });
        squares.sum()
    }

    /// The change of the coefficients that solves the linearised equations best, and the mean square by
    /// which it changes them.
    fn newton(&self, now: &Point) -> Result<(Vec<f64>, f64)> {
        let len = self.features.len();
        let mut rows = vec![0.0; self.trained * len];
        let mut wanted = vec![0.0; self.trained];
        let tasks = rows
            .chunks_mut(CHUNK * len)
            .zip(wanted.chunks_mut(CHUNK))
            .enumerate();
        self.pool.try_for_each(tasks, |(chunk, (rows, wanted))| {
            let mut room = Room::default();
            let shared = self.shared(&now.coefficients);
            for (k, (row, wanted)) in rows.chunks_exact_mut(len).zip(wanted).enumerate() {
                let i = chunk * CHUNK + k;
                let equation = &now.equations[i];
                if equation.folds {
                    continue;
                }
                let residual = shared.linearize(&self.label(now, i), equation, &mut room, row);
                let root = self.masses[i].sqrt();
                row.iter_mut().for_each(|entry| *entry *= root);
                *wanted = -root * residual;
            }
            Ok(())
        })?;
        let change = least_squares(self.pool, &rows, &wanted, len, DAMPING)?;
        let made = rows.chunks_exact(len).map(|row| dot(row, &change).powi(2));
        let square = made.sum::<f64>() / self.masses[..self.trained].iter().sum::<f64>();
        Ok((change, square))
    }

    /// Goes along a change as far as the sum of squares does not grow; `None` where no length does.
    fn along(&self, now: &Point, change: &[f64]) -> Result<Option<Point>> {
        let d = self.step.len();
        let mut motion = vec![0.0; now.y.len()];
        let tasks = motion.chunks_mut(CHUNK * d).enumerate();
        self.pool.try_for_each(tasks, |(chunk, motion)| {
            let mut room = Room::default();
            let shared = self.shared(change);
            for (k, out) in motion.chunks_exact_mut(d).enumerate() {
                let i = chunk * CHUNK + k;
                let way = shared.motion(&self.label(now, i), &now.equations[i], &mut room);
                out.copy_from_slice(&way);
            }
            Ok(())
        })?;
        let mut length = 1.0;
        for _ in 0..TRIALS {
            let line = |from: &[f64], by: &[f64]| -> Vec<f64> {
                from.iter().zip(by).map(|(f, b)| f + length * b).collect()
            };
            let (coefficients, y) = (line(&now.coefficients, change), line(&now.y, &motion));
            let next = self.at(coefficients, y, Some(&now.asked))?;
            if next.merit <= (1.0 + SLACK) * now.merit {
                return Ok(Some(next));
            }
            length *= CUT;
        }
        Ok(None)
    }
}
