//! The derivative of the outputs and of their derivatives in x along a change of the parameters.
//!
//! For a layer `h = s(z)`, `z = W x + b`: `dz = dW x + W dx + db` and `dh = s' dz`; for the
//! derivative `h_i = s' z_i` in `x_i`, `dz_i = dW x_i + W dx_i` and `dh_i = s' dz_i + s'' z_i dz`.

use super::tape::product;
use super::{Network, Tape};
use faer::Accum;

/// Buffers of the pass.
#[derive(Debug, Default)]
pub struct Pushforward {
    /// Changes of the channels of the layer at hand and of the one below.
    channels: Vec<f64>,
    below: Vec<f64>,
}

impl Pushforward {
    /// The derivatives along `change` at the nodes of the tape, whose pass had no second-order
    /// channel, of its first `channels`: `[channels][n][outputs]`.
    pub fn run(
        &mut self,
        network: &Network,
        parameters: &[f64],
        change: &[f64],
        tape: &Tape,
        channels: usize,
    ) -> &[f64] {
        let columns = channels * tape.n;
        for (index, layer) in network.layers.iter().enumerate() {
            std::mem::swap(&mut self.channels, &mut self.below);
            self.channels.resize(columns * layer.outputs, 0.0);
            let input = tape.input(index);
            product(layer, change, input, &mut self.channels, Accum::Replace);
            if index > 0 {
                let below = &self.below;
                product(layer, parameters, below, &mut self.channels, Accum::Add);
            }
            let biases = layer.biases(change);
            for node in self.channels.chunks_exact_mut(layer.outputs).take(tape.n) {
                node.iter_mut().zip(biases).for_each(|(z, b)| *z += b);
            }
            let Some(store) = tape.hidden.get(index) else {
                continue;
            };
            let size = store.first.len().max(1);
            let (value, tangents) = self.channels.split_at_mut(size);
            for (change, z) in tangents
                .chunks_exact_mut(size)
                .zip(store.tangent.chunks_exact(size))
            {
                let slopes = store.first.iter().zip(&store.second);
                for (((c, z), (first, second)), dz) in
                    change.iter_mut().zip(z).zip(slopes).zip(value.iter())
                {
                    *c = first * *c + second * z * dz;
                }
            }
            for (v, first) in value.iter_mut().zip(&store.first) {
                *v *= first;
            }
        }
        if let Some(skip) = &network.skip {
            let features = tape.input(0);
            product(skip, change, features, &mut self.channels, Accum::Add);
        }
        &self.channels
    }
}
