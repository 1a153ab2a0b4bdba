//! The flow that suits an initial condition, where the choice of `transport` is the library's.

use super::collocation::{self, CollocationFlow};
use super::dual::{self, DualFlow};
use super::transport::{Terms, TransportFlow};
use super::{Context, Flow, FlowSpec, registry};
use crate::domain::Domain;
use crate::error::Result;
use crate::initial::Initial;

/// A flow that the library may choose.
struct Candidate {
    spec: &'static FlowSpec,
    suits: fn(&Context, &Domain, &Terms, &Initial<'_>) -> Result<bool>,
    /// The flow of these terms.
    of: fn(&Context, Domain, Terms) -> Result<Box<dyn Flow>>,
}

/// The flows that there are to choose from: the first that suits is taken.
static CANDIDATES: [Candidate; 3] = [
    Candidate {
        spec: &dual::SPEC,
        suits: dual::suits,
        of: |cx, domain, terms| Ok(Box::new(DualFlow::new(cx, domain, terms)?)),
    },
    Candidate {
        spec: &collocation::SPEC,
        suits: collocation::suits,
        of: |cx, domain, terms| Ok(Box::new(CollocationFlow::new(cx, domain, terms)?)),
    },
    Candidate {
        spec: &super::transport::SPEC,
        suits: |_, _, _, _| Ok(true),
        of: |cx, domain, terms| Ok(Box::new(TransportFlow::of(cx, domain, terms)?)),
    },
];

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
    let domain = flow.domain();
    for candidate in &CANDIDATES {
        if (candidate.suits)(cx, domain, terms, initial)? {
            if flow.spec().transport == candidate.spec.transport {
                return Ok(None);
            }
            return (candidate.of)(cx, domain.clone(), terms.clone()).map(Some);
        }
    }
    Ok(None)
}
