//! The sample space: with fewer rows than parameters, `K = R R^T` is the smaller matrix, and
//! `(R^T R + mu I)^-1 q = (q - R^T (K + mu I)^-1 R q) / mu` (Woodbury).

use super::{Model, Rows, Solution, cholesky};
use crate::error::Result;
use crate::linear_algebra::dot;
use crate::parallel::Pool;
use faer::Mat;

/// R, `R R^T` and its factor.
#[derive(Clone, Debug)]
pub struct Sample {
    rows: Rows,
    gram: Mat<f64>,
    factor: Mat<f64>,
    mean: f64,
}

/// Entries of R, at most: 4 GiB of them.
const MAX_ENTRIES: f64 = 5e8;

/// Damping below this part of the mean diagonal is raised to it: the difference in Woodbury's
/// formula loses the digits that it divides by.
const LEAST_DAMPING: f64 = 1e-10;

/// Rounds of iterative refinement, which bring those digits back.
const REFINEMENTS: usize = 2;

impl Default for Sample {
    fn default() -> Self {
        Self {
            rows: Rows::default(),
            gram: Mat::new(),
            factor: Mat::new(),
            mean: 0.0,
        }
    }
}

impl Sample {
    /// Takes up a new linearisation.
    ///
    /// # Errors
    /// [`Memory`](crate::ErrorKind::Memory) if the rows are too many to hold.
    pub fn set(&mut self, linear: &mut dyn Model) -> Result<()> {
        linear.all_rows(&mut self.rows, MAX_ENTRIES)?;
        self.rows.gram(linear.pool(), &mut self.gram)?;
        let trace: f64 = (0..self.gram.nrows()).map(|i| self.gram[(i, i)]).sum();
        self.mean = trace / linear.parameters() as f64;
        Ok(())
    }

    /// The mean of the diagonal of G.
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    /// Makes ready for solutions with damping mu; false if the matrix is not positive definite in
    /// floating point.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn damp(&mut self, linear: &dyn Model, mu: f64) -> Result<bool> {
        self.factor.clone_from(&self.gram);
        for i in 0..self.factor.nrows() {
            self.factor[(i, i)] += self.raised(mu);
        }
        cholesky::factor(linear.pool(), &mut self.factor)
    }

    fn raised(&self, mu: f64) -> f64 {
        mu.max(LEAST_DAMPING * self.mean)
    }

    /// Solves with the damping of the last [`damp`](Self::damp).
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn solve(&self, pool: &Pool, mu: f64, q: &[f64]) -> Result<Solution> {
        let mu = self.raised(mu);
        let mut step = vec![0.0; q.len()];
        let mut residual: Vec<f64> = q.iter().map(|q| -q).collect();
        for _ in 0..=REFINEMENTS {
            let mut y = self.rows.times(&residual);
            cholesky::solve(pool, &self.factor, &mut y)?;
            let back = self.rows.transposed_times(&y);
            for ((s, r), b) in step.iter_mut().zip(&residual).zip(&back) {
                *s += (r - b) / mu;
            }
            let image = self.rows.transposed_times(&self.rows.times(&step));
            for (((r, q), s), g) in residual.iter_mut().zip(q).zip(&step).zip(&image) {
                *r = -q - g - mu * s;
            }
        }
        let left = 0.5 * dot(&residual, &residual) / mu;
        Ok(Solution { step, left })
    }
}
