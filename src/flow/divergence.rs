//! The divergence of a flux that is known at any point, by differences.

use crate::domain::{Domain, Shape};
use crate::error::Result;

/// Steps of the differences, relative to the width of the mass: long ones suit a flux with noise, short ones a steep
/// one. Of each point those two that follow each other and agree best are believed.
const STEPS: [f64; 5] = [4e-2, 1e-2, 2.5e-3, 6.25e-4, 1.5625e-4];

/// The points of a difference along an axis, in steps from its middle.
const STENCIL: [f64; 5] = [-2.0, -1.0, 0.0, 1.0, 2.0];

/// `div J` at `x` (`[n][d]`), `[n]`, of a flux J that is asked for at points (`[m][d]`) and gives as many numbers, by the
/// derivative of the polynomial through five of its values along each axis: to fourth order in a step. `widths` (`[d]`)
/// are those of the mass along the axes. At faces of a box the five points stay within it.
///
/// # Errors
/// Those of the flux.
pub(super) fn divergence(
    domain: &Domain,
    widths: &[f64],
    x: &[f64],
    mut flux: impl FnMut(&[f64]) -> Result<Vec<f64>>,
) -> Result<Vec<f64>> {
    let mut levels = Vec::with_capacity(STEPS.len());
    for step in STEPS {
        let steps: Vec<f64> = widths.iter().map(|width| step * width).collect();
        levels.push(with_steps(domain, &steps, x, &mut flux)?);
    }
    let points = 0..x.len() / widths.len();
    Ok(points
        .map(|i| agreed(levels.iter().map(|level| level[i])))
        .collect())
}

/// The later of two estimates in turn that differ least; the last that is a number where no two are.
fn agreed(estimates: impl Iterator<Item = f64>) -> f64 {
    let (mut best, mut least) = (f64::NAN, f64::INFINITY);
    let mut before = f64::NAN;
    for now in estimates {
        let apart = (now - before).abs();
        if apart <= least {
            (best, least) = (now, apart);
        } else if least == f64::INFINITY && now.is_finite() {
            best = now;
        }
        before = now;
    }
    best
}

fn with_steps(
    domain: &Domain,
    steps: &[f64],
    x: &[f64],
    flux: &mut impl FnMut(&[f64]) -> Result<Vec<f64>>,
) -> Result<Vec<f64>> {
    let d = steps.len();
    let mut sum = vec![0.0; x.len() / d];
    for (axis, step) in steps.iter().enumerate() {
        let middles: Vec<f64> = x
            .iter()
            .skip(axis)
            .step_by(d)
            .map(|x| middle(domain, axis, 2.0 * step, *x))
            .collect();
        let (mut points, mut weights) = (Vec::new(), Vec::new());
        for (x, middle) in x.chunks_exact(d).zip(&middles) {
            let at = (x[axis] - middle) / step;
            for (k, shift) in STENCIL.iter().enumerate() {
                let start = points.len();
                points.extend_from_slice(x);
                points[start + axis] = middle + shift * step;
                weights.push(weight(k, at) / step);
            }
        }
        let values = flux(&points)?;
        let along = values.iter().skip(axis).step_by(d);
        for (i, (value, weight)) in along.zip(&weights).enumerate() {
            // The middle of a central difference counts for nothing, even where it is no number.
            if *weight != 0.0 {
                sum[i / STENCIL.len()] += weight * value;
            }
        }
    }
    Ok(sum)
}

/// The middle of the points along an axis that reach so far from it: x, or next to a face of the box the nearest from
/// which they stay within it.
fn middle(domain: &Domain, axis: usize, reach: f64, x: f64) -> f64 {
    let (lower, upper) = (domain.lower()[axis], domain.upper()[axis]);
    let is_within = (lower..=upper).contains(&x) && upper - lower > 2.0 * reach;
    match domain.shape() {
        Shape::Space => x,
        _ if is_within => x.clamp(lower + reach, upper - reach),
        _ => x,
    }
}

/// The derivative at `at` of the polynomial that is 1 at point k of the stencil and 0 at the others.
fn weight(k: usize, at: f64) -> f64 {
    let others = |without: usize| {
        let all = STENCIL.iter().enumerate();
        all.filter(move |(i, _)| *i != k && *i != without)
    };
    let scale: f64 = others(k).map(|(_, p)| STENCIL[k] - p).product();
    let terms = others(k).map(|(left_out, _)| {
        let factors = others(left_out).map(|(_, p)| at - p);
        factors.product::<f64>()
    });
    terms.sum::<f64>() / scale
}

#[cfg(test)]
mod tests {
    use super::{agreed, divergence};
    use crate::domain::{Domain, DomainChoice};

    #[test]
    fn divergences_are_exact_to_rounding_within_a_box_and_at_its_faces() {
        let domain = Domain::new(DomainChoice::Box, vec![0.0, -1.0], vec![1.0, 2.0]).unwrap();
        let x = [0.5, 0.3, 0.0, -1.0, 1.0, 2.0, 0.999, 0.0];
        let found = divergence(&domain, &[0.3, 0.5], &x, |x| {
            let inside = x.chunks_exact(2).all(|x| {
                let slack = 1e-12;
                (-slack..=1.0 + slack).contains(&x[0])
                    && (-1.0 - slack..=2.0 + slack).contains(&x[1])
            });
            assert!(inside, "{x:?}");
            let points = x.chunks_exact(2);
            Ok(points
                .flat_map(|x| [(3.0 * x[0]).sin() * x[1], (x[0] + 2.0 * x[1]).cos()])
                .collect())
        })
        .unwrap();
        for (x, found) in x.chunks_exact(2).zip(found) {
            let exact = 3.0 * (3.0 * x[0]).cos() * x[1] - 2.0 * (x[0] + 2.0 * x[1]).sin();
            assert!((found - exact).abs() < 1e-9, "{x:?}: {found} {exact}");
        }
    }

    #[test]
    fn what_agrees_best_is_believed_and_what_is_no_number_is_not() {
        assert_eq!(agreed([1.0, 1.9, 2.0, 2.5].into_iter()), 2.0);
        assert_eq!(agreed([f64::NAN, 1.0, f64::NAN].into_iter()), 1.0);
        assert_eq!(agreed([f64::NAN, 1.0, 3.0, 3.5].into_iter()), 3.5);
        assert!(agreed([f64::NAN; 3].into_iter()).is_nan());
    }
}
