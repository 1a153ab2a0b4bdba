//! The transport map `X_i(x) = x_i + s_i(x_i) N_i(x)`.
//!
//! On R^d each `s_i` is a constant, the scale of the labels along that axis; on a box it vanishes
//! on the two faces of the axis, which X so maps onto themselves.

use super::{Affine, AffineJet, Ansatz, Straight};
use std::f64::consts::PI;

/// The factors `s_i`.
#[derive(Clone, Debug)]
pub enum Displacement {
    /// Factors on R^d: a constant for each axis.
    Space {
        /// `s_i`, `[d]`.
        scale: Vec<f64>,
    },
    /// Factors on a box: `s_i(x) = sin(pi t) (b_i - a_i) / pi` with `t = (x - a_i) / (b_i - a_i)`.
    Box {
        /// `a_i`, `[d]`.
        lower: Vec<f64>,
        /// `b_i`, `[d]`.
        upper: Vec<f64>,
    },
}

impl Displacement {
    /// The arrays that the factors are made of, by the names of [`crate::export`].
    #[must_use]
    pub fn arrays(&self) -> Vec<(&'static str, &[f64])> {
        match self {
            Self::Space { scale } => vec![("scale", scale)],
            Self::Box { lower, upper } => vec![("lower", lower), ("upper", upper)],
        }
    }

    /// The square of how far labels lie apart.
    #[must_use]
    pub fn extent(&self) -> f64 {
        match self {
            Self::Space { scale } => scale.iter().map(|s| s * s).sum(),
            Self::Box { lower, upper } => {
                let sides = upper.iter().zip(lower);
                sides.map(|(b, a)| (b - a) * (b - a) / 12.0).sum()
            }
        }
    }

    /// `s_i` at a label, and its first and second derivative.
    fn factor(&self, axis: usize, x: f64) -> [f64; 3] {
        match self {
            Self::Space { scale } => [scale[axis], 0.0, 0.0],
            Self::Box { lower, upper } => {
                let rate = PI / (upper[axis] - lower[axis]);
                let (sin, cos) = (rate * (x - lower[axis])).sin_cos();
                [sin / rate, cos, -rate * sin]
            }
        }
    }
}

impl Ansatz for Displacement {
    fn straight(&self, component: usize) -> Option<Straight> {
        let Self::Space { scale } = self else {
            return None;
        };
        Some(Straight {
            offset: 0.0,
            slope: 1.0,
            factor: scale[component],
        })
    }

    fn at(&self, x: &[f64], component: usize, second: bool, out: &mut AffineJet) {
        let (axis, x) = (component, x[component]);
        let [factor, first, curvature] = self.factor(axis, x);
        out.reset(x, factor);
        let slope = Affine {
            lift: 1.0,
            factor: first,
        };
        out.slopes.push((axis, slope));
        if second {
            let second = Affine {
                lift: 0.0,
                factor: curvature,
            };
            out.seconds.push(([axis, axis], second));
        }
    }
}
