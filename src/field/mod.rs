//! Parametrised fields u(x; p): a neural network behind an input embedding, and an
//! [ansatz](Ansatz) between its outputs and u. Components from 1 up.
//!
//! | Module | |
//! |---|---|
//! | [`network`], `embedding`, `activation` | the shape of a network |
//! | [`ansatz`] | lift and factor: `u = g + l N` |
//! | [`jets`](Jets) | u, grad u, `A : Hess u` or Hess u at nodes |
//! | [`AtNodes`] | a field at nodes: jets, and products with their derivatives in the parameters |
//! | [`Blocks`] | square roots of small matrices at nodes, in the jets there |
//! | [`kernels`] | the seam to what evaluates networks: all that is hot |

mod activation;
pub mod ansatz;
mod at_nodes;
mod blocks;
mod embedding;
mod jets;
pub mod kernels;
mod lattice;
pub mod network;
mod random_features;
mod waves;

pub use activation::Activation;
pub use ansatz::{Ansatz, Bubble, Displacement, Identity, Normalized, Walled};
pub use at_nodes::AtNodes;
pub use blocks::Blocks;
pub use embedding::{Embedding, EmbeddingChoice};
pub use jets::{Channels, JetShape, Jets, JetsMut, JetsRef};
pub use kernels::{CHUNK, Kernels, Precision};
pub use lattice::Lattice;
pub use network::{Network, ScalarNetwork};
pub use random_features::TrainingChoice;
pub use waves::{Basis, OnGrid, Waves};

use crate::parallel::Pool;
use ansatz::Points;
use kernels::At;
use std::borrow::Cow;
use std::sync::Arc;

/// A field: all but its parameters.
#[derive(Clone, Debug)]
pub struct Field {
    network: Network,
    ansatz: Arc<dyn Ansatz>,
    kernels: Arc<dyn Kernels>,
}

impl Field {
    /// The field that an ansatz makes of a network.
    #[must_use]
    pub fn new(network: Network, ansatz: Arc<dyn Ansatz>) -> Self {
        Self {
            network,
            ansatz,
            kernels: kernels::automatic(),
        }
    }

    /// Replaces the ansatz.
    #[must_use]
    pub fn with_ansatz(mut self, ansatz: Arc<dyn Ansatz>) -> Self {
        self.ansatz = ansatz;
        self
    }

    /// Replaces the kernels.
    #[must_use]
    pub fn with_kernels(mut self, kernels: Arc<dyn Kernels>) -> Self {
        self.kernels = kernels;
        self
    }

    /// The network.
    #[must_use]
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// The ansatz.
    #[must_use]
    pub fn ansatz(&self) -> &dyn Ansatz {
        &*self.ansatz
    }

    /// The kernels.
    #[must_use]
    pub fn kernels(&self) -> &dyn Kernels {
        &*self.kernels
    }

    /// The dimension of x.
    #[must_use]
    pub const fn dimension(&self) -> usize {
        self.network.dimension()
    }

    /// Number of components.
    #[must_use]
    pub fn components(&self) -> usize {
        self.network.outputs()
    }

    /// Number of parameters.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.network.parameters()
    }

    /// The shape of jets with these channels.
    #[must_use]
    pub fn shape(&self, channels: Channels) -> JetShape {
        JetShape {
            dimension: self.dimension(),
            components: self.components(),
            channels,
        }
    }

    /// Writes u (`[n][c]`) and, when wanted, its derivatives (`[n][c][d]`) at positions x
    /// (`[n][d]`), as fast as can be: last bits may depend on n.
    pub fn evaluate(
        &self,
        pool: &Pool,
        parameters: &[f64],
        x: &[f64],
        value: &mut [f64],
        mut slope: Option<&mut [f64]>,
    ) {
        let at = At {
            pool,
            network: &self.network,
            parameters,
            x,
            curvature: &[],
        };
        self.kernels.evaluate(&at, value, slope.as_deref_mut());
        if self.ansatz.is_identity() {
            return;
        }
        let shape = self.shape(match slope {
            Some(_) => Channels::First,
            None => Channels::Value,
        });
        let jets = JetsMut {
            value,
            slope: slope.unwrap_or_default(),
            curved: &mut [],
            hessian: &mut [],
        };
        let runs = x.chunks(CHUNK * shape.dimension);
        let done = pool.try_for_each(runs.zip(jets.into_runs(CHUNK, shape)), |(x, mut jets)| {
            let points = Points { x, curvature: &[] };
            ansatz::compose(&*self.ansatz, points, shape, true, &mut jets);
            Ok(())
        });
        debug_assert!(done.is_ok(), "the tasks return no errors");
    }
}

impl<'a> From<&'a Field> for Cow<'a, Field> {
    fn from(field: &'a Field) -> Self {
        Self::Borrowed(field)
    }
}

/// The field that is its network.
impl From<Network> for Field {
    fn from(network: Network) -> Self {
        Self::new(network, Arc::new(Identity))
    }
}
