//! Where a potential carries masses: `y = argmin p(y) + |y - c|^2 / (2 tau)`, the c-transform of p at c.

use super::features::{Features, Jet, MOST, Units};
use crate::domain::Domain;
use crate::error::Result;
use crate::field::CHUNK;
use crate::parallel::Pool;

/// Iterations for a mass, and halvings in each.
const ITERATIONS: usize = 25;
const HALVINGS: usize = 8;

/// The length of a step, in half sides of the region, below which a mass is where it goes.
const EXACT: f64 = 1e-10;

/// The least eigenvalue of the derivative of `y + tau grad p` that is not lifted, about.
const CONVEX: f64 = 0.1;

/// Beyond it a Newton step is as short as one along the gradient.
const MOST_LIFTED: f64 = 1e12;

/// Masses that move from their centres.
#[derive(Clone, Copy)]
pub(super) struct Masses<'a> {
    /// Centres, `[k][d]`.
    pub centre: &'a [f64],
    /// Masses, `[k]`.
    pub mass: &'a [f64],
    /// The time step of the stage, `tau / S`; 0 keeps them where they are.
    pub tau: f64,
    /// The box that they stay in, if there is one.
    pub within: Option<&'a Domain>,
}

/// Masses that were carried.
#[derive(Clone, Debug, Default)]
pub(super) struct Carried {
    /// `[k][d]`
    pub y: Vec<f64>,
    /// `sum m f(y)` of each feature.
    pub sums: Vec<f64>,
    /// `sum m |y - c|^2`.
    pub square: f64,
}

impl Masses<'_> {
    /// Carries them by the potential of these coefficients, from guesses of where they go.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn carry(
        &self,
        pool: &Pool,
        features: &Features,
        coefficients: &[f64],
        guess: &[f64],
    ) -> Result<Carried> {
        let (d, len) = (features.dimension(), features.len());
        let mut y = guess.to_vec();
        let chunks = self.mass.len().div_ceil(CHUNK);
        // Sums, and the squared distance behind them.
        let mut parts = vec![0.0; chunks * (len + 1)];
        let of = self.centre.chunks(CHUNK * d).zip(self.mass.chunks(CHUNK));
        let into = y.chunks_mut(CHUNK * d).zip(parts.chunks_mut(len + 1));
        pool.try_for_each(of.zip(into), |((centre, mass), (y, part))| {
            let mut units = Units::default();
            let (sums, square) = part.split_at_mut(len);
            let points = centre.chunks_exact(d).zip(y.chunks_exact_mut(d)).zip(mass);
            for ((c, y), m) in points {
                if *m == 0.0 {
                    y.copy_from_slice(c);
                    continue;
                }
                self.settle(features, coefficients, c, y, &mut units);
                features.add_at(y, *m, &units, sums);
                let moved: f64 = y.iter().zip(c).map(|(y, c)| (y - c) * (y - c)).sum();
                square[0] += m * moved;
            }
            Ok(())
        })?;
        let mut total = vec![0.0; len + 1];
        for part in parts.chunks_exact(len + 1) {
            total.iter_mut().zip(part).for_each(|(t, p)| *t += p);
        }
        let square = total.pop().unwrap_or(0.0);
        Ok(Carried {
            y,
            sums: total,
            square,
        })
    }

    /// Moves y to where the potential takes c, and leaves the units there.
    fn settle(
        &self,
        features: &Features,
        coefficients: &[f64],
        c: &[f64],
        y: &mut [f64],
        units: &mut Units,
    ) {
        let (d, tau) = (c.len(), self.tau);
        let objective = |jet: &Jet, y: &[f64]| {
            let square: f64 = y.iter().zip(c).map(|(y, c)| (y - c) * (y - c)).sum();
            tau * jet.value + 0.5 * square
        };
        let mut jet = features.jet(y, coefficients, units);
        if tau == 0.0 {
            return;
        }
        let mut value = objective(&jet, y);
        for _ in 0..ITERATIONS {
            let mut residual = [0.0; MOST];
            for a in 0..d {
                residual[a] = y[a] - c[a] + tau * jet.gradient[a];
                if self.is_held(a, y[a], residual[a]) {
                    residual[a] = 0.0;
                    for b in 0..d {
                        jet.hessian[a * d + b] = 0.0;
                        jet.hessian[b * d + a] = 0.0;
                    }
                }
            }
            let step = direction(&jet, tau, d, &residual);
            let slope: f64 = (0..d).map(|a| step[a] * residual[a]).sum();
            let length = step[..d].iter().fold(0.0_f64, |most, s| most.max(s.abs()));
            if length.is_nan() || length <= EXACT * features.length() {
                return;
            }
            let mut part = 1.0;
            let mut moved = [0.0; MOST];
            let mut better = None;
            for _ in 0..HALVINGS {
                for a in 0..d {
                    moved[a] = self.clamped(a, y[a] + part * step[a]);
                }
                let there = features.jet(&moved[..d], coefficients, units);
                let next = objective(&there, &moved[..d]);
                if next <= value + 1e-4 * part * slope {
                    better = Some((there, next));
                    break;
                }
                part *= 0.4;
            }
            let Some((there, next)) = better else {
                // As exact as rounding allows.
                features.jet(y, coefficients, units);
                return;
            };
            y.copy_from_slice(&moved[..d]);
            (jet, value) = (there, next);
        }
    }

    /// Whether a wall keeps a mass from going down this slope along an axis.
    fn is_held(&self, axis: usize, y: f64, slope: f64) -> bool {
        self.within.is_some_and(|within| {
            (y <= within.lower()[axis] && slope > 0.0) || (y >= within.upper()[axis] && slope < 0.0)
        })
    }

    fn clamped(&self, axis: usize, y: f64) -> f64 {
        match self.within {
            Some(within) => y.clamp(within.lower()[axis], within.upper()[axis]),
            None => y,
        }
    }
}

