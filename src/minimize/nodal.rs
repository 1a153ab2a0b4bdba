//! The network at nodes: its jets, and products with their derivatives in the parameters.
//!
//! A node's jet is u, grad u and, in strong form, `A : Hess u` with a matrix A at each node.

use super::factor::Factors;
use super::jets::Jets;
use crate::error::Result;
use crate::network::{Adjoint, CHUNK, Jacobian, Linearization, Network, Tape, Weights};
use crate::parallel::Pool;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Partial gradients that are summed in order; fixed, so that bits do not depend on threads.
const LANES: usize = 16;

/// What a forward pass computed is kept for products while it takes no more memory than this.
const KEPT_BYTES: usize = 512 << 20;

/// A change of the parameters over which the strong form's channels are differenced.
const DIFFERENCE: f64 = 1e-6;

/// The network at nodes.
pub(super) struct Nodal<'a> {
    pub network: &'a Network,
    pub pool: &'a Pool,
    x: &'a [f64],
    /// Where the last [`record`](Self::record) was: parameters and, in strong form, A, `[n][d][d]`.
    parameters: Vec<f64>,
    weights: Weights<f64>,
    curvature: Vec<f64>,
    /// What its passes left, one a chunk; none if they would take too much memory.
    kept: Vec<Pass>,
    shelf: Mutex<Vec<Scratch>>,
}

/// A network at some parameters.
struct At<'a> {
    network: &'a Network,
    parameters: &'a [f64],
    weights: &'a Weights<f64>,
}

/// A chunk's forward pass: one of the two, by the form.
#[derive(Default)]
struct Pass {
    weak: Linearization<f64>,
    strong: Tape,
}

/// Buffers of one running task.
#[derive(Default)]
struct Scratch {
    pass: Pass,
    tape: Tape,
    adjoint: Adjoint,
    jacobian: Jacobian,
    seed: Vec<f64>,
}

impl<'a> Nodal<'a> {
    pub fn new(network: &'a Network, pool: &'a Pool, x: &'a [f64]) -> Self {
        Self {
            network,
            pool,
            x,
            parameters: Vec::new(),
            weights: Weights::default(),
            curvature: Vec::new(),
            kept: Vec::new(),
            shelf: Mutex::default(),
        }
    }

    /// How many nodes there are.
    pub const fn len(&self) -> usize {
        self.x.len() / self.network.dimension()
    }

    /// How many parameters there are.
    pub fn parameters(&self) -> usize {
        self.network.parameters()
    }

    /// The jets, with nothing kept for later; `curvature` is A, `[n][d][d]`, or empty.
    pub fn jets(&self, parameters: &[f64], curvature: &[f64], jets: &mut Jets) -> Result<()> {
        let mut weights = Weights::default();
        weights.set(self.network, parameters);
        let at = At {
            network: self.network,
            parameters,
            weights: &weights,
        };
        let tasks = self.chunks(curvature, jets);
        self.pool.try_for_each(tasks, |chunk| {
            self.with_scratch(|scratch| chunk.run(&at, &mut scratch.pass));
            Ok(())
        })
    }

    /// The jets at other parameters, with the matrices A of the recorded pass.
    pub fn jets_there(&self, parameters: &[f64], jets: &mut Jets) -> Result<()> {
        self.jets(parameters, &self.curvature, jets)
    }

    /// The jets, kept for what follows.
    pub fn record(&mut self, parameters: &[f64], curvature: &[f64], jets: &mut Jets) -> Result<()> {
        self.parameters.clear();
        self.parameters.extend_from_slice(parameters);
        self.weights.set(self.network, parameters);
        self.curvature.clear();
        self.curvature.extend_from_slice(curvature);
        let d = self.network.dimension();
        let units: usize = self.network.widths().iter().sum();
        let arrays = if curvature.is_empty() { 8 } else { 2 * d + 7 };
        if self.len() * units * arrays * size_of::<f64>() > KEPT_BYTES {
            self.kept.clear();
            return self.jets(parameters, curvature, jets);
        }
        let mut kept = std::mem::take(&mut self.kept);
        kept.resize_with(self.len().div_ceil(CHUNK), Pass::default);
        let tasks = self.chunks(curvature, jets).zip(&mut kept);
        let done = self.pool.try_for_each(tasks, |(chunk, pass)| {
            chunk.run(&self.here(), pass);
            Ok(())
        });
        self.kept = kept;
        done
    }

