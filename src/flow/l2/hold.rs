//! What holds u at nodes by multipliers, to a value or between two.

use crate::energy::{Batch, Derivatives};
use crate::linear_algebra::dot;
use std::ops::Range;

/// What u is held by in a stage, or a part of it, at nodes that begin with `first` of the stage's own: to the
/// interval `[lower, upper]`, of one number on walls.
///
/// It is `c/2 |t - P t|^2 - lambda^2/(2 c)`, with `t = u - lambda / c` and P the projection to the interval
/// (R. T. Rockafellar, "The multiplier method of Hestenes and Powell applied to convex programming", J. Optim. Theory
/// Appl. 12 (1973) 555): on a wall `c/2 (u - g)^2 - lambda (u - g)`. At its minimum the next multiplier is
/// `-c (t - P t)`, and u misses the interval, or what the multiplier pushes it to, by `u - P t`.
#[derive(Clone, Copy)]
pub(super) struct Hold<'a> {
    pub first: usize,
    pub penalty: f64,
    /// `[n]`
    pub multipliers: &'a [f64],
    /// `[n]`
    pub lower: &'a [f64],
    /// `[n]`
    pub upper: &'a [f64],
}

impl Hold<'_> {
    /// That of a range of the stage's nodes.
    pub fn part(&self, nodes: &Range<usize>) -> Self {
        let at = |node: usize| (node.max(self.first) - self.first).min(self.multipliers.len());
        let part = at(nodes.start)..at(nodes.end);
        Self {
            first: self.first.max(nodes.start) - nodes.start,
            multipliers: &self.multipliers[part.clone()],
            lower: &self.lower[part.clone()],
            upper: &self.upper[part],
            ..*self
        }
    }

    /// `t - P t` at one of its nodes.
    fn away(&self, at: usize, u: f64) -> f64 {
        let t = u - self.multipliers[at] / self.penalty;
        t - t.clamp(self.lower[at], self.upper[at])
    }

    /// Fills what is wanted at nodes from this one on.
    pub fn evaluate(&self, node: usize, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) {
        wanted.each(|array| array.fill(0.0));
        let (from, c) = (node - self.first, self.penalty);
        for (index, u) in batch.u.iter().enumerate() {
            let at = from + index;
            let away = self.away(at, *u);
            let is_pushed = away != 0.0 || self.lower[at] == self.upper[at];
            for (array, value) in [
                (&mut wanted.f, self.density(at, away)),
                (&mut wanted.f_u, c * away),
                (&mut wanted.f_uu, if is_pushed { c } else { 0.0 }),
            ] {
                if let Some(array) = array {
                    array[index] = value;
                }
            }
        }
    }

    fn density(&self, at: usize, away: f64) -> f64 {
        let (c, multiplier) = (self.penalty, self.multipliers[at]);
        0.5 * c * away * away - 0.5 * multiplier * multiplier / c
    }

    /// The integral of it for u at its nodes with these weights.
    pub fn energy(&self, u: &[f64], w: &[f64]) -> f64 {
        let densities = u.iter().enumerate();
        let densities = densities.map(|(at, u)| self.density(at, self.away(at, *u)));
        dot(&densities.collect::<Vec<_>>(), w)
    }

    /// What u at its nodes misses, and the multipliers that follow; at nodes without weight nothing.
    pub fn missed(&self, u: &[f64], w: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let nodes = u.iter().zip(w).enumerate();
        let nodes = nodes.map(|(at, (u, w))| {
            let multiplier = self.multipliers[at];
            if *w == 0.0 {
                return (0.0, multiplier);
            }
            let next = -self.penalty * self.away(at, *u);
            ((multiplier - next) / self.penalty, next)
        });
        nodes.unzip()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const C: f64 = 10.0;

    fn at(u: f64, multiplier: f64, [lower, upper]: [f64; 2]) -> [f64; 3] {
        let hold = Hold {
            first: 0,
            penalty: C,
            multipliers: &[multiplier],
            lower: &[lower],
            upper: &[upper],
        };
        let batch = Batch {
            c: 1,
            d: 1,
            t: 0.0,
            x: &[0.0],
            u: &[u],
            p: &[0.0],
            h: &[],
        };
        let [mut f, mut f_u, mut f_uu] = [[0.0]; 3];
        let mut wanted = Derivatives {
            f: Some(&mut f),
            f_u: Some(&mut f_u),
            f_uu: Some(&mut f_uu),
            ..Derivatives::default()
        };
        hold.evaluate(0, &batch, &mut wanted);
        assert_eq!(hold.energy(&[u], &[2.0]), 2.0 * f[0]);
        [f[0], f_u[0], f_uu[0]]
    }

    #[test]
    fn derivatives_are_those_of_the_value_and_walls_are_intervals_of_one_number() {
        const H: f64 = 1e-5;
        for between in [[-1.0, 2.0], [f64::NEG_INFINITY, 0.3], [0.7, 0.7]] {
            for multiplier in [-3.0, 0.0, 4.0] {
                for u in [-1.7, 0.2, 2.5] {
                    let [f, f_u, f_uu] = at(u, multiplier, between);
                    let [above, below] = [u + H, u - H].map(|u| at(u, multiplier, between));
                    assert!(((above[0] - below[0]) / (2.0 * H) - f_u).abs() < 1e-6);
                    assert!(((above[1] - below[1]) / (2.0 * H) - f_uu).abs() < 1e-6);
                    if between == [0.7, 0.7] {
                        let miss = u - 0.7;
                        let plain = 0.5 * C * miss * miss - multiplier * miss;
                        assert!((f - plain).abs() < 1e-12);
                    }
                }
            }
        }
    }

    #[test]
    fn a_multiplier_pushes_one_way() {
        let bounds = Hold {
            first: 0,
            penalty: C,
            multipliers: &[0.0, 4.0, 4.0, -2.0],
            lower: &[0.0; 4],
            upper: &[1.0; 4],
        };
        // Below, above by less and by more than the multiplier pushes, and above the upper one.
        let (missed, next) = bounds.missed(&[-0.5, 0.3, 0.5, 1.1], &[1.0; 4]);
        let expected = [(-0.5, 5.0), (0.3, 1.0), (0.4, 0.0), (0.1, -3.0)];
        for ((missed, next), expected) in missed.iter().zip(&next).zip(expected) {
            assert!((missed - expected.0).abs() < 1e-12 && (next - expected.1).abs() < 1e-12);
        }
    }
}
