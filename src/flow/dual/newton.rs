//! A stage of a step as the maximum of its dual: the potential p of the end, for which the masses that it
//! carries are the density that it belongs to.
//!
//! `argmin F(rho) + S/(2 tau) W2(rho, mu)^2` is dual to the concave problem of maximising
//! `int p^c d(mu) - F*(p)` in potentials p (Jacobs, Lee and Leger, "The back-and-forth method for
//! Wasserstein gradient flows", 2021). In a linear space of features its gradient is the difference of
//! `int f d(rho)` before and after, so mass is exact where constants are among them, and Newton's method
//! takes a few iterations.

use super::carried::{Carried, Masses, factor};
use super::features::Units;
use super::site::Site;
use super::{Dual, Potential};
use crate::error::{Error, Result};
use crate::field::CHUNK;
use crate::flow::least_squares::{gram, solve_damped};
use crate::flow::observed::masses;
use crate::linear_algebra::dot;
use crate::minimize::{Outcome, Stop, Watch};
use crate::parallel::Pool;
use faer::Mat;

/// The weight that holds a potential where there is hardly any mass to where it was, relative to the
/// largest one by which mass holds it.
const HOLD: f64 = 1e-9;

/// The part of 1 that `tau` times a potential's curvature may take away in the beginning.
const STEEP: f64 = 0.8;

/// Parts of nodes by weight that a Newton matrix does without.
const UNSEEN: f64 = 1e-9;

/// Trials of a step's length; each is cut by so much at most.
const TRIALS: usize = 12;
const CUT: f64 = 0.1;

/// The part of the slope along a step that may be left, with the other sign, at its end.
const OVERSHOOT: f64 = 0.5;

/// Iterations in which the gain has not fallen to this part of the least one before: rounding is all there is.
const STALLED: u32 = 4;
const FALLS: f64 = 0.5;

/// Added to the diagonal of a matrix whose diagonal is 1.
const DAMPING: f64 = 1e-13;

/// A stage: masses to be carried, at the nodes of a site.
pub(super) struct Stage<'a> {
    pub pool: &'a Pool,
    pub time: f64,
    pub dual: &'a Dual,
    pub site: &'a Site,
    /// The external potential at the nodes, at that time.
    pub external: &'a [f64],
    pub masses: Masses<'a>,
    /// `S / tau`, and what the motion is at least taken for where tolerances are relative to it.
    pub strength: f64,
    pub rest: f64,
}

/// What stays as it is over an iteration: the potential to begin with, also at the nodes, `V + W * rho`
/// there, and the weight that holds the potential.
struct Frame<'b> {
    start: &'b Potential,
    base: &'b [f64],
    outer: Vec<f64>,
    hold: f64,
}

/// A potential with all that a Newton step takes.
struct Point {
    in_basis: Vec<f64>,
    coefficients: Vec<f64>,
    rho: Vec<f64>,
    rate: Vec<f64>,
    carried: Carried,
    gradient: Vec<f64>,
}

