//! A stage of a step, `F(u) + S/(2 tau) |u - c|^2` in the norm of H^-1, minimised by Newton's method over the
//! parts of the modes.

use super::modes::{Modes, Second, add_lower};
use crate::error::{Error, Result};
use crate::field::Jets;
use crate::flow::Context;
use crate::flow::factor::{Damping, Factor};
use crate::linear_algebra::{Limit, System, add, conjugate_gradients, dot, product};
use crate::minimize::{Outcome, Stop, Watch};
use crate::objective::{Densities, Integrand, Order};
use crate::parallel::Pool;
use crate::quadrature::NodesView;
use faer::{Accum, Mat, MatMut, MatRef};

/// What is added to a matrix where a stage is not convex.
const DAMPING: Damping = Damping {
    first: 0.0,
    least: 1e-3,
    growth: 4.0,
    most: 1e6,
};

/// What conjugate gradients with an old factor may leave, and products that cost about half of a new factor.
const OLD: Limit = Limit {
    enough: 0.0,
    part: 1e-6,
    products: 24,
};

/// Times that a step is halved, and the part of the gain that the slope predicts it has to make.
const HALVINGS: u32 = 12;
const GAINED: f64 = 1e-4;

/// Gains below this part of the value drown in rounding, and steps end where what is left to gain no longer falls
/// to this part of what was left before.
const ROUNDING: f64 = 1e-13;
const FALLS: f64 = 0.5;

/// A stage, posed at nodes.
pub(super) struct Stage<'a> {
    pub cx: &'a Context,
    pub modes: &'a Modes,
    pub nodes: NodesView<'a>,
    /// f of the functional.
    pub functional: &'a dyn Integrand,
    /// The mean of u.
    pub mean: f64,
    /// What a movement costs.
    pub metric: &'a Mat<f64>,
    /// The parts of c.
    pub centre: Vec<f64>,
    /// `S / tau`.
    pub strength: f64,
    /// Half the square of a motion that tolerances are at least relative to.
    pub rest: f64,
}

/// The parts of u, with the value there and its derivatives.
struct Point {
    parts: Vec<f64>,
    value: f64,
    movement: f64,
    gradient: Vec<f64>,
    densities: Densities,
}

/// The parts that a stage led to.
pub(super) struct Solved {
    pub parts: Vec<f64>,
    pub outcome: Outcome,
    /// What tolerances are relative to.
    pub scale: f64,
}

