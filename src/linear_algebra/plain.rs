//! The operations of [`linear_algebra`](super) in loops that are compiled for the units in use.
//! Their sums are taken in the order of their terms, and fused with the products in all but scalar
//! units.

use super::Scalar;
use crate::vector_units::{self, vectorized};
use faer::{Accum, Mat, MatMut, MatRef};

/// Terms of a sum that are added to a row in one pass over it.
const TOGETHER: usize = 4;

pub(super) fn product<R: Scalar>(
    out: MatMut<'_, R>,
    into: Accum,
    a: MatRef<'_, R>,
    b: MatRef<'_, R>,
    factor: R,
) {
    // Rows are passed over: the longer they are the better.
    let (mut out, a, b) = if out.ncols() < out.nrows() {
        (out.transpose_mut(), b.transpose(), a.transpose())
    } else {
        (out, a, b)
    };
    let n = out.ncols();
    let b = rows(b);
    let mut coefficients = vec![R::zero_impl(); a.ncols()];
    let mut sums = vec![R::zero_impl(); n];
    for i in 0..out.nrows() {
        for (k, c) in coefficients.iter_mut().enumerate() {
            *c = a[(i, k)];
        }
        sums.fill(R::zero_impl());
        add_combination(&coefficients, &b, &mut sums);
        for (j, sum) in sums.iter().enumerate() {
            let entry = &mut out[(i, j)];
            let own = if into == Accum::Add {
                *entry
            } else {
                R::zero_impl()
            };
            *entry = own + factor * *sum;
        }
    }
}

pub(super) fn add_lower_product(mut out: MatMut<'_, f64>, a: MatRef<'_, f64>, b: MatRef<'_, f64>) {
    let n = out.nrows();
    let mut whole = Mat::zeros(n, n);
    product(whole.as_mut(), Accum::Replace, a, b, 1.0);
    for j in 0..n {
        for i in j..n {
            out[(i, j)] += whole[(i, j)];
        }
    }
}

pub(super) fn cholesky(matrix: MatRef<'_, f64>) -> Option<Mat<f64>> {
    let n = matrix.nrows();
    // Row by row: L[i][..i] solves L x = A[i][..i].
    let mut rows: Vec<Vec<f64>> = Vec::with_capacity(n);
    for i in 0..n {
        let mut row: Vec<f64> = Vec::with_capacity(i + 1);
        for (j, above) in rows.iter().enumerate() {
            let rest = matrix[(i, j)] - dot(&row, &above[..j]);
            row.push(rest / above[j]);
        }
        let pivot = matrix[(i, i)] - dot(&row, &row);
        if pivot.is_nan() || pivot <= 0.0 {
            return None;
        }
        row.push(pivot.sqrt());
        rows.push(row);
    }
    Some(Mat::from_fn(
        n,
        n,
        |i, j| if j <= i { rows[i][j] } else { 0.0 },
    ))
}

pub(super) fn solve_lower(lower: MatRef<'_, f64>, mut x: MatMut<'_, f64>) {
    let width = x.ncols();
    let mut solved: Vec<f64> = Vec::with_capacity(x.nrows() * width);
    let mut row = vec![0.0; width];
    for i in 0..x.nrows() {
        let coefficients: Vec<f64> = (0..i).map(|k| -lower[(i, k)]).collect();
        for (j, v) in row.iter_mut().enumerate() {
            *v = x[(i, j)];
        }
        add_combination(&coefficients, &solved, &mut row);
        for (j, v) in row.iter_mut().enumerate() {
            *v /= lower[(i, i)];
            x[(i, j)] = *v;
        }
        solved.extend_from_slice(&row);
    }
}

/// The entries of a matrix row by row.
fn rows<R: Scalar>(matrix: MatRef<'_, R>) -> Vec<R> {
    let columns = matrix.ncols();
    let row = |i: usize| (0..columns).map(move |j| matrix[(i, j)]);
    (0..matrix.nrows()).flat_map(row).collect()
}

/// `out += sum over rows of coefficient row`.
fn add_combination<R: Scalar>(coefficients: &[R], rows: &[R], out: &mut [R]) {
    if coefficients.is_empty() || out.is_empty() {
        return;
    }
    combine(coefficients, rows, out);
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = [0.0];
    add_combination(a, b, &mut sum);
    let [sum] = sum;
    sum
}

