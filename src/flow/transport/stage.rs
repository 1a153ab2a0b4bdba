//! A stage of a step: `S/(2 tau) int m |X - c|^2 rho_0 + F(X_# rho_0)` over the parameters of the
//! map.
//!
//! For a density `f(y, rho)` with the pressure `p = rho f_u - f`, and `B = DX^-1 dDX`, the first
//! variation of `int f / rho` is `int (f_y / rho) . dX - (p / rho) tr B`, and the second in DX
//! `int 1/rho [p tr B^2 + (rho p' - p) (tr B)^2]`. With `|B|^2` for `tr B^2`, which is the same
//! where B is symmetric, it is a sum of squares under McCann's condition `p + d (rho p' - p) >= 0`.

mod curvature;
mod sloped;

use super::linearized_residual::{LinearizedResidual, ResidualModel};
use super::map::Map;
use super::measure::{Measure, Whole, integral};
use super::residual_derivatives::{ResidualDerivatives, State};
use super::second_derivatives::SecondDerivatives;
use super::sloped::Wanted;
use super::strong::Evaluated;
use super::terms::Terms;
use super::{Order, Pairs};
use crate::differences;
use crate::error::{Error, Result};
use crate::field::{AtNodes, Blocks, Channels, Jets};
use crate::flow::REST;
use crate::minimize::{Model, Objective};
use crate::objective::{Form, MovementTerm, NodalModel};
use crate::parallel::Pool;
use crate::quadrature::Nodes;
use sloped::SlopedStage;

/// A stage on labels, in one of the forms:
///
/// - weak (`None`): its objective on the labels is minimised;
/// - Galerkin: the velocity's Euler-Lagrange residual `(X - c) S/tau + grad (dF/drho)(X)` is made
///   orthogonal to every `dX/dp`: it vanishes at the solution, and with it the noise of the labels;
/// - least squares: the square of that residual is minimised, which a map that is steep between
///   labels only raises.
pub struct TransportStage<'a> {
    map: &'a Map,
    labels: &'a Nodes,
    terms: &'a Terms,
    movement: MovementTerm<'a>,
    form: Option<Form>,
    /// At the last linearisation, and in strong form at the last evaluation.
    linearized: AtNodes<'a>,
    trial: AtNodes<'a>,
    state: Evaluated,
    /// The strong residual, `[n][d]`.
    residual: Vec<f64>,
    blocks: Blocks,
    rows: LinearizedResidual<'a>,
    /// Of the densities that depend on `grad rho`.
    sloped: Option<SlopedStage<'a>>,
    scale: f64,
    /// `S/(2 tau) int m |X - c|^2 rho_0`.
    motion: f64,
    /// Parameters of the trial's pass and the value there, in strong form, where all evaluations
    /// are alike: a minimiser linearises where it has just taken a value.
    known: Option<(Vec<f64>, f64)>,
}

