//! Steps in strong form: the Euler-Lagrange residual at the nodes,
//! `r = (u - c) S/tau + f_u - div f_p`, `div f_p = f_pp : Hess u + f_pu . grad u + tr f_px`.
//!
//! In weak form the objective does not vanish at its minimum, and on random nodes its minimum is
//! off by the noise of the sample. The residual does vanish, wherever the nodes are, and its noise
//! with it. The flux through the boundary is no part of it: the embedding has to make it vanish.

use super::curvature::curvature;
use super::densities::{Densities, Order};
use super::{Form, Integrand, NodalModel};
use crate::energy::Batch;
use crate::error::{Error, Result};
use crate::field::{AtNodes, Blocks, Channels, Field, JetShape, Jets};
use crate::linear_algebra::dot;
use crate::minimize::{Model, Objective};
use crate::parallel::Pool;
use crate::quadrature::NodesView;
use std::borrow::Cow;
use std::ops::Range;

/// The Euler-Lagrange equation of an integrand that contains a movement term.
pub trait Equation: Integrand {
    /// `S / tau`.
    fn strength(&self) -> f64;

    /// The weight m of the metric at a node: the dual norm of r is `int r^2 / m`.
    fn weight(&self, node: usize) -> f64;

    /// The explicit part of the divergence, `sum_k d2f / dp_ik dx_k`, `[n][c]`; `None` where f does not
    /// depend on both.
    ///
    /// # Errors
    /// Errors of the energies.
    fn explicit_divergence(
        &self,
        nodes: Range<usize>,
        batch: &Batch<'_>,
    ) -> Result<Option<Vec<f64>>>;
}

/// A step in strong form on nodes, of a scalar u.
pub struct Residual<'a> {
    nodes: NodesView<'a>,
    equation: Box<dyn Equation + 'a>,
    form: Form,
    strong: AtNodes<'a>,
    /// Without second-order channel, for Galerkin's matrix.
    weak: AtNodes<'a>,
    jets: Jets,
    densities: Densities,
    /// `f_pp` of the last evaluation, `[n][d][d]`: most energies have the same everywhere.
    curvature: Vec<f64>,
    r: Vec<f64>,
    blocks: Blocks,
    scale: f64,
}

impl<'a> Residual<'a> {
    /// The equation on these nodes.
    #[must_use]
    pub fn new(
        field: impl Into<Cow<'a, Field>>,
        pool: &'a Pool,
        nodes: NodesView<'a>,
        equation: Box<dyn Equation + 'a>,
        form: Form,
    ) -> Self {
        let field = field.into();
        Self {
            nodes,
            equation,
            form,
            strong: AtNodes::new(field.clone(), pool, nodes.x),
            weak: AtNodes::new(field, pool, nodes.x),
            jets: Jets::default(),
            densities: Densities::default(),
            curvature: Vec::new(),
            r: Vec::new(),
            blocks: Blocks::default(),
            scale: 0.0,
        }
    }

    /// `tau/(2 S) sum w r^2 / m`, r and what it is made of.
    fn evaluate(&mut self, parameters: &[f64], keep: bool) -> Result<f64> {
        // With the last A on trust; where the energy gives another, the pass is repeated with it.
        let trusted = !self.curvature.is_empty();
        self.pass(parameters, keep)?;
        self.densities.evaluate(
            self.strong.pool(),
            &*self.equation,
            self.nodes.x,
            (&self.jets, self.strong.shape(Channels::First)),
            Order::Second,
        )?;
        if !trusted || self.curvature != self.densities.f_pp {
            self.curvature.clone_from(&self.densities.f_pp);
            self.pass(parameters, keep)?;
        }
        euler_lagrange(
            &*self.equation,
            self.nodes.x,
            (&self.jets, self.strong.shape(Channels::First)),
            (&self.densities, &self.jets.curved),
            &mut self.r,
        )?;
        let (mut squares, mut scale) = (0.0, 0.0);
        for (node, (w, r)) in self.nodes.w.iter().zip(&self.r).enumerate() {
            squares += w * r * r / self.equation.weight(node);
            scale += w * self.equation.scale(node, &self.jets.value[node..=node]);
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
                .curved_jets(parameters, &self.curvature, &mut self.jets)
        }
    }

