//! Products of cosines on a square, and the transforms to and from values.

use super::Space;
use rustdct::{DctPlanner, TransformType2And3};
use std::f64::consts::PI;
use std::sync::Arc;

/// The span of `cos(i pi (x - lower)/length) cos(j pi (y - lower)/length)`, i, j < `modes`. A field
/// is its coefficients, `[modes][modes]`. On a square that is symmetric about `lower` this is the
/// space of the even fields, so a quarter of it is enough.
pub struct Cosines {
    pub lower: f64,
    pub length: f64,
    pub modes: usize,
    /// Points per axis on which products are taken.
    fine: usize,
    transform: Arc<dyn TransformType2And3<f64>>,
}

impl Cosines {
    pub fn new(lower: f64, length: f64, modes: usize) -> Self {
        // A product of three has frequencies up to 3 (modes - 1), which 2 modes points fold back
        // onto frequencies not below modes.
        let fine = 2 * modes;
        Self {
            lower,
            length,
            modes,
            fine,
            transform: DctPlanner::new().plan_dct2(fine),
        }
    }

    /// Values at the cell centres of the fine grid.
    fn values(&self, field: &[f64]) -> Vec<f64> {
        let along_y = self.synthesize(field);
        self.synthesize(&transposed(&along_y, self.fine))
    }

    fn coefficients(&self, values: Vec<f64>) -> Vec<f64> {
        let along_x = self.analyze(values);
        self.analyze(transposed(&along_x, self.modes))
    }

    /// Rows of coefficients into rows of values.
    fn synthesize(&self, rows: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; rows.len() / self.modes * self.fine];
        let mut scratch = vec![0.0; self.transform.get_scratch_len()];
        let rows = rows.chunks_exact(self.modes);
        for (row, out) in rows.zip(out.chunks_exact_mut(self.fine)) {
            out[..self.modes].copy_from_slice(row);
            // The transform halves the constant.
            out[0] *= 2.0;
            self.transform.process_dct3_with_scratch(out, &mut scratch);
        }
        out
    }

    /// Rows of values into rows of coefficients.
    fn analyze(&self, mut rows: Vec<f64>) -> Vec<f64> {
        let mut out = Vec::with_capacity(rows.len() / self.fine * self.modes);
        let mut scratch = vec![0.0; self.transform.get_scratch_len()];
        let scale = 2.0 / self.fine as f64;
        for row in rows.chunks_exact_mut(self.fine) {
            self.transform.process_dct2_with_scratch(row, &mut scratch);
            out.push(0.5 * scale * row[0]);
            out.extend(row[1..self.modes].iter().map(|v| scale * v));
        }
        out
    }
}

impl Space for Cosines {
    fn dimension(&self) -> usize {
        2
    }

    fn eigenvalues(&self) -> Vec<f64> {
        let q = |k: usize| k as f64 * PI / self.length;
        let row = |i| (0..self.modes).map(move |j| q(i).powi(2) + q(j).powi(2));
        (0..self.modes).flat_map(row).collect()
    }

    fn pointwise(&self, field: &[f64], f: impl Fn(&mut [f64])) -> Vec<f64> {
        let mut values = self.values(field);
        f(&mut values);
        self.coefficients(values)
    }

    fn evaluate(&self, field: &[f64], x: &[f64]) -> Vec<f64> {
        let modes = self.modes;
        // Diffusion leaves few modes that count.
        let largest = field.iter().fold(0.0_f64, |m, c| m.max(c.abs()));
        let counts = |k: &usize| {
            let (i, j) = (k / modes, k % modes);
            field[i * modes + j].abs() > 1e-17 * largest
        };
        let used = (0..field.len()).filter(counts);
        let used = 1 + used.map(|k| (k / modes).max(k % modes)).max().unwrap_or(0);
        let cosines = |x: f64| -> Vec<f64> {
            let theta = PI * (x - self.lower) / self.length;
            (0..used).map(|k| (k as f64 * theta).cos()).collect()
        };
        let at = |x: &[f64]| {
            let (a, b) = (cosines(x[0]), cosines(x[1]));
            let row = |i: usize| -> f64 {
                let row = &field[i * modes..];
                row.iter().zip(&b).map(|(c, b)| c * b).sum()
            };
            a.iter().enumerate().map(|(i, a)| a * row(i)).sum()
        };
        x.chunks_exact(2).map(at).collect()
    }
}

fn transposed(rows: &[f64], width: usize) -> Vec<f64> {
    let height = rows.len() / width;
    let mut out = vec![0.0; rows.len()];
    for (i, row) in rows.chunks_exact(width).enumerate() {
        for (j, v) in row.iter().enumerate() {
            out[j * height + i] = *v;
        }
    }
    out
}
