//! Whether a flow of the library's choice is followed by potentials at labels.

use super::MOST;
use super::labelled::functional;
use crate::domain::{Domain, Shape};
use crate::error::Result;
use crate::flow::Context;
use crate::flow::transport::Terms;
use crate::initial::Initial;

/// Whether a flow of these terms from this density is followed by potentials at labels where that is the
/// library's choice: in space, where maps of the initial labels are not all but affine.
///
/// # Errors
/// Errors of the density and of the energies.
pub(in crate::flow) fn suits(
    cx: &Context,
    domain: &Domain,
    terms: &Terms,
    initial: &Initial<'_>,
) -> Result<bool> {
    let Initial::Density(profile) = initial else {
        return Ok(false);
    };
    let d = domain.dimension();
    if !matches!(domain.shape(), Shape::Space)
        || !(3..=MOST).contains(&d)
        || profile.dimension() != d
        || profile.is_fixed()
        || !cx.ranks().are_alone()
        || terms.names().next().is_none()
    {
        return Ok(false);
    }
    let found = functional(cx, terms, &**profile)?;
    Ok(found.is_some_and(|(_, bends)| bends || !profile.is_elementary()))
}
