//! A transport map at labels: where they go, and the density that they carry there.

use super::map::{Images, Map};
use super::measure::Measure;
use super::small::{Scratch, invert};
use crate::error::{Error, ErrorKind, Result};
use crate::parallel::Pool;
use crate::quadrature::Nodes;

/// Labels of one task.
pub(super) const GROUP: usize = 256;

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
    ///
    /// # Errors
    /// None of its own.
    pub fn set(&mut self, pool: &Pool, map: &Map, labels: &Nodes, jets: &[f64]) -> Result<()> {
        let (n, d) = (labels.len(), map.dimension());
        let sizes = [d, d * d, d * d, 1, 1];
        let Self {
            images,
            inverse,
            jacobian,
            rho,
            ..
        } = self;
        let arrays = [&mut images.x, &mut images.slope, inverse, jacobian, rho];
        let mut parts = Vec::new();
        for (array, size) in arrays.into_iter().zip(sizes) {
            array.resize(n * size, 0.0);
            parts.push(array.chunks_mut(GROUP * size));
        }
        let groups = n.div_ceil(GROUP);
        let tasks =
            (0..groups).map(|group| (group, parts.iter_mut().filter_map(Iterator::next).collect()));
        let tasks: Vec<(usize, Vec<&mut [f64]>)> = tasks.collect();
        pool.try_for_each(tasks, |(group, mut out)| {
            let [x, slope, inverse, jacobian, rho] = out.as_mut_slice() else {
                return Ok(());
            };
            let nodes = group * GROUP..((group + 1) * GROUP).min(n);
            let size = (1 + d) * d;
            let jets = &jets[nodes.start * size..nodes.end * size];
            map.images(&labels.x[nodes.start * d..nodes.end * d], jets, x, slope);
            inverse.copy_from_slice(slope);
            let mut scratch = Scratch::default();
            let matrices = inverse.chunks_exact_mut(d * d);
            let densities = labels.rho[nodes]
                .iter()
                .zip(jacobian.iter_mut().zip(rho.iter_mut()));
            for (matrix, (before, (jacobian, rho))) in matrices.zip(densities) {
                *jacobian = invert(matrix, d, &mut scratch);
                *rho = before / *jacobian;
            }
            Ok(())
        })?;
        self.is_monotone = self.jacobian.iter().all(|j| *j > 0.0);
        Ok(())
    }

    /// The same, where J is positive at every label.
    ///
    /// # Errors
    /// [`TryAgain`](crate::ErrorKind::TryAgain) where it is not: the map folds the labels over.
    pub fn set_monotone(
        &mut self,
        pool: &Pool,
        map: &Map,
        labels: &Nodes,
        jets: &[f64],
    ) -> Result<()> {
        self.set(pool, map, labels, jets)?;
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
