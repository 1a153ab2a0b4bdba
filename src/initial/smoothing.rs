//! Smooth stand-ins for initial conditions with jumps.
//!
//! No network follows a jump, and in trying it grows slopes between the nodes that the energy then
//! suffers from. A diffusion forgets within the first step what is shorter than its length, so the
//! fit may as well leave it out, as long as the long waves stay what they were. A Gaussian of width
//! s takes `exp(-(q s)^2/2)` of a wave `q`; the kernel here takes
//! `exp(-e) (1 + e + e^2/2) = 1 - e^3/6 + ...`, `e = (q s)^2/2`.

use super::Field;
use crate::domain::Domain;
use crate::error::Result;
use crate::quadrature::check_size;

/// Cells of the grid in one width of the kernel.
const CELLS: f64 = 16.0;

/// Widths after which the kernel is cut off: 1e-12 of it are beyond.
const REACH: f64 = 8.0;

/// Values per axis that a cell's average is taken from.
const PARTS: usize = 3;

/// Values that are asked for at once, about.
const BATCH: usize = 1 << 16;

/// Dimensions in which a grid of the domain can be held.
pub(crate) const MOST_DIMENSIONS: usize = 3;

/// A function on a box, smoothed; beyond the box it is reflected.
pub(crate) struct Smoothed {
    width: f64,
    axes: Vec<Axis>,
    /// Averages over the cells of the grid, the reflected ones included.
    values: Vec<f64>,
}

/// The grid along one axis.
struct Axis {
    lower: f64,
    cell: f64,
    /// Cells within the box.
    inside: usize,
    /// Cells beyond each end.
    margin: usize,
}

impl Axis {
    fn new(lower: f64, upper: f64, width: f64) -> Self {
        let inside = (CELLS * (upper - lower) / width).ceil().max(2.0);
        let cell = (upper - lower) / inside;
        Self {
            lower,
            cell,
            inside: inside as usize,
            margin: (REACH * width / cell).ceil() as usize + 1,
        }
    }

    const fn len(&self) -> usize {
        self.inside + 2 * self.margin
    }

    /// Which cell of the box a cell of the whole grid mirrors.
    const fn mirrored(&self, index: usize) -> usize {
        let period = 2 * self.inside;
        // The margin may be many times the box.
        let from_lower = (index + period * (self.margin / period + 1) - self.margin) % period;
        if from_lower < self.inside {
            from_lower
        } else {
            period - 1 - from_lower
        }
    }

    /// The first cell within reach of `x`, and the kernel and its derivative at the cells from there.
    fn kernel(&self, x: f64, width: f64) -> (usize, Vec<[f64; 2]>) {
        let at = (x - self.lower) / self.cell + self.margin as f64 - 0.5;
        let reach = REACH * width / self.cell;
        let first = (at - reach).ceil().max(0.0) as usize;
        let last = ((at + reach).floor().max(0.0) as usize).min(self.len() - 1);
        let scale = self.cell / (width * (2.0 * std::f64::consts::PI).sqrt());
        let weight = |index: usize| {
            let z = (at - index as f64) * self.cell / width;
            let (z2, gauss) = (z * z, scale * (-0.5 * z * z).exp());
            // 1 - He_2/2 + He_4/8, He_n the Hermite polynomials.
            let polynomial = 1.875 - 1.25 * z2 + 0.125 * z2 * z2;
            let slope = z * (0.5 * z2 - 2.5 - polynomial);
            [gauss * polynomial, gauss * slope / width]
        };
        (first, (first..=last).map(weight).collect())
    }
}

/// Refuses a width whose grid would be too large.
pub(crate) fn check_width(domain: &Domain, width: f64) -> Result<()> {
    let size = |axes: Vec<Axis>| axes.iter().map(|a| a.len() as f64).product::<f64>();
    check_size(
        "initial_smoothing",
        size(axes(domain, width)),
        domain.dimension(),
    )
}

