//! The potential of a density that is known at labels, by least squares of its values and slopes.

use super::DAMPING;
use super::asked::External;
use super::features::{Features, Units};
use crate::error::Result;
use crate::field::CHUNK;
use crate::flow::least_squares::Normal;
use crate::parallel::Pool;

/// The length, in units of the features' scale, over which slopes count as much as values.
const REACH: f64 = 0.2;

/// Labels that are taken at once.
const LABELS: usize = 1024;

/// What a potential is to be at labels.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    /// `[n][d]`
    pub x: &'a [f64],
    /// `[n]`
    pub value: &'a [f64],
    /// `[n][d]`
    pub slope: &'a [f64],
    pub masses: &'a [f64],
    /// V there.
    pub external: &'a External,
}

/// Coefficients of the features that come closest.
///
/// # Errors
/// [`NotFinite`](crate::ErrorKind::NotFinite) if what is wanted holds no numbers.
pub(super) fn fit(pool: &Pool, features: &Features, wanted: Target<'_>) -> Result<Vec<f64>> {
    let (d, len, n) = (features.dimension(), features.len(), wanted.masses.len());
    let mut normal = Normal::new(len);
    let width = (1 + d) * len;
    for first in (0..n).step_by(LABELS) {
        let here = first..(first + LABELS).min(n);
        let mut rows = vec![0.0; here.len() * width];
        let mut right = vec![0.0; here.len() * (1 + d)];
        let tasks = rows
            .chunks_mut(CHUNK * width)
            .zip(right.chunks_mut(CHUNK * (1 + d)))
            .enumerate();
        pool.try_for_each(tasks, |(chunk, (rows, right))| {
            let mut units = Units::default();
            let labels = rows
                .chunks_exact_mut(width)
                .zip(right.chunks_exact_mut(1 + d));
            for (k, (rows, right)) in labels.enumerate() {
                let i = here.start + chunk * CHUNK + k;
                let x = &wanted.x[i * d..(i + 1) * d];
                let external = wanted.external.at(i, d);
                features.units(x, &mut units);
                let (values, slopes) = rows.split_at_mut(len);
                features.values(x, &external, &units, values);
                let root = wanted.masses[i].sqrt();
                values.iter_mut().for_each(|v| *v *= root);
                right[0] = root * wanted.value[i];
                for (a, row) in slopes.chunks_exact_mut(len).enumerate() {
                    let mut along = vec![0.0; d];
                    along[a] = root * REACH * features.scale[a];
                    features.derivatives(x, &along, &external, &units, row);
                    right[1 + a] = along[a] * wanted.slope[i * d + a];
                }
            }
            Ok(())
        })?;
        normal.add(pool, &rows, &right)?;
    }
    normal.solve(DAMPING)
}
