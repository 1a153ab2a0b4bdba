//! Value and gradient of a pointwise objective in one pass over the nodes: each chunk goes through
//! the network, the integrand and back while it is in cache, and nothing is computed twice.

use super::Integrand;
use crate::energy::{Batch, Derivatives};
use crate::error::Result;
use crate::network::{Linearization, Network, Real, Weights};
use crate::parallel::Pool;
use crate::quadrature::NodesView;
use std::ops::Range;

/// Parameters that one task sums over the shares.
const SLICE: usize = 4096;

/// What is integrated, and on what.
#[derive(Clone, Copy)]
pub(super) struct Problem<'a> {
    pub network: &'a Network,
    pub pool: &'a Pool,
    pub nodes: NodesView<'a>,
    pub integrand: &'a dyn Integrand,
}

/// Buffers of the pass; R is the precision of the network, sums over nodes are in `f64`.
#[derive(Default)]
pub(super) struct Fused<R> {
    weights: Weights<R>,
    lanes: Vec<Lane<R>>,
}

/// One share of the nodes, with a gradient of its own.
#[derive(Default)]
struct Lane<R> {
    linear: Linearization<R>,
    gradient: Vec<R>,
    /// u and phi with their derivatives at the chunk's nodes.
    u: Vec<f64>,
    p: Vec<f64>,
    f: Vec<f64>,
    f_u: Vec<f64>,
    f_p: Vec<f64>,
    value: f64,
    scale: f64,
}

impl<R: Real> Fused<R> {
    /// `sum w phi` and its scale at `parameters`; `gradient` is overwritten.
    pub fn gradient(
        &mut self,
        problem: &Problem<'_>,
        parameters: &[f64],
        gradient: &mut [f64],
    ) -> Result<(f64, f64)> {
        let cut = problem.network.cut::<R>(problem.nodes.len());
        self.weights.set(problem.network, parameters);
        self.lanes.resize_with(cut.shares(), Lane::default);
        let pool = problem.pool;
        let weights = &self.weights;
        let gradient_len = parameters.len();
        let clear = |lane: &mut Lane<R>| {
            lane.gradient.clear();
            lane.gradient.resize(gradient_len, R::ZERO);
            (lane.value, lane.scale) = (0.0, 0.0);
        };
        if problem.integrand.caller_thread_only() {
            self.lanes.iter_mut().for_each(clear);
            for index in 0..cut.chunks() {
                pool.try_for_each(self.lanes.iter_mut().enumerate(), |(k, lane)| {
                    lane.forward(problem, weights, cut.chunk(k, index));
                    Ok(())
                })?;
                for (k, lane) in self.lanes.iter_mut().enumerate() {
                    lane.densities(problem, cut.chunk(k, index))?;
                }
                pool.try_for_each(self.lanes.iter_mut(), |lane| {
                    lane.back(problem, weights);
                    Ok(())
                })?;
            }
        } else {
            pool.try_for_each(self.lanes.iter_mut().enumerate(), |(k, lane)| {
                clear(lane);
                for index in 0..cut.chunks() {
                    lane.forward(problem, weights, cut.chunk(k, index));
                    lane.densities(problem, cut.chunk(k, index))?;
                    lane.back(problem, weights);
                }
                Ok(())
            })?;
        }
        let lanes = &self.lanes;
        pool.try_for_each(
            gradient.chunks_mut(SLICE).enumerate(),
            |(slice, gradient)| {
                gradient.fill(0.0);
                let first = slice * SLICE;
                for lane in lanes {
                    let partial = &lane.gradient[first..first + gradient.len()];
                    for (g, p) in gradient.iter_mut().zip(partial) {
                        *g += p.wide();
                    }
                }
                Ok(())
            },
        )?;
        Ok(lanes
            .iter()
            .fold((0.0, 0.0), |(v, s), lane| (v + lane.value, s + lane.scale)))
    }
}

impl<R: Real> Lane<R> {
    /// u and grad u at some nodes.
    fn forward(&mut self, problem: &Problem<'_>, weights: &Weights<R>, nodes: Range<usize>) {
        let d = problem.network.dimension();
        let n = nodes.len();
        for (array, len) in [
            (&mut self.u, n),
            (&mut self.p, n * d),
            (&mut self.f, n),
            (&mut self.f_u, n),
            (&mut self.f_p, n * d),
        ] {
            array.resize(len, 0.0);
        }
        if n == 0 {
            return;
        }
        let x = &problem.nodes.x[nodes.start * d..nodes.end * d];
        self.linear.set(problem.network, weights, x);
        self.linear.copy_to(&mut self.u, Some(&mut self.p));
    }

    /// phi there, added to the sums, and `w (phi_u, phi_p)`.
    fn densities(&mut self, problem: &Problem<'_>, nodes: Range<usize>) -> Result<()> {
        if nodes.is_empty() {
            return Ok(());
        }
        let d = problem.network.dimension();
        let batch = Batch {
            d,
            x: &problem.nodes.x[nodes.start * d..nodes.end * d],
            u: &self.u,
            p: &self.p,
        };
        let mut wanted = Derivatives {
            f: Some(&mut self.f),
            f_u: Some(&mut self.f_u),
            f_p: Some(&mut self.f_p),
            ..Derivatives::default()
        };
        problem
            .integrand
            .evaluate(nodes.clone(), &batch, &mut wanted)?;
        let w = &problem.nodes.w[nodes.clone()];
        let at = nodes.zip(w).zip(self.f.iter().zip(&self.u));
        for ((node, w), (f, u)) in at {
            self.value += w * f;
            self.scale += w * problem.integrand.scale(node, *u);
        }
        let seeds = self.f_u.iter_mut().zip(self.f_p.chunks_exact_mut(d));
        for ((f_u, f_p), w) in seeds.zip(w) {
            *f_u *= w;
            f_p.iter_mut().for_each(|f| *f *= w);
        }
        Ok(())
    }

    /// What these nodes add to the gradient.
    fn back(&mut self, problem: &Problem<'_>, weights: &Weights<R>) {
        if self.f_u.is_empty() {
            return;
        }
        self.linear.apply_transpose(
            problem.network,
            weights,
            &self.f_u,
            &self.f_p,
            &mut self.gradient,
        );
    }
}
