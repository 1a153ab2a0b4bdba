//! The network N of a map at its labels: jets, and products with their derivatives in the
//! parameters. A jet is `[1 + d][d]`: N, then its derivatives in each `x_j`.

use super::blocks::Blocks;
use crate::error::Result;
use crate::network::{Adjoint, Along, CHUNK, Network, Tape, VectorRows};
use crate::parallel::Pool;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Partial gradients that are summed in order; fixed, so that bits do not depend on threads.
const LANES: usize = 16;

/// The network at labels x.
pub(super) struct Labelled<'a> {
    pub network: &'a Network,
    pub pool: &'a Pool,
    x: Cow<'a, [f64]>,
    /// Where the last [`record`](Self::record) was, and what its passes left, one a chunk.
    parameters: Vec<f64>,
    kept: Vec<Tape>,
    shelf: Mutex<Vec<Scratch>>,
}

/// Buffers of one running task.
#[derive(Default)]
struct Scratch {
    tape: Tape,
    adjoint: Adjoint,
    along: Along,
    rows: VectorRows,
    seed: Vec<f64>,
    seeds: Vec<f64>,
    features: Vec<f64>,
}

impl<'a> Labelled<'a> {
    pub fn new(network: &'a Network, pool: &'a Pool, x: impl Into<Cow<'a, [f64]>>) -> Self {
        Self {
            network,
            pool,
            x: x.into(),
            parameters: Vec::new(),
            kept: Vec::new(),
            shelf: Mutex::default(),
        }
    }

    /// How many labels there are.
    pub fn len(&self) -> usize {
        self.x.len() / self.network.dimension()
    }

    /// Entries of a jet.
    pub const fn jet(&self) -> usize {
        let d = self.network.dimension();
        (1 + d) * d
    }

    /// The values of N alone, `[n][d]`.
    pub fn values(&self, parameters: &[f64], values: &mut Vec<f64>) -> Result<()> {
        let d = self.network.dimension();
        values.resize(self.x.len(), 0.0);
        let tasks = self.x.chunks(CHUNK * d).zip(values.chunks_mut(CHUNK * d));
        self.pool.try_for_each(tasks, |(x, values)| {
            self.with_scratch(|scratch| {
                scratch.tape.forward_values(self.network, parameters, x);
                values.copy_from_slice(scratch.tape.value());
            });
            Ok(())
        })
    }

    /// The jets, `[n][1 + d][d]`, with nothing kept for later.
    pub fn jets(&self, parameters: &[f64], jets: &mut Vec<f64>) -> Result<()> {
        let d = self.network.dimension();
        jets.resize(self.len() * self.jet(), 0.0);
        let tasks = self.x.chunks(CHUNK * d);
        let tasks = tasks.zip(jets.chunks_mut(CHUNK * self.jet()));
        self.pool.try_for_each(tasks, |(x, jets)| {
            self.with_scratch(|scratch| {
                scratch.tape.forward(self.network, parameters, x);
                gather(&scratch.tape, d, jets);
            });
            Ok(())
        })
    }

    /// The jets, kept for what follows.
    pub fn record(&mut self, parameters: &[f64], jets: &mut Vec<f64>) -> Result<()> {
        let d = self.network.dimension();
        self.parameters.clear();
        self.parameters.extend_from_slice(parameters);
        jets.resize(self.len() * self.jet(), 0.0);
        let mut kept = std::mem::take(&mut self.kept);
        kept.resize_with(self.len().div_ceil(CHUNK), Tape::default);
        let tasks = self.x.chunks(CHUNK * d);
        let tasks = tasks.zip(jets.chunks_mut(CHUNK * self.jet()));
        let done = self
            .pool
            .try_for_each(tasks.zip(&mut kept), |((x, jets), tape)| {
                tape.forward(self.network, parameters, x);
                gather(tape, d, jets);
                Ok(())
            });
        self.kept = kept;
        done
    }

    /// `sum_q seed_q . d jet_q`: the gradient in the parameters; seeds are `[n][1 + d][d]`, or
    /// `[n][d]` where the derivatives of N have none.
    pub fn gradient(&self, seeds: &[f64], gradient: &mut [f64]) -> Result<()> {
        let chunks = self.kept.len();
        let per_lane = chunks.div_ceil(LANES).max(1);
        let mut partial = vec![0.0; chunks.div_ceil(per_lane) * gradient.len()];
        let tasks = partial.chunks_mut(gradient.len().max(1)).enumerate();
        self.pool.try_for_each(tasks, |(lane, partial)| {
            let range = lane * per_lane..((lane + 1) * per_lane).min(chunks);
            self.with_scratch(|scratch| {
                for chunk in range {
                    let Scratch { adjoint, seed, .. } = scratch;
                    self.scatter(seeds, chunk, seed);
                    let tape = &self.kept[chunk];
                    adjoint.accumulate(self.network, &self.parameters, tape, seed, partial);
                }
            });
            Ok(())
        })?;
        gradient.fill(0.0);
        for partial in partial.chunks(gradient.len().max(1)) {
            gradient.iter_mut().zip(partial).for_each(|(g, p)| *g += p);
        }
        Ok(())
    }

