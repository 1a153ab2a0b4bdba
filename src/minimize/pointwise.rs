//! Objectives that are sums over nodes, `sum_q w_q phi_q(u(x_q), grad u(x_q))`: what the steps of
//! L2 flows and fits have in common.

use super::Objective;
use super::jets::{BatchTask, Jets, Order};
use super::normal;
use crate::energy::{Batch, Derivatives};
use crate::error::{Error, Result};
use crate::network::{Adjoint, CHUNK, Jacobian, Network, Tape};
use crate::parallel::Pool;
use crate::quadrature::Nodes;
use faer::Mat;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// The function phi at each node.
pub trait Integrand: Sync {
    /// Fills what is wanted for a range of nodes, whose positions, values and gradients are in
    /// `batch`. Second derivatives need not be positive: the assembly takes their positive part.
    ///
    /// # Errors
    /// Those of the energies in it.
    fn evaluate(
        &self,
        nodes: Range<usize>,
        batch: &Batch<'_>,
        wanted: &mut Derivatives<'_>,
    ) -> Result<()>;

    /// Whether only the thread that called the solver may evaluate it.
    fn caller_thread_only(&self) -> bool;

    /// The part of phi that tolerances are relative to, at one node.
    fn scale(&self, node: usize, u: f64) -> f64;
}

/// Nodes that one call of an energy takes: enough to hide what a call costs.
const BATCH: usize = 8 * CHUNK;

/// The part of a step over which second differences are taken: long enough for them to stand above
/// rounding.
const FRACTION: f64 = 0.1;

/// Partial gradients that are summed in order; fixed, so that bits do not depend on threads.
const LANES: usize = 16;

/// An integrand on nodes.
pub struct Pointwise<'a> {
    network: &'a Network,
    pool: &'a Pool,
    nodes: &'a Nodes,
    integrand: &'a dyn Integrand,
    jets: Jets,
    scale: f64,
    scratch: Mutex<Vec<Scratch>>,
}

/// Buffers of one running task.
#[derive(Default)]
struct Scratch {
    tape: Tape,
    adjoint: Adjoint,
    jacobian: Jacobian,
    seed: Vec<f64>,
}

impl<'a> Pointwise<'a> {
    /// The objective of `integrand` on `nodes`.
    #[must_use]
    pub fn new(
        network: &'a Network,
        pool: &'a Pool,
        nodes: &'a Nodes,
        integrand: &'a dyn Integrand,
    ) -> Self {
        Self {
            network,
            pool,
            nodes,
            integrand,
            jets: Jets::default(),
            scale: 0.0,
            scratch: Mutex::default(),
        }
    }

    /// A scratch from the shelf, or a new one.
    fn with_scratch<R>(&self, work: impl FnOnce(&mut Scratch) -> R) -> R {
        let lock = || self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = lock().pop().unwrap_or_default();
        let result = work(&mut scratch);
        lock().push(scratch);
        result
    }

    /// Evaluates the network and phi at all nodes and sums the value.
    fn evaluate(&mut self, parameters: &[f64], order: Order) -> Result<f64> {
        let (n, d) = (self.nodes.len(), self.network.dimension());
        let mut jets = std::mem::take(&mut self.jets);
        jets.resize(n, d, order);
        let result = self
            .network_values(parameters, &mut jets.u, &mut jets.p)
            .and_then(|()| self.densities(&mut jets, order));
        self.jets = jets;
        result?;
        let (mut value, mut scale) = (0.0, 0.0);
        for (node, ((w, f), u)) in self
            .nodes
            .w
            .iter()
            .zip(&self.jets.f)
            .zip(&self.jets.u)
            .enumerate()
        {
            value += w * f;
            scale += w * self.integrand.scale(node, *u);
        }
        self.scale = scale;
        if value.is_finite() {
            Ok(value)
        } else {
            Err(Error::not_finite("the objective is not a finite number"))
        }
    }

    fn network_values(&self, parameters: &[f64], u: &mut [f64], p: &mut [f64]) -> Result<()> {
        let d = self.network.dimension();
        let tasks = self
            .nodes
            .x
            .chunks(CHUNK * d)
            .zip(u.chunks_mut(CHUNK).zip(p.chunks_mut(CHUNK * d)));
        self.pool.try_for_each(tasks, |(x, (u, p))| {
            self.with_scratch(|scratch| {
                scratch.tape.forward(self.network, parameters, x);
                scratch.tape.copy_to(u, Some(p));
            });
            Ok(())
        })
    }

    fn densities(&self, jets: &mut Jets, order: Order) -> Result<()> {
        let (n, d) = (self.nodes.len(), self.network.dimension());
        let batch = if self.integrand.caller_thread_only() {
            n.max(1)
        } else {
            BATCH
        };
        let tasks = jets.batches(&self.nodes.x, d, batch, order);
        let evaluate = |(index, mut task): (usize, BatchTask<'_>)| {
            let start = index * batch;
            let nodes = start..start + task.batch.n();
            self.integrand
                .evaluate(nodes, &task.batch, &mut task.wanted)
        };
        if self.integrand.caller_thread_only() {
            tasks.into_iter().enumerate().try_for_each(evaluate)
        } else {
            self.pool
                .try_for_each(tasks.into_iter().enumerate(), evaluate)
        }
    }

