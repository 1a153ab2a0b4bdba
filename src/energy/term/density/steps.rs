//! Steps of the differences that densities are given derivatives by.
//!
//! The cube root of the rounding unit balances truncation and rounding, relative to what a variable is: its own
//! size, and not much less than what it is elsewhere in the batch. Units and offsets do not matter so.

/// The least size of a variable, relative to the largest in its batch: below it a step stops shrinking, so that
/// it does not drown in the rounding of derivatives of size one.
const FLOOR: f64 = 1e-3;

/// Of a value that must stay positive a step takes no more than this part, down to the least that counts beside the
/// largest.
const PART: f64 = 1e-3;
const LEAST: f64 = 1e-12;

/// A step in a position is at least so many rounding units of it.
const UNITS: f64 = 1e3;

/// Steps of values of these sizes, at least 0.
pub(super) fn of_sizes(sizes: &[f64]) -> Vec<f64> {
    let largest = sizes.iter().fold(0.0_f64, |a, b| a.max(*b));
    let least = FLOOR * if largest > 0.0 { largest } else { 1.0 };
    let step = |size: &f64| f64::EPSILON.cbrt() * size.max(least);
    sizes.iter().map(step).collect()
}

/// Steps of values of one component: where all are positive, as densities are, they may span many orders.
pub(super) fn of_values(values: impl Iterator<Item = f64> + Clone) -> Vec<f64> {
    let sizes: Vec<f64> = values.clone().map(f64::abs).collect();
    let mut steps = of_sizes(&sizes);
    if values.clone().all(|u| u > 0.0) {
        let largest = sizes.iter().fold(0.0_f64, |a, b| a.max(*b));
        for (step, u) in steps.iter_mut().zip(values) {
            *step = step.min((PART * u).max(LEAST * largest));
        }
    }
    steps
}

/// Steps of positions along an axis, of which no step is longer than what the points spread over allows: their
/// distance from the origin says nothing of what a function varies over.
pub(super) fn of_positions(x: impl Iterator<Item = f64> + Clone) -> Vec<f64> {
    let bounds = (f64::INFINITY, f64::NEG_INFINITY);
    let (lower, upper) = x
        .clone()
        .fold(bounds, |(lower, upper), x| (lower.min(x), upper.max(x)));
    let spread = 0.5 * (upper - lower);
    let step = |x: f64| {
        let size = if spread > 0.0 {
            x.abs().clamp(FLOOR * spread, spread)
        } else {
            x.abs().max(FLOOR)
        };
        (f64::EPSILON.cbrt() * size).max(UNITS * f64::EPSILON * x.abs())
    };
    x.map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_scale_with_units() {
        let sizes = [0.0, 1e-7, 0.3, 2.0];
        for unit in [2.0_f64.powi(-60), 2.0_f64.powi(40)] {
            let scaled = sizes.map(|s| s * unit);
            let (plain, other) = (of_sizes(&sizes), of_sizes(&scaled));
            assert!(plain.iter().zip(&other).all(|(a, b)| a * unit == *b));
            let (plain, other) = (
                of_positions(sizes.iter().copied()),
                of_positions(scaled.iter().copied()),
            );
            assert!(plain.iter().zip(&other).all(|(a, b)| a * unit == *b));
        }
        assert!(of_sizes(&[0.0]).iter().all(|step| *step > 0.0));
        assert!(
            of_positions([0.0].into_iter())
                .iter()
                .all(|step| *step > 0.0)
        );
    }

    #[test]
    fn steps_of_positions_do_not_grow_with_their_offset() {
        let x = [0.0, 0.25, 1.0];
        let far = x.map(|x| 1e5 + x);
        let longest = |x: &[f64]| {
            let steps = of_positions(x.iter().copied());
            steps.into_iter().fold(0.0_f64, f64::max)
        };
        assert!(longest(&far) <= longest(&x));
    }
}
