//! Elementary functions without branches or tables, so that loops over them vectorise. The tests of
//! the activations state and check their errors.

use std::f64::consts::{FRAC_2_PI, LOG2_E};

/// 1.5 * 2^52: adding it rounds to the nearest integer, which then sits in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// Arguments of [`sin_cos`] up to here are reduced exactly enough.
pub(super) const LARGEST_ANGLE: f64 = 1e6;

/// `e^a = scale (1 + q)` with a power of two and small q.
#[derive(Clone, Copy)]
pub(super) struct Exponential {
    scale: f64,
    q: f64,
}

impl Exponential {
    /// `e^a`
    #[inline(always)]
    pub fn value(self) -> f64 {
        self.scale.mul_add(self.q, self.scale)
    }

    /// `e^a - 1`, to full relative accuracy also near a = 0.
    #[inline(always)]
    pub fn minus_one(self) -> f64 {
        self.scale.mul_add(self.q, self.scale - 1.0)
    }
}

/// The exponential of `a <= 0`; below -708 it stays at `e^-708`, about 3e-308.
///
/// `q = e^r - 1`, `|r| <= ln 2 / 2`, by its Taylor polynomial of degree 14: truncation below 1e-18.
#[inline(always)]
pub(super) fn exp_of_negative(a: f64) -> Exponential {
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    // NaN is kept: `max` would drop it.
    let a = if a < -708.0 { -708.0 } else { a };
    let shifted = a.mul_add(LOG2_E, ROUND);
    let k = shifted - ROUND;
    let r = k.mul_add(-LN2_LOW, k.mul_add(-LN2_HIGH, a));
    // sum r^(j-1) / j!, j = 14..1.
    let q = horner(
        r,
        [
            1.0 / 87_178_291_200.0,
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
        ],
    );
    Exponential {
        scale: f64::from_bits((shifted.to_bits() << 52).wrapping_add(1023 << 52)),
        q: q * r,
    }
}

/// `tanh |x| = -m / (m + 2)` with `m = e^(-2|x|) - 1`, which keeps its relative accuracy near 0.
#[inline(always)]
pub(super) fn tanh(x: f64) -> f64 {
    let m = exp_of_negative(-2.0 * x.abs()).minus_one();
    (-m / (m + 2.0)).copysign(x)
}

/// The exponential in single precision, by the polynomial of degree 8: truncation below 1e-9.
#[inline(always)]
pub(super) fn tanh_single(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0;
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    // Below -20 the result rounds to 1.
    let a = -2.0 * x.abs();
    let a = if a < -20.0 { -20.0 } else { a };
    let shifted = a.mul_add(std::f32::consts::LOG2_E, ROUND);
    let k = shifted - ROUND;
    let r = k.mul_add(-LN2_LOW, k.mul_add(-LN2_HIGH, a));
    let mut q = 1.0 / 40_320.0;
    for c in [
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
    let scale = f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23));
    let m = scale.mul_add(q, scale - 1.0);
    (-m / (m + 2.0)).copysign(x)
}

/// `ln(1 + e)` for `0 <= e <= 1`: `2 artanh t`, `t = e / (2 + e) <= 1/3`, by the terms of its
/// series up to `t^35`: truncation below 1e-18.
#[inline(always)]
pub(super) fn ln_1p_of_unit(e: f64) -> f64 {
    let t = e / (2.0 + e);
    let sum = horner(
        t * t,
        [
            1.0 / 35.0,
            1.0 / 33.0,
            1.0 / 31.0,
            1.0 / 29.0,
            1.0 / 27.0,
            1.0 / 25.0,
            1.0 / 23.0,
            1.0 / 21.0,
            1.0 / 19.0,
            1.0 / 17.0,
            1.0 / 15.0,
            1.0 / 13.0,
            1.0 / 11.0,
            1.0 / 9.0,
            1.0 / 7.0,
            1.0 / 5.0,
            1.0 / 3.0,
        ],
    );
    // 2 t + 2 t^3 (...): the small part is rounded, not the whole.
    let twice = t + t;
    (twice * (t * t)).mul_add(sum, twice)
}

/// Sine and cosine for arguments up to [`LARGEST_ANGLE`].
///
/// `z = k pi/2 + r` with pi/2 in three parts, the first two of 33 bits, whose products with k are
/// exact; then Taylor polynomials of degree 17 and 16 on `|r| <= pi/4`: truncation below 3e-18.
#[inline(always)]
pub(super) fn sin_cos(z: f64) -> (f64, f64) {
    const PART_1: f64 = 1.570_796_326_734_125_6;
    const PART_2: f64 = 6.077_100_506_303_966e-11;
    const PART_3: f64 = 2.022_266_248_795_950_6e-21;
    let shifted = z.mul_add(FRAC_2_PI, ROUND);
    let k = shifted - ROUND;
    let r = k.mul_add(-PART_3, k.mul_add(-PART_2, k.mul_add(-PART_1, z)));
    let square = r * r;
    let odd = horner(
        square,
        [
            1.0 / 355_687_428_096_000.0,
            -1.0 / 1_307_674_368_000.0,
            1.0 / 6_227_020_800.0,
            -1.0 / 39_916_800.0,
            1.0 / 362_880.0,
            -1.0 / 5_040.0,
            1.0 / 120.0,
            -1.0 / 6.0,
        ],
    );
    let sin = (r * square).mul_add(odd, r);
    let even = horner(
        square,
        [
            1.0 / 20_922_789_888_000.0,
            -1.0 / 87_178_291_200.0,
            1.0 / 479_001_600.0,
            -1.0 / 3_628_800.0,
            1.0 / 40_320.0,
            -1.0 / 720.0,
            1.0 / 24.0,
        ],
    );
    // 1 - r^2/2 with its rounding error carried along.
    let half = 0.5 * square;
    let head = 1.0 - half;
    let cos = head + (square * square).mul_add(even, (1.0 - head) - half);
    let quarter = shifted.to_bits();
    let (s, c) = if quarter & 1 == 0 {
        (sin, cos)
    } else {
        (cos, sin)
    };
    // Quarters 2, 3 turn the sign of the sine, quarters 1, 2 that of the cosine.
    let sign = |value: f64, quarter: u64| f64::from_bits(value.to_bits() ^ (quarter & 2) << 62);
    (sign(s, quarter), sign(c, quarter.wrapping_add(1)))
}

/// The polynomial with these coefficients, the highest first.
#[inline(always)]
fn horner<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    let mut sum = 0.0;
    for c in coefficients {
        sum = x.mul_add(sum, c);
    }
    sum
}
