//! Gradient flows: what moves, how far it is between two states, and how a step is posed.
//!
//! A flow is a folder here that implements [`Flow`] and [`Queries`], and a row in the registry
//! [`FLOWS`](registry::FLOWS). The solver steps whatever implements the trait; outside of this
//! folder no code knows a flow by name.
//!
//! | folder | metric space | what moves |
//! |---|---|---|
//! | [`l2`] | L2(Omega) | a field u |
//! | [`h_minus_one`] | H^-1(Omega) | a field u, whose mean stays |
//! | [`transport`] | Wasserstein space | the transport map of labels of the initial density |
//! | [`dual`] | Wasserstein space | a density, by the potential that drives it |
//! | [`collocation`] | Wasserstein space | a density, by the potential at labels that go with the mass |
//! | [`wfr`] | that of Wasserstein, Fisher and Rao, or of Hellinger | a density, whose mass is born and dies |
//! | `w2gn` | Wasserstein space | a density, as in the paper |

mod capabilities;
mod choice;
pub mod collocation;
mod context;
mod course;
mod differenced;
mod divergence;
pub mod dual;
pub(crate) mod export;
mod factor;
mod fields;
mod gradient_flow;
pub mod h_minus_one;
mod hand_over;
mod holding;
pub mod l2;
mod least_squares;
mod observed;
mod orthonormal;
mod posed;
mod queries;
pub mod registry;
pub mod rules;
mod saved;
mod state;
pub mod transport;
#[cfg(feature = "w2gn")]
pub mod w2gn;
pub mod wfr;

pub use capabilities::{Eulerian, HostDomain, Lagrangian, Masses};
pub use choice::suited;
pub use context::Context;
pub use course::{Course, Knot};
pub use fields::{FieldSpec, PointValues, Quantity};
pub use gradient_flow::Flow;
pub use hand_over::{HandOver, NewField, OfPresent};
use holding::minimize_holding;
use observed::distance_at;
pub use observed::{Centre, Frozen, Observed};
pub use posed::{Minimized, Moment, Posed};
pub use queries::Queries;
pub use registry::FlowSpec;
pub(crate) use saved::{fingerprint, problem};
pub use state::{Beginning, Linearized, Past, State, Turn};

/// Square root of the part of |u|^2, or of the squared distance of labels, below which a motion is
/// rest: a tolerance relative to a shorter motion is that of one of this size, as near a steady
/// state there is nothing left that it could be relative to.
pub(crate) const REST: f64 = 1e-5;