impl Stage<'_> {
    /// Minimises the stage from the best of several parts; the factor of a matrix that is `known` serves where
    /// it can.
    ///
    /// # Errors
    /// Errors of the energies and of `watch`, and [`NotFinite`](crate::ErrorKind::NotFinite) if there are no
    /// derivatives.
    pub fn solve(
        &self,
        guesses: Vec<Vec<f64>>,
        known: &mut Option<Factor>,
        (stop, watch): (&Stop, &mut Watch<'_>),
    ) -> Result<Solved> {
        let mut now = self.best(guesses)?;
        let (mut iterations, mut before) = (0, f64::INFINITY);
        loop {
            let scale = now.movement + self.strength * self.rest;
            let (step, decrement) = self.newton(&now, known)?;
            let gap = 0.5 * decrement;
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
                false => self.along(&now, &step, decrement, rounding)?,
            };
            let Some(next) = next else {
                return Ok(Solved {
                    parts: now.parts,
                    outcome,
                    scale,
                });
            };
            now = next;
            iterations += 1;
        }
    }

    fn best(&self, guesses: Vec<Vec<f64>>) -> Result<Point> {
        let mut best: Option<Point> = None;
        let mut refused = None;
        for parts in guesses {
            match self.at(parts) {
                Ok(next) if best.as_ref().is_none_or(|best| next.value < best.value) => {
                    best = Some(next);
                }
                Ok(_) => {}
                Err(e) if e.kind().is_of_the_step() => refused = Some(e),
                Err(e) => return Err(e),
            }
        }
        best.ok_or_else(|| refused.unwrap_or_else(|| Error::internal("a stage has no guess")))
    }

    /// The stage at a function of these parts.
    fn at(&self, parts: Vec<f64>) -> Result<Point> {
        let (pool, x, w) = (&self.cx.pool, self.nodes.x, self.nodes.w);
        let mut jets = Jets {
            value: vec![self.mean; w.len()],
            slope: vec![0.0; x.len()],
            ..Jets::default()
        };
        self.modes.add_to(&parts, &mut jets);
        let mut densities = Densities::default();
        let at = (&jets, self.modes.shape());
        let evaluated = densities.evaluate(pool, self.functional, x, at, Order::Second);
        let mut energy = [w.iter().zip(&densities.f).map(|(w, f)| w * f).sum()];
        pool.ranks().sum(evaluated, &mut energy)?;
        let [energy] = energy;
        let moved: Vec<f64> = parts.iter().zip(&self.centre).map(|(u, c)| u - c).collect();
        let dual = image(self.metric, &moved);
        let movement = 0.5 * self.strength * dot(&moved, &dual);
        let value: f64 = energy + movement;
        if !value.is_finite() {
            return Err(Error::not_finite(
                "the energy of a step is not a number; take a smaller `tau`",
            ));
        }
        let mut gradient = derivative(pool, self.modes, w, &densities)?;
        let sums = gradient.iter_mut().zip(&dual);
        sums.for_each(|(g, v)| *g += self.strength * v);
        Ok(Point {
            parts,
            value,
            movement,
            gradient,
            densities,
        })
    }

    /// The Newton step and twice the gain that it predicts: by conjugate gradients with the factor of an earlier
    /// matrix where they are quick, else by a new one.
    fn newton(&self, now: &Point, known: &mut Option<Factor>) -> Result<(Vec<f64>, f64)> {
        let (w, densities) = (self.nodes.w, &now.densities);
        let second = Second {
            uu: weighted(w, &densities.f_uu),
            up: weighted(w, &densities.f_up),
            pp: weighted(w, &densities.f_pp),
        };
        let by_old = match known.as_ref() {
            Some(factor) => {
                let mut system = Curvature {
                    stage: self,
                    second: &second,
                    factor,
                };
                let solved = conjugate_gradients(&mut system, &now.gradient, &OLD)?;
                solved.products.map(|_| solved.step)
            }
            None => None,
        };
        let step = match by_old {
            Some(step) => step,
            None => {
                let mut matrix = self.modes.curvature(&self.cx.pool, &second)?;
                add_lower(&mut matrix, self.strength, self.metric);
                let factor = Factor::new(matrix, &DAMPING)?;
                let mut step: Vec<f64> = now.gradient.iter().map(|g| -g).collect();
                factor.solve(&mut step);
                *known = Some(factor);
                step
            }
        };
        let decrement = -dot(&step, &now.gradient);
        match decrement.is_finite() {
            true => Ok((step, decrement)),
            false => Err(Error::not_finite(
                "the derivatives of a step are not numbers; take a smaller `tau`",
            )),
        }
    }

    /// Goes along a step as far as the value falls; `None` where it does not.
    fn along(
        &self,
        now: &Point,
        step: &[f64],
        decrement: f64,
        rounding: f64,
    ) -> Result<Option<Point>> {
        let mut length = 1.0;
        for _ in 0..HALVINGS {
            let line = now.parts.iter().zip(step);
            match self.at(line.map(|(c, s)| c + length * s).collect()) {
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
}

/// The second derivative of a stage, with the factor of one that is near.
struct Curvature<'a> {
    stage: &'a Stage<'a>,
    second: &'a Second,
    factor: &'a Factor,
}

impl System for Curvature<'_> {
    fn product(&mut self, v: &[f64], out: &mut [f64]) -> Result<()> {
        out.copy_from_slice(
            &self
                .stage
                .modes
                .product(&self.stage.cx.pool, self.second, v)?,
        );
        add(out, self.stage.strength, &image(self.stage.metric, v));
        Ok(())
    }

    fn precondition(&mut self, z: &mut [f64]) -> Result<()> {
        self.factor.solve(z);
        Ok(())
    }
}

/// The derivative of a functional of the densities at nodes, in the parts of the modes.
///
/// # Errors
/// Errors of the other ranks.
pub(super) fn derivative(
    pool: &Pool,
    modes: &Modes,
    w: &[f64],
    densities: &Densities,
) -> Result<Vec<f64>> {
    let slopes = weighted(w, &densities.f_p);
    modes.against(pool, &weighted(w, &densities.f_u), &slopes)
}

/// Entries `[n][..]`, times the weights of their nodes.
fn weighted(w: &[f64], f: &[f64]) -> Vec<f64> {
    let each = (f.len() / w.len().max(1)).max(1);
    f.iter().enumerate().map(|(k, f)| w[k / each] * f).collect()
}

/// `A v`.
pub(super) fn image(matrix: &Mat<f64>, v: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; v.len()];
    let column = MatMut::from_column_major_slice_mut(&mut out, v.len(), 1);
    let v = MatRef::from_column_major_slice(v, v.len(), 1);
    product(column, Accum::Replace, matrix.as_ref(), v, 1.0);
    out
}
