//! What energies that depend on second derivatives of u go together with.
//!
//! They take random features, whose second derivatives a step is linear in as it is in their values, and steps in
//! weak form: of the strong one fourth derivatives would be needed.

use super::L2Flow;
use crate::energy::Term;
use crate::error::{Error, Result};

/// What the messages call these energies.
const WHAT: &str = "energies that depend on second derivatives of u";

impl L2Flow {
    /// Refuses a term that depends on second derivatives where the flow does not take it.
    pub(super) fn check_hessian(&self, term: &Term) -> Result<()> {
        if !term.uses_hessian() {
            return Ok(());
        }
        self.check_local(&format!("the energy `{}`, one of {WHAT}", term.name))?;
        let refused = |given: &str, accepted: &str| {
            Err(Error::state(format!(
                "the energy `{}` depends on second derivatives of u, but {given}; accepted is {accepted}",
                term.name
            )))
        };
        let functional = &self.functional;
        if functional.components() > 1 {
            let given = format!("option `components` is {}", functional.components());
            return refused(&given, "1");
        }
        if !functional.outputs_only() {
            return refused(
                "option `training` is all, or came to be so by others",
                "`training` = outputs",
            );
        }
        if self.form.is_some() {
            return refused("the steps are in strong form", "`form` = weak");
        }
        if functional.held().is_some() || functional.bounds.is_some() {
            return refused(
                "u is held at nodes, by bounds or by values on the boundary of a domain of your own",
                "a field that is free or has values on sides of a box or on the sphere of a ball",
            );
        }
        Ok(())
    }

    /// Refuses what does not go together with terms that depend on second derivatives.
    pub(super) fn check_without_hessian(&self, what: &str) -> Result<()> {
        match self.functional.uses_hessian() {
            false => Ok(()),
            true => Err(Error::state(format!(
                "{what} are asked for, but there are {WHAT}; accepted is without such energies"
            ))),
        }
    }
}
