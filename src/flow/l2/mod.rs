//! The gradient flow in L2(Omega) of a field u, `u_t = -dF/du`.
//!
//! | file | what it has |
//! |---|---|
//! | `functional` | F and its Euler-Lagrange residual on a network |
//! | `energies`, `stage` | the energies of its terms, and what a stage integrates |
//! | `boundary`, `walls`, `sides` | energies and given values on the boundary, and how they are posed |
//! | `held`, `multipliers` | given values where no ansatz has them exactly |
//! | `on_walls` | what states have of given values, before the parameters of the network |
//! | `nodes`, `host` | where integrals are taken: the rule's choice, or the host's |
//! | `noise` | what random nodes can tell of the energy |
//! | `fit`, `fit_data`, `fitting`, `rounds` | the initial condition |
//! | `capacity` | the network, and which of its parameters move |
//! | `growth` | more features where u_0 takes them |
//! | `resizing` | another network or other nodes for the field as it is |
//! | `derivatives` | second derivatives and du/dt at any point |
//! | `hand_over` | another field from the host between two steps |

mod boundary;
mod capacity;
mod derivatives;
mod energies;
pub(crate) mod fit;
mod fit_data;
mod fitting;
mod form;
mod functional;
mod growth;
mod hand_over;
mod held;
mod host;
mod multipliers;
mod nodes;
mod noise;
mod on_walls;
mod resizing;
mod rounds;
mod sides;
mod stage;
mod walls;

pub use functional::L2;

use super::observed::total;
use super::rules::Region;
use super::{
    Beginning, Centre, Context, Eulerian, FieldSpec, Flow, FlowSpec, HostDomain, Minimized, Moment,
    Observed, Posed, REST, State, Turn, minimize_holding,
};
use crate::domain::{Domain, Shape};
use crate::energy::Term;
use crate::error::{Error, Result};
use crate::export::Exported;
use crate::field::{Network, Normalized};
use crate::fingerprint::Numbers;
use crate::initial::{self, Initial};
use crate::minimize::{Minimizer, Objective, Stop, Watch};
use crate::objective::{Form, Metric};
use crate::options::Settings;
use crate::quadrature::{Boundary, Nodes, Quadrature, Stream, generator};
use crate::section::Section;
use boundary::BoundaryEnergies;
use capacity::Capacity;
use hand_over::Prepared;
use nodes::Integration;
use std::sync::Arc;

/// The row of the registry.
pub static SPEC: FlowSpec = FlowSpec {
    name: "l2",
    transport: "map",
    initial: "a function, values or a closed form",
    create: |cx, domain| Ok(Box::new(L2Flow::new(cx, domain)?)),
};

static FIELDS: [FieldSpec; 4] = [
    FieldSpec::VALUE,
    FieldSpec::GRADIENT,
    FieldSpec::ENERGY_DENSITY,
    FieldSpec::ENERGY_DENSITIES,
];

/// The flow of a field on a domain, with its nodes.
#[derive(Clone)]
pub struct L2Flow {
    domain: Domain,
    functional: L2,
    quadrature: Quadrature,
    /// Sets of nodes that the steps use in turn where they are not random: the host's, or those of
    /// the rule.
    fixed: Vec<Nodes>,
    given: GivenByHost,
    /// The form of the steps; `None` is the weak one.
    form: Option<Form>,
    /// Nodes that no step trains on. Like all nodes they are this rank's own.
    check: Nodes,
    /// Points where the flux is measured; unknown for a host's nodes in a box of their own.
    boundary: Option<Boundary>,
    /// The minimiser that fits and runs begin with.
    minimizer: Minimizer,
    /// The least squares of the last hand-over.
    prepared: Option<Arc<Prepared>>,
}

/// Linear combinations are minimised to this part of the tolerance that networks are.
const EXACTNESS: f64 = 0.01;

/// The entry of a checkpoint with offset and size of u.
const UNITS: &str = "units";

/// The entry of a checkpoint with the number of random features; there is none where all parameters
/// move.
const FEATURES: &str = "features";

/// Parts of the quadrature that the host gave.
#[derive(Clone, Copy, Debug, Default)]
struct GivenByHost {
    nodes: bool,
    boundary: bool,
}

