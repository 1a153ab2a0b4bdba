//! Midpoints of equal cells of a box: the integrals of its waves are exact up to twice as many half waves as there
//! are nodes along an axis.

use super::{Nodes, gauss};

/// So many nodes along each axis, the last axis running fastest.
pub(super) fn grid(lower: &[f64], upper: &[f64], per_axis: &[usize]) -> Nodes {
    let axes = lower.iter().zip(upper).zip(per_axis);
    let axes: Vec<Vec<(f64, f64)>> = axes
        .map(|((lo, hi), n)| {
            let h = (hi - lo) / *n as f64;
            (0..*n).map(|i| (lo + h * (i as f64 + 0.5), h)).collect()
        })
        .collect();
    gauss::product(&axes)
}
