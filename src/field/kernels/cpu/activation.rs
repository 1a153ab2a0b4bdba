//! Activation functions with their first and second derivatives, over whole arrays.

use super::{Real, elementary};
use crate::field::Activation;
use crate::vector_units::vectorized;
use std::marker::PhantomData;

impl Activation {
    /// Replaces `z` by `s(z)` and fills `first` with `s'(z)` and `second` with `s''(z)`.
    /// The three slices have the same length.
    pub fn apply<R: Real>(self, z: &mut [R], first: &mut [R], second: &mut [R]) {
        match self {
            Self::Tanh => tanh(z, first, second),
            Self::Sin => sin(z, first, second),
            Self::Cos => cos(z, first, second),
            Self::Softplus => softplus(z, first, second),
            Self::Elu => elu(z, first, second),
            Self::Exp => exp(z, first, second),
        }
    }

    /// The third derivative at z from what [`apply`](Self::apply) left of z.
    #[must_use]
    pub const fn third(self, value: f64, first: f64, second: f64) -> f64 {
        match self {
            Self::Tanh => first * (6.0 * value * value - 2.0),
            Self::Sin | Self::Cos => -first,
            Self::Softplus => second * (1.0 - 2.0 * first),
            Self::Elu => second,
            Self::Exp => value,
        }
    }
}

vectorized! {
    fn tanh<R: Real>(z: &mut [R], first: &mut [R], second: &mut [R]) {
        for ((z, first), second) in z.iter_mut().zip(first).zip(second) {
            let t = z.hyperbolic_tangent();
            let d = R::ONE - t * t;
            (*z, *first, *second) = (t, d, (R::ZERO - t - t) * d);
        }
    }
}

vectorized! {
    fn sin<R: Real>(z: &mut [R], first: &mut [R], second: &mut [R]) {
        wave::<Sine, R>(z, first, second);
    }
}

vectorized! {
    fn cos<R: Real>(z: &mut [R], first: &mut [R], second: &mut [R]) {
        wave::<Cosine, R>(z, first, second);
    }
}

vectorized! {
    fn softplus<R: Real>(z: &mut [R], first: &mut [R], second: &mut [R]) {
        each::<Softplus, R>(z, first, second);
    }
}

vectorized! {
    fn elu<R: Real>(z: &mut [R], first: &mut [R], second: &mut [R]) {
        each::<Elu, R>(z, first, second);
    }
}

vectorized! {
    fn exp<R: Real>(z: &mut [R], first: &mut [R], second: &mut [R]) {
        each::<Exp, R>(z, first, second);
    }
}

/// A function s of one variable.
trait Curve {
    /// `s(z)`, `s'(z)` and `s''(z)`.
    fn at(z: f64) -> (f64, f64, f64);
}

#[inline(always)]
fn each<C: Curve, R: Real>(z: &mut [R], first: &mut [R], second: &mut [R]) {
    for ((z, first), second) in z.iter_mut().zip(first).zip(second) {
        let (s_0, s_1, s_2) = C::at(z.wide());
        (*z, *first, *second) = (R::of(s_0), R::of(s_1), R::of(s_2));
    }
}

/// `max(z, 0) + ln(1 + e)` with `e = e^-|z|`, which cannot overflow, and its derivatives.
struct Softplus;

impl Curve for Softplus {
    #[inline(always)]
    fn at(z: f64) -> (f64, f64, f64) {
        let e = elementary::exp_of_negative(-z.abs()).value();
        let positive = if z > 0.0 { z } else { 0.0 };
        let part = 1.0 / (1.0 + e);
        let sigmoid = if z >= 0.0 { part } else { e * part };
        (
            positive + elementary::ln_1p_of_unit(e),
            sigmoid,
            e * part * part,
        )
    }
}

/// `z` above 0 and `e^z - 1` below.
struct Elu;

impl Curve for Elu {
    #[inline(always)]
    fn at(z: f64) -> (f64, f64, f64) {
        let e = elementary::exp_of_negative(if z > 0.0 { 0.0 } else { z });
        let below = (e.minus_one(), e.value(), e.value());
        if z > 0.0 { (z, 1.0, 0.0) } else { below }
    }
}

