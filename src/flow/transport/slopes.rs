//! What the derivative of the strong residual is made of at each label. See [`super::squares`].

use super::configuration::Configuration;
use super::labelled::Labelled;
use super::map::Map;
use super::measure::Measure;
use super::strong::{Evaluated, slope_gradient};
use super::terms::{Local, Order, Pairs, Terms};
use crate::error::Result;
use crate::quadrature::Nodes;

/// The step of differences in `ln rho`, and relative to the extent of the labels in y.
const STEP: f64 = 1e-5;

/// The derivatives of the residual at labels.
pub(super) struct Slopes<'a> {
    at: &'a Configuration,
    /// `d_m DX_ij`, `[n][i][j][m]`.
    bend: Vec<f64>,
    /// `l = grad_y ln rho`, `[n][d]`.
    score: Vec<f64>,
    /// `s = rho f_uu`, `[n]`.
    pub stiffness: Vec<f64>,
    /// `s' l + f_xu'`, `[n][d]`.
    of_density: Vec<f64>,
    /// `S/tau + H`, `[n][d][d]`.
    of_position: Vec<f64>,
}

/// A state in which the residual is linearised.
pub(super) struct State<'a> {
    pub map: &'a Map,
    pub labelled: &'a Labelled<'a>,
    pub labels: &'a Nodes,
    pub terms: &'a Terms,
    /// The masses of all ranks.
    pub whole: Measure<'a>,
    pub strength: f64,
}

impl<'a> Slopes<'a> {
    /// Those of a state that was evaluated.
    ///
    /// # Errors
    /// Those of the energies.
    pub fn of(state: &State<'_>, evaluated: &Evaluated<'a>) -> Result<Self> {
        let State {
            map,
            labels,
            labelled,
            ..
        } = *state;
        let (n, d) = (labels.len(), map.dimension());
        let at = evaluated.at;
        let mut bend = vec![0.0; n * d * d * d];
        for entry in 0..d * d {
            let one = |_: usize, out: &mut [f64]| {
                out.fill(0.0);
                out[entry] = 1.0;
            };
            let gradient = slope_gradient(map, labelled, labels, evaluated.jets, one)?;
            let rows = bend
                .chunks_exact_mut(d * d * d)
                .zip(gradient.chunks_exact(d));
            for (bend, gradient) in rows {
                bend[entry * d..(entry + 1) * d].copy_from_slice(gradient);
            }
        }
        let stiffness = evaluated
            .local
            .f_uu
            .iter()
            .zip(&at.rho)
            .map(|(f, rho)| f * rho);
        let mut slopes = Self {
            at,
            bend,
            score: vec![0.0; n * d],
            stiffness: stiffness.collect(),
            of_density: vec![0.0; n * d],
            of_position: vec![0.0; n * d * d],
        };
        for node in 0..n {
            // grad ln rho_0 - grad ln J
            let turned: Vec<f64> = (0..d)
                .map(|m| {
                    let inverse = slopes.inverse(node);
                    let bend = &slopes.bend[node * d * d * d..];
                    let pairs =
                        (0..d * d).map(|ij| inverse[ij % d * d + ij / d] * bend[ij * d + m]);
                    labels.score[node * d + m] - pairs.sum::<f64>()
                })
                .collect();
            for j in 0..d {
                let inverse = slopes.inverse(node);
                slopes.score[node * d + j] = (0..d).map(|i| inverse[i * d + j] * turned[i]).sum();
            }
        }
        slopes.in_density(state)?;
        slopes.in_position(state)?;
        Ok(slopes)
    }

