//! Activation functions of the hidden layers.

use crate::words::words;

words! {
    /// An activation function of the hidden layers.
    pub enum Activation {
        /// Hyperbolic tangent.
        Tanh = "tanh",
        /// Sine.
        Sin = "sin",
        /// Cosine.
        Cos = "cos",
        /// `ln(1 + e^z)`.
        Softplus = "softplus",
        /// `z` above 0, `e^z - 1` below: its second derivative jumps at 0.
        Elu = "elu",
        /// `e^z`: of quadratic functions of the position, Gaussians on a lattice.
        Exp = "exp",
    }
}
