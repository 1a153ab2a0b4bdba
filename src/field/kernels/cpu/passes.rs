//! Vectorised passes over the arrays of a layer, `[width][n]`.

use super::Real;
use crate::vector_units::vectorized;

/// Every entry of a row of `out` becomes the row's entry of `column`.
pub(super) fn fill_rows<R: Real>(column: &[R], n: usize, out: &mut [R]) {
    for (out, x) in out.chunks_exact_mut(n).zip(column) {
        out.fill(*x);
    }
}

vectorized! {
    /// `out = column row^T`.
    pub(super) fn outer<R: Real>(column: &[R], row: &[R], out: &mut [R]) {
        for (out, x) in out.chunks_exact_mut(row.len()).zip(column) {
            for (out, y) in out.iter_mut().zip(row) {
                *out = *x * *y;
            }
        }
    }
}

vectorized! {
    /// `g` becomes `s' g` and `s''` becomes `s'' g`.
    pub(super) fn slopes<R: Real>(first: &[R], g: &mut [R], second: &mut [R]) {
        for ((g, second), first) in g.iter_mut().zip(second).zip(first) {
            *second *= *g;
            *g *= *first;
        }
    }
}

vectorized! {
    /// With `(first, curvature)`: `bend` becomes `curvature z` and z becomes `first z`.
    pub(super) fn tangents<R: Real>(slopes: (&[R], &[R]), z: &mut [R], bend: &mut [R]) {
        let slopes = slopes.0.iter().zip(slopes.1);
        for ((z, bend), (first, curvature)) in z.iter_mut().zip(bend).zip(slopes) {
            *bend = *curvature * *z;
            *z *= *first;
        }
    }
}

vectorized! {
    /// `x` becomes `first x + bend`.
    pub(super) fn scale_add<R: Real>(first: &[R], bend: &[R], x: &mut [R]) {
        for ((x, first), bend) in x.iter_mut().zip(first).zip(bend) {
            *x = *x * *first + *bend;
        }
    }
}

vectorized! {
    /// `out += sum over rows of coefficient row`.
    pub(super) fn add_combination<R: Real>(coefficients: &[R], rows: &[R], out: &mut [R]) {
        for (row, coefficient) in rows.chunks_exact(out.len()).zip(coefficients) {
            for (out, x) in out.iter_mut().zip(row) {
                *out += *coefficient * *x;
            }
        }
    }
}

vectorized! {
    /// Adds to each entry of `out` the sum of its row.
    pub(super) fn add_sums<R: Real>(rows: &[R], out: &mut [R]) {
        let n = rows.len() / out.len();
        for (out, row) in out.iter_mut().zip(rows.chunks_exact(n)) {
            *out += sum(row.len(), |i| row[i]);
        }
    }
}

vectorized! {
    /// Adds to each entry of `out` the sum over its rows of `factor x + y`.
    pub(super) fn add_weighted_sums<R: Real>(factors: &[R], x: &[R], y: &[R], out: &mut [R]) {
        let n = factors.len();
        for ((out, x), y) in out.iter_mut().zip(x.chunks_exact(n)).zip(y.chunks_exact(n)) {
            *out += sum(n, |i| factors[i] * x[i] + y[i]);
        }
    }
}

/// The sum of n terms, as sixteen sums side by side: one alone would wait for itself.
#[inline(always)]
fn sum<R: Real>(n: usize, term: impl Fn(usize) -> R) -> R {
    const LANES: usize = 16;
    let mut sums = [R::ZERO; LANES];
    let whole = n - n % LANES;
    for start in (0..whole).step_by(LANES) {
        for (lane, sum) in sums.iter_mut().enumerate() {
            *sum += term(start + lane);
        }
    }
    let mut total = R::ZERO;
    for i in whole..n {
        total += term(i);
    }
    for sum in sums {
        total += sum;
    }
    total
}