fn axes(domain: &Domain, width: f64) -> Vec<Axis> {
    let sides = domain.lower().iter().zip(domain.upper());
    sides
        .map(|(lower, upper)| Axis::new(*lower, *upper, width))
        .collect()
}

impl Smoothed {
    /// `field` smoothed by a kernel of this width, for which [`check_width`] holds.
    pub fn new(domain: &Domain, width: f64, field: &mut Field<'_>) -> Result<Self> {
        let axes = axes(domain, width);
        let inside = averages(&axes, field)?;
        let size = axes.iter().map(Axis::len).product();
        let values = (0..size).map(|mut index| {
            // The last axis runs fastest.
            let (mut from, mut stride) = (0, 1);
            for axis in axes.iter().rev() {
                from += axis.mirrored(index % axis.len()) * stride;
                stride *= axis.inside;
                index /= axis.len();
            }
            inside[from]
        });
        Ok(Self {
            width,
            values: values.collect(),
            axes,
        })
    }

    /// Values and, when wanted, gradients at positions `x`.
    pub fn evaluate(&self, x: &[f64], u: &mut [f64], mut grad: Option<&mut [f64]>) {
        let d = self.axes.len();
        for (point, (x, u)) in x.chunks_exact(d).zip(u).enumerate() {
            let along = self.axes.iter().zip(x);
            let kernels: Vec<_> = along.map(|(a, x)| a.kernel(*x, self.width)).collect();
            let jet = self.contract(&kernels, 0);
            *u = jet[0];
            if let Some(grad) = &mut grad {
                grad[point * d..(point + 1) * d].copy_from_slice(&jet[1..=d]);
            }
        }
    }

    /// Value and gradient of the kernels applied along the axes that are left, from the part of the
    /// grid that `row` counts.
    fn contract(
        &self,
        kernels: &[(usize, Vec<[f64; 2]>)],
        row: usize,
    ) -> [f64; 1 + MOST_DIMENSIONS] {
        let mut jet = [0.0; 1 + MOST_DIMENSIONS];
        let axis = self.axes.len() - kernels.len();
        let Some(((first, kernel), rest)) = kernels.split_first() else {
            return jet;
        };
        let start = row * self.axes[axis].len() + first;
        for (index, [value, slope]) in (start..).zip(kernel) {
            if rest.is_empty() {
                let u = self.values[index];
                jet[0] += value * u;
                jet[1 + axis] += slope * u;
            } else {
                let inner = self.contract(rest, index);
                jet.iter_mut().zip(inner).for_each(|(j, i)| *j += value * i);
                jet[1 + axis] += slope * inner[0];
            }
        }
        jet
    }
}

