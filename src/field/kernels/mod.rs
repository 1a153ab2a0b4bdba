//! The seam to whatever evaluates networks: all that is hot lies behind [`Kernels`].
//!
//! A backend is one file (or folder) that implements the traits below, and a row in [`BACKENDS`].
//! The traits speak of the outputs N of a network and their jets; what an
//! [ansatz](super::ansatz) makes of them is none of their concern.

mod chunks;
pub mod cpu;
mod frozen;

use super::{Channels, JetShape, Jets, JetsMut, JetsRef, Network};
use crate::error::{Error, Result};
use crate::parallel::Pool;
use crate::words::words;
use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;

/// Nodes whose rows lie together, see [`Recording::rows`]; backends may pass as many at a time.
pub const CHUNK: usize = 64;

/// A row of [`BACKENDS`].
#[derive(Clone, Copy, Debug)]
pub struct Backend {
    /// The name.
    pub name: &'static str,
    /// Makes the kernels.
    pub create: fn() -> Arc<dyn Kernels>,
}

/// The backends; the first is the automatic choice.
pub const BACKENDS: [Backend; 1] = [Backend {
    name: "cpu",
    create: || Arc::new(cpu::Cpu),
}];

/// The kernels of the first backend.
#[must_use]
pub fn automatic() -> Arc<dyn Kernels> {
    let [first, ..] = BACKENDS;
    (first.create)()
}

/// The kernels of networks whose output layer alone moves.
#[must_use]
pub fn frozen() -> Arc<dyn Kernels> {
    Arc::new(frozen::Frozen::default())
}

/// The same that give all second derivatives too.
#[must_use]
pub fn frozen_with_hessian() -> Arc<dyn Kernels> {
    Arc::new(frozen::Frozen::with_hessian())
}

words! {
    /// The precision that a network is evaluated in; parameters, energies and sums are in `f64`.
    #[derive(Default)]
    pub enum Precision {
        /// `f64`.
        #[default]
        Double = "double",
        /// `f32`: half the time, and enough digits for a first-order method.
        Single = "single",
    }
}

/// A network with its parameters at points.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// The threads of the solver.
    pub pool: &'a Pool,
    /// The shape of the network.
    pub network: &'a Network,
    /// Its parameters.
    pub parameters: &'a [f64],
    /// The points, `[n][d]`.
    pub x: &'a [f64],
    /// The symmetric matrix A of the second-order channel at each point, `[n][d][d]`; empty without
    /// that channel.
    pub curvature: &'a [f64],
}

impl<'a> At<'a> {
    /// Number of points.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.x.len() / self.network.dimension()
    }

    /// Whether there are no points.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.x.is_empty()
    }

    /// The shape of jets with these channels.
    #[must_use]
    pub fn shape(&self, channels: Channels) -> JetShape {
        JetShape {
            dimension: self.network.dimension(),
            components: self.network.outputs(),
            channels,
        }
    }

    /// All channels that the points ask for.
    #[must_use]
    pub const fn channels(&self) -> Channels {
        if self.curvature.is_empty() {
            Channels::First
        } else {
            Channels::Curved
        }
    }

    /// Some of the points.
    #[must_use]
    pub fn part(&self, nodes: Range<usize>) -> At<'a> {
        let d = self.network.dimension();
        let matrices = nodes.start * d * d..nodes.end * d * d;
        At {
            x: &self.x[nodes.start * d..nodes.end * d],
            curvature: self.curvature.get(matrices).unwrap_or(&[]),
            ..*self
        }
    }
}

