//! Kernels of networks whose output layer alone moves: what the layers before it make of a set of
//! points is computed once and kept.
//!
//! The outputs and their gradients are then products with one array, `Phi` of
//! `[chunks][parameters][channels][n]`: for each chunk of n points and each parameter of the output
//! layer the derivative of every channel in it. All there is to do is to read that array once: 8
//! bytes for 2 operations.

use super::chunks::{channels_first, chunk_of, nodes_first, sum_by_chunks};
use super::{At, CHUNK, Fused, Kernels, Precision, Recording, Rows, SeedsAt, cpu::Cpu};
use crate::error::{Error, Result};
use crate::field::{Channels, Jets};
use crate::fingerprint::{Fingerprint, Numbers};
use crate::vector_units::vectorized;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of arrays that are kept for later steps, together.
const KEPT_BYTES: usize = 3 << 30;

/// The time of reading a number of the array, in operations of one large matrix product.
const READING: f64 = 25.0;

/// The backend: that of the processor, with arrays of past points.
#[derive(Debug, Default)]
pub struct Frozen {
    kept: Arc<Mutex<Vec<Arc<Features>>>>,
}

/// The derivatives of the channels in the parameters of the output layer, at a set of points.
#[derive(Debug)]
struct Features {
    /// Fingerprint of the points and of the layers before.
    of: Fingerprint,
    /// The first parameter of the output layer, and how many it has.
    first: usize,
    count: usize,
    /// 1 + d.
    channels: usize,
    data: Vec<f64>,
}

impl Kernels for Frozen {
    fn evaluate(&self, at: &At<'_>, value: &mut [f64], slope: Option<&mut [f64]>) {
        Cpu.evaluate(at, value, slope);
    }

    fn recording(&self) -> Box<dyn Recording> {
        Box::new(FrozenRecording {
            kept: Arc::clone(&self.kept),
            moving: Cpu.recording(),
            features: None,
        })
    }

    fn fused(&self, precision: Precision) -> Box<dyn Fused> {
        Cpu.fused(precision)
    }
}

/// Passes over a set of points. Second-order channels, which depend on more than the points, and
/// arrays beyond [`KEPT_BYTES`] are left to the backend of the processor.
struct FrozenRecording {
    kept: Arc<Mutex<Vec<Arc<Features>>>>,
    moving: Box<dyn Recording>,
    /// Those of the last record.
    features: Option<Arc<Features>>,
}

impl FrozenRecording {
    /// The array for these points; `None` where there is none to be.
    fn features(&self, at: &At<'_>) -> Result<Option<Arc<Features>>> {
        let scalar = at.network.as_scalar().is_some();
        let shape = at.shape(Channels::First);
        let first = at.network.outputs_start();
        let count = at.parameters.len().saturating_sub(first);
        let size = at.len() * shape.size() * count;
        if !scalar || !at.curvature.is_empty() || size > KEPT_BYTES / size_of::<f64>() {
            return Ok(None);
        }
        let mut numbers = Numbers::default();
        numbers.add(at.x);
        numbers.add(&at.parameters[..first]);
        let of = numbers.finish();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept.iter().find(|it| it.of == of) {
            return Ok(Some(Arc::clone(found)));
        }
        let bytes = |it: &Arc<Features>| it.data.len() * size_of::<f64>();
        while !kept.is_empty() && kept.iter().map(bytes).sum::<usize>() + 8 * size > KEPT_BYTES {
            kept.remove(0);
        }
        let made = Arc::new(Features::new(at, of, (first, count))?);
        kept.push(Arc::clone(&made));
        Ok(Some(made))
    }

    /// The array of the last record.
    fn recorded(&self) -> Option<&Features> {
        self.features.as_deref()
    }
}

