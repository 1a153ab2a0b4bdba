//! A gradient flow that is being solved: its state, and the calls that change it.

mod adaptive;
mod agreement;
mod arguments;
mod checkpoint;
mod checks;
mod denser;
mod exporting;
mod fitting;
mod form;
mod labels;
mod minimizer;
mod nodes;
mod precision;
mod ranks;
mod restore;
mod shown;
mod stepping;
mod transport;
mod w2gn;

pub use checkpoint::{Checkpoint, Linearized, Past, Relabelling};
pub use shown::{Measured, Moments};

use crate::domain::Domain;
use crate::energy::{Energy, Identity};
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::flow::transport::Map;
use crate::flow::{Flow, L2, Observed};
use crate::initial::profile::Profile;
use crate::initial::{self, Initial};
use crate::minimize::{Form, Precision};
use crate::movement::{self, Movement};
use crate::network::{self, Network};
use crate::options::Options;
use crate::parallel::Pool;
use crate::progress::{Observer, Progress};
use crate::quadrature::{Boundary, Nodes, Quadrature};
use crate::report::{FitReport, StepReport};
use crate::vector_units;
use arguments::{check_length, check_shape, count, real_or};
use minimizer::Minimizer;
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
    options: Options,
    domain: Domain,
    flow: Flow,
    /// The density that a flow of maps takes its labels from.
    profile: Option<Arc<dyn Profile>>,
    /// The one that it started from.
    origin: Option<Origin>,
    /// The times that labels were taken anew since.
    relabelled: Vec<Relabelled>,
    /// Each term of F.
    energies: Vec<Identity>,
    movement: &'static Movement,
    minimizer: Minimizer,
    precision: Precision,
    quadrature: Quadrature,
    /// Sets of nodes that the steps use in turn where they are not random: the host's, or those of
    /// the rule.
    fixed: Vec<Nodes>,
    given: GivenByHost,
    /// Whether the embedding is the library's choice.
    automatic_embedding: bool,
    /// How steps are posed; `None` is the weak form.
    form: Option<Form>,
    /// Nodes that no step trains on. Like all nodes but `labels` they are this rank's own.
    check: Nodes,
    /// The independent labels of all ranks, by which a map is looked up.
    labels: Nodes,
    /// Where the flux is measured; unknown for a host's nodes in a box of their own.
    boundary: Option<Boundary>,
    pool: Arc<Pool>,
    seed: u64,
    tau: f64,
    state: Option<State>,
    observer: Option<Observer>,
}

/// What is the host's own and not the rule's.
#[derive(Clone, Copy, Debug, Default)]
struct GivenByHost {
    nodes: bool,
    boundary: bool,
}

/// What a step changes: replaced as a whole or not at all.
#[derive(Clone, Debug)]
struct State {
    parameters: Vec<f64>,
    /// The last steps, latest first, for the first guesses of the next.
    past: Vec<Past>,
    minimizer: Minimizer,
    /// Where the minimiser's matrix comes from, if there is one.
    linearized: Option<Linearized>,
    step: u64,
    time: f64,
    /// How often the labels of a map were made denser: the attempt that the next step begins with.
    refined: u64,
    fit: FitReport,
    report: StepReport,
    /// What moves at the independent nodes, where a step has measured it.
    observed: Option<Arc<Observed>>,
}

/// A map that was composed with later ones.
#[derive(Clone)]
struct Relabelled {
    map: Map,
    parameters: Arc<Vec<f64>>,
    /// Steps taken then.
    step: u64,
}

/// The density that a flow of maps started from.
struct Origin {
    profile: Arc<dyn Profile>,
    /// Of its labels.
    fingerprint: Fingerprint,
}

