//! What densities `f(t, y, rho, grad rho)` add to a stage that is posed weakly.
//!
//! At a label it is `w G(y, q, l)`, `G = f(y, e^q, e^q l) e^-q` with `q = ln rho` and the score l, whose
//! derivatives in the map are those of [`SecondDerivatives`]: `G_q = f_u + f_p . l - f/rho`, `G_l = f_p`. In the
//! model `f_pp` weighs the change of `grad rho`, to which `f_up` adds, and what is left of the second derivatives in
//! q goes with the pressures `rho G_q` of the other densities.

use super::super::second_derivatives::SecondDerivatives;
use super::super::sloped::{Sloped, Wanted};
use super::super::strong::Evaluated;
use crate::error::Result;
use crate::field::{AtNodes, Blocks, CHUNK, Channels, Jets};
use crate::linear_algebra::positive_root;
use crate::minimize::{ACCELERATION_PART, Model};
use crate::parallel::Pool;
use crate::quadrature::Nodes;
use faer::Mat;
use std::ops::Range;
use std::sync::Arc;

use crate::energy::EnergyDensity;

/// The densities, and the map's second derivatives, at labels.
pub(super) struct SlopedStage<'a> {
    densities: &'a [Arc<dyn EnergyDensity>],
    second: SecondDerivatives<'a>,
    score: Vec<f64>,
    at: Sloped,
    /// Rows in the second derivatives, d for each label, of each pair of axes.
    rows: Vec<Blocks>,
}

impl<'a> SlopedStage<'a> {
    pub fn new(densities: &'a [Arc<dyn EnergyDensity>], second: SecondDerivatives<'a>) -> Self {
        Self {
            densities,
            second,
            score: Vec::new(),
            at: Sloped::default(),
            rows: Vec::new(),
        }
    }

    /// Evaluates the densities where the state is; returns their integral.
    pub fn evaluate(
        &mut self,
        (pool, labels, state): (&Pool, &Nodes, &Evaluated),
        parameters: &[f64],
        wanted: Wanted,
    ) -> Result<f64> {
        let at = &state.at;
        let d = labels.x.len() / labels.len().max(1);
        self.second.update(parameters, wanted > Wanted::Value)?;
        self.score = self.second.score(at, &labels.score);
        let points = self.score.chunks_exact(d.max(1)).zip(&at.rho);
        let slope: Vec<f64> = points
            .flat_map(|(l, rho)| l.iter().map(move |l| rho * l))
            .collect();
        let measure = state.measure(d, labels);
        self.at
            .evaluate(pool, self.densities, (&measure, &slope), wanted)?;
        let values = labels.w.iter().zip(&self.at.f).zip(&at.rho);
        Ok(values.map(|((w, f), rho)| w * f / rho).sum())
    }

    /// `rho G_q` at a label.
    pub fn pressure(&self, node: usize, rho: f64) -> f64 {
        let (l, f_p) = (self.vector(&self.score, node), &self.at.f_p);
        let along: f64 = l
            .iter()
            .zip(self.vector(f_p, node))
            .map(|(l, f)| l * f)
            .sum();
        rho * (self.at.f_u[node] + along) - self.at.f[node]
    }

    /// What the second derivatives in q have at a label beside those in `grad rho`, times rho.
    pub fn stiffness(&self, node: usize, rho: f64) -> f64 {
        let mixed = self.vector(&self.at.f_up, node);
        let along = self.shift(node);
        let taken: f64 = mixed.iter().zip(&along).map(|(m, e)| m * e).sum();
        rho * rho * (self.at.f_uu[node] - taken) - self.pressure(node, rho)
    }

    /// `f_pp^-1 f_up` at a label; 0 where it has no meaning.
    fn shift(&self, node: usize) -> Vec<f64> {
        let mixed = self.vector(&self.at.f_up, node);
        let d = mixed.len();
        if mixed.iter().all(|m| *m == 0.0) {
            return vec![0.0; d];
        }
        let matrix = self.matrix(node);
        let Some(lower) = crate::linear_algebra::cholesky(matrix.as_ref()) else {
            return vec![0.0; d];
        };
        let mut x = Mat::from_fn(d, 1, |i, _| mixed[i]);
        crate::linear_algebra::solve_lower(lower.as_ref(), x.as_mut());
        crate::linear_algebra::solve_upper(lower.transpose(), x.as_mut());
        (0..d).map(|i| x[(i, 0)]).collect()
    }

