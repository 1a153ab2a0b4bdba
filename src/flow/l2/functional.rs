//! The L2 gradient flow of `F(u) = int f(x, u, grad u) dx`, `u` a network.

use crate::differences;
use crate::energy::{Batch, Derivatives, EnergyDensity, Term, evaluate_sum};
use crate::error::{Error, Result};
use crate::field::{AtNodes, CHUNK, Channels, Field, Jets, Network, Normalized, kernels};
use crate::flow::observed::total;
use crate::flow::{Centre, Observed, Posed, REST};
use crate::linear_algebra::dot;
use crate::minimize::Objective;
use crate::objective::{
    Equation, Euclidean, Form, Integrand, Metric, MovementTerm, OfOutputs, Pointwise, Residual,
    over_lanes, squared_residual,
};
use crate::parallel::Pool;
use crate::quadrature::{Boundary, Nodes, NodesView};
use movimento_abi::LOCAL_1;
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
    names: Vec<String>,
    densities: Vec<Arc<dyn EnergyDensity>>,
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
            names: Vec::new(),
            densities: Vec::new(),
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
        term.require_only("the L2 flow", &[LOCAL_1])?;
        self.densities.push(Arc::clone(density));
        self.names.push(term.name);
        Ok(())
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
        self.densities.iter().all(|d| d.traits().convex)
    }

    /// u at nodes `x`, `[n][d]`.
    ///
    /// # Errors
    /// Failures of the kernels.
    pub fn values(&self, pool: &Pool, x: &[f64], parameters: &[f64]) -> Result<Vec<f64>> {
        let mut u = vec![0.0; x.len() / self.field.dimension()];
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
        let (field, nodes) = (&self.field, nodes.view());
        let frozen = self.frozen();
        over_lanes(pool, nodes.len(), field.parameters() - frozen, |lane| {
            let stage = Box::new(self.integrand(nodes, centre, lane.clone())?);
            let nodes = nodes.part(lane);
            let own: Box<dyn Objective> = match form {
                None => Box::new(Pointwise::new(field, pool, nodes, stage).in_precision(precision)),
                Some(form) => Box::new(Residual::new(field, pool, nodes, stage, form)),
            };
            Ok(match frozen {
                0 => own,
                _ => Box::new(OfOutputs::new(own, before, frozen)),
            })
        })
    }

    /// The integrand of a stage at a range of its nodes.
    pub(super) fn integrand<'a>(
        &'a self,
        nodes: NodesView<'_>,
        centre: &'a Centre,
        range: Range<usize>,
    ) -> Result<Stage<'a>> {
        let (part, values) = (nodes.part(range.clone()), &centre.values[range]);
        Ok(Stage {
            flow: self,
            movement: MovementTerm::new(&*self.metric, part, values, centre.strength)?,
        })
    }

    /// u and grad u at nodes.
    ///
    /// # Errors
    /// Failures of the kernels.
    pub fn observe(&self, pool: &Pool, nodes: &Nodes, parameters: &[f64]) -> Result<Observed> {
        let mut u = vec![0.0; nodes.len()];
        let mut p = vec![0.0; nodes.x.len()];
        self.by_lanes(pool, &nodes.x, parameters, &mut u, Some(&mut p))?;
        Ok(Observed {
            u,
            p,
            rho: Vec::new(),
        })
    }

    /// The energy of each term.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn energies(&self, pool: &Pool, nodes: &Nodes, observed: &Observed) -> Result<Vec<f64>> {
        let densities = self.densities_at((&nodes.x, &observed.u, &observed.p));
        let mut all = vec![0.0; self.densities.len()];
        for (energy, f) in all.iter_mut().zip(densities.iter().flatten()) {
            *energy = dot(&nodes.w, f);
        }
        pool.ranks().sum(densities.map(drop), &mut all)?;
        Ok(all)
    }

    /// The density of each term's energy at points x with u and grad u.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn densities_at(&self, (x, u, p): (&[f64], &[f64], &[f64])) -> Result<Vec<Vec<f64>>> {
        let d = self.field.dimension();
        let batch = Batch { d, x, u, p };
        let at = |density: &Arc<dyn EnergyDensity>| {
            let mut f = vec![0.0; u.len()];
            let mut wanted = Derivatives {
                f: Some(&mut f),
                ..Derivatives::default()
            };
            evaluate_sum(std::slice::from_ref(density), &batch, &mut wanted)?;
            Ok(f)
        };
        self.densities.iter().map(at).collect()
    }

    /// The norm of the Euler-Lagrange residual of a stage in the dual of the metric, see
    /// [`Residual`].
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn residual(
        &self,
        pool: &Pool,
        nodes: &Nodes,
        parameters: &[f64],
        observed: &Observed,
        centre: &Centre,
    ) -> Result<f64> {
        let jets = Jets {
            value: observed.u.clone(),
            slope: observed.p.clone(),
            curved: Vec::new(),
        };
        let stage = self.integrand(nodes.view(), centre, 0..nodes.len())?;
        let field = AtNodes::new(&self.field, pool, nodes.x.as_slice());
        let square = squared_residual(&stage, &field, nodes.view(), parameters, jets)?;
        Ok(total(pool.ranks(), square)?.sqrt())
    }

    /// The root mean square of the flux `f_p . n` over the boundary.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn boundary_flux(
        &self,
        pool: &Pool,
        boundary: &Boundary,
        parameters: &[f64],
    ) -> Result<f64> {
        let d = self.field.dimension();
        let (_, _, f_p) = self.first_derivatives(pool, &boundary.x, parameters)?;
        let normals = f_p.chunks_exact(d).zip(boundary.normal.chunks_exact(d));
        let squares = normals.map(|(f, n)| dot(f, n).powi(2));
        let sum: f64 = boundary.w.iter().zip(squares).map(|(w, s)| w * s).sum();
        let mut sums = [sum, boundary.w.iter().sum()];
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
        let d = self.field.dimension();
        for lane in pool.ranks().lanes(u.len(), CHUNK) {
            let slopes = lane.start * d..lane.end * d;
            let p = p.as_deref_mut().and_then(|p| p.get_mut(slopes.clone()));
            let (Some(x), Some(u)) = (x.get(slopes), u.get_mut(lane)) else {
                continue;
            };
            if !self.outputs_only {
                self.field.evaluate(pool, parameters, x, u, p);
                continue;
            }
            // What the layers before make of nodes is kept.
            let mut jets = Jets::default();
            let channels = match p {
                Some(_) => Channels::First,
                None => Channels::Value,
            };
            AtNodes::new(&self.field, pool, x).jets(parameters, channels, &mut jets)?;
            u.copy_from_slice(&jets.value);
            if let Some(p) = p {
                p.copy_from_slice(&jets.slope);
            }
        }
        Ok(())
    }

    /// u and grad u.
    fn jets(&self, pool: &Pool, x: &[f64], parameters: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let mut u = vec![0.0; x.len() / self.field.dimension()];
        let mut p = vec![0.0; x.len()];
        self.field
            .evaluate(pool, parameters, x, &mut u, Some(&mut p));
        (u, p)
    }

    /// u, f_u and f_p of the sum of the terms.
    fn first_derivatives(
        &self,
        pool: &Pool,
        x: &[f64],
        parameters: &[f64],
    ) -> Result<(Vec<f64>, Vec<f64>, Vec<f64>)> {
        let (u, p) = self.jets(pool, x, parameters);
        let batch = Batch {
            d: self.field.dimension(),
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

/// The integrand of one stage, `S m/(2 tau) (u - c)^2 + f(x, u, grad u)`.
pub(super) struct Stage<'a> {
    flow: &'a L2,
    movement: MovementTerm<'a>,
}

impl Integrand for Stage<'_> {
    fn evaluate(
        &self,
        nodes: Range<usize>,
        batch: &Batch<'_>,
        wanted: &mut Derivatives<'_>,
    ) -> Result<()> {
        evaluate_sum(&self.flow.densities, batch, wanted)?;
        self.movement.add_to(
            nodes,
            batch.u,
            wanted.f.as_deref_mut(),
            wanted.f_u.as_deref_mut(),
            wanted.f_uu.as_deref_mut(),
        );
        Ok(())
    }

    fn caller_thread_only(&self) -> bool {
        self.flow
            .densities
            .iter()
            .any(|d| d.traits().caller_thread_only)
    }

    fn scale(&self, node: usize, u: f64) -> f64 {
        let least = REST * self.flow.units.size;
        let least = self.movement.weight(node) * least * least;
        0.5 * self.movement.strength() * (self.movement.square(node, &[u]) + least)
    }
}

