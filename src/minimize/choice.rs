//! The forms, minimisers and linear solvers that can be asked for.

use crate::words::words;

words! {
    /// How a step is to be posed.
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

words! {
    /// The minimiser that is asked for.
    pub enum MinimizerChoice {
        /// Damped Gauss-Newton.
        GaussNewton = "gauss-newton",
        /// Adam.
        Adam = "adam",
    }
}

words! {
    /// How Gauss-Newton is to solve its linear systems.
    pub enum LinearSolverChoice {
        /// By the method that suits the sizes.
        Auto = "auto",
        /// With the matrix of the size of the parameters.
        Dense = "dense",
        /// With the matrix of the size of the rows.
        Sample = "sample",
        /// By conjugate gradients, without a matrix.
        Krylov = "krylov",
    }
}