/// The average of `field` over each cell of the box.
fn averages(axes: &[Axis], field: &mut Field<'_>) -> Result<Vec<f64>> {
    let d = axes.len();
    let parts = PARTS.pow(d as u32);
    let size: usize = axes.iter().map(|a| a.inside).product();
    let mut averages = vec![0.0; size];
    let cells = (BATCH / parts).max(1);
    let (mut x, mut u) = (Vec::new(), Vec::new());
    for (batch, averages) in averages.chunks_mut(cells).enumerate() {
        x.clear();
        x.resize(averages.len() * parts * d, 0.0);
        for (k, x) in x.chunks_exact_mut(d).enumerate() {
            let (mut cell, mut part) = (batch * cells + k / parts, k % parts);
            for (x, axis) in x.iter_mut().zip(axes).rev() {
                let place = (part % PARTS) as f64 + 0.5;
                let from_lower = (cell % axis.inside) as f64 + place / PARTS as f64;
                *x = axis.lower + axis.cell * from_lower;
                cell /= axis.inside;
                part /= PARTS;
            }
        }
        u.clear();
        u.resize(averages.len() * parts, 0.0);
        field(&x, &mut u, None)?;
        super::check_values("u_0", &u, &x, axes.len())?;
        for (average, u) in averages.iter_mut().zip(u.chunks_exact(parts)) {
            *average = u.iter().sum::<f64>() / parts as f64;
        }
    }
    Ok(averages)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DomainChoice;
    use std::f64::consts::PI;

    fn domain(d: usize) -> Domain {
        Domain::new(DomainChoice::Box, vec![-1.0; d], vec![2.0; d]).unwrap()
    }

    #[test]
    fn waves_keep_their_shape_and_the_known_part_of_their_height() {
        // An eigenfunction of every reflection-symmetric smoothing.
        for (d, width) in [(1, 0.05), (1, 4.0), (2, 0.2), (3, 0.6)] {
            let q: Vec<f64> = (1..=d).map(|k| PI * k as f64 / 3.0).collect();
            let factor = |x: &[f64], axis: usize| (q[axis] * (x[axis] + 1.0)).cos();
            let wave = |x: &[f64]| (0..d).map(|a| factor(x, a)).product::<f64>();
            let mut field = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
                let x = x.chunks_exact(d);
                u.iter_mut().zip(x).for_each(|(u, x)| *u = wave(x));
                Ok(())
            };
            let smoothed = Smoothed::new(&domain(d), width, &mut field).unwrap();
            // What is left of a wave, the averages over cells included.
            let left = |q: f64, cell: f64| {
                let e = 0.5 * (q * width).powi(2);
                let sinc = if q * cell > 0.0 {
                    (0.5 * q * cell).sin() / (0.5 * q * cell)
                } else {
                    1.0
                };
                (-e).exp() * (1.0 + e + 0.5 * e * e) * sinc
            };
            let axes = q.iter().zip(&smoothed.axes);
            let height: f64 = axes.map(|(q, axis)| left(*q, axis.cell)).product();
            let x: Vec<f64> = (0..d).map(|a| 0.37 + 0.5 * a as f64).collect();
            let (mut u, mut grad) = ([0.0], vec![0.0; d]);
            smoothed.evaluate(&x, &mut u, Some(&mut grad));
            // An average is taken from three values per axis, whence 1e-4.
            assert!((u[0] - height * wave(&x)).abs() < 1e-4, "{d} {width}");
            for axis in 0..d {
                let others = (0..d).filter(|a| *a != axis).map(|a| factor(&x, a));
                let slope = -q[axis] * (q[axis] * (x[axis] + 1.0)).sin();
                let exact = height * slope * others.product::<f64>();
                assert!((grad[axis] - exact).abs() < 2e-4, "{d} {width} {axis}");
            }
        }
    }

    #[test]
    fn the_long_waves_of_a_jump_stay() {
        let width = 0.1;
        let mut jump = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
            let below = |x: &f64| f64::from(u8::from(*x < 0.4));
            u.iter_mut().zip(x).for_each(|(u, x)| *u = below(x));
            Ok(())
        };
        let smoothed = Smoothed::new(&domain(1), width, &mut jump).unwrap();
        let n = 3000;
        let x: Vec<f64> = (0..n)
            .map(|i| -1.0 + 3.0 * (i as f64 + 0.5) / n as f64)
            .collect();
        let mut u = vec![0.0; n];
        smoothed.evaluate(&x, &mut u, None);
        for k in 0..8 {
            let q = PI * f64::from(k) / 3.0;
            let waves = x.iter().map(|x| (q * (x + 1.0)).cos());
            let moment: f64 = waves.zip(&u).map(|(c, u)| 3.0 / n as f64 * c * u).sum();
            let exact = if k == 0 { 1.4 } else { (q * 1.4).sin() / q };
            // The jump lies within a third of a cell of where the averages see it.
            let lost = (0.5 * (q * width).powi(2)).powi(3) / 6.0;
            assert!(
                (moment - exact).abs() < 1.2e-3 + lost,
                "{k}: {moment} {exact}"
            );
        }
    }

    #[test]
    fn a_grid_too_large_is_refused() {
        let message = |d, width| check_width(&domain(d), width).unwrap_err().to_string();
        assert!(message(2, 1e-4).contains("`initial_smoothing`"));
    }
}
