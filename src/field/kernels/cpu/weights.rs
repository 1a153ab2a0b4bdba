//! Parameters as the kernels want them: in their precision, and with every matrix transposed too.

use super::{Layer, Network, Real};

/// The parameters of one evaluation, or a direction in their space.
#[derive(Debug, Default)]
pub struct Weights<R> {
    /// Laid out like the parameters.
    array: Vec<R>,
    /// `W^T[in][out]` of each layer at the place of its W: a product with W^T that walks along the
    /// rows of W misses the cache.
    transposed: Vec<R>,
}

impl<R: Real> Weights<R> {
    /// Takes over `parameters`.
    pub fn set(&mut self, network: &Network, parameters: &[f64]) {
        self.array.clear();
        self.array.extend(parameters.iter().map(|p| R::of(*p)));
        self.transposed.resize(parameters.len(), R::ZERO);
        for layer in &network.layers {
            let (transposed, _) = layer.split_mut(&mut self.transposed);
            let rows = layer.weights(&self.array).chunks_exact(layer.inputs);
            for (column, row) in rows.enumerate() {
                let entries = transposed.iter_mut().skip(column).step_by(layer.outputs);
                for (t, w) in entries.zip(row) {
                    *t = *w;
                }
            }
        }
    }

    /// W of a layer, `[out][in]`.
    pub(super) fn matrix(&self, layer: &Layer) -> &[R] {
        layer.weights(&self.array)
    }

    /// W^T of a layer, `[in][out]`.
    pub(super) fn transposed(&self, layer: &Layer) -> &[R] {
        layer.weights(&self.transposed)
    }

    /// The biases of a layer, `[out]`.
    pub(super) fn biases(&self, layer: &Layer) -> &[R] {
        layer.biases(&self.array)
    }
}
