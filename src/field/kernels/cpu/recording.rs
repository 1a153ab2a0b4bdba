//! Passes over one set of nodes, chunk by chunk.
//!
//! They are [`Linearization`]s of a scalar without second-order channel, and else [`Tape`]s.

use super::super::chunks::{channels_first, chunk_of, nodes_first, sum_by_chunks};
use super::{
    Adjoint, At, CHUNK, Channels, Jacobian, Jets, JetsMut, JetsRef, Linearization, Pushforward,
    Recording, Rows, ScalarNetwork, SeedsAt, Shelf, Tape, VectorRows, Weights,
};
use crate::error::Result;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Bytes up to which the arrays of forward passes are kept for products.
const KEPT_BYTES: usize = 512 << 20;

/// The passes of one set of nodes.
#[derive(Default)]
pub(super) struct CpuRecording {
    weights: Weights<f64>,
    /// The last recorded passes, one a chunk; none if they would take too much memory.
    /// Each is locked by the task of its chunk alone.
    kept: Vec<Mutex<Pass>>,
    shelf: Shelf<Scratch>,
}

/// A chunk's forward pass: one of the two.
#[derive(Default)]
struct Pass {
    linear: Linearization<f64>,
    tape: Tape,
}

/// Buffers of one running task.
#[derive(Default)]
struct Scratch {
    pass: Pass,
    tape: Tape,
    adjoint: Adjoint,
    pushforward: Pushforward,
    jacobian: Jacobian,
    rows: VectorRows,
    seed: Vec<f64>,
    features: Vec<f64>,
    zeros: Vec<f64>,
    outputs: Jets,
    seeds: Jets,
}

impl Pass {
    /// Passes over points and writes their jets.
    fn run(&mut self, at: &At<'_>, weights: &Weights<f64>, channels: Channels, jets: JetsMut<'_>) {
        let wants_slope = channels >= Channels::First;
        match scalar(at) {
            Some(network) if wants_slope => {
                self.linear.set(network, weights, at.x);
                self.linear.copy_to(jets.value, Some(jets.slope));
            }
            Some(network) => {
                self.linear.set_value(network, weights, at.x);
                self.linear.copy_to(jets.value, None);
            }
            None if wants_slope => {
                self.tape
                    .forward_curved(at.network, at.parameters, at.x, at.curvature);
                self.tape.copy_to(jets.value, Some(jets.slope));
                jets.curved.copy_from_slice(self.tape.curved());
            }
            None => {
                self.tape.forward_values(at.network, at.parameters, at.x);
                self.tape.copy_to(jets.value, None);
            }
        }
    }
}

/// The network if passes over these points are linearizations.
fn scalar<'a>(at: &At<'a>) -> Option<ScalarNetwork<'a>> {
    at.network.as_scalar().filter(|_| at.curvature.is_empty())
}

impl CpuRecording {
    /// The pass of a chunk at the recorded parameters: the one kept, or a new one.
    fn with_pass<R>(
        &self,
        at: &At<'_>,
        chunk: usize,
        scratch: &mut Scratch,
        work: impl FnOnce(&mut Pass, &mut Scratch) -> R,
    ) -> R {
        if let Some(pass) = self.kept.get(chunk) {
            let mut pass = pass.lock().unwrap_or_else(PoisonError::into_inner);
            return work(&mut pass, scratch);
        }
        let mut pass = std::mem::take(&mut scratch.pass);
        let mut jets = std::mem::take(&mut scratch.outputs);
        let here = at.part(chunk_of(at.len(), chunk));
        jets.resize(here.len(), at.shape(at.channels()));
        pass.run(&here, &self.weights, at.channels(), jets.as_mut());
        scratch.outputs = jets;
        let result = work(&mut pass, scratch);
        scratch.pass = pass;
        result
    }

