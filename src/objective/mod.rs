//! Objectives of stages and fits at nodes, built from a field, a metric and a functional.
//!
//! [`Pointwise`] is the weak form, a sum over nodes of a function of u and grad u; [`Residual`] the
//! strong form; [`over_lanes`] makes of either the sum over the nodes of all ranks. Their
//! Gauss-Newton models are [`NodalModel`]s.

mod curvature;
mod densities;
mod form;
mod integrand;
mod metric;
mod model;
mod movement_term;
mod of_integrals;
mod outputs;
mod pointwise;
mod primal_dual;
mod residual;
mod shared;

pub(crate) use densities::{Densities, Order};
pub use form::{Form, FormChoice};
pub use integrand::Integrand;
pub use metric::{Euclidean, LocalWeights, Metric, Weighted};
pub use model::NodalModel;
pub use movement_term::MovementTerm;
pub use of_integrals::{OfIntegral, Outer, WithIntegrals};
pub use outputs::OfOutputs;
pub use pointwise::Pointwise;
pub use residual::{Equation, Residual, residual_at, squared_residual};
pub use shared::{Shared, over_lanes};
