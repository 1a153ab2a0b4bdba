//! Kernels of networks whose output layer alone moves: what the layers before it make of a set of
//! points is computed once and kept.
//!
//! The outputs and their gradients are then products with one array, and all there is to do is to read
//! it once: [`general`] holds every channel, where asked second derivatives too, [`planes`] the values alone where
//! slopes follow from them, [`local`] the channels of units that are not 0 at a chunk. Of [`waves`] on a grid there is
//! no array.

mod array;
mod general;
mod local;
mod outputs;
mod planes;
mod waves;

use super::chunks::{chunk_of, sum_by_chunks};
use super::{ApplyAt, At, CHUNK, Fused, Kernels, Precision, Recording, Rows, SeedsAt, cpu::Cpu};
use crate::error::{Error, Result};
use crate::field::{Channels, Jets};
use array::{Features, Plan};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use waves::WavesAt;

/// Bytes of arrays that are kept for later steps, together.
const KEPT_BYTES: usize = 3 << 30;

/// The time of reading a number of the array, in operations of one large matrix product.
const READING: f64 = 25.0;

/// The backend: that of the processor, with arrays of past points.
#[derive(Debug, Default)]
pub struct Frozen {
    /// Whether arrays are of second derivatives too.
    hessian: bool,
    kept: Arc<Mutex<Vec<Arc<Features>>>>,
}

impl Frozen {
    /// The backend whose arrays are of all second derivatives too.
    pub fn with_hessian() -> Self {
        Self {
            hessian: true,
            ..Self::default()
        }
    }
}

impl Kernels for Frozen {
    fn evaluate(&self, at: &At<'_>, value: &mut [f64], mut slope: Option<&mut [f64]>) {
        let waves = WavesAt::new(at);
        let quick = waves.map(|it| {
            let outputs = &at.parameters[it.first..];
            it.combine(at, outputs, &mut *value, slope.as_deref_mut())
        });
        // What threads refuse is done by this one.
        if !matches!(quick, Some(Ok(()))) {
            Cpu.evaluate(at, value, slope);
        }
    }

    fn recording(&self) -> Box<dyn Recording> {
        Box::new(FrozenRecording {
            hessian: self.hessian,
            kept: Arc::clone(&self.kept),
            moving: Cpu.recording(),
            features: None,
            waves: None,
        })
    }

    fn fused(&self, precision: Precision) -> Box<dyn Fused> {
        Cpu.fused(precision)
    }
}

/// Passes over a set of points. Second-order channels, which depend on more than the points, and
/// arrays beyond [`KEPT_BYTES`] are left to the backend of the processor.
struct FrozenRecording {
    hessian: bool,
    kept: Arc<Mutex<Vec<Arc<Features>>>>,
    moving: Box<dyn Recording>,
    /// Those of the last record.
    features: Option<Arc<Features>>,
    /// The waves of the last record, at points on a grid.
    waves: Option<WavesAt>,
}

impl FrozenRecording {
    /// The array for these points; `None` where there is none to be.
    fn features(&self, at: &At<'_>) -> Result<Option<Arc<Features>>> {
        let plan = Plan::new(at, self.hessian);
        let Some(plan) = plan.filter(|it| it.size * size_of::<f64>() <= KEPT_BYTES) else {
            return Ok(None);
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept.iter().find(|it| it.of == plan.of) {
            return Ok(Some(Arc::clone(found)));
        }
        let more = plan.size * size_of::<f64>();
        while !kept.is_empty()
            && kept.iter().map(|it| it.bytes()).sum::<usize>() + more > KEPT_BYTES
        {
            kept.remove(0);
        }
        let made = Arc::new(plan.make(at)?);
        kept.push(Arc::clone(&made));
        Ok(Some(made))
    }

    /// The array of the last record.
    fn recorded(&self) -> Option<&Features> {
        self.features.as_deref()
    }
}

impl Recording for FrozenRecording {
    fn jets(&self, at: &At<'_>, channels: Channels, jets: &mut Jets) -> Result<()> {
        if channels <= Channels::First
            && let Some(it) = WavesAt::new(at)
        {
            return it.jets(at, &at.parameters[it.first..], channels, jets);
        }
        match self.features(at)? {
            Some(it) => it.combine(at, &at.parameters[it.first..], channels, jets),
            None if channels == Channels::Hessian => Err(too_many(at)),
            None => self.moving.jets(at, channels, jets),
        }
    }

    fn record(&mut self, at: &At<'_>, jets: &mut Jets) -> Result<()> {
        self.waves = WavesAt::new(at).filter(WavesAt::is_on_grid);
        if let Some(it) = &self.waves {
            return it.jets(at, &at.parameters[it.first..], Channels::First, jets);
        }
        self.features = self.features(at)?;
        match self.recorded() {
            Some(it) => it.combine(at, &at.parameters[it.first..], Channels::First, jets),
            None => self.moving.record(at, jets),
        }
    }

    fn record_hessian(&mut self, at: &At<'_>, jets: &mut Jets) -> Result<()> {
        self.waves = None;
        self.features = self.features(at)?;
        match self.recorded() {
            Some(it) => it.combine(at, &at.parameters[it.first..], Channels::Hessian, jets),
            None => Err(too_many(at)),
        }
    }

