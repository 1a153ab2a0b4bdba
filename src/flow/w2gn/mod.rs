//! The Wasserstein gradient flow as in the paper (section 3.2): a network of the density, and in each
//! step a pair of convex potentials for the distance, all trained by Adam on random points of a box.

mod density;
mod flow;
mod icnn;
mod integrands;
mod pair;
mod product;
mod smooth;
mod stage;
mod start;
mod training;

pub use flow::{SPEC, W2gnFlow};
pub use integrands::Fit;
pub use stage::Stage;

use super::observed::masses;
use super::transport::{Local, Measure, Order, Pairs, Terms};
use super::{Centre, Observed, Posed};
use crate::domain::Domain;
use crate::energy::Term;
use crate::error::{Error, Result};
use crate::field::{Field, Network};
use crate::parallel::Pool;
use crate::quadrature::{Nodes, Quadrature, Stream, generator};
use density::Density;
use pair::Pair;

/// The part of the last step's change that a step begins with. Measured over eight steps: with 0 a porous
/// medium, which Adam leaves half way, is three times further off than with 0.8, and with 1 a Fokker-Planck
/// equation 1.4 times.
pub const CONTINUED: f64 = 0.75;

/// The parts that steps are made with.
#[derive(Clone, Debug)]
pub struct Training {
    /// Iterations of a step.
    pub iterations: u64,
    /// Updates of the potentials in each.
    pub potential_iterations: u64,
    /// The points of each update.
    pub potential_rule: Quadrature,
    /// Widths of their hidden layers.
    pub potential_hidden: Vec<usize>,
    /// Their learning rate.
    pub potential_learning_rate: f64,
    /// The weight of the regulariser in (2.12).
    pub lambda: f64,
    /// The seed of all that is random.
    pub seed: u64,
}

#[derive(Clone, Debug)]
struct Plan {
    iterations: u64,
    potential_iterations: u64,
    potential_rule: Quadrature,
    seed: u64,
    pair: pair::Plan,
}

impl Plan {
    /// The part that is left of the learning rates: a cosine to 0, as samples of the gradient ask.
    fn part(&self, iteration: u64) -> f64 {
        let done = iteration as f64 / self.iterations.max(1) as f64;
        0.5 + 0.5 * (std::f64::consts::PI * done.min(1.0)).cos()
    }
}

/// The functional, and the networks. Parameters are those of the density's network, then those of the
/// potentials of the last step.
#[derive(Clone)]
pub struct W2gn {
    field: Field,
    terms: Terms,
    domain: Domain,
    rule: Quadrature,
    plan: Plan,
}

impl W2gn {
    /// The flow of no energy yet, on points of this rule in the box of the domain.
    #[must_use]
    pub fn new(network: Network, domain: &Domain, rule: Quadrature, training: &Training) -> Self {
        let sides: f64 = domain.sides().map(|side| side * side).sum();
        let shape = icnn::Shape {
            dimension: domain.dimension(),
            hidden: training.potential_hidden.clone(),
        };
        let start = |attempt| {
            shape.initialize(&mut generator(
                training.seed,
                Stream::Potentials,
                0,
                attempt,
            ))
        };
        let pair = pair::Plan {
            starts: [start(0), start(1)],
            shape,
            lambda: training.lambda,
            rate: training.potential_learning_rate,
            centre: domain.centre(),
            length: 0.5 * (sides / domain.dimension() as f64).sqrt(),
        };
        Self {
            field: network.into(),
            terms: Terms::default(),
            domain: domain.clone(),
            rule,
            plan: Plan {
                iterations: training.iterations,
                potential_iterations: training.potential_iterations,
                potential_rule: training.potential_rule.clone(),
                seed: training.seed,
                pair,
            },
        }
    }

    /// Adds a term.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) if it needs the gradient of the density or depends on time.
    pub fn add_term(&mut self, term: Term) -> Result<()> {
        if term.uses_time() {
            return Err(Error::plugin(format!(
                "the energy `{}` depends on time, which `transport` = w2gn does not follow; accepted \
                 is auto, map, dual or collocation",
                term.name
            )));
        }
        if term
            .local
            .as_ref()
            .is_some_and(|d| d.traits().uses_gradient)
        {
            return Err(Error::plugin(format!(
                "the energy `{}` needs grad rho, which `transport` = w2gn does not follow; accepted is auto or map",
                term.name
            )));
        }
        self.terms.add(term)
    }

