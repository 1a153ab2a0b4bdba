//! The residual of a stage in strong form, linearised: what least squares of it need.
//!
//! With `A = DX^-1`, `l = grad_y ln rho = A^T (grad ln rho_0 - grad ln J)` and `s = rho f_uu`, a variation
//! with the derivative `E = D dX` changes the residual
//! `r = (X - c) S/tau + s l + f_xu + grad W * rho` by
//!
//! `dr = S/tau dX + H dX - (A E) : (s' l + f_xu') - s A^T (E^T l) + s A^T (tr A D_m X A E)_m - s A^T (tr A d_m E)_m`
//!
//! where H is the derivative of the last three terms in y and a prime that in `ln rho`. The last term, the only one with second
//! derivatives of the variation, is one of `tr A E` along `A_j`, the j-th column of A: rows take it as a
//! difference of slopes at labels that are shifted there, so that a network need not be differentiated three
//! times.

use super::blocks::Blocks;
use super::labelled::Labelled;
use super::map::Map;
use super::slopes::Slopes;
use crate::error::Result;
use crate::minimize::{FRACTION, Model};
use crate::network::CHUNK;
use crate::parallel::Pool;
use std::borrow::Cow;
use std::ops::Range;

/// How far labels are shifted, relative to how far they lie apart.
const SHIFT: f64 = 1e-5;

/// The residual's derivative at labels: rows in the jets there, and in those of shifted labels.
#[derive(Default)]
pub(super) struct Squares<'a> {
    /// In the jets at the labels, d rows each.
    own: Blocks,
    /// In those at labels shifted along each column of A, back and forth: one row each.
    shifted: Vec<Shifted<'a>>,
}

struct Shifted<'a> {
    /// Which row of a label it is a part of.
    row: usize,
    labelled: Labelled<'a>,
    blocks: Blocks,
}

impl<'a> Squares<'a> {
    /// Takes up what the residual is made of at each label, `part(node)`, times the square root of `weight`.
    pub fn set(
        &mut self,
        (map, pool): (&'a Map, &'a Pool),
        (x, parameters): (&[f64], &[f64]),
        slopes: &Slopes<'_>,
        weight: impl Fn(usize) -> f64,
    ) -> Result<()> {
        let d = map.dimension();
        let (n, size) = (x.len() / d, (1 + d) * d);
        let roots: Vec<f64> = (0..n).map(|node| weight(node).sqrt()).collect();
        self.own.reset(n, d, size);
        let mut of_slope = vec![0.0; d * d];
        let mut of_x = vec![0.0; d];
        for (node, block) in self.own.data.chunks_exact_mut(d * size).enumerate() {
            let label = &x[node * d..(node + 1) * d];
            for (row, out) in block.chunks_exact_mut(size).enumerate() {
                slopes.of_slope(node, row, &mut of_slope);
                of_slope.iter_mut().for_each(|s| *s *= roots[node]);
                let positions = slopes.of_position(node, row).iter();
                of_x.iter_mut()
                    .zip(positions)
                    .for_each(|(o, p)| *o = roots[node] * p);
                map.pull_back(label, &of_x, &of_slope, out);
            }
        }
        self.shifted.clear();
        of_x.fill(0.0);
        for (row, sign) in (0..d).flat_map(|row| [(row, 1.0), (row, -1.0)]) {
            let mut moved = x.to_vec();
            let mut blocks = Blocks::default();
            blocks.reset(n, 1, size);
            let labels = moved
                .chunks_exact_mut(d)
                .zip(blocks.data.chunks_exact_mut(size));
            for (node, (label, out)) in labels.enumerate() {
                let inverse = slopes.inverse(node);
                let column = (0..d).map(|m| inverse[m * d + row]);
                let length = column.clone().map(|a| a * a).sum::<f64>().sqrt();
                let step = SHIFT * map.extent().sqrt() / length.max(f64::MIN_POSITIVE);
                label
                    .iter_mut()
                    .zip(column)
                    .for_each(|(x, a)| *x += sign * step * a);
                let scale = -roots[node] * slopes.stiffness[node] * sign / (2.0 * step);
                for i in 0..d {
                    for j in 0..d {
                        of_slope[i * d + j] = scale * inverse[j * d + i];
                    }
                }
                map.pull_back(label, &of_x, &of_slope, out);
            }
            let mut labelled = Labelled::new(map.network(), pool, Cow::Owned(moved));
            labelled.record(parameters, &mut Vec::new())?;
            self.shifted.push(Shifted {
                row,
                labelled,
                blocks,
            });
        }
        Ok(())
    }