impl Stage<'_> {
    /// Maximises the dual from a potential; positions of the masses are guesses.
    ///
    /// # Errors
    /// Errors of the energies, of `watch` and of the threads.
    pub fn solve(
        &self,
        start: Potential,
        stop: &Stop,
        watch: &mut Watch<'_>,
    ) -> Result<(Potential, Outcome, f64)> {
        let site = self.site;
        let start = self.tempered(start)?;
        let base = site.potential_at_nodes(self.pool, &start.coefficients)?;
        let mut frame = Frame {
            start: &start,
            base: &base,
            outer: self.outer(&start.rho)?,
            hold: 0.0,
        };
        let rest = vec![0.0; site.basis.rank()];
        let (_, rate) = self.densities(&frame, &rest);
        frame.hold = HOLD * rate.iter().fold(0.0_f64, |a, b| a.max(*b));
        let mut now = self.at(&frame, rest, &start.y)?;
        let mut iterations = 0;
        let (mut least, mut stalled) = (f64::INFINITY, 0);
        loop {
            // A density that is fitted is known, and what it interacts with too.
            if self.dual.interacts() && self.masses.tau > 0.0 && iterations > 0 {
                frame.outer = self.outer(&now.rho)?;
                let guess = std::mem::take(&mut now.carried.y);
                now = self.at(&frame, now.in_basis, &guess)?;
            }
            let movement = 0.5 * self.strength * now.carried.square;
            let scale = movement.max(self.strength * self.rest);
            let (step, decrement) = self.newton(&now, frame.hold)?;
            if !decrement.is_finite() {
                return Err(Error::not_finite(
                    "the potential of a step is not a number; take a smaller `tau`",
                ));
            }
            let outcome = Outcome {
                value: movement,
                gap: 0.5 * decrement,
                enough: stop.gain * scale,
                iterations,
                converged: 0.5 * decrement <= stop.gain * scale,
            };
            watch(iterations, movement)?;
            stalled = if outcome.gap < FALLS * least {
                0
            } else {
                stalled + 1
            };
            least = least.min(outcome.gap);
            let may_end = stalled >= STALLED && outcome.gap <= stop.slow * scale;
            if outcome.converged || may_end || iterations >= stop.max_iterations {
                return Ok((now.into(), outcome, scale));
            }
            iterations += 1;
            let Some(next) = self.along(&frame, &now, &step, decrement)? else {
                // As far as rounding, or kinks between nodes, allow.
                return Ok((now.into(), outcome, scale));
            };
            now = next;
        }
    }

    /// `V + W * rho` at the nodes, of a density with the mass of the stage: on the way to it that of a potential
    /// may be any other, which what it interacts with would make worse.
    fn outer(&self, rho: &[f64]) -> Result<Vec<f64>> {
        let (at, nodes) = ((self.pool, self.time), &self.site.nodes);
        if !self.dual.interacts() {
            return self.dual.outer(at, self.site, rho, (nodes, self.external));
        }
        let part = self.masses.mass.iter().sum::<f64>() / dot(&nodes.w, rho);
        let rho: Vec<f64> = match part.is_finite() {
            true => rho.iter().map(|rho| part * rho).collect(),
            false => rho.to_vec(),
        };
        self.dual.outer(at, self.site, &rho, (nodes, self.external))
    }

    /// The potential times what makes `y + tau grad p` monotone where the masses are: that of a density
    /// which is about to spread by more than its width is not.
    fn tempered(&self, mut start: Potential) -> Result<Potential> {
        let Masses {
            centre, mass, tau, ..
        } = self.masses;
        let (site, d) = (self.site, self.site.dimension());
        let jets = site.jets(self.pool, &start.coefficients, centre)?;
        let kept = jets.iter().zip(mass).filter(|(_, m)| **m > 0.0);
        let least = kept.fold(0.0_f64, |least, (jet, _)| {
            least.min(least_eigenvalue(&jet.hessian[..d * d], d))
        });
        if tau * least < -STEEP {
            let part = STEEP / (-tau * least);
            start.coefficients.iter_mut().for_each(|c| *c *= part);
        }
        Ok(start)
    }

    fn densities(&self, frame: &Frame<'_>, in_basis: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let change = self.site.basis.at(in_basis);
        let p = frame.base.iter().zip(&change).zip(&frame.outer);
        p.map(|((b, c), u)| self.dual.pressure().density(b + c - u))
            .unzip()
    }

    fn at(&self, frame: &Frame<'_>, in_basis: Vec<f64>, guess: &[f64]) -> Result<Point> {
        let (site, basis) = (self.site, &self.site.basis);
        let mut coefficients = basis.coefficients(&in_basis);
        coefficients
            .iter_mut()
            .zip(&frame.start.coefficients)
            .for_each(|(c, s)| *c += s);
        let (rho, rate) = self.densities(frame, &in_basis);
        let carried = self
            .masses
            .carry(self.pool, &basis.features, &coefficients, guess)?;
        let mut gradient = basis.against(&masses(&site.nodes, &rho));
        let before = basis.project(&carried.sums);
        gradient.iter_mut().zip(&before).for_each(|(g, b)| *g -= b);
        for (i, g) in gradient.iter_mut().enumerate() {
            let row = (0..in_basis.len()).map(|j| basis.hold[(i.max(j), i.min(j))]);
            *g += frame.hold * row.zip(&in_basis).map(|(a, b)| a * b).sum::<f64>();
        }
        Ok(Point {
            in_basis,
            coefficients,
            rho,
            rate,
            carried,
            gradient,
        })
    }

    /// The Newton step, and the gain that it predicts, twice.
    fn newton(&self, now: &Point, hold: f64) -> Result<(Vec<f64>, f64)> {
        let matrix = self.matrix(now, hold)?;
        let mut step: Vec<f64> = now.gradient.iter().map(|g| -g).collect();
        solve_damped(matrix, &mut step, DAMPING)?;
        let decrement = -dot(&step, &now.gradient);
        Ok((step, decrement))
    }

    /// The second derivative: by the change of variables that carries the masses, an integral over the
    /// density that they become.
    fn matrix(&self, now: &Point, hold: f64) -> Result<Mat<f64>> {
        let (site, basis) = (self.site, &self.site.basis);
        let (rank, d) = (basis.rank(), basis.features.dimension());
        let tau = self.masses.tau;
        let w = &site.nodes.w;
        let weight = |i: usize| (w[i] * now.rate[i], tau * w[i] * now.rho[i]);
        let most = (0..w.len()).fold(0.0_f64, |most, i| most.max(weight(i).0));
        let seen: Vec<usize> = (0..w.len())
            .filter(|i| weight(*i).0 > UNSEEN * most)
            .collect();
        let per = if tau > 0.0 { 1 + d } else { 1 };
        let mut rows = vec![0.0; seen.len() * per * rank];
        let tasks = seen.chunks(CHUNK).zip(rows.chunks_mut(CHUNK * per * rank));
        self.pool.try_for_each(tasks, |(seen, rows)| {
            let mut units = Units::default();
            for (i, rows) in seen.iter().zip(rows.chunks_exact_mut(per * rank)) {
                let (mass, spread) = weight(*i);
                let (values, slopes) = rows.split_at_mut(rank);
                let of = &basis.values[i * rank..(i + 1) * rank];
                let root = mass.sqrt();
                values.iter_mut().zip(of).for_each(|(r, b)| *r = root * b);
                if per == 1 {
                    continue;
                }
                let x = &site.nodes.x[i * d..(i + 1) * d];
                let jet = basis.features.jet(x, &now.coefficients, &mut units);
                let of = &basis.gradients[i * d * rank..(i + 1) * d * rank];
                let root = spread.sqrt();
                slopes.iter_mut().zip(of).for_each(|(r, b)| *r = root * b);
                // L^-1 of the gradients, A = I + tau H = L L^T.
                let Some(lower) = factor(&jet, tau, d, 0.0) else {
                    continue;
                };
                for a in 0..d {
                    for k in 0..a {
                        let (above, own) = slopes.split_at_mut(a * rank);
                        let part = lower[a * d + k];
                        let above = &above[k * rank..(k + 1) * rank];
                        own.iter_mut().zip(above).for_each(|(o, b)| *o -= part * b);
                    }
                    let diagonal = lower[a * d + a];
                    let own = &mut slopes[a * rank..(a + 1) * rank];
                    own.iter_mut().for_each(|o| *o /= diagonal);
                }
            }
            Ok(())
        })?;
        let mut matrix = gram(self.pool, &rows, rank)?;
        for j in 0..rank {
            for i in j..rank {
                matrix[(i, j)] += hold * basis.hold[(i, j)];
            }
        }
        Ok(matrix)
    }

    /// Goes along a step as far as the slope says; `None` where no length does.
    fn along(
        &self,
        frame: &Frame<'_>,
        now: &Point,
        step: &[f64],
        decrement: f64,
    ) -> Result<Option<Point>> {
        let mut length = 1.0;
        for _ in 0..TRIALS {
            let line = now.in_basis.iter().zip(step);
            let moved = line.map(|(c, s)| c + length * s).collect();
            let next = self.at(frame, moved, &now.carried.y)?;
            let slope = dot(&next.gradient, step);
            if slope <= OVERSHOOT * decrement {
                return Ok(Some(next));
            }
            // The slope goes from -decrement to this one: where a line through both vanishes.
            let part = decrement / (decrement + slope);
            length *= if part.is_finite() { part.max(CUT) } else { CUT };
        }
        Ok(None)
    }
}

/// The least eigenvalue of a symmetric matrix `[d][d]`, or in space a bound from below.
fn least_eigenvalue(matrix: &[f64], d: usize) -> f64 {
    match (d, matrix) {
        (1, [a]) => *a,
        (2, [a, b, _, c]) => 0.5 * (a + c) - (0.25 * (a - c) * (a - c) + b * b).sqrt(),
        _ => -matrix.iter().map(|m| m * m).sum::<f64>().sqrt(),
    }
}

impl From<Point> for Potential {
    fn from(point: Point) -> Self {
        Self {
            coefficients: point.coefficients,
            y: point.carried.y,
            rho: point.rho,
        }
    }
}
