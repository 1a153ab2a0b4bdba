//! What the layers before the output layer make of a set of points, as an array that is kept.

use super::general::General;
use super::local::Local;
use super::outputs;
use super::planes::Planes;
use crate::error::{Error, Result};
use crate::field::kernels::chunks::chunk_of;
use crate::field::kernels::{At, CHUNK, Rows};
use crate::field::{Channels, Jets, JetsMut, Network};
use crate::fingerprint::{Fingerprint, Numbers};
use std::fmt::Debug;

/// The derivatives of values and slopes in the parameters of the output layer of a scalar, at a set of points,
/// in chunks of [`CHUNK`]. Channels, `[1 + d][n]`, are the values and the slopes along each axis, and where there are
/// second derivatives the `d (d + 1) / 2` of pairs of axes, `[i][j]` with `j <= i`.
pub(super) trait Array: Debug + Send + Sync {
    /// How many numbers are read in a pass over it.
    fn len(&self) -> usize;

    /// Adds the channels of a combination of the parameters' to `sums`, which may leave the last out.
    fn add_combination(&self, chunk: usize, c: &[f64], sums: &mut [f64]);

    /// Adds to `out`, one for each parameter, its channels times those of `seed`, which may leave the last
    /// out.
    fn add_products(&self, chunk: usize, seed: &[f64], out: &mut [f64]);

    /// Writes combinations of channels, with coefficients `[n][rows][size]`, of which there may be
    /// fewer than channels: row r of point q of parameter p goes to `out[p stride + r n + q]`.
    fn write_rows(&self, chunk: usize, of: &Rows<'_>, out: &mut [f64], stride: usize);
}

/// An array, and what it is of.
#[derive(Debug)]
pub(super) struct Features {
    /// Fingerprint of the points and of the layers before.
    pub of: Fingerprint,
    /// The first parameter of the output layer.
    pub first: usize,
    /// The array.
    pub array: Box<dyn Array>,
}

/// What an array would be, before it is made.
pub(super) struct Plan {
    pub of: Fingerprint,
    first: usize,
    /// Parameters of one output.
    count: usize,
    kind: Kind,
    hessian: bool,
    /// Numbers that it holds, at most.
    pub size: usize,
}

/// The kinds of arrays.
#[derive(Clone, Copy)]
enum Kind {
    General,
    Planes,
    Local,
}

impl Plan {
    /// `None` for networks and points that no array is made of.
    pub fn new(at: &At<'_>, hessian: bool) -> Option<Self> {
        if at.network.has_skip() || !at.curvature.is_empty() {
            return None;
        }
        let first = at.network.outputs_start();
        let count = at.parameters.len().checked_sub(first)? / at.network.outputs().max(1);
        let scalar = at.network.clone().with_outputs(1);
        let at = &one_output(at, &scalar, first + count);
        let mut numbers = Numbers::default();
        numbers.add(at.x);
        numbers.add(&at.parameters[..first]);
        let kind = match hessian {
            false if Planes::suit(at.network) => Kind::Planes,
            false if Local::suits(at.network) => Kind::Local,
            _ => Kind::General,
        };
        let size = match kind {
            Kind::Planes => Planes::size(at, count),
            Kind::Local | Kind::General => General::size(at, count, hessian),
        };
        Some(Self {
            of: numbers.finish(),
            first,
            count,
            kind,
            hessian,
            size,
        })
    }

    /// Makes it.
    ///
    /// # Errors
    /// [`Memory`](crate::ErrorKind::Memory), and failures of the kernels.
    pub fn make(self, at: &At<'_>) -> Result<Features> {
        let room = || -> Result<Vec<f64>> {
            let mut data = Vec::new();
            let refused = |e| {
                Error::memory(format!(
                    "{} values of random features: {e}; take fewer `nodes` or a smaller `hidden`",
                    self.size
                ))
            };
            data.try_reserve_exact(self.size).map_err(refused)?;
            data.resize(self.size, 0.0);
            Ok(data)
        };
        let scalar = at.network.clone().with_outputs(1);
        let at = &one_output(at, &scalar, self.first + self.count);
        let array: Box<dyn Array> = match self.kind {
            Kind::Planes => Box::new(Planes::new(at, room()?)?),
            Kind::Local => Box::new(Local::new(at, (self.first, self.count))?),
            Kind::General => {
                let of = (self.first, self.count, self.hessian);
                Box::new(General::new(at, of, room()?)?)
            }
        };
        Ok(Features {
            of: self.of,
            first: self.first,
            array,
        })
    }
}

impl Features {
    /// Bytes of the array.
    pub fn bytes(&self) -> usize {
        self.array.len() * size_of::<f64>()
    }

    /// Writes the jets of a linear combination.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn combine(
        &self,
        at: &At<'_>,
        outputs: &[f64],
        channels: Channels,
        jets: &mut Jets,
    ) -> Result<()> {
        let shape = at.shape(channels);
        jets.resize(at.len(), shape);
        let tasks = jets.runs_mut(CHUNK, shape).enumerate();
        at.pool.try_for_each(tasks, |(chunk, mut jets)| {
            self.combine_chunk(at, (chunk, outputs), channels, &mut jets);
            Ok(())
        })
    }

    /// Writes the jets of a linear combination at a chunk.
    pub fn combine_chunk(
        &self,
        at: &At<'_>,
        (chunk, outputs): (usize, &[f64]),
        channels: Channels,
        jets: &mut JetsMut<'_>,
    ) {
        let shape = at.shape(channels);
        let n = chunk_of(at.len(), chunk).len();
        outputs::combine(&*self.array, chunk, (outputs, n), shape, jets);
    }
}

/// The network with one of its outputs alone at the same points: layers before it are the same.
fn one_output<'a>(at: &At<'a>, scalar: &'a Network, parameters: usize) -> At<'a> {
    At {
        network: scalar,
        parameters: &at.parameters[..parameters],
        ..*at
    }
}