    /// The terms' names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.terms.names()
    }

    /// The network of the density.
    #[must_use]
    pub const fn network(&self) -> &Network {
        self.field.network()
    }

    /// The network as a field.
    #[must_use]
    pub const fn field(&self) -> &Field {
        &self.field
    }

    /// The parameters of a state: those of the density's network, and potentials at the identity.
    #[must_use]
    pub fn state(&self, mut density: Vec<f64>) -> Vec<f64> {
        self.plan.pair.starts.iter().for_each(|s| density.extend(s));
        density
    }

    /// The number of parameters of the density's network and of the potentials.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.field.parameters() + self.plan.pair.parameters()
    }

    /// The parameters of the density's network, and those of the potentials.
    fn split<'a>(&self, parameters: &'a [f64]) -> (&'a [f64], &'a [f64]) {
        let density = parameters.len().saturating_sub(self.plan.pair.parameters());
        parameters.split_at(density)
    }

    /// The objective of a step.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn stage<'a>(&'a self, posed: &Posed<'a>) -> Result<Stage<'a>> {
        Stage::new(self, posed)
    }

    /// The density at nodes whose weights measure its mass.
    ///
    /// # Errors
    /// [`NotFinite`](crate::ErrorKind::NotFinite).
    pub fn observe(&self, pool: &Pool, nodes: &Nodes, parameters: &[f64]) -> Result<Observed> {
        let (density, _) = self.split(parameters);
        Ok(Observed {
            u: Density::new(&self.field, pool, density, nodes)?.u,
            ..Observed::default()
        })
    }

    /// The density at positions `x` (`[n][d]`), its mass measured on nodes.
    ///
    /// # Errors
    /// [`NotFinite`](crate::ErrorKind::NotFinite).
    pub fn density(
        &self,
        pool: &Pool,
        nodes: &Nodes,
        parameters: &[f64],
        x: &[f64],
    ) -> Result<Vec<f64>> {
        let (density, _) = self.split(parameters);
        let integral = Density::new(&self.field, pool, density, nodes)?.integral;
        Ok(Density::scaled(&self.field, pool, density, x, integral).u)
    }

    /// The density at positions `x` (`[n][d]`) and, when wanted, its gradient (`[n][d]`), its mass
    /// measured on nodes.
    ///
    /// # Errors
    /// [`NotFinite`](crate::ErrorKind::NotFinite).
    pub fn evaluate(
        &self,
        pool: &Pool,
        nodes: &Nodes,
        parameters: &[f64],
        x: &[f64],
        u: &mut [f64],
        grad: Option<&mut [f64]>,
    ) -> Result<()> {
        let density = self.density(pool, nodes, parameters, x)?;
        if let Some(grad) = grad {
            let (network, _) = self.split(parameters);
            self.field.evaluate(pool, network, x, u, Some(grad));
            let d = self.domain.dimension();
            for ((grad, z), density) in grad.chunks_exact_mut(d).zip(&*u).zip(&density) {
                // With s = ln(1 + e^z) the slope of the density is s'/s times its value.
                let softplus = z.max(0.0) + (-z.abs()).exp().ln_1p();
                let sigmoid = 1.0 / (1.0 + (-z).exp());
                let scale = density * sigmoid / softplus.max(f64::MIN_POSITIVE);
                grad.iter_mut().for_each(|g| *g *= scale);
            }
        }
        u.copy_from_slice(&density);
        Ok(())
    }

    /// The divisor of the network's softplus, as measured on nodes.
    ///
    /// # Errors
    /// [`NotFinite`](crate::ErrorKind::NotFinite).
    pub fn integral(&self, pool: &Pool, nodes: &Nodes, parameters: &[f64]) -> Result<f64> {
        let (density, _) = self.split(parameters);
        Ok(Density::new(&self.field, pool, density, nodes)?.integral)
    }

    /// The energy of each term.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn energies(&self, pool: &Pool, nodes: &Nodes, observed: &Observed) -> Result<Vec<f64>> {
        let masses = masses(nodes, &observed.u);
        self.terms
            .energies(pool, &self.measure(&nodes.x, &masses, &observed.u))
    }

    /// The density of each term's energy at points x with density u, in a state known at nodes.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn densities_at(
        &self,
        pool: &Pool,
        (nodes, whole): (&Nodes, &Observed),
        points: (&[f64], &[f64]),
    ) -> Result<Vec<Vec<f64>>> {
        let masses = masses(nodes, &whole.u);
        let measure = self.measure(&nodes.x, &masses, &whole.u);
        self.terms
            .densities(pool, &measure, (points.0, points.1, &[]))
    }

    /// The Wasserstein distance of the states before and after a step, as the step's potentials
    /// estimate it.
    ///
    /// # Errors
    /// Errors of Candle.
    pub fn distance(
        &self,
        nodes: &Nodes,
        parameters: &[f64],
        after: &Observed,
        before: &Observed,
    ) -> Result<f64> {
        let (_, potentials) = self.split(parameters);
        let pair = Pair::new(&self.plan.pair, potentials)?;
        let (u, rho) = (masses(nodes, &after.u), masses(nodes, &before.u));
        let measures = self.plan.pair.measures(&nodes.x, &u, &rho)?;
        let square = pair.squared_distance(&measures)?;
        Ok(square.max(0.0).sqrt())
    }

    /// The norm in L2(u) of `grad (dF/du + (|x|^2/2 - psi)/tau)`, by differences.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn residual(
        &self,
        pool: &Pool,
        nodes: &Nodes,
        parameters: &[f64],
        centre: &Centre,
    ) -> Result<f64> {
        let d = self.domain.dimension();
        let (density, potentials) = self.split(parameters);
        let u = Density::new(&self.field, pool, density, nodes)?;
        let pair = Pair::new(&self.plan.pair, potentials)?;
        let at = |x: &[f64]| -> Result<Vec<f64>> {
            let there = Density::scaled(&self.field, pool, density, x, u.integral);
            let mut g = self.variation_at(pool, (&nodes.x, &u), (x, &there))?;
            let movement = pair.variation(x)?;
            let pairs = g.iter_mut().zip(&movement);
            pairs.for_each(|(g, m)| *g += centre.strength * m);
            Ok(g)
        };
        let h = f64::EPSILON.cbrt() * self.plan.pair.length;
        let mut squares = 0.0;
        for axis in 0..d {
            let beside = |side: f64| {
                let mut x = nodes.x.clone();
                x.iter_mut().skip(axis).step_by(d).for_each(|x| *x += side);
                at(&x)
            };
            let pairs = beside(h)?.into_iter().zip(beside(-h)?);
            let slopes = pairs.map(|(up, down)| (up - down) / (2.0 * h));
            let points = u.masses.iter().zip(slopes);
            squares += points.map(|(m, slope)| m * slope * slope).sum::<f64>();
        }
        Ok(squares.sqrt())
    }

    fn measure<'a>(&self, x: &'a [f64], masses: &'a [f64], u: &'a [f64]) -> Measure<'a> {
        Measure {
            d: self.domain.dimension(),
            t: 0.0,
            y: x,
            w: masses,
            rho: u,
        }
    }

    /// F(u).
    fn energy(&self, pool: &Pool, x: &[f64], u: &Density) -> Result<f64> {
        let measure = self.measure(x, &u.masses, &u.u);
        Ok(self.terms.energies(pool, &measure)?.iter().sum())
    }

    /// `dF/du` at the points that carry u.
    fn variation(&self, pool: &Pool, x: &[f64], u: &Density) -> Result<Vec<f64>> {
        self.variation_at(pool, (x, u), (x, u))
    }

    /// `dF/du` at the points of `at`, where u is known, for the measure of `of`.
    fn variation_at(
        &self,
        pool: &Pool,
        of: (&[f64], &Density),
        at: (&[f64], &Density),
    ) -> Result<Vec<f64>> {
        let mut local = Local::default();
        let points = self.measure(at.0, &[], &at.1.u);
        self.terms.local(pool, &points, Order::First, &mut local)?;
        let mut g = local.f_u;
        if self.terms.interact() {
            let mut pairs = Pairs::default();
            let measure = self.measure(of.0, &of.1.masses, &of.1.u);
            self.terms
                .pairs_in_cells(pool, &measure, at.0, &mut pairs)?;
            let sums = g.iter_mut().zip(&pairs.potential);
            sums.for_each(|(g, potential)| *g += potential);
        }
        Ok(g)
    }
}

#[cfg(test)]
mod tests;