    /// `sum_q seed_q . d jet_q`: the gradient in the parameters.
    pub fn gradient(&mut self, seeds: &Jets, gradient: &mut [f64]) -> Result<()> {
        let chunks = self.len().div_ceil(CHUNK);
        let per_lane = chunks.div_ceil(LANES).max(1);
        let mut partial = vec![0.0; chunks.div_ceil(per_lane) * gradient.len()];
        let mut kept = std::mem::take(&mut self.kept);
        let mut lanes = kept.chunks_mut(per_lane);
        let tasks = partial
            .chunks_mut(gradient.len())
            .map(|partial| (partial, lanes.next().unwrap_or_default()))
            .enumerate();
        let done = self.pool.try_for_each(tasks, |(lane, (partial, kept))| {
            let mut kept = kept.iter_mut();
            for chunk in lane * per_lane..((lane + 1) * per_lane).min(chunks) {
                self.with_pass(chunk, kept.next(), |pass, scratch| {
                    self.accumulate(self.range(chunk), seeds, pass, scratch, partial);
                });
            }
            Ok(())
        });
        self.kept = kept;
        gradient.fill(0.0);
        for partial in partial.chunks(gradient.len()) {
            for (g, p) in gradient.iter_mut().zip(partial) {
                *g += p;
            }
        }
        done
    }

    /// The derivative of the jets along `direction` in the parameters.
    pub fn along(&mut self, direction: &[f64], out: &mut Jets) -> Result<()> {
        if !self.curvature.is_empty() {
            return self.difference(direction, out);
        }
        let mut change = Weights::default();
        change.set(self.network, direction);
        let mut kept = std::mem::take(&mut self.kept);
        let mut passes = kept.iter_mut();
        let tasks = self.chunks(&[], out).map(|out| (out, passes.next()));
        let done = self
            .pool
            .try_for_each(tasks.enumerate(), |(chunk, (out, kept))| {
                self.with_pass(chunk, kept, |pass, _| {
                    pass.weak
                        .apply(self.network, &self.weights, &change, out.u, out.p);
                });
                Ok(())
            });
        drop(passes);
        self.kept = kept;
        done
    }

    /// The same in strong form, as a central difference.
    fn difference(&self, direction: &[f64], out: &mut Jets) -> Result<()> {
        let length = direction.iter().map(|v| v * v).sum::<f64>().sqrt();
        let size = self.parameters.iter().map(|v| v * v).sum::<f64>().sqrt();
        let h = DIFFERENCE * (1.0 + size) / length.max(f64::MIN_POSITIVE);
        let mut jets = Jets::default();
        out.resize(self.len(), self.network.dimension(), true);
        out.clear();
        for side in [h, -h] {
            let moved = self.parameters.iter().zip(direction);
            let moved: Vec<f64> = moved.map(|(p, v)| p + side * v).collect();
            self.jets(&moved, &self.curvature, &mut jets)?;
            out.add(0.5 / side, &jets);
        }
        Ok(())
    }

    /// The rows `L_q^T J_q` of a range of nodes that begins with a chunk, `[parameters][stride]`:
    /// node q of a chunk has its row r in the chunk's column `r n + q`.
    pub fn rows(&self, nodes: Range<usize>, factors: &Factors, out: &mut [f64], stride: usize) {
        let d = self.network.dimension();
        for first in nodes.clone().step_by(CHUNK) {
            let range = first..(first + CHUNK).min(nodes.end);
            self.with_scratch(|scratch| {
                let Scratch { tape, jacobian, .. } = scratch;
                let tape = match self.kept.get(first / CHUNK) {
                    Some(pass) if !self.curvature.is_empty() => &pass.strong,
                    _ => {
                        let x = &self.x[range.start * d..range.end * d];
                        let a = self.curvature_of(&range);
                        tape.forward_curved(self.network, &self.parameters, x, a);
                        tape
                    }
                };
                jacobian.prepare(self.network, &self.parameters, tape);
                let column = (first - nodes.start) * factors.rows;
                let out = &mut out[column..];
                jacobian.combine(self.network, tape, factors.of(range), out, stride);
            });
        }
    }