    /// Overwrites `out` with the derivative of the residuals times `weights`, `[n][d]`, in the parameters.
    pub fn transposed(&self, at: &Labelled<'_>, weights: &[f64], out: &mut [f64]) -> Result<()> {
        let d = self.own.rows;
        at.gradient(&self.own.combined(weights.chunks_exact(d)), out)?;
        let mut part = vec![0.0; out.len()];
        for Shifted {
            row,
            labelled,
            blocks,
        } in &self.shifted
        {
            let of_row = weights.chunks_exact(d).map(|w| &w[*row..=*row]);
            labelled.gradient(&blocks.combined(of_row), &mut part)?;
            out.iter_mut().zip(&part).for_each(|(o, p)| *o += p);
        }
        Ok(())
    }

    /// The residuals' change, `[n][d]`, with changes of the jets that `jets` writes for labels and their
    /// shifted ones.
    fn changes<'s>(
        &'s self,
        at: &'s Labelled<'a>,
        mut jets: impl FnMut(&'s Labelled<'a>, &mut Vec<f64>) -> Result<()>,
    ) -> Result<Vec<f64>> {
        let d = self.own.rows;
        let mut change = vec![0.0; at.len() * d];
        let mut of = Vec::new();
        jets(at, &mut of)?;
        self.own
            .multiply(&of, |node, row, sum| change[node * d + row] += sum);
        for Shifted {
            row,
            labelled,
            blocks,
        } in &self.shifted
        {
            jets(labelled, &mut of)?;
            blocks.multiply(&of, |node, _, sum| change[node * d + row] += sum);
        }
        Ok(change)
    }
}

/// Its Gauss-Newton model.
pub(super) struct SquaresModel<'b, 'a> {
    pub labelled: &'b Labelled<'a>,
    pub squares: &'b Squares<'a>,
}

impl Model for SquaresModel<'_, '_> {
    fn pool(&self) -> &Pool {
        self.labelled.pool
    }

    fn parameters(&self) -> usize {
        self.labelled.network.parameters()
    }

    fn nodes(&self) -> usize {
        self.labelled.len()
    }

    fn rows_per_node(&self) -> usize {
        self.squares.own.rows
    }

    fn rows(&self, nodes: Range<usize>, out: &mut [f64], stride: usize) {
        let d = self.squares.own.rows;
        self.labelled
            .rows(nodes.clone(), &self.squares.own, out, stride);
        let mut part = vec![0.0; self.parameters() * nodes.len()];
        for Shifted {
            row,
            labelled,
            blocks,
        } in &self.squares.shifted
        {
            labelled.rows(nodes.clone(), blocks, &mut part, nodes.len());
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
        let size = self.squares.own.size;
        let along = |at: &Labelled<'_>, jets: &mut Vec<f64>| at.along(v, size, jets);
        let change = self.squares.changes(self.labelled, along)?;
        self.squares.transposed(self.labelled, &change, out)
    }

    fn product_work(&self) -> f64 {
        let d = self.squares.own.rows as f64;
        let nodes = self.nodes().next_multiple_of(CHUNK) as f64;
        12.0 * nodes * self.parameters() as f64 * (1.0 + d) * (1.0 + 2.0 * d)
    }

    fn bend(&mut self, parameters: &[f64], step: &[f64], out: &mut [f64]) -> Result<()> {
        let second = |at: &Labelled<'_>, second: &mut Vec<f64>| {
            at.second_along(parameters, step, FRACTION, self.squares.own.size, second)
        };
        let change = self.squares.changes(self.labelled, second)?;
        self.squares.transposed(self.labelled, &change, out)
    }
}
