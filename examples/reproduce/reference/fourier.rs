//! Periodic fields on a line or a square, and the transforms to and from values.

use super::Space;
use rustfft::{Fft, FftPlanner, num_complex::Complex64};
use std::f64::consts::TAU;
use std::sync::Arc;

/// The real functions among the span of `exp(2 pi i k (x - lower)/length)`, each wave number at most
/// `highest` in size. A field is its complex coefficients as pairs, `[modes]^d` of them, wave numbers
/// in the order 0, 1, ... highest, -highest, ... -1.
pub struct Fourier {
    dimension: usize,
    lower: f64,
    length: f64,
    pub modes: usize,
    /// Points per axis on which products are taken.
    fine: usize,
    forward: Arc<dyn Fft<f64>>,
    backward: Arc<dyn Fft<f64>>,
}

impl Fourier {
    pub fn new(dimension: usize, lower: f64, length: f64, highest: usize) -> Self {
        // A product of three has wave numbers up to 3 highest, which fold back beyond the highest.
        let fine = 4 * (highest + 1);
        let mut planner = FftPlanner::new();
        Self {
            dimension,
            lower,
            length,
            modes: 2 * highest + 1,
            fine,
            forward: planner.plan_fft_forward(fine),
            backward: planner.plan_fft_inverse(fine),
        }
    }

    /// Coefficients, as many complex numbers as [`Space::eigenvalues`] has pairs.
    pub const fn len(&self) -> usize {
        2 * self.modes.pow(self.dimension as u32)
    }

    /// The wave number at a place along an axis.
    fn wave(&self, place: usize) -> f64 {
        if 2 * place < self.modes {
            place as f64
        } else {
            place as f64 - self.modes as f64
        }
    }

    /// Adds `Re(height exp(2 pi i k (x - lower)/length))` to a field, `[d]` wave numbers.
    pub fn add(&self, field: &mut [f64], k: &[i64], height: Complex64) {
        for (sign, value) in [(1, height), (-1, height.conj())] {
            let place = |k: &i64| (sign * k).rem_euclid(self.modes as i64) as usize;
            let at = k.iter().fold(0, |at, k| at * self.modes + place(k));
            field[2 * at] += 0.5 * value.re;
            field[2 * at + 1] += 0.5 * value.im;
        }
    }

    /// Puts rows of `from` numbers into rows of `fine`, or the other way, transforms, and turns the
    /// axes by one, so that as many calls as there are axes end in the first order.
    fn along(&self, rows: Vec<Complex64>, to_values: bool) -> Vec<Complex64> {
        let (modes, fine) = (self.modes, self.fine);
        let half = modes / 2;
        let (from, to) = if to_values {
            (modes, fine)
        } else {
            (fine, modes)
        };
        let count = rows.len() / from;
        let plan = if to_values {
            &self.backward
        } else {
            &self.forward
        };
        let mut scratch = vec![Complex64::ZERO; plan.get_inplace_scratch_len()];
        let mut row = vec![Complex64::ZERO; fine];
        let mut out = vec![Complex64::ZERO; count * to];
        for (which, given) in rows.chunks_exact(from).enumerate() {
            if to_values {
                row.fill(Complex64::ZERO);
                row[..=half].copy_from_slice(&given[..=half]);
                row[fine - half..].copy_from_slice(&given[half + 1..]);
            } else {
                row.copy_from_slice(given);
            }
            plan.process_with_scratch(&mut row, &mut scratch);
            for place in 0..to {
                let source = match to_values || place <= half {
                    true => row[place],
                    false => row[fine - modes + place],
                };
                out[place * count + which] = source;
            }
        }
        out
    }

    fn pairs(field: &[f64]) -> Vec<Complex64> {
        let pairs = field.chunks_exact(2);
        pairs.map(|pair| Complex64::new(pair[0], pair[1])).collect()
    }
}

impl Space for Fourier {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn eigenvalues(&self) -> Vec<f64> {
        let of = |mut at: usize| -> f64 {
            let mut sum = 0.0;
            for _ in 0..self.dimension {
                sum += (self.wave(at % self.modes) * TAU / self.length).powi(2);
                at /= self.modes;
            }
            sum
        };
        (0..self.len()).map(|at| of(at / 2)).collect()
    }

    fn pointwise(&self, field: &[f64], f: impl Fn(&mut [f64])) -> Vec<f64> {
        let mut grid = Self::pairs(field);
        for _ in 0..self.dimension {
            grid = self.along(grid, true);
        }
        let scale = 1.0 / grid.len() as f64;
        let mut values: Vec<f64> = grid.iter().map(|v| v.re).collect();
        f(&mut values);
        let scaled = values.iter().map(|v| Complex64::from(v * scale));
        grid = scaled.collect();
        for _ in 0..self.dimension {
            grid = self.along(grid, false);
        }
        grid.iter().flat_map(|c| [c.re, c.im]).collect()
    }

    fn evaluate(&self, field: &[f64], x: &[f64]) -> Vec<f64> {
        let field = Self::pairs(field);
        let largest = field.iter().fold(0.0_f64, |m, c| m.max(c.norm()));
        // Diffusion leaves few waves that count.
        let mut used = 0.0_f64;
        for (at, _) in (field.iter().enumerate()).filter(|(_, c)| c.norm() > 1e-17 * largest) {
            let along = [at % self.modes, at / self.modes].map(|at| self.wave(at % self.modes));
            used = along.iter().fold(used, |m, k| m.max(k.abs()));
        }
        let used = used as usize;
        let places: Vec<usize> = (0..=used).chain(self.modes - used..self.modes).collect();
        let waves = |x: f64| -> Vec<Complex64> {
            let turn = TAU * (x - self.lower) / self.length;
            let of = |place: &usize| Complex64::cis(self.wave(*place) * turn);
            places.iter().map(of).collect()
        };
        let along = |row: &[Complex64], waves: &[Complex64]| -> Complex64 {
            places.iter().zip(waves).map(|(p, w)| row[*p] * w).sum()
        };
        let at = |x: &[f64]| match x {
            [x] => along(&field, &waves(*x)).re,
            _ => {
                let (first, second) = (waves(x[0]), waves(x[1]));
                let row = |p: &usize| along(&field[p * self.modes..], &second);
                let rows = places.iter().zip(&first);
                rows.map(|(p, w)| (row(p) * w).re).sum()
            }
        };
        x.chunks_exact(self.dimension).map(at).collect()
    }
}
