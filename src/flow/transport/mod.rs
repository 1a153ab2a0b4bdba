//! The Wasserstein gradient flow in Lagrangian form: `rho = X_# rho_0` with a transport map X of
//! labels x. The flow of F in Wasserstein space is that of `F(X_# rho_0)` in `L2(rho_0; R^d)`, so
//! mass and positivity are exact, and no optimal transport problem is solved.

mod blocks;
mod configuration;
mod flow;
mod inverse;
mod labelled;
mod labels;
mod lagrangian;
mod map;
mod measure;
mod model;
mod pushed;
mod refinement;
mod relabelling;
mod slopes;
mod small;
mod squares;
mod step;
mod strong;
mod terms;

pub use flow::{SPEC, TransportFlow};
pub use map::{Images, Map};
pub use measure::Measure;
pub use pushed::Pushed;
pub use step::Step;
pub use terms::Terms;

use super::observed::total;
use super::{Centre, Observed, Posed};
use crate::energy::Term;
use crate::error::Result;
use crate::minimize::Form;
use crate::parallel::Pool;
use crate::quadrature::Nodes;
use configuration::Configuration;
use labelled::Labelled;
use measure::Whole;
use step::Posed as Posing;
use strong::{Evaluated, strong_residual};
pub(in crate::flow) use terms::{Local, Order, Pairs};

/// The functional and the map it is evaluated on.
#[derive(Clone)]
pub struct Transport {
    map: Map,
    terms: Terms,
}

impl Transport {
    /// The flow of no energy yet.
    #[must_use]
    pub fn new(map: Map) -> Self {
        Self {
            map,
            terms: Terms::default(),
        }
    }

    /// The same functional on another map.
    #[must_use]
    pub fn with_map(&self, map: Map) -> Self {
        Self {
            map,
            terms: self.terms.clone(),
        }
    }

    /// Adds a term.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) if the map does not carry what the term needs.
    pub fn add_term(&mut self, term: Term) -> Result<()> {
        self.terms.add(term)
    }

