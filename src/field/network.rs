//! The shape of a neural network: a multilayer perceptron behind an input embedding.
//!
//! # Layout
//! The parameters are one array. Each layer, from the first hidden one to the output, contributes
//! its weights `W[out][in]`, row-major, and then its biases `b[out]`.

use super::{Activation, Embedding};
use crate::arguments::require_memory;
use crate::error::{Error, Result};
use rand::RngExt;
use std::ops::Deref;

/// The most parameters that are accepted; the partial gradients of so many take a gigabyte.
const MAX_PARAMETERS: usize = 10_000_000;
/// Numbers that a solver keeps for a parameter, about.
const OF_A_PARAMETER: f64 = 32.0;

/// The shape of a network: all but its parameters.
#[derive(Clone, Debug)]
pub struct Network {
    pub(super) embedding: Embedding,
    pub(super) activation: Activation,
    pub(super) dimension: usize,
    /// Widths from the features to the outputs.
    pub(super) widths: Vec<usize>,
    pub(super) layers: Vec<Layer>,
    /// From the features straight to the outputs, without biases; after the layers in the
    /// parameters.
    pub(super) skip: Option<Layer>,
}

/// A network of one output and no skip connection: what kernels for scalars accept.
#[derive(Clone, Copy, Debug)]
pub struct ScalarNetwork<'a>(&'a Network);

impl Deref for ScalarNetwork<'_> {
    type Target = Network;

    fn deref(&self) -> &Network {
        self.0
    }
}

/// The place of a layer's parameters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layer {
    pub inputs: usize,
    pub outputs: usize,
    /// Offset of W; b follows it.
    pub offset: usize,
}

impl Layer {
    /// Number of parameters without biases.
    pub const fn size(&self) -> usize {
        self.inputs * self.outputs
    }

    pub fn weights<'a, R>(&self, parameters: &'a [R]) -> &'a [R] {
        &parameters[self.offset..self.offset + self.inputs * self.outputs]
    }

    pub fn biases<'a, R>(&self, parameters: &'a [R]) -> &'a [R] {
        let start = self.offset + self.inputs * self.outputs;
        &parameters[start..start + self.outputs]
    }

    /// Mutable `(W, b)` of an array laid out like the parameters.
    pub fn split_mut<'a, R>(&self, array: &'a mut [R]) -> (&'a mut [R], &'a mut [R]) {
        let weights = self.inputs * self.outputs;
        array[self.offset..self.offset + weights + self.outputs].split_at_mut(weights)
    }
}

impl Network {
    /// Creates a network as [`new`](Self::new) does, of no more parameters than can be held.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if there are too many.
    pub fn try_new(
        embedding: Embedding,
        activation: Activation,
        dimension: usize,
        hidden: impl IntoIterator<Item = usize>,
    ) -> Result<Self> {
        Self::new(embedding, activation, dimension, hidden).within_limits()
    }

    /// The same if it has no more parameters than can be held.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if there are too many, [`Memory`](crate::ErrorKind::Memory) if what a step
    /// keeps of them is more than there is.
    pub fn within_limits(self) -> Result<Self> {
        match self.parameters() {
            parameters @ ..=MAX_PARAMETERS => {
                let all = OF_A_PARAMETER * parameters as f64;
                require_memory(all, &format!("{parameters} parameters of a network"))?;
                Ok(self)
            }
            parameters => Err(Error::option(format!(
                "option `hidden` makes a network of {parameters} parameters; accepted are up to \
                 {MAX_PARAMETERS}"
            ))),
        }
    }

    /// A network with these hidden widths and one output.
    #[must_use]
    pub fn new(
        embedding: Embedding,
        activation: Activation,
        dimension: usize,
        hidden: impl IntoIterator<Item = usize>,
    ) -> Self {
        let mut widths = vec![embedding.features()];
        widths.extend(hidden);
        widths.push(1);
        let mut offset = 0;
        let layers = widths
            .windows(2)
            .map(|pair| {
                let layer = Layer {
                    inputs: pair[0],
                    outputs: pair[1],
                    offset,
                };
                offset += (layer.inputs + 1) * layer.outputs;
                layer
            })
            .collect();
        Self {
            embedding,
            activation,
            dimension,
            widths,
            layers,
            skip: None,
        }
    }

    /// A network of a vector of d outputs, `b + A y + MLP(y)` with y the features: the output layer
    /// sees the features beside the last hidden ones. Without hidden layers it is affine, and A is
    /// that of the output layer.
    #[must_use]
    pub fn vector(
        embedding: Embedding,
        activation: Activation,
        dimension: usize,
        hidden: impl IntoIterator<Item = usize>,
    ) -> Self {
        let mut network =
            Self::new(embedding, activation, dimension, hidden).with_outputs(dimension);
        if network.layers.len() > 1 {
            network.skip = Some(Layer {
                inputs: network.embedding.features(),
                outputs: dimension,
                offset: network.parameters(),
            });
        }
        network
    }