    fn matrix(&self, node: usize) -> Mat<f64> {
        let d = self.dimension();
        let f_pp = &self.at.f_pp[node * d * d..(node + 1) * d * d];
        Mat::from_fn(d, d, |i, j| f_pp[i * d + j])
    }

    fn dimension(&self) -> usize {
        self.score.len() / self.at.f.len().max(1)
    }

    fn vector<'v>(&self, of: &'v [f64], node: usize) -> &'v [f64] {
        let d = self.dimension();
        &of[node * d..(node + 1) * d]
    }

    /// Adds the derivatives in the jets of X to `seeds`, and the gradient through the second derivatives to
    /// `gradient`, which holds that of the rest.
    pub fn add_gradient(
        &self,
        (labels, state): (&Nodes, &Evaluated),
        gradient: &mut [f64],
    ) -> Result<()> {
        let mut part = vec![0.0; gradient.len()];
        let d = self.dimension();
        let pairs = self.second.channels().len();
        let mut of_second = vec![0.0; labels.len() * pairs * d];
        let mut own = Jets::default();
        let Some(first) = self.second.channels().first() else {
            return Ok(());
        };
        own.resize(labels.len(), first.field.shape(Channels::First));
        for (node, of_second) in of_second.chunks_exact_mut(pairs * d).enumerate() {
            let (w, rho) = (labels.w[node], state.at.rho[node]);
            let of_q = self.pressure(node, rho) / rho;
            let of_slope = &mut own.slope[node * d * d..(node + 1) * d * d];
            self.second.coefficients(
                (node, &state.at),
                self.vector(&self.score, node),
                (of_q, self.vector(&self.at.f_p, node)),
                w,
                (of_slope, of_second),
            );
            for (axis, f_x) in self.vector(&self.at.f_x, node).iter().enumerate() {
                own.value[node * d + axis] = w * f_x / rho;
            }
        }
        for (pair, channel) in self.second.channels().iter().enumerate() {
            // The jets of the first channel carry the rest.
            let mut seeds = Jets::default();
            seeds.resize(labels.len(), channel.field.shape(Channels::Curved));
            if pair == 0 {
                seeds.value.copy_from_slice(&own.value);
                seeds.slope.copy_from_slice(&own.slope);
            }
            for (node, of) in of_second.chunks_exact(pairs * d).enumerate() {
                seeds.curved[node * d..(node + 1) * d]
                    .copy_from_slice(&of[pair * d..(pair + 1) * d]);
            }
            channel.field.pullback(&seeds, &mut part)?;
            gradient.iter_mut().zip(&part).for_each(|(g, p)| *g += p);
        }
        Ok(())
    }

    /// Writes the rows of the change of `grad rho`, d for each label: those in the second derivatives here, and
    /// those in the jets after the first `from` rows of `blocks`.
    pub fn set_rows(
        &mut self,
        (labels, state): (&Nodes, &Evaluated),
        (blocks, from): (&mut Blocks, usize),
    ) -> Result<()> {
        let d = self.dimension();
        let (n, pairs) = (labels.len(), self.second.channels().len());
        let size = blocks.shape().size();
        let mut rows = Vec::new();
        for channel in self.second.channels() {
            let mut blocks = Blocks::default();
            blocks.reset(n, d, channel.field.shape(Channels::Curved));
            rows.push(blocks);
        }
        let mut of_second = vec![0.0; pairs * d];
        let mut root = vec![0.0; d * d];
        {
            let mut second: Vec<_> = rows.iter_mut().map(Blocks::iter_mut).collect();
            for (node, block) in blocks.iter_mut().enumerate() {
                let mut others: Vec<&mut [f64]> =
                    second.iter_mut().filter_map(Iterator::next).collect();
                let (w, rho) = (labels.w[node], state.at.rho[node]);
                let score = self.vector(&self.score, node);
                let shift = self.shift(node);
                positive_root(&self.matrix(node), &mut root)?;
                let factor = (w / rho).sqrt();
                for r in 0..d {
                    let c: Vec<f64> = root[r * d..(r + 1) * d].iter().map(|r| rho * r).collect();
                    let of_q = (0..d).map(|j| c[j] * (score[j] + shift[j])).sum();
                    let row = &mut block[(from + r) * size..(from + r + 1) * size];
                    self.second.coefficients(
                        (node, &state.at),
                        score,
                        (of_q, &c),
                        factor,
                        (&mut row[d..], &mut of_second),
                    );
                    for (other, of) in others.iter_mut().zip(of_second.chunks_exact(d)) {
                        let size = d + d * d + d;
                        other[r * size + d + d * d..(r + 1) * size].copy_from_slice(of);
                    }
                }
            }
        }
        self.rows = rows;
        Ok(())
    }

    /// The Gauss-Newton model with these rows in the jets.
    pub fn model<'b>(&'b self, field: &'b AtNodes<'a>, own: &'b Blocks) -> SlopedModel<'b, 'a> {
        SlopedModel {
            field,
            own,
            stage: self,
        }
    }
}

