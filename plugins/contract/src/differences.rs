//! Central differences of fourth order.

use crate::capability::Wanted;
use crate::instance_table::{Failure, Inputs, InstanceTable};
use crate::report::Expected;

/// At the first step truncation and rounding balance for a function that varies over lengths of
/// about 1. The second is for one that varies faster, or that has a kink between the points.
const STEPS: [f64; 2] = [7e-4, 4e-5];

/// The displacements of the central difference, in steps, with their weights.
const STENCIL: [(f64, f64); 4] = [
    (-2.0, 1.0 / 12.0),
    (-1.0, -2.0 / 3.0),
    (1.0, 2.0 / 3.0),
    (2.0, -1.0 / 12.0),
];

/// Takes the differences of every wanted output when the entries `first`, `first + stride`, ... of
/// an
/// input move; outputs that were not wanted stay empty.
pub(crate) fn along(
    table: &InstanceTable<'_>,
    at: &Inputs,
    input: usize,
    (first, stride): (usize, usize),
    wanted: Wanted,
) -> Result<Vec<Expected>, Failure> {
    let mut all = vec![Expected::default(); table.kind().outputs.len()];
    for step in STEPS {
        let mut sums: Vec<(Vec<f64>, f64)> = vec![Default::default(); all.len()];
        for (steps, weight) in STENCIL {
            let mut there = at.clone();
            if let Some(values) = there.arrays.get_mut(input) {
                let moved = values.iter_mut().skip(first).step_by(stride);
                moved.for_each(|value| *value += steps * step);
            }
            for ((sum, largest), out) in sums.iter_mut().zip(table.evaluate(&there, wanted)?) {
                sum.resize(out.len(), 0.0);
                for (sum, value) in sum.iter_mut().zip(out) {
                    *sum += weight * value / step;
                    *largest = largest.max(value.abs());
                }
            }
        }
        for (expected, (sum, largest)) in all.iter_mut().zip(sums) {
            // The values are taken to be right to a few roundings.
            expected.add(sum, 8.0 * f64::EPSILON * largest / step);
        }
    }
    Ok(all)
}

/// Picks every `stride`-th entry from `first` on: one component of an array of vectors.
pub(crate) fn component(values: &[f64], first: usize, stride: usize) -> Vec<f64> {
    values.iter().skip(first).step_by(stride).copied().collect()
}