    /// The tape of a chunk at the recorded parameters: the one kept, or a new one.
    fn with_tape<R>(
        &self,
        at: &At<'_>,
        chunk: usize,
        scratch: &mut Scratch,
        work: impl FnOnce(&Tape, &mut Scratch) -> R,
    ) -> R {
        if let Some(pass) = self.kept.get(chunk).filter(|_| scalar(at).is_none()) {
            let pass = pass.lock().unwrap_or_else(PoisonError::into_inner);
            return work(&pass.tape, scratch);
        }
        let mut tape = std::mem::take(&mut scratch.tape);
        let here = at.part(chunk_of(at.len(), chunk));
        tape.forward_curved(at.network, at.parameters, here.x, here.curvature);
        let result = work(&tape, scratch);
        scratch.tape = tape;
        result
    }

    fn accumulate(
        &self,
        at: &At<'_>,
        seeds: JetsRef<'_>,
        pass: &mut Pass,
        scratch: &mut Scratch,
        partial: &mut [f64],
    ) {
        let Scratch {
            adjoint,
            seed,
            zeros,
            ..
        } = scratch;
        if let Some(network) = scalar(at) {
            let d = network.dimension();
            let slope = if seeds.slope.is_empty() {
                zeros.resize(seeds.value.len() * d, 0.0);
                zeros
            } else {
                seeds.slope
            };
            pass.linear
                .apply_transpose(network, &self.weights, seeds.value, slope, partial);
            return;
        }
        channels_first(at, seeds, seed);
        adjoint.accumulate(at.network, at.parameters, &pass.tape, seed, partial);
    }
}

impl Recording for CpuRecording {
    fn jets(&self, at: &At<'_>, channels: Channels, jets: &mut Jets) -> Result<()> {
        let shape = at.shape(channels);
        jets.resize(at.len(), shape);
        let mut weights = Weights::default();
        if scalar(at).is_some() {
            weights.set(at.network, at.parameters);
        }
        let tasks = jets.runs_mut(CHUNK, shape).enumerate();
        at.pool.try_for_each(tasks, |(chunk, jets)| {
            let here = at.part(chunk_of(at.len(), chunk));
            self.shelf
                .with(|scratch| scratch.pass.run(&here, &weights, channels, jets));
            Ok(())
        })
    }

    fn record(&mut self, at: &At<'_>, jets: &mut Jets) -> Result<()> {
        if scalar(at).is_some() {
            self.weights.set(at.network, at.parameters);
        }
        let units: usize = at.network.widths().iter().sum();
        let arrays = match scalar(at) {
            Some(_) => 8,
            None => 2 * at.network.dimension() + 7,
        };
        if at.len() * units * arrays * size_of::<f64>() > KEPT_BYTES {
            self.kept.clear();
            return self.jets(at, at.channels(), jets);
        }
        let shape = at.shape(at.channels());
        jets.resize(at.len(), shape);
        self.kept
            .resize_with(at.len().div_ceil(CHUNK), Mutex::default);
        let weights = &self.weights;
        let tasks = jets.runs_mut(CHUNK, shape).zip(&mut self.kept).enumerate();
        at.pool.try_for_each(tasks, |(chunk, (jets, pass))| {
            let here = at.part(chunk_of(at.len(), chunk));
            let pass = pass.get_mut().unwrap_or_else(PoisonError::into_inner);
            pass.run(&here, weights, at.channels(), jets);
            Ok(())
        })
    }

    fn pullback(&self, at: &At<'_>, seeds: &Jets, gradient: &mut [f64]) -> Result<()> {
        let shape = at.shape(seeds.channels());
        sum_by_chunks(at.pool, at.len(), gradient, |chunk, partial| {
            let nodes = chunk_of(at.len(), chunk);
            let seeds = seeds.part(nodes.clone(), shape);
            let here = at.part(nodes);
            self.shelf.with(|scratch| {
                self.with_pass(at, chunk, scratch, |pass, scratch| {
                    self.accumulate(&here, seeds, pass, scratch, partial);
                });
            });
        })
    }