impl Solver {
    /// A solver for the problem that the options describe.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if options do not fit together or vector units are forced
    /// that there are not, and [`Memory`](crate::ErrorKind::Memory) if the problem is too large to hold.
    pub fn new(options: &Options) -> Result<Self> {
        vector_units::check()?;
        let domain = Domain::from_options(options)?;
        let automatic_embedding = options.text("embedding")? == "auto";
        let options = nodes::settle(options, domain.is_box())?;
        let network = Network::from_options(&options, &domain)?;
        let precision = precision::of(&options)?;
        let seed = options.integer("seed")?.unsigned_abs();
        if w2gn::is_asked_for(&options)? {
            return Self::of_density(options, domain, seed);
        }
        if options.text("flow")? == "wasserstein" {
            return Self::of_map(options, domain, seed);
        }
        let rule = nodes::Integration::new(&options, &domain, network.parameters(), seed)?;
        fitting::fit_rule(&options, &rule.quadrature, &domain)?;
        let form = form::of(&options, &rule.quadrature, precision)?;
        let nodes = rule.quadrature.len(&domain);
        let minimizer = Minimizer::from_options(&options, &network, form, nodes)?;
        initial::check_width(&domain, options.real("initial_smoothing")?)?;
        Ok(Self {
            quadrature: rule.quadrature,
            fixed: rule.fixed,
            given: GivenByHost::default(),
            automatic_embedding,
            check: rule.check,
            labels: Nodes::default(),
            boundary: Some(rule.boundary),
            pool: Arc::new(Pool::new(count(&options, "threads")?)?),
            flow: Flow::L2(L2::new(network)),
            profile: None,
            origin: None,
            relabelled: Vec::new(),
            energies: Vec::new(),
            movement: movement::named(&options.text("movement")?)?,
            tau: options.real("tau")?,
            options,
            domain,
            minimizer,
            precision,
            form,
            seed,
            state: None,
            observer: None,
        })
    }

    /// Adds a term to F. Terms are added before the first step.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) after the first step,
    /// [`Plugin`](crate::ErrorKind::Plugin) if the flow needs a capability that the energy lacks,
    /// and what making an instance of the energy returns.
    pub fn add_energy(&mut self, energy: &Energy) -> Result<()> {
        if self.steps() > 0 {
            return Err(Error::state("energies are added before the first step"));
        }
        let term = energy.instantiate(self.domain.dimension())?;
        self.flow.add_term(term)?;
        self.energies.push(energy.identity());
        Ok(())
    }

    /// Fits the network to u_0, at time 0. May be called again to start anew.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit or a value is not finite,
    /// [`NotConverged`](crate::ErrorKind::NotConverged) if the error on independent nodes stays
    /// above the option `fit_accept`, [`Cancelled`](crate::ErrorKind::Cancelled), and what the
    /// function returns.
    pub fn set_initial(&mut self, initial: Initial<'_>) -> Result<()> {
        self.collectively("set_initial", |solver| {
            solver.check_same_problem(&initial)?;
            if let Initial::Density(profile) = initial {
                return match &solver.flow {
                    Flow::W2gn(_) => solver.start_density(&*profile),
                    _ => solver.start(profile),
                };
            }
            solver.check_l2("a function or values as initial condition")?;
            let state = solver.fit(initial);
            solver.state = Some(solver.pool.ranks().settle(state)?);
            Ok(())
        })
    }

    /// One time step: of tau, or with the option `step_tolerance` of a length that keeps its
    /// estimated error below that, taken as two half steps.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without energy or initial condition,
    /// [`NotConverged`](crate::ErrorKind::NotConverged),
    /// [`EnergyIncrease`](crate::ErrorKind::EnergyIncrease),
    /// [`Cancelled`](crate::ErrorKind::Cancelled), and what the energies return.
    pub fn step(&mut self) -> Result<()> {
        self.collectively("step", |solver| solver.advance(f64::INFINITY))
    }

    /// Steps until `time`, the last step shortened to end there exactly. If a step fails, the
    /// steps before it stay.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if `time` is not finite or has passed, and those
    /// of [`step`](Self::step).
    pub fn step_to(&mut self, time: f64) -> Result<()> {
        self.collectively("step_to", |solver| solver.go_to(time))
    }

