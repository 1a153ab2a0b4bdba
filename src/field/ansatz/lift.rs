//! Functions of a domain that have given values on walls, with their derivatives.
//!
//! On a box they are the Boolean sum of the walls' values, each carried along its axis (W. J. Gordon,
//! "Blending-function methods of bivariate and multivariate interpolation", 1971), on a disc the harmonic
//! function. The values on a wall are a sum of a fixed number of Chebyshev polynomials or of sines and cosines,
//! whose coefficients are those of a lift. Beyond three dimensions the Boolean sum is made one polynomial.

mod polynomial;
mod wall;

use polynomial::Polynomial;
pub use wall::Wall;

use crate::domain::Domain;
use wall::Kind;

/// Dimensions up to which values may vary along walls: beyond, polynomials along all their axes are too many.
pub const MOST: usize = 6;

/// Dimensions up to which each wall is carried along its axis at every point.
const FEW: usize = 3;

/// A function of up to so many variables at a point, with derivatives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jet<const D: usize = MOST> {
    /// The value.
    pub value: f64,
    /// First derivatives.
    pub slope: [f64; D],
    /// Second derivatives.
    pub second: [[f64; D]; D],
}

impl Jet<FEW> {
    /// The same as a function of more variables.
    fn widened(&self) -> Jet {
        let mut wide = Jet::constant(self.value);
        wide.slope[..FEW].copy_from_slice(&self.slope);
        for (wide, row) in wide.second.iter_mut().zip(&self.second) {
            wide[..FEW].copy_from_slice(row);
        }
        wide
    }
}

impl<const D: usize> Jet<D> {
    const fn constant(value: f64) -> Self {
        Self {
            value,
            slope: [0.0; D],
            second: [[0.0; D]; D],
        }
    }

    /// What is left where a variable is held fixed.
    fn without(mut self, axis: usize) -> Self {
        self.slope[axis] = 0.0;
        self.second[axis] = [0.0; D];
        self.second.iter_mut().for_each(|row| row[axis] = 0.0);
        self
    }

    /// Adds `(weight + rate x_axis) f` at a point where the first factor is `weight`.
    fn add(&mut self, axis: usize, [weight, rate]: [f64; 2], f: &Self) {
        self.value += weight * f.value;
        self.slope[axis] += rate * f.value;
        for j in 0..D {
            self.slope[j] += weight * f.slope[j];
            self.second[axis][j] += rate * f.slope[j];
            self.second[j][axis] += rate * f.slope[j];
            for k in 0..D {
                self.second[j][k] += weight * f.second[j][k];
            }
        }
    }
}

/// A function with given values on walls.
#[derive(Clone, Debug)]
pub enum Lift {
    /// A constant.
    Constant(f64),
    /// On a box.
    Box(BoxLift),
    /// On a box of more dimensions.
    Many(Polynomial),
    /// On a disc: centre, radius, and coefficients: the constant, then those of cosine and
    /// sine of each wave.
    Disc {
        /// The centre.
        centre: [f64; 2],
        /// The radius.
        radius: f64,
        /// As many as there are.
        waves: Vec<f64>,
    },
}

/// The Boolean sum over the walls of a box.
#[derive(Clone, Debug)]
pub struct BoxLift {
    lower: Vec<f64>,
    upper: Vec<f64>,
    walls: Vec<Option<Values>>,
}

/// Values on a side of a box: a sum of products of polynomials of its one or two axes.
#[derive(Clone, Debug)]
struct Values {
    /// `[counts[1]][counts[0]]`
    coefficients: Vec<f64>,
    counts: [usize; 2],
}

