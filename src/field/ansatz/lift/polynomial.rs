//! The Boolean sum over the walls of a box of more than three dimensions, as one polynomial: with values that are
//! polynomials on the walls it is one itself, and of its products of Chebyshev polynomials many are on several walls.
//! So a point costs each of them once, and not once for every face of the box.

use super::{Jet, MOST};
use std::collections::BTreeMap;

/// Terms below this part of the largest are rounding.
const ROUNDING: f64 = 1e-14;

/// The degree along each axis.
type Degrees = [u8; MOST];

/// Coefficients of products of Chebyshev polynomials, in the order of their degrees.
type Terms = BTreeMap<Degrees, f64>;

/// A sum of products of Chebyshev polynomials on a box.
#[derive(Clone, Debug)]
pub struct Polynomial {
    lower: Vec<f64>,
    /// What a unit of x is along each axis, where the side is from -1 to 1.
    rates: Vec<f64>,
    terms: Vec<(Degrees, f64)>,
    /// The largest degree.
    most: usize,
}

impl Polynomial {
    /// The Boolean sum of the values on the sides of a box, in their order: for each that is a wall the coefficients,
    /// `[each]` along every other axis, of which the first runs fastest.
    #[must_use]
    pub fn new(lower: &[f64], upper: &[f64], walls: &[Option<(&[f64], usize)>]) -> Self {
        let mut sum = Terms::new();
        for (axis, walls) in walls.chunks_exact(2).enumerate() {
            let are_both = walls.iter().all(Option::is_some);
            // The values on both sides less what those of the axes before have there.
            let mut more = Terms::new();
            for (end, wall) in walls.iter().enumerate() {
                let Some((coefficients, each)) = *wall else {
                    continue;
                };
                let sign = if end == 0 { -1.0 } else { 1.0 };
                let mut missing = on_wall(coefficients, each, axis, lower.len());
                for (mut degrees, c) in sum.iter().map(|(degrees, c)| (*degrees, *c)) {
                    let there = if degrees[axis].is_multiple_of(2) {
                        c
                    } else {
                        sign * c
                    };
                    degrees[axis] = 0;
                    *missing.entry(degrees).or_default() -= there;
                }
                for (mut degrees, c) in missing {
                    // Between two walls linearly, from one unchanged.
                    let part = if are_both { 0.5 * c } else { c };
                    *more.entry(degrees).or_default() += part;
                    if are_both {
                        degrees[axis] = 1;
                        *more.entry(degrees).or_default() += sign * part;
                    }
                }
            }
            for (degrees, c) in more {
                *sum.entry(degrees).or_default() += c;
            }
        }
        let largest = sum.values().fold(0.0_f64, |most, c| most.max(c.abs()));
        let terms = sum.into_iter();
        let terms: Vec<_> = terms
            .filter(|(_, c)| c.abs() > ROUNDING * largest)
            .collect();
        let degrees = terms.iter().flat_map(|(degrees, _)| degrees);
        Self {
            lower: lower.to_vec(),
            rates: lower
                .iter()
                .zip(upper)
                .map(|(l, u)| 2.0 / (u - l))
                .collect(),
            most: degrees.copied().max().unwrap_or(0).into(),
            terms,
        }
    }

    /// It at a point, with second derivatives where they are wanted.
    #[must_use]
    pub fn jet(&self, x: &[f64], second: bool) -> Jet {
        let each = self.most + 1;
        let mut along = Vec::with_capacity(self.lower.len() * each);
        for ((x, lower), rate) in x.iter().zip(&self.lower).zip(&self.rates) {
            let mut polynomials = super::Polynomials::at((x - lower) * rate - 1.0);
            along.extend((0..each).map(|_| {
                let [f, df, ddf] = polynomials.next();
                [f, df * rate, ddf * rate * rate]
            }));
        }
        let mut jet = Jet::constant(0.0);
        let (mut axes, mut factors) = ([0; MOST], [[0.0; 3]; MOST]);
        for (degrees, c) in &self.terms {
            let mut n = 0;
            for (axis, degree) in degrees
                .iter()
                .enumerate()
                .filter(|(_, degree)| **degree > 0)
            {
                (axes[n], factors[n]) = (axis, along[axis * each + usize::from(*degree)]);
                n += 1;
            }
            add(&mut jet, *c, (&axes[..n], &factors[..n]), second);
        }
        jet
    }
}

/// Adds a multiple of a product of functions of some axes, each with two derivatives.
fn add(jet: &mut Jet, c: f64, (axes, factors): (&[usize], &[[f64; 3]]), second: bool) {
    let n = axes.len();
    // Products of the values before and after each.
    let (mut before, mut after) = ([c; MOST + 1], [1.0; MOST + 1]);
    for i in 0..n {
        before[i + 1] = before[i] * factors[i][0];
        let k = n - 1 - i;
        after[k] = after[k + 1] * factors[k][0];
    }
    jet.value += before[n];
    for i in 0..n {
        let others = before[i] * after[i + 1];
        jet.slope[axes[i]] += others * factors[i][1];
        if !second {
            continue;
        }
        jet.second[axes[i]][axes[i]] += others * factors[i][2];
        let mut between = before[i] * factors[i][1];
        for j in i + 1..n {
            let of = between * factors[j][1] * after[j + 1];
            jet.second[axes[i]][axes[j]] += of;
            jet.second[axes[j]][axes[i]] += of;
            between *= factors[j][0];
        }
    }
}

/// The values on a wall across an axis, as a function of all of them.
fn on_wall(coefficients: &[f64], each: usize, across: usize, d: usize) -> Terms {
    let places = coefficients.iter().enumerate();
    let used = places.filter(|(_, c)| **c != 0.0);
    used.map(|(place, c)| {
        let (mut degrees, mut rest) = ([0; MOST], place);
        for axis in (0..d).filter(|axis| *axis != across) {
            degrees[axis] = (rest % each) as u8;
            rest /= each;
        }
        (degrees, *c)
    })
    .collect()
}