    /// The derivative of `tau/(2 S) sum w r^2 / m` in the jets. Third derivatives of f are left
    /// out: they vanish with r.
    fn seeds(&self) -> Jets {
        let rho = 1.0 / self.equation.strength();
        let weighted = self.nodes.w.iter().zip(&self.r).map(|(w, r)| w * r);
        let slope = vec![0.0; self.jets.slope.len()];
        match self.form {
            Form::LeastSquares => {
                let nodes = weighted.enumerate();
                let weighted = nodes.map(|(node, r)| r / self.equation.weight(node));
                Jets {
                    value: weighted
                        .clone()
                        .zip(&self.densities.f_uu)
                        .map(|(r, f_uu)| rho * r * f_uu)
                        .collect(),
                    slope,
                    curved: weighted.map(|r| -rho * r).collect(),
                    ..Jets::default()
                }
            }
            Form::Galerkin => Jets {
                value: weighted.collect(),
                slope,
                curved: vec![0.0; self.jets.value.len()],
                ..Jets::default()
            },
        }
    }

    /// One row a node: `sqrt(w tau/(S m)) (f_uu, 0, -1)`.
    fn rows(&self) -> Blocks {
        let dimension = self.strong.field().dimension();
        let rho = 1.0 / self.equation.strength();
        let mut blocks = Blocks::default();
        let shape = JetShape {
            dimension,
            components: 1,
            channels: Channels::Curved,
        };
        blocks.reset(self.nodes.len(), 1, shape);
        let nodes = self.nodes.w.iter().zip(&self.densities.f_uu);
        for (node, (row, (w, f_uu))) in blocks.iter_mut().zip(nodes).enumerate() {
            let root = (w * rho / self.equation.weight(node)).sqrt();
            row[0] = root * f_uu;
            row[1 + dimension] = -root;
        }
        blocks
    }
}

impl Objective for Residual<'_> {
    fn value(&mut self, parameters: &[f64]) -> Result<f64> {
        self.evaluate(parameters, false)
    }

    fn gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        let value = self.evaluate(parameters, true)?;
        let seeds = self.seeds();
        self.strong.pullback(&seeds, gradient)?;
        Ok(value)
    }

    fn linearize(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        let value = self.gradient(parameters, gradient)?;
        match self.form {
            Form::LeastSquares => self.blocks = self.rows(),
            Form::Galerkin => {
                self.weak.record(parameters, &[], &mut Jets::default())?;
                let shape = self.weak.shape(Channels::First);
                self.blocks = curvature(self.nodes.w, &self.densities, shape)?;
            }
        }
        Ok(value)
    }

    fn linear(&mut self) -> Box<dyn Model + '_> {
        Box::new(NodalModel {
            field: match self.form {
                Form::LeastSquares => &self.strong,
                Form::Galerkin => &self.weak,
            },
            blocks: &self.blocks,
        })
    }

    fn scale(&self) -> f64 {
        self.scale
    }
}

