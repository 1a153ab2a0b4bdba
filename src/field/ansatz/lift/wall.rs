//! Values on a wall: where they are taken, and the coefficients of a fixed number of Chebyshev polynomials, or of
//! sines and cosines, that stand for them.

use super::{FEW, MOST};
use crate::domain::Domain;
use std::f64::consts::{PI, TAU};

/// Polynomials along each axis of a wall, of a rectangle first, of a cuboid, and so on.
const POLYNOMIALS: [usize; MOST - 1] = [65, 25, 13, 9, 7];

/// Waves around a disc.
const WAVES: usize = 64;

/// Coefficients below this part of the largest are rounding.
const ROUNDING: f64 = 1e-15;

/// Points of a wall at which its values are taken, and how they become coefficients.
#[derive(Clone, Debug)]
pub struct Wall {
    /// `[n][d]`
    pub x: Vec<f64>,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// One value everywhere.
    Constant,
    /// Polynomials along so many axes.
    Polynomials { along: usize, each: usize },
    /// Around a disc.
    Waves,
}

impl Wall {
    /// One of the same value everywhere, at these points.
    #[must_use]
    pub const fn constant(x: Vec<f64>) -> Self {
        Self {
            x,
            kind: Kind::Constant,
        }
    }

    /// How many coefficients it has.
    #[must_use]
    pub const fn count(&self) -> usize {
        match self.kind {
            Kind::Constant => 1,
            Kind::Polynomials { along, each } => each.pow(along as u32),
            Kind::Waves => 2 * WAVES,
        }
    }

    /// Polynomials along each axis; 1 where there are none.
    pub(super) const fn each(&self) -> usize {
        match self.kind {
            Kind::Polynomials { each, .. } => each,
            _ => 1,
        }
    }

    /// Side 2 k or 2 k + 1 of a box.
    #[must_use]
    pub fn of_box(domain: &Domain, side: usize) -> Self {
        let (d, axis) = (domain.dimension(), side / 2);
        let corner = if side.is_multiple_of(2) {
            domain.lower()
        } else {
            domain.upper()
        };
        if d == 1 || d > MOST {
            let ends = [domain.lower(), domain.upper(), &domain.centre()];
            let points = ends.into_iter().flat_map(|end| {
                let at = |(k, x): (usize, &f64)| if k == axis { corner[k] } else { *x };
                end.iter().enumerate().map(at).collect::<Vec<_>>()
            });
            return Self::constant(points.collect());
        }
        let (along, each) = (d - 1, POLYNOMIALS[d - 2]);
        let mut x = Vec::with_capacity(each.pow(along as u32) * d);
        for point in 0..each.pow(along as u32) {
            let mut rest = point;
            for (k, end) in corner.iter().enumerate() {
                if k == axis {
                    x.push(*end);
                    continue;
                }
                let t = 0.5 - 0.5 * (PI * (rest % each) as f64 / (each - 1) as f64).cos();
                x.push(domain.lower()[k] * (1.0 - t) + domain.upper()[k] * t);
                rest /= each;
            }
        }
        Self {
            x,
            kind: Kind::Polynomials { along, each },
        }
    }

    /// The circle about a disc; of another ball there is one value.
    #[must_use]
    pub fn of_ball(domain: &Domain) -> Self {
        let (centre, radius) = (domain.centre(), domain.radius());
        if domain.dimension() != 2 {
            let points = (0..2 * centre.len()).flat_map(|end| {
                let mut x = centre.clone();
                x[end / 2] += if end % 2 == 0 { radius } else { -radius };
                x
            });
            return Self::constant(points.collect());
        }
        let angles = (0..2 * WAVES).map(|i| (TAU * i as f64 / (2 * WAVES) as f64).sin_cos());
        let x = angles.flat_map(|(sin, cos)| [centre[0] + radius * cos, centre[1] + radius * sin]);
        Self {
            x: x.collect(),
            kind: Kind::Waves,
        }
    }

    /// Its coefficients.
    #[must_use]
    pub fn coefficients(&self, values: &[f64]) -> Vec<f64> {
        let mut all = match self.kind {
            Kind::Constant => return values[..1].to_vec(),
            Kind::Polynomials { along, each } => {
                let mut all = values.to_vec();
                for axis in 0..along {
                    chebyshev(&mut all, each, each.pow(axis as u32));
                }
                all
            }
            Kind::Waves => waves(values),
        };
        let largest = all.iter().fold(0.0_f64, |most, c| most.max(c.abs()));
        let small = |c: &&mut f64| c.abs() <= ROUNDING * largest;
        all.iter_mut().filter(small).for_each(|c| *c = 0.0);
        all
    }

    /// How far a sum with these coefficients may be from values that have more, relative to them.
    #[must_use]
    pub fn roughness(&self, coefficients: &[f64]) -> f64 {
        let last = |at: usize| match self.kind {
            Kind::Constant => false,
            Kind::Polynomials { along, each } => {
                let tail = if along < FEW { 4 } else { 2 };
                (0..along as u32).any(|axis| at / each.pow(axis) % each + tail >= each)
            }
            Kind::Waves => at + 8 >= 2 * WAVES,
        };
        let largest = coefficients
            .iter()
            .fold(0.0_f64, |most, c| most.max(c.abs()));
        let tail = coefficients.iter().enumerate().filter(|(at, _)| last(*at));
        let most = tail.fold(0.0_f64, |most, (_, c)| most.max(c.abs()));
        most / largest.max(f64::MIN_POSITIVE)
    }
}

/// Replaces the values at Lobatto's points along an axis of this stride by coefficients of Chebyshev
/// polynomials.
fn chebyshev(all: &mut [f64], each: usize, stride: usize) {
    let n = each - 1;
    let half = |k: usize| if k == 0 || k == n { 0.5 } else { 1.0 };
    let mut line = vec![0.0; each];
    for start in 0..all.len() {
        if !(start / stride).is_multiple_of(each) {
            continue;
        }
        for (k, c) in line.iter_mut().enumerate() {
            // The points go from -1 up.
            let sum: f64 = (0..each)
                .map(|j| {
                    half(j)
                        * all[start + (n - j) * stride]
                        * (PI * (j * k % (2 * n)) as f64 / n as f64).cos()
                })
                .sum();
            *c = 2.0 / n as f64 * half(k) * sum;
        }
        for (k, c) in line.iter().enumerate() {
            all[start + k * stride] = *c;
        }
    }
}

/// The constant, then pairs of a cosine and a sine, and the cosine of the highest wave.
fn waves(values: &[f64]) -> Vec<f64> {
    let n = values.len();
    let sum = |k: usize, wave: fn(f64) -> f64| -> f64 {
        let terms = values.iter().enumerate();
        terms
            .map(|(i, v)| v * wave(TAU * (i * k % n) as f64 / n as f64))
            .sum::<f64>()
            / n as f64
    };
    let mut all = vec![sum(0, f64::cos)];
    for k in 1..n / 2 {
        all.extend([2.0 * sum(k, f64::cos), 2.0 * sum(k, f64::sin)]);
    }
    all.push(sum(n / 2, f64::cos));
    all
}
