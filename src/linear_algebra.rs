//! Matrix products, Cholesky factors and substitutions, each on one thread.
//!
//! They are faer's, which chooses its own vector units: the widest that the processor has. Where
//! [`vector_units`] are reduced, [`plain`] takes its place. Decompositions that are made once in
//! many steps, or of a few numbers (QR, singular values, eigenvalues), are faer's throughout.

mod conjugate;
mod plain;
mod root;

pub use conjugate::{Limit, Solved, System, add, conjugate_gradients};
pub use root::positive_root;

use crate::vector_units;
use faer::linalg::matmul;
use faer::linalg::matmul::triangular::BlockStructure;
use faer::linalg::triangular_solve;
use faer::traits::ComplexField;
use faer::{Accum, Mat, MatMut, MatRef, Par, Side};
use std::ops::{Add, AddAssign, Mul};

/// A real number type of matrices.
pub trait Scalar:
    ComplexField + Copy + Add<Output = Self> + Mul<Output = Self> + AddAssign + Send + Sync + 'static
{
    /// `self a + b`, rounded once.
    fn fused(self, a: Self, b: Self) -> Self;
}

impl Scalar for f64 {
    #[inline(always)]
    fn fused(self, a: Self, b: Self) -> Self {
        self.mul_add(a, b)
    }
}

impl Scalar for f32 {
    #[inline(always)]
    fn fused(self, a: Self, b: Self) -> Self {
        self.mul_add(a, b)
    }
}

/// `a . b`.
#[must_use]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `out = factor A B`, or `out += factor A B`.
pub fn product<R: Scalar>(
    out: MatMut<'_, R>,
    into: Accum,
    a: MatRef<'_, R>,
    b: MatRef<'_, R>,
    factor: R,
) {
    if vector_units::are_reduced() {
        plain::product(out, into, a, b, factor);
    } else {
        matmul::matmul(out, into, a, b, factor, Par::Seq);
    }
}

/// Adds the lower triangle of `A B` to that of `out`.
pub fn add_lower_product(out: MatMut<'_, f64>, a: MatRef<'_, f64>, b: MatRef<'_, f64>) {
    if vector_units::are_reduced() {
        plain::add_lower_product(out, a, b);
        return;
    }
    let (lower, all) = (BlockStructure::TriangularLower, BlockStructure::Rectangular);
    matmul::triangular::matmul(out, lower, Accum::Add, a, all, b, all, 1.0, Par::Seq);
}

/// The Cholesky factor of a symmetric matrix, of which the lower triangle is read; zeros above it.
/// `None` if the matrix is not positive definite in floating point.
#[must_use]
pub fn cholesky(matrix: MatRef<'_, f64>) -> Option<Mat<f64>> {
    if vector_units::are_reduced() {
        return plain::cholesky(matrix);
    }
    let factor = matrix.llt(Side::Lower).ok()?;
    Some(factor.L().to_owned())
}

/// Overwrites X by `L^-1 X`, L lower triangular.
pub fn solve_lower(lower: MatRef<'_, f64>, x: MatMut<'_, f64>) {
    if vector_units::are_reduced() {
        plain::solve_lower(lower, x);
    } else {
        triangular_solve::solve_lower_triangular_in_place(lower, x, Par::Seq);
    }
}

/// Overwrites X by `U^-1 X`, U upper triangular.
pub fn solve_upper(upper: MatRef<'_, f64>, x: MatMut<'_, f64>) {
    if vector_units::are_reduced() {
        // Both turned around.
        plain::solve_lower(upper.reverse_rows_and_cols(), x.reverse_rows_mut());
    } else {
        triangular_solve::solve_upper_triangular_in_place(upper, x, Par::Seq);
    }
}

/// Blocks of so many columns, each with the index of its first.
pub fn column_blocks(mut rest: MatMut<'_, f64>, width: usize) -> Vec<(usize, MatMut<'_, f64>)> {
    let mut blocks = Vec::new();
    let mut first = 0;
    while rest.ncols() > width {
        let (block, tail) = rest.split_at_col_mut(width);
        blocks.push((first, block));
        first += width;
        rest = tail;
    }
    blocks.push((first, rest));
    blocks
}
