//! An orthonormal basis of the functions that features make on nodes, as far as they differ there.
//!
//! Many random features are nearly dependent. A Newton step in all of them moves along directions that
//! no node sees; in the basis every direction is seen.

use super::features::{Features, Units};
use crate::error::{Error, Result};
use crate::field::CHUNK;
use crate::flow::least_squares::gram;
use crate::flow::orthonormal::{orthonormalized, pivots, times, weighted};
use crate::linear_algebra;
use crate::parallel::Pool;
use crate::quadrature::Nodes;
use faer::{Mat, unzip, zip};
use std::iter::repeat_n;

/// The squared part of a feature that those before do not make, below which it is left out.
const CUT: f64 = 1e-12;

/// A basis, at nodes.
#[derive(Clone, Debug)]
pub(in crate::flow) struct Basis {
    pub features: Features,
    /// Coefficients of each basis function, upper triangular where features come as the basis takes them:
    /// `[len][rank]`.
    transform: Mat<f64>,
    /// Values at the nodes, `[n][rank]`.
    pub values: Vec<f64>,
    /// Gradients, `[n][d][rank]`.
    pub gradients: Vec<f64>,
    /// `int f g + L^2 grad f . grad g` of all pairs, L half of the longest side; the lower triangle.
    pub hold: Mat<f64>,
}

/// Chooses of a pool of features those that differ on nodes with these weights, at most so many of them.
///
/// # Errors
/// Errors of the threads.
pub(super) fn choose(
    pool: &Pool,
    all: &Features,
    nodes: &Nodes,
    weights: &[f64],
    most: usize,
) -> Result<Features> {
    let (values, _) = at_nodes(pool, all, nodes, false)?;
    let rows = weighted(values, weights, all.len());
    let square = gram(pool, &rows, all.len())?;
    let n = all.len();
    // Polynomials first, whatever planes make of them.
    let order = (all.planes()..n).chain(0..all.planes()).collect();
    let mut planes = pivots(square, order, all.others(), most, CUT);
    planes.retain(|p| *p < all.planes());
    Ok(all.only(&planes))
}

impl Basis {
    /// A basis that is orthonormal on nodes with these weights.
    ///
    /// # Errors
    /// [`Internal`](crate::ErrorKind::Internal) if the features depend on each other.
    pub fn new(pool: &Pool, features: Features, nodes: &Nodes, weights: &[f64]) -> Result<Self> {
        let (len, d) = (features.len(), features.dimension());
        let (raw, slopes) = at_nodes(pool, &features, nodes, true)?;
        // Polynomials first, as they were chosen.
        let mut transform = Mat::<f64>::zeros(len, len);
        for i in 0..len {
            transform[((i + features.planes()) % len, i)] = 1.0;
        }
        let (transform, values) = orthonormalized(pool, &raw, weights, transform)?
            .ok_or_else(|| Error::internal("features depend on each other"))?;
        let gradients = times(pool, &slopes, &transform)?;
        let uniform = weighted(values.clone(), &nodes.w, len);
        let mut hold = gram(pool, &uniform, len)?;
        let square = features.length().powi(2);
        let spread: Vec<f64> = nodes
            .w
            .iter()
            .flat_map(|w| repeat_n(w * square, d))
            .collect();
        let slopes = gram(pool, &weighted(gradients.clone(), &spread, len), len)?;
        zip!(&mut hold, &slopes).for_each(|unzip!(hold, slope)| *hold += slope);
        Ok(Self {
            features,
            transform,
            values,
            gradients,
            hold,
        })
    }

    /// The number of basis functions.
    pub fn rank(&self) -> usize {
        self.transform.ncols()
    }

    /// Coefficients of the features of these ones of the basis.
    pub fn coefficients(&self, in_basis: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.features.len()];
        for (column, c) in in_basis.iter().enumerate() {
            let column = self.transform.col(column);
            out.iter_mut()
                .zip(column.iter())
                .for_each(|(out, t)| *out += c * t);
        }
        out
    }

    /// What sums over features make in the basis.
    pub fn project(&self, sums: &[f64]) -> Vec<f64> {
        let columns = (0..self.rank()).map(|c| self.transform.col(c));
        columns
            .map(|column| column.iter().zip(sums).map(|(t, s)| t * s).sum())
            .collect()
    }

    /// `B^T v` of the values at the nodes.
    pub fn against(&self, v: &[f64]) -> Vec<f64> {
        let mut sum = vec![0.0; self.rank()];
        for (row, v) in self.values.chunks_exact(self.rank()).zip(v) {
            if *v != 0.0 {
                sum.iter_mut().zip(row).for_each(|(s, b)| *s += v * b);
            }
        }
        sum
    }

    /// The function of these coefficients of the basis at the nodes.
    pub fn at(&self, in_basis: &[f64]) -> Vec<f64> {
        let rows = self.values.chunks_exact(self.rank());
        rows.map(|row| linear_algebra::dot(row, in_basis)).collect()
    }
}

/// Values `[n][len]`, and gradients `[n][d][len]` if wanted.
fn at_nodes(
    pool: &Pool,
    features: &Features,
    nodes: &Nodes,
    gradients: bool,
) -> Result<(Vec<f64>, Vec<f64>)> {
    let (len, d, n) = (features.len(), features.dimension(), nodes.len());
    let mut values = vec![0.0; n * len];
    let mut slopes = vec![0.0; if gradients { n * d * len } else { 0 }];
    let mut parts: Vec<&mut [f64]> = match gradients {
        true => slopes.chunks_mut(CHUNK * d * len).collect(),
        false => (0..n.div_ceil(CHUNK)).map(|_| [].as_mut_slice()).collect(),
    };
    let tasks = nodes
        .x
        .chunks(CHUNK * d)
        .zip(values.chunks_mut(CHUNK * len));
    pool.try_for_each(tasks.zip(&mut parts), |((x, values), slopes)| {
        let mut units = Units::default();
        let points = x.chunks_exact(d).zip(values.chunks_exact_mut(len));
        for (i, (x, values)) in points.enumerate() {
            let own = i * d * len..(i + 1) * d * len;
            features.rows(
                x,
                &mut units,
                values,
                slopes.get_mut(own).unwrap_or(&mut []),
            );
        }
        Ok(())
    })?;
    Ok((values, slopes))
}