/// `e^z`, which is not below 1e-307.
struct Exp;

impl Curve for Exp {
    #[inline(always)]
    fn at(z: f64) -> (f64, f64, f64) {
        let below = elementary::exp_of_negative(if z > 0.0 { -z } else { z }).value();
        let e = if z > 0.0 { 1.0 / below } else { below };
        (e, e, e)
    }
}

/// A function of the sine and cosine of its argument.
trait Wave {
    /// `s`, `s'` and `s''`.
    fn of(sin: f64, cos: f64) -> (f64, f64, f64);
}

struct Sine;

impl Wave for Sine {
    #[inline(always)]
    fn of(sin: f64, cos: f64) -> (f64, f64, f64) {
        (sin, cos, -sin)
    }
}

struct Cosine;

impl Wave for Cosine {
    #[inline(always)]
    fn of(sin: f64, cos: f64) -> (f64, f64, f64) {
        (cos, -sin, -cos)
    }
}

/// A wave of arguments that are small enough for the vectorised sine and cosine.
struct Near<W>(PhantomData<W>);

impl<W: Wave> Curve for Near<W> {
    #[inline(always)]
    fn at(z: f64) -> (f64, f64, f64) {
        let (sin, cos) = elementary::sin_cos(z);
        W::of(sin, cos)
    }
}

/// A wave of any arguments.
struct Far<W>(PhantomData<W>);

impl<W: Wave> Curve for Far<W> {
    #[inline(always)]
    fn at(z: f64) -> (f64, f64, f64) {
        let (sin, cos) = z.sin_cos();
        W::of(sin, cos)
    }
}