    /// The terms' names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.terms.names()
    }

    /// The shape of the map.
    #[must_use]
    pub const fn map(&self) -> &Map {
        &self.map
    }

    /// The objective of a stage.
    #[must_use]
    pub fn stage<'a>(&'a self, posed: &Posed<'a>, form: Option<Form>) -> Step<'a> {
        let posing = match form {
            None => Posing::Weak,
            Some(Form::Galerkin) => Posing::Galerkin,
            Some(Form::LeastSquares) => Posing::Squares,
        };
        let Posed {
            cx, nodes, centre, ..
        } = *posed;
        Step::new(&self.map, &cx.pool, nodes, &self.terms, centre, posing)
    }

    /// The map at labels.
    ///
    /// # Errors
    /// [`TryAgain`](crate::ErrorKind::TryAgain) if it folds them over.
    pub fn observe(&self, pool: &Pool, labels: &Nodes, parameters: &[f64]) -> Result<Observed> {
        let mut at = Configuration::default();
        let mut jets = Vec::new();
        Labelled::new(self.map.network(), pool, labels.x.as_slice()).jets(parameters, &mut jets)?;
        at.set_monotone(pool, &self.map, labels, &jets)?;
        Ok(at.into())
    }

    /// Where the map takes labels `x`, both `[n][d]`, and nothing of its derivatives.
    ///
    /// # Errors
    /// None of its own.
    pub fn positions(&self, pool: &Pool, x: &[f64], parameters: &[f64]) -> Result<Vec<f64>> {
        let mut values = Vec::new();
        Labelled::new(self.map.network(), pool, x).values(parameters, &mut values)?;
        self.map.move_labels(x, &mut values);
        Ok(values)
    }

    /// The energy of each term.
    ///
    /// # Errors
    /// Those of the energies.
    pub fn energies(&self, pool: &Pool, labels: &Nodes, observed: &Observed) -> Result<Vec<f64>> {
        let measure = Measure {
            d: self.map.dimension(),
            y: &observed.u,
            w: &labels.w,
            rho: &observed.rho,
        };
        self.terms.energies(pool, &measure)
    }

    /// The density of each term's energy at points x with density rho, in a state known at labels.
    ///
    /// # Errors
    /// Those of the energies.
    pub fn densities_at(
        &self,
        pool: &Pool,
        (labels, whole): (&Nodes, &Observed),
        points: (&[f64], &[f64]),
    ) -> Result<Vec<Vec<f64>>> {
        let measure = Measure {
            d: self.map.dimension(),
            y: &whole.u,
            w: &labels.w,
            rho: &whole.rho,
        };
        self.terms.densities(pool, &measure, points)
    }

    /// The map at labels, and the norm in `L2(rho_0)` of `(X - c) S/tau + grad (dF/drho)(X)`; NaN where
    /// the score of the labels is not known.
    ///
    /// # Errors
    /// As for [`observe`](Self::observe), and those of the energies.
    pub fn observe_stage(
        &self,
        pool: &Pool,
        labels: &Nodes,
        parameters: &[f64],
        centre: &Centre,
    ) -> Result<(Observed, f64)> {
        let mut unknown = [f64::from(labels.score.len() < labels.x.len())];
        pool.ranks().max(Ok(()), &mut unknown)?;
        if unknown > [0.0] {
            return Ok((self.observe(pool, labels, parameters)?, f64::NAN));
        }
        let d = self.map.dimension();
        let (at, residual) = self.strong(pool, labels, parameters, centre)?;
        let points = residual.chunks_exact(d).zip(&labels.w);
        let squares = points.map(|(r, w)| w * r.iter().map(|r| r * r).sum::<f64>());
        let residual = total(pool.ranks(), squares.sum())?.sqrt();
        Ok((at.into(), residual))
    }

    /// The velocity `-grad (dF/drho)` of the mass at points `y` (`[n][d]`) with density rho (`[n]`) and the score
    /// `grad ln rho` (`[n][d]`), all of a measure that is `whole`; 0 where there is no mass.
    ///
    /// # Errors
    /// Those of the energies.
    pub fn velocity(
        &self,
        pool: &Pool,
        whole: &Measure<'_>,
        (y, rho, score): (&[f64], &[f64], &[f64]),
    ) -> Result<Vec<f64>> {
        let d = self.map.dimension();
        // Where there is none, any other density does.
        let some: Vec<f64> = rho
            .iter()
            .map(|r| if *r > 0.0 { *r } else { 1.0 })
            .collect();
        let here = Measure {
            d,
            y,
            w: &[],
            rho: &some,
        };
        let (mut local, mut pairs) = (Local::default(), Pairs::default());
        self.terms.local(pool, &here, Order::Second, &mut local)?;
        let mixed = self.terms.mixed(pool, &here)?;
        if self.terms.interact() {
            self.terms.pairs(pool, whole, y, &mut pairs)?;
        }
        let mut velocity = vec![0.0; y.len()];
        for (node, (velocity, rho)) in velocity.chunks_exact_mut(d).zip(rho).enumerate() {
            if *rho == 0.0 {
                continue;
            }
            for (axis, v) in velocity.iter_mut().enumerate() {
                let at = node * d + axis;
                *v = -(local.f_uu[node] * rho * score[at]
                    + mixed.as_ref().map_or(0.0, |m| m[at])
                    + pairs.gradient.get(at).copied().unwrap_or(0.0));
            }
        }
        Ok(velocity)
    }

    fn strong(
        &self,
        pool: &Pool,
        labels: &Nodes,
        parameters: &[f64],
        centre: &Centre,
    ) -> Result<(Configuration, Vec<f64>)> {
        let mut labelled = Labelled::new(self.map.network(), pool, labels.x.as_slice());
        let (mut at, mut jets) = (Configuration::default(), Vec::new());
        labelled.record(parameters, &mut jets)?;
        at.set_monotone(pool, &self.map, labels, &jets)?;
        let (mut local, mut pairs) = (Local::default(), Pairs::default());
        let measure = at.measure(self.map.dimension(), labels);
        self.terms
            .local(pool, &measure, Order::Second, &mut local)?;
        if self.terms.interact() {
            let mut all = Whole::default();
            all.gather(pool.ranks(), &measure)?;
            let whole = all.or(pool.ranks(), measure);
            self.terms.pairs(pool, &whole, &at.images.x, &mut pairs)?;
        }
        let evaluated = Evaluated {
            at: &at,
            local: &local,
            pairs: &pairs,
            jets: &jets,
        };
        let mut residual = Vec::new();
        strong_residual(
            &self.map,
            &labelled,
            labels,
            &self.terms,
            &evaluated,
            centre,
            &mut residual,
        )?;
        Ok((at, residual))
    }
}

impl From<Configuration> for Observed {
    fn from(at: Configuration) -> Self {
        Self {
            u: at.images.x,
            p: at.images.slope,
            rho: at.rho,
        }
    }
}

#[cfg(test)]
mod tests;
