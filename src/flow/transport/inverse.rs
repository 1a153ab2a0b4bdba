//! The labels of given points: `X(x) = y` by Newton's method from the nearest image of a label.

use super::Transport;
use super::configuration::Configuration;
use crate::error::Result;
use crate::field::{AtNodes, Channels};
use crate::parallel::Pool;
use crate::quadrature::Nodes;

/// Newton steps allowed.
const STEPS: usize = 60;

/// Images that a search looks at, at most.
const SEARCHED: usize = 2048;

/// Points of one search of nearest images.
const GROUP: usize = 64;

/// Relative to the size of the images.
const TOLERANCE: f64 = 1e-13;

/// The labels of some points.
pub struct Preimages {
    /// `[n][d]`; where none was found, the last trial.
    pub x: Vec<f64>,
    /// The determinant of DX there, `[n]`; NaN where none was found.
    pub jacobian: Vec<f64>,
}

impl Transport {
    /// The labels that the map takes to points `y`, `[n][d]`. `labels` and where they are
    /// (`images`) are what the search starts from.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn preimages(
        &self,
        pool: &Pool,
        parameters: &[f64],
        labels: &Nodes,
        images: &[f64],
        y: &[f64],
    ) -> Result<Preimages> {
        let d = self.map().dimension();
        let mut x = vec![0.0; y.len()];
        let stride = labels.len().div_ceil(SEARCHED).max(1);
        let tasks = y.chunks(GROUP * d).zip(x.chunks_mut(GROUP * d));
        pool.try_for_each(tasks, |(y, x)| {
            for (y, x) in y.chunks_exact(d).zip(x.chunks_exact_mut(d)) {
                if let Some(nearest) = nearest(images, stride, y) {
                    x.copy_from_slice(&labels.x[nearest * d..(nearest + 1) * d]);
                }
            }
            Ok(())
        })?;
        let size = images.iter().fold(f64::MIN_POSITIVE, |s, v| s.max(v.abs()));
        let mut found = Preimages {
            jacobian: vec![f64::NAN; y.len() / d],
            x,
        };
        self.newton(pool, parameters, TOLERANCE * size, y, &mut found)?;
        Ok(found)
    }

    fn newton(
        &self,
        pool: &Pool,
        parameters: &[f64],
        tolerance: f64,
        y: &[f64],
        found: &mut Preimages,
    ) -> Result<()> {
        let d = self.map().dimension();
        // Points that are still under way: index, error at the last accepted trial, its place and
        // its Newton step, and the part of the step that is tried.
        let mut points: Vec<Point> = (0..y.len() / d)
            .map(|index| Point {
                index,
                error: f64::INFINITY,
                from: found.x[index * d..(index + 1) * d].to_vec(),
                step: vec![0.0; d],
                part: 1.0,
            })
            .collect();
        let mut at = Configuration::default();
        for _ in 0..STEPS {
            if points.is_empty() {
                break;
            }
            let trials = points.iter().flat_map(|p| {
                let pairs = p.from.iter().zip(&p.step);
                pairs.map(|(x, s)| x + p.part * s)
            });
            let trials = Nodes {
                x: trials.collect(),
                w: vec![0.0; points.len()],
                rho: vec![1.0; points.len()],
                ..Nodes::default()
            };
            let field = AtNodes::new(self.map().field(), pool, trials.x.as_slice());
            field.jets(parameters, Channels::First, &mut at.map)?;
            at.update(pool, d, &trials)?;
            let mut slot = 0;
            points.retain_mut(|point| {
                let trial = slot * d..(slot + 1) * d;
                let inverse = &at.inverse[slot * d * d..(slot + 1) * d * d];
                let jacobian = at.jacobian[slot];
                slot += 1;
                let wanted = &y[point.index * d..(point.index + 1) * d];
                let images = at.map.value[trial.clone()].iter().zip(wanted);
                let misfit: Vec<f64> = images.map(|(x, y)| y - x).collect();
                let error = misfit.iter().map(|m| m * m).sum::<f64>().sqrt();
                let better = error < point.error && jacobian > 0.0;
                if !better {
                    // At rounding nothing gets better any more.
                    if point.error <= 1e3 * tolerance {
                        return false;
                    }
                    point.part *= 0.5;
                    return point.part > 1e-6;
                }
                let place = point.index * d..(point.index + 1) * d;
                found.x[place].copy_from_slice(&trials.x[trial.clone()]);
                if error <= 1e3 * tolerance {
                    found.jacobian[point.index] = jacobian;
                }
                point.error = error;
                point.part = 1.0;
                point.from.copy_from_slice(&trials.x[trial]);
                for (step, row) in point.step.iter_mut().zip(inverse.chunks_exact(d)) {
                    *step = row.iter().zip(&misfit).map(|(a, m)| a * m).sum();
                }
                error > tolerance
            });
        }
        Ok(())
    }
}

struct Point {
    index: usize,
    error: f64,
    from: Vec<f64>,
    step: Vec<f64>,
    part: f64,
}

/// The index of the image nearest to y, of every one in `stride`.
fn nearest(images: &[f64], stride: usize, y: &[f64]) -> Option<usize> {
    let images = images.chunks_exact(y.len()).enumerate().step_by(stride);
    let distances = images.map(|(index, x)| {
        let pairs = x.iter().zip(y);
        (index, pairs.map(|(x, y)| (x - y) * (x - y)).sum::<f64>())
    });
    let least = |a: (usize, f64), b: (usize, f64)| if b.1 < a.1 { b } else { a };
    distances.reduce(least).map(|(index, _)| index)
}