impl Lift {
    /// The lift of a domain from the coefficients on each of its walls, in the order of their sides.
    #[must_use]
    pub fn new<'a>(
        domain: &Domain,
        walls: impl Iterator<Item = (usize, &'a Wall, &'a [f64])>,
    ) -> Self {
        let d = domain.dimension();
        let walls: Vec<_> = walls.collect();
        let first = walls
            .first()
            .and_then(|(_, _, c)| c.first().copied())
            .unwrap_or(0.0);
        let is_first = |(_, _, c): &(usize, &Wall, &[f64])| {
            let mut c = c.iter();
            c.next() == Some(&first) && c.all(|c| *c == 0.0)
        };
        if walls.iter().all(is_first) {
            return Self::Constant(first);
        }
        if let [
            (
                _,
                Wall {
                    kind: Kind::Waves, ..
                },
                waves,
            ),
        ] = walls[..]
        {
            let centre = domain.centre();
            let most = waves.iter().rposition(|c| *c != 0.0).map_or(1, |at| at + 1);
            return Self::Disc {
                centre: [centre[0], centre[1]],
                radius: domain.radius(),
                waves: waves[..most].to_vec(),
            };
        }
        if d > FEW {
            let mut all = vec![None; 2 * d];
            for (side, wall, coefficients) in walls {
                all[side] = Some((coefficients, wall.each()));
            }
            return Self::Many(Polynomial::new(domain.lower(), domain.upper(), &all));
        }
        let mut all: Vec<Option<Values>> = vec![None; 2 * d];
        for (side, wall, coefficients) in walls {
            all[side] = Some(Values::new(wall, coefficients));
        }
        Self::Box(BoxLift {
            lower: domain.lower().to_vec(),
            upper: domain.upper().to_vec(),
            walls: all,
        })
    }

    /// It at a point.
    #[must_use]
    pub fn jet(&self, x: &[f64]) -> Jet {
        self.at(x, true)
    }

    /// The same, of whose second derivatives nothing is known.
    #[must_use]
    pub fn slopes(&self, x: &[f64]) -> Jet {
        self.at(x, false)
    }

    fn at(&self, x: &[f64], second: bool) -> Jet {
        match self {
            Self::Constant(value) => Jet::constant(*value),
            Self::Box(of) => {
                let mut at = [0.0; FEW];
                at.iter_mut().zip(x).for_each(|(at, x)| *at = *x);
                of.jet(x.len().min(FEW), at).widened()
            }
            Self::Many(of) => of.jet(x, second),
            Self::Disc {
                centre,
                radius,
                waves,
            } => disc([x[0] - centre[0], x[1] - centre[1]], *radius, waves).widened(),
        }
    }
}

impl BoxLift {
    /// The Boolean sum over the walls of the first axes.
    fn jet(&self, axes: usize, x: [f64; FEW]) -> Jet<FEW> {
        let Some(axis) = axes.checked_sub(1) else {
            return Jet::constant(0.0);
        };
        let mut sum = self.jet(axis, x);
        let walls = [&self.walls[2 * axis], &self.walls[2 * axis + 1]];
        let side = self.upper[axis] - self.lower[axis];
        let t = (x[axis] - self.lower[axis]) / side;
        for (end, wall) in walls.into_iter().enumerate() {
            let Some(wall) = wall else { continue };
            // Between two walls linearly, from one unchanged.
            let weight = match (walls[1 - end].is_some(), end) {
                (false, _) => [1.0, 0.0],
                (true, 0) => [1.0 - t, -1.0 / side],
                (true, _) => [t, 1.0 / side],
            };
            let mut there = x;
            there[axis] = if end == 0 {
                self.lower[axis]
            } else {
                self.upper[axis]
            };
            let mut missing = self.on_wall(wall, axis, there);
            missing.add(axis, [-1.0, 0.0], &self.jet(axis, there).without(axis));
            sum.add(axis, weight, &missing);
        }
        sum
    }

    /// The values on a wall across an axis.
    fn on_wall(&self, wall: &Values, across: usize, x: [f64; FEW]) -> Jet<FEW> {
        let mut axes = (0..self.lower.len()).filter(|axis| *axis != across);
        let axes = [axes.next(), axes.next()];
        let scaled = |axis: Option<usize>| {
            axis.map_or((0.0, 0.0), |axis| {
                let rate = 2.0 / (self.upper[axis] - self.lower[axis]);
                ((x[axis] - self.lower[axis]) * rate - 1.0, rate)
            })
        };
        let [(s, s_rate), (t, t_rate)] = axes.map(scaled);
        let [of, ds, dt, dss, dst, dtt] = wall.sum(s, t);
        let mut jet = Jet::constant(of);
        if let Some(j) = axes[0] {
            jet.slope[j] = ds * s_rate;
            jet.second[j][j] = dss * s_rate * s_rate;
            if let Some(k) = axes[1] {
                jet.slope[k] = dt * t_rate;
                jet.second[k][k] = dtt * t_rate * t_rate;
                jet.second[j][k] = dst * s_rate * t_rate;
                jet.second[k][j] = jet.second[j][k];
            }
        }
        jet
    }
}

