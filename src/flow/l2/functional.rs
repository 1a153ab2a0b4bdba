//! The L2 gradient flow of `F(t, u) = int f(t, x, u, grad u) dx`, `u` a network.

use super::boundary::BoundaryEnergies;
use super::bounds::Bounded;
use super::held::Held;
use super::integrals::Integrals;
use super::stage::Stage;
use super::walls::Walls;
use crate::energy::{Batch, Derivatives, EnergyDensity, Mobility, Term, evaluate_sum};
use crate::error::{Error, Result};
use crate::field::{Ansatz, AtNodes, CHUNK, Channels, Field, Jets, Network, Normalized, kernels};
use crate::flow::observed::total;
use crate::flow::{Centre, Context, Observed, Posed};
use crate::linear_algebra::dot;
use crate::minimize::Objective;
use crate::objective::{
    Equation, Euclidean, Form, Integrand, Metric, MovementTerm, OfOutputs, Pointwise, Residual,
    over_lanes, residual_at,
};
use crate::parallel::Pool;
use crate::quadrature::{Boundary, INSIDE, Nodes, NodesView};
use movimento_abi::{LOCAL_1, SYSTEM_1};
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
                 movimento.local/1), which `{}` does not offer",
                term.name
            )));
        };
        term.require_only("the L2 flow", &[LOCAL_1, SYSTEM_1])?;
        self.densities.push(Arc::clone(density));
        self.places.push(Place::Domain);
        self.names.push(term.name);
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

    /// Whether F depends on grad u, so that its flow smooths.
    pub(super) fn penalises_gradients(&self) -> bool {
        self.densities.iter().any(|d| d.traits().uses_gradient)
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
            self.field = self.field.clone().with_kernels(kernels::frozen());
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
        // Of a field that is held the residual is no bound.
        convex && self.on_boundary.is_convex() && !self.has_constraints()
    }

    /// u, `[n][c]`, at nodes `x`, `[n][d]`.
    ///
    /// # Errors
    /// Failures of the kernels.
    pub fn values(&self, pool: &Pool, x: &[f64], parameters: &[f64]) -> Result<Vec<f64>> {
        let mut u = vec![0.0; x.len() / self.field.dimension() * self.components()];
        self.by_lanes(pool, x, parameters, &mut u, None)?;
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

    /// u and grad u at nodes, and u at those on the boundary where something is posed on it.
    ///
    /// # Errors
    /// Failures of the kernels.
    pub fn observe(
        &self,
        pool: &Pool,
        nodes: &Nodes,
        boundary: Option<&Boundary>,
        parameters: &[f64],
    ) -> Result<Observed> {
        let c = self.components();
        let mut u = vec![0.0; nodes.len() * c];
        let mut p = vec![0.0; nodes.x.len() * c];
        self.by_lanes(pool, &nodes.x, parameters, &mut u, Some(&mut p))?;
        let held = self.held.as_ref();
        let boundary = boundary.filter(|_| !self.on_boundary.is_empty() || held.is_some());
        let on_boundary = boundary.map(|boundary| self.values(pool, &boundary.x, parameters));
        Ok(Observed {
            u,
            p,
            rho: Vec::new(),
            on_boundary: on_boundary.transpose()?.unwrap_or_default(),
            at_bounds: match &self.bounds {
                Some(bounds) => self.values(pool, &bounds.nodes().x, parameters)?,
                None => Vec::new(),
            },
            on_walls: match held {
                Some(held) => self.values(pool, &held.nodes().x, parameters)?,
                None => Vec::new(),
            },
        })
    }

    /// The norm of the Euler-Lagrange residual of a stage in the dual of the metric, see
    /// [`Residual`].
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn residual(
        &self,
        cx: &Context,
        nodes: &Nodes,
        state: &[f64],
        observed: &Observed,
        centre: &Centre,
    ) -> Result<f64> {
        let jets = Jets {
            value: observed.u.clone(),
            slope: observed.p.clone(),
            curved: Vec::new(),
        };
        let pool = &cx.pool;
        let stage = self.integrand(cx.time, nodes.view(), &[], centre, 0..nodes.len())?;
        let (field, parameters) = self.in_state(state);
        let field = AtNodes::new(field, pool, nodes.x.as_slice());
        let mut r = residual_at(&stage, &field, &nodes.x, parameters, &jets)?;
        self.hold_residual(cx, state, (nodes, &observed.u), (&stage, &mut r))?;
        let squares = r.chunks_exact(self.components()).map(|r| dot(r, r));
        let squares = nodes.w.iter().zip(squares).enumerate();
        let square = squares
            .map(|(node, (w, r))| w * r / stage.weight(node))
            .sum();
        Ok(total(pool.ranks(), square)?.sqrt())
    }

    /// The root mean square over the boundary of what the natural condition makes vanish, `f_p . n + b_u`: the
    /// flux where there is no energy on it.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn boundary_flux(
        &self,
        cx: &Context,
        boundary: &Boundary,
        parameters: &[f64],
    ) -> Result<f64> {
        let (d, pool) = (self.field.dimension(), &cx.pool);
        let (u, _, f_p) = self.first_derivatives(cx, &boundary.x, parameters)?;
        let b_u = self.on_boundary.slopes(cx.time, boundary, &u)?;
        let c = self.components();
        let normals = f_p.chunks_exact(c * d).zip(boundary.normal.chunks_exact(d));
        let squares = normals.zip(b_u.chunks_exact(c)).map(|((f, n), b_u)| {
            let components = f.chunks_exact(d).zip(b_u);
            components
                .map(|(f, b_u)| (dot(f, n) + b_u).powi(2))
                .sum::<f64>()
        });
        // On walls there is no natural condition.
        let natural = |side: &i32| !self.has_value_on(*side);
        let w = boundary.side.iter().zip(&boundary.w);
        let w = w.map(|(side, w)| if natural(side) { *w } else { 0.0 });
        let mut sums = [0.0; 2];
        for (w, square) in w.zip(squares) {
            sums[0] += w * square;
            sums[1] += w;
        }
        pool.ranks().sum(Ok(()), &mut sums)?;
        let [sum, area] = sums;
        Ok((sum / area).sqrt())
    }

    /// u and, when wanted, grad u. The last bits of a value depend on which others are computed
    /// along with it: those of a lane, which are the same on every number of ranks.
    fn by_lanes(
        &self,
        pool: &Pool,
        x: &[f64],
        parameters: &[f64],
        u: &mut [f64],
        mut p: Option<&mut [f64]>,
    ) -> Result<()> {
        let (c, d) = (self.components(), self.field.dimension());
        let (field, parameters) = self.in_state(parameters);
        for lane in pool.ranks().lanes(u.len() / c, CHUNK) {
            let rows = |width: usize| lane.start * width..lane.end * width;
            let p = p.as_deref_mut().and_then(|p| p.get_mut(rows(c * d)));
            let (Some(x), Some(u)) = (x.get(rows(d)), u.get_mut(rows(c))) else {
                continue;
            };
            if !self.outputs_only {
                field.evaluate(pool, parameters, x, u, p);
                continue;
            }
            // What the layers before make of nodes is kept.
            let mut jets = Jets::default();
            let channels = match p {
                Some(_) => Channels::First,
                None => Channels::Value,
            };
            AtNodes::new(&*field, pool, x).jets(parameters, channels, &mut jets)?;
            u.copy_from_slice(&jets.value);
            if let Some(p) = p {
                p.copy_from_slice(&jets.slope);
            }
        }
        Ok(())
    }

    /// u and grad u.
    pub(super) fn jets(&self, pool: &Pool, x: &[f64], parameters: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let c = self.components();
        let mut u = vec![0.0; x.len() / self.field.dimension() * c];
        let mut p = vec![0.0; x.len() * c];
        let (field, parameters) = self.in_state(parameters);
        field.evaluate(pool, parameters, x, &mut u, Some(&mut p));
        (u, p)
    }

    /// u, f_u and f_p of the sum of the terms.
    fn first_derivatives(
        &self,
        cx: &Context,
        x: &[f64],
        parameters: &[f64],
    ) -> Result<(Vec<f64>, Vec<f64>, Vec<f64>)> {
        let (u, p) = self.jets(&cx.pool, x, parameters);
        let batch = Batch {
            c: self.components(),
            d: self.field.dimension(),
            t: cx.time,
            x,
            u: &u,
            p: &p,
        };
        let (mut f_u, mut f_p) = (vec![0.0; u.len()], vec![0.0; p.len()]);
        let mut wanted = Derivatives {
            f_u: Some(&mut f_u),
            f_p: Some(&mut f_p),
            ..Derivatives::default()
        };
        evaluate_sum(&self.densities, &batch, &mut wanted)?;
        Ok((u, f_u, f_p))
    }
}
