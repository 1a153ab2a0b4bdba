//! Factors of the matrices of Newton's steps, and conjugate gradients with one of an earlier step.

use crate::error::{Error, Result};
use crate::linear_algebra::{cholesky, dot, solve_lower, solve_upper};
use faer::{Mat, MatMut};

/// What is added, at first and at most, to the diagonal of a matrix that is not positive definite, whose diagonal
/// is scaled to 1.
const LEAST_DAMPING: f64 = 1e-3;
const MOST_DAMPING: f64 = 1e6;

/// The part of a right side that conjugate gradients may leave, in the norm of the factor, and how many products
/// they may take: as many cost about half of a new factor.
const LEFT: f64 = 1e-3;
const PRODUCTS: usize = 24;

/// The factor of a symmetric matrix, with its diagonal scaled to 1, and damped where it is not positive definite.
pub(super) struct Factor {
    lower: Mat<f64>,
    scale: Vec<f64>,
}

impl Factor {
    /// That of a matrix of which the lower triangle is read.
    ///
    /// # Errors
    /// [`NotFinite`](crate::ErrorKind::NotFinite) if it holds no numbers.
    pub fn new(mut matrix: Mat<f64>) -> Result<Self> {
        let rank = matrix.nrows();
        let scale: Vec<f64> = (0..rank)
            .map(|i| matrix[(i, i)].abs().max(f64::MIN_POSITIVE).sqrt().recip())
            .collect();
        for j in 0..rank {
            for i in j..rank {
                matrix[(i, j)] *= scale[i] * scale[j];
            }
        }
        let mut damping = 0.0;
        loop {
            if let Some(lower) = cholesky(matrix.as_ref()) {
                return Ok(Self { lower, scale });
            }
            if damping >= MOST_DAMPING {
                return Err(Error::not_finite(
                    "the second derivatives of a step are not numbers",
                ));
            }
            let more = (3.0 * damping).max(LEAST_DAMPING);
            (0..rank).for_each(|i| matrix[(i, i)] += more);
            damping += more;
        }
    }

    /// Overwrites x by `A^-1 x`.
    pub fn solve(&self, x: &mut [f64]) {
        x.iter_mut().zip(&self.scale).for_each(|(x, s)| *x *= s);
        let mut column = MatMut::from_column_major_slice_mut(x, self.scale.len(), 1);
        solve_lower(self.lower.as_ref(), column.as_mut());
        solve_upper(self.lower.as_ref().transpose(), column);
        x.iter_mut().zip(&self.scale).for_each(|(x, s)| *x *= s);
    }
}

/// `-A^-1 g` by conjugate gradients, with a factor of about A and products with A; `None` where they take too many
/// or A is not positive along the way.
pub(super) fn conjugate(
    factor: &Factor,
    gradient: &[f64],
    product: impl Fn(&[f64]) -> Vec<f64>,
) -> Option<Vec<f64>> {
    let mut step = vec![0.0; gradient.len()];
    let mut left: Vec<f64> = gradient.iter().map(|g| -g).collect();
    let solved = |r: &[f64]| {
        let mut z = r.to_vec();
        factor.solve(&mut z);
        z
    };
    let mut z = solved(&left);
    let mut along = z.clone();
    let mut size = dot(&left, &z);
    let enough = LEFT * LEFT * size;
    for _ in 0..PRODUCTS {
        let image = product(&along);
        let bend = dot(&along, &image);
        if !(bend > 0.0 && size.is_finite()) {
            return None;
        }
        let length = size / bend;
        for ((s, r), (a, i)) in step.iter_mut().zip(&mut left).zip(along.iter().zip(&image)) {
            *s += length * a;
            *r -= length * i;
        }
        z = solved(&left);
        let next = dot(&left, &z);
        if next <= enough {
            return Some(step);
        }
        let part = next / size;
        along
            .iter_mut()
            .zip(&z)
            .for_each(|(a, z)| *a = z + part * *a);
        size = next;
    }
    None
}
