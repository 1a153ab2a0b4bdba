//! The box where the mass is, and how it follows the mass.

use super::site::{Site, region};
use crate::domain::{Domain, Shape};
use crate::error::Result;

/// The density, relative to its largest, beyond which the region goes.
const EDGE: f64 = 1e-7;

/// A region is left when the density at its sides, this part of it, is larger than so much.
const REACHED: f64 = 3e-5;
const SIDE: f64 = 0.04;

/// The part of a side that is added on either end of what holds the mass, for where it goes.
const MARGIN: f64 = 0.08;

/// Half of a region of a Gaussian, in standard deviations, about.
const DEVIATIONS: f64 = 5.5;

/// The density, relative to its largest, from which on it falls to that of the edge as a Gaussian does, and
/// the length of that fall in standard deviations: that of a Gaussian, or of a step convolved with it.
const BULK: f64 = 1e-2;
const TAIL: f64 = 2.75;

/// A region is left when what is needed is less than this part of it along an axis.
const LOOSE: f64 = 0.65;

/// The box of positions `x` (`[n][d]`) with a density, as far as it counts, with margins, in the domain;
/// `None` if there is none.
///
/// # Errors
/// [`Option`](crate::ErrorKind::Option) if it is empty.
pub(super) fn around(domain: &Domain, x: &[f64], rho: &[f64]) -> Result<Option<Domain>> {
    let (mut lower, mut upper) = extent(domain.dimension(), x, rho, EDGE);
    for (lower, upper) in lower.iter_mut().zip(&mut upper) {
        if *lower >= *upper {
            return Ok(None);
        }
        let margin = MARGIN * (*upper - *lower);
        *lower -= margin;
        *upper += margin;
    }
    within(domain, lower, upper).map(Some)
}

/// The box of these corners as far as it is in the domain.
fn within(domain: &Domain, mut lower: Vec<f64>, mut upper: Vec<f64>) -> Result<Domain> {
    if !matches!(domain.shape(), Shape::Space) {
        let sides = domain.lower().iter().zip(domain.upper());
        for ((lower, upper), (l, u)) in lower.iter_mut().zip(&mut upper).zip(sides) {
            *lower = lower.max(*l);
            *upper = upper.min(*u);
        }
    }
    region(lower, upper)
}

/// A region with room for a density at `x` whose variance along each axis grows by so much.
///
/// # Errors
/// [`Option`](crate::ErrorKind::Option) if it is empty.
pub(super) fn widened(
    domain: &Domain,
    now: &Domain,
    (x, rho): (&[f64], &[f64]),
    variance: f64,
) -> Result<Domain> {
    let [edge, bulk] = [EDGE, BULK].map(|level| extent(now.dimension(), x, rho, level));
    let room = |tail: f64| {
        let deviation = tail.abs() / TAIL;
        DEVIATIONS * ((deviation * deviation + variance).sqrt() - deviation)
    };
    let lower = now.lower().iter().zip(edge.0.iter().zip(&bulk.0));
    let upper = now.upper().iter().zip(edge.1.iter().zip(&bulk.1));
    let lower = lower
        .map(|(l, (edge, bulk))| l - room(bulk - edge))
        .collect();
    let upper = upper
        .map(|(u, (edge, bulk))| u + room(edge - bulk))
        .collect();
    within(domain, lower, upper)
}

/// The corners of the smallest box of the positions where the density is above a part of its largest.
fn extent(d: usize, x: &[f64], rho: &[f64], level: f64) -> (Vec<f64>, Vec<f64>) {
    let most = rho.iter().fold(0.0_f64, |a, b| a.max(*b));
    let (mut lower, mut upper) = (vec![f64::INFINITY; d], vec![f64::NEG_INFINITY; d]);
    for (x, rho) in x.chunks_exact(d).zip(rho) {
        if *rho > level * most {
            lower.iter_mut().zip(x).for_each(|(l, x)| *l = l.min(*x));
            upper.iter_mut().zip(x).for_each(|(u, x)| *u = u.max(*x));
        }
    }
    (lower, upper)
}

impl Site {
    /// Whether mass has reached the sides of the region, or fills a small part of it only.
    pub fn is_left(&self, domain: &Domain, rho: &[f64]) -> Result<bool> {
        let d = self.dimension();
        let most = rho.iter().fold(0.0_f64, |a, b| a.max(*b));
        let (lower, upper) = (self.region.lower(), self.region.upper());
        let bounded = !matches!(domain.shape(), Shape::Space);
        for (x, rho) in self.nodes.x.chunks_exact(d).zip(rho) {
            if *rho <= REACHED * most {
                continue;
            }
            for a in 0..d {
                let side = SIDE * (upper[a] - lower[a]);
                let free = [
                    !bounded || lower[a] > domain.lower()[a],
                    !bounded || upper[a] < domain.upper()[a],
                ];
                if (free[0] && x[a] < lower[a] + side) || (free[1] && x[a] > upper[a] - side) {
                    return Ok(true);
                }
            }
        }
        let Some(needed) = around(domain, &self.nodes.x, rho)? else {
            return Ok(false);
        };
        let sides = needed.sides().zip(self.region.sides());
        Ok(sides.into_iter().any(|(needed, now)| needed < LOOSE * now))
    }
}
