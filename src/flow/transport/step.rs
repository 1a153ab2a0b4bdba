//! A stage of a step: `S/(2 tau) int |X - c|^2 rho_0 + F(X_# rho_0)` over the parameters of the map.
//!
//! For a density `f(y, rho)` with the pressure `p = rho f_u - f`, and `B = DX^-1 dDX`, the first
//! variation of `int f / rho` is `int (f_y / rho) . dX - (p / rho) tr B`, and the second in DX
//! `int 1/rho [p tr B^2 + (rho p' - p) (tr B)^2]`. With `|B|^2` for `tr B^2`, which is the same
//! where B is symmetric, it is a sum of squares under McCann's condition `p + d (rho p' - p) >= 0`.

mod curvature;

use super::blocks::Blocks;
use super::configuration::Configuration;
use super::labelled::Labelled;
use super::map::Map;
use super::measure::{Measure, Whole, integral};
use super::model::StepModel;
use super::slopes::{Slopes, State};
use super::squares::{Squares, SquaresModel};
use super::strong::{Evaluated, strong_residual};
use super::terms::{Local, Order, Pairs, Terms};
use crate::error::{Error, Result};
use crate::flow::{Centre, STILL};
use crate::minimize::{Model, Objective};
use crate::parallel::Pool;
use crate::quadrature::Nodes;

/// How a stage is posed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posed {
    /// Its objective on the labels is minimised.
    Weak,
    /// The velocity's Euler-Lagrange residual `(X - c) S/tau + grad (dF/drho)(X)` is made orthogonal to
    /// every `dX/dp` (Galerkin): it vanishes at the solution, and with it the noise of the labels.
    Galerkin,
    /// The square of that residual is minimised, which a map that is steep between labels only raises.
    Squares,
}

/// A stage on labels.
pub struct Step<'a> {
    map: &'a Map,
    labels: &'a Nodes,
    terms: &'a Terms,
    centre: &'a Centre,
    posed: Posed,
    /// At the last linearisation, and in strong form at the last evaluation.
    labelled: Labelled<'a>,
    trial: Labelled<'a>,
    jets: Vec<f64>,
    at: Configuration,
    local: Local,
    pairs: Pairs,
    whole: Whole,
    /// The strong residual, `[n][d]`.
    residual: Vec<f64>,
    blocks: Blocks,
    squares: Squares<'a>,
    scale: f64,
    /// `S/(2 tau) int |X - c|^2 rho_0`.
    motion: f64,
    /// Where the trial's pass was and the value there, in strong form, where all evaluations are alike: a
    /// minimiser linearises where it has just taken a value.
    known: Option<(Vec<f64>, f64)>,
}

