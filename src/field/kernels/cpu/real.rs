//! The number types that kernels run in.

use super::elementary;
use crate::linear_algebra::Scalar;
use std::fmt::Debug;
use std::ops::{MulAssign, Sub};

/// A floating-point type of the kernels: `f64`, or `f32` where a first-order method has no use for
/// more digits.
pub trait Real: Scalar + Debug + Default + Sub<Output = Self> + MulAssign {
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;

    /// The nearest number of this type.
    fn of(value: f64) -> Self;

    /// Widens to `f64`.
    fn wide(self) -> f64;

    /// tanh to 4 units in the last place, without branches.
    #[must_use]
    fn hyperbolic_tangent(self) -> Self;
}

impl Real for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    #[inline(always)]
    fn of(value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn wide(self) -> f64 {
        self
    }

    #[inline(always)]
    fn hyperbolic_tangent(self) -> Self {
        elementary::tanh(self)
    }
}

impl Real for f32 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    #[inline(always)]
    #[allow(
        clippy::cast_possible_truncation,
        reason = "rounding is what is asked for"
    )]
    fn of(value: f64) -> Self {
        value as Self
    }

    #[inline(always)]
    fn wide(self) -> f64 {
        Self::into(self)
    }

    #[inline(always)]
    fn hyperbolic_tangent(self) -> Self {
        elementary::tanh_single(self)
    }
}
