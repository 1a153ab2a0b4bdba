//! A stage of a step, `F(u) + S/(2 tau) |u - c|^2` in the norm of H^-1, minimised by Newton's method over the
//! parts of the modes.

use super::modes::{Modes, Second, add_lower};
use super::newton::{Point, Problem, finite, finite_slope, weighted};
use crate::error::Result;
use crate::field::Jets;
use crate::flow::Context;
use crate::flow::factor::{Damping, Factor};
use crate::linear_algebra::{Limit, System, add, conjugate_gradients, dot, product};
use crate::objective::{Densities, Integrand, Order};
use crate::parallel::Pool;
use crate::quadrature::NodesView;
use faer::{Accum, Mat, MatMut, MatRef};

/// What is added to a matrix where a stage is not convex.
const DAMPING: Damping = Damping {
    first: 0.0,
    least: 1e-3,
    growth: 4.0,
    most: 1e6,
};

/// What conjugate gradients with an old factor may leave, and products that cost about half of a new factor.
const OLD: Limit = Limit {
    enough: 0.0,
    part: 1e-6,
    products: 24,
};

/// A stage, posed at nodes.
pub(super) struct Stage<'a> {
    pub cx: &'a Context,
    pub modes: &'a Modes,
    pub nodes: NodesView<'a>,
    /// f of the functional.
    pub functional: &'a dyn Integrand,
    /// The mean of u.
    pub mean: f64,
    /// What a movement costs.
    pub metric: &'a Mat<f64>,
    /// The parts of c.
    pub centre: Vec<f64>,
    /// `S / tau`.
    pub strength: f64,
    /// Half the square of a motion that tolerances are at least relative to.
    pub rest: f64,
    /// The factor of an earlier matrix, and in the end of the last one.
    pub known: Option<Factor>,
}

/// The value at parts, and what it is made of.
struct Value {
    value: f64,
    movement: f64,
    /// The derivative of the movement, but for its strength.
    dual: Vec<f64>,
    densities: Densities,
}

impl Stage<'_> {
    /// The stage at a function of these parts.
    fn evaluated(&self, parts: &[f64], order: Order) -> Result<Value> {
        let (pool, x, w) = (&self.cx.pool, self.nodes.x, self.nodes.w);
        let mut jets = Jets {
            value: vec![self.mean; w.len()],
            slope: vec![0.0; x.len()],
            ..Jets::default()
        };
        self.modes.add_to(parts, &mut jets);
        let mut densities = Densities::default();
        let at = (&jets, self.modes.shape());
        let evaluated = densities.evaluate(pool, self.functional, x, at, order);
        let mut energy = [w.iter().zip(&densities.f).map(|(w, f)| w * f).sum()];
        pool.ranks().sum(evaluated, &mut energy)?;
        let [energy] = energy;
        let moved: Vec<f64> = parts.iter().zip(&self.centre).map(|(u, c)| u - c).collect();
        let dual = image(self.metric, &moved);
        let movement = 0.5 * self.strength * dot(&moved, &dual);
        Ok(Value {
            value: finite(energy + movement)?,
            movement,
            dual,
            densities,
        })
    }
}

impl Problem for Stage<'_> {
    fn value(&self, parts: &[f64]) -> Result<f64> {
        Ok(self.evaluated(parts, Order::Value)?.value)
    }

    fn at(&self, parts: Vec<f64>) -> Result<Point> {
        let Value {
            value,
            movement,
            dual,
            densities,
        } = self.evaluated(&parts, Order::Second)?;
        let (pool, w) = (&self.cx.pool, self.nodes.w);
        let mut gradient = derivative(pool, self.modes, w, &densities)?;
        let sums = gradient.iter_mut().zip(&dual);
        sums.for_each(|(g, v)| *g += self.strength * v);
        Ok(Point {
            unknowns: parts,
            value,
            movement,
            gradient,
            densities,
        })
    }

    /// By conjugate gradients with the factor of an earlier matrix where they are quick, else by a new one.
    fn newton(&mut self, now: &Point, _enough: f64) -> Result<(Vec<f64>, f64)> {
        let (w, densities) = (self.nodes.w, &now.densities);
        let second = Second {
            uu: weighted(w, &densities.f_uu),
            up: weighted(w, &densities.f_up),
            pp: weighted(w, &densities.f_pp),
        };
        let by_old = match &self.known {
            Some(factor) => {
                let mut system = Curvature {
                    stage: self,
                    second: &second,
                    factor,
                };
                let solved = conjugate_gradients(&mut system, &now.gradient, &OLD)?;
                solved.products.map(|_| solved.step)
            }
            None => None,
        };
        let step = match by_old {
            Some(step) => step,
            None => {
                let mut matrix = self.modes.curvature(&self.cx.pool, &second)?;
                add_lower(&mut matrix, self.strength, self.metric);
                let factor = Factor::new(matrix, &DAMPING)?;
                let mut step: Vec<f64> = now.gradient.iter().map(|g| -g).collect();
                factor.solve(&mut step);
                self.known = Some(factor);
                step
            }
        };
        let decrement = finite_slope(&step, &now.gradient)?;
        Ok((step, 0.5 * decrement))
    }

    fn rest(&self) -> f64 {
        self.strength * self.rest
    }
}

/// The second derivative of a stage, with the factor of one that is near.
struct Curvature<'a> {
    stage: &'a Stage<'a>,
    second: &'a Second,
    factor: &'a Factor,
}

impl System for Curvature<'_> {
    fn product(&mut self, v: &[f64], out: &mut [f64]) -> Result<()> {
        out.copy_from_slice(
            &self
                .stage
                .modes
                .product(&self.stage.cx.pool, self.second, v)?,
        );
        add(out, self.stage.strength, &image(self.stage.metric, v));
        Ok(())
    }

    fn precondition(&mut self, z: &mut [f64]) -> Result<()> {
        self.factor.solve(z);
        Ok(())
    }
}

/// The derivative of a functional of the densities at nodes, in the parts of the modes.
///
/// # Errors
/// Errors of the other ranks.
pub(super) fn derivative(
    pool: &Pool,
    modes: &Modes,
    w: &[f64],
    densities: &Densities,
) -> Result<Vec<f64>> {
    let slopes = weighted(w, &densities.f_p);
    modes.against(pool, &weighted(w, &densities.f_u), &slopes)
}

/// `A v`.
pub(super) fn image(matrix: &Mat<f64>, v: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; v.len()];
    let column = MatMut::from_column_major_slice_mut(&mut out, v.len(), 1);
    let v = MatRef::from_column_major_slice(v, v.len(), 1);
    product(column, Accum::Replace, matrix.as_ref(), v, 1.0);
    out
}
