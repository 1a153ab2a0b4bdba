//! A transport map at labels: where they go, and the density that they carry there.

use super::map::{Images, Map};
use super::small::invert;
use super::terms::Measure;
use crate::error::{Error, ErrorKind, Result};
use crate::quadrature::Nodes;

/// A map at labels.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// X and DX.
    pub images: Images,
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
    /// That of the jets of N at labels.
    pub fn set(&mut self, map: &Map, labels: &Nodes, jets: &[f64]) {
        let d = map.dimension();
        map.images(&labels.x, jets, &mut self.images);
        self.inverse.clone_from(&self.images.slope);
        self.jacobian.clear();
        self.rho.clear();
        let mut pivots = Vec::with_capacity(d);
        self.is_monotone = true;
        let matrices = self.inverse.chunks_exact_mut(d * d);
        for (matrix, rho) in matrices.zip(&labels.rho) {
            let jacobian = invert(matrix, d, &mut pivots);
            self.is_monotone &= jacobian > 0.0;
            self.jacobian.push(jacobian);
            self.rho.push(rho / jacobian);
        }
    }

    /// The same, where J is positive at every label.
    ///
    /// # Errors
    /// [`TryAgain`](crate::ErrorKind::TryAgain) where it is not: the map folds the labels over.
    pub fn set_monotone(&mut self, map: &Map, labels: &Nodes, jets: &[f64]) -> Result<()> {
        self.set(map, labels, jets);
        if self.is_monotone {
            return Ok(());
        }
        let least = self.jacobian.iter().fold(f64::INFINITY, |l, j| l.min(*j));
        Err(Error::new(
            ErrorKind::TryAgain,
            format!("the determinant of the transport map falls to {least:.1e} at a label"),
        ))
    }

    /// The measure it makes of the labels' masses.
    pub fn measure<'a>(&'a self, d: usize, labels: &'a Nodes) -> Measure<'a> {
        Measure {
            d,
            y: &self.images.x,
            w: &labels.w,
            rho: &self.rho,
        }
    }
}