    /// The derivative of `seed . jet` at each label in that label, `[n][d]`, with the seeds that `seed`
    /// writes for a range of labels, and added to what it writes there itself.
    pub fn label_gradient(
        &self,
        seed: impl Fn(Range<usize>, &mut [f64], &mut [f64]) + Sync,
        out: &mut Vec<f64>,
    ) -> Result<()> {
        let (d, size) = (self.network.dimension(), self.jet());
        out.clear();
        out.resize(self.x.len(), 0.0);
        let tasks = self.x.chunks(CHUNK * d).zip(out.chunks_mut(CHUNK * d));
        self.pool
            .try_for_each(tasks.enumerate(), |(chunk, (x, out))| {
                self.with_scratch(|scratch| {
                    let nodes = chunk * CHUNK..chunk * CHUNK + x.len() / d;
                    let Scratch {
                        adjoint,
                        seed: turned,
                        features,
                        seeds,
                        ..
                    } = scratch;
                    seeds.clear();
                    seeds.resize(nodes.len() * size, 0.0);
                    seed(nodes, seeds, out);
                    channels_first(seeds, d, size, turned);
                    let (network, tape) = (self.network, &self.kept[chunk]);
                    adjoint.features(network, &self.parameters, tape, turned, features);
                    network.embedding().add_gradient(x, features, out);
                });
                Ok(())
            })
    }

    /// The derivative of the jets along `direction` in the parameters: of `size` entries, all of a jet or
    /// the d of the values.
    pub fn along(&self, direction: &[f64], size: usize, jets: &mut Vec<f64>) -> Result<()> {
        let d = self.network.dimension();
        jets.resize(self.len() * size, 0.0);
        let tasks = self.kept.iter().zip(jets.chunks_mut(CHUNK * size));
        self.pool.try_for_each(tasks, |(tape, jets)| {
            self.with_scratch(|scratch| {
                let along = &mut scratch.along;
                let (network, parameters) = (self.network, &self.parameters);
                let channels = along.run(network, parameters, direction, tape, size / d);
                nodes_first(channels, d, size, jets);
            });
            Ok(())
        })
    }

    /// The second derivative of the jets along `step` from `parameters`, from differences over a part of it:
    /// `size` entries, all of a jet or the d of the values.
    pub fn second_along(
        &self,
        parameters: &[f64],
        step: &[f64],
        part: f64,
        size: usize,
        second: &mut Vec<f64>,
    ) -> Result<()> {
        second.clear();
        second.resize(self.len() * size, 0.0);
        let mut jets = Vec::new();
        for (shift, weight) in [(-part, 1.0), (0.0, -2.0), (part, 1.0)] {
            let line = parameters.iter().zip(step);
            let shifted: Vec<f64> = line.map(|(p, s)| p + shift * s).collect();
            if size < self.jet() {
                self.values(&shifted, &mut jets)?;
            } else {
                self.jets(&shifted, &mut jets)?;
            }
            let scale = weight / (part * part);
            let pairs = second.iter_mut().zip(&jets);
            pairs.for_each(|(s, j)| *s += scale * j);
        }
        Ok(())
    }

    /// The rows `L_q^T J_q` of a range of labels that begins with a chunk, in the order of
    /// [`Model::rows`](crate::minimize::Model::rows).
    pub fn rows(&self, nodes: Range<usize>, blocks: &Blocks, out: &mut [f64], stride: usize) {
        for first in nodes.clone().step_by(CHUNK) {
            let range = first..(first + CHUNK).min(nodes.end);
            let Some(tape) = self.kept.get(first / CHUNK) else {
                return;
            };
            self.with_scratch(|scratch| {
                let out = &mut out[(first - nodes.start) * blocks.rows..];
                let (network, parameters) = (self.network, &self.parameters);
                let coefficients = blocks.of(range);
                let of = (blocks.rows, &*coefficients);
                scratch
                    .rows
                    .combine(network, parameters, tape, of, out, stride);
            });
        }
    }

    /// The seeds of a chunk, channel by channel, `[channels][n][d]`.
    fn scatter(&self, seeds: &[f64], chunk: usize, out: &mut Vec<f64>) {
        let d = self.network.dimension();
        let size = seeds.len() / self.len().max(1);
        let end = ((chunk + 1) * CHUNK * size).min(seeds.len());
        channels_first(&seeds[chunk * CHUNK * size..end], d, size, out);
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

/// The jets of a chunk.
fn gather(tape: &Tape, d: usize, jets: &mut [f64]) {
    let size = (1 + d) * d;
    for (node, jet) in jets.chunks_exact_mut(size).enumerate() {
        let at = node * d..(node + 1) * d;
        let (value, slopes) = jet.split_at_mut(d);
        value.copy_from_slice(&tape.value()[at.clone()]);
        for (axis, slope) in slopes.chunks_exact_mut(d).enumerate() {
            slope.copy_from_slice(&tape.derivative(axis)[at.clone()]);
        }
    }
}

/// `[n][channels][d]` turned to `[channels][n][d]`, `size` entries a node.
fn channels_first(jets: &[f64], d: usize, size: usize, out: &mut Vec<f64>) {
    out.clear();
    for channel in 0..size / d {
        for jet in jets.chunks_exact(size) {
            out.extend_from_slice(&jet[channel * d..(channel + 1) * d]);
        }
    }
}

/// `[channels][n][d]` turned to `[n][channels][d]`, `size` entries each.
fn nodes_first(channels: &[f64], d: usize, size: usize, jets: &mut [f64]) {
    let n = jets.len() / size;
    for (node, jet) in jets.chunks_exact_mut(size).enumerate() {
        for (channel, out) in jet.chunks_exact_mut(d).enumerate() {
            let at = (channel * n + node) * d;
            out.copy_from_slice(&channels[at..at + d]);
        }
    }
}
