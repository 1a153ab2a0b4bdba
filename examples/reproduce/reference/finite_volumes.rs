//! Finite volumes for `rho_t = (rho V')' + rho''` in one dimension with `V = a/4 (x^2 - b^2)^2`: Scharfetter
//! and Gummel's fluxes, which keep the equilibrium `exp(-V)` exactly, and extrapolation in the width of
//! the cells.

/// Cells of the coarser of the two grids, and where they end: `exp(-V)` is nothing there.
const CELLS: usize = 800;
pub const END: f64 = 5.0;

/// Time steps in a unit of time: third order, so far below what the cells leave.
const STEPS: f64 = 2000.0;

/// `x / (e^x - 1)`.
pub(super) fn bernoulli(x: f64) -> f64 {
    if x.abs() < 1e-5 {
        1.0 - 0.5 * x + x * x / 12.0
    } else {
        x / x.exp_m1()
    }
}

/// The potential, and the Gaussian that the density begins as.
#[derive(Clone, Copy, Debug)]
pub struct DoubleWell {
    pub a: f64,
    pub b: f64,
    pub mean: f64,
    pub variance: f64,
}

impl DoubleWell {
    pub fn potential(&self, x: f64) -> f64 {
        let u = x * x - self.b * self.b;
        0.25 * self.a * u * u
    }

    /// Averages over cells at a time.
    pub fn cells(&self, count: usize, time: f64) -> Vec<f64> {
        let width = 2.0 * END / count as f64;
        let edge = |i: usize| -END + width * i as f64;
        let centre = |i: usize| edge(i) + 0.5 * width;
        let bell = |x: f64| {
            (-0.5 * (x - self.mean).powi(2) / self.variance).exp()
                / (std::f64::consts::TAU * self.variance).sqrt()
        };
        // Averages by Simpson's rule.
        let mut rho: Vec<f64> = (0..count)
            .map(|i| (bell(edge(i)) + 4.0 * bell(centre(i)) + bell(edge(i + 1))) / 6.0)
            .collect();
        // The flux through edge i, between cells i - 1 and i: (from_left rho_(i-1) - from_right rho_i).
        let jump = |i: usize| self.potential(centre(i)) - self.potential(centre(i - 1));
        let from_left: Vec<f64> = (1..count).map(|i| bernoulli(jump(i)) / width).collect();
        let from_right: Vec<f64> = (1..count).map(|i| bernoulli(-jump(i)) / width).collect();
        let steps = (time * STEPS).ceil().max(1.0) as usize;
        let tau = time / steps as f64;
        // (1 - z/3) u_1 = u_0 and so on: an L-stable method of third order, SDIRK of Norsett and Crouzeix.
        let g = 0.435_866_521_508_459;
        let (b1, b2) = (-1.5 * g * g + 4.0 * g - 0.25, 1.5 * g * g - 5.0 * g + 1.25);
        let apply = |u: &[f64]| -> Vec<f64> {
            let flux = |i: usize| match i {
                0 => 0.0,
                i if i == count => 0.0,
                i => from_left[i - 1] * u[i - 1] - from_right[i - 1] * u[i],
            };
            (0..count)
                .map(|i| (flux(i) - flux(i + 1)) / width)
                .collect()
        };
        let solve = |right: &[f64]| {
            // (1 - tau g L) u = right, L tridiagonal.
            let s = tau * g / width;
            let (mut upper, mut u) = (vec![0.0; count], vec![0.0; count]);
            for i in 0..count {
                let left = if i > 0 { from_left[i - 1] } else { 0.0 };
                let right_in = if i + 1 < count { from_right[i] } else { 0.0 };
                let out = if i > 0 { from_right[i - 1] } else { 0.0 }
                    + if i + 1 < count { from_left[i] } else { 0.0 };
                let mut diagonal = 1.0 + s * out;
                let mut value = right[i];
                if i > 0 {
                    diagonal += s * left * upper[i - 1];
                    value += s * left * u[i - 1];
                }
                upper[i] = -s * right_in / diagonal;
                u[i] = value / diagonal;
            }
            for i in (0..count - 1).rev() {
                u[i] -= upper[i] * u[i + 1];
            }
            u
        };
        let plus = |u: &[f64], terms: &[(f64, &Vec<f64>)]| -> Vec<f64> {
            let mut sum = u.to_vec();
            for (weight, k) in terms {
                sum.iter_mut()
                    .zip(*k)
                    .for_each(|(s, k)| *s += tau * weight * k);
            }
            sum
        };
        for _ in 0..steps {
            let k1 = apply(&solve(&rho));
            let k2 = apply(&solve(&plus(&rho, &[(0.5 * (1.0 - g), &k1)])));
            let k3 = apply(&solve(&plus(&rho, &[(b1, &k1), (b2, &k2)])));
            rho = plus(&rho, &[(b1, &k1), (b2, &k2), (g, &k3)]);
        }
        rho
    }

    /// Values at the centres of the coarse cells, extrapolated: averages are values + h^2/24 second
    /// differences, and the method is of second order.
    pub fn values(&self, time: f64) -> Vec<f64> {
        let point = |rho: &[f64]| -> Vec<f64> {
            let at = |i: usize| rho[i.min(rho.len() - 1)];
            (0..rho.len())
                .map(|i| at(i) - (at(i + 1) - 2.0 * at(i) + at(i.saturating_sub(1))) / 24.0)
                .collect()
        };
        let coarse = point(&self.cells(CELLS, time));
        let fine = point(&self.cells(3 * CELLS, time));
        // The centre of a coarse cell is that of the middle one of its three.
        let pairs = coarse.iter().zip(fine.iter().skip(1).step_by(3));
        pairs.map(|(c, f)| f + (f - c) / 8.0).collect()
    }

    /// Through six values about x.
    #[allow(dead_code)] // the test of the reference has no use for it
    pub fn interpolate(values: &[f64], x: f64) -> f64 {
        through_six(values, END, x)
    }
}

/// At x, through six of the values at the centres of cells of `[-end, end]`.
pub(super) fn through_six(values: &[f64], end: f64, x: f64) -> f64 {
    let width = 2.0 * end / values.len() as f64;
    let place = (x + end) / width - 0.5;
    let first = (place.floor() as isize - 2).clamp(0, values.len() as isize - 6) as usize;
    let t = place - first as f64;
    (0..6)
        .map(|i| {
            let others = (0..6).filter(|j| *j != i);
            let factor: f64 = others
                .map(|j| (t - j as f64) / (i as f64 - j as f64))
                .product();
            factor * values[first + i]
        })
        .sum()
}