impl<'a> Step<'a> {
    /// The stage of this centre.
    #[must_use]
    pub fn new(
        map: &'a Map,
        pool: &'a Pool,
        labels: &'a Nodes,
        terms: &'a Terms,
        centre: &'a Centre,
        posed: Posed,
    ) -> Self {
        Self {
            map,
            labels,
            terms,
            centre,
            posed,
            labelled: Labelled::new(map.network(), pool, labels.x.as_slice()),
            trial: Labelled::new(map.network(), pool, labels.x.as_slice()),
            jets: Vec::new(),
            at: Configuration::default(),
            local: Local::default(),
            pairs: Pairs::default(),
            whole: Whole::default(),
            residual: Vec::new(),
            blocks: Blocks::default(),
            squares: Squares::default(),
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
        if self.posed != Posed::Weak {
            self.known = Some((parameters.to_vec(), value));
        }
        Ok(value)
    }

    fn evaluate_anew(&mut self, parameters: &[f64], order: Order) -> Result<f64> {
        let strong = self.posed != Posed::Weak;
        if strong {
            self.trial.record(parameters, &mut self.jets)?;
        } else if order == Order::Value {
            self.labelled.jets(parameters, &mut self.jets)?;
        } else {
            self.labelled.record(parameters, &mut self.jets)?;
        }
        let (pool, d) = (self.labelled.pool, self.map.dimension());
        self.at
            .set_monotone(pool, self.map, self.labels, &self.jets)?;
        let measure = self.at.measure(d, self.labels);
        let order = if strong { Order::Second } else { order };
        self.terms.local(pool, &measure, order, &mut self.local)?;
        let mut interaction = 0.0;
        if self.terms.interact() {
            self.whole.gather(pool.ranks(), &measure)?;
            let whole = self.whole.or(pool.ranks(), measure);
            self.terms
                .pairs(pool, &whole, &self.at.images.x, &mut self.pairs)?;
            let points = self.labels.w.iter().zip(&self.pairs.potential);
            interaction = points.map(|(w, v)| 0.5 * w * v).sum();
        }
        let moved = self.at.images.x.iter().zip(&self.centre.values);
        let mut squares = moved.map(|(x, c)| (x - c) * (x - c));
        let points = self.labels.w.iter();
        let movement: f64 = points
            .map(|w| w * squares.by_ref().take(d).sum::<f64>())
            .sum();
        let movement = 0.5 * self.centre.strength * movement;
        let still = STILL * STILL * self.map.extent() * self.labels.w.iter().sum::<f64>();
        self.motion = movement;
        self.scale = movement + 0.5 * self.centre.strength * still;
        let value = if strong {
            strong_residual(
                self.map,
                &self.trial,
                self.labels,
                self.terms,
                &Evaluated {
                    at: &self.at,
                    local: &self.local,
                    pairs: &self.pairs,
                    jets: &self.jets,
                },
                self.centre,
                &mut self.residual,
            )?;
            let points = self.residual.chunks_exact(d).zip(&self.labels.w);
            let squares = points.map(|(r, w)| w * r.iter().map(|r| r * r).sum::<f64>());
            0.5 / self.centre.strength * squares.sum::<f64>()
        } else {
            movement + integral(&self.at.measure(d, self.labels), &self.local.f) + interaction
        };
        if value.is_finite() {
            Ok(value)
        } else {
            Err(Error::not_finite("the objective is not a finite number"))
        }
    }

    /// The derivative of the objective in the jets, `[n][1 + d][d]`; in strong form in the values,
    /// `[n][d]`.
    fn seeds(&self) -> Vec<f64> {
        let d = self.map.dimension();
        if self.posed == Posed::Galerkin {
            return self.value_seeds(&self.residual);
        }
        let labels = self.labels.x.chunks_exact(d).zip(&self.labels.w);
        let size = self.labelled.jet();
        let mut seeds = vec![0.0; self.labels.len() * size];
        let (mut of_x, mut of_slope) = (vec![0.0; d], vec![0.0; d * d]);
        for ((node, seed), (x, w)) in seeds.chunks_exact_mut(size).enumerate().zip(labels) {
            let rho = self.at.rho[node];
            let pressure = rho * self.local.f_u[node] - self.local.f[node];
            let inverse = &self.at.inverse[node * d * d..(node + 1) * d * d];
            for i in 0..d {
                let axis = node * d + i;
                let moved = self.at.images.x[axis] - self.centre.values[axis];
                let pair = self.pairs.gradient.get(axis).copied().unwrap_or(0.0);
                let force = self.local.f_x[axis] / rho + pair;
                of_x[i] = w * (self.centre.strength * moved + force);
                for j in 0..d {
                    of_slope[i * d + j] = -w * pressure / rho * inverse[j * d + i];
                }
            }
            self.map.pull_back(x, &of_x, &of_slope, seed);
        }
        seeds
    }

    /// What is the derivative in X at the labels, `[n][d]`, without their masses, as seeds of the values.
    fn value_seeds(&self, of_x: &[f64]) -> Vec<f64> {
        let d = self.map.dimension();
        let labels = self.labels.x.chunks_exact(d).zip(&self.labels.w);
        let mut seeds = vec![0.0; of_x.len()];
        let points = seeds.chunks_exact_mut(d).zip(of_x.chunks_exact(d));
        for ((seed, of_x), (x, w)) in points.zip(labels) {
            self.map.pull_back_value(x, of_x, seed);
            seed.iter_mut().for_each(|s| *s *= w);
        }
        seeds
    }

    /// The residual's derivative, and with it that of its square.
    fn linearize_squares(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<()> {
        let d = self.map.dimension();
        let (pool, measure) = (self.labelled.pool, self.at.measure(d, self.labels));
        let state = State {
            map: self.map,
            labelled: &self.labelled,
            labels: self.labels,
            terms: self.terms,
            whole: self.whole.or(pool.ranks(), measure),
            strength: self.centre.strength,
        };
        let evaluated = Evaluated {
            at: &self.at,
            local: &self.local,
            pairs: &self.pairs,
            jets: &self.jets,
        };
        let slopes = Slopes::of(&state, &evaluated)?;
        let (strength, w) = (self.centre.strength, &self.labels.w);
        let points = (self.labels.x.as_slice(), parameters);
        let weight = |node: usize| w[node] / strength;
        self.squares
            .set((self.map, pool), points, &slopes, weight)?;
        let weighted = self.residual.iter().enumerate();
        let weighted: Vec<f64> = weighted
            .map(|(axis, r)| r * weight(axis / d).sqrt())
            .collect();
        self.squares
            .transposed(&self.labelled, &weighted, gradient)?;
        if self.terms.interact() {
            let seeds = self.seeds_of_others()?;
            let mut part = vec![0.0; gradient.len()];
            self.labelled.gradient(&seeds, &mut part)?;
            gradient.iter_mut().zip(&part).for_each(|(g, p)| *g += p);
        }
        Ok(())
    }

    /// The derivative of the residual's square in each mass through the forces that it has on the others,
    /// as seeds of the values. A kernel is even, so that this is the derivative of the forces on a mass while
    /// the others move along the residual.
    fn seeds_of_others(&self) -> Result<Vec<f64>> {
        let (pool, measure) = (
            self.labelled.pool,
            self.at.measure(self.map.dimension(), self.labels),
        );
        let longest = self.residual.iter().fold(0.0_f64, |l, r| l.max(r.abs()));
        let mut longest = [longest.max(f64::MIN_POSITIVE)];
        pool.ranks().max(Ok(()), &mut longest)?;
        let step = f64::EPSILON.cbrt() * self.map.extent().sqrt() / longest[0];
        let mut change = vec![0.0; self.residual.len()];
        let (mut all, mut pairs) = (Whole::default(), Pairs::default());
        for side in [step, -step] {
            let line = self.at.images.x.iter().zip(&self.residual);
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
            let sums = change.iter_mut().zip(&pairs.gradient);
            sums.for_each(|(c, force)| *c += 0.5 * force / (side * self.centre.strength));
        }
        Ok(self.value_seeds(&change))
    }
}

impl Objective for Step<'_> {
    fn value(&mut self, parameters: &[f64]) -> Result<f64> {
        self.evaluate(parameters, Order::Value)
    }

    fn gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        let value = self.evaluate(parameters, Order::First)?;
        match self.posed {
            Posed::Weak => self.labelled.gradient(&self.seeds(), gradient)?,
            Posed::Galerkin => self.trial.gradient(&self.seeds(), gradient)?,
            Posed::Squares => return self.linearize(parameters, gradient),
        }
        Ok(value)
    }

    fn linearize(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        let value = self.evaluate(parameters, Order::Second)?;
        if self.posed != Posed::Weak {
            // The pass of the trial is what there is to keep.
            std::mem::swap(&mut self.labelled, &mut self.trial);
            self.known = None;
        }
        if self.posed == Posed::Squares {
            self.linearize_squares(parameters, gradient)?;
            return Ok(value);
        }
        self.labelled.gradient(&self.seeds(), gradient)?;
        self.curvature()?;
        Ok(value)
    }

    fn linear(&mut self) -> Box<dyn Model + '_> {
        if self.posed == Posed::Squares {
            return Box::new(SquaresModel {
                labelled: &self.labelled,
                squares: &self.squares,
            });
        }
        Box::new(StepModel {
            labelled: &self.labelled,
            blocks: &self.blocks,
        })
    }

    fn scale(&self) -> f64 {
        self.scale
    }

    fn motion(&self) -> Option<f64> {
        (self.posed != Posed::Weak).then_some(self.motion)
    }
}