#[inline(always)]
fn wave<W: Wave, R: Real>(z: &mut [R], first: &mut [R], second: &mut [R]) {
    // Not `all`, which stops at the first and so cannot vectorise. NaN counts as large.
    let mut small = true;
    for z in z.iter() {
        small &= z.wide().abs() <= elementary::LARGEST_ANGLE;
    }
    if small {
        each::<Near<W>, R>(z, first, second);
    } else {
        each::<Far<W>, R>(z, first, second);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [&str; 6] = ["tanh", "sin", "cos", "softplus", "elu", "exp"];

    fn at(activation: Activation, z: f64) -> (f64, f64, f64) {
        let (mut v, mut a, mut b) = ([z], [0.0], [0.0]);
        activation.apply(&mut v, &mut a, &mut b);
        (v[0], a[0], b[0])
    }

    /// Units in the last place of `exact` between the two.
    fn ulp(ours: f64, exact: f64) -> f64 {
        (ours - exact).abs() / (exact.abs() * f64::EPSILON).max(f64::MIN_POSITIVE)
    }

    /// Arguments dense in [-24, 24], and of all magnitudes.
    fn arguments() -> impl Iterator<Item = f64> {
        let dense = (-400_000..=400_000_i32).map(|i| f64::from(i) * 6e-5);
        let wide = (-300..3).map(|e| 1.37 * 10.0_f64.powi(e));
        dense.chain(wide.clone()).chain(wide.map(|x| -x))
    }

    #[test]
    fn tanh_agrees_with_the_system_within_4_ulp() {
        for x in arguments() {
            let error = ulp(at(Activation::Tanh, x).0, x.tanh());
            assert!(error < 4.0, "{error} ulp at {x}");
        }
        assert_eq!(at(Activation::Tanh, 1e300).0, 1.0);
        assert_eq!(at(Activation::Tanh, f64::NEG_INFINITY).0, -1.0);
    }

    #[test]
    fn tanh_in_single_precision_agrees_within_4_ulp() {
        for x in arguments() {
            let x = f32::of(x);
            let (mut ours, exact) = ([x], x.wide().tanh());
            Activation::Tanh.apply(&mut ours, &mut [0.0], &mut [0.0]);
            let unit = (exact.abs() * f32::EPSILON.wide()).max(f32::MIN_POSITIVE.wide());
            let error = (ours[0].wide() - exact).abs() / unit;
            assert!(error < 4.0, "{error} ulp at {x}");
        }
        let mut ends = [1e30_f32, f32::NEG_INFINITY, f32::NAN];
        Activation::Tanh.apply(&mut ends, &mut [0.0; 3], &mut [0.0; 3]);
        assert_eq!(ends[..2], [1.0, -1.0]);
        assert!(ends[2].is_nan());
    }

    #[test]
    fn sine_and_cosine_agree_with_the_system_within_2_ulp() {
        let quarter_turns = (0..2000).map(|k| f64::from(k * k) * std::f64::consts::FRAC_PI_2);
        let far = (0..100_000).map(|k| 9.99 * f64::from(k));
        let beyond = [1e7, -3e12, 1e300];
        for x in arguments().chain(quarter_turns).chain(far).chain(beyond) {
            let (sin, cos) = x.sin_cos();
            let (ours, slope, _) = at(Activation::Sin, x);
            assert!(ulp(ours, sin) < 2.0, "sin {x}: {ours} and {sin}");
            assert!(ulp(slope, cos) < 2.0, "cos {x}: {slope} and {cos}");
            assert_eq!(at(Activation::Cos, x).0, slope);
        }
    }

    #[test]
    fn softplus_agrees_with_the_system_within_3_ulp_and_its_slopes_within_6() {
        for x in arguments().chain([-700.0, 700.0]) {
            let e = (-x.abs()).exp();
            let sigmoid = if x >= 0.0 { 1.0 } else { e } / (1.0 + e);
            let (value, first, second) = at(Activation::Softplus, x);
            assert!(ulp(value, x.max(0.0) + e.ln_1p()) < 3.0, "value at {x}");
            assert!(ulp(first, sigmoid) < 6.0, "slope at {x}");
            assert!(
                ulp(second, sigmoid * (1.0 / (1.0 + x.exp()))) < 6.0,
                "at {x}"
            );
        }
        assert!(at(Activation::Softplus, f64::NEG_INFINITY).0 < 1e-300);
        assert_eq!(at(Activation::Softplus, f64::INFINITY).0, f64::INFINITY);
    }

    #[test]
    fn elu_agrees_with_the_system_within_3_ulp() {
        for x in arguments().filter(|x| *x < 0.0) {
            let (value, first, _) = at(Activation::Elu, x);
            assert!(ulp(value, x.exp_m1()) < 3.0, "value at {x}");
            assert!(ulp(first, x.exp()) < 3.0, "slope at {x}");
        }
        assert_eq!(at(Activation::Elu, 2.5), (2.5, 1.0, 0.0));
    }

    #[test]
    fn the_exponential_agrees_with_the_system_within_3_ulp() {
        for x in arguments() {
            assert!(ulp(at(Activation::Exp, x).0, x.exp()) < 3.0, "at {x}");
        }
    }

    #[test]
    fn no_activation_hides_that_something_is_not_a_number() {
        for name in ALL {
            let (value, first, _) = at(Activation::named(name).unwrap(), f64::NAN);
            assert!(value.is_nan(), "{name}");
            assert!(first.is_nan() || name == "elu", "{name}'");
        }
    }

    #[test]
    fn derivatives_agree_with_differences() {
        for name in ALL {
            let activation = Activation::named(name).unwrap();
            for z in [-40.0, -2.3, -0.4, 0.3, 1.9, 35.0] {
                if name == "exp" && z > 2.0 {
                    continue;
                }
                let h = 1e-5;
                let (up, down) = (at(activation, z + h), at(activation, z - h));
                let (value, first, second) = at(activation, z);
                let third = activation.third(value, first, second);
                assert!(
                    (third - (up.2 - down.2) / (2.0 * h)).abs() < 1e-8,
                    "third derivative of {name} at {z}"
                );
                assert!(
                    (first - (up.0 - down.0) / (2.0 * h)).abs() < 1e-8,
                    "{name}' at {z}"
                );
                assert!(
                    (second - (up.1 - down.1) / (2.0 * h)).abs() < 1e-8,
                    "{name}'' at {z}"
                );
            }
        }
    }
}