impl Features {
    fn new(at: &At<'_>, of: Fingerprint, (first, count): (usize, usize)) -> Result<Self> {
        let shape = at.shape(Channels::First);
        let channels = shape.size();
        let size = at.len() * channels * count;
        let mut data = Vec::new();
        let refused = |e| Error::memory(format!("{size} values of random features: {e}"));
        data.try_reserve_exact(size).map_err(refused)?;
        data.resize(size, 0.0);
        // The rows of a unit matrix at each point are the channels.
        let mut recording = Cpu.recording();
        recording.record(at, &mut Jets::default())?;
        let mut unit = vec![0.0; CHUNK * channels * channels];
        for point in unit.chunks_exact_mut(channels * channels) {
            point
                .iter_mut()
                .step_by(channels + 1)
                .for_each(|v| *v = 1.0);
        }
        let chunks = data.chunks_mut(CHUNK * channels * count).enumerate();
        at.pool.try_for_each(chunks, |(chunk, out)| {
            let nodes = chunk_of(at.len(), chunk);
            let of = Rows {
                rows: channels,
                first,
                shape,
                coefficients: &unit[..nodes.len() * channels * channels],
            };
            let stride = nodes.len() * channels;
            recording.rows(at, nodes, of, out, stride);
            Ok(())
        })?;
        Ok(Self {
            of,
            first,
            count,
            channels,
            data,
        })
    }

    /// The part of a chunk, and of how many points.
    fn chunk(&self, chunk: usize) -> (&[f64], usize) {
        let whole = CHUNK * self.channels * self.count;
        let end = self.data.len().min((chunk + 1) * whole);
        let part = &self.data[chunk * whole..end];
        (part, part.len() / (self.channels * self.count).max(1))
    }

    /// Writes the jets of a linear combination.
    fn combine(
        &self,
        at: &At<'_>,
        outputs: &[f64],
        channels: Channels,
        jets: &mut Jets,
    ) -> Result<()> {
        let shape = at.shape(channels);
        jets.resize(at.len(), shape);
        let tasks = jets.runs_mut(CHUNK, shape).enumerate();
        at.pool.try_for_each(tasks, |(chunk, jets)| {
            let (phi, n) = self.chunk(chunk);
            let mut sums = vec![0.0; self.channels * n];
            add_combination(phi, outputs, &mut sums);
            nodes_first(&sums, shape, jets);
            Ok(())
        })
    }
}

impl Recording for FrozenRecording {
    fn jets(&self, at: &At<'_>, channels: Channels, jets: &mut Jets) -> Result<()> {
        match self.features(at)? {
            Some(it) => it.combine(at, &at.parameters[it.first..], channels, jets),
            None => self.moving.jets(at, channels, jets),
        }
    }

    fn record(&mut self, at: &At<'_>, jets: &mut Jets) -> Result<()> {
        self.features = self.features(at)?;
        match self.recorded() {
            Some(it) => it.combine(at, &at.parameters[it.first..], Channels::First, jets),
            None => self.moving.record(at, jets),
        }
    }

