//! Gradient flows `du/dt = -grad F(u)` by the deep minimizing movement scheme
//! (Park, Kim, Son, Hwang): each step solves `argmin F(u) + d(u, u_k)^2 / (2 tau)` over a neural
//! network.

#![warn(missing_docs)]

pub mod capi;
pub mod domain;
pub mod energy;
mod error;
pub mod flow;
pub mod initial;
pub mod minimize;
pub mod movement;
pub mod network;
pub mod options;
pub mod parallel;
pub mod progress;
pub mod quadrature;
pub mod report;
pub mod snapshot;
mod solver;

pub use domain::Domain;
pub use energy::Energy;
pub use error::{Error, ErrorKind, Result};
pub use initial::Initial;
pub use options::Options;
pub use report::{FitReport, StepReport};
pub use solver::Solver;
