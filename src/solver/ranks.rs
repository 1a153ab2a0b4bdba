//! Solvers of several ranks that work on one problem, each on its own nodes.

use super::Solver;
use crate::communicator::{Communicator, Ranks};
use crate::error::{Error, Result};
use crate::flow::State;
use crate::initial::Initial;
use crate::options::Options;
use std::sync::Arc;

impl Solver {
    /// Splits the nodes among the ranks of a communicator, each with a solver of its own that was made with
    /// the same options and energies. Called before the initial condition and before
    /// [`set_nodes`](Self::set_nodes) and [`set_boundary`](Self::set_boundary).
    ///
    /// From then on these calls are collective: `set_nodes`, `set_boundary`, [`set_initial`](Self::set_initial),
    /// [`step`](Self::step), [`step_to`](Self::step_to), [`energies`](Self::energies) and writing snapshots, as
    /// this one is. All ranks make them in the same order, with the same arguments but for what is said to be
    /// each rank's own, and get the same status: what fails on one fails on all. All others are local.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) if it comes too late or is the second,
    /// [`Option`](crate::ErrorKind::Option) with the option `transport` = w2gn,
    /// [`Argument`](crate::ErrorKind::Argument) if the functions do not do what they should, and what they
    /// return.
    pub fn set_communicator(&mut self, communicator: Box<dyn Communicator>) -> Result<()> {
        let ranks = Ranks::new(communicator)?;
        ranks.call("set_communicator", || self.check_no_ranks())?;
        let pool = Arc::get_mut(&mut self.context.pool);
        let late = || Error::state("a communicator is set before the initial condition");
        pool.ok_or_else(late)?.set_ranks(ranks);
        self.flow.split(&self.context);
        Ok(())
    }

    fn check_no_ranks(&self) -> Result<()> {
        let late = |what: &str| {
            Error::state(format!(
                "the communicator comes after {what}; accepted is before, and once"
            ))
        };
        if self.state.is_some() {
            return Err(late("the initial condition"));
        }
        if !self.ranks().are_alone() {
            return Err(late("another one"));
        }
        self.flow.check_splits()
    }

    /// The ranks among which the nodes are split.
    #[must_use]
    pub fn ranks(&self) -> &Ranks {
        self.context.ranks()
    }

    /// A call that all ranks make: what fails on one, its arguments included, fails on all.
    ///
    /// # Errors
    /// The error of the lowest rank that has one.
    pub fn collectively<T>(
        &mut self,
        name: &'static str,
        body: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        if self.ranks().are_alone() {
            return body(self);
        }
        let pool = Arc::clone(&self.context.pool);
        pool.ranks().call(name, || body(self))
    }

    /// Refuses ranks that were set up for unlike problems.
    pub(super) fn check_same_problem(&self, initial: &Initial<'_>) -> Result<()> {
        self.check_same_options(self.options())?;
        let ranks = self.ranks();
        ranks.same_texts("the", &[("initial condition".to_owned(), kind(initial))])?;
        self.check_same_energies()
    }

    /// Refuses options that differ between ranks.
    pub(super) fn check_same_options(&self, options: &Options) -> Result<()> {
        // Threads do not change the answer.
        let options = options.iter().filter(|(name, _)| *name != "threads");
        let options = options.map(|(name, value)| (name.to_owned(), format!("{value:?}")));
        self.ranks()
            .same_texts("option", &options.collect::<Vec<_>>())
    }

    /// Refuses ranks that are to take unlike steps.
    pub(super) fn check_same_step(&self, state: &State) -> Result<()> {
        let ranks = self.ranks();
        ranks.same("tau", self.tau)?;
        if state.step == 0 {
            self.check_same_energies()?;
        }
        Ok(())
    }

    fn check_same_energies(&self) -> Result<()> {
        let numbered = self.energies.iter().enumerate();
        let texts = numbered.map(|(index, energy)| {
            let text = format!("{} {:?}", energy.name, energy.parameters);
            (index.to_string(), text)
        });
        let texts: Vec<_> = texts.collect();
        self.ranks().same_texts("energy", &texts)
    }
}

/// Names the kind of an initial condition.
fn kind(initial: &Initial<'_>) -> String {
    match initial {
        Initial::Named(name) => format!("the closed form {name}"),
        Initial::Function { has_gradient, .. } => match has_gradient {
            true => "a function with its gradient".to_owned(),
            false => "a function".to_owned(),
        },
        Initial::Values { grad, .. } => match grad {
            Some(_) => "values and gradients".to_owned(),
            None => "values".to_owned(),
        },
        Initial::Density(_) => "a density".to_owned(),
    }
}