/// Writes the residual r at the nodes x, `[n][c]`, from the jets there, the integrand's second derivatives and
/// `div f_p` as far as it is of second order in u, `[n][c]`.
fn euler_lagrange(
    equation: &dyn Equation,
    x: &[f64],
    (jets, shape): (&Jets, JetShape),
    (densities, second): (&Densities, &[f64]),
    r: &mut Vec<f64>,
) -> Result<()> {
    let (c, d) = (shape.components, shape.dimension);
    let n = jets.value.len() / c;
    r.clear();
    for (entry, (f_u, second)) in densities.f_u.iter().zip(second).enumerate() {
        let (node, i) = (entry / c, entry % c);
        let mixed = (0..c).map(|j| {
            let of = (node * c + j) * c + i;
            let f_up = &densities.f_up[of * d..(of + 1) * d];
            dot(
                f_up,
                &jets.slope[(node * c + j) * d..(node * c + j + 1) * d],
            )
        });
        r.push(f_u - second - mixed.sum::<f64>());
    }
    let batch = Batch {
        c,
        d,
        t: equation.time(),
        x,
        u: &jets.value,
        p: &jets.slope,
        h: &[],
    };
    if let Some(explicit) = equation.explicit_divergence(0..n, &batch)? {
        r.iter_mut().zip(&explicit).for_each(|(r, e)| *r -= e);
    }
    Ok(())
}

/// `sum_j A_ij : Hess u_j` at points, `[n][c]`, with `A_ij` the block of `f_pp` of two components.
fn second_order(
    field: &AtNodes<'_>,
    parameters: &[f64],
    densities: &Densities,
    shape: JetShape,
) -> Result<Vec<f64>> {
    let (c, d) = (shape.components, shape.dimension);
    let size = c * d;
    let mut sum = vec![0.0; densities.f_u.len()];
    // Most energies have the same block for every component, and none between two.
    let mut known: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
    for i in 0..c {
        for j in 0..c {
            let mut a = Vec::with_capacity(densities.f_p.len() * d / c);
            for f_pp in densities.f_pp.chunks_exact(size * size) {
                let entry = |k: usize, l: usize| f_pp[(i * d + k) * size + j * d + l];
                let pairs = (0..d * d).map(|at| (at / d, at % d));
                a.extend(pairs.map(|(k, l)| 0.5 * (entry(k, l) + entry(l, k))));
            }
            if a.iter().all(|a| *a == 0.0) {
                continue;
            }
            let at = match known.iter().position(|(other, _)| *other == a) {
                Some(at) => at,
                None => {
                    let mut jets = Jets::default();
                    field.curved_jets(parameters, &a, &mut jets)?;
                    known.push((a, jets.curved));
                    known.len() - 1
                }
            };
            let curved = known[at].1.iter().skip(j).step_by(c);
            let sums = sum.iter_mut().skip(i).step_by(c);
            sums.zip(curved).for_each(|(sum, curved)| *sum += curved);
        }
    }
    Ok(sum)
}

/// The residual r at points x, `[n][c]`, of a field whose jets without second-order channel are known there.
///
/// # Errors
/// Errors of the energies.
pub fn residual_at(
    equation: &dyn Equation,
    field: &AtNodes<'_>,
    x: &[f64],
    parameters: &[f64],
    jets: &Jets,
) -> Result<Vec<f64>> {
    let (mut densities, mut r) = (Densities::default(), Vec::new());
    let shape = field.shape(Channels::First);
    densities.evaluate(field.pool(), equation, x, (jets, shape), Order::Second)?;
    let second = second_order(field, parameters, &densities, shape)?;
    euler_lagrange(equation, x, (jets, shape), (&densities, &second), &mut r)?;
    Ok(r)
}

/// `int r^2 / m` by the rule of these nodes, for a field whose jets without second-order channel
/// are known there.
///
/// # Errors
/// Errors of the energies.
pub fn squared_residual(
    equation: &dyn Equation,
    field: &AtNodes<'_>,
    nodes: NodesView<'_>,
    parameters: &[f64],
    jets: &Jets,
) -> Result<f64> {
    let r = residual_at(equation, field, nodes.x, parameters, jets)?;
    let r = r.chunks_exact(field.field().components());
    let nodes = nodes.w.iter().zip(r).enumerate();
    let square = |r: &[f64]| r.iter().map(|r| r * r).sum::<f64>();
    Ok(nodes
        .map(|(node, (w, r))| w * square(r) / equation.weight(node))
        .sum())
}