    fn go_to(&mut self, time: f64) -> Result<()> {
        self.pool.ranks().same("time", time)?;
        let now = self.time();
        if !(time.is_finite() && time >= now) {
            return Err(Error::argument(format!(
                "`time` is {time}; accepted is a finite time from now on, which is {now}"
            )));
        }
        loop {
            let left = time - self.time();
            // A remainder that only rounding left is not a step.
            if left <= 1e-9 * self.tau {
                if let Some(state) = &mut self.state {
                    state.time = time;
                    state.report.time = time;
                }
                return Ok(());
            }
            // Two even steps rather than a whole one and a sliver.
            let tau = if left <= self.tau * (1.0 + 1e-9) {
                left
            } else if left < 2.0 * self.tau * (1.0 - 1e-9) {
                0.5 * left
            } else {
                self.tau
            };
            self.advance(tau)?;
        }
    }

    /// u at `x` (`[n][d]`), also outside the domain, where it means nothing, into `u` (`[n]`) and, when wanted, grad u (`[n][d]`).
    /// Of a flow in Wasserstein space it is the density, NaN where no label is found that the map takes to x.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition and
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit or a position is not finite.
    pub fn evaluate(&self, x: &[f64], u: &mut [f64], grad: Option<&mut [f64]>) -> Result<()> {
        let state = self.state()?;
        let d = self.domain.dimension();
        check_shape("x", x, u.len() * d)?;
        if let Some(grad) = &grad {
            check_length("grad", grad.len(), x.len())?;
        }
        match &self.flow {
            Flow::L2(flow) => {
                let (network, parameters) = (flow.network(), &state.parameters);
                network::evaluate(network, &self.pool, parameters, x, u, grad);
                Ok(())
            }
            Flow::W2gn(_) => self.density_value(x, u, grad),
            Flow::Map(_) => self.density(x, u, grad),
        }
    }

    /// Energy of each term, in the order they were added, on the independent nodes.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition, and those of the energies.
    pub fn energies(&self) -> Result<Vec<f64>> {
        self.pool.ranks().call("energies", || {
            let observed = self.observed(self.state()?)?;
            self.flow.energies(&self.pool, &self.check, &observed)
        })
    }

    /// The name of each term.
    #[must_use]
    pub fn energy_names(&self) -> Vec<&str> {
        self.flow.names().collect()
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
        self.options.clone().set("tau", tau)?;
        self.tau = tau;
        Ok(())
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

    /// The network's parameters, in the layout of [`crate::network`]; empty without initial
    /// condition.
    #[must_use]
    pub fn parameters(&self) -> &[f64] {
        self.state.as_ref().map_or(&[], |s| &s.parameters)
    }

    /// The shape of the network.
    #[must_use]
    pub fn network(&self) -> &Network {
        self.flow.network()
    }

    /// The domain.
    #[must_use]
    pub const fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The options it was made with.
    #[must_use]
    pub const fn options(&self) -> &Options {
        &self.options
    }

    /// The threads it uses.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.pool.threads()
    }

    /// Watches progress; `None` stops watching.
    pub fn set_observer(&mut self, observer: Option<Observer>) {
        self.observer = observer;
    }

    /// Refuses what only L2 flows have.
    fn check_l2(&self, what: &str) -> Result<()> {
        match &self.flow {
            Flow::L2(_) => Ok(()),
            Flow::Map(_) | Flow::W2gn(_) => Err(Error::state(format!(
                "option `flow` is wasserstein, which takes a density of mass 1 for initial condition and has no use for {what}"
            ))),
        }
    }

    fn state(&self) -> Result<&State> {
        self.state
            .as_ref()
            .ok_or_else(|| Error::state("there is no initial condition yet"))
    }
}

/// Tells the observer, and turns its wish to stop into an error.
fn notify(observer: &mut Option<Observer>, progress: &Progress) -> Result<()> {
    let stop = observer
        .as_mut()
        .is_some_and(|observer| observer(progress).is_break());
    if stop {
        Err(Error::new(
            crate::ErrorKind::Cancelled,
            "cancelled by the progress callback; the state is that of the last whole step",
        ))
    } else {
        Ok(())
    }
}