/// `-A^-1 r` with `A = I + tau H`, lifted where it is not safely positive definite.
fn direction(jet: &Jet, tau: f64, d: usize, residual: &[f64; MOST]) -> [f64; MOST] {
    let mut lift = 0.0;
    loop {
        if let Some(lower) = factor(jet, tau, d, lift) {
            return solve(&lower, d, residual);
        }
        lift = 4.0 * lift + 0.5;
        if lift > MOST_LIFTED {
            return residual.map(|r| -r);
        }
    }
}

/// The Cholesky factor of `(1 + lift) I + tau H`, `[d][d]`.
pub(super) fn factor(jet: &Jet, tau: f64, d: usize, lift: f64) -> Option<[f64; MOST * MOST]> {
    let mut lower = [0.0; MOST * MOST];
    for j in 0..d {
        for i in j..d {
            let mut sum = tau * jet.hessian[i * d + j];
            if i == j {
                sum += 1.0 + lift;
            }
            for k in 0..j {
                sum -= lower[i * d + k] * lower[j * d + k];
            }
            if i == j {
                if sum.is_nan() || sum <= CONVEX {
                    return None;
                }
                lower[i * d + i] = sum.sqrt();
            } else {
                lower[i * d + j] = sum / lower[j * d + j];
            }
        }
    }
    Some(lower)
}

fn solve(lower: &[f64; MOST * MOST], d: usize, residual: &[f64; MOST]) -> [f64; MOST] {
    let mut x = residual.map(|r| -r);
    for i in 0..d {
        for k in 0..i {
            x[i] -= lower[i * d + k] * x[k];
        }
        x[i] /= lower[i * d + i];
    }
    for i in (0..d).rev() {
        for k in i + 1..d {
            x[i] -= lower[k * d + i] * x[k];
        }
        x[i] /= lower[i * d + i];
    }
    x
}
