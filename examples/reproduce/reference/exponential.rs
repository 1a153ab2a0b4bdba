//! The equation in time: the exponential Runge-Kutta method of order 4 of Cox and Matthews, the
//! diffusion exact.

use super::{Equation, Space};

/// Time steps graded toward the start, where data with jumps change fast: intervals that double in
/// length, each cut into the same number of steps.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    pub intervals: u32,
    pub steps: u32,
}

/// The field after `time`.
pub fn exponential(
    space: &impl Space,
    equation: &Equation,
    start: &[f64],
    time: f64,
    schedule: &Schedule,
) -> Vec<f64> {
    let rates: Vec<f64> = space
        .eigenvalues()
        .iter()
        .map(|l| -equation.kappa * l)
        .collect();
    let mut field = start.to_vec();
    // The first interval is as long as the second.
    let mut length = time * 0.5_f64.powi(schedule.intervals as i32 - 1);
    for interval in 0..schedule.intervals {
        let step = Step::new(&rates, length / f64::from(schedule.steps));
        for _ in 0..schedule.steps {
            field = step.advance(space, equation, &field);
        }
        if interval > 0 {
            length *= 2.0;
        }
    }
    field
}

/// The weights of one step, an entry a mode.
struct Step {
    /// `exp(h l)` and `exp(h l / 2)`
    whole: Vec<f64>,
    half: Vec<f64>,
    /// `h/2 phi_1(h l / 2)`
    stage: Vec<f64>,
    /// Of the values at the start, in the middle (twice) and at the end.
    weights: [Vec<f64>; 3],
}

impl Step {
    fn new(rates: &[f64], h: f64) -> Self {
        let each = |f: &dyn Fn(f64) -> f64| rates.iter().map(|l| f(h * l)).collect();
        Self {
            whole: each(&f64::exp),
            half: each(&|z| (0.5 * z).exp()),
            stage: each(&|z| 0.5 * h * phi(0.5 * z)[0]),
            weights: [
                each(&|z| {
                    let [p1, p2, p3] = phi(z);
                    h * (p1 - 3.0 * p2 + 4.0 * p3)
                }),
                each(&|z| {
                    let [_, p2, p3] = phi(z);
                    h * (2.0 * p2 - 4.0 * p3)
                }),
                each(&|z| {
                    let [_, p2, p3] = phi(z);
                    h * (4.0 * p3 - p2)
                }),
            ],
        }
    }

    fn advance(&self, space: &impl Space, equation: &Equation, u: &[f64]) -> Vec<f64> {
        let reaction = |field: &[f64]| space.pointwise(field, |u| equation.react(u));
        let stage = |from: &[f64], n: &dyn Fn(usize) -> f64| -> Vec<f64> {
            (0..u.len())
                .map(|k| self.half[k] * from[k] + self.stage[k] * n(k))
                .collect()
        };
        let n_u = reaction(u);
        let a = stage(u, &|k| n_u[k]);
        let n_a = reaction(&a);
        let n_b = reaction(&stage(u, &|k| n_a[k]));
        let n_c = reaction(&stage(&a, &|k| 2.0 * n_b[k] - n_u[k]));
        let [start, middle, end] = &self.weights;
        (0..u.len())
            .map(|k| {
                self.whole[k] * u[k]
                    + start[k] * n_u[k]
                    + middle[k] * (n_a[k] + n_b[k])
                    + end[k] * n_c[k]
            })
            .collect()
    }
}

/// `phi_1, phi_2, phi_3` at z <= 0, `phi_n(z) = sum_k z^k / (k + n)!`.
fn phi(z: f64) -> [f64; 3] {
    if z < -1.0 {
        let first = z.exp_m1() / z;
        let second = (first - 1.0) / z;
        return [first, second, (second - 0.5) / z];
    }
    // Near 0 the quotients lose all their digits and the series gains one a term.
    let third = (0..20).rev().fold(0.0, |sum, k| {
        // sum_k z^k 3!/(k + 3)!, inside out
        1.0 + z * sum / f64::from(k + 4)
    }) / 6.0;
    let second = 0.5 + z * third;
    [1.0 + z * second, second, third]
}