    fn pushforward(
        &self,
        at: &At<'_>,
        direction: &[f64],
        channels: Channels,
        jets: &mut Jets,
    ) -> Result<()> {
        let mut change = Weights::default();
        let scalar = scalar(at);
        if scalar.is_some() {
            change.set(at.network, direction);
        }
        // Of a scalar the change of the gradient comes along with that of the value.
        let shape = at.shape(match scalar {
            Some(_) => channels.max(Channels::First),
            None => channels,
        });
        jets.resize(at.len(), shape);
        let tasks = jets.runs_mut(CHUNK, shape).enumerate();
        at.pool.try_for_each(tasks, |(chunk, jets)| {
            self.shelf.with(|scratch| {
                self.with_pass(at, chunk, scratch, |pass, scratch| match scalar {
                    Some(network) => {
                        let linear = &mut pass.linear;
                        linear.apply(network, &self.weights, &change, jets.value, jets.slope);
                    }
                    None => {
                        let (network, tape) = (at.network, &pass.tape);
                        let count = 1 + shape.slope() / shape.components;
                        let pushforward = &mut scratch.pushforward;
                        let changes =
                            pushforward.run(network, at.parameters, direction, tape, count);
                        nodes_first(changes, shape, jets);
                    }
                });
            });
            Ok(())
        })?;
        if channels == Channels::Value {
            jets.slope.clear();
        }
        Ok(())
    }

    fn rows(&self, at: &At<'_>, nodes: Range<usize>, of: Rows<'_>, out: &mut [f64], stride: usize) {
        let block = of.rows * of.shape.size();
        for first in nodes.clone().step_by(CHUNK) {
            let range = first..(first + CHUNK).min(nodes.end);
            let own = (range.start - nodes.start) * block..(range.end - nodes.start) * block;
            let of = Rows {
                coefficients: &of.coefficients[own],
                ..of
            };
            let out = &mut out[(first - nodes.start) * of.rows..];
            self.shelf.with(|scratch| {
                self.with_tape(at, first / CHUNK, scratch, |tape, scratch| {
                    match at.network.as_scalar() {
                        Some(network) => {
                            let jacobian = &mut scratch.jacobian;
                            jacobian.prepare(network, at.parameters, tape, of.first);
                            jacobian.combine(network, tape, of, out, stride);
                        }
                        None => {
                            let rows = &mut scratch.rows;
                            rows.combine(at.network, at.parameters, tape, of, out, stride);
                        }
                    }
                });
            });
        }
    }

    fn position_gradient(&self, at: &At<'_>, seed: &SeedsAt<'_>, out: &mut [f64]) -> Result<()> {
        let (network, d) = (at.network, at.network.dimension());
        let shape = at.shape(Channels::First);
        out.fill(0.0);
        let tasks = out.chunks_mut(CHUNK * d).enumerate();
        at.pool.try_for_each(tasks, |(chunk, out)| {
            self.shelf.with(|scratch| {
                self.with_tape(at, chunk, scratch, |tape, scratch| {
                    let nodes = chunk_of(at.len(), chunk);
                    let x = &at.x[nodes.start * d..nodes.end * d];
                    let Scratch {
                        adjoint,
                        seed: turned,
                        features,
                        seeds,
                        outputs,
                        ..
                    } = scratch;
                    outputs.resize(nodes.len(), shape);
                    tape.copy_to(&mut outputs.value, Some(&mut outputs.slope));
                    seeds.reset(nodes.len(), shape);
                    let all = outputs.part(0..nodes.len(), shape);
                    seed(nodes, all, seeds.as_mut(), out);
                    let all = seeds.part(0..seeds.value.len() / shape.components, shape);
                    channels_first(at, all, turned);
                    adjoint.features(network, at.parameters, tape, turned, features);
                    network.embedding().add_gradient(x, features, out);
                });
            });
            Ok(())
        })
    }

    fn product_work(&self, at: &At<'_>, channels: Channels) -> f64 {
        let parameters = at.network.parameters() as f64;
        if at.network.as_scalar().is_some() {
            // A product takes four products with each weight matrix and is no match for the speed
            // of a large one.
            let d = at.network.dimension() as f64;
            return 20.0 * at.len() as f64 * parameters * (1.0 + 0.1 * d);
        }
        // Three products with each weight matrix and channel, and small matrices are slow.
        let shape = at.shape(channels);
        let count = shape.size() as f64 / shape.components as f64;
        12.0 * at.len().next_multiple_of(CHUNK) as f64 * parameters * count
    }
}
