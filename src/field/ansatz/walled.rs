//! A field with given values on parts of the boundary, `u = g(x) + s b(x) N(x)`: g has them there, and b
//! vanishes there and nowhere else.

use super::lift::{Jet, Lift};
use super::{Affine, AffineJet, Ansatz};
use crate::domain::{Domain, Shape};
use std::sync::Arc;

/// Lift, bubble and size.
#[derive(Clone, Debug)]
pub struct Walled {
    lift: Lift,
    bubble: Arc<Bubble>,
    size: f64,
}

impl Walled {
    /// The field of this lift whose distance from it is of this size.
    #[must_use]
    pub const fn new(lift: Lift, bubble: Arc<Bubble>, size: f64) -> Self {
        Self { lift, bubble, size }
    }

    /// The lift at a point.
    #[must_use]
    pub fn lift(&self, x: &[f64]) -> f64 {
        self.lift.slopes(x).value
    }
}

impl Ansatz for Walled {
    fn at(&self, x: &[f64], _component: usize, second: bool, out: &mut AffineJet) {
        let (d, size) = (x.len(), self.size);
        let lift = match second {
            true => self.lift.jet(x),
            false => self.lift.slopes(x),
        };
        self.bubble.at(x, second, out);
        out.value = Affine {
            lift: lift.value,
            factor: size * out.value.factor,
        };
        for (axis, slope) in &mut out.slopes {
            slope.lift = slope_of(&lift, *axis);
            slope.factor *= size;
        }
        for ([j, k], of) in &mut out.seconds {
            of.lift = lift.second.get(*j).map_or(0.0, |row| row[*k]);
            of.factor *= size;
        }
        debug_assert_eq!(out.slopes.len(), d);
    }
}

fn slope_of(lift: &Jet, axis: usize) -> f64 {
    lift.slope.get(axis).copied().unwrap_or(0.0)
}

/// A function that vanishes on the walls, of size 1.
#[derive(Clone, Debug)]
pub enum Bubble {
    /// A product over the axes of a box: `4 t (1 - t)` between two walls, the distance from one of one, in
    /// parts of the side.
    Box {
        /// The lower corner.
        lower: Vec<f64>,
        /// The lengths of the sides.
        sides: Vec<f64>,
        /// Whether the lower and the upper side of each axis is a wall.
        walls: Vec<[bool; 2]>,
    },
    /// `1 - r^2 / R^2` in a ball.
    Ball {
        /// Its centre.
        centre: Vec<f64>,
        /// Its radius R.
        radius: f64,
    },
}

impl Bubble {
    /// The bubble of a domain with walls on these sides.
    #[must_use]
    pub fn new(domain: &Domain, is_wall: impl Fn(usize) -> bool) -> Self {
        match domain.shape() {
            Shape::Ball => Self::Ball {
                centre: domain.centre(),
                radius: domain.radius(),
            },
            _ => Self::Box {
                lower: domain.lower().to_vec(),
                sides: domain.sides().collect(),
                walls: (0..domain.dimension())
                    .map(|axis| [is_wall(2 * axis), is_wall(2 * axis + 1)])
                    .collect(),
            },
        }
    }

    /// Writes it as a factor at a point x, with every slope and pair of axes.
    fn at(&self, x: &[f64], second: bool, out: &mut AffineJet) {
        let d = x.len();
        let factor = |factor| Affine { lift: 0.0, factor };
        match self {
            Self::Box {
                lower,
                sides,
                walls,
            } => {
                let one = |axis: usize, order: usize| {
                    along((x[axis] - lower[axis]) / sides[axis], walls[axis])[order]
                        / sides[axis].powi(order as i32)
                };
                // The product with derivatives of these orders along the axes.
                let product = |orders: &dyn Fn(usize) -> usize| -> f64 {
                    (0..d).map(|axis| one(axis, orders(axis))).product()
                };
                out.reset(0.0, product(&|_| 0));
                for j in 0..d {
                    out.slopes
                        .push((j, factor(product(&|axis| usize::from(axis == j)))));
                }
                if second {
                    for j in 0..d {
                        for k in 0..d {
                            let orders = |axis| usize::from(axis == j) + usize::from(axis == k);
                            out.seconds.push(([j, k], factor(product(&orders))));
                        }
                    }
                }
            }
            Self::Ball { centre, radius } => {
                let square = radius * radius;
                let r: f64 = x.iter().zip(centre).map(|(x, c)| (x - c) * (x - c)).sum();
                out.reset(0.0, 1.0 - r / square);
                for (j, (x, c)) in x.iter().zip(centre).enumerate() {
                    out.slopes.push((j, factor(-2.0 * (x - c) / square)));
                }
                if second {
                    for j in 0..d {
                        for k in 0..d {
                            let of = if j == k { -2.0 / square } else { 0.0 };
                            out.seconds.push(([j, k], factor(of)));
                        }
                    }
                }
            }
        }
    }
}

/// The factor of an axis at t in [0, 1], with its first and second derivative.
fn along(t: f64, walls: [bool; 2]) -> [f64; 3] {
    match walls {
        [true, true] => [4.0 * t * (1.0 - t), 4.0 - 8.0 * t, -8.0],
        [true, false] => [t, 1.0, 0.0],
        [false, true] => [1.0 - t, -1.0, 0.0],
        [false, false] => [1.0, 0.0, 0.0],
    }
}
