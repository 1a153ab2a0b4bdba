//! Factors of symmetric matrices that may be singular or indefinite in floating point.

use crate::error::{Error, Result};
use crate::linear_algebra::{cholesky, solve_lower, solve_upper};
use faer::{Mat, MatMut};

/// What is added to a diagonal of 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Damping {
    /// At first.
    pub first: f64,
    /// At least, where the matrix is not positive definite with that, and by how much more each time.
    pub least: f64,
    pub growth: f64,
    /// Where it is given up.
    pub most: f64,
}

/// The factor of a symmetric matrix whose diagonal is scaled to 1, or -1, and damped.
pub(super) struct Factor {
    lower: Mat<f64>,
    scale: Vec<f64>,
}

impl Factor {
    /// That of a matrix of which the lower triangle is read.
    ///
    /// # Errors
    /// [`NotFinite`](crate::ErrorKind::NotFinite) if it holds no numbers.
    pub fn new(mut matrix: Mat<f64>, damping: &Damping) -> Result<Self> {
        let len = matrix.nrows();
        let diagonal: Vec<f64> = (0..len).map(|i| matrix[(i, i)]).collect();
        let no_number =
            || Error::not_finite("the matrix of a step is not a number; take a smaller `tau`");
        if diagonal.iter().any(|v| !v.is_finite()) {
            return Err(no_number());
        }
        let root = |v: &f64| v.abs().max(f64::MIN_POSITIVE).sqrt().recip();
        let scale: Vec<f64> = diagonal.iter().map(root).collect();
        for j in 0..len {
            for i in j..len {
                matrix[(i, j)] *= scale[i] * scale[j];
            }
        }
        let mut added = damping.first;
        loop {
            for (i, v) in diagonal.iter().enumerate() {
                matrix[(i, i)] = if *v < 0.0 { -1.0 } else { 1.0 } + added;
            }
            match cholesky(matrix.as_ref()) {
                Some(lower) => return Ok(Self { lower, scale }),
                None if added < damping.most => {
                    added = (damping.growth * added).max(damping.least);
                }
                None => return Err(no_number()),
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_positive_definite_is_solved_and_what_is_not_is_damped() {
        let none = Damping {
            first: 0.0,
            least: 1e-3,
            growth: 4.0,
            most: 1e6,
        };
        let matrix = Mat::from_fn(2, 2, |i, j| [[4.0, 1.0], [1.0, 9.0]][i][j]);
        let mut x = [5.0, 10.0];
        Factor::new(matrix, &none).unwrap().solve(&mut x);
        assert!((x[0] - 1.0).abs() < 1e-14 && (x[1] - 1.0).abs() < 1e-14);
        // A direction of descent where the matrix has none of its own.
        let indefinite = Mat::from_fn(2, 2, |i, j| [[1.0, 0.0], [0.0, -2.0]][i][j]);
        let mut x = [1.0, 1.0];
        Factor::new(indefinite, &none).unwrap().solve(&mut x);
        assert!(x.iter().all(|x| *x > 0.0));
        let nothing = Mat::from_fn(1, 1, |_, _| f64::NAN);
        assert!(Factor::new(nothing, &none).is_err());
    }
}
