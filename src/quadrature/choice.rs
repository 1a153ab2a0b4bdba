//! The rules that can be asked for.

use crate::words::words;

words! {
    /// The quadrature rule that is asked for.
    pub enum QuadratureChoice {
        /// Gauss nodes in few dimensions, Sobol nodes in more.
        Auto = "auto",
        /// Gauss-Legendre nodes.
        Gauss = "gauss",
        /// Scrambled Sobol nodes.
        Sobol = "sobol",
        /// One node in each cell of a grid, or a Latin hypercube.
        Stratified = "stratified",
        /// Independent uniform nodes.
        MonteCarlo = "monte-carlo",
    }
}
