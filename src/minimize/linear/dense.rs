//! The dense matrix G and its Cholesky factor. While the objective changes little, the factor of an
//! earlier G serves as preconditioner of conjugate gradients, whose products cost a fraction of a
//! new matrix.

use super::{Kept, Model, Solution, cholesky, conjugate};
use crate::error::{Error, Result};
use crate::linear_algebra::Limit;
use faer::Mat;
use std::sync::Arc;

/// A matrix, its factor, and how old they are. Clones share them until they change.
#[derive(Clone, Debug)]
pub struct Dense {
    normal: Arc<Mat<f64>>,
    factor: Arc<Mat<f64>>,
    /// Damping in the factor.
    damping: f64,
    /// Mean of the diagonal of G.
    mean: f64,
    age: Age,
    /// Products that the last inexact solution took.
    products: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Age {
    /// There is no matrix.
    #[default]
    None,
    /// The matrix is that of the last linearisation.
    Fresh,
    /// It is that of an earlier one.
    Old,
}

/// Damping of an old factor relative to the mean diagonal: directions with a smaller curvature may
/// have turned since.
const OLD_DAMPING: f64 = 1e-3;

/// The part of its own gain to which an inexact solution is solved: what the objective's curvature
/// adds is about as large.
const MODEL_DIGITS: f64 = 1e-3;

/// An old factor is good while conjugate gradients take less than this part of the work of a
/// new one.
const WORTH: f64 = 0.5;

impl Default for Dense {
    fn default() -> Self {
        let empty = Arc::new(Mat::new());
        Self {
            normal: Arc::clone(&empty),
            factor: empty,
            damping: 0.0,
            mean: 0.0,
            age: Age::None,
            products: 0,
        }
    }
}

impl Dense {
    /// Takes up a new linearisation: with a new matrix, or, when it is allowed and has worked so
    /// far, with the old factor.
    ///
    /// # Errors
    /// [`Memory`](crate::ErrorKind::Memory).
    pub fn set(&mut self, linear: &mut dyn Model, reuse: bool) -> Result<()> {
        if reuse && self.age != Age::None {
            self.age = Age::Old;
            return Ok(());
        }
        let count = linear.parameters();
        if self.normal.nrows() != count {
            self.normal = Arc::new(Mat::zeros(count, count));
            self.factor = Arc::new(Mat::zeros(count, count));
        }
        linear.normal(Arc::make_mut(&mut self.normal))?;
        self.mean = (0..count).map(|i| self.normal[(i, i)]).sum::<f64>() / count as f64;
        self.age = Age::Fresh;
        self.products = 0;
        Ok(())
    }

    /// Whether the matrix is that of the last linearisation.
    pub fn is_fresh(&self) -> bool {
        self.age == Age::Fresh
    }

    /// The mean of the diagonal, which damping is relative to.
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    /// Makes ready for solutions with damping mu. False if the matrix is not positive definite in
    /// floating point.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn damp(&mut self, linear: &dyn Model, mu: f64) -> Result<bool> {
        let wanted = match self.age {
            Age::Old if linear.turns() => (OLD_DAMPING * self.mean).max(mu),
            _ => mu,
        };
        if self.age == Age::Old && self.damping >= wanted {
            return Ok(true);
        }
        self.factor(linear, wanted)
    }

    /// Factors the matrix with a damping.
    fn factor(&mut self, linear: &dyn Model, damping: f64) -> Result<bool> {
        let factor = Arc::make_mut(&mut self.factor);
        factor.copy_from(&*self.normal);
        for i in 0..factor.nrows() {
            factor[(i, i)] += damping;
        }
        self.damping = damping;
        cholesky::factor(linear.pool(), factor)
    }

    /// Numbers that the matrix is recognised by.
    pub fn kept(&self) -> Option<Kept> {
        (self.age != Age::None).then_some(Kept {
            damping: self.damping,
            mean: self.mean,
        })
    }

    /// Factors the matrix of the last [`set`](Self::set) as it was.
    ///
    /// # Errors
    /// [`NotFinite`](crate::ErrorKind::NotFinite) if that cannot be done.
    pub fn restore(&mut self, linear: &dyn Model, kept: &Kept) -> Result<()> {
        if self.factor(linear, kept.damping)? {
            return Ok(());
        }
        Err(Error::not_finite(
            "the normal matrix of an earlier step cannot be factored again",
        ))
    }

    /// Solves with the damping mu of the last [`damp`](Self::damp). `None` if an old factor does
    /// not do any more.
    ///
    /// # Errors
    /// Errors of products.
    pub fn solve(
        &mut self,
        linear: &mut dyn Model,
        mu: f64,
        q: &[f64],
        enough: f64,
    ) -> Result<Option<Solution>> {
        if self.is_fresh() {
            let mut step: Vec<f64> = q.iter().map(|q| -q).collect();
            cholesky::solve(linear.pool(), &self.factor, &mut step)?;
            return Ok(Some(Solution { step, left: 0.0 }));
        }
        let limit = Limit {
            enough,
            part: MODEL_DIGITS,
            products: (WORTH * linear.products_per_matrix()?).ceil() as usize,
        };
        let factor = &self.factor;
        let (solution, products) = conjugate::solve(linear, mu, q, &limit, |linear, z| {
            cholesky::solve(linear.pool(), factor, z)
        })?;
        self.products = products.unwrap_or(limit.products);
        log::trace!("{} products with an old factor", self.products);
        Ok(products.map(|_| solution))
    }
}
