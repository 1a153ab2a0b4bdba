//! Steps in strong form: the Euler-Lagrange residual at the nodes,
//! `r = (u - c) S/tau + f_u - div f_p`, `div f_p = f_pp : Hess u + f_pu . grad u + tr f_px`.
//!
//! In weak form the objective does not vanish at its minimum, and on random nodes its minimum is
//! off by the noise of the sample. The residual does vanish, wherever the nodes are, and its noise
//! with it. The flux through the boundary is no part of it: the embedding has to make it vanish.

use super::densities::{Densities, Order};
use super::factor::{self, Factors, Second};
use super::jet_model::JetModel;
use super::jets::Jets;
use super::linear::Model;
use super::nodal::Nodal;
use super::{Integrand, Objective};
use crate::energy::Batch;
use crate::error::{Error, Result};
use crate::network::Network;
use crate::parallel::Pool;
use crate::quadrature::NodesView;
use std::ops::Range;

/// The Euler-Lagrange equation of an integrand that contains a movement term.
pub trait Equation: Integrand {
    /// `S / tau`.
    fn strength(&self) -> f64;

    /// The explicit part of the divergence, `sum_i d2f / dp_i dx_i`, `[n]`; `None` where f does not
    /// depend on both.
    ///
    /// # Errors
    /// Those of the energies.
    fn explicit_divergence(
        &self,
        nodes: Range<usize>,
        batch: &Batch<'_>,
    ) -> Result<Option<Vec<f64>>>;
}

/// What is made of the residual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Its square is minimised: `tau/(2 S) int r^2`, which bounds the distance to the exact
    /// minimiser of a convex energy.
    LeastSquares,
    /// It is made orthogonal to every `du/dp` (Galerkin): the gradient of the step's objective in
    /// strong form, with the weak form's Gauss-Newton matrix.
    Galerkin,
}

/// A step in strong form on nodes.
pub struct Residual<'a> {
    nodes: NodesView<'a>,
    equation: Box<dyn Equation + 'a>,
    form: Form,
    strong: Nodal<'a>,
    /// Without second-order channel, for Galerkin's matrix.
    weak: Nodal<'a>,
    jets: Jets,
    densities: Densities,
    /// `f_pp` of the last evaluation, `[n][d][d]`: most energies have the same everywhere.
    curvature: Vec<f64>,
    r: Vec<f64>,
    factors: Factors,
    scale: f64,
}

impl<'a> Residual<'a> {
    /// The equation on these nodes.
    #[must_use]
    pub fn new(
        network: &'a Network,
        pool: &'a Pool,
        nodes: NodesView<'a>,
        equation: Box<dyn Equation + 'a>,
        form: Form,
    ) -> Self {
        Self {
            nodes,
            equation,
            form,
            strong: Nodal::new(network, pool, nodes.x),
            weak: Nodal::new(network, pool, nodes.x),
            jets: Jets::default(),
            densities: Densities::default(),
            curvature: Vec::new(),
            r: Vec::new(),
            factors: Factors::default(),
            scale: 0.0,
        }
    }

    /// `tau/(2 S) sum w r^2`, r and what it is made of.
    fn evaluate(&mut self, parameters: &[f64], keep: bool) -> Result<f64> {
        // With the last A on trust; where the energy gives another, the pass is repeated with it.
        let trusted = !self.curvature.is_empty();
        self.pass(parameters, keep)?;
        let pool = self.strong.pool;
        self.densities.evaluate(
            pool,
            &*self.equation,
            self.nodes.x,
            &self.jets,
            Order::Second,
        )?;
        if !trusted || self.curvature != self.densities.f_pp {
            self.curvature.clone_from(&self.densities.f_pp);
            self.pass(parameters, keep)?;
        }
        self.residuals()?;
        let (mut squares, mut scale) = (0.0, 0.0);
        for (node, (w, r)) in self.nodes.w.iter().zip(&self.r).enumerate() {
            squares += w * r * r;
            scale += w * self.equation.scale(node, self.jets.u[node]);
        }
        self.scale = scale;
        if squares.is_finite() {
            Ok(0.5 / self.equation.strength() * squares)
        } else {
            Err(Error::not_finite("the residual is not a finite number"))
        }
    }