impl Equation for Stage<'_> {
    fn strength(&self) -> f64 {
        self.movement.strength()
    }

    fn weight(&self, node: usize) -> f64 {
        self.movement.weight(node)
    }

    fn explicit_divergence(
        &self,
        _nodes: Range<usize>,
        batch: &Batch<'_>,
    ) -> Result<Option<Vec<f64>>> {
        explicit_divergence(&self.flow.densities, batch)
    }
}

/// `sum_i d2f / dp_i dx_i` by central differences of the terms' own f_p in x, u and p held fixed;
/// `None` if no term depends on both x and p.
fn explicit_divergence(
    densities: &[Arc<dyn EnergyDensity>],
    batch: &Batch<'_>,
) -> Result<Option<Vec<f64>>> {
    let both = |d: &&Arc<dyn EnergyDensity>| d.traits().uses_gradient && d.traits().uses_position;
    let mixed: Vec<_> = densities.iter().filter(both).cloned().collect();
    if mixed.is_empty() {
        return Ok(None);
    }
    let d = batch.d;
    let mut divergence = vec![0.0; batch.n()];
    let mut f_p = vec![0.0; batch.x.len()];
    for axis in 0..d {
        for side in differences::sides(differences::positions(batch.x)) {
            let mut x = batch.x.to_vec();
            x.iter_mut().skip(axis).step_by(d).for_each(|x| *x += side);
            let mut wanted = Derivatives {
                f_p: Some(&mut f_p),
                ..Derivatives::default()
            };
            evaluate_sum(&mixed, &Batch { x: &x, ..*batch }, &mut wanted)?;
            let component = f_p.iter().skip(axis).step_by(d);
            for (sum, f) in divergence.iter_mut().zip(component) {
                *sum += differences::share(*f, side);
            }
        }
    }
    Ok(Some(divergence))
}