    /// The gradient from the densities of the last evaluation.
    fn assemble_gradient(&self, parameters: &[f64], gradient: &mut [f64]) -> Result<()> {
        let d = self.network.dimension();
        let n = self.nodes.len();
        let chunks = n.div_ceil(CHUNK);
        let lanes = LANES.min(chunks.max(1));
        let mut partial = vec![0.0; lanes * parameters.len()];
        let tasks = partial.chunks_mut(parameters.len()).enumerate();
        self.pool.try_for_each(tasks, |(lane, partial)| {
            self.with_scratch(|scratch| {
                for chunk in (lane..chunks).step_by(lanes) {
                    let range = chunk * CHUNK..((chunk + 1) * CHUNK).min(n);
                    let x = &self.nodes.x[range.start * d..range.end * d];
                    scratch.tape.forward(self.network, parameters, x);
                    self.seed(range, &mut scratch.seed);
                    let Scratch {
                        tape,
                        adjoint,
                        seed,
                        ..
                    } = scratch;
                    adjoint.accumulate(self.network, parameters, tape, seed, partial);
                }
            });
            Ok(())
        })?;
        gradient.fill(0.0);
        for partial in partial.chunks(parameters.len()) {
            for (g, p) in gradient.iter_mut().zip(partial) {
                *g += p;
            }
        }
        Ok(())
    }

    /// `w (phi_u, phi_p)` as channels, `[1 + d][n]`.
    fn seed(&self, range: Range<usize>, seed: &mut Vec<f64>) {
        let d = self.network.dimension();
        seed.clear();
        let w = &self.nodes.w[range.clone()];
        seed.extend(
            w.iter()
                .zip(&self.jets.f_u[range.clone()])
                .map(|(w, f)| w * f),
        );
        for axis in 0..d {
            let f_p = &self.jets.f_p[range.start * d..range.end * d];
            let component = f_p.iter().skip(axis).step_by(d);
            seed.extend(w.iter().zip(component).map(|(w, f)| w * f));
        }
    }

    /// The Gauss-Newton matrix from the densities of the last evaluation.
    fn assemble_normal(&self, parameters: &[f64], normal: &mut Mat<f64>) -> Result<()> {
        let (n, d) = (self.nodes.len(), self.network.dimension());
        let second = normal::Second {
            w: &self.nodes.w,
            f_uu: &self.jets.f_uu,
            f_up: &self.jets.f_up,
            f_pp: &self.jets.f_pp,
        };
        let factors = normal::factor(&second, n, d)?;
        let shape = normal::Shape::new(parameters.len(), factors.rows, CHUNK);
        let mut tiles = normal::Tiles::new(parameters.len())?;
        let mut block = Vec::new();
        let panels = n.div_ceil(shape.nodes);
        for start in (0..panels).step_by(shape.panels) {
            let end = (start + shape.panels).min(panels);
            normal::room(&mut block, (end - start) * shape.panel())?;
            let tasks = (start..end).zip(block.chunks_exact_mut(shape.panel()));
            self.pool.try_for_each(tasks, |(panel, out)| {
                let nodes = panel * shape.nodes..((panel + 1) * shape.nodes).min(n);
                self.with_scratch(|scratch| {
                    for first in nodes.clone().step_by(CHUNK) {
                        let last = (first + CHUNK).min(nodes.end);
                        let x = &self.nodes.x[first * d..last * d];
                        scratch.tape.forward(self.network, parameters, x);
                        let Scratch { tape, jacobian, .. } = scratch;
                        jacobian.prepare(self.network, parameters, tape);
                        let column = (first - nodes.start) * factors.rows;
                        let a = factors.of(first..last);
                        let out = &mut out[column..];
                        jacobian.combine(self.network, tape, a, out, shape.stride);
                    }
                });
                Ok(())
            })?;
            tiles.add(self.pool, &shape, &block)?;
        }
        tiles.copy_to(normal);
        Ok(())
    }
}

impl Objective for Pointwise<'_> {
    fn value(&mut self, parameters: &[f64]) -> Result<f64> {
        self.evaluate(parameters, Order::Value)
    }

    fn gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        let value = self.evaluate(parameters, Order::First)?;
        self.assemble_gradient(parameters, gradient)?;
        Ok(value)
    }

    fn linearize(
        &mut self,
        parameters: &[f64],
        gradient: &mut [f64],
        normal: &mut Mat<f64>,
    ) -> Result<f64> {
        let value = self.evaluate(parameters, Order::Second)?;
        self.assemble_gradient(parameters, gradient)?;
        self.assemble_normal(parameters, normal)?;
        Ok(value)
    }

    fn bend(&mut self, parameters: &[f64], step: &[f64], out: &mut [f64]) -> Result<()> {
        let (n, d) = (self.nodes.len(), self.network.dimension());
        let mut second = vec![0.0; n * (1 + d)];
        let (u_2, p_2) = second.split_at_mut(n);
        let (mut u, mut p) = (vec![0.0; n], vec![0.0; n * d]);
        for (shift, weight) in [(-FRACTION, 1.0), (0.0, -2.0), (FRACTION, 1.0)] {
            let shifted: Vec<f64> = parameters
                .iter()
                .zip(step)
                .map(|(p, s)| p + shift * s)
                .collect();
            self.network_values(&shifted, &mut u, &mut p)?;
            let weight = weight / (FRACTION * FRACTION);
            u_2.iter_mut().zip(&u).for_each(|(s, u)| *s += weight * u);
            p_2.iter_mut().zip(&p).for_each(|(s, p)| *s += weight * p);
        }
        self.jets.seed_with_curvature(u_2, p_2, d);
        self.assemble_gradient(parameters, out)
    }

    fn scale(&self) -> f64 {
        self.scale
    }
}
