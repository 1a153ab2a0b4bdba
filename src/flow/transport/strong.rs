//! The residual of a stage in strong form,
//! `r = m (X - c) S/tau + grad_y [f_u(y, rho(y)) + (W * rho)(y)]` at `y = X(x)`.

use super::configuration::{Configuration, GROUP};
use super::measure::{Measure, Whole};
use super::terms::{Local, Order, Pairs, Terms};
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
        terms.local(pool, &measure, order, &mut self.local)?;
        if terms.interact() {
            self.whole.gather(pool.ranks(), &measure)?;
            let whole = self.whole.or(pool.ranks(), measure);
            terms.pairs(pool, &whole, measure.y, &mut self.pairs)?;
        }
        Ok(())
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
        let sums = residual.iter_mut().zip(&at.map.value).enumerate();
        sums.for_each(|(axis, (r, x))| *r += movement.first(axis, *x));
        Ok(residual)
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
