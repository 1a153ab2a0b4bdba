//! The minimisers and linear solvers that can be asked for.

use crate::words::words;

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
