//! A gradient flow that is being solved: its state, and the calls that change it.
//!
//! The solver knows no flow by name: what moves and how a step is posed is behind
//! [`Flow`](crate::flow::Flow). Here is what all flows have in common: the [step](step), its
//! acceptance, time steps that adapt, ranks, checkpoints.

mod acceptance;
mod adaptive;
mod between;
mod checkpoint;
mod compatibility;
mod effort;
mod everything;
mod guesses;
mod hand_over;
mod host;
mod initial_checkpoint;
mod live;
mod memory;
mod metric;
mod mismatches;
mod queries;
mod ranks;
mod restore;
mod run;
mod step;
mod stepping;

pub use checkpoint::Checkpoint;
pub use everything::Wanted;
pub use memory::SavedState;
pub use queries::{Measured, Moments};
pub use run::{Ended, Event, EventFunction, Until};

use crate::arguments::{check_length, check_points};
use crate::domain::Domain;
use crate::energy::{Energy, Identity, Source};
use crate::error::{Error, ErrorKind, Result};
use crate::field::Network;
use crate::flow::{self, Context, Flow, FlowSpec, State, registry};
use crate::initial::Initial;
use crate::options::Options;
use crate::progress::{Observer, Progress};
use crate::report::{FitReport, StepReport};
use crate::vector_units;
use std::sync::Arc;

/// A gradient flow that is being solved.
///
/// The order of calls: [`new`](Self::new), [`add_energy`](Self::add_energy) once a term,
/// [`set_initial`](Self::set_initial), then [`step`](Self::step) or [`step_to`](Self::step_to),
/// and [`evaluate`](Self::evaluate) whenever there is something to look at. A call that fails
/// leaves the solver as it was.
///
/// A solver may be moved between threads but is used by one at a time. Different solvers are
/// independent of each other, unless a communicator binds them
/// ([`set_communicator`](Self::set_communicator)).
pub struct Solver {
    context: Context,
    flow: Box<dyn Flow>,
    /// Each term of F.
    energies: Vec<Identity>,
    /// Whether F depends on time.
    uses_time: bool,
    tau: f64,
    state: Option<State>,
    observer: Option<Observer>,
    /// Of the step that is being taken, or was last.
    effort: effort::Effort,
    /// The same of a solver and its copies.
    origin: Arc<()>,
}

impl Solver {
    /// A solver for the problem that the options describe.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if options do not fit together or vector units are forced
    /// that there are not, and [`Memory`](crate::ErrorKind::Memory) if the problem is too large to hold.
    pub fn new(options: &Options) -> Result<Self> {
        let context = Context::new(options)?;
        let spec = registry::chosen(&context.settings.problem)?;
        Self::in_context(spec, context)
    }

