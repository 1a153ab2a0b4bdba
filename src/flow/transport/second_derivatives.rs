//! The second derivatives of a map at labels, and what the slope of its density makes of them.
//!
//! With `A = DX^-1`, the score of the density that the map carries is `l = grad_y ln rho = A^T t`,
//! `t = grad ln rho_0 - grad ln J`, `(grad ln J)_m = sum A_ki X_i,km`. A variation with derivative
//! `E = D dX` changes `q = ln rho` and l by
//!
//! `dq = -tr A E`, `c . dl = -l . E v + (A H_v A) : E^T - sum v_m A_ki dX_i,km`
//!
//! for a vector c, with `v = A c` and `(H_v)_ik = sum_m X_i,km v_m`.

use super::configuration::Configuration;
use super::map::Map;
use crate::error::Result;
use crate::field::{AtNodes, Jets};
use crate::parallel::Pool;
use std::borrow::Cow;

/// Entries `X_i,mk` with `m <= k` of all second derivatives of a map at labels: a channel for each pair of axes.
pub(super) struct SecondDerivatives<'a> {
    d: usize,
    channels: Vec<Channel<'a>>,
    /// `[n][i][m][k]`
    hessian: Vec<f64>,
}

/// The second derivative along two axes.
pub(super) struct Channel<'a> {
    /// m <= k.
    pub axes: [usize; 2],
    pub field: AtNodes<'a>,
    /// The symmetric matrix that picks it, at each label, `[n][d][d]`.
    matrices: Vec<f64>,
}

impl<'a> SecondDerivatives<'a> {
    /// Those of a map at labels x, `[n][d]`.
    pub fn new(map: &'a Map, pool: &'a Pool, x: &'a [f64]) -> Self {
        let d = map.dimension();
        let n = x.len() / d;
        let pairs = (0..d).flat_map(|m| (m..d).map(move |k| [m, k]));
        let channels = pairs.map(|[m, k]| {
            let mut matrix = vec![0.0; d * d];
            matrix[m * d + k] += 0.5;
            matrix[k * d + m] += 0.5;
            Channel {
                axes: [m, k],
                field: AtNodes::new(map.field(), pool, Cow::Borrowed(x)),
                matrices: matrix.repeat(n),
            }
        });
        Self {
            d,
            channels: channels.collect(),
            hessian: Vec::new(),
        }
    }

    /// The channels, pair after pair.
    pub fn channels(&self) -> &[Channel<'a>] {
        &self.channels
    }

    /// Evaluates them; the channels are recorded there if products with their derivatives are wanted.
    ///
    /// # Errors
    /// Failures of the kernels.
    pub fn update(&mut self, parameters: &[f64], record: bool) -> Result<()> {
        let d = self.d;
        let mut jets = Jets::default();
        for channel in &mut self.channels {
            let [m, k] = channel.axes;
            if record {
                channel
                    .field
                    .record(parameters, &channel.matrices, &mut jets)?;
            } else {
                channel
                    .field
                    .curved_jets(parameters, &channel.matrices, &mut jets)?;
            }
            self.hessian.resize(jets.curved.len() * d * d, 0.0);
            for (entry, curved) in jets.curved.iter().enumerate() {
                self.hessian[(entry * d + m) * d + k] = *curved;
                self.hessian[(entry * d + k) * d + m] = *curved;
            }
        }
        Ok(())
    }

    /// `X_i,mk` of a label, `[i][m][k]`.
    fn of(&self, node: usize) -> &[f64] {
        let size = self.d * self.d * self.d;
        &self.hessian[node * size..(node + 1) * size]
    }

    /// The score `grad_y ln rho`, `[n][d]`, of labels with this score.
    pub fn score(&self, at: &Configuration, before: &[f64]) -> Vec<f64> {
        let d = self.d;
        let mut score = vec![0.0; before.len()];
        let mut t = vec![0.0; d];
        let labels = score.chunks_exact_mut(d).zip(before.chunks_exact(d));
        for (node, (score, before)) in labels.enumerate() {
            let (a, hessian) = (at.inverse(node), self.of(node));
            for (m, t) in t.iter_mut().enumerate() {
                let widening: f64 = (0..d * d)
                    .map(|ik| a[(ik % d) * d + ik / d] * hessian[ik * d + m])
                    .sum();
                *t = before[m] - widening;
            }
            for (j, score) in score.iter_mut().enumerate() {
                *score = (0..d).map(|m| a[m * d + j] * t[m]).sum();
            }
        }
        score
    }

    /// Adds to the coefficients of `E`, `[d][d]`, and writes those of the second derivatives, `[pair][i]`, of
    /// `of_q dq + c . dl` at a label with this score, each times `factor`.
    pub fn coefficients(
        &self,
        (node, at): (usize, &Configuration),
        score: &[f64],
        (of_q, c): (f64, &[f64]),
        factor: f64,
        (of_slope, of_second): (&mut [f64], &mut [f64]),
    ) {
        let d = self.d;
        let (a, hessian) = (at.inverse(node), self.of(node));
        let v: Vec<f64> = (0..d)
            .map(|m| (0..d).map(|j| a[m * d + j] * c[j]).sum())
            .collect();
        // H_v, and A H_v.
        let along: Vec<f64> = (0..d * d)
            .map(|ik| (0..d).map(|m| hessian[ik * d + m] * v[m]).sum())
            .collect();
        let product = |x: &[f64], y: &[f64]| -> Vec<f64> {
            let entry = |e: usize| (0..d).map(|s| x[e / d * d + s] * y[s * d + e % d]).sum();
            (0..d * d).map(entry).collect()
        };
        let middle = product(&product(a, &along), a);
        for (entry, out) in of_slope.iter_mut().enumerate() {
            let (i, j) = (entry / d, entry % d);
            *out += factor * (middle[j * d + i] - of_q * a[j * d + i] - score[i] * v[j]);
        }
        let rows = of_second.chunks_exact_mut(d).zip(&self.channels);
        for (out, channel) in rows {
            let [m, k] = channel.axes;
            for (i, out) in out.iter_mut().enumerate() {
                let both = match m == k {
                    true => v[m] * a[m * d + i],
                    false => v[m] * a[k * d + i] + v[k] * a[m * d + i],
                };
                *out = -factor * both;
            }
        }
    }
}
