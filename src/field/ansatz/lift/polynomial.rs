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

#[cfg(test)]
mod tests {
    use crate::domain::{Domain, DomainChoice};
    use crate::field::ansatz::lift::{Lift, Wall};

    fn g(x: &[f64]) -> f64 {
        let sum: f64 = x
            .iter()
            .enumerate()
            .map(|(k, x)| (0.4 + 0.2 * k as f64) * x)
            .sum();
        sum.sin() + 0.3 * x[0] * x[x.len() - 1] + x[1] * x[1]
    }

    fn lift(domain: &Domain, sides: &[usize]) -> Lift {
        let d = domain.dimension();
        let walls: Vec<Wall> = sides
            .iter()
            .map(|side| Wall::of_box(domain, *side))
            .collect();
        let coefficients: Vec<Vec<f64>> = walls
            .iter()
            .map(|wall| {
                let values: Vec<f64> = wall.x.chunks_exact(d).map(g).collect();
                let coefficients = wall.coefficients(&values);
                assert!(wall.roughness(&coefficients) < 1e-3);
                coefficients
            })
            .collect();
        let each = sides.iter().zip(&walls).zip(&coefficients);
        Lift::new(
            domain,
            each.map(|((side, wall), c)| (*side, wall, c.as_slice())),
        )
    }

    #[test]
    fn boxes_beyond_space_have_the_values_on_every_wall_and_the_derivatives_that_they_say() {
        for (d, sides, accepted) in [
            (4, (0..8).collect::<Vec<_>>(), 1e-10),
            (4, vec![0, 3, 4, 5], 1e-10),
            (5, (0..10).collect(), 1e-7),
            (6, vec![0, 1, 5, 10, 11], 1e-5),
        ] {
            let lower = vec![-0.5; d];
            let upper: Vec<f64> = (0..d).map(|k| 0.5 + 0.1 * k as f64).collect();
            let domain = Domain::new(DomainChoice::Box, lower, upper).unwrap();
            let lift = lift(&domain, &sides);
            for i in 0..5 {
                let t = (0..d).map(|k| (0.618_034 * (i * d + k + 1) as f64).fract());
                let corners = domain.lower().iter().zip(domain.upper());
                let x: Vec<f64> = corners.zip(t).map(|((a, b), t)| a + (b - a) * t).collect();
                for side in &sides {
                    let mut x = x.clone();
                    x[side / 2] = [domain.lower(), domain.upper()][side % 2][side / 2];
                    let error = (lift.jet(&x).value - g(&x)).abs();
                    assert!(error < accepted, "d = {d}, side {side}: {error:e}");
                }
                let (jet, h) = (lift.jet(&x), 1e-5);
                assert_eq!(lift.slopes(&x).slope, jet.slope);
                for j in 0..d {
                    let [up, down] = [h, -h].map(|by| {
                        let mut x = x.clone();
                        x[j] += by;
                        lift.jet(&x)
                    });
                    let slope = (up.value - down.value) / (2.0 * h);
                    assert!((slope - jet.slope[j]).abs() < 1e-7, "{x:?} {j}");
                    for k in 0..d {
                        let second = (up.slope[k] - down.slope[k]) / (2.0 * h);
                        assert!((second - jet.second[j][k]).abs() < 1e-6, "{x:?} {j} {k}");
                    }
                }
            }
        }
    }
}
