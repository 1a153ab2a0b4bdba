//! The flow that suits an initial condition, where the choice of `transport` is the library's.

use super::collocation::{self, CollocationFlow};
use super::dual::{self, DualFlow};
use super::transport::TransportFlow;
use super::{Context, Flow, registry};
use crate::error::Result;
use crate::initial::Initial;

/// The flow to go on with from an initial condition; `None` if it is this one. A flow of the same terms,
/// without initial condition.
///
/// # Errors
/// Errors of the initial condition and of the energies.
pub fn suited(
    cx: &Context,
    flow: &dyn Flow,
    initial: &Initial<'_>,
) -> Result<Option<Box<dyn Flow>>> {
    let (registry::AUTO, Some(terms)) = (cx.settings.problem.transport, flow.terms()) else {
        return Ok(None);
    };
    let (domain, terms) = (flow.domain(), terms.clone());
    let chosen = if dual::suits(cx, domain, &terms, initial)? {
        &dual::SPEC
    } else if collocation::suits(cx, domain, &terms, initial)? {
        &collocation::SPEC
    } else {
        &super::transport::SPEC
    };
    if flow.spec().transport == chosen.transport {
        return Ok(None);
    }
    let domain = domain.clone();
    Ok(Some(if std::ptr::eq(chosen, &dual::SPEC) {
        Box::new(DualFlow::new(cx, domain, terms)?)
    } else if std::ptr::eq(chosen, &collocation::SPEC) {
        Box::new(CollocationFlow::new(cx, domain, terms)?)
    } else {
        Box::new(TransportFlow::of(cx, domain, terms)?)
    }))
}
