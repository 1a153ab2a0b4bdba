//! Small dense matrices, `[d][d]`.

/// The Cholesky factor of a symmetric matrix, in place of its lower triangle; whether it has one.
pub(super) fn cholesky(a: &mut [f64], d: usize) -> bool {
    for j in 0..d {
        for i in j..d {
            let mut sum = a[i * d + j];
            for k in 0..j {
                sum -= a[i * d + k] * a[j * d + k];
            }
            if i > j {
                a[i * d + j] = sum / a[j * d + j];
            } else if sum > 0.0 {
                a[j * d + j] = sum.sqrt();
            } else {
                return false;
            }
        }
    }
    true
}

/// Twice the sum of the logarithms of a Cholesky factor's diagonal: the logarithm of the determinant.
pub(super) fn logarithm(lower: &[f64], d: usize) -> f64 {
    2.0 * (0..d).map(|i| lower[i * d + i].ln()).sum::<f64>()
}

/// The inverse of a matrix of this Cholesky factor.
pub(super) fn inverse(lower: &[f64], d: usize, out: &mut [f64]) {
    for (column, _) in lower.chunks_exact(d).enumerate() {
        let mut x = [0.0; super::MOST];
        x[column] = 1.0;
        for i in 0..d {
            for k in 0..i {
                x[i] -= lower[i * d + k] * x[k];
            }
            x[i] /= lower[i * d + i];
        }
        for i in (0..d).rev() {
            for k in i + 1..d {
                x[i] -= lower[k * d + i] * x[k];
            }
            x[i] /= lower[i * d + i];
        }
        for (i, x) in x[..d].iter().enumerate() {
            out[i * d + column] = *x;
        }
    }
}

/// The logarithm of the determinant of any matrix, by Gauss elimination; `None` if it is not positive.
pub(super) fn logarithm_of_any(a: &mut [f64], d: usize) -> Option<f64> {
    let (mut sum, mut positive) = (0.0, true);
    for j in 0..d {
        let pivot = (j..d).max_by(|p, q| a[p * d + j].abs().total_cmp(&a[q * d + j].abs()))?;
        if pivot != j {
            positive = !positive;
            (0..d).for_each(|k| a.swap(pivot * d + k, j * d + k));
        }
        let head = a[j * d + j];
        if head == 0.0 || !head.is_finite() {
            return None;
        }
        positive ^= head < 0.0;
        sum += head.abs().ln();
        for i in j + 1..d {
            let part = a[i * d + j] / head;
            for k in j..d {
                a[i * d + k] -= part * a[j * d + k];
            }
        }
    }
    positive.then_some(sum)
}

/// `A B`.
pub(super) fn product(a: &[f64], b: &[f64], d: usize, out: &mut [f64]) {
    for i in 0..d {
        for j in 0..d {
            out[i * d + j] = (0..d).map(|k| a[i * d + k] * b[k * d + j]).sum();
        }
    }
}

/// `A x`.
pub(super) fn apply(a: &[f64], x: &[f64], out: &mut [f64]) {
    for (row, out) in a.chunks_exact(x.len()).zip(out) {
        *out = row.iter().zip(x).map(|(a, x)| a * x).sum();
    }
}