    /// A solver for a flow that need not be in the registry.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn of(spec: &FlowSpec, options: &Options) -> Result<Self> {
        Self::in_context(spec, Context::new(options)?)
    }

    fn in_context(spec: &FlowSpec, context: Context) -> Result<Self> {
        vector_units::check()?;
        let domain = context.settings.problem.domain()?;
        Ok(Self {
            flow: (spec.create)(&context, domain)?,
            energies: Vec::new(),
            tau: context.settings.time.tau,
            // Whoever asks energies says at which time.
            context: context.at(f64::NAN),
            uses_time: false,
            state: None,
            observer: None,
            effort: effort::Effort::default(),
            origin: Arc::new(()),
        })
    }

    /// Adds a term to F. Terms are added before the first step.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) after the first step, or for a flow of potentials after the initial
    /// condition, [`Plugin`](crate::ErrorKind::Plugin) if the flow needs a capability that the energy lacks,
    /// and what making an instance of the energy returns.
    pub fn add_energy(&mut self, energy: &Energy) -> Result<()> {
        if self.steps() > 0 {
            return Err(Error::state(
                "energies are added before the first step; make a solver anew, add the energy, and begin with \
                 the values of this one",
            ));
        }
        let term = energy.instantiate(self.domain().dimension())?;
        term.require_components(self.components())?;
        let uses_time = term.uses_time();
        self.flow.add_term(term)?;
        self.uses_time |= uses_time;
        self.energies.push(energy.identity());
        Ok(())
    }

    /// Adds a source: `du/dt = -grad F(u) + s(t, x)`, as the energy `-int s u dx` named "source". Sources are
    /// added before the first step.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) in Wasserstein space, where mass is kept, and else as for
    /// [`add_energy`](Self::add_energy).
    pub fn add_source(&mut self, source: Arc<dyn Source>) -> Result<()> {
        self.add_energy(&Energy::from_source("source", source))
    }

    /// Fits the network to u_0, or takes labels of rho_0, at time 0. May be called again to start
    /// anew.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit or a value is not finite,
    /// [`NotConverged`](crate::ErrorKind::NotConverged) if the error on independent nodes stays
    /// above the option `fit_accept`, [`Cancelled`](crate::ErrorKind::Cancelled), and what the
    /// function returns.
    pub fn set_initial(&mut self, initial: Initial<'_>) -> Result<()> {
        self.collectively("set_initial", |solver| {
            solver.check_same_problem(&initial)?;
            let mut watch = watch_fit(&mut solver.observer, 0, 0.0);
            let cx = &solver.context.at(0.0);
            let mut other = flow::suited(cx, &*solver.flow, &initial)?;
            let flow = other.as_mut().unwrap_or(&mut solver.flow);
            let beginning = flow.start(cx, initial, &mut watch)?;
            drop(watch);
            if let Some(other) = other {
                solver.flow = other;
            }
            solver.state = Some(State::new(beginning));
            Ok(())
        })
    }

    /// Evaluates u at `x` (`[n][d]`) into `u` (`[n][c]`) and, when wanted, grad u (`[n][c][d]`). Outside
    /// the domain the network is evaluated all the same, and the values mean nothing. In
    /// Wasserstein space u is the density, NaN where no label is found that the map takes to x.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition and
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit or a position is not finite.
    pub fn evaluate(&self, x: &[f64], u: &mut [f64], grad: Option<&mut [f64]>) -> Result<()> {
        let state = self.state()?;
        let n = check_points("x", x, self.domain().dimension())?;
        let c = self.components();
        check_length("u", u.len(), n * c)?;
        if let Some(grad) = &grad {
            check_length("grad", grad.len(), x.len() * c)?;
        }
        self.flow
            .evaluate(&self.now(), &state.parameters, x, u, grad)
    }

    /// Energy of each term, in the order they were added, on the independent nodes.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition, and those of the energies.
    pub fn energies(&self) -> Result<Vec<f64>> {
        self.ranks().call("energies", || {
            let observed = self.observed(self.state()?)?;
            self.flow.energies(&self.now(), &observed)
        })
    }

    /// The energy F(u), the sum of all terms, on the independent nodes. With a communicator a
    /// collective call.
    ///
    /// # Errors
    /// As for [`energies`](Self::energies).
    pub fn energy(&self) -> Result<f64> {
        Ok(self.energies()?.iter().sum())
    }

    /// The energy of one term, counted from 0 in the order they were added. With a communicator a
    /// collective call.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if there is no such term, and those of
    /// [`energies`](Self::energies).
    pub fn energy_term(&self, index: u64) -> Result<f64> {
        nth(&self.energy_names(), index)?;
        nth(&self.energies()?, index).copied()
    }

    /// The name of one term, counted from 0 in the order they were added.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if there is no such term.
    pub fn energy_name(&self, index: u64) -> Result<&str> {
        nth(&self.energy_names(), index).copied()
    }

    /// The name of each term.
    #[must_use]
    pub fn energy_names(&self) -> Vec<&str> {
        self.flow.term_names()
    }

    /// Time reached.
    #[must_use]
    pub fn time(&self) -> f64 {
        self.state.as_ref().map_or(0.0, |s| s.time)
    }

    /// Steps taken.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.state.as_ref().map_or(0, |s| s.step)
    }

    /// The time step that the next [`step`](Self::step) takes, or with `step_tolerance` tries first.
    #[must_use]
    pub const fn tau(&self) -> f64 {
        self.tau
    }

    /// Changes the time step.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if it is outside the range of the option `tau`.
    pub fn set_tau(&mut self, tau: f64) -> Result<()> {
        self.check_tau(tau)?;
        self.tau = tau;
        Ok(())
    }

    fn check_tau(&self, tau: f64) -> Result<()> {
        Options::clone(&self.context.options).set("tau", tau)
    }

    /// Report of the last step, once there is one.
    #[must_use]
    pub fn report(&self) -> Option<&StepReport> {
        self.state
            .as_ref()
            .map(|s| &s.report)
            .filter(|r| r.step > 0)
    }

    /// Report of the initial fit, once there is an initial condition.
    #[must_use]
    pub fn fit_report(&self) -> Option<&FitReport> {
        self.state.as_ref().map(|s| &s.fit)
    }

    /// The network's parameters, in the layout of [`crate::field::network`]; empty without initial
    /// condition.
    #[must_use]
    pub fn parameters(&self) -> &[f64] {
        self.state.as_ref().map_or(&[], |s| &s.parameters)
    }

    /// Copies the network's parameters, `[P]`.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if there are not as many.
    pub fn copy_parameters(&self, values: &mut [f64]) -> Result<()> {
        let (given, parameters) = (values.len(), self.parameters().len());
        if given != parameters {
            return Err(Error::argument(format!(
                "argument `count` is {given}; accepted is {parameters}, the parameters of the network"
            )));
        }
        values.copy_from_slice(self.parameters());
        Ok(())
    }

    /// The shape of the network.
    #[must_use]
    pub fn network(&self) -> &Network {
        self.flow.network()
    }

    /// The domain.
    #[must_use]
    pub fn domain(&self) -> &Domain {
        self.flow.domain()
    }

    /// The components of u.
    #[must_use]
    pub fn components(&self) -> usize {
        self.flow.components()
    }

    /// The options it was made with.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.context.options
    }

    /// The threads it uses.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.context.pool.threads()
    }

    /// Watches progress; `None` stops watching.
    pub fn set_observer(&mut self, observer: Option<Observer>) {
        self.observer = observer;
    }

    /// The context at the time reached.
    fn now(&self) -> Context {
        self.context.at(self.time())
    }

    fn state(&self) -> Result<&State> {
        self.state
            .as_ref()
            .ok_or_else(|| Error::state("there is no initial condition yet; set one first"))
    }

    fn state_mut(&mut self) -> Result<&mut State> {
        self.state
            .as_mut()
            .ok_or_else(|| Error::state("there is no initial condition yet; set one first"))
    }
}

