//! The forms in which a step can be posed.

use crate::words::words;

words! {
    /// The form of a step that is asked for.
    pub enum FormChoice {
        /// The form that suits the flow and its nodes.
        Auto = "auto",
        /// The objective itself is minimised.
        Weak = "weak",
        /// The square of its Euler-Lagrange residual is.
        Residual = "residual",
        /// The residual is made orthogonal to the tangents of the network.
        Galerkin = "galerkin",
    }
}

/// Ways to make a residual vanish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Its square in the dual of the metric is minimised: `tau/(2 S) int r^2 / m`, which bounds the
    /// distance to the exact minimiser of a convex energy.
    LeastSquares,
    /// It is made orthogonal to every `du/dp` (Galerkin): the gradient of the step's objective in
    /// strong form, with the weak form's Gauss-Newton matrix.
    Galerkin,
}
