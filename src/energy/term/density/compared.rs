//! Densities of a host, whose slopes are compared with differences of their values: a wrong derivative makes another
//! flow of it, and nothing else would tell.

use super::checked::position;
use super::{Batch, Derivatives, EnergyDensity, Traits};
use crate::error::{Error, ErrorKind, Result};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Points at which it is looked at.
const POINTS: usize = 7;

/// Fewer that can be judged tell nothing.
const LEAST: usize = 3;

/// Calls in which it is tried to judge, where too few points can be.
const CALLS: usize = 8;

/// Steps of differences, relative to the spread of what is varied; the last tells whether the others resolve f.
const STEPS: [f64; 5] = [
    1.0 / 32.0,
    1.0 / 256.0,
    1.0 / 4096.0,
    1.0 / 65536.0,
    1.0 / 4_194_304.0,
];

/// A slope may be off by so much of its size.
const ACCEPTED: f64 = 0.01;

/// A density whose slopes are compared with differences of its values in the first call that asks for them, at a few
/// points away from kinks.
pub struct Compared<D> {
    inner: D,
    /// Calls in which it may still be done.
    left: AtomicUsize,
}

/// What is varied: a component of u, or p along a direction.
enum Varied {
    Value(usize),
    Slope(Vec<f64>),
}

impl<D: EnergyDensity> Compared<D> {
    /// Wraps a density.
    pub const fn new(inner: D) -> Self {
        let left = AtomicUsize::new(CALLS);
        Self { inner, left }
    }

