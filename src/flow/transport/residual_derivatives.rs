//! The derivatives of the strong residual at each label. See [`super::linearized_residual`].

use super::configuration::Configuration;
use super::map::Map;
use super::measure::Measure;
use super::strong::{Evaluated, add_of_mass, pushed_score, slope_gradient};
use super::terms::Terms;
use super::{Local, Order, Pairs};
use crate::differences;
use crate::error::Result;
use crate::field::AtNodes;
use crate::objective::MovementTerm;
use crate::quadrature::Nodes;

/// The derivatives of the residual at labels.
pub(super) struct ResidualDerivatives<'a> {
    at: &'a Configuration,
    /// `d_m DX_ij`, `[n][i][j][m]`.
    second: Vec<f64>,
    /// `l = grad_y ln rho`, `[n][d]`.
    score: Vec<f64>,
    /// `grad_y ln m` of the labels, `[n][d]`; empty where it does not count.
    mass_score: Vec<f64>,
    /// The force for each of that, `[n]`.
    of_mass: &'a [f64],
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
    pub at_labels: &'a AtNodes<'a>,
    pub labels: &'a Nodes,
    pub terms: &'a Terms,
    /// The masses of all ranks.
    pub whole: Measure<'a>,
    pub movement: &'a MovementTerm<'a>,
}

impl<'a> ResidualDerivatives<'a> {
    /// The derivatives in a state that was evaluated.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn of(state: &State<'_>, evaluated: &'a Evaluated) -> Result<Self> {
        let State {
            map,
            labels,
            at_labels,
            ..
        } = *state;
        let (n, d) = (labels.len(), map.dimension());
        let Evaluated { at, local, .. } = evaluated;
        let mut second = vec![0.0; n * d * d * d];
        for entry in 0..d * d {
            let gradient = slope_gradient(at_labels, |_, out| out[entry] = 1.0)?;
            let rows = second
                .chunks_exact_mut(d * d * d)
                .zip(gradient.chunks_exact(d));
            for (second, gradient) in rows {
                second[entry * d..(entry + 1) * d].copy_from_slice(gradient);
            }
        }
        // grad ln J = tr DX^-1 d_m DX
        let expansion: Vec<f64> = (0..n * d)
            .map(|axis| {
                let (node, m) = (axis / d, axis % d);
                let (inverse, second) = (at.inverse(node), &second[node * d * d * d..]);
                let pairs = (0..d * d).map(|ij| inverse[ij % d * d + ij / d] * second[ij * d + m]);
                pairs.sum()
            })
            .collect();
        let stiffness = local.f_uu.iter().zip(&at.rho).map(|(f, rho)| f * rho);
        let mut derivatives = Self {
            at,
            second,
            score: pushed_score(at_labels.pool(), at, &labels.score, &expansion)?,
            mass_score: evaluated.pushed_mass_score(at_labels.pool())?,
            of_mass: &local.of_mass,
            stiffness: stiffness.collect(),
            of_density: vec![0.0; n * d],
            of_position: vec![0.0; n * d * d],
        };
        derivatives.in_density(state)?;
        derivatives.in_position(state)?;
        Ok(derivatives)
    }

    /// `s l + f_xu`, and what cells of other masses add to it, at other points and densities, the score being that of the labels.
    fn local(&self, state: &State<'_>, y: &[f64], rho: &[f64]) -> Result<Vec<f64>> {
        let pool = state.at_labels.pool();
        let measure = self
            .at
            .measure(state.map.dimension(), state.whole.t, state.labels);
        let measure = Measure { y, rho, ..measure };
        let mut local = Local::default();
        state
            .terms
            .at_masses(pool, &measure, Order::Second, &mut local)?;
        let terms = state.terms;
        let mut force = terms.force(pool, &measure, &local.f_uu, &self.score, None)?;
        add_of_mass(&mut force, &local, &self.mass_score);
        Ok(force)
    }

    fn in_density(&mut self, state: &State<'_>) -> Result<()> {
        let mut of_density = vec![0.0; self.score.len()];
        for side in differences::sides(differences::RELATIVE) {
            let rho: Vec<f64> = self.at.rho.iter().map(|r| r * (1.0 + side)).collect();
            let there = self.local(state, &self.at.map.value, &rho)?;
            let pairs = of_density.iter_mut().zip(&there);
            pairs.for_each(|(o, there)| *o += differences::share(*there, side));
        }
        self.of_density = of_density;
        Ok(())
    }

    fn in_position(&mut self, state: &State<'_>) -> Result<()> {
        let (d, pool) = (state.map.dimension(), state.at_labels.pool());
        let step = differences::RELATIVE * state.map.extent().sqrt();
        for (node, block) in self.of_position.chunks_exact_mut(d * d).enumerate() {
            let diagonal = block.iter_mut().step_by(d + 1);
            diagonal.for_each(|h| *h = state.movement.second(node));
        }
        if !state.terms.pull() {
            return Ok(());
        }
        let own = self.at.measure(d, state.whole.t, state.labels);
        let mut pairs = Pairs::default();
        for axis in 0..d {
            for side in differences::sides(step) {
                let mut y = self.at.map.value.clone();
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
                    .for_each(|(h, there)| *h += differences::share(*there, side));
            }
        }
        Ok(())
    }

    /// `A = DX^-1`.
    pub fn inverse(&self, node: usize) -> &[f64] {
        self.at.inverse(node)
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
        let second = &self.second[node * d * d * d..];
        let of_mass = |i: usize| {
            let score = self.mass_score.get(node * d + i);
            score.map_or(0.0, |score| self.of_mass[node] * score)
        };
        // D_m X along the column of A
        let mut along = vec![0.0; d * d];
        for (entry, along) in along.iter_mut().enumerate() {
            *along = (0..d).map(|m| second[entry * d + m] * a(m, row)).sum();
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
                    - of_mass(i) * a(j, row)
                    - self.of_density[node * d + row] * a(j, i);
            }
        }
    }
}