impl L2Flow {
    /// The flow of the options, of no energy yet.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if options do not fit together.
    pub fn new(cx: &Context, domain: Domain) -> Result<Self> {
        let settings = &cx.settings;
        let capacity = Capacity::new(settings, &domain, None)?;
        let rule = Integration::new(settings, &domain, &capacity, &BoundaryEnergies::default())?;
        fit_data::fit_rule(settings, &rule.quadrature, &domain)?;
        check_periodic(settings, domain.dimension())?;
        let form = form::of(settings, &rule.quadrature, false);
        let (d, nodes) = (domain.dimension(), rule.quadrature.len(&domain));
        let minimizer = minimizer(cx, capacity.trained(), form, d, nodes)?;
        if let Some(width) = settings.discretization.initial_smoothing {
            initial::check_width(&domain, width)?;
        }
        let mut functional = L2::new(capacity.network.clone());
        functional.set_network(capacity.network, capacity.outputs_only);
        Ok(Self {
            domain,
            functional,
            quadrature: rule.quadrature,
            fixed: rule.fixed,
            given: GivenByHost::default(),
            form,
            check: rule.check,
            boundary: Some(rule.boundary),
            minimizer,
            prepared: None,
        })
    }

    /// Replaces the metric by another local one.
    #[must_use]
    pub fn with_metric(mut self, metric: Arc<dyn Metric>) -> Self {
        self.functional.set_metric(metric);
        self
    }
}

/// Refuses axes that there are not, or twice.
fn check_periodic(settings: &Settings, dimension: usize) -> Result<()> {
    let axes = &settings.network.periodic_axes;
    for (at, axis) in axes.iter().enumerate() {
        if *axis >= dimension || axes[..at].contains(axis) {
            return Err(Error::option(format!(
                "option `periodic_axes` has {axis}; accepted are axes from 0 to {}, each once",
                dimension - 1
            )));
        }
    }
    Ok(())
}

/// The minimiser of the options for so many parameters that move, on so many nodes.
fn minimizer(
    cx: &Context,
    parameters: usize,
    form: Option<Form>,
    dimension: usize,
    nodes: usize,
) -> Result<Minimizer> {
    let per_node = match form {
        Some(Form::LeastSquares) => 1,
        _ => 1 + dimension,
    };
    let method = cx.method(parameters, nodes * per_node)?;
    Ok(cx.minimizer(method))
}

