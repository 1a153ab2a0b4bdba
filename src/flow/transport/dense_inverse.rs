//! Determinants and inverses of the many small matrices DX, without an allocation for each.

use crate::vector_units::vectorized;

/// Columns that are eliminated together in large matrices, so that a row is read once for all of
/// them.
const PANEL: usize = 4;

/// Below this size the choice of instructions costs more than it gives.
const LARGE: usize = 6;

/// Buffers of [`invert`].
#[derive(Default)]
pub struct InverseBuffers {
    pivots: Vec<usize>,
    rows: Vec<f64>,
}

/// Overwrites a matrix (`[d][d]`) with its inverse and returns its determinant, by Gauss-Jordan
/// elimination with partial pivoting. Of a singular one nothing is inverted and 0 is returned.
pub fn invert(a: &mut [f64], d: usize, scratch: &mut InverseBuffers) -> f64 {
    if d < LARGE {
        return eliminate(a, d, 0, scratch);
    }
    eliminate_large(a, d, scratch)
}

vectorized! {
    /// The elimination, in panels.
    fn eliminate_large(a: &mut [f64], d: usize, scratch: &mut InverseBuffers) -> f64 {
        let panels = d / PANEL * PANEL;
        eliminate(a, d, panels, scratch)
    }
}

/// The first columns in panels, the others one by one.
#[inline(always)]
fn eliminate(a: &mut [f64], d: usize, panels: usize, scratch: &mut InverseBuffers) -> f64 {
    let InverseBuffers { pivots, rows } = scratch;
    let mut determinant = 1.0;
    pivots.clear();
    for k in 0..d {
        let value = exchange(a, d, k, pivots);
        if value == 0.0 || !value.is_finite() {
            return if value == 0.0 { 0.0 } else { f64::NAN };
        }
        determinant *= value;
        if k >= panels {
            eliminate_column(a, d, k, rows);
            continue;
        }
        let first = k - k % PANEL;
        eliminate_in_panel(a, d, first, k);
        if k + 1 == first + PANEL {
            apply_panel(a, d, first, rows);
        }
    }
    // Rows that were exchanged are columns of the inverse.
    for (k, pivot) in pivots.iter().enumerate().rev().filter(|(k, p)| k != *p) {
        determinant = -determinant;
        for i in 0..d {
            a.swap(i * d + k, i * d + pivot);
        }
    }
    determinant
}

/// Exchanges row k with that of the pivot of column k, which is returned.
#[inline(always)]
fn exchange(a: &mut [f64], d: usize, k: usize, pivots: &mut Vec<usize>) -> f64 {
    let larger = |p: usize, i: usize| a[i * d + k].abs() > a[p * d + k].abs();
    let pivot = (k..d).fold(k, |p, i| if larger(p, i) { i } else { p });
    pivots.push(pivot);
    if pivot != k {
        for j in 0..d {
            a.swap(k * d + j, pivot * d + j);
        }
    }
    a[k * d + k]
}

/// Eliminates column k, which becomes that of the inverse.
#[inline(always)]
fn eliminate_column(a: &mut [f64], d: usize, k: usize, row: &mut Vec<f64>) {
    let own = &mut a[k * d..(k + 1) * d];
    let inverse = 1.0 / std::mem::replace(&mut own[k], 1.0);
    own.iter_mut().for_each(|v| *v *= inverse);
    row.clear();
    row.extend_from_slice(own);
    for (i, other) in a.chunks_exact_mut(d).enumerate() {
        if i == k {
            continue;
        }
        let factor = std::mem::replace(&mut other[k], 0.0);
        for (v, r) in other.iter_mut().zip(&*row) {
            *v -= factor * r;
        }
    }
}

/// Eliminates column k in the columns of its panel alone.
#[inline(always)]
fn eliminate_in_panel(a: &mut [f64], d: usize, first: usize, k: usize) {
    let mut own = [0.0; PANEL];
    own.copy_from_slice(&a[k * d + first..][..PANEL]);
    let inverse = 1.0 / std::mem::replace(&mut own[k - first], 1.0);
    own.iter_mut().for_each(|v| *v *= inverse);
    // The column's own entries are not read again as they are written: the processor would wait for
    // them.
    let mut kept = [1.0; PANEL];
    kept[k - first] = 0.0;
    for (i, row) in a.chunks_exact_mut(d).enumerate() {
        let factor = -row[k];
        let Some(row) = row[first..].first_chunk_mut::<PANEL>() else {
            return;
        };
        if i == k {
            *row = own;
            continue;
        }
        for ((v, o), kept) in row.iter_mut().zip(&own).zip(&kept) {
            *v = factor.mul_add(*o, kept * *v);
        }
    }
}

/// A panel whose columns are all eliminated is what takes its rows, as they were, to all others.
#[inline(always)]
fn apply_panel(a: &mut [f64], d: usize, first: usize, rows: &mut Vec<f64>) {
    rows.clear();
    rows.extend_from_slice(&a[first * d..(first + PANEL) * d]);
    let (p, rest) = rows.split_at(d);
    let (q, rest) = rest.split_at(d);
    let (r, s) = rest.split_at(d);
    for (i, row) in a.chunks_exact_mut(d).enumerate() {
        let Some(factors) = row[first..].first_chunk::<PANEL>().copied() else {
            return;
        };
        if (first..first + PANEL).contains(&i) {
            row.fill(0.0);
        }
        let [a, b, c, e] = factors;
        let others = p.iter().zip(q).zip(r.iter().zip(s));
        for (v, ((p, q), (r, s))) in row.iter_mut().zip(others) {
            *v = a.mul_add(*p, b.mul_add(*q, *v)) + c.mul_add(*r, e * *s);
        }
        row[first..first + PANEL].copy_from_slice(&factors);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverse_and_determinant_of_small_matrices() {
        let mut pivots = InverseBuffers::default();
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

    #[test]
    fn larger_ones_are_eliminated_in_panels() {
        let mut scratch = InverseBuffers::default();
        for d in [6, 8, 11, 13, 32] {
            // Rows of a matrix that needs no exchange, the other way round.
            let entry = |i: usize, j: usize| {
                let own = if i == j { 3.0 } else { 0.0 };
                own + (0.7 * (i * d + j) as f64).sin() / (1.0 + i.abs_diff(j) as f64)
            };
            let a: Vec<f64> = (0..d * d).map(|at| entry(d - 1 - at / d, at % d)).collect();
            let mut inverse = a.clone();
            let determinant = invert(&mut inverse, d, &mut scratch);
            let expected = faer::Mat::from_fn(d, d, |i, j| a[i * d + j]).determinant();
            assert!((determinant / expected - 1.0).abs() < 1e-12, "{d}");
            for i in 0..d {
                for j in 0..d {
                    let entry: f64 = (0..d).map(|k| a[i * d + k] * inverse[k * d + j]).sum();
                    let one = f64::from(u8::from(i == j));
                    assert!((entry - one).abs() < 1e-13, "{d}: {i}, {j}: {entry}");
                }
            }
            // Two equal rows.
            let mut singular = a.clone();
            singular.copy_within(0..d, d);
            let determinant = invert(&mut singular, d, &mut scratch);
            assert!(determinant.abs() < 1e-14 * expected.abs(), "{determinant}");
            let mut unknown = a;
            unknown[d + 1] = f64::NAN;
            assert!(invert(&mut unknown, d, &mut scratch).is_nan());
        }
    }
}
