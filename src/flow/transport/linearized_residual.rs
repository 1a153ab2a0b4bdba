//! The residual of a stage in strong form, linearised: what least squares of it need.
//!
//! With `A = DX^-1`, `l = grad_y ln rho = A^T (grad ln rho_0 - grad ln J)` and `s = rho f_uu`, a
//! variation with the derivative `E = D dX` changes the residual
//! `r = (X - c) S/tau + s l + f_xu + grad W * rho` by
//!
//! `dr = S/tau dX + H dX - (A E) : (s' l + f_xu') - s A^T (E^T l) + s A^T (tr A D_m X A E)_m - s A^T (tr A d_m E)_m`
//!
//! where H is the derivative of the last three terms in y and a prime that in `ln rho`. The last
//! term, the only one with second derivatives of the variation, is one of `tr A E` along `A_j`, the
//! j-th column of A: rows take it as a difference of slopes at labels that are shifted there, so
//! that a network need not be differentiated three times.

use super::map::Map;
use super::residual_derivatives::ResidualDerivatives;
use crate::differences;
use crate::error::Result;
use crate::field::{AtNodes, Blocks, CHUNK, Channels, Jets};
use crate::minimize::{ACCELERATION_PART, Model};
use crate::parallel::Pool;
use std::borrow::Cow;
use std::ops::Range;

/// The residual's derivative at labels: rows in the jets there, and in those of shifted labels.
#[derive(Default)]
pub(super) struct LinearizedResidual<'a> {
    /// In the jets at the labels, d rows each.
    own: Blocks,
    /// In those at labels shifted along each column of A, back and forth: one row each.
    shifted: Vec<Shifted<'a>>,
}

struct Shifted<'a> {
    /// Which row of a label it is a part of.
    row: usize,
    field: AtNodes<'a>,
    blocks: Blocks,
}

impl<'a> LinearizedResidual<'a> {
    /// Takes up the derivatives of the residual at each label, times the square root of `weight`.
    pub fn set(
        &mut self,
        (map, pool): (&'a Map, &'a Pool),
        (x, parameters): (&[f64], &[f64]),
        derivatives: &ResidualDerivatives<'_>,
        weight: impl Fn(usize) -> f64,
    ) -> Result<()> {
        let d = map.dimension();
        let shape = map.field().shape(Channels::First);
        let (n, size) = (x.len() / d, shape.size());
        let roots: Vec<f64> = (0..n).map(|node| weight(node).sqrt()).collect();
        self.own.reset(n, d, shape);
        for (node, block) in self.own.iter_mut().enumerate() {
            for (row, out) in block.chunks_exact_mut(size).enumerate() {
                let (of_x, of_slope) = out.split_at_mut(d);
                of_x.copy_from_slice(derivatives.of_position(node, row));
                derivatives.of_slope(node, row, of_slope);
                out.iter_mut().for_each(|o| *o *= roots[node]);
            }
        }
        self.shifted.clear();
        for (row, sign) in (0..d).flat_map(|row| [(row, 1.0), (row, -1.0)]) {
            let mut moved = x.to_vec();
            let mut blocks = Blocks::default();
            blocks.reset(n, 1, shape);
            let labels = moved.chunks_exact_mut(d).zip(blocks.iter_mut());
            for (node, (label, out)) in labels.enumerate() {
                let inverse = derivatives.inverse(node);
                let column = (0..d).map(|m| inverse[m * d + row]);
                let length = column.clone().map(|a| a * a).sum::<f64>().sqrt();
                let step =
                    differences::RELATIVE * map.extent().sqrt() / length.max(f64::MIN_POSITIVE);
                label
                    .iter_mut()
                    .zip(column)
                    .for_each(|(x, a)| *x += sign * step * a);
                let scale = -roots[node] * derivatives.stiffness[node] * sign / (2.0 * step);
                for (entry, of_slope) in out[d..].iter_mut().enumerate() {
                    *of_slope = scale * inverse[entry % d * d + entry / d];
                }
            }
            let mut field = AtNodes::new(map.field(), pool, Cow::Owned(moved));
            field.record(parameters, &[], &mut Jets::default())?;
            self.shifted.push(Shifted { row, field, blocks });
        }
        Ok(())
    }

