//! Transport maps: fields with a [`Displacement`] for an ansatz, `X_i(x) = x_i + s_i(x_i) N_i(x)`.

use crate::domain::Domain;
use crate::field::{Activation, Displacement, Embedding, Field, Network};
use rand::RngExt;
use std::sync::Arc;

/// The shape of a map: all but its parameters.
#[derive(Clone, Debug)]
pub struct Map {
    field: Field,
    displacement: Arc<Displacement>,
}

impl Map {
    fn new(network: Network, displacement: Displacement) -> Self {
        let displacement = Arc::new(displacement);
        Self {
            field: Field::new(network, displacement.clone()),
            displacement,
        }
    }

    /// A map of R^d whose labels have this mean and scale along each axis.
    #[must_use]
    pub fn of_space(
        mean: &[f64],
        scale: Vec<f64>,
        activation: Activation,
        hidden: impl IntoIterator<Item = usize>,
    ) -> Self {
        let rate = scale.iter().map(|s| 1.0 / s).collect();
        let embedding = Embedding::affine(mean.to_vec(), rate);
        Self::new(
            Network::vector(embedding, activation, mean.len(), hidden),
            Displacement::Space { scale },
        )
    }

    /// A map of a box onto itself, face onto face.
    #[must_use]
    pub fn of_box(
        domain: &Domain,
        embedding: Embedding,
        activation: Activation,
        hidden: impl IntoIterator<Item = usize>,
    ) -> Self {
        Self::new(
            Network::vector(embedding, activation, domain.dimension(), hidden),
            Displacement::Box {
                lower: domain.lower().to_vec(),
                upper: domain.upper().to_vec(),
            },
        )
    }

    /// The dimension.
    #[must_use]
    pub const fn dimension(&self) -> usize {
        self.field.dimension()
    }

    /// The field X.
    #[must_use]
    pub const fn field(&self) -> &Field {
        &self.field
    }

    /// The network N.
    #[must_use]
    pub const fn network(&self) -> &Network {
        self.field.network()
    }

    /// The factors `s_i`.
    #[must_use]
    pub fn displacement(&self) -> &Displacement {
        &self.displacement
    }

    /// The square of how far labels lie apart.
    #[must_use]
    pub fn extent(&self) -> f64 {
        self.displacement.extent()
    }

    /// Parameters of the identity whose hidden layers are to stay as they are: random features where there is one.
    pub fn features(&self, rng: &mut impl RngExt) -> Vec<f64> {
        match self.network().widths() {
            [_, _, _] => self.network().random_features(rng),
            _ => self.identity(rng),
        }
    }

    /// Parameters of the identity: hidden layers at random, and nothing of them in the outputs.
    pub fn identity(&self, rng: &mut impl RngExt) -> Vec<f64> {
        let mut parameters = self.network().initialize(rng);
        self.network().clear_outputs(&mut parameters);
        parameters
    }
}
