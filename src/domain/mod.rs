//! Domains: a box, the ball inscribed in it, or the part of it that a function of the host keeps.

mod bounds;

pub use bounds::{Bounds, BoundsAt};

use crate::error::{Error, Result};
use crate::words::words;
use std::fmt;
use std::sync::Arc;

/// Says which of the positions `x` (`[n][d]`) are inside, into `[n]`. It is called on the thread
/// that calls the solver.
pub type Inside = dyn Fn(&[f64], &mut [bool]) -> Result<()> + Send + Sync;

/// Writes values at positions `x` (`[n][d]`) on the boundary at a time, into `[n]`. It is called on the thread
/// that calls the solver.
pub type OnBoundary = dyn Fn(f64, &[f64], &mut [f64]) -> Result<()> + Send + Sync;

/// A value that is given on a part of the boundary.
#[derive(Clone)]
pub enum BoundaryValue {
    /// The same everywhere and at all times.
    Constant(f64),
    /// A function of time and position.
    Function(Arc<OnBoundary>),
}

impl fmt::Debug for BoundaryValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(value) => write!(f, "Constant({value})"),
            Self::Function(_) => f.write_str("Function"),
        }
    }
}

words! {
    /// The domain that is asked for.
    pub enum DomainChoice {
        /// The box.
        Box = "box",
        /// The ball inscribed in the box.
        Ball = "ball",
        /// All of R^d.
        Space = "space",
    }
}

/// What part of the box the domain is.
#[derive(Clone)]
pub enum Shape {
    /// All of it.
    Box,
    /// The ball that touches its faces.
    Ball,
    /// Where a function says so.
    Cut(Arc<Inside>),
    /// All of R^d; the box is what is shown of it.
    Space,
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Box => "Box",
            Self::Ball => "Ball",
            Self::Cut(_) => "Cut",
            Self::Space => "Space",
        })
    }
}

/// A domain in the box `[lower, upper]` of R^d.
#[derive(Clone, Debug)]
pub struct Domain {
    lower: Vec<f64>,
    upper: Vec<f64>,
    shape: Shape,
    volume: f64,
}

impl Domain {
    /// A domain in the box of these corners, `[d]` each; for a ball it is the one that touches the
    /// faces.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if an axis is empty, or the sides of the box of a ball
    /// differ.
    pub fn new(choice: DomainChoice, lower: Vec<f64>, upper: Vec<f64>) -> Result<Self> {
        for (axis, (lo, hi)) in lower.iter().zip(&upper).enumerate() {
            if lo >= hi {
                return Err(Error::option(format!(
                    "option `upper` is {hi} on axis {axis}, where `lower` is {lo}; accepted is \
                     `upper` > `lower`"
                )));
            }
        }
        let mut domain = Self {
            lower,
            upper,
            shape: Shape::Box,
            volume: 0.0,
        };
        domain.volume = domain.box_volume();
        match choice {
            DomainChoice::Box => {}
            DomainChoice::Ball => domain.inscribe()?,
            DomainChoice::Space => domain.shape = Shape::Space,
        }
        Ok(domain)
    }

    /// The box alone, whatever part of it or beyond it the domain is.
    #[must_use]
    pub fn as_box(&self) -> Self {
        let mut domain = self.clone();
        domain.shape = Shape::Box;
        domain.volume = domain.box_volume();
        domain
    }

    /// The unit ball about the origin.
    ///
    /// # Errors
    /// None: its box has equal sides.
    pub(crate) fn unit_ball(d: usize) -> Result<Self> {
        let mut domain = Self {
            lower: vec![-1.0; d],
            upper: vec![1.0; d],
            shape: Shape::Box,
            volume: 0.0,
        };
        domain.inscribe()?;
        Ok(domain)
    }

    fn inscribe(&mut self) -> Result<()> {
        let side = 2.0 * self.radius();
        for (axis, (lo, hi)) in self.lower.iter().zip(&self.upper).enumerate() {
            if ((hi - lo) / side - 1.0).abs() > 1e-12 {
                return Err(Error::option(format!(
                    "option `domain` is ball, and the box of `lower` and `upper` has the side {} on axis {axis} and {side} on axis 0; accepted are equal sides",
                    hi - lo
                )));
            }
        }
        self.shape = Shape::Ball;
        self.volume = self.radius().powi(self.dimension() as i32) * ball_volume(self.dimension());
        Ok(())
    }

    /// Refuses positions `x` (`[n][d]`) beyond the box.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument), naming the axis and the point.
    pub(crate) fn check_inside(&self, x: &[f64]) -> Result<()> {
        let d = self.dimension();
        let sides = || self.lower.iter().zip(&self.upper).enumerate();
        for (point, x) in x.chunks_exact(d).enumerate() {
            for ((axis, (lower, upper)), x) in sides().zip(x) {
                let slack = 1e-9 * (upper - lower);
                if *x < lower - slack || *x > upper + slack {
                    return Err(Error::argument(format!(
                        "`x` has {x} on axis {axis} of point {point}; accepted is {lower} to {upper}"
                    )));
                }
            }
        }
        Ok(())
    }

