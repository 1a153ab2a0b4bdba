//! The density as a function of the potential: `rho = h^-1(p - V - W * rho)` of a functional
//! `int H(rho) + V rho + rho (W * rho)/2` with `h = H'`, tabulated once.

use crate::error::Result;
use crate::flow::transport::{Local, Measure, Order, Terms};
use crate::parallel::Pool;

/// Entries of the table, and how far below and above the reference density it goes, in logarithms.
const ENTRIES: usize = 4096;
const BELOW: f64 = 160.0;
const ABOVE: f64 = 14.0;

/// The part of h at the reference density that `rho h'(rho)` has lost where h has a limit at rho = 0.
const LIMIT: f64 = 1e-9;

/// Relative differences of slopes that are one.
const SAME: f64 = 1e-9;

/// Monotone `ln rho` against `v`: h itself where it has no limit at rho = 0, and else the logarithm of
/// what h is above that limit.
#[derive(Clone, Debug)]
pub(in crate::flow) struct Pressure {
    v: Vec<f64>,
    /// `ln rho`
    s: Vec<f64>,
    /// `ds/dv`
    slope: Vec<f64>,
    /// h at rho = 0, and the width over which the kink there is rounded.
    floor: Option<(f64, f64)>,
}

impl Pressure {
    /// That of these terms about a reference density; `None` if h does not grow. `rounding` is the part of
    /// h at the reference density over which a kink at rho = 0 is rounded.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn new(
        pool: &Pool,
        terms: &Terms,
        d: usize,
        reference: f64,
        rounding: f64,
    ) -> Result<Option<Self>> {
        let (first, last) = (reference.ln() - BELOW, reference.ln() + ABOVE);
        let step = (last - first) / (ENTRIES - 1) as f64;
        let s: Vec<f64> = (0..ENTRIES).map(|i| first + step * i as f64).collect();
        let rho: Vec<f64> = s.iter().map(|s| s.exp()).collect();
        let y = vec![0.0; ENTRIES * d];
        let points = Measure {
            d,
            t: 0.0,
            y: &y,
            w: &[],
            rho: &rho,
        };
        let mut local = Local::default();
        terms.local(pool, &points, Order::Second, &mut local)?;
        let h = local.f_u;
        // dh/ds
        let rate: Vec<f64> = local.f_uu.iter().zip(&rho).map(|(f, r)| f * r).collect();
        let at = ((reference.ln() - first) / step) as usize;
        let size = rate[at.min(ENTRIES - 1)];
        let finite = h.iter().chain(&rate).all(|v| v.is_finite());
        if !(finite && size > 0.0) {
            return Ok(None);
        }
        let limited = rate[0] < LIMIT * size;
        if !limited {
            let grows = h.windows(2).all(|pair| pair[1] > pair[0]);
            let table = Self {
                slope: rate.iter().map(|r| 1.0 / r).collect(),
                v: h,
                s,
                floor: None,
            };
            return Ok((grows && rate.iter().all(|r| *r > 0.0)).then_some(table));
        }
        let floor = h[0];
        // Entries where what h is above its limit is no longer rounding of the limit.
        let above: Vec<f64> = h.iter().map(|h| h - floor).collect();
        let least = 1e-6 * above[at];
        let from = above.iter().position(|a| *a > least).unwrap_or(at);
        let (above, rate) = (&above[from..], &rate[from..]);
        if !(above.windows(2).all(|pair| pair[1] > pair[0]) && rate.iter().all(|r| *r > 0.0)) {
            return Ok(None);
        }
        Ok(Some(Self {
            v: above.iter().map(|a| a.ln()).collect(),
            s: s[from..].to_vec(),
            slope: above.iter().zip(rate).map(|(a, r)| a / r).collect(),
            floor: Some((floor, rounding * (h[at] - floor))),
        }))
    }

    /// `dh/d(ln rho)` if it is the same for all densities.
    pub fn logarithmic(&self) -> Option<f64> {
        let (Some(first), None) = (self.slope.first(), self.floor) else {
            return None;
        };
        let same = self.slope.iter().all(|s| (s / first - 1.0).abs() <= SAME);
        same.then(|| first.recip())
    }

    /// The density at a value of h, and its derivative there.
    pub fn density(&self, h: f64) -> (f64, f64) {
        let Some((floor, width)) = self.floor else {
            let (s, slope) = self.logarithm(h);
            let rho = s.exp();
            return (rho, rho * slope);
        };
        let t = (h - floor) / width;
        // ln(1 + e^t) and its derivative.
        let above = width * (t.max(0.0) + (-t.abs()).exp().ln_1p());
        let part = if t >= 0.0 {
            1.0 / (1.0 + (-t).exp())
        } else {
            t.exp() / (1.0 + t.exp())
        };
        if above < f64::MIN_POSITIVE {
            return (0.0, 0.0);
        }
        let (s, slope) = self.logarithm(above.ln());
        let rho = s.exp();
        (rho, rho * slope / above * part)
    }

    /// h of a density.
    pub fn value(&self, rho: f64) -> f64 {
        let s = rho.max(f64::MIN_POSITIVE).ln();
        let (Some(first), Some(last)) = (self.s.first(), self.s.last()) else {
            return f64::NAN;
        };
        let step = (last - first) / (self.s.len() - 1) as f64;
        let at = ((s - first) / step).clamp(0.0, (self.s.len() - 2) as f64) as usize;
        // Against s the table is as smooth.
        let part = (s - self.s[at]) / step;
        let ends = [at, at + 1].map(|i| (self.v[i], step / self.slope[i]));
        let v = match part {
            p if p < 0.0 => ends[0].0 + p * ends[0].1,
            p if p > 1.0 => ends[1].0 + (p - 1.0) * ends[1].1,
            p => hermite(ends, p).0,
        };
        match self.floor {
            None => v,
            Some((floor, _)) => floor + v.exp(),
        }
    }

    /// `ln rho` at v, and its derivative.
    fn logarithm(&self, v: f64) -> (f64, f64) {
        let last = self.v.len() - 1;
        let after = self.v.partition_point(|it| *it <= v);
        if after == 0 {
            return (self.s[0] + (v - self.v[0]) * self.slope[0], self.slope[0]);
        }
        if after > last {
            let (s, slope) = (self.s[last], self.slope[last]);
            return (s + (v - self.v[last]) * slope, slope);
        }
        let (low, high) = (self.v[after - 1], self.v[after]);
        let length = high - low;
        let ends = [after - 1, after].map(|i| (self.s[i], length * self.slope[i]));
        let (s, rate) = hermite(ends, (v - low) / length);
        (s, rate / length)
    }
}

/// The cubic through two values with two slopes, on the unit interval, and its derivative.
fn hermite([(a, p), (b, q)]: [(f64, f64); 2], t: f64) -> (f64, f64) {
    let (second, third) = (3.0 * (b - a) - 2.0 * p - q, 2.0 * (a - b) + p + q);
    (
        a + t * (p + t * (second + t * third)),
        p + t * (2.0 * second + 3.0 * t * third),
    )
}
