//! Features that are local, such as Gaussians on a lattice: of those that are 0 at all points of a chunk nothing is
//! held or read.

use super::array::Array;
use super::general::{add_combination, add_products, each_chunk, write_rows};
use crate::error::{Error, Result};
use crate::field::kernels::{At, CHUNK, Rows};
use crate::field::{Activation, Channels, Network};
use std::ops::Range;

/// A feature whose values at a chunk are all below this is 0 there: it is of size 1 where it is largest.
const NOTHING: f64 = 1e-17;

/// The channels of the features that there are at each chunk.
#[derive(Debug)]
pub(super) struct Local {
    /// Parameters, of which the last is the constant.
    count: usize,
    channels: usize,
    chunks: Vec<Chunk>,
}

/// Those of a chunk of n points.
#[derive(Debug, Default)]
struct Chunk {
    n: usize,
    /// Runs of features, each behind the other in `data`.
    runs: Vec<Range<usize>>,
    /// `[features of all runs][channels][n]`.
    data: Vec<f64>,
}

impl Local {
    /// Whether the features of a network are of this kind.
    pub fn suits(network: &Network) -> bool {
        let is_of_lattice = network.embedding().is_of_lattice();
        network.widths().len() == 3 && network.activation() == Activation::Exp && is_of_lattice
    }

    /// The array for `count` parameters of the output layer from the `first`.
    pub fn new(at: &At<'_>, (first, count): (usize, usize)) -> Result<Self> {
        let mut chunks: Vec<Chunk> = Vec::new();
        chunks.resize_with(at.len().div_ceil(CHUNK), Chunk::default);
        each_chunk(
            at,
            (first, count),
            chunks.iter_mut(),
            |sizes, rows, chunk| {
                let (_, stride) = sizes;
                *chunk = Chunk::of(&rows[..(count - 1) * stride], sizes)?;
                Ok(())
            },
        )?;
        Ok(Self {
            count,
            channels: at.shape(Channels::First).size(),
            chunks,
        })
    }
}

impl Chunk {
    /// What is not 0 of features, `[features][channels][n]`.
    fn of(features: &[f64], (n, stride): (usize, usize)) -> Result<Self> {
        let is_there = |feature: &[f64]| feature[..n].iter().any(|v| v.abs() > NOTHING);
        let mut runs: Vec<Range<usize>> = Vec::new();
        for (at, _) in (features.chunks_exact(stride).enumerate()).filter(|(_, f)| is_there(f)) {
            match runs.last_mut() {
                Some(last) if last.end == at => last.end = at + 1,
                _ => runs.push(at..at + 1),
            }
        }
        let size = stride * runs.iter().map(Range::len).sum::<usize>();
        let mut data = Vec::new();
        data.try_reserve_exact(size)
            .map_err(|e| Error::memory(format!("{size} values of local features: {e}")))?;
        for run in &runs {
            data.extend_from_slice(&features[run.start * stride..run.end * stride]);
        }
        Ok(Self { n, runs, data })
    }

    /// The runs of features, each with its part of the data.
    fn parts(&self, channels: usize) -> impl Iterator<Item = (Range<usize>, &[f64])> {
        let mut rest = self.data.as_slice();
        self.runs.iter().map(move |run| {
            let (own, after) = rest.split_at(run.len() * channels * self.n);
            rest = after;
            (run.clone(), own)
        })
    }
}

impl Array for Local {
    fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.data.len()).sum()
    }

    fn add_combination(&self, chunk: usize, c: &[f64], sums: &mut [f64]) {
        let chunk = &self.chunks[chunk];
        for (run, phi) in chunk.parts(self.channels) {
            add_combination(phi, (&c[run], self.channels * chunk.n), sums);
        }
        if let Some(constant) = c.get(self.count - 1) {
            sums[..chunk.n].iter_mut().for_each(|sum| *sum += constant);
        }
    }

    fn add_products(&self, chunk: usize, seed: &[f64], out: &mut [f64]) {
        let chunk = &self.chunks[chunk];
        for (run, phi) in chunk.parts(self.channels) {
            add_products(phi, (seed, self.channels * chunk.n), &mut out[run]);
        }
        if let Some(constant) = out.get_mut(self.count - 1) {
            *constant += seed[..chunk.n].iter().sum::<f64>();
        }
    }

    fn write_rows(&self, chunk: usize, of: &Rows<'_>, out: &mut [f64], stride: usize) {
        let chunk = &self.chunks[chunk];
        let (n, size) = (chunk.n, of.shape.size());
        let mut written = 0;
        for (run, phi) in chunk.parts(self.channels) {
            clear(
                &mut out[written * stride..run.start * stride],
                n * of.rows,
                stride,
            );
            written = run.end;
            write_rows(
                phi,
                (n, self.channels),
                (of.rows, size),
                of.coefficients,
                &mut out[run.start * stride..],
                stride,
            );
        }
        let (before, constant) = out.split_at_mut((self.count - 1) * stride);
        clear(&mut before[written * stride..], n * of.rows, stride);
        for row in 0..of.rows {
            let own = of
                .coefficients
                .iter()
                .skip(row * size)
                .step_by(of.rows * size);
            let places = constant[row * n..(row + 1) * n].iter_mut();
            places.zip(own).for_each(|(place, a)| *place = *a);
        }
    }
}

/// Writes 0 to the rows of a chunk, so many numbers of each parameter.
fn clear(out: &mut [f64], numbers: usize, stride: usize) {
    for rows in out.chunks_mut(stride) {
        rows[..numbers].fill(0.0);
    }
}