impl Flow for L2Flow {
    fn spec(&self) -> &'static FlowSpec {
        &SPEC
    }

    fn boxed_clone(&self) -> Box<dyn Flow> {
        Box::new(self.clone())
    }

    fn domain(&self) -> &Domain {
        &self.domain
    }

    fn region(&self) -> Region {
        match self.domain.shape() {
            _ if self.given.nodes => Region::Nodes,
            Shape::Cut(_) => Region::Cut,
            _ => self.region_of_sides(),
        }
    }

    fn network(&self) -> &Network {
        self.functional.network()
    }

    fn parameters(&self) -> usize {
        self.functional.on_walls() + self.network().parameters()
    }

    fn frozen(&self) -> usize {
        self.functional.on_walls() + self.functional.frozen()
    }

    fn still(&self, cx: &Context, before: &[f64], at: &Moment) -> Result<Vec<f64>> {
        self.functional.still(cx, before, at)
    }

    fn carried(&self, before: &[f64], after: &[f64]) -> Option<Vec<f64>> {
        let given = self.functional.on_walls();
        let held = self.functional.held().is_some();
        let moved = held || before[..given] != after[..given];
        moved.then(|| [&after[..given], &before[given..]].concat())
    }

    fn add_term(&mut self, term: Term) -> Result<()> {
        self.functional.add_term(term)
    }

    fn term_names(&self) -> Vec<&str> {
        self.functional.names().collect()
    }

    fn is_convex(&self) -> bool {
        self.functional.is_convex()
    }

    fn energies(&self, cx: &Context, observed: &Observed) -> Result<Vec<f64>> {
        let boundary = self.boundary.as_ref();
        self.functional
            .energies(&cx.pool, cx.time, &self.check, boundary, observed)
    }

    fn start(
        &mut self,
        cx: &Context,
        initial: Initial<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<Beginning> {
        let (flow, beginning) = self.fitted(cx, initial, watch)?;
        *self = flow;
        Ok(beginning)
    }

    fn resized(
        &self,
        cx: &Context,
        before: &Context,
        state: Option<&mut State>,
        watch: &mut Watch<'_>,
    ) -> Result<Box<dyn Flow>> {
        Ok(Box::new(self.of_other_size(cx, before, state, watch)?))
    }

    fn check_splits(&self) -> Result<()> {
        host::check_splits(self.given)?;
        self.check_unposed("the communicator")
    }

    fn split(&mut self, cx: &Context) {
        let fixed = std::mem::take(&mut self.fixed);
        self.fixed = fixed.into_iter().map(|nodes| cx.own(nodes)).collect();
        self.check = cx.own(std::mem::take(&mut self.check));
        self.boundary = self.boundary.as_ref().map(|b| cx.own_boundary(b));
    }

    /// Fixed nodes, or nodes drawn anew by the rule's own nature, denser after a violation where
    /// they are not the host's.
    fn nodes(&self, cx: &Context, turn: Turn) -> Result<Nodes> {
        let set = turn.step.checked_rem(self.fixed.len() as u64).unwrap_or(0) as usize;
        match self.fixed.get(set) {
            Some(nodes) if turn.attempt == 0 || self.given.nodes => Ok(nodes.clone()),
            _ => {
                let mut rng = generator(cx.seed(), Stream::Nodes, turn.step, turn.attempt);
                let rule = self.quadrature.refined(turn.attempt).turned(set);
                let posed = (&self.energies_beside_rule(), &*cx.settings);
                let nodes = cx.own(nodes::nodes_of(&rule, &self.domain, posed, &mut rng)?);
                Ok(self.beside_boundary(nodes))
            }
        }
    }

    fn values(&self, cx: &Context, x: &[f64], parameters: &[f64]) -> Result<Vec<f64>> {
        self.functional.values(&cx.pool, x, parameters)
    }

    fn stage<'a>(&'a self, posed: &Posed<'a>) -> Result<Box<dyn Objective + 'a>> {
        self.functional.stage(posed, self.form)
    }

    fn minimize_stage(
        &self,
        posed: &Posed<'_>,
        guesses: Vec<Vec<f64>>,
        minimizer: &mut Minimizer,
        stop: &Stop,
        watch: &mut Watch<'_>,
    ) -> Result<Minimized> {
        if let Some(held) = self.functional.held() {
            return self.minimize_held(held, posed, guesses, minimizer, (stop, watch));
        }
        let still = self.still(posed.cx, posed.before, &posed.moment)?;
        minimize_holding(self, posed, still, guesses, (minimizer, stop, watch))
    }

    fn holding(&self, cx: &Context, of: (&[f64], f64), observed: &Observed) -> Result<f64> {
        self.functional.of_hold(cx, of, observed)
    }

    fn wall_error(&self, cx: &Context, parameters: &[f64], observed: &Observed) -> Result<f64> {
        self.miss_on_walls(cx, parameters, observed)
    }

    fn sampling_noise(&self) -> f64 {
        match (self.form, self.quadrature.random()) {
            (None, Some(nodes)) if !self.given.nodes => {
                0.01 * (self.parameters() - self.frozen()) as f64 / nodes as f64
            }
            _ => 0.0,
        }
    }

    fn exactness(&self) -> f64 {
        match self.functional.outputs_only() {
            true => EXACTNESS,
            false => 1.0,
        }
    }

    fn check_nodes(&self) -> &Nodes {
        &self.check
    }

    fn observe(&self, cx: &Context, parameters: &[f64]) -> Result<Observed> {
        let boundary = self.boundary.as_ref();
        self.functional
            .observe(&cx.pool, &self.check, boundary, parameters)
    }

    fn observe_stage(
        &self,
        cx: &Context,
        parameters: &[f64],
        centre: &Centre,
    ) -> Result<(Observed, f64)> {
        let observed = self.observe(cx, parameters)?;
        let functional = &self.functional;
        let residual = functional.residual(cx, &self.check, parameters, &observed, centre)?;
        Ok((observed, residual))
    }

    fn metric(&self) -> &dyn Metric {
        self.functional.metric()
    }

    fn rest(&self, cx: &Context, _observed: &Observed) -> Result<f64> {
        let volume = total(cx.ranks(), self.check.w.iter().sum())?;
        let least = REST * self.functional.units().size;
        Ok(0.5 * least * least * volume)
    }

    fn energy_noise(&self, cx: &Context, before: &Observed, after: &Observed) -> Result<f64> {
        match self.given.nodes || self.domain.dimension() <= nodes::DETERMINISTIC_CHECK {
            true => Ok(0.0),
            false => {
                let boundary = self.boundary.as_ref();
                self.functional
                    .noise(cx, &self.check, boundary, before, after)
            }
        }
    }

    fn boundary_flux(&self, cx: &Context, parameters: &[f64]) -> Result<f64> {
        self.boundary.as_ref().map_or(Ok(f64::NAN), |boundary| {
            self.functional.boundary_flux(cx, boundary, parameters)
        })
    }

    fn evaluate(
        &self,
        cx: &Context,
        parameters: &[f64],
        x: &[f64],
        u: &mut [f64],
        grad: Option<&mut [f64]>,
    ) -> Result<()> {
        let (field, parameters) = self.functional.in_state(parameters);
        field.evaluate(&cx.pool, parameters, x, u, grad);
        Ok(())
    }

    fn second_derivatives(&self, cx: &Context, parameters: &[f64], x: &[f64]) -> Result<Vec<f64>> {
        let (field, parameters) = self.functional.in_state(parameters);
        derivatives::second(&cx.pool, &field, parameters, x)
    }

    fn fields(&self) -> &'static [FieldSpec] {
        &FIELDS
    }

    fn energy_densities(
        &self,
        cx: &Context,
        _parameters: &[f64],
        points: (&[f64], &[f64], &[f64]),
    ) -> Result<Vec<Vec<f64>>> {
        self.functional.densities_at(cx.time, points)
    }

    fn eulerian(&self, _why: &str) -> Result<&dyn Eulerian> {
        Ok(self)
    }

    fn host_domain(&mut self, _what: &str) -> Result<&mut dyn HostDomain> {
        Ok(self)
    }

    fn add_fingerprint(&self, numbers: &mut Numbers) {
        self.fixed.iter().for_each(|nodes| nodes.add_to(numbers));
        if let Some(walls) = self.functional.walls() {
            let sides: Vec<f64> = walls.sides().map(|side| side as f64).collect();
            numbers.add(&sides);
        }
        if let Some(held) = self.functional.held() {
            let sides: Vec<f64> = held.sides().map(f64::from).collect();
            let nodes = held.nodes();
            for list in [&sides, &nodes.x, &nodes.w] {
                numbers.add(list);
            }
        }
        self.check.add_to(numbers);
        if let Some(boundary) = &self.boundary {
            for list in [&boundary.x, &boundary.normal, &boundary.w] {
                numbers.add(list);
            }
            if self.given.boundary {
                let sides: Vec<f64> = boundary.side.iter().map(|side| f64::from(*side)).collect();
                numbers.add(&sides);
            }
        }
    }

    fn other_nodes(&self) -> &'static str {
        "the nodes differ from those of the run that wrote the snapshot: set the nodes, the boundary, the \
         inside function and the values on the boundary first, as they were then"
    }

    fn save(&self, into: &mut Section) {
        let Normalized { offset, size } = self.functional.units();
        into.set_list(UNITS, [offset, size]);
        if self.functional.outputs_only() {
            into.set_counts(FEATURES, [self.features() as u64]);
        }
    }

    fn resume(&mut self, cx: &Context, saved: &Section, _refinements: u64) -> Result<Minimizer> {
        self.take(cx, Capacity::saved(cx, &self.domain, saved)?)?;
        // The first snapshots have none: u was the network.
        let units = match saved.has(UNITS) {
            true => {
                let [offset, size] = saved.get_numbers(UNITS)?;
                Normalized { offset, size }
            }
            false => Normalized::NONE,
        };
        self.functional.set_units(units);
        Ok(self.minimizer.clone())
    }

    fn export(&self, _cx: &Context, parameters: &[f64], out: &mut Exported) -> Result<()> {
        let Normalized { offset, size } = self.functional.units();
        let (values, parameters) = parameters.split_at(self.functional.on_walls());
        if let Some(walls) = self.functional.walls() {
            super::export::add_network(out, "", self.network(), parameters);
            walls.export(values, size, out);
            return Ok(());
        }
        let mut parameters = parameters.to_vec();
        self.network()
            .rescale_outputs(&mut parameters, offset, size);
        super::export::add_network(out, "", self.network(), &parameters);
        out.notes.push(("kind", "field".to_owned()));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