vectorized! {
    fn combine<R: Scalar>(coefficients: &[R], rows: &[R], out: &mut [R]) {
        if vector_units::fuse() {
            add::<Fused, R>(coefficients, rows, out);
        } else {
            add::<Rounded, R>(coefficients, rows, out);
        }
    }
}

/// A product that is added to a sum.
trait Sum<R> {
    /// `a x + y`.
    fn of(a: R, x: R, y: R) -> R;
}

/// With one rounding.
struct Fused;

impl<R: Scalar> Sum<R> for Fused {
    #[inline(always)]
    fn of(a: R, x: R, y: R) -> R {
        a.fused(x, y)
    }
}

/// With a rounding of the product.
struct Rounded;

impl<R: Scalar> Sum<R> for Rounded {
    #[inline(always)]
    fn of(a: R, x: R, y: R) -> R {
        a * x + y
    }
}

#[inline(always)]
fn add<S: Sum<R>, R: Scalar>(coefficients: &[R], rows: &[R], out: &mut [R]) {
    let n = out.len();
    let mut passes = rows.chunks_exact(TOGETHER * n);
    let mut factors = coefficients.chunks_exact(TOGETHER);
    for (c, rows) in (&mut factors).zip(&mut passes) {
        let (p, rest) = rows.split_at(n);
        let (q, rest) = rest.split_at(n);
        let (r, s) = rest.split_at(n);
        let terms = p.iter().zip(q).zip(r.iter().zip(s));
        for (out, ((p, q), (r, s))) in out.iter_mut().zip(terms) {
            let half = S::of(c[1], *q, S::of(c[0], *p, *out));
            *out = S::of(c[3], *s, S::of(c[2], *r, half));
        }
    }
    let rest = passes.remainder().chunks_exact(n);
    for (c, row) in factors.remainder().iter().zip(rest) {
        for (out, x) in out.iter_mut().zip(row) {
            *out = S::of(*c, *x, *out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(rows: usize, columns: usize) -> Mat<f64> {
        Mat::from_fn(rows, columns, |i, j| ((3 * i + 7 * j) as f64).sin())
    }

    fn difference(a: &Mat<f64>, b: &Mat<f64>) -> f64 {
        (a - b).norm_max()
    }

    #[test]
    fn products_are_those_of_the_definition_in_every_layout() {
        for (m, k, n) in [(1, 1, 1), (3, 5, 2), (2, 9, 6), (7, 4, 7), (5, 0, 3)] {
            let (a, b) = (matrix(m, k), matrix(k, n));
            let (turned_a, turned_b) = (a.transpose().to_owned(), b.transpose().to_owned());
            let exact = Mat::from_fn(m, n, |i, j| (0..k).map(|l| a[(i, l)] * b[(l, j)]).sum());
            for a in [a.as_ref(), turned_a.transpose()] {
                for b in [b.as_ref(), turned_b.transpose()] {
                    let mut out = matrix(m, n);
                    product(out.as_mut(), Accum::Add, a, b, -2.0);
                    let expected = matrix(m, n) - faer::Scale(2.0) * &exact;
                    assert!(difference(&out, &expected) < 1e-14);
                    product(out.as_mut(), Accum::Replace, a, b, 1.0);
                    assert!(difference(&out, &exact) < 1e-14);
                }
            }
        }
    }

    #[test]
    fn factors_and_substitutions_undo_products() {
        let n = 11;
        let a = matrix(n, n);
        let mut square = Mat::identity(n, n);
        add_lower_product(square.as_mut(), a.as_ref(), a.transpose());
        let whole = Mat::<f64>::identity(n, n) + &a * a.transpose();
        let lower = cholesky(square.as_ref()).unwrap();
        assert!(difference(&(&lower * lower.transpose()), &whole) < 1e-13);
        let x = matrix(n, 3);
        let mut y = &lower * &x;
        solve_lower(lower.as_ref(), y.as_mut());
        assert!(difference(&x, &y) < 1e-13);
        square[(4, 4)] = -1.0;
        assert!(cholesky(square.as_ref()).is_none());
    }
}