    fn pullback(&self, at: &At<'_>, seeds: &Jets, gradient: &mut [f64]) -> Result<()> {
        let Some(it) = self.recorded() else {
            return self.moving.pullback(at, seeds, gradient);
        };
        let shape = at.shape(seeds.channels());
        let (still, moved) = gradient.split_at_mut(it.first);
        still.fill(0.0);
        sum_by_chunks(at.pool, at.len(), moved, |chunk, partial| {
            let (phi, n) = it.chunk(chunk);
            let part = seeds.part(chunk_of(at.len(), chunk), shape);
            let mut seed = Vec::with_capacity(it.channels * n);
            channels_first(at, part, &mut seed);
            seed.resize(it.channels * n, 0.0);
            add_products(phi, &seed, partial);
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
        match self.recorded() {
            Some(it) => it.combine(at, &direction[it.first..], channels, jets),
            None => self.moving.pushforward(at, direction, channels, jets),
        }
    }

    /// Rows of parameters that do not move are 0.
    fn rows(&self, at: &At<'_>, nodes: Range<usize>, of: Rows<'_>, out: &mut [f64], stride: usize) {
        let Some(it) = self.recorded() else {
            return self.moving.rows(at, nodes, of, out, stride);
        };
        let (still, out) = out.split_at_mut((it.first - of.first) * stride);
        still.fill(0.0);
        let size = of.shape.size();
        let block = of.rows * size;
        for first in nodes.clone().step_by(CHUNK) {
            let (phi, n) = it.chunk(first / CHUNK);
            let before = first - nodes.start;
            let coefficients = &of.coefficients[before * block..(before + n) * block];
            let out = &mut out[before * of.rows..];
            write_rows(
                phi,
                (n, it.channels),
                (of.rows, size),
                coefficients,
                out,
                stride,
            );
        }
    }

    /// Positions are no parameters: their derivatives are asked of maps alone, which are not frozen.
    fn position_gradient(&self, at: &At<'_>, seed: &SeedsAt<'_>, out: &mut [f64]) -> Result<()> {
        match self.recorded() {
            Some(_) => Err(Error::internal(
                "derivatives in positions are asked of random features",
            )),
            None => self.moving.position_gradient(at, seed, out),
        }
    }

    fn product_work(&self, at: &At<'_>, channels: Channels) -> f64 {
        match self.recorded() {
            Some(it) => 2.0 * READING * it.data.len() as f64,
            None => self.moving.product_work(at, channels),
        }
    }
}

vectorized! {
    /// `sums += sum_p c_p phi_p`.
    fn add_combination(phi: &[f64], c: &[f64], sums: &mut [f64]) {
        let size = sums.len().max(1);
        let mut quads = phi.chunks_exact(4 * size);
        let mut factors = c.chunks_exact(4);
        for (phi, c) in (&mut quads).zip(&mut factors) {
            let (p, rest) = phi.split_at(size);
            let (q, rest) = rest.split_at(size);
            let (r, s) = rest.split_at(size);
            for ((((sum, p), q), r), s) in sums.iter_mut().zip(p).zip(q).zip(r).zip(s) {
                let low = c[0].mul_add(*p, c[1] * q);
                let high = c[2].mul_add(*r, c[3] * s);
                *sum += low + high;
            }
        }
        let rest = quads.remainder().chunks_exact(size).zip(factors.remainder());
        for (phi, c) in rest {
            sums.iter_mut().zip(phi).for_each(|(sum, phi)| *sum = c.mul_add(*phi, *sum));
        }
    }
}

vectorized! {
    /// `out_p += phi_p . seed`.
    fn add_products(phi: &[f64], seed: &[f64], out: &mut [f64]) {
        for (out, phi) in out.iter_mut().zip(phi.chunks_exact(seed.len().max(1))) {
            let mut sums = [[0.0_f64; 8]; 4];
            let (mut a, mut b) = (phi.chunks_exact(32), seed.chunks_exact(32));
            for (a, b) in (&mut a).zip(&mut b) {
                let parts = a.chunks_exact(8).zip(b.chunks_exact(8));
                for (sums, (a, b)) in sums.iter_mut().zip(parts) {
                    for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                        *sum = a.mul_add(*b, *sum);
                    }
                }
            }
            let rest = a.remainder().iter().zip(b.remainder());
            let mut total = rest.fold(0.0, |sum, (a, b)| a.mul_add(*b, sum));
            let [p, q, r, s] = sums;
            for (((p, q), r), s) in p.iter().zip(q).zip(r).zip(s) {
                total += (p + q) + (r + s);
            }
            *out += total;
        }
    }
}

vectorized! {
    /// Writes combinations of channels, with coefficients `[n][rows][size]`, of which there may be
    /// fewer than channels: row r of point q of parameter p goes to `out[p stride + r n + q]`.
    fn write_rows(
        phi: &[f64],
        points: (usize, usize),
        block: (usize, usize),
        coefficients: &[f64],
        out: &mut [f64],
        stride: usize,
    ) {
        let (n, channels) = points;
        let (rows, size) = block;
        let mut column = [0.0; CHUNK];
        for row in 0..rows {
            let mut begun = false;
            for channel in 0..size.min(channels) {
                let own = coefficients.iter().skip(row * size + channel).step_by(rows * size);
                column.iter_mut().zip(own).for_each(|(c, a)| *c = *a);
                let column = &column[..n];
                let is_last = channel + 1 == size.min(channels);
                if column.iter().all(|a| *a == 0.0) && (begun || !is_last) {
                    continue;
                }
                let each = phi.chunks_exact(channels * n).zip(out.chunks_mut(stride));
                for (phi, out) in each {
                    let phi = &phi[channel * n..(channel + 1) * n];
                    let out = &mut out[row * n..(row + 1) * n];
                    if begun {
                        for ((out, phi), a) in out.iter_mut().zip(phi).zip(column) {
                            *out = a.mul_add(*phi, *out);
                        }
                    } else {
                        for ((out, phi), a) in out.iter_mut().zip(phi).zip(column) {
                            *out = a * phi;
                        }
                    }
                }
                begun = true;
            }
        }
    }
}

#[cfg(test)]
mod tests;
