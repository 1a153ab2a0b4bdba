//! Flows of densities whose mass is moved, born and dies: the gradient flow of F in the distance of Hellinger and
//! Kantorovich, or of Wasserstein, Fisher and Rao,
//!
//! `rho_t = alpha div(rho grad (dF/drho)) - beta rho (dF/drho - lambda)`
//!
//! with the weights alpha, option `transport_weight`, and beta, option `birth_death_weight`; lambda is 0, or with
//! `total_mass` = held the mean of `dF/drho`, by which the mass stays.
//!
//! With both weights a step is Strang's splitting: half a step of birth and death, which is followed exactly
//! ([`Reaction`]), a step of the [flow of potentials](super::dual), and the other half. Without
//! transport `ln rho` relaxes where it is, which [`HellingerFlow`] follows in any dimension.

mod flow;
mod hellinger;
mod reaction;
mod relaxed;

pub use flow::WfrFlow;
pub use hellinger::HellingerFlow;
pub use reaction::Reaction;

use super::{Context, Flow, FlowSpec};
use crate::domain::Domain;
use crate::error::Result;
use crate::options::TotalMass;

/// The row of the registry.
pub static SPEC: FlowSpec = FlowSpec {
    name: "wfr",
    transport: "auto",
    initial: "a density of mass 1",
    create,
};

fn create(cx: &Context, domain: Domain) -> Result<Box<dyn Flow>> {
    let settings = &cx.settings.reaction;
    let reaction = Reaction {
        transport: settings.transport_weight,
        rate: settings.birth_death_weight,
        held: settings.total_mass == TotalMass::Held,
    };
    if reaction.transport == 0.0 {
        return Ok(Box::new(HellingerFlow::new(cx, domain, reaction)?));
    }
    Ok(Box::new(WfrFlow::new(cx, domain, reaction)?))
}
