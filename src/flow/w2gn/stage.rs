//! A step: `F(u) + W2(u, u_k)^2 / (2 tau)` over the parameters of the density, on fresh points in each
//! iteration, for which the potentials are trained first, each of their updates on fresh points of its own.
//!
//! With the potentials of u and u_k held fixed the derivative in u of the squared distance is
//! `|x|^2 - 2 psi` (the envelope theorem), so with `g = dF/du + (|x|^2/2 - psi)/tau` and u of mass 1 by
//! the points' own weights the gradient is `int (g - mean g) dN s / int softplus(N)`. At the minimum g is
//! constant where there is mass: the noise of the points vanishes there, but for that of psi.

use super::W2gn;
use super::density::Density;
use super::integrands::Linear;
use super::pair::Pair;
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Context, Posed, Turn};
use crate::minimize::{Model, NoModel, Objective};
use crate::objective::Pointwise;
use crate::quadrature::{Nodes, Stream, generator};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Updates of the potentials, in iterations' worth, before a value is taken.
const SETTLE: u64 = 20;

/// The objective of a step.
pub struct Stage<'a> {
    flow: &'a W2gn,
    cx: &'a Context,
    /// The parameters of u_k.
    before: &'a [f64],
    strength: f64,
    rng: Xoshiro256PlusPlus,
    nodes: Nodes,
    rho: Density,
    /// F(u_k) on these nodes.
    energy: f64,
    pair: Pair<'a>,
    /// The part that is left of the learning rates.
    part: f64,
    scale: f64,
}

impl<'a> Stage<'a> {
    pub(super) fn new(flow: &'a W2gn, posed: &Posed<'a>) -> Result<Self> {
        let (density, potentials) = flow.split(posed.before);
        let Turn { step, attempt } = posed.turn;
        let mut stage = Self {
            flow,
            cx: posed.cx,
            before: density,
            strength: posed.centre.strength,
            rng: generator(flow.plan.seed, Stream::Iterations, step, attempt),
            nodes: Nodes::default(),
            rho: Density::default(),
            energy: 0.0,
            pair: Pair::new(&flow.plan.pair, potentials)?,
            part: 1.0,
            scale: 0.0,
        };
        stage.draw()?;
        Ok(stage)
    }

    /// Fresh nodes, and u_k there.
    fn draw(&mut self) -> Result<()> {
        let Self { flow, .. } = *self;
        let pool = &self.cx.pool;
        self.nodes = flow.rule.nodes(&flow.domain, &mut self.rng)?;
        self.rho = Density::new(&flow.field, pool, self.before, &self.nodes)?;
        self.energy = flow.energy(pool, &self.nodes.x, &self.rho)?;
        Ok(())
    }

    /// Trains the potentials for u of these parameters.
    fn train(&mut self, parameters: &[f64], rounds: u64) -> Result<()> {
        let Self { flow, before, .. } = *self;
        let (pool, plan) = (&self.cx.pool, &flow.plan);
        for _ in 0..rounds * plan.potential_iterations {
            let nodes = plan.potential_rule.nodes(&flow.domain, &mut self.rng)?;
            let u = Density::new(&flow.field, pool, parameters, &nodes)?;
            let rho = Density::new(&flow.field, pool, before, &nodes)?;
            let measures = plan.pair.measures(&nodes.x, &u.masses, &rho.masses)?;
            self.pair.update(&measures, self.part)?;
        }
        Ok(())
    }

    /// The value less F(u_k), which on common nodes is known far better than either energy, by the
    /// potentials as they are.
    fn evaluate(&mut self, u: &Density) -> Result<f64> {
        let Self { flow, .. } = *self;
        let plan = &flow.plan.pair;
        let measures = plan.measures(&self.nodes.x, &u.masses, &self.rho.masses)?;
        let square = self.pair.squared_distance(&measures)?;
        self.scale = 0.5 * self.strength * square;
        let energy = flow.energy(&self.cx.pool, &self.nodes.x, u)?;
        let value = energy - self.energy + self.scale;
        if value.is_finite() {
            Ok(value)
        } else {
            Err(Error::not_finite("the objective is not a finite number"))
        }
    }

    /// u of these parameters, for which the potentials are trained.
    fn density(&mut self, parameters: &[f64], rounds: u64) -> Result<Density> {
        let (density, _) = self.flow.split(parameters);
        self.train(density, rounds)?;
        Density::new(&self.flow.field, &self.cx.pool, density, &self.nodes)
    }
}

impl Objective for Stage<'_> {
    fn value(&mut self, parameters: &[f64]) -> Result<f64> {
        let u = self.density(parameters, SETTLE)?;
        self.evaluate(&u)
    }

    fn gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        let u = self.density(parameters, 1)?;
        let value = self.evaluate(&u)?;
        let (flow, pool) = (self.flow, &self.cx.pool);
        let mut g = flow.variation(pool, &self.nodes.x, &u)?;
        let movement = self.pair.variation(&self.nodes.x)?;
        for (g, movement) in g.iter_mut().zip(&movement) {
            *g += self.strength * movement;
        }
        let points = g.iter().zip(&u.masses);
        let mean: f64 = points.map(|(g, m)| g * m).sum();
        let seeds: Vec<f64> = g
            .iter()
            .zip(&u.slope)
            .map(|(g, s)| (g - mean) * s)
            .collect();
        let linear = Box::new(Linear { seeds: &seeds });
        let (density, _) = flow.split(parameters);
        let split = density.len().min(gradient.len());
        let (ours, potentials) = gradient.split_at_mut(split);
        Pointwise::new(&flow.field, pool, self.nodes.view(), linear)
            .in_precision(self.cx.precision())
            .gradient(density, ours)?;
        potentials.fill(0.0);
        Ok(value)
    }

    fn linearize(&mut self, _parameters: &[f64], _gradient: &mut [f64]) -> Result<f64> {
        Err(Error::new(
            ErrorKind::Internal,
            "the stage is minimised by Adam, and has no linearisation",
        ))
    }

    fn linear(&mut self) -> Box<dyn Model + '_> {
        Box::new(NoModel::new(&self.cx.pool))
    }

    fn scale(&self) -> f64 {
        self.scale
    }
}

/// Queries of the training loop to a stage, beside the objective.
impl Stage<'_> {
    /// Draws the nodes of an iteration anew.
    pub(super) fn refresh(&mut self, iteration: u64) -> Result<()> {
        self.part = self.flow.plan.part(iteration);
        self.draw()
    }

    /// The part of the learning rate that is left: values on nodes drawn anew do not compare, and
    /// it must fall to 0 for their noise to do so.
    pub(super) const fn part(&self) -> f64 {
        self.part
    }

    /// Writes the potentials beside the parameters of the density.
    pub(super) fn keep_potentials(&self, parameters: &mut [f64]) -> Result<()> {
        let trained = self.pair.parameters()?;
        let split = parameters.len().saturating_sub(trained.len());
        if let Some(potentials) = parameters.get_mut(split..) {
            potentials.copy_from_slice(&trained);
        }
        Ok(())
    }
}
