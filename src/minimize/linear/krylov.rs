//! Without any matrix of the size of G: conjugate gradients with a Nystrom preconditioner
//! (Frangella, Tropp and Udell, "Randomized Nystrom preconditioning", 2023), kept while it works.

use super::{Kept, Model, Solution, conjugate};
use crate::error::{Error, Result};
use crate::linear_algebra::{self, Limit, dot};
use faer::Mat;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::sync::Arc;

/// `G ~ U diag(values) U^T`.
#[derive(Clone, Debug)]
pub struct Krylov {
    vectors: Arc<Mat<f64>>,
    values: Arc<Vec<f64>>,
    mean: f64,
    fresh: bool,
}

/// Rank of the preconditioner, at most.
const RANK: usize = 256;

/// Products allowed for one solution.
const PRODUCTS: usize = 400;

/// Products after which a preconditioner of an earlier linearisation is renewed.
const OLD_PRODUCTS: usize = 200;

/// See the dense matrix.
const MODEL_DIGITS: f64 = 1e-3;

impl Default for Krylov {
    fn default() -> Self {
        Self {
            vectors: Arc::new(Mat::new()),
            values: Arc::default(),
            mean: 0.0,
            fresh: false,
        }
    }
}

impl Krylov {
    /// Takes up a new linearisation.
    ///
    /// # Errors
    /// [`NotFinite`](crate::ErrorKind::NotFinite).
    pub fn set(&mut self, linear: &mut dyn Model, reuse: bool) -> Result<()> {
        if reuse && !self.values.is_empty() {
            self.fresh = false;
            return Ok(());
        }
        let count = linear.parameters();
        let rank = RANK.min(count.div_ceil(2));
        // The same sketch each time: bits must not depend on how often it was made.
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let signs = Mat::from_fn(count, rank, |_, _| if rng.random() { 1.0 } else { -1.0 });
        let sketch = signs.qr().compute_thin_Q();
        let mut image = Mat::zeros(count, rank);
        let mut product = vec![0.0; count];
        for column in 0..rank {
            linear.product(sketch.col_as_slice(column), &mut product)?;
            image.col_as_slice_mut(column).copy_from_slice(&product);
        }
        // The trace of G from that of the sketch, whose directions are random.
        let trace: f64 = (0..rank)
            .map(|k| dot(sketch.col_as_slice(k), image.col_as_slice(k)))
            .sum();
        let mut mean = [trace / rank as f64];
        linear.pool().ranks().agree(Ok(()), &mut mean)?;
        [self.mean] = mean;
        // A small shift keeps the core positive definite in floating point.
        let shift = f64::EPSILON * image.norm_l2();
        image += &sketch * faer::Scale(shift);
        let core = sketch.transpose() * &image;
        let unstable = || Error::not_finite("the Nystrom approximation cannot be factored");
        let factor = linear_algebra::cholesky(core.as_ref()).ok_or_else(unstable)?;
        let mut basis = image.transpose().to_owned();
        linear_algebra::solve_lower(factor.as_ref(), basis.as_mut());
        let svd = basis.transpose().thin_svd().map_err(|_| unstable())?;
        self.vectors = Arc::new(svd.U().to_owned());
        let values = (0..rank).map(|k| (svd.S()[k] * svd.S()[k] - shift).max(0.0));
        self.values = Arc::new(values.collect());
        self.fresh = true;
        Ok(())
    }

    /// Numbers that the preconditioner is recognised by.
    pub fn kept(&self) -> Option<Kept> {
        (!self.values.is_empty()).then_some(Kept {
            damping: 0.0,
            mean: self.mean,
        })
    }

    /// Whether the preconditioner is that of the last linearisation.
    pub const fn is_fresh(&self) -> bool {
        self.fresh
    }

    /// An estimate of the mean of the diagonal of G.
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    /// Solves with damping mu. `None` if an old preconditioner does not do any more.
    ///
    /// # Errors
    /// Errors of products.
    pub fn solve(
        &self,
        linear: &mut dyn Model,
        mu: f64,
        q: &[f64],
        enough: f64,
    ) -> Result<Option<Solution>> {
        let limit = Limit {
            enough,
            part: MODEL_DIGITS,
            products: if self.fresh { PRODUCTS } else { OLD_PRODUCTS },
        };
        let (solution, products) = conjugate::solve(linear, mu, q, &limit, |_, z| {
            self.precondition(mu, z);
            Ok(())
        })?;
        // With a fresh one there is nothing better: an inexact step is a step.
        Ok((products.is_some() || self.fresh).then_some(solution))
    }

    /// `U (values + mu)^-1 U^T z + (z - U U^T z) / (last value + mu)`.
    fn precondition(&self, mu: f64, z: &mut [f64]) {
        let last = self.values[self.values.len() - 1] + mu;
        let vector = Mat::from_fn(z.len(), 1, |i, _| z[i]);
        let mut inner = self.vectors.transpose() * &vector;
        for (k, value) in self.values.iter().enumerate() {
            inner[(k, 0)] *= 1.0 / (value + mu) - 1.0 / last;
        }
        let outer = &*self.vectors * &inner;
        for (i, z) in z.iter_mut().enumerate() {
            *z = outer[(i, 0)] + *z / last;
        }
    }
}