/// The model: rows in the jets of the map, the last of which have parts in the second derivatives too.
pub(super) struct SlopedModel<'b, 'a> {
    field: &'b AtNodes<'a>,
    own: &'b Blocks,
    stage: &'b SlopedStage<'a>,
}

impl<'a> SlopedModel<'_, 'a> {
    fn others(&self) -> impl Iterator<Item = (&AtNodes<'a>, &Blocks)> {
        let channels = self.stage.second.channels().iter();
        channels.map(|channel| &channel.field).zip(&self.stage.rows)
    }

    /// Rows of a label before those with parts in the second derivatives.
    fn from(&self) -> usize {
        self.own.rows() - self.stage.dimension()
    }

    /// The rows' change, `[n][rows]`, with changes of the jets that `jets` writes.
    fn changes(
        &self,
        mut jets: impl FnMut(&AtNodes<'a>, Channels, &mut Jets) -> Result<()>,
    ) -> Result<Vec<f64>> {
        let rows = self.own.rows();
        let mut change = vec![0.0; self.field.len() * rows];
        let mut of = Jets::default();
        jets(self.field, Channels::First, &mut of)?;
        self.own
            .multiply(&of, |node, row, sum| change[node * rows + row] += sum);
        for (field, blocks) in self.others() {
            jets(field, Channels::Curved, &mut of)?;
            blocks.multiply(&of, |node, row, sum| {
                change[node * rows + self.from() + row] += sum;
            });
        }
        Ok(change)
    }

    fn transposed(&self, weights: &[f64], out: &mut [f64]) -> Result<()> {
        let (rows, from) = (self.own.rows(), self.from());
        self.field
            .pullback(&self.own.combined(weights.chunks_exact(rows)), out)?;
        let mut part = vec![0.0; out.len()];
        for (field, blocks) in self.others() {
            let of = weights.chunks_exact(rows).map(|w| &w[from..]);
            field.pullback(&blocks.combined(of), &mut part)?;
            out.iter_mut().zip(&part).for_each(|(o, p)| *o += p);
        }
        Ok(())
    }
}

impl Model for SlopedModel<'_, '_> {
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
        self.own.rows()
    }

    fn chunk(&self) -> usize {
        CHUNK
    }

    fn rows(&self, nodes: Range<usize>, out: &mut [f64], stride: usize) {
        self.rows_from(0, nodes, out, stride);
    }

    fn rows_from(&self, first: usize, nodes: Range<usize>, out: &mut [f64], stride: usize) {
        let (rows, from, d) = (self.own.rows(), self.from(), self.stage.dimension());
        self.field.rows(nodes.clone(), self.own, first, out, stride);
        let width = nodes.len() * d;
        let mut part = vec![0.0; (self.parameters() - first) * width];
        for (field, blocks) in self.others() {
            field.rows(nodes.clone(), blocks, first, &mut part, width);
            for begin in (0..nodes.len()).step_by(CHUNK) {
                let n = CHUNK.min(nodes.len() - begin);
                let of = part.chunks_exact(width).zip(out.chunks_mut(stride));
                for (part, out) in of {
                    let out = &mut out[begin * rows + from * n..][..d * n];
                    let part = &part[begin * d..];
                    out.iter_mut().zip(part).for_each(|(o, p)| *o += p);
                }
            }
        }
    }

    fn product(&mut self, v: &[f64], out: &mut [f64]) -> Result<()> {
        let change = self.changes(|at, channels, jets| at.pushforward(v, channels, jets))?;
        self.transposed(&change, out)
    }

    fn product_work(&self) -> f64 {
        let sets = 1.0 + 3.0 * self.stage.rows.len() as f64;
        self.field.product_work(Channels::First) * sets
    }

    fn geodesic_acceleration(
        &mut self,
        parameters: &[f64],
        step: &[f64],
        out: &mut [f64],
    ) -> Result<()> {
        let change = self.changes(|at, channels, jets| {
            at.second_along(parameters, step, ACCELERATION_PART, channels, jets)
        })?;
        self.transposed(&change, out)
    }
}
