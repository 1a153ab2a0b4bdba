//! Kernels for processors: matrix products over chunks of nodes that stay in cache.
//!
//! # Channels
//! Forward passes ([`Tape`]) carry, for each of n nodes, 1 + d vectors through the layers: channel
//! 0 is the value, channel 1 + i its derivative in `x_i` (forward-mode differentiation). Arrays are
//! `[1 + d][n][width]`, so a layer is one matrix product over all channels and nodes. Of a scalar,
//! [`Linearization`] has value and gradient from a forward and a reverse pass, whatever d is.

mod activation;
mod cut;
mod elementary;
mod evaluate;
mod features;
mod fused;
mod linearization;
mod passes;
mod product;
mod pushforward;
mod real;
mod recording;
mod reverse;
mod rows;
mod shelf;
mod tape;
mod vector_rows;
mod weights;

pub use evaluate::jacobian_product;
pub use linearization::Linearization;
pub use pushforward::Pushforward;
pub use real::Real;
pub use reverse::Adjoint;
pub use rows::Jacobian;
pub use tape::Tape;
pub use vector_rows::VectorRows;
pub use weights::Weights;

use super::{At, CHUNK, Fused, Kernels, NodeSum, Precision, Recording, Rows, SeedsAt};
use crate::field::network::Layer;
use crate::field::{Channels, JetShape, Jets, JetsMut, JetsRef, Network, ScalarNetwork};
use cut::Cut;
use shelf::Shelf;

/// The backend.
#[derive(Clone, Copy, Debug)]
pub struct Cpu;

impl Kernels for Cpu {
    fn evaluate(&self, at: &At<'_>, value: &mut [f64], slope: Option<&mut [f64]>) {
        match at.network.as_scalar() {
            Some(network) => evaluate::scalar(network, at, value, slope),
            None => evaluate::vector(at, value, slope),
        }
    }

    fn recording(&self) -> Box<dyn Recording> {
        Box::<recording::CpuRecording>::default()
    }

    fn fused(&self, precision: Precision) -> Box<dyn Fused> {
        match precision {
            Precision::Double => Box::<fused::FusedPass<f64>>::default(),
            Precision::Single => Box::<fused::FusedPass<f32>>::default(),
        }
    }
}

#[cfg(test)]
mod linearization_tests;
#[cfg(test)]
pub(super) mod tests;
