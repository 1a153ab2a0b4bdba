//! Linear systems of Gauss-Newton, `(G + mu I) s = -q` with `G = R^T R`.

mod cholesky;
mod conjugate;
mod dense;

pub use dense::Dense;

use conjugate::Limit;

use super::factor::Factors;
use super::nodal::{Jets, Nodal};
use crate::error::Result;
use crate::parallel::Pool;
use faer::Mat;

/// The part of a step over which second differences are taken: long enough for them to stand above
/// rounding.
const FRACTION: f64 = 0.1;

/// An objective at its last linearisation: G and what goes with it.
pub struct Linearized<'b, 'a> {
    nodal: &'b mut Nodal<'a>,
    factors: &'b Factors,
}

/// The solution of a damped system.
pub struct Solution {
    /// s.
    pub step: Vec<f64>,
    /// What an inexact solution is estimated to leave to gain in the quadratic model.
    pub left: f64,
}

impl<'b, 'a> Linearized<'b, 'a> {
    pub(super) const fn new(nodal: &'b mut Nodal<'a>, factors: &'b Factors) -> Self {
        Self { nodal, factors }
    }

    /// The threads of the solver.
    pub(super) const fn pool(&self) -> &'a Pool {
        self.nodal.pool
    }

    /// How many parameters there are.
    pub(super) fn parameters(&self) -> usize {
        self.nodal.parameters()
    }

    /// Overwrites `out` with `G v`.
    ///
    /// # Errors
    /// None of its own.
    pub(super) fn product(&mut self, v: &[f64], out: &mut [f64]) -> Result<()> {
        let mut jets = Jets::default();
        self.nodal.along(v, &mut jets)?;
        self.factors.apply(&mut jets);
        self.nodal.gradient(&jets, out)
    }

    /// Overwrites the lower triangle of `normal` with G.
    ///
    /// # Errors
    /// [`Memory`](crate::ErrorKind::Memory).
    pub(super) fn normal(&mut self, normal: &mut Mat<f64>) -> Result<()> {
        self.nodal.normal(self.factors, normal)
    }

    /// Floating-point work of G relative to that of one product with it.
    pub(super) fn products_per_matrix(&self) -> f64 {
        let (d, n) = (self.nodal.network.dimension(), self.nodal.len());
        let p = self.nodal.parameters() as f64;
        let rows = (n * self.factors.rows) as f64;
        // A product takes four products with each weight matrix and is no match for the speed of
        // a large one.
        (rows * p * p + p * p * p / 3.0) / (20.0 * n as f64 * p * (1.0 + 0.1 * d as f64))
    }

    /// Overwrites `out` with `sum_q J_q^T H_q j_q''`, where `j''` is the second derivative of the
    /// nodes' jets along `step` from `parameters`, where the objective was linearised.
    ///
    /// # Errors
    /// None of its own.
    pub(super) fn bend(&mut self, parameters: &[f64], step: &[f64], out: &mut [f64]) -> Result<()> {
        let mut second = Jets::default();
        let mut jets = Jets::default();
        for (shift, weight) in [(-FRACTION, 1.0), (0.0, -2.0), (FRACTION, 1.0)] {
            let line = parameters.iter().zip(step);
            let shifted: Vec<f64> = line.map(|(p, s)| p + shift * s).collect();
            self.nodal.jets_there(&shifted, &mut jets)?;
            second.resize_as(&jets);
            second.add(weight / (FRACTION * FRACTION), &jets);
        }
        self.factors.apply(&mut second);
        self.nodal.gradient(&second, out)
    }
}
