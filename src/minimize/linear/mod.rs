//! Linear systems of Gauss-Newton, `(G + mu I) s = -q` with `G = R^T R`.

mod cholesky;
mod conjugate;
mod dense;
mod krylov;
mod rows;
mod sample;

use conjugate::Limit;
use dense::Dense;
use krylov::Krylov;
pub(super) use rows::Rows;
use sample::Sample;

use super::factor::Factors;
use super::jets::Jets;
use super::nodal::Nodal;
use crate::error::{Error, Result};
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

/// How the systems are solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// With the matrix G, of the size of the parameters.
    Dense,
    /// With the matrix `R R^T`, of the size of the rows.
    Sample,
    /// With products only.
    Krylov,
}

/// The dense matrix, its tiles and its factor take 24 bytes for each pair of parameters.
const MOST_DENSE: usize = 12_000;

/// Parameters up to which the dense matrix is the fastest, and rows up to which that in sample
/// space is.
const FEW_PARAMETERS: usize = 6_000;
const FEW_ROWS: usize = 4_000;

impl Method {
    /// The method of the option `linear_solver`, or for `auto` that of the sizes.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if the dense matrix would not fit into memory.
    pub fn named(name: &str, parameters: usize, rows: usize) -> Result<Self> {
        match name {
            "dense" if parameters > MOST_DENSE => Err(Error::option(format!(
                "option `hidden` makes a network of {parameters} parameters; with \
                 `linear_solver` = dense accepted are up to {MOST_DENSE}"
            ))),
            "dense" => Ok(Self::Dense),
            "sample" => Ok(Self::Sample),
            "krylov" => Ok(Self::Krylov),
            _ if parameters <= FEW_PARAMETERS => Ok(Self::Dense),
            _ if rows <= FEW_ROWS.min(parameters) => Ok(Self::Sample),
            _ => Ok(Self::Krylov),
        }
    }
}

/// A solver of the systems of one linearisation after the other.
#[derive(Clone, Debug)]
pub enum Solver {
    /// See [`Method::Dense`].
    Dense(Dense),
    /// See [`Method::Sample`].
    Sample(Sample),
    /// See [`Method::Krylov`].
    Krylov(Krylov),
}

impl Solver {
    /// Without any linearisation.
    pub fn new(method: Method) -> Self {
        match method {
            Method::Dense => Self::Dense(Dense::default()),
            Method::Sample => Self::Sample(Sample::default()),
            Method::Krylov => Self::Krylov(Krylov::default()),
        }
    }

    /// Forgets every linearisation.
    pub fn reset(&mut self) {
        *self = Self::new(match self {
            Self::Dense(_) => Method::Dense,
            Self::Sample(_) => Method::Sample,
            Self::Krylov(_) => Method::Krylov,
        });
    }

    /// Takes up a new linearisation; with `reuse`, what an earlier one left may do.
    pub(super) fn set(&mut self, linear: &mut Linearized<'_, '_>, reuse: bool) -> Result<()> {
        match self {
            Self::Dense(it) => it.set(linear, reuse),
            Self::Sample(it) => it.set(linear),
            Self::Krylov(it) => it.set(linear, reuse),
        }
    }

    /// Whether nothing of an earlier linearisation is in use.
    pub(super) fn is_fresh(&self) -> bool {
        match self {
            Self::Dense(it) => it.is_fresh(),
            Self::Sample(_) => true,
            Self::Krylov(it) => it.is_fresh(),
        }
    }

    /// The mean of the diagonal of G, which damping is relative to.
    pub(super) const fn mean(&self) -> f64 {
        match self {
            Self::Dense(it) => it.mean(),
            Self::Sample(it) => it.mean(),
            Self::Krylov(it) => it.mean(),
        }
    }

    /// Makes ready for solutions with damping mu; false if that cannot be done in floating point.
    pub(super) fn damp(&mut self, linear: &Linearized<'_, '_>, mu: f64) -> Result<bool> {
        match self {
            Self::Dense(it) => it.damp(linear, mu),
            Self::Sample(it) => it.damp(linear, mu),
            Self::Krylov(_) => Ok(true),
        }
    }

    /// Solves with the damping of the last [`damp`](Self::damp), as far as `enough` is left to
    /// gain. `None` if what an earlier linearisation left does not do.
    pub(super) fn solve(
        &mut self,
        linear: &mut Linearized<'_, '_>,
        mu: f64,
        q: &[f64],
        enough: f64,
    ) -> Result<Option<Solution>> {
        match self {
            Self::Dense(it) => it.solve(linear, mu, q, enough),
            Self::Sample(it) => Ok(Some(it.solve(mu, q))),
            Self::Krylov(it) => it.solve(linear, mu, q, enough),
        }
    }
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

    /// How many rows R has.
    pub(super) fn rows(&self) -> usize {
        self.nodal.len() * self.factors.rows
    }

    /// R itself.
    ///
    /// # Errors
    /// [`Memory`](crate::ErrorKind::Memory).
    pub(super) fn all_rows(&mut self, rows: &mut Rows) -> Result<()> {
        self.nodal.all_rows(self.factors, rows)
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

#[cfg(test)]
mod tests;