    fn accumulate(
        &self,
        nodes: Range<usize>,
        seeds: &Jets,
        pass: &mut Pass,
        scratch: &mut Scratch,
        partial: &mut [f64],
    ) {
        let d = self.network.dimension();
        let u = &seeds.u[nodes.clone()];
        let p = &seeds.p[nodes.start * d..nodes.end * d];
        if self.curvature.is_empty() {
            pass.weak
                .apply_transpose(self.network, &self.weights, u, p, partial);
            return;
        }
        let Scratch { adjoint, seed, .. } = scratch;
        seed.clear();
        seed.extend_from_slice(u);
        for axis in 0..d {
            seed.extend(p.iter().skip(axis).step_by(d));
        }
        seed.extend_from_slice(&seeds.curved[nodes]);
        adjoint.accumulate(self.network, &self.parameters, &pass.strong, seed, partial);
    }

    /// Where the last recorded pass was.
    fn here(&self) -> At<'_> {
        At {
            network: self.network,
            parameters: &self.parameters,
            weights: &self.weights,
        }
    }

    fn range(&self, chunk: usize) -> Range<usize> {
        chunk * CHUNK..((chunk + 1) * CHUNK).min(self.len())
    }

    fn curvature_of(&self, nodes: &Range<usize>) -> &[f64] {
        let dd = self.network.dimension().pow(2);
        let range = nodes.start * dd..nodes.end * dd;
        self.curvature.get(range).unwrap_or(&[])
    }

    fn chunks<'b>(
        &'b self,
        curvature: &'b [f64],
        jets: &'b mut Jets,
    ) -> impl Iterator<Item = Chunk<'b>> {
        let d = self.network.dimension();
        jets.resize(self.len(), d, !curvature.is_empty());
        let mut curvature = curvature.chunks(CHUNK * d * d);
        let mut curved = jets.curved.chunks_mut(CHUNK);
        let values = jets.u.chunks_mut(CHUNK).zip(jets.p.chunks_mut(CHUNK * d));
        let all = self.x.chunks(CHUNK * d).zip(values);
        all.map(move |(x, (u, p))| Chunk {
            x,
            curvature: curvature.next().unwrap_or(&[]),
            u,
            p,
            curved: curved.next().unwrap_or_default(),
        })
    }

    /// The pass of a chunk at the recorded parameters: the one kept, or a new one.
    fn with_pass<R>(
        &self,
        chunk: usize,
        kept: Option<&mut Pass>,
        work: impl FnOnce(&mut Pass, &mut Scratch) -> R,
    ) -> R {
        self.with_scratch(|scratch| {
            if let Some(pass) = kept {
                return work(pass, scratch);
            }
            let d = self.network.dimension();
            let nodes = self.range(chunk);
            let mut pass = std::mem::take(&mut scratch.pass);
            let x = &self.x[nodes.start * d..nodes.end * d];
            pass.run(&self.here(), x, self.curvature_of(&nodes));
            let result = work(&mut pass, scratch);
            scratch.pass = pass;
            result
        })
    }

    /// A scratch from the shelf, or a new one.
    fn with_scratch<R>(&self, work: impl FnOnce(&mut Scratch) -> R) -> R {
        let lock = || self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = lock().pop().unwrap_or_default();
        let result = work(&mut scratch);
        lock().push(scratch);
        result
    }
}

impl Pass {
    fn run(&mut self, at: &At<'_>, x: &[f64], curvature: &[f64]) {
        if curvature.is_empty() {
            self.weak.set(at.network, at.weights, x);
        } else {
            self.strong
                .forward_curved(at.network, at.parameters, x, curvature);
        }
    }
}

/// Some nodes and where their jets go.
struct Chunk<'a> {
    x: &'a [f64],
    curvature: &'a [f64],
    u: &'a mut [f64],
    p: &'a mut [f64],
    curved: &'a mut [f64],
}

impl Chunk<'_> {
    fn run(self, at: &At<'_>, pass: &mut Pass) {
        pass.run(at, self.x, self.curvature);
        if self.curvature.is_empty() {
            pass.weak.copy_to(self.u, Some(self.p));
        } else {
            pass.strong.copy_to(self.u, Some(self.p));
            self.curved.copy_from_slice(pass.strong.curved());
        }
    }
}