    /// The part of this box where `inside` says so. Its volume is yet to be measured.
    pub(crate) fn cut(&self, inside: Arc<Inside>) -> Self {
        Self {
            shape: Shape::Cut(inside),
            volume: f64::NAN,
            ..self.clone()
        }
    }

    pub(crate) const fn set_volume(&mut self, volume: f64) {
        self.volume = volume;
    }

    /// The dimension d.
    #[must_use]
    pub const fn dimension(&self) -> usize {
        self.lower.len()
    }

    /// The lower corner of the box, `[d]`.
    #[must_use]
    pub fn lower(&self) -> &[f64] {
        &self.lower
    }

    /// The upper corner of the box, `[d]`.
    #[must_use]
    pub fn upper(&self) -> &[f64] {
        &self.upper
    }

    /// What part of the box it is.
    #[must_use]
    pub const fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Whether it is all of the box.
    #[must_use]
    pub const fn is_box(&self) -> bool {
        matches!(self.shape, Shape::Box)
    }

    /// Its volume; that of a cut box as measured.
    #[must_use]
    pub const fn volume(&self) -> f64 {
        self.volume
    }

    /// The volume of the box.
    #[must_use]
    pub fn box_volume(&self) -> f64 {
        self.sides().product()
    }

    /// The lengths of the box's sides.
    pub(crate) fn sides(&self) -> impl Iterator<Item = f64> + '_ {
        self.lower.iter().zip(&self.upper).map(|(lo, hi)| hi - lo)
    }

    /// The centre of the box, `[d]`.
    pub(crate) fn centre(&self) -> Vec<f64> {
        let corners = self.lower.iter().zip(&self.upper);
        corners.map(|(lo, hi)| 0.5 * lo + 0.5 * hi).collect()
    }

    /// The radius of the inscribed ball.
    pub(crate) fn radius(&self) -> f64 {
        0.5 * (self.upper[0] - self.lower[0])
    }

    /// Which of the positions `x` (`[n][d]`) are in the domain, into `[n]`.
    ///
    /// # Errors
    /// Those of the host's function.
    pub fn contains(&self, x: &[f64], inside: &mut [bool]) -> Result<()> {
        let d = self.dimension();
        let in_box = |x: &[f64]| {
            let mut corners = self.lower.iter().zip(&self.upper).zip(x);
            corners.all(|((lo, hi), x)| lo <= x && x <= hi)
        };
        match &self.shape {
            Shape::Box => {
                for (inside, x) in inside.iter_mut().zip(x.chunks_exact(d)) {
                    *inside = in_box(x);
                }
            }
            Shape::Ball => {
                let (centre, radius) = (self.centre(), self.radius());
                for (inside, x) in inside.iter_mut().zip(x.chunks_exact(d)) {
                    let square: f64 = x.iter().zip(&centre).map(|(x, c)| (x - c) * (x - c)).sum();
                    // Poles lie on the grid of many options, to rounding.
                    *inside = square <= radius * radius * (1.0 + ROUNDING);
                }
            }
            Shape::Cut(function) => {
                function(x, inside)?;
                for (inside, x) in inside.iter_mut().zip(x.chunks_exact(d)) {
                    *inside &= in_box(x);
                }
            }
            Shape::Space => inside.fill(true),
        }
        Ok(())
    }
}

/// What rounding makes of 1, where coordinates are subtracted and squared.
const ROUNDING: f64 = 16.0 * f64::EPSILON;

/// The volume of the unit ball in R^d, by `V_d = V_{d-2} 2 pi / d`.
pub(crate) fn ball_volume(d: usize) -> f64 {
    match d {
        0 => 1.0,
        1 => 2.0,
        _ => ball_volume(d - 2) * std::f64::consts::TAU / d as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balls_have_their_volume_and_need_equal_sides() {
        let pi = std::f64::consts::PI;
        for (d, volume) in [
            (1, 4.0),
            (2, 4.0 * pi),
            (3, 32.0 / 3.0 * pi),
            (4, 8.0 * pi * pi),
        ] {
            let ball = Domain::new(DomainChoice::Ball, vec![-1.0; d], vec![3.0; d]).unwrap();
            assert!((ball.volume() / volume - 1.0).abs() < 1e-14, "{d}");
            let mut x = ball.centre();
            x[0] += 1.999;
            let mut inside = [false];
            ball.contains(&x, &mut inside).unwrap();
            assert!(inside[0]);
            x[0] += 0.002;
            ball.contains(&x, &mut inside).unwrap();
            assert!(!inside[0]);
        }
        let unequal = Domain::new(DomainChoice::Ball, vec![-1.0; 2], vec![3.0, 3.5]);
        let error = unequal.unwrap_err();
        assert!(error.message().contains("4.5 on axis 1"), "{error}");
    }
}
