//! A transport map at labels: where they go, and the density that they carry there.

use super::dense_inverse::{InverseBuffers, invert};
use super::measure::Measure;
use crate::error::{Error, ErrorKind, Result};
use crate::field::Jets;
use crate::parallel::Pool;
use crate::quadrature::Nodes;

/// Labels of one task.
pub(super) const GROUP: usize = 256;

/// A map at labels.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// X, `[n][d]`, and DX, `[n][d][d]`: entry `[i][j]` is the derivative of `X_i` in `x_j`.
    pub map: Jets,
    /// `DX^-1`, `[n][d][d]`.
    pub inverse: Vec<f64>,
    /// `J = det DX`, `[n]`.
    pub jacobian: Vec<f64>,
    /// `rho(X(x)) = rho_0(x) / J`, `[n]`.
    pub rho: Vec<f64>,
    /// Whether J is positive at every label.
    pub is_monotone: bool,
}

impl Configuration {
    /// Updates all else after the jets of the map.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn update(&mut self, pool: &Pool, d: usize, labels: &Nodes) -> Result<()> {
        let n = labels.len();
        self.inverse.clone_from(&self.map.slope);
        self.jacobian.resize(n, 0.0);
        self.rho.resize(n, 0.0);
        let outputs = self
            .jacobian
            .chunks_mut(GROUP)
            .zip(self.rho.chunks_mut(GROUP));
        let matrices = self.inverse.chunks_mut(GROUP * d * d);
        let tasks = labels.rho.chunks(GROUP).zip(matrices.zip(outputs));
        pool.try_for_each(tasks, |(before, (inverse, (jacobian, rho)))| {
            let mut buffers = InverseBuffers::default();
            let matrices = inverse.chunks_exact_mut(d * d);
            let densities = before.iter().zip(jacobian.iter_mut().zip(rho));
            for (matrix, (before, (jacobian, rho))) in matrices.zip(densities) {
                *jacobian = invert(matrix, d, &mut buffers);
                *rho = before / *jacobian;
            }
            Ok(())
        })?;
        self.is_monotone = self.jacobian.iter().all(|j| *j > 0.0);
        Ok(())
    }

    /// Updates a map whose J is positive at every label.
    ///
    /// # Errors
    /// [`TryAgain`](crate::ErrorKind::TryAgain) where it is not: the map folds the labels over.
    pub fn update_monotone(&mut self, pool: &Pool, d: usize, labels: &Nodes) -> Result<()> {
        self.update(pool, d, labels)?;
        if self.is_monotone {
            return Ok(());
        }
        let least = self.jacobian.iter().fold(f64::INFINITY, |l, j| l.min(*j));
        Err(Error::new(
            ErrorKind::Folded,
            format!("the determinant of the transport map falls to {least:.1e} at a label"),
        ))
    }

    /// The matrix `DX^-1` of a label.
    pub fn inverse(&self, node: usize) -> &[f64] {
        let size = self.inverse.len() / self.rho.len().max(1);
        &self.inverse[node * size..(node + 1) * size]
    }

    /// The measure that the map makes of the labels' masses, at a time.
    pub fn measure<'a>(&'a self, d: usize, t: f64, labels: &'a Nodes) -> Measure<'a> {
        Measure {
            d,
            t,
            y: &self.map.value,
            w: &labels.w,
            rho: &self.rho,
        }
    }
}
