//! A function on a box as a cubic spline through its values on a grid: quick anywhere, with two
//! derivatives.

use super::features::{Jet, MOST};

/// A tensor product of cubic B-splines.
#[derive(Clone, Debug)]
pub(in crate::flow) struct Spline {
    lower: Vec<f64>,
    upper: Vec<f64>,
    /// Grid points along an axis.
    per_axis: usize,
    /// Coefficients, the last axis fastest, with one more beyond either end of each axis.
    coefficients: Vec<f64>,
}

impl Spline {
    /// The grid points, `[per_axis^d][d]`, the last axis fastest.
    pub fn grid(lower: &[f64], upper: &[f64], per_axis: usize) -> Vec<f64> {
        let d = lower.len();
        let points = per_axis.pow(d as u32);
        let mut x = Vec::with_capacity(points * d);
        for point in 0..points {
            for a in 0..d {
                let i = point / per_axis.pow((d - 1 - a) as u32) % per_axis;
                let part = i as f64 / (per_axis - 1) as f64;
                x.push(lower[a] + part * (upper[a] - lower[a]));
            }
        }
        x
    }

    /// The spline through values on that grid.
    pub fn through(values: &[f64], lower: &[f64], upper: &[f64], per_axis: usize) -> Self {
        let d = lower.len();
        let mut now = values.to_vec();
        // One axis after the other: the first becomes the last.
        for _ in 0..d {
            let lines = now.len() / per_axis.max(1);
            let lines = if lines == 0 { 1 } else { lines };
            let mut next = vec![0.0; lines * (per_axis + 2)];
            for line in 0..lines {
                let along: Vec<f64> = (0..per_axis).map(|i| now[i * lines + line]).collect();
                let whole = &mut next[line * (per_axis + 2)..(line + 1) * (per_axis + 2)];
                interpolate(&along, whole);
            }
            now = next;
        }
        Self {
            lower: lower.to_vec(),
            upper: upper.to_vec(),
            per_axis,
            coefficients: now,
        }
    }

    /// The spline at x; beyond the box it goes on along its tangent.
    pub fn jet(&self, x: &[f64]) -> Jet {
        let d = self.lower.len();
        let cells = (self.per_axis - 1) as f64;
        let (mut first, mut parts, mut step) = ([0; MOST], [[[0.0; 4]; 3]; MOST], [0.0; MOST]);
        let mut beyond = [0.0; MOST];
        for a in 0..d {
            step[a] = (self.upper[a] - self.lower[a]) / cells;
            let inside = x[a].clamp(self.lower[a], self.upper[a]);
            beyond[a] = x[a] - inside;
            let t = (inside - self.lower[a]) / step[a];
            let cell = t.floor().clamp(0.0, cells - 1.0);
            first[a] = cell as usize;
            parts[a] = weights(t - cell);
        }
        let side = self.per_axis + 2;
        let mut jet = Jet::default();
        for corner in 0..4_usize.pow(d as u32) {
            let (mut index, mut place) = (0, [0; MOST]);
            for a in 0..d {
                place[a] = corner / 4_usize.pow((d - 1 - a) as u32) % 4;
                index = index * side + first[a] + place[a];
            }
            let c = self.coefficients[index];
            let product = |order: [usize; MOST]| {
                let parts =
                    (0..d).map(|a| parts[a][order[a]][place[a]] / step[a].powi(order[a] as i32));
                c * parts.product::<f64>()
            };
            jet.value += product([0; MOST]);
            for a in 0..d {
                let mut order = [0; MOST];
                order[a] = 1;
                jet.gradient[a] += product(order);
                for b in 0..d {
                    let mut both = order;
                    both[b] += 1;
                    jet.hessian[a * d + b] += product(both);
                }
            }
        }
        if beyond != [0.0; MOST] {
            let along = jet.gradient.iter().zip(&beyond).map(|(g, b)| g * b);
            jet.value += along.sum::<f64>();
            jet.hessian = [0.0; MOST * MOST];
        }
        jet
    }
}

/// The four B-splines of a cell at t in [0, 1], and their first two derivatives.
fn weights(t: f64) -> [[f64; 4]; 3] {
    let s = 1.0 - t;
    [
        [
            s * s * s / 6.0,
            2.0 / 3.0 - t * t + 0.5 * t * t * t,
            2.0 / 3.0 - s * s + 0.5 * s * s * s,
            t * t * t / 6.0,
        ],
        [
            -0.5 * s * s,
            -2.0 * t + 1.5 * t * t,
            2.0 * s - 1.5 * s * s,
            0.5 * t * t,
        ],
        [s, -2.0 + 3.0 * t, -2.0 + 3.0 * s, t],
    ]
}

/// Coefficients (`[n + 2]`) of the natural cubic spline through values (`[n]`): `c_{i-1} + 4 c_i + c_{i+1}
/// = 6 v_i`, with no second derivative at the ends.
fn interpolate(values: &[f64], coefficients: &mut [f64]) {
    let n = values.len();
    let inner = &mut coefficients[1..=n];
    inner.copy_from_slice(values);
    // The ends are values; between, the tridiagonal system by elimination.
    let mut ratio = vec![0.0; n];
    for i in 1..n.saturating_sub(1) {
        let pivot = 4.0 - ratio[i - 1];
        ratio[i] = 1.0 / pivot;
        inner[i] = (6.0 * values[i] - inner[i - 1]) / pivot;
    }
    for i in (1..n.saturating_sub(1)).rev() {
        inner[i] -= ratio[i] * inner[i + 1];
    }
    coefficients[0] = 2.0 * coefficients[1] - coefficients[2];
    coefficients[n + 1] = 2.0 * coefficients[n] - coefficients[n - 1];
}