impl Values {
    fn new(wall: &Wall, coefficients: &[f64]) -> Self {
        let each = match wall.kind {
            Kind::Polynomials { each, .. } => each,
            _ => 1,
        };
        let used = |along: fn(usize, usize) -> usize| {
            let places = coefficients.iter().enumerate().filter(|(_, c)| **c != 0.0);
            places.map(|(at, _)| along(at, each) + 1).max().unwrap_or(1)
        };
        let counts = [used(|at, each| at % each), used(|at, each| at / each)];
        let rows = (0..counts[1]).flat_map(|row| {
            let start = row * each;
            coefficients[start..start + counts[0]].iter().copied()
        });
        Self {
            coefficients: rows.collect(),
            counts,
        }
    }

    /// The sum at (s, t), and its derivatives in s, t, ss, st, tt.
    fn sum(&self, s: f64, t: f64) -> [f64; 6] {
        let mut total = [0.0; 6];
        let mut outer = Polynomials::at(t);
        for row in self.coefficients.chunks_exact(self.counts[0]) {
            let mut line = [0.0; 3];
            let mut inner = Polynomials::at(s);
            for c in row {
                let of = inner.next();
                for (sum, of) in line.iter_mut().zip(of) {
                    *sum += c * of;
                }
            }
            let [f, df, ddf] = outer.next();
            let parts = [
                f * line[0],
                f * line[1],
                df * line[0],
                f * line[2],
                df * line[1],
                ddf * line[0],
            ];
            total
                .iter_mut()
                .zip(parts)
                .for_each(|(sum, part)| *sum += part);
        }
        total
    }
}

/// Chebyshev polynomials at a point, one after the other, with two derivatives.
struct Polynomials {
    t: f64,
    now: [f64; 3],
    next: [f64; 3],
}

impl Polynomials {
    const fn at(t: f64) -> Self {
        Self {
            t,
            now: [1.0, 0.0, 0.0],
            next: [t, 1.0, 0.0],
        }
    }

    fn next(&mut self) -> [f64; 3] {
        let ([a, da, dda], [b, db, ddb], t) = (self.now, self.next, self.t);
        let after = [
            2.0 * t * b - a,
            2.0 * (b + t * db) - da,
            2.0 * (2.0 * db + t * ddb) - dda,
        ];
        (self.now, self.next) = (self.next, after);
        [a, da, dda]
    }
}

/// The harmonic function with these waves on the circle, at a point from its centre: the real part of
/// `sum (a_k - i b_k) z^k`.
fn disc([x, y]: [f64; 2], radius: f64, waves: &[f64]) -> Jet<FEW> {
    let times = |[a, b]: [f64; 2], [c, d]: [f64; 2]| [a * c - b * d, a * d + b * c];
    let z = [x / radius, y / radius];
    let mut jet = Jet::constant(waves[0]);
    // z^k and the two powers before.
    let mut powers = [[0.0; 2], [0.0; 2], [1.0, 0.0]];
    for (k, pair) in (1..).zip(waves[1..].chunks(2)) {
        powers = [powers[1], powers[2], times(powers[2], z)];
        let (k, c) = (
            f64::from(k),
            [pair[0], -pair.get(1).copied().unwrap_or(0.0)],
        );
        let [f, df, ddf] = [powers[2], powers[1], powers[0]].map(|power| times(c, power));
        let (first, second) = (k / radius, k * (k - 1.0) / (radius * radius));
        jet.value += f[0];
        jet.slope[0] += first * df[0];
        jet.slope[1] -= first * df[1];
        jet.second[0][0] += second * ddf[0];
        jet.second[1][1] -= second * ddf[0];
        jet.second[0][1] -= second * ddf[1];
        jet.second[1][0] -= second * ddf[1];
    }
    jet
}

#[cfg(test)]
mod tests;
