//! The model of a stage that is posed weakly, or by Galerkin: the curvature of its objective at the
//! labels.

use super::sloped::SlopedStage;
use super::{Blocks, TransportStage};
use crate::error::Result;
use crate::field::Channels;
use crate::linear_algebra::{self, positive_root};
use faer::Mat;

/// Up to this dimension the model has the rows of B, d^2 for each label, and the Hessian of the
/// potential, of which beyond it only a mean is left. The movement outweighs both where steps are
/// short.
const FULL: usize = 4;

/// The part of the movement term that a concave potential leaves of it in the model, at least.
const LEAST_MOVEMENT: f64 = 0.2;

impl TransportStage<'_> {
    /// The derivative in position of the force on each label, `[n][d][d]`; none if there is no
    /// force.
    fn hessian(&self) -> Result<Option<Vec<f64>>> {
        if !self.terms.pull() {
            return Ok(None);
        }
        let (n, d) = (self.labels.len(), self.map.dimension());
        let mut hessian = vec![0.0; n * d * d];
        for axis in 0..d {
            let mut direction = vec![0.0; d];
            direction[axis] = 1.0;
            let along = self.force_along(&direction)?;
            let column = hessian.iter_mut().skip(axis).step_by(d);
            column.zip(&along).for_each(|(h, a)| *h = *a);
        }
        Ok(Some(hessian))
    }

    /// The mean of that derivative over the directions at each label, where it is above 0.
    fn mean_hessian(&self) -> Result<Vec<f64>> {
        let (n, d) = (self.labels.len(), self.map.dimension());
        if !self.terms.pull() {
            return Ok(vec![0.0; n]);
        }
        // s . H s / d with signs s, whose pattern no axis shares with its neighbours.
        let sign = |axis: usize| {
            if axis.count_ones().is_multiple_of(2) {
                1.0
            } else {
                -1.0
            }
        };
        let signs: Vec<f64> = (0..d).map(sign).collect();
        let along = self.force_along(&signs)?;
        let means = along.chunks_exact(d).map(|along| {
            let terms = along.iter().zip(&signs).map(|(a, s)| a * s);
            (terms.sum::<f64>() / d as f64).max(0.0)
        });
        Ok(means.collect())
    }

    fn force_along(&self, direction: &[f64]) -> Result<Vec<f64>> {
        let pool = self.linearized.pool();
        let measure = self.state.measure(self.map.dimension(), self.labels);
        let whole = self.state.whole.or(pool.ranks(), measure);
        self.terms.force_along(pool, &measure, &whole, direction)
    }

    /// The model at every label.
    pub(super) fn curvature(&mut self) -> Result<()> {
        let mut blocks = std::mem::take(&mut self.blocks);
        let mut sloped = self.sloped.take();
        let set = if self.map.dimension() > FULL {
            self.set_diagonals(&mut blocks)
        } else {
            self.set_rows(&mut blocks, sloped.as_mut())
        };
        self.blocks = blocks;
        self.sloped = sloped;
        set
    }

    fn set_diagonals(&self, blocks: &mut Blocks) -> Result<()> {
        let means = self.mean_hessian()?;
        blocks.reset_diagonal(self.labels.len(), self.linearized.shape(Channels::Value));
        let labels = self.labels.w.iter().zip(means);
        for (node, (out, (w, mean))) in blocks.iter_mut().zip(labels).enumerate() {
            out.fill((w * (self.movement.second(node) + mean)).sqrt());
        }
        Ok(())
    }

    fn set_rows(&self, blocks: &mut Blocks, sloped: Option<&mut SlopedStage<'_>>) -> Result<()> {
        let (at, local) = (&self.state.at, &self.state.local);
        let (n, d) = (self.labels.len(), self.map.dimension());
        let hessian = self.hessian()?;
        let pressures = sloped.is_some() || local.f_u.iter().any(|f| *f != 0.0);
        let (rows, channels) = if sloped.is_some() {
            (d + d * d + d, Channels::First)
        } else if pressures {
            (d + d * d, Channels::First)
        } else {
            (d, Channels::Value)
        };
        let shape = self.linearized.shape(channels);
        let size = shape.size();
        blocks.reset(n, rows, shape);
        let mut positions = vec![0.0; d * d];
        for ((node, block), w) in blocks.iter_mut().enumerate().zip(&self.labels.w) {
            let hessian = hessian
                .as_ref()
                .map(|h| &h[node * d * d..(node + 1) * d * d]);
            position_rows(*w, self.movement.second(node), hessian, d, &mut positions)?;
            for (row, out) in block.chunks_exact_mut(size).take(d).enumerate() {
                out[..d].copy_from_slice(&positions[row * d..(row + 1) * d]);
            }
            if !pressures {
                continue;
            }
            let rho = at.rho[node];
            let mut pressure = rho * local.f_u[node] - local.f[node];
            let mut rest = rho * rho * local.f_uu[node] - pressure;
            if let Some(sloped) = &sloped {
                pressure += sloped.pressure(node, rho);
                rest += sloped.stiffness(node, rho);
            }
            // (trace_part)^2 d + 2 trace_part shear = rest, so that the rows' squares add up.
            let shear = pressure.max(0.0).sqrt();
            let dilation = (shear * shear + d as f64 * rest).max(0.0).sqrt();
            let trace_part = (dilation - shear) / d as f64;
            let mass = (w / rho).sqrt();
            let inverse = at.inverse(node);
            for (row, out) in block.chunks_exact_mut(size).skip(d).take(d * d).enumerate() {
                let (k, l) = (row / d, row % d);
                for (entry, of_slope) in out[d..].iter_mut().enumerate() {
                    let (i, j) = (entry / d, entry % d);
                    let own = if j == l {
                        shear * inverse[k * d + i]
                    } else {
                        0.0
                    };
                    let trace = if k == l {
                        trace_part * inverse[j * d + i]
                    } else {
                        0.0
                    };
                    *of_slope = mass * (own + trace);
                }
            }
        }
        if let Some(sloped) = sloped {
            let at = (self.labels, &self.state);
            sloped.set_rows(at, (blocks, d + d * d))?;
        }
        Ok(())
    }
}

/// `R` with `R^T R = w (S/tau I + H)`, H symmetrised; without H where it would take most of the
/// movement term away.
fn position_rows(
    w: f64,
    strength: f64,
    hessian: Option<&[f64]>,
    d: usize,
    out: &mut [f64],
) -> Result<()> {
    if let Some(hessian) = hessian {
        let matrix = |part: f64| {
            Mat::from_fn(d, d, |i, j| {
                let own = if i == j { part * strength } else { 0.0 };
                w * (own + 0.5 * (hessian[i * d + j] + hessian[j * d + i]))
            })
        };
        if linear_algebra::cholesky(matrix(1.0 - LEAST_MOVEMENT).as_ref()).is_some() {
            return positive_root(&matrix(1.0), out);
        }
    }
    out.fill(0.0);
    let rows = out.iter_mut().step_by(d + 1);
    rows.for_each(|o| *o = (w * strength).sqrt());
    Ok(())
}