    /// `s l + f_xu` at other points and densities, the score being that of the labels.
    fn local(&self, state: &State<'_>, y: &[f64], rho: &[f64]) -> Result<Vec<f64>> {
        let d = state.map.dimension();
        let pool = state.labelled.pool;
        let measure = self.at.measure(d, state.labels).same_at(y, rho);
        let mut local = Local::default();
        state
            .terms
            .local(pool, &measure, Order::Second, &mut local)?;
        let mixed = state.terms.mixed(pool, &measure)?;
        let part = |(axis, score): (usize, &f64)| {
            let node = axis / d;
            local.f_uu[node] * rho[node] * score + mixed.as_ref().map_or(0.0, |m| m[axis])
        };
        Ok(self.score.iter().enumerate().map(part).collect())
    }

    fn in_density(&mut self, state: &State<'_>) -> Result<()> {
        let mut of_density = vec![0.0; self.score.len()];
        for side in [STEP, -STEP] {
            let rho: Vec<f64> = self.at.rho.iter().map(|r| r * (1.0 + side)).collect();
            let there = self.local(state, &self.at.images.x, &rho)?;
            let pairs = of_density.iter_mut().zip(&there);
            pairs.for_each(|(o, there)| *o += 0.5 * there / side);
        }
        self.of_density = of_density;
        Ok(())
    }

    fn in_position(&mut self, state: &State<'_>) -> Result<()> {
        let (d, pool) = (state.map.dimension(), state.labelled.pool);
        let step = STEP * state.map.extent().sqrt();
        for node in self.of_position.chunks_exact_mut(d * d) {
            let diagonal = node.iter_mut().step_by(d + 1);
            diagonal.for_each(|h| *h = state.strength);
        }
        if !state.terms.pull() {
            return Ok(());
        }
        let own = self.at.measure(d, state.labels);
        let mut pairs = Pairs::default();
        for axis in 0..d {
            for side in [step, -step] {
                let mut y = self.at.images.x.clone();
                y.iter_mut().skip(axis).step_by(d).for_each(|y| *y += side);
                let mut there = self.local(state, &y, &self.at.rho)?;
                if state.terms.interact() {
                    state.terms.pairs(pool, &state.whole, &y, &mut pairs)?;
                    state.terms.remove_own(&own, &y, &mut pairs.gradient)?;
                    let sums = there.iter_mut().zip(&pairs.gradient);
                    sums.for_each(|(there, pair)| *there += pair);
                }
                let column = self.of_position.iter_mut().skip(axis).step_by(d);
                column
                    .zip(&there)
                    .for_each(|(h, there)| *h += 0.5 * there / side);
            }
        }
        Ok(())
    }

    /// `A = DX^-1`.
    pub fn inverse(&self, node: usize) -> &[f64] {
        let size = self.at.inverse.len() / self.stiffness.len().max(1);
        &self.at.inverse[node * size..(node + 1) * size]
    }

    /// The derivative of `r_row` in X.
    pub fn of_position(&self, node: usize, row: usize) -> &[f64] {
        let d = self.score.len() / self.stiffness.len().max(1);
        let first = (node * d + row) * d;
        &self.of_position[first..first + d]
    }

    /// The derivative of `r_row` in DX, `[i][j]`, but for that through second derivatives.
    pub fn of_slope(&self, node: usize, row: usize, out: &mut [f64]) {
        let d = self.score.len() / self.stiffness.len().max(1);
        let (inverse, score) = (self.inverse(node), &self.score[node * d..]);
        let a = |i: usize, j: usize| inverse[i * d + j];
        let bend = &self.bend[node * d * d * d..];
        // D_m X along the column of A
        let mut along = vec![0.0; d * d];
        for (entry, along) in along.iter_mut().enumerate() {
            *along = (0..d).map(|m| bend[entry * d + m] * a(m, row)).sum();
        }
        for i in 0..d {
            for j in 0..d {
                // (A D_m X A)_ji
                let mut product = 0.0;
                for k in 0..d {
                    for l in 0..d {
                        product += a(j, k) * along[k * d + l] * a(l, i);
                    }
                }
                out[i * d + j] = self.stiffness[node] * (product - score[i] * a(j, row))
                    - self.of_density[node * d + row] * a(j, i);
            }
        }
    }
}
