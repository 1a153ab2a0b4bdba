//! Activation functions with their first and second derivatives, over whole arrays.

use super::Real;
use pulp::Arch;

/// An activation function of the hidden layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Hyperbolic tangent.
    Tanh,
    /// Sine.
    Sin,
    /// Cosine.
    Cos,
    /// `ln(1 + e^z)`.
    Softplus,
    /// `z` above 0, `e^z - 1` below: its second derivative jumps at 0.
    Elu,
}

impl Activation {
    /// The activation of this name (the choices of the option `activation`).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "tanh" => Self::Tanh,
            "sin" => Self::Sin,
            "cos" => Self::Cos,
            "softplus" => Self::Softplus,
            "elu" => Self::Elu,
            _ => return None,
        })
    }

    /// Replaces `z` by `s(z)` and fills `first` with `s'(z)` and `second` with `s''(z)`.
    /// The three slices have the same length.
    pub fn apply<R: Real>(self, z: &mut [R], first: &mut [R], second: &mut [R]) {
        match self {
            Self::Tanh => Arch::new().dispatch(|| {
                each(z, first, second, |z| {
                    let t = tanh(z);
                    let d = 1.0 - t * t;
                    (t, d, -2.0 * t * d)
                });
            }),
            Self::Sin => each(z, first, second, |z| {
                let (s, c) = z.sin_cos();
                (s, c, -s)
            }),
            Self::Cos => each(z, first, second, |z| {
                let (s, c) = z.sin_cos();
                (c, -s, -c)
            }),
            Self::Softplus => each(z, first, second, |z| {
                // e^-|z| cannot overflow.
                let e = (-z.abs()).exp();
                let sigmoid = if z >= 0.0 { 1.0 } else { e } / (1.0 + e);
                (z.max(0.0) + e.ln_1p(), sigmoid, e / ((1.0 + e) * (1.0 + e)))
            }),
            Self::Elu => each(z, first, second, |z| {
                if z > 0.0 {
                    (z, 1.0, 0.0)
                } else {
                    let e = z.exp();
                    (z.exp_m1(), e, e)
                }
            }),
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
        }
    }
}

#[inline(always)]
fn each<R: Real>(
    z: &mut [R],
    first: &mut [R],
    second: &mut [R],
    s: impl Fn(f64) -> (f64, f64, f64),
) {
    for ((z, first), second) in z.iter_mut().zip(first).zip(second) {
        let (s_0, s_1, s_2) = s(z.wide());
        (*z, *first, *second) = (R::of(s_0), R::of(s_1), R::of(s_2));
    }
}

/// Hyperbolic tangent without branches or tables, so that loops over it vectorise.
///
/// `tanh |x| = -m / (m + 2)` with `m = e^(-2|x|) - 1`, which keeps its relative accuracy near 0;
/// `m = 2^k q + (2^k - 1)` with `q = e^r - 1`, `|r| <= ln 2 / 2`, by its Taylor polynomial of
/// degree 14 (truncation below 1e-18). The error stays below 4 units in the last place (tested
/// against the system's `tanh`).
#[inline(always)]
fn tanh(x: f64) -> f64 {
    // 1.5 * 2^52: adding it rounds to the nearest integer, which then sits in the low bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    // Below -44 the result rounds to 1; the bound also keeps k in range. NaN is kept: `max` of
    // a comparison would drop it.
    let a = -2.0 * x.abs();
    let a = if a < -44.0 { -44.0 } else { a };
    let shifted = a.mul_add(std::f64::consts::LOG2_E, ROUND);
    let k = shifted - ROUND;
    let r = k.mul_add(-LN2_LOW, k.mul_add(-LN2_HIGH, a));
    // sum r^(j-1) / j!, j = 14..1, by Horner's rule.
    let mut q = 1.0 / 87_178_291_200.0;
    for c in [
        1.0 / 6_227_020_800.0,
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
    ] {
        q = r.mul_add(q, c);
    }
    q *= r;
    let scale = f64::from_bits((shifted.to_bits() << 52).wrapping_add(1023 << 52));
    let m = scale.mul_add(q, scale - 1.0);
    (-m / (m + 2.0)).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [&str; 5] = ["tanh", "sin", "cos", "softplus", "elu"];

    fn at(activation: Activation, z: f64) -> (f64, f64, f64) {
        let (mut v, mut a, mut b) = ([z], [0.0], [0.0]);
        activation.apply(&mut v, &mut a, &mut b);
        (v[0], a[0], b[0])
    }

    #[test]
    fn tanh_agrees_with_the_system_within_4_ulp() {
        let mut worst = 0.0_f64;
        for i in -400_000..=400_000_i32 {
            let x = f64::from(i) * 6e-5;
            let (ours, exact) = (at(Activation::Tanh, x).0, x.tanh());
            let ulp = (exact.abs() * f64::EPSILON).max(f64::MIN_POSITIVE);
            worst = worst.max((ours - exact).abs() / ulp);
        }
        for e in -300..3 {
            let x = 1.37 * 10.0_f64.powi(e);
            worst =
                worst.max((at(Activation::Tanh, x).0 - x.tanh()).abs() / (x.tanh() * f64::EPSILON));
        }
        assert!(worst < 4.0, "worst error {worst} ulp");
        assert_eq!(at(Activation::Tanh, 1e300).0, 1.0);
        assert_eq!(at(Activation::Tanh, f64::NEG_INFINITY).0, -1.0);
        assert!(at(Activation::Tanh, f64::NAN).0.is_nan());
    }

    #[test]
    fn derivatives_agree_with_differences() {
        for name in ALL {
            let activation = Activation::named(name).unwrap();
            for z in [-40.0, -2.3, -0.4, 0.3, 1.9, 35.0] {
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
