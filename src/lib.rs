//! Gradient flows `du/dt = -grad F(u)` by the deep minimizing movement scheme
//! (Park, Kim, Son, Hwang): each step solves `argmin F(u) + d(u, u_k)^2 / (2 tau)` over a neural
//! network.

pub mod domain;
pub mod energy;
mod error;
pub mod initial;
pub mod options;
pub mod progress;
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
