//! States in memory: a window of time that is taken again, and solvers that go on from one state apart.

use super::{Solver, effort};
use crate::energy::Identity;
use crate::error::{Error, Result};
use crate::flow::{Context, Flow, State};
use crate::parallel::Pool;
use std::sync::Arc;

/// The state of a solver between two steps, all that steps depend on: a step from it leads to the same
/// bits each time.
pub struct SavedState {
    flow: Box<dyn Flow>,
    energies: Vec<Identity>,
    state: State,
    tau: f64,
    context: Context,
    /// The solver that it is of, and its copies.
    origin: Arc<()>,
}

impl SavedState {
    /// The time of the state.
    #[must_use]
    pub const fn time(&self) -> f64 {
        self.state.time
    }
}

impl Solver {
    /// Saves the state in memory.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition.
    pub fn save_state(&self) -> Result<SavedState> {
        Ok(SavedState {
            flow: self.flow.boxed_clone(),
            energies: self.energies.clone(),
            state: self.state()?.clone(),
            tau: self.tau,
            context: self.context.clone(),
            origin: Arc::clone(&self.origin),
        })
    }

    /// Goes back, or on, to a state that was saved of this solver or of a [copy](Self::try_clone): the
    /// field, the time and all that was learnt, the options and tau as they were then. With a communicator
    /// each rank restores its own part.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if it is of another solver.
    pub fn restore_state(&mut self, saved: &SavedState) -> Result<()> {
        self.collectively("restore_state", |solver| {
            if !Arc::ptr_eq(&solver.origin, &saved.origin) {
                return Err(Error::argument(
                    "argument `state` was saved of another solver; accepted are states of this one and of \
                     its copies",
                ));
            }
            solver.flow = saved.flow.boxed_clone();
            solver.energies.clone_from(&saved.energies);
            solver.state = Some(saved.state.clone());
            solver.tau = saved.tau;
            let pool = Arc::clone(&solver.context.pool);
            solver.context = Context {
                pool,
                ..saved.context.clone()
            };
            Ok(())
        })
    }

    /// A solver of its own that goes on from the same state; functions of the host are shared, threads are
    /// not.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) with a communicator of several ranks, and
    /// [`Memory`](crate::ErrorKind::Memory) if the threads cannot be started.
    pub fn try_clone(&self) -> Result<Self> {
        if !self.ranks().are_alone() {
            return Err(Error::state(
                "a solver with a communicator is not cloned; accepted is to save its state and restore it",
            ));
        }
        Ok(Self {
            flow: self.flow.boxed_clone(),
            energies: self.energies.clone(),
            tau: self.tau,
            context: Context {
                pool: Arc::new(Pool::new(self.context.pool.threads())?),
                ..self.context.clone()
            },
            state: self.state.clone(),
            observer: None,
            effort: effort::Effort::default(),
            origin: Arc::clone(&self.origin),
            uses_time: self.uses_time,
        })
    }
}