    fn pullback(&self, at: &At<'_>, seeds: &Jets, gradient: &mut [f64]) -> Result<()> {
        if let Some(it) = &self.waves {
            let (still, moved) = gradient.split_at_mut(it.first);
            still.fill(0.0);
            moved.copy_from_slice(&it.pullback(at, seeds)?);
            return Ok(());
        }
        let Some(it) = self.recorded() else {
            return self.moving.pullback(at, seeds, gradient);
        };
        let shape = at.shape(seeds.channels());
        let (still, moved) = gradient.split_at_mut(it.first);
        still.fill(0.0);
        sum_by_chunks(at.pool, at.len(), moved, |chunk, partial| {
            let part = seeds.part(chunk_of(at.len(), chunk), shape);
            outputs::add_products(&*it.array, at, chunk, part, partial);
        })
    }

    /// The layers before the output layer do not move.
    fn pushforward(
        &self,
        at: &At<'_>,
        direction: &[f64],
        channels: Channels,
        jets: &mut Jets,
    ) -> Result<()> {
        if let Some(it) = &self.waves {
            return it.jets(at, &direction[it.first..], channels, jets);
        }
        match self.recorded() {
            Some(it) => it.combine(at, &direction[it.first..], channels, jets),
            None => self.moving.pushforward(at, direction, channels, jets),
        }
    }

    /// In one pass over the array.
    fn product(
        &self,
        at: &At<'_>,
        direction: &[f64],
        channels: Channels,
        apply: &ApplyAt<'_>,
        out: &mut [f64],
    ) -> Result<()> {
        if self.waves.is_some() {
            let mut jets = Jets::default();
            self.pushforward(at, direction, channels, &mut jets)?;
            let runs = jets.runs_mut(CHUNK, at.shape(channels)).enumerate();
            at.pool.try_for_each(runs, |(chunk, mut jets)| {
                apply(chunk_of(at.len(), chunk), &mut jets);
                Ok(())
            })?;
            return self.pullback(at, &jets, out);
        }
        let Some(it) = self.recorded() else {
            return self.moving.product(at, direction, channels, apply, out);
        };
        let shape = at.shape(channels);
        let (still, moved) = out.split_at_mut(it.first);
        still.fill(0.0);
        let moving = &direction[it.first..];
        sum_by_chunks(at.pool, at.len(), moved, |chunk, partial| {
            let nodes = chunk_of(at.len(), chunk);
            let mut jets = Jets::default();
            jets.resize(nodes.len(), shape);
            it.combine_chunk(at, (chunk, moving), channels, &mut jets.as_mut());
            apply(nodes, &mut jets.as_mut());
            outputs::add_products(&*it.array, at, chunk, jets.as_ref(), partial);
        })
    }

    /// Rows of parameters that do not move are 0.
    fn rows(&self, at: &At<'_>, nodes: Range<usize>, of: Rows<'_>, out: &mut [f64], stride: usize) {
        if let Some(it) = &self.waves {
            let (still, out) = out.split_at_mut((it.first - of.first) * stride);
            still.fill(0.0);
            let block = of.rows * of.shape.size();
            for first in nodes.clone().step_by(CHUNK) {
                let before = first - nodes.start;
                let chunk = chunk_of(at.len(), first / CHUNK);
                let of = Rows {
                    coefficients: &of.coefficients[before * block..(before + chunk.len()) * block],
                    ..of
                };
                it.rows(&at.part(chunk), &of, &mut out[before * of.rows..], stride);
            }
            return;
        }
        let Some(it) = self.recorded() else {
            return self.moving.rows(at, nodes, of, out, stride);
        };
        let (still, out) = out.split_at_mut((it.first - of.first) * stride);
        still.fill(0.0);
        let block = of.rows * of.shape.size();
        for first in nodes.clone().step_by(CHUNK) {
            let chunk = first / CHUNK;
            let before = first - nodes.start;
            let n = chunk_of(at.len(), chunk).len();
            let of = Rows {
                coefficients: &of.coefficients[before * block..(before + n) * block],
                ..of
            };
            let out = &mut out[before * of.rows..];
            outputs::write_rows(&*it.array, at, chunk, &of, out, stride);
        }
    }

    /// Positions are no parameters: their derivatives are asked of maps alone, which are not frozen.
    fn position_gradient(&self, at: &At<'_>, seed: &SeedsAt<'_>, out: &mut [f64]) -> Result<()> {
        match self.recorded().is_some() || self.waves.is_some() {
            true => Err(Error::internal(
                "derivatives in positions are asked of random features",
            )),
            false => self.moving.position_gradient(at, seed, out),
        }
    }

    fn product_work(&self, at: &At<'_>, channels: Channels) -> f64 {
        if let Some(it) = &self.waves {
            return READING * it.work(at.len());
        }
        match self.recorded() {
            Some(it) => READING * it.array.len() as f64,
            None => self.moving.product_work(at, channels),
        }
    }
}

/// Second derivatives are those of what is kept.
fn too_many(at: &At<'_>) -> Error {
    Error::memory(format!(
        "the second derivatives of {} random features at {} nodes take more than the {} GiB that are kept: use fewer \
         of `hidden` or of `nodes`",
        at.network.widths().get(1).copied().unwrap_or(0),
        at.len(),
        KEPT_BYTES >> 30
    ))
}

#[cfg(test)]
mod tests;