/// Watches a fit between steps.
fn watch_fit(
    observer: &mut Option<Observer>,
    step: u64,
    time: f64,
) -> impl FnMut(u64, f64) -> Result<()> + '_ {
    move |iteration, objective| {
        let progress = Progress {
            fitting: true,
            step,
            time,
            iteration,
            objective,
        };
        notify(observer, &progress)
    }
}

/// Tells the observer, and turns its wish to stop into an error.
fn notify(observer: &mut Option<Observer>, progress: &Progress) -> Result<()> {
    let stop = observer
        .as_mut()
        .is_some_and(|observer| observer(progress).is_break());
    if crate::allocator::is_short() {
        return Err(Error::memory(
            "there is no memory left; the state is that of the last whole step",
        ));
    }
    if stop {
        Err(Error::new(
            ErrorKind::Cancelled,
            "cancelled by the progress callback; the state is that of the last whole step",
        ))
    } else {
        Ok(())
    }
}

/// The entry of a list of energies.
fn nth<T>(list: &[T], index: u64) -> Result<&T> {
    let found = usize::try_from(index).ok().and_then(|at| list.get(at));
    found.ok_or_else(|| {
        Error::argument(format!(
            "`index` is {index}; accepted is below {}, as many energies as were added: the first is 0",
            list.len()
        ))
    })
}
