//! The L2 gradient flow of `F(t, u) = int f(t, x, u, grad u, Hess u) dx`, `u` a network.

use super::boundary::BoundaryEnergies;
use super::bounds::Bounded;
use super::held::Held;
use super::integrals::Integrals;
use super::stage::Stage;
use super::walls::Walls;
use crate::energy::{EnergyDensity, Mobility, Term};
use crate::error::{Error, Result};
use crate::field::{Ansatz, Field, Kernels, Network, Normalized, kernels};
use crate::flow::{Centre, Context, Posed};
use crate::minimize::Objective;
use crate::objective::{
    Euclidean, Form, Integrand, Metric, MovementTerm, OfOutputs, Pointwise, Residual, over_lanes,
};
use crate::parallel::Pool;
use crate::quadrature::{INSIDE, Nodes, NodesView};
use movimento_abi::{HESSIAN_1, LOCAL_1, SYSTEM_1};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// The functional and the field it is evaluated on.
#[derive(Clone)]
pub struct L2 {
    field: Field,
    /// Whether the output layer alone moves.
    outputs_only: bool,
    /// The units of u.
    units: Normalized,
    metric: Arc<dyn Metric>,
    /// What the metric is made of in each step, in the place of that one.
    pub(super) mobility: Option<Mobility>,
    pub(super) names: Vec<String>,
    /// Where each term is, in the order they were added.
    pub(super) places: Vec<Place>,
    densities: Vec<Arc<dyn EnergyDensity>>,
    on_boundary: BoundaryEnergies,
    /// Walls on which the field has given values,
    pub(super) walls: Option<Arc<Walls>>,
    /// and those on which multipliers hold it to them.
    pub(super) held: Option<Arc<Held>>,
    /// Bounds between which they hold it,
    pub(super) bounds: Option<Arc<Bounded>>,
    /// and integrals that are held.
    pub(super) integrals: Arc<Integrals>,
}

/// A term's place among those of its kind.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// It is the integral of the next density over the domain.
    Domain,
    /// It is that of the next one over the boundary.
    Boundary,
    /// It is the next function of an integral.
    Outer,
}

impl L2 {
    /// The flow of no energy yet.
    #[must_use]
    pub fn new(network: Network) -> Self {
        Self {
            field: network.into(),
            outputs_only: false,
            units: Normalized::NONE,
            metric: Arc::new(Euclidean),
            mobility: None,
            names: Vec::new(),
            places: Vec::new(),
            densities: Vec::new(),
            on_boundary: BoundaryEnergies::default(),
            walls: None,
            held: None,
            bounds: None,
            integrals: Arc::default(),
        }
    }

    /// Adds a term.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) if the term is not the integral of a density alone.
    pub fn add_term(&mut self, term: Term) -> Result<()> {
        let Some(density) = &term.local else {
            return Err(Error::plugin(format!(
                "the L2 flow needs energies that are integrals of a density (capability \
                 movimento.local/1), which `{}` does not offer; take one that does, or `flow` = wasserstein",
                term.name
            )));
        };
        term.require_only("the L2 flow", &[LOCAL_1, SYSTEM_1, HESSIAN_1])?;
        let others = self.uses_hessian() != term.uses_hessian();
        self.densities.push(Arc::clone(density));
        self.places.push(Place::Domain);
        self.names.push(term.name);
        if others && self.outputs_only {
            self.field = self.field.clone().with_kernels(self.kernels());
        }
        Ok(())
    }

    /// Adds a term on a side of the boundary, or on all of it.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) if it is not the integral of a density of x and u alone.
    pub fn add_boundary_term(&mut self, term: Term, side: Option<i32>) -> Result<()> {
        self.on_boundary.add(&term, side)?;
        self.places.push(Place::Boundary);
        self.names.push(term.name);
        Ok(())
    }

    /// The components of u.
    #[must_use]
    pub fn components(&self) -> usize {
        self.field.components()
    }

