//! Rules for probability measures: the standard normal one, and that of a density
//! `(1 - |x|^2)^p` on the unit ball. Positions are `[n][d]`, weights sum to 1.

use super::{Nodes, Quadrature, gauss};
use crate::arguments::require_room;
use crate::error::{Error, ErrorKind, Result};
use gauss_quad::{FiniteAboveNegOneF64, GaussHermite, GaussJacobi};
use rand::RngExt;
use std::f64::consts::{PI, TAU};
use std::num::NonZeroUsize;

fn degree(n: usize) -> Result<NonZeroUsize> {
    NonZeroUsize::new(n).ok_or_else(|| Error::new(ErrorKind::Internal, "a rule without nodes"))
}

/// Nodes with a smaller part of the mass than this are left out.
const LEAST: f64 = 1e-17;

/// Beyond so many standard deviations there is less of the mass than rounding.
const REACH: f64 = 8.3;

/// Nodes per axis up to which Gauss-Hermite rules are taken: those of more lie where there is no mass,
/// and their weights are rounding errors.
const HERMITE: usize = 24;

/// Nodes of the standard normal measure, `per_axis^d` of them less those of no weight: Gauss-Hermite nodes, or
/// Gauss-Legendre nodes times the density, which converge as fast.
pub(crate) fn gaussian(d: usize, per_axis: usize) -> Result<Nodes> {
    require_room(power(per_axis, d), d)?;
    let axis: Vec<(f64, f64)> = if per_axis <= HERMITE {
        let rule = GaussHermite::new(degree(per_axis)?);
        let (root, total) = (2.0_f64.sqrt(), PI.sqrt());
        let pairs = rule.as_node_weight_pairs().iter();
        pairs.map(|(x, w)| (root * x, w / total)).collect()
    } else {
        let rule = gauss::Rules::default().interval(-REACH, REACH, per_axis)?;
        let density = |x: f64| (-0.5 * x * x).exp() / TAU.sqrt();
        rule.into_iter().map(|(x, w)| (x, w * density(x))).collect()
    };
    let all = gauss::product(&vec![axis; d]);
    let mut nodes = Nodes::default();
    for (x, w) in all.x.chunks_exact(d).zip(&all.w) {
        if *w >= LEAST {
            nodes.x.extend_from_slice(x);
            nodes.w.push(*w);
        }
    }
    let total: f64 = nodes.w.iter().sum();
    nodes.w.iter_mut().for_each(|w| *w /= total);
    Ok(nodes)
}

/// `per_axis^d`, or the largest number that there is.
fn power(per_axis: usize, d: usize) -> usize {
    u32::try_from(d).map_or(usize::MAX, |d| per_axis.saturating_pow(d))
}

/// Independent or low-discrepancy points of the standard normal measure (Box and Muller).
pub(crate) fn normal(rule: &Quadrature, n: usize, d: usize, rng: &mut impl RngExt) -> Vec<f64> {
    let even = d.next_multiple_of(2);
    let uniform = rule.points(n, even, rng);
    let mut x = Vec::with_capacity(n * d);
    for point in uniform.chunks_exact(even) {
        let pairs = point.chunks_exact(2);
        let normal = pairs.flat_map(|pair| {
            let radius = (-2.0 * (1.0 - pair[0]).ln()).sqrt();
            let (sin, cos) = (TAU * pair[1]).sin_cos();
            [radius * cos, radius * sin]
        });
        x.extend(normal.take(d));
    }
    x
}

/// Gauss nodes of the measure on the unit ball with density `(1 - |x|^2)^p`, normalised:
/// `per_axis^d` of them, exact for polynomials of degree `2 per_axis - 1`.
///
/// With `x_i = t_i prod_(j < i) (1 - t_j^2)^(1/2)` the measure is the product of
/// `(1 - t_i^2)^(p + (d - i)/2)`, i = 1..d, so each axis has a symmetric Gauss-Jacobi rule. (Those that are
/// not symmetric are wrong in gauss-quad 0.3.2: their first moments are off.)
pub(crate) fn bump(d: usize, per_axis: usize, p: f64) -> Result<Nodes> {
    require_room(power(per_axis, d), d)?;
    let rule = |axis: usize| -> Result<Vec<(f64, f64)>> {
        let exponent = FiniteAboveNegOneF64::new(p + 0.5 * (d - 1 - axis) as f64);
        let exponent =
            exponent.ok_or_else(|| Error::new(ErrorKind::Internal, "an exponent not above -1"))?;
        let rule = GaussJacobi::new(degree(per_axis)?, exponent, exponent);
        Ok(rule.as_node_weight_pairs().to_vec())
    };
    let axes: Result<Vec<_>> = (0..d).map(rule).collect();
    let mut nodes = gauss::product(&axes?);
    for x in nodes.x.chunks_exact_mut(d) {
        let mut width = 1.0;
        for x in x {
            let t = *x;
            *x = width * t;
            width *= (1.0 - t * t).sqrt();
        }
    }
    let total: f64 = nodes.w.iter().sum();
    nodes.w.iter_mut().for_each(|w| *w /= total);
    Ok(nodes)
}
