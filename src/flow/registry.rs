//! The flows that the options choose among: a row each.

use super::{Context, Flow};
use crate::domain::Domain;
use crate::error::{Error, Result};
use crate::options::ProblemSettings;

/// A row of the registry.
pub struct FlowSpec {
    /// The word of the option `flow`.
    pub name: &'static str,
    /// The word of the option `transport`.
    pub transport: &'static str,
    /// Initial conditions that it takes, for messages.
    pub initial: &'static str,
    /// Makes the flow of the options, without energies and initial condition.
    pub create: fn(&Context, Domain) -> Result<Box<dyn Flow>>,
}

/// Every flow.
pub static FLOWS: &[&FlowSpec] = &[
    &super::l2::SPEC,
    &super::h_minus_one::SPEC,
    &super::transport::SPEC,
    &super::dual::SPEC,
    &super::collocation::SPEC,
    &super::wfr::SPEC,
    #[cfg(feature = "w2gn")]
    &super::w2gn::SPEC,
];

/// The word of the option `transport` that leaves it to the library: a flow begins as the first of its
/// name, and may turn out to be [another](super::suited).
pub const AUTO: &str = "auto";

/// The flow that is chosen.
///
/// # Errors
/// [`Option`](crate::ErrorKind::Option) if the library was built without it.
pub fn chosen(problem: &ProblemSettings) -> Result<&'static FlowSpec> {
    let (name, transport) = (problem.flow, problem.transport);
    let found = FLOWS
        .iter()
        .find(|spec| spec.name == name && (transport == AUTO || spec.transport == transport));
    found.copied().ok_or_else(|| {
        let other = FLOWS.iter().find(|spec| spec.name == name);
        let accepted = other.map_or("another flow", |spec| spec.transport);
        Error::option(format!(
            "option `transport` is {transport}, which this build of the library does not have with \
             `flow` = {name} (w2gn is a feature of the build); accepted is {accepted}, the default"
        ))
    })
}
