//! Linear systems of Gauss-Newton, `(G + mu I) s = -q` with `G = R^T R`.

mod cholesky;
mod conjugate;
mod dense;
mod krylov;
mod model;
mod none;
mod rows;
mod sample;

use dense::Dense;
use krylov::Krylov;
pub use model::{ACCELERATION_PART, Model};
pub use none::NoModel;
use rows::Rows;
use sample::Sample;

use super::LinearSolverChoice;
use crate::error::{Error, Result};

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
    /// The method that is chosen, or for `auto` that of the sizes.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if the dense matrix would not fit into memory.
    pub fn new(choice: LinearSolverChoice, parameters: usize, rows: usize) -> Result<Self> {
        match choice {
            LinearSolverChoice::Dense if parameters > MOST_DENSE => Err(Error::option(format!(
                "option `hidden` makes a network of {parameters} parameters; with \
                 `linear_solver` = dense accepted are up to {MOST_DENSE}"
            ))),
            LinearSolverChoice::Dense => Ok(Self::Dense),
            LinearSolverChoice::Sample => Ok(Self::Sample),
            LinearSolverChoice::Krylov => Ok(Self::Krylov),
            LinearSolverChoice::Auto => Ok(if parameters <= FEW_PARAMETERS {
                Self::Dense
            } else if rows <= FEW_ROWS.min(parameters) {
                Self::Sample
            } else {
                Self::Krylov
            }),
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
    pub(super) fn set(&mut self, linear: &mut dyn Model, reuse: bool) -> Result<()> {
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

    /// Whether later linearisations may make do with what is made of one.
    pub(super) const fn keeps(&self) -> bool {
        !matches!(self, Self::Sample(_))
    }

    /// Numbers that the matrix in use is recognised by.
    pub fn kept(&self) -> Option<Kept> {
        match self {
            Self::Dense(it) => it.kept(),
            Self::Sample(_) => None,
            Self::Krylov(it) => it.kept(),
        }
    }

    /// Makes of a linearisation that was just taken up what was kept of it.
    pub(super) fn restore(&mut self, linear: &dyn Model, kept: &Kept) -> Result<()> {
        match self {
            Self::Dense(it) => it.restore(linear, kept),
            Self::Sample(_) | Self::Krylov(_) => Ok(()),
        }
    }

    /// Makes ready for solutions with damping mu; false if that cannot be done in floating point.
    pub(super) fn damp(&mut self, linear: &dyn Model, mu: f64) -> Result<bool> {
        let can = match self {
            Self::Dense(it) => it.damp(linear, mu),
            Self::Sample(it) => it.damp(linear, mu),
            Self::Krylov(_) => Ok(true),
        };
        linear.pool().ranks().agree_whether(can)
    }

    /// Solves with the damping of the last [`damp`](Self::damp), as far as `enough` is left to
    /// gain. `None` if what an earlier linearisation left does not do.
    pub(super) fn solve(
        &mut self,
        linear: &mut dyn Model,
        mu: f64,
        q: &[f64],
        enough: f64,
    ) -> Result<Option<Solution>> {
        let mut solution = match self {
            Self::Dense(it) => it.solve(linear, mu, q, enough)?,
            Self::Sample(it) => Some(it.solve(linear.pool(), mu, q)?),
            Self::Krylov(it) => it.solve(linear, mu, q, enough)?,
        };
        if let Some(Solution { step, .. }) = &mut solution {
            linear.pool().ranks().agree(Ok(()), step)?;
        }
        Ok(solution)
    }
}

/// Numbers by which a matrix of an earlier linearisation is recognised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kept {
    /// Damping in the factor; 0 if there is none.
    pub damping: f64,
    /// Mean of the diagonal of G, by which a matrix that was made again is recognised.
    pub mean: f64,
}

/// The solution of a damped system.
pub struct Solution {
    /// s.
    pub step: Vec<f64>,
    /// Estimated gain in the quadratic model that an inexact solution leaves.
    pub left: f64,
}

#[cfg(test)]
mod tests;
