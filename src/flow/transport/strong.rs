//! The residual of a stage in strong form,
//! `r = m (X - c) S/tau + grad_y [f_u(y, rho(y)) + (W * rho)(y)]` at `y = X(x)`.

use super::configuration::{Configuration, GROUP};
use super::measure::{Measure, Whole};
use super::own_cell::widening;
use super::terms::Terms;
use super::{Local, Order, Pairs};
use crate::error::Result;
use crate::field::AtNodes;
use crate::objective::MovementTerm;
use crate::parallel::Pool;
use crate::quadrature::Nodes;
use std::ops::Range;

/// A configuration and the derivatives of the functional there.
#[derive(Clone, Debug, Default)]
pub(super) struct Evaluated {
    pub at: Configuration,
    pub local: Local,
    pub pairs: Pairs,
    /// The masses of all ranks.
    pub whole: Whole,
    /// `grad_x ln m` of the labels, `[n][d]`, where kernels are singular and the score is known.
    pub mass_score: Vec<f64>,
    /// The time at which the functional is evaluated.
    pub time: f64,
}

impl Evaluated {
    /// Updates all else after the jets of the map.
    ///
    /// # Errors
    /// [`TryAgain`](crate::ErrorKind::TryAgain) if the map folds the labels over, and errors of the
    /// energies.
    pub fn update(
        &mut self,
        pool: &Pool,
        d: usize,
        labels: &Nodes,
        terms: &Terms,
        order: Order,
    ) -> Result<()> {
        self.at.update_monotone(pool, d, labels)?;
        let measure = self.at.measure(d, self.time, labels);
        terms.at_masses(pool, &measure, order, &mut self.local)?;
        if terms.interact() {
            self.whole.gather(pool.ranks(), &measure)?;
            let whole = self.whole.or(pool.ranks(), measure);
            terms.pairs(pool, &whole, measure.y, &mut self.pairs)?;
            let cells = self.local.of_mass.iter().any(|of_mass| *of_mass != 0.0);
            let mut any = [f64::from(u8::from(cells && self.mass_score.is_empty()))];
            pool.ranks().max(Ok(()), &mut any)?;
            if any != [0.0] {
                self.mass_score = mass_score(pool, d, labels)?;
            }
        }
        Ok(())
    }

    /// `grad_y ln m` of the labels where the map has taken them, `[n][d]`; empty where it does not count.
    pub fn pushed_mass_score(&self, pool: &Pool) -> Result<Vec<f64>> {
        let nothing = vec![0.0; self.mass_score.len()];
        pushed_score(pool, &self.at, &self.mass_score, &nothing)
    }

    /// The measure that the map makes of the labels' masses.
    pub fn measure<'a>(&'a self, d: usize, labels: &'a Nodes) -> Measure<'a> {
        self.at.measure(d, self.time, labels)
    }

    /// The strong residual, `[n][d]`; `map` was recorded where this was evaluated to second order.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn residual(
        &self,
        map: &AtNodes<'_>,
        labels: &Nodes,
        terms: &Terms,
        movement: &MovementTerm<'_>,
    ) -> Result<Vec<f64>> {
        let (pool, at) = (map.pool(), &self.at);
        let expansion = log_jacobian_gradient(map, at)?;
        let score = pushed_score(pool, at, &labels.score, &expansion)?;
        let mut residual = terms.force(
            pool,
            &self.measure(map.field().dimension(), labels),
            &self.local.f_uu,
            &score,
            Some(&self.pairs),
        )?;
        add_of_mass(&mut residual, &self.local, &self.pushed_mass_score(pool)?);
        let sums = residual.iter_mut().zip(&at.map.value).enumerate();
        sums.for_each(|(axis, (r, x))| *r += movement.first(axis, *x));
        Ok(residual)
    }
}

/// `grad ln m` of labels: of their density, and of how their cells widen. On every rank.
fn mass_score(pool: &Pool, d: usize, labels: &Nodes) -> Result<Vec<f64>> {
    let ranks = pool.ranks();
    let [x, w, rho] = [&labels.x, &labels.w, &labels.rho].map(|own| ranks.gather(own));
    let (x, w, rho) = (x?, w?, rho?);
    let before = ranks.counts(labels.len())?;
    if labels.score.is_empty() {
        return Ok(Vec::new());
    }
    let first: usize = before.iter().take(ranks.rank()).sum();
    let all = Measure {
        d,
        t: 0.0,
        y: &x,
        w: &w,
        rho: &rho,
    };
    let mut slopes = widening(&all, first..first + labels.len());
    slopes
        .iter_mut()
        .zip(&labels.score)
        .for_each(|(m, score)| *m += score);
    Ok(slopes)
}

/// Adds to forces what kernels do in cells that are not alike.
pub(super) fn add_of_mass(forces: &mut [f64], local: &Local, mass_score: &[f64]) {
    let d = forces.len() / local.of_mass.len().max(1);
    let labels = forces
        .chunks_exact_mut(d.max(1))
        .zip(mass_score.chunks_exact(d.max(1)));
    for ((force, score), of_mass) in labels.zip(&local.of_mass) {
        force
            .iter_mut()
            .zip(score)
            .for_each(|(f, s)| *f += of_mass * s);
    }
}

/// The score of the density that a map makes of another,
/// `grad_y ln rho = DX^-T (grad ln rho_0 - grad ln J)` at `y = X(x)`, `[n][d]`.
pub(super) fn pushed_score(
    pool: &Pool,
    at: &Configuration,
    before: &[f64],
    expansion: &[f64],
) -> Result<Vec<f64>> {
    let d = before.len() / at.rho.len().max(1);
    let mut score = vec![0.0; before.len()];
    let groups = score.chunks_mut((GROUP * d).max(1)).enumerate();
    pool.try_for_each(groups, |(group, score)| {
        for (node, score) in (group * GROUP..).zip(score.chunks_exact_mut(d)) {
            let inverse = at.inverse(node);
            for (j, score) in score.iter_mut().enumerate() {
                let rows = (0..d).map(|i| {
                    let x = node * d + i;
                    inverse[i * d + j] * (before[x] - expansion[x])
                });
                *score = rows.sum();
            }
        }
        Ok(())
    })?;
    Ok(score)
}

/// `grad_x ln det DX = (tr DX^-1 d_i DX)_i`, `[n][d]`; `map` was recorded there.
pub(super) fn log_jacobian_gradient(map: &AtNodes<'_>, at: &Configuration) -> Result<Vec<f64>> {
    let d = map.field().dimension();
    slope_gradient(map, |node, out| {
        let inverse = at.inverse(node);
        for i in 0..d {
            for j in 0..d {
                out[i * d + j] = inverse[j * d + i];
            }
        }
    })
}

/// The derivative of `C : DX` in the label, `[n][d]`, with the matrix that `coefficients` writes
/// for each.
pub(super) fn slope_gradient(
    map: &AtNodes<'_>,
    coefficients: impl Fn(usize, &mut [f64]) + Sync,
) -> Result<Vec<f64>> {
    let d = map.field().dimension();
    let mut gradient = Vec::new();
    map.position_gradient(
        |nodes: Range<usize>, seeds| {
            let matrices = nodes.zip(seeds.slope.chunks_exact_mut(d * d));
            matrices.for_each(|(node, out)| coefficients(node, out));
        },
        &mut gradient,
    )?;
    Ok(gradient)
}