    /// The field in a state, and the parameters of its network.
    #[must_use]
    pub fn in_state<'p>(&self, state: &'p [f64]) -> (Cow<'_, Field>, &'p [f64]) {
        let (values, parameters) = state.split_at(self.on_walls());
        (self.with_values(values, self.units), parameters)
    }

    /// The field in these units with these values on its walls.
    #[must_use]
    pub fn with_values(&self, values: &[f64], units: Normalized) -> Cow<'_, Field> {
        let ansatz: Arc<dyn Ansatz> = match &self.walls {
            None if units == self.units => return Cow::Borrowed(&self.field),
            None => Arc::new(units),
            Some(walls) => Arc::new(walls.ansatz(values, units.size)),
        };
        Cow::Owned(self.field.clone().with_ansatz(ansatz))
    }

    /// Whether F depends on derivatives of u, so that its flow smooths.
    pub(super) fn penalises_gradients(&self) -> bool {
        let smooths = |d: &Arc<dyn EnergyDensity>| {
            let traits = d.traits();
            traits.uses_gradient || traits.uses_hessian
        };
        self.densities.iter().any(smooths)
    }

    /// Whether F depends on second derivatives of u.
    #[must_use]
    pub fn uses_hessian(&self) -> bool {
        self.densities.iter().any(|d| d.traits().uses_hessian)
    }

    /// The kernels of random features.
    fn kernels(&self) -> Arc<dyn Kernels> {
        match self.uses_hessian() {
            true => kernels::frozen_with_hessian(),
            false => kernels::frozen(),
        }
    }

    /// The densities of the terms in the domain.
    #[must_use]
    pub(super) fn densities(&self) -> &[Arc<dyn EnergyDensity>] {
        &self.densities
    }

    /// The energies on the boundary.
    #[must_use]
    pub const fn on_boundary(&self) -> &BoundaryEnergies {
        &self.on_boundary
    }

    /// The terms' names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Replaces the network, whose output layer moves alone or with the others.
    pub fn set_network(&mut self, network: Network, outputs_only: bool) {
        self.field = Field::new(network, Arc::new(self.units));
        self.outputs_only = outputs_only;
        if outputs_only {
            self.field = self.field.clone().with_kernels(self.kernels());
        }
    }

    /// Whether the output layer alone moves.
    #[must_use]
    pub const fn outputs_only(&self) -> bool {
        self.outputs_only
    }

    /// How many parameters, the first, stay as they are drawn.
    #[must_use]
    pub fn frozen(&self) -> usize {
        match self.outputs_only {
            true => self.network().outputs_start(),
            false => 0,
        }
    }

    /// Offset and size of u: tolerances are relative to the size.
    #[must_use]
    pub const fn units(&self) -> Normalized {
        self.units
    }

    /// Sets offset and size of u.
    pub fn set_units(&mut self, units: Normalized) {
        self.units = units;
        self.field = self.field.clone().with_ansatz(Arc::new(units));
    }

    /// The metric.
    #[must_use]
    pub fn metric(&self) -> &dyn Metric {
        &*self.metric
    }

    /// Replaces the metric by another local one.
    pub fn set_metric(&mut self, metric: Arc<dyn Metric>) {
        self.metric = metric;
    }

    /// The network.
    #[must_use]
    pub const fn network(&self) -> &Network {
        self.field.network()
    }

    /// The field.
    #[must_use]
    pub const fn field(&self) -> &Field {
        &self.field
    }

    /// Whether every term is known to be convex.
    #[must_use]
    pub fn is_convex(&self) -> bool {
        let convex = self.densities.iter().all(|d| d.traits().convex);
        // Of a field that is held the residual is no bound, and with second derivatives it is not known.
        convex && self.on_boundary.is_convex() && !self.has_constraints() && !self.uses_hessian()
    }

    /// u, `[n][c]`, at nodes `x`, `[n][d]`.
    ///
    /// # Errors
    /// Failures of the kernels.
    pub fn values(&self, pool: &Pool, x: &[f64], parameters: &[f64]) -> Result<Vec<f64>> {
        let mut u = vec![0.0; x.len() / self.field.dimension() * self.components()];
        self.by_lanes(pool, x, parameters, (&mut u, None, None))?;
        Ok(u)
    }

    /// The objective of a stage, `S/(2 tau) int m (u - c)^2 + F(u)`, in this form; `None` is the
    /// weak one.
    ///
    /// # Errors
    /// [`Internal`](crate::ErrorKind::Internal) if the metric is not local.
    pub fn stage<'a>(
        &'a self,
        posed: &Posed<'a>,
        form: Option<Form>,
    ) -> Result<Box<dyn Objective + 'a>> {
        let Posed {
            cx,
            nodes,
            centre,
            before,
            ..
        } = *posed;
        let (pool, precision) = (&*cx.pool, cx.precision());
        let (sides, nodes) = (nodes.side.as_slice(), nodes.view());
        let held = self.held.as_ref();
        let bounds = self.bounds.as_ref();
        let at_bounds = bounds.map_or(0, |bounds| bounds.nodes().w.len());
        let on_walls = nodes.len() - at_bounds;
        let held = held.map(|held| held.hold(before, centre.strength, on_walls));
        let numbers = &before[self.places().bounds];
        let bounds = bounds.map(|bounds| bounds.hold(numbers, centre.strength, nodes.len()));
        let (field, before) = self.in_state(before);
        let frozen = self.frozen();
        over_lanes(pool, nodes.len(), field.parameters() - frozen, |lane| {
            let sides = sides.get(lane.clone()).unwrap_or_default();
            let stage = self.integrand(cx.time, nodes, sides, centre, lane.clone())?;
            let stage = Box::new(Stage {
                held: held.map(|held| held.part(&lane)),
                bounds: bounds.map(|bounds| bounds.part(&lane)),
                ..stage
            });
            let nodes = nodes.part(lane);
            let own: Box<dyn Objective> = match form {
                None => Box::new(
                    Pointwise::new(field.clone(), pool, nodes, stage).in_precision(precision),
                ),
                Some(form) => Box::new(Residual::new(field.clone(), pool, nodes, stage, form)),
            };
            Ok(match frozen {
                0 => own,
                _ => Box::new(OfOutputs::new(own, before, frozen)),
            })
        })
    }

    /// The integrand of a stage at a range of its nodes, which are on these sides; in the domain if there are
    /// none.
    pub(super) fn integrand<'a>(
        &'a self,
        time: f64,
        nodes: NodesView<'_>,
        sides: &'a [i32],
        centre: &'a Centre,
        range: Range<usize>,
    ) -> Result<Stage<'a>> {
        let c = self.components();
        let values = &centre.values[range.start * c..range.end * c];
        let part = nodes.part(range.clone());
        let movement = match &centre.weights {
            Some(weights) => {
                MovementTerm::weighted(values, centre.strength, weights[range].to_vec())
            }
            None => MovementTerm::new(&*self.metric, part, values, centre.strength)?,
        };
        Ok(Stage {
            flow: self,
            time,
            sides,
            inside: match sides.is_empty() {
                true => part.len(),
                false => sides.partition_point(|side| *side == INSIDE),
            },
            held: None,
            bounds: None,
            movement,
        })
    }

    /// f at the nodes in the domain, and what is on the boundary at those on it, without movement.
    ///
    /// # Errors
    /// [`Internal`](crate::ErrorKind::Internal) if the metric is not local.
    pub(in crate::flow) fn without_movement<'a>(
        &'a self,
        cx: &Context,
        nodes: &'a Nodes,
        at_rest: &'a Centre,
    ) -> Result<impl Integrand + 'a> {
        self.integrand(cx.time, nodes.view(), &nodes.side, at_rest, 0..nodes.len())
    }
}