    /// Overwrites `out` with the derivative of the residuals times `weights`, `[n][d]`, in the
    /// parameters.
    pub fn transposed(&self, at: &AtNodes<'_>, weights: &[f64], out: &mut [f64]) -> Result<()> {
        let d = self.own.rows();
        at.pullback(&self.own.combined(weights.chunks_exact(d)), out)?;
        let mut part = vec![0.0; out.len()];
        for Shifted { row, field, blocks } in &self.shifted {
            let of_row = weights.chunks_exact(d).map(|w| &w[*row..=*row]);
            field.pullback(&blocks.combined(of_row), &mut part)?;
            out.iter_mut().zip(&part).for_each(|(o, p)| *o += p);
        }
        Ok(())
    }

    /// The residuals' change, `[n][d]`, with changes of the jets that `jets` writes for labels and
    /// their shifted ones.
    fn changes<'s>(
        &'s self,
        at: &'s AtNodes<'a>,
        mut jets: impl FnMut(&'s AtNodes<'a>, &mut Jets) -> Result<()>,
    ) -> Result<Vec<f64>> {
        let d = self.own.rows();
        let mut change = vec![0.0; at.len() * d];
        let mut of = Jets::default();
        jets(at, &mut of)?;
        self.own
            .multiply(&of, |node, row, sum| change[node * d + row] += sum);
        for Shifted { row, field, blocks } in &self.shifted {
            jets(field, &mut of)?;
            blocks.multiply(&of, |node, _, sum| change[node * d + row] += sum);
        }
        Ok(change)
    }
}

/// Its Gauss-Newton model.
pub(super) struct ResidualModel<'b, 'a> {
    pub field: &'b AtNodes<'a>,
    pub residual: &'b LinearizedResidual<'a>,
}

impl Model for ResidualModel<'_, '_> {
    fn pool(&self) -> &Pool {
        self.field.pool()
    }

    fn parameters(&self) -> usize {
        self.field.field().parameters()
    }

    fn nodes(&self) -> usize {
        self.field.len()
    }

    fn rows_per_node(&self) -> usize {
        self.residual.own.rows()
    }

    fn chunk(&self) -> usize {
        CHUNK
    }

    fn rows(&self, nodes: Range<usize>, out: &mut [f64], stride: usize) {
        let d = self.residual.own.rows();
        self.field
            .rows(nodes.clone(), &self.residual.own, 0, out, stride);
        let mut part = vec![0.0; self.parameters() * nodes.len()];
        for Shifted { row, field, blocks } in &self.residual.shifted {
            field.rows(nodes.clone(), blocks, 0, &mut part, nodes.len());
            for first in (0..nodes.len()).step_by(CHUNK) {
                let n = CHUNK.min(nodes.len() - first);
                let of = part.chunks_exact(nodes.len()).zip(out.chunks_mut(stride));
                for (part, out) in of {
                    let out = &mut out[first * d + row * n..][..n];
                    out.iter_mut()
                        .zip(&part[first..])
                        .for_each(|(o, p)| *o += p);
                }
            }
        }
    }

    fn product(&mut self, v: &[f64], out: &mut [f64]) -> Result<()> {
        let along = |at: &AtNodes<'_>, jets: &mut Jets| at.pushforward(v, Channels::First, jets);
        let change = self.residual.changes(self.field, along)?;
        self.residual.transposed(self.field, &change, out)
    }

    fn product_work(&self) -> f64 {
        let sets = 1.0 + self.residual.shifted.len() as f64;
        self.field.product_work(Channels::First) * sets
    }

    fn geodesic_acceleration(
        &mut self,
        parameters: &[f64],
        step: &[f64],
        out: &mut [f64],
    ) -> Result<()> {
        let second = |at: &AtNodes<'_>, second: &mut Jets| {
            at.second_along(parameters, step, ACCELERATION_PART, Channels::First, second)
        };
        let change = self.residual.changes(self.field, second)?;
        self.residual.transposed(self.field, &change, out)
    }
}