impl<'a> TransportStage<'a> {
    /// The stage of this movement on labels, with the functional at a time.
    #[must_use]
    pub fn new(
        map: &'a Map,
        (pool, time): (&'a Pool, f64),
        labels: &'a Nodes,
        terms: &'a Terms,
        movement: MovementTerm<'a>,
        form: Option<Form>,
    ) -> Self {
        Self {
            map,
            labels,
            terms,
            movement,
            form,
            linearized: AtNodes::new(map.field(), pool, labels.x.as_slice()),
            trial: AtNodes::new(map.field(), pool, labels.x.as_slice()),
            state: Evaluated {
                time,
                ..Evaluated::default()
            },
            residual: Vec::new(),
            blocks: Blocks::default(),
            rows: LinearizedResidual::default(),
            sloped: terms.use_slope().then(|| {
                let second = SecondDerivatives::new(map, pool, &labels.x);
                SlopedStage::new(terms.sloped(), second)
            }),
            scale: 0.0,
            motion: 0.0,
            known: None,
        }
    }

    /// The value and what it is made of; kept for derivatives if there is an order for them.
    fn evaluate(&mut self, parameters: &[f64], order: Order) -> Result<f64> {
        if let Some((_, value)) = self.known.as_ref().filter(|(at, _)| at == parameters) {
            return Ok(*value);
        }
        // An evaluation that fails leaves nothing known.
        self.known = None;
        let value = self.evaluate_anew(parameters, order)?;
        if self.form.is_some() {
            self.known = Some((parameters.to_vec(), value));
        }
        Ok(value)
    }

    fn evaluate_anew(&mut self, parameters: &[f64], order: Order) -> Result<f64> {
        let strong = self.form.is_some();
        let jets = &mut self.state.at.map;
        if strong {
            self.trial.record(parameters, &[], jets)?;
        } else if order == Order::Value {
            self.linearized.jets(parameters, Channels::First, jets)?;
        } else {
            self.linearized.record(parameters, &[], jets)?;
        }
        let (pool, d) = (self.linearized.pool(), self.map.dimension());
        let order = if strong { Order::Second } else { order };
        self.state.update(pool, d, self.labels, self.terms, order)?;
        let mut of_slopes = 0.0;
        if let Some(sloped) = &mut self.sloped {
            let wanted = match order {
                Order::Second => Wanted::Second,
                Order::First => Wanted::First,
                _ => Wanted::Value,
            };
            let at = (pool, self.labels, &self.state);
            of_slopes = sloped.evaluate(at, parameters, wanted)?;
        }
        let (mut movement, mut mass) = (0.0, 0.0);
        let points = self.state.at.map.value.chunks_exact(d).zip(&self.labels.w);
        for (node, (x, w)) in points.enumerate() {
            movement += w * self.movement.square(node, x);
            mass += w * self.movement.weight(node);
        }
        let strength = self.movement.strength();
        let movement = 0.5 * strength * movement;
        let rest = REST * REST * self.map.extent() * mass;
        self.motion = movement;
        self.scale = movement + 0.5 * strength * rest;
        let value = if strong {
            self.residual =
                self.state
                    .residual(&self.trial, self.labels, self.terms, &self.movement)?;
            0.5 / strength * dual_square(&self.residual, self.labels, &self.movement)
        } else {
            let Evaluated {
                at,
                local,
                pairs,
                time,
                ..
            } = &self.state;
            let potentials = if self.terms.interact() {
                pairs.potential.as_slice()
            } else {
                &[]
            };
            let points = self.labels.w.iter().zip(potentials);
            let interaction: f64 = points.map(|(w, v)| 0.5 * w * v).sum();
            movement
                + integral(&at.measure(d, *time, self.labels), &local.f)
                + interaction
                + of_slopes
        };
        if value.is_finite() {
            Ok(value)
        } else {
            Err(Error::not_finite(
                "the objective of a step is not a finite number; take a smaller `tau`",
            ))
        }
    }

    /// The derivative of the objective in the jets of X; in strong form in the values.
    fn seeds(&self) -> Jets {
        let d = self.map.dimension();
        if self.form.is_some() {
            return self.value_seeds(&self.residual);
        }
        let Evaluated {
            at, local, pairs, ..
        } = &self.state;
        let mut seeds = Jets::default();
        seeds.resize(self.labels.len(), self.linearized.shape(Channels::First));
        let out = seeds.value.chunks_exact_mut(d);
        let out = out.zip(seeds.slope.chunks_exact_mut(d * d)).enumerate();
        for ((node, (of_x, of_slope)), w) in out.zip(&self.labels.w) {
            let rho = at.rho[node];
            let pressure = rho * local.f_u[node] - local.f[node];
            let inverse = at.inverse(node);
            for i in 0..d {
                let axis = node * d + i;
                let moved = self.movement.first(axis, at.map.value[axis]);
                let pair = pairs.gradient.get(axis).copied().unwrap_or(0.0);
                let force = local.f_x[axis] / rho + pair;
                of_x[i] = w * (moved + force);
                for j in 0..d {
                    of_slope[i * d + j] = -w * pressure / rho * inverse[j * d + i];
                }
            }
        }
        seeds
    }

    /// The gradient, where it is that of the objective or of Galerkin's residual.
    fn weak_gradient(&self, gradient: &mut [f64]) -> Result<()> {
        self.linearized.pullback(&self.seeds(), gradient)?;
        match &self.sloped {
            Some(sloped) => sloped.add_gradient((self.labels, &self.state), gradient),
            None => Ok(()),
        }
    }

    /// A derivative in X at the labels, `[n][d]`, without their masses, as seeds.
    fn value_seeds(&self, of_x: &[f64]) -> Jets {
        let d = self.map.dimension();
        let labels = of_x.chunks_exact(d).zip(&self.labels.w);
        Jets {
            value: labels
                .flat_map(|(of_x, w)| of_x.iter().map(move |a| a * w))
                .collect(),
            ..Jets::default()
        }
    }

    /// Linearises the residual; `gradient` is that of its square.
    fn linearize_residual(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<()> {
        let d = self.map.dimension();
        let (pool, measure) = (self.linearized.pool(), self.state.measure(d, self.labels));
        let state = State {
            map: self.map,
            at_labels: &self.linearized,
            labels: self.labels,
            terms: self.terms,
            whole: self.state.whole.or(pool.ranks(), measure),
            movement: &self.movement,
        };
        let derivatives = ResidualDerivatives::of(&state, &self.state)?;
        let (movement, w) = (&self.movement, &self.labels.w);
        let points = (self.labels.x.as_slice(), parameters);
        let weight = |node: usize| w[node] / movement.second(node);
        self.rows
            .set((self.map, pool), points, &derivatives, weight)?;
        let weighted = self.residual.iter().enumerate();
        let weighted: Vec<f64> = weighted
            .map(|(axis, r)| r * weight(axis / d).sqrt())
            .collect();
        self.rows
            .transposed(&self.linearized, &weighted, gradient)?;
        if self.terms.interact() {
            let seeds = self.seeds_of_others()?;
            let mut part = vec![0.0; gradient.len()];
            self.linearized.pullback(&seeds, &mut part)?;
            gradient.iter_mut().zip(&part).for_each(|(g, p)| *g += p);
        }
        Ok(())
    }

    /// The derivative of the residual's square in each mass through the forces that it has on the
    /// others, as seeds of the values. A kernel is even, so that this is the derivative of the
    /// forces on a mass while the others move along the residual.
    fn seeds_of_others(&self) -> Result<Jets> {
        let pool = self.linearized.pool();
        let d = self.map.dimension();
        let measure = self.state.measure(d, self.labels);
        let duals = self.residual.iter().enumerate();
        let along = duals.map(|(axis, r)| r / self.movement.weight(axis / d));
        let along: Vec<f64> = along.collect();
        let longest = along.iter().fold(0.0_f64, |l, r| l.max(r.abs()));
        let mut longest = [longest];
        pool.ranks().max(Ok(()), &mut longest)?;
        let step = differences::positions_along(self.map.extent().sqrt(), longest[0]);
        let mut change = vec![0.0; self.residual.len()];
        let (mut all, mut pairs) = (Whole::default(), Pairs::default());
        for side in differences::sides(step) {
            let line = measure.y.iter().zip(&along);
            let moved: Vec<f64> = line.map(|(y, r)| y + side * r).collect();
            let moved = Measure {
                y: &moved,
                ..measure
            };
            all.gather(pool.ranks(), &moved)?;
            let whole = all.or(pool.ranks(), moved);
            self.terms.pairs(pool, &whole, measure.y, &mut pairs)?;
            self.terms
                .remove_own(&moved, measure.y, &mut pairs.gradient)?;
            let span = side * self.movement.strength();
            let sums = change.iter_mut().zip(&pairs.gradient);
            sums.for_each(|(c, force)| *c += differences::share(*force, span));
        }
        Ok(self.value_seeds(&change))
    }
}

/// `int |r|^2 rho_0 / m` of a residual at labels.
pub(super) fn dual_square(residual: &[f64], labels: &Nodes, movement: &MovementTerm<'_>) -> f64 {
    let d = labels.x.len() / labels.len().max(1);
    let points = residual.chunks_exact(d.max(1)).zip(&labels.w).enumerate();
    let squares = points
        .map(|(node, (r, w))| w * r.iter().map(|r| r * r).sum::<f64>() / movement.weight(node));
    squares.sum()
}

impl Objective for TransportStage<'_> {
    fn value(&mut self, parameters: &[f64]) -> Result<f64> {
        self.evaluate(parameters, Order::Value)
    }

    fn gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        let value = self.evaluate(parameters, Order::First)?;
        match self.form {
            None => self.weak_gradient(gradient)?,
            Some(Form::Galerkin) => self.trial.pullback(&self.seeds(), gradient)?,
            Some(Form::LeastSquares) => return self.linearize(parameters, gradient),
        }
        Ok(value)
    }

    fn linearize(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        let value = self.evaluate(parameters, Order::Second)?;
        if self.form.is_some() {
            // The pass of the trial is what there is to keep.
            std::mem::swap(&mut self.linearized, &mut self.trial);
            self.known = None;
        }
        if self.form == Some(Form::LeastSquares) {
            self.linearize_residual(parameters, gradient)?;
            return Ok(value);
        }
        self.weak_gradient(gradient)?;
        self.curvature()?;
        Ok(value)
    }

    fn linear(&mut self) -> Box<dyn Model + '_> {
        if self.form == Some(Form::LeastSquares) {
            return Box::new(ResidualModel {
                field: &self.linearized,
                residual: &self.rows,
            });
        }
        if let Some(sloped) = &self.sloped {
            return Box::new(sloped.model(&self.linearized, &self.blocks));
        }
        Box::new(NodalModel {
            field: &self.linearized,
            blocks: &self.blocks,
        })
    }

    fn scale(&self) -> f64 {
        self.scale
    }

    fn motion(&self) -> Option<f64> {
        self.form.is_some().then_some(self.motion)
    }
}