    fn pass(&mut self, parameters: &[f64], keep: bool) -> Result<()> {
        if keep {
            self.strong
                .record(parameters, &self.curvature, &mut self.jets)
        } else {
            self.strong
                .jets(parameters, &self.curvature, &mut self.jets)
        }
    }

    fn residuals(&mut self) -> Result<()> {
        let (n, d) = (self.jets.u.len(), self.strong.network.dimension());
        let densities = &self.densities;
        let slopes = densities
            .f_up
            .chunks_exact(d)
            .zip(self.jets.p.chunks_exact(d));
        self.r.clear();
        self.r
            .extend(densities.f_u.iter().zip(&self.jets.curved).zip(slopes).map(
                |((f_u, curved), (f_up, p))| {
                    let along: f64 = f_up.iter().zip(p).map(|(f, p)| f * p).sum();
                    f_u - curved - along
                },
            ));
        let batch = Batch {
            d,
            x: self.nodes.x,
            u: &self.jets.u,
            p: &self.jets.p,
        };
        if let Some(explicit) = self.equation.explicit_divergence(0..n, &batch)? {
            self.r.iter_mut().zip(&explicit).for_each(|(r, e)| *r -= e);
        }
        Ok(())
    }

    /// The derivative of `tau/(2 S) sum w r^2` in the jets. Third derivatives of f are left out:
    /// they vanish with r.
    fn seeds(&self) -> Jets {
        let rho = 1.0 / self.equation.strength();
        let weighted = self.nodes.w.iter().zip(&self.r).map(|(w, r)| w * r);
        match self.form {
            Form::LeastSquares => Jets {
                u: weighted
                    .clone()
                    .zip(&self.densities.f_uu)
                    .map(|(r, f_uu)| rho * r * f_uu)
                    .collect(),
                p: vec![0.0; self.jets.p.len()],
                curved: weighted.map(|r| -rho * r).collect(),
            },
            Form::Galerkin => Jets {
                u: weighted.collect(),
                p: vec![0.0; self.jets.p.len()],
                curved: vec![0.0; self.jets.u.len()],
            },
        }
    }

    /// One row a node: `sqrt(w tau/S) (f_uu, 0, -1)`.
    fn rows(&self) -> Factors {
        let d = self.strong.network.dimension();
        let rho = 1.0 / self.equation.strength();
        let mut rows = vec![0.0; self.nodes.len() * (2 + d)];
        let nodes = self.nodes.w.iter().zip(&self.densities.f_uu);
        for (row, (w, f_uu)) in rows.chunks_exact_mut(2 + d).zip(nodes) {
            let root = (w * rho).sqrt();
            row[0] = root * f_uu;
            row[1 + d] = -root;
        }
        Factors::single(2 + d, rows)
    }
}

impl Objective for Residual<'_> {
    fn value(&mut self, parameters: &[f64]) -> Result<f64> {
        self.evaluate(parameters, false)
    }

    fn gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        let value = self.evaluate(parameters, true)?;
        let seeds = self.seeds();
        self.strong.gradient(&seeds, gradient)?;
        Ok(value)
    }

    fn linearize(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        let value = self.gradient(parameters, gradient)?;
        match self.form {
            Form::LeastSquares => self.factors = self.rows(),
            Form::Galerkin => {
                let d = self.strong.network.dimension();
                self.weak.record(parameters, &[], &mut Jets::default())?;
                let second = Second::of(self.nodes.w, &self.densities);
                self.factors = factor::factor(&second, d)?;
            }
        }
        Ok(value)
    }

    fn linear(&mut self) -> Box<dyn Model + '_> {
        Box::new(JetModel {
            nodal: match self.form {
                Form::LeastSquares => &mut self.strong,
                Form::Galerkin => &mut self.weak,
            },
            factors: &self.factors,
        })
    }

    fn scale(&self) -> f64 {
        self.scale
    }
}
