//! Flows: what moves, and how far it is between two states.

mod fit;
mod l2;

pub use fit::{Fit, Target};
pub use l2::{Centre, L2, Observed};
