//! The curvature of densities that grow slower than a square of the slope, as total variation does.
//!
//! Where p is large the second derivative of such a density is next to nothing, and a Newton step overshoots by
//! orders of magnitude. Its secant `W = f_p . p / |p|^2` never does, but converges slowly. Between them, at each
//! node, is the flux that the last model foresaw: the primal-dual method of Chan, Golub and Mulet (SIAM J. Sci.
//! Comput. 20 (1999) 1964-1977), which was made for `sqrt(e^2 + |p|^2)`, for any density.

use super::densities::Densities;
use crate::linear_algebra::dot;

/// The last model at all nodes.
#[derive(Default)]
pub(super) struct PrimalDual {
    /// Slopes p, `[n][m]` with m for components and axes.
    slope: Vec<f64>,
    /// `f_p` there.
    flux: Vec<f64>,
    /// The second derivatives by p that the model had, `[n][m][m]`.
    curvature: Vec<f64>,
}

impl PrimalDual {
    /// Raises `f_pp` along p toward the secant, by as much as the flux that the last model foresaw fell short of
    /// what it is; at first all the way.
    pub fn stiffen(&mut self, p: &[f64], m: usize, densities: &mut Densities) {
        let is_first = self.slope.len() != p.len();
        let nodes = p
            .chunks_exact(m)
            .zip(densities.f_p.chunks_exact(m))
            .zip(densities.f_pp.chunks_exact_mut(m * m));
        for (node, ((p, f_p), f_pp)) in nodes.enumerate() {
            let square = dot(p, p);
            let along = f_pp
                .chunks_exact(m)
                .zip(p)
                .map(|(row, pi)| pi * dot(row, p));
            let excess = dot(f_p, p) - along.sum::<f64>();
            if square > 0.0 && excess > 0.0 {
                let part = if is_first {
                    1.0
                } else {
                    1.0 - self.foreseen(node, p, f_p)
                };
                let factor = part * excess / (square * square);
                for (row, a) in f_pp.chunks_exact_mut(m).zip(p) {
                    row.iter_mut()
                        .zip(p)
                        .for_each(|(f, b)| *f += factor * a * b);
                }
            }
        }
        self.slope.clear();
        self.slope.extend_from_slice(p);
        self.flux.clear();
        self.flux.extend_from_slice(&densities.f_p);
        self.curvature.clear();
        self.curvature.extend_from_slice(&densities.f_pp);
    }

    /// The part of the flux at a node that the last model foresaw, from 0 to 1.
    fn foreseen(&self, node: usize, p: &[f64], f_p: &[f64]) -> f64 {
        let m = p.len();
        let before = &self.slope[node * m..(node + 1) * m];
        let flux = &self.flux[node * m..(node + 1) * m];
        let rows = self.curvature[node * m * m..(node + 1) * m * m].chunks_exact(m);
        let change: Vec<f64> = p.iter().zip(before).map(|(p, q)| p - q).collect();
        let foreseen = rows.zip(flux).map(|(row, flux)| flux + dot(row, &change));
        let along: f64 = foreseen.zip(f_p).map(|(y, f)| y * f).sum();
        match dot(f_p, f_p) {
            0.0 => 1.0,
            square => (along / square).clamp(0.0, 1.0),
        }
    }
}