    /// The same with so many outputs, which share the hidden layers.
    #[must_use]
    pub fn with_outputs(mut self, outputs: usize) -> Self {
        if let (Some(width), Some(output)) = (self.widths.last_mut(), self.layers.last_mut()) {
            *width = outputs;
            output.outputs = outputs;
        }
        if let (Some(skip), Some(output)) = (&mut self.skip, self.layers.last()) {
            skip.outputs = outputs;
            skip.offset = output.offset + (output.inputs + 1) * outputs;
        }
        self
    }

    /// The network as one of a scalar; `None` if it has several outputs or a skip connection.
    #[must_use]
    pub fn as_scalar(&self) -> Option<ScalarNetwork<'_>> {
        (self.outputs() == 1 && self.skip.is_none()).then_some(ScalarNetwork(self))
    }

    /// Whether the outputs see the features beside the last hidden layer.
    #[must_use]
    pub const fn has_skip(&self) -> bool {
        self.skip.is_some()
    }

    /// Weights, `[outputs][inputs]`, and biases of the first layer.
    #[must_use]
    pub fn first_layer<'a>(&self, parameters: &'a [f64]) -> (&'a [f64], &'a [f64]) {
        match self.layers.first() {
            Some(layer) => (layer.weights(parameters), layer.biases(parameters)),
            None => (&[], &[]),
        }
    }

    /// The embedding of x.
    #[must_use]
    pub const fn embedding(&self) -> &Embedding {
        &self.embedding
    }

    /// The activation of the hidden layers.
    #[must_use]
    pub const fn activation(&self) -> Activation {
        self.activation
    }

    /// Each array of the parameters, with a name and its shape, in their order; see
    /// [`crate::export`].
    #[must_use]
    pub fn arrays<'a>(&self, parameters: &'a [f64]) -> Vec<(String, Vec<usize>, &'a [f64])> {
        let mut all = Vec::new();
        for (k, layer) in self.layers.iter().enumerate() {
            let shape = vec![layer.outputs, layer.inputs];
            all.push((
                format!("layers.{k}.weight"),
                shape,
                layer.weights(parameters),
            ));
            let biases = layer.biases(parameters);
            all.push((format!("layers.{k}.bias"), vec![layer.outputs], biases));
        }
        if let Some(skip) = &self.skip {
            let shape = vec![skip.outputs, skip.inputs];
            all.push(("skip.weight".to_owned(), shape, skip.weights(parameters)));
        }
        all
    }

    /// The dimension of x.
    #[must_use]
    pub const fn dimension(&self) -> usize {
        self.dimension
    }

    /// Number of outputs: 1, that of the components of u, or d for a vector.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.widths.last().copied().unwrap_or(0)
    }

    /// Widths of all layers, from the embedding's features to the output.
    #[must_use]
    pub fn widths(&self) -> &[usize] {
        &self.widths
    }

    /// The number of parameters.
    #[must_use]
    pub fn parameters(&self) -> usize {
        let skip = self.skip.as_ref().map_or(0, Layer::size);
        self.layers
            .last()
            .map_or(0, |l| l.offset + (l.inputs + 1) * l.outputs + skip)
    }

    /// Where the parameters of the output layer begin, which are the last.
    #[must_use]
    pub fn outputs_start(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.offset)
    }

    /// Random parameters: weights uniform with the variance `1 / inputs` that keeps values and
    /// gradients at one scale through the layers (Glorot and Bengio 2010), biases uniform in
    /// [-1, 1] so that the units differ.
    pub fn initialize(&self, rng: &mut impl RngExt) -> Vec<f64> {
        let mut parameters = vec![0.0; self.parameters()];
        for layer in &self.layers {
            let bound = (3.0 / layer.inputs as f64).sqrt();
            let (weights, biases) = layer.split_mut(&mut parameters);
            weights.fill_with(|| bound * (2.0 * rng.random::<f64>() - 1.0));
            biases.fill_with(|| 2.0 * rng.random::<f64>() - 1.0);
        }
        if let Some(output) = self.layers.last() {
            output.split_mut(&mut parameters).1.fill(0.0);
        }
        parameters
    }

    /// Makes of a network with outputs N one with outputs `offset + size N`, where each has its own offset.
    pub fn rescale_outputs(&self, parameters: &mut [f64], offsets: &[f64], size: f64) {
        if let Some(output) = self.layers.last() {
            parameters[output.offset..]
                .iter_mut()
                .for_each(|p| *p *= size);
            let (_, biases) = output.split_mut(parameters);
            let pairs = biases.iter_mut().zip(offsets);
            pairs.for_each(|(b, offset)| *b += offset);
        }
    }

    /// Sets to zero what leads to the outputs, which so vanish everywhere.
    pub fn clear_outputs(&self, parameters: &mut [f64]) {
        if let Some(output) = self.layers.last() {
            parameters[output.offset..].fill(0.0);
        }
    }
}
