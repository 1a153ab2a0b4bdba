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

/// A region is left when what is needed is less than this part of it along an axis.
const LOOSE: f64 = 0.65;

/// The box of positions `x` (`[n][d]`) with a density, as far as it counts, with margins, in the domain;
/// `None` if there is none.
///
/// # Errors
/// [`Option`](crate::ErrorKind::Option) if it is empty.
pub(super) fn around(domain: &Domain, x: &[f64], rho: &[f64]) -> Result<Option<Domain>> {
    let d = domain.dimension();
    let most = rho.iter().fold(0.0_f64, |a, b| a.max(*b));
    let (mut lower, mut upper) = (vec![f64::INFINITY; d], vec![f64::NEG_INFINITY; d]);
    for (x, rho) in x.chunks_exact(d).zip(rho) {
        if *rho > EDGE * most {
            lower.iter_mut().zip(x).for_each(|(l, x)| *l = l.min(*x));
            upper.iter_mut().zip(x).for_each(|(u, x)| *u = u.max(*x));
        }
    }
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

/// A region with room for a mass whose variance along each axis grows by so much.
///
/// # Errors
/// [`Option`](crate::ErrorKind::Option) if it is empty.
pub(super) fn widened(domain: &Domain, now: &Domain, variance: f64) -> Result<Domain> {
    let (mut lower, mut upper) = (now.lower().to_vec(), now.upper().to_vec());
    for (lower, upper) in lower.iter_mut().zip(&mut upper) {
        let deviation = 0.5 * (*upper - *lower) / DEVIATIONS;
        let room = DEVIATIONS * ((deviation * deviation + variance).sqrt() - deviation);
        *lower -= room;
        *upper += room;
    }
    within(domain, lower, upper)
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