    fn compare(&self, batch: &Batch<'_>) -> Result<()> {
        let (n, c, d) = (batch.n(), batch.c, batch.d);
        let mut judged = false;
        for i in 0..c {
            let values = || batch.u.iter().skip(i).step_by(c).copied();
            let most = values().fold(f64::NEG_INFINITY, f64::max);
            let least = values().fold(f64::INFINITY, f64::min);
            let spread = most - least;
            // Values beyond those that there are may be none that f is defined for.
            let room = STEPS[0] * spread;
            let inner = values().enumerate();
            let inner = inner.filter(|(_, u)| least + room < *u && *u < most - room);
            let points: Vec<usize> = inner.map(|(point, _)| point).collect();
            if spread > 0.0 && points.len() >= LEAST {
                judged |= self.compare_along(batch, &some(&points), &Varied::Value(i), spread)?;
            }
        }
        let size_of_p = batch.p.iter().fold(0.0_f64, |most, p| most.max(p.abs()));
        if self.inner.traits().uses_gradient && size_of_p > 0.0 {
            let points = some(&(0..n).collect::<Vec<_>>());
            // Along two directions of which none is special.
            for shift in [0, 1] {
                let entry = |k: usize| {
                    let hash = (k + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (40 + shift);
                    0.5 + (hash % 1024) as f64 / 1024.0
                };
                let sign = |k: usize| {
                    if (k + shift).is_multiple_of(2) {
                        1.0
                    } else {
                        -1.0
                    }
                };
                let direction = (0..c * d).map(|k| sign(k) * entry(k));
                let along = Varied::Slope(direction.collect());
                judged |= self.compare_along(batch, &points, &along, size_of_p)?;
            }
        }
        if judged {
            self.left.store(0, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Compares at these points; false if too few can be judged.
    fn compare_along(
        &self,
        batch: &Batch<'_>,
        points: &[usize],
        varied: &Varied,
        size: f64,
    ) -> Result<bool> {
        let (c, d) = (batch.c, batch.d);
        let [mut x, mut u, mut p, mut h] = [const { Vec::new() }; 4];
        let shifts: Vec<f64> = std::iter::once(0.0)
            .chain(STEPS.iter().flat_map(|step| [step * size, -step * size]))
            .collect();
        for point in points {
            for shift in &shifts {
                x.extend_from_slice(&batch.x[point * d..(point + 1) * d]);
                let (of_u, of_p) = (u.len(), p.len());
                u.extend_from_slice(&batch.u[point * c..(point + 1) * c]);
                p.extend_from_slice(&batch.p[point * c * d..(point + 1) * c * d]);
                if !batch.h.is_empty() {
                    let width = c * d * d;
                    h.extend_from_slice(&batch.h[point * width..(point + 1) * width]);
                }
                match varied {
                    Varied::Value(i) => u[of_u + i] += shift,
                    Varied::Slope(direction) => {
                        let entries = p[of_p..].iter_mut().zip(direction);
                        entries.for_each(|(p, along)| *p += shift * along);
                    }
                }
            }
        }
        let many = Batch {
            x: &x,
            u: &u,
            p: &p,
            h: &h,
            ..*batch
        };
        let count = points.len() * shifts.len();
        let mut f = vec![0.0; count];
        let mut slopes = vec![
            0.0;
            match varied {
                Varied::Value(_) => count * c,
                Varied::Slope(_) => count * c * d,
            }
        ];
        let mut wanted = Derivatives {
            f: Some(&mut f),
            ..Derivatives::default()
        };
        match varied {
            Varied::Value(_) => wanted.f_u = Some(&mut slopes),
            Varied::Slope(_) => wanted.f_p = Some(&mut slopes),
        }
        self.inner.evaluate(&many, &mut wanted)?;
        let width = slopes.len() / count;
        let (mut judged, mut wrong, mut first) = (0, 0, None);
        for (at, f) in f.chunks_exact(shifts.len()).enumerate() {
            let row = at * shifts.len() * width;
            let given: f64 = match varied {
                Varied::Value(i) => slopes[row + i],
                Varied::Slope(direction) => {
                    let entries = slopes[row..row + width].iter().zip(direction);
                    entries.map(|(f_p, along)| f_p * along).sum()
                }
            };
            let Some(found) = difference(f, size) else {
                continue;
            };
            // Where f is flat and is said to be, nothing can be wrong.
            if given == 0.0 && found.value.abs() <= 20.0 * found.error {
                continue;
            }
            judged += 1;
            let accepted = ACCEPTED * found.value.abs().max(given.abs()) + 20.0 * found.error;
            if (given - found.value).abs() > accepted {
                wrong += 1;
                first.get_or_insert((points[at], given, found.value));
            }
        }
        let Some((point, given, found)) = first.filter(|_| judged >= LEAST && 2 * wrong > judged)
        else {
            return Ok(judged >= LEAST);
        };
        let (name, along) = match varied {
            Varied::Value(_) => ("f_u", ""),
            Varied::Slope(_) => ("f_p", " along a direction"),
        };
        Err(Error::new(
            ErrorKind::Callback,
            format!(
                "{name}{along} is {given:.6e} where differences of f give {found:.6e}, at x = {}, u = {}, and at {wrong} of \
                 {judged} points it differs: accepted is the derivative of f",
                position(batch.x, d, point),
                position(batch.u, c, point),
            ),
        ))
    }
}

/// Some of the points, from the middle of each part: the ends of a batch are corners of the domain.
fn some(points: &[usize]) -> Vec<usize> {
    let n = points.len();
    let places = (0..POINTS.min(n)).map(|k| (2 * k + 1) * n / (2 * POINTS.min(n)));
    places.filter_map(|at| points.get(at).copied()).collect()
}

/// A difference of values, and what it may be off by.
struct Difference {
    value: f64,
    error: f64,
}

/// The derivative from the values at 0 and at pairs of shifts; none at kinks, or where a value is not finite.
fn difference(f: &[f64], size: f64) -> Option<Difference> {
    let (middle, pairs) = f.split_first()?;
    if f.iter().any(|f| !f.is_finite()) {
        return None;
    }
    let largest = f.iter().fold(0.0_f64, |most, f| most.max(f.abs()));
    let slopes = pairs.chunks_exact(2).zip(STEPS).filter_map(|(pair, step)| {
        let [after, before] = *pair else { return None };
        let h = step * size;
        let sides = [(after - middle) / h, (middle - before) / h];
        let rounding = 4.0 * f64::EPSILON * largest / h;
        Some((
            0.5 * (sides[0] + sides[1]),
            (sides[0] - sides[1]).abs(),
            rounding,
        ))
    });
    let mut slopes: Vec<_> = slopes.collect();
    let finest = slopes.pop();
    let best = slopes.windows(2).map(|pair| {
        let [(coarse, ..), (fine, kink, rounding)] = *pair else {
            return (f64::NAN, f64::INFINITY, f64::INFINITY);
        };
        (fine, (coarse - fine).abs() + rounding, kink)
    });
    let (value, error, kink) = best.min_by(|a, b| a.1.total_cmp(&b.1))?;
    // At a kink the sides differ however near they are.
    let is_smooth = kink <= 0.1 * value.abs() + 10.0 * error
        || slopes
            .last()
            .is_some_and(|(value, kink, rounding)| *kink <= 0.01 * value.abs() + 10.0 * rounding);
    // Where many waves lie between two points, coarse steps agree on a mean of them.
    let is_resolved = finest.is_some_and(|(finest, _, rounding)| {
        (finest - value).abs() <= 0.1 * value.abs() + 10.0 * (error + rounding)
    });
    (is_smooth && is_resolved).then_some(Difference { value, error })
}

impl<D: EnergyDensity> EnergyDensity for Compared<D> {
    fn traits(&self) -> Traits {
        self.inner.traits()
    }

    fn components(&self) -> usize {
        self.inner.components()
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        let of_slopes = wanted.f_u.is_some() || wanted.f_p.is_some();
        self.inner.evaluate(batch, wanted)?;
        if of_slopes && batch.n() >= POINTS && self.left.load(Ordering::Relaxed) > 0 {
            self.left.fetch_sub(1, Ordering::Relaxed);
            self.compare(batch).inspect_err(|_| {
                // The next call is told the same.
                self.left.store(CALLS, Ordering::Relaxed);
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `f(u, p)` with slopes that are so many times too large.
    struct Wrong {
        f: fn(f64, f64) -> [f64; 3],
        of_u: f64,
        of_p: f64,
    }

    impl EnergyDensity for Wrong {
        fn traits(&self) -> Traits {
            Traits {
                uses_gradient: true,
                ..Traits::default()
            }
        }

        fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
            for (at, (u, p)) in batch.u.iter().zip(batch.p).enumerate() {
                let [f, f_u, f_p] = (self.f)(*u, *p);
                if let Some(place) = &mut wanted.f {
                    place[at] = f;
                }
                if let Some(place) = &mut wanted.f_u {
                    place[at] = self.of_u * f_u;
                }
                if let Some(place) = &mut wanted.f_p {
                    place[at] = self.of_p * f_p;
                }
            }
            Ok(())
        }
    }

    fn outcome(f: fn(f64, f64) -> [f64; 3], (of_u, of_p): (f64, f64), scale: f64) -> Result<()> {
        let x: Vec<f64> = (0..60).map(|i| f64::from(i) / 60.0).collect();
        let u: Vec<f64> = x.iter().map(|x| scale * (7.0 * x).cos()).collect();
        let p: Vec<f64> = x.iter().map(|x| -7.0 * scale * (7.0 * x).sin()).collect();
        let batch = Batch {
            c: 1,
            d: 1,
            t: 0.0,
            x: &x,
            u: &u,
            p: &p,
            h: &[],
        };
        let (mut f_u, mut f_p) = (vec![0.0; 60], vec![0.0; 60]);
        let mut wanted = Derivatives {
            f_u: Some(&mut f_u),
            f_p: Some(&mut f_p),
            ..Derivatives::default()
        };
        Compared::new(Wrong { f, of_u, of_p }).evaluate(&batch, &mut wanted)
    }

    const DENSITIES: [fn(f64, f64) -> [f64; 3]; 6] = [
        |u, p| [0.5 * (u * u + p * p), u, p],
        |u, p| {
            [
                (u * u - 1.0).powi(2) / 4.0 + p.powi(4),
                u * (u * u - 1.0),
                4.0 * p.powi(3),
            ]
        },
        |u, p| {
            let root = (p * p + 1e-6_f64).sqrt();
            [root + u.cos(), -u.sin(), p / root]
        },
        |u, p| [u.abs() + p.abs(), u.signum(), p.signum()],
        |u, p| {
            [
                u.max(0.0) + p.max(0.0),
                f64::from(u > 0.0),
                f64::from(p > 0.0),
            ]
        },
        |u, p| [1e6 + 3.0 * u - p, 3.0, -1.0],
    ];

    /// Whether differences tell the slopes of a density at so large u and p: not where the values are so much larger
    /// than what varies that their rounding hides it, nor where many waves of a cosine lie between two points.
    fn is_seen(which: usize, scale: f64) -> bool {
        match which {
            1 | 5 => scale > 1e-3,
            2 => (1e-3..1e3).contains(&scale),
            _ => true,
        }
    }

    #[test]
    fn wrong_slopes_are_found_and_right_ones_pass() {
        for (which, f) in DENSITIES.into_iter().enumerate() {
            for scale in [1e-6, 1.0, 1e5] {
                let told = outcome(f, (1.0, 1.0), scale);
                assert!(told.is_ok(), "{which} at {scale}: {told:?}");
                if !is_seen(which, scale) {
                    continue;
                }
                for factor in [2.0, 0.5, 1.1, -1.0, 0.0] {
                    for (factors, name) in [((factor, 1.0), "f_u"), ((1.0, factor), "f_p")] {
                        let told = outcome(f, factors, scale)
                            .expect_err(&format!("{which} at {scale}, {factors:?}"));
                        assert_eq!(told.kind(), ErrorKind::Callback);
                        assert!(
                            told.message().starts_with(name),
                            "{which} {factors:?}: {told}"
                        );
                    }
                }
            }
        }
    }
}