/// A backend.
pub trait Kernels: Debug + Send + Sync {
    /// Writes values (`[n][c]`) and, when wanted, derivatives (`[n][c][d]`) at many points, as
    /// fast as can be: last bits may depend on n.
    fn evaluate(&self, at: &At<'_>, value: &mut [f64], slope: Option<&mut [f64]>);

    /// Passes over one set of points, of which nothing is recorded yet.
    fn recording(&self) -> Box<dyn Recording>;

    /// Sums over points with their gradients, in this precision.
    fn fused(&self, precision: Precision) -> Box<dyn Fused>;
}

/// Passes over one set of points, whose buffers it keeps. The products take the points and
/// parameters of the last [`record`](Self::record).
pub trait Recording: Send + Sync {
    /// Writes jets of the outputs, with nothing kept for later.
    ///
    /// # Errors
    /// Failures of the backend, here and below.
    fn jets(&self, at: &At<'_>, channels: Channels, jets: &mut Jets) -> Result<()>;

    /// Writes jets of the outputs, with what the products below need kept.
    ///
    /// # Errors
    /// As for [`jets`](Self::jets).
    fn record(&mut self, at: &At<'_>, jets: &mut Jets) -> Result<()>;

    /// Writes jets of the outputs with all second derivatives, with what the products below need kept.
    ///
    /// # Errors
    /// As for [`jets`](Self::jets), and [`Internal`](crate::ErrorKind::Internal) of backends whose networks move as
    /// a whole.
    fn record_hessian(&mut self, _at: &At<'_>, _jets: &mut Jets) -> Result<()> {
        Err(Error::internal(
            "second derivatives are asked of a network that moves as a whole",
        ))
    }

    /// Overwrites `gradient` with `J^T s`, the derivative of `sum_q s_q . jet_q` in the parameters;
    /// seeds may leave the last channels out.
    ///
    /// # Errors
    /// As for [`jets`](Self::jets).
    fn pullback(&self, at: &At<'_>, seeds: &Jets, gradient: &mut [f64]) -> Result<()>;

    /// Writes `J v`, the derivative of the jets along a change v of the parameters; without
    /// second-order channel.
    ///
    /// # Errors
    /// As for [`jets`](Self::jets).
    fn pushforward(
        &self,
        at: &At<'_>,
        direction: &[f64],
        channels: Channels,
        jets: &mut Jets,
    ) -> Result<()>;

    /// Overwrites `out` with `J^T B J v`, where `apply` replaces jets j of a chunk of nodes by `B j`;
    /// without second-order channel. It need be no more exact than conjugate gradients ask for, with the
    /// same J on both sides.
    ///
    /// # Errors
    /// As for [`jets`](Self::jets).
    fn product(
        &self,
        at: &At<'_>,
        direction: &[f64],
        channels: Channels,
        apply: &ApplyAt<'_>,
        out: &mut [f64],
    ) -> Result<()> {
        let mut jets = Jets::default();
        self.pushforward(at, direction, channels, &mut jets)?;
        let runs = jets.runs_mut(CHUNK, at.shape(channels)).enumerate();
        at.pool.try_for_each(runs, |(chunk, mut jets)| {
            apply(chunks::chunk_of(at.len(), chunk), &mut jets);
            Ok(())
        })?;
        self.pullback(at, &jets, out)
    }

    /// Writes rows `L_q^T J_q` of a range of nodes that begins with a chunk of [`CHUNK`],
    /// `[parameters from the first][stride]`: node q of a chunk of n has its row r in the chunk's column
    /// `r n + q`.
    fn rows(&self, at: &At<'_>, nodes: Range<usize>, of: Rows<'_>, out: &mut [f64], stride: usize);

    /// Overwrites `out` with the derivative of `s . jet` in the position of each point, `[n][d]`;
    /// without second-order channel.
    ///
    /// # Errors
    /// As for [`jets`](Self::jets).
    fn position_gradient(&self, at: &At<'_>, seed: &SeedsAt<'_>, out: &mut [f64]) -> Result<()>;

    /// Floating-point work of a pushforward and a pullback, in products of one large matrix.
    fn product_work(&self, at: &At<'_>, channels: Channels) -> f64;
}

/// Coefficients of rows at nodes.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Rows of a node.
    pub rows: usize,
    /// The first parameter whose derivatives are wanted, with all after it: the first of a layer.
    pub first: usize,
    /// The jet that a row has coefficients of.
    pub shape: JetShape,
    /// `[n][rows][size]`.
    pub coefficients: &'a [f64],
}

/// Replaces the jets of a range of nodes, which is a chunk.
pub type ApplyAt<'a> = dyn Fn(Range<usize>, &mut JetsMut<'_>) + Sync + 'a;

/// Writes seeds for a range of points from the jets of the outputs there, and the part of the
/// derivative in the positions that does not come through the network, `[n][d]`.
pub type SeedsAt<'a> = dyn Fn(Range<usize>, JetsRef<'_>, JetsMut<'_>, &mut [f64]) + Sync + 'a;

/// Value and gradient of a sum over points in one pass, with its buffers.
pub trait Fused: Send + Sync {
    /// Overwrites `gradient`; returns the two sums.
    ///
    /// # Errors
    /// Errors of the sum.
    fn gradient(
        &mut self,
        at: &At<'_>,
        sum: &dyn NodeSum,
        gradient: &mut [f64],
    ) -> Result<[f64; 2]>;
}

/// A function of the jets that is summed over nodes.
pub trait NodeSum: Sync {
    /// Adds up two sums over some nodes, with the jets there, and overwrites `seeds` with the
    /// derivatives of the first sum in the jets. `scratch` is a buffer.
    ///
    /// # Errors
    /// Errors of the energies in it.
    fn add(
        &self,
        nodes: Range<usize>,
        jets: &mut Jets,
        seeds: &mut Jets,
        scratch: &mut Vec<f64>,
        sums: &mut [f64; 2],
    ) -> Result<()>;

    /// Whether only the thread that called the solver may evaluate it.
    fn caller_thread_only(&self) -> bool;
}
