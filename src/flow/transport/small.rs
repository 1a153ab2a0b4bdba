//! Determinants and inverses of the many small matrices DX, without an allocation for each.

use pulp::{Arch, NullaryFnOnce};

/// Buffers of [`invert`].
#[derive(Default)]
pub struct Scratch {
    pivots: Vec<usize>,
    row: Vec<f64>,
}

/// Overwrites a matrix (`[d][d]`) with its inverse and returns its determinant, by Gauss-Jordan
/// elimination with partial pivoting. Of a singular one nothing is inverted and 0 is returned.
pub fn invert(a: &mut [f64], d: usize, scratch: &mut Scratch) -> f64 {
    // Below this size the choice of instructions costs more than it gives.
    const LARGE: usize = 6;
    if d < LARGE {
        return eliminate(a, d, scratch);
    }
    Arch::new().dispatch(Elimination { a, d, scratch })
}

/// What is compiled for the instructions at hand; a closure is not inlined there.
struct Elimination<'a> {
    a: &'a mut [f64],
    d: usize,
    scratch: &'a mut Scratch,
}

impl NullaryFnOnce for Elimination<'_> {
    type Output = f64;

    #[inline(always)]
    fn call(self) -> f64 {
        eliminate(self.a, self.d, self.scratch)
    }
}

#[inline(always)]
fn eliminate(a: &mut [f64], d: usize, scratch: &mut Scratch) -> f64 {
    let Scratch { pivots, row } = scratch;
    let mut determinant = 1.0;
    pivots.clear();
    for k in 0..d {
        let larger = |p: usize, i: usize| a[i * d + k].abs() > a[p * d + k].abs();
        let pivot = (k..d).fold(k, |p, i| if larger(p, i) { i } else { p });
        let value = a[pivot * d + k];
        if value == 0.0 || !value.is_finite() {
            return if value == 0.0 { 0.0 } else { f64::NAN };
        }
        pivots.push(pivot);
        if pivot != k {
            determinant = -determinant;
            for j in 0..d {
                a.swap(k * d + j, pivot * d + j);
            }
        }
        determinant *= value;
        let own = &mut a[k * d..(k + 1) * d];
        own[k] = 1.0;
        let inverse = 1.0 / value;
        own.iter_mut().for_each(|v| *v *= inverse);
        row.clear();
        row.extend_from_slice(own);
        for (i, other) in a.chunks_exact_mut(d).enumerate() {
            if i == k {
                continue;
            }
            let factor = -std::mem::replace(&mut other[k], 0.0);
            for (v, r) in other.iter_mut().zip(&*row) {
                *v = factor.mul_add(*r, *v);
            }
        }
    }
    // Rows that were exchanged are columns of the inverse.
    for (k, pivot) in pivots.iter().enumerate().rev().filter(|(k, p)| k != *p) {
        for i in 0..d {
            a.swap(i * d + k, i * d + pivot);
        }
    }
    determinant
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverse_and_determinant_of_small_matrices() {
        let mut pivots = Scratch::default();
        // Zeros on the diagonal make it exchange rows.
        let a = [0.0, 2.0, 1.0, 3.0, 0.0, -1.0, 1.0, 4.0, 0.5];
        let mut inverse = a;
        let determinant = invert(&mut inverse, 3, &mut pivots);
        assert!((determinant - 7.0).abs() < 1e-14, "{determinant}");
        for i in 0..3 {
            for j in 0..3 {
                let entry: f64 = (0..3).map(|k| a[i * 3 + k] * inverse[k * 3 + j]).sum();
                assert!((entry - f64::from(u8::from(i == j))).abs() < 1e-14);
            }
        }
        let mut singular = [1.0, 2.0, 2.0, 4.0];
        assert_eq!(invert(&mut singular, 2, &mut pivots), 0.0);
        let mut one = [-4.0];
        assert_eq!(invert(&mut one, 1, &mut pivots), -4.0);
        assert_eq!(one[0], -0.25);
    }
}
