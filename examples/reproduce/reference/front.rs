//! A front with ripples that move, manufactured (PFHub's benchmark 7): with the source here it solves
//! `u_t = kappa Laplacian u - 4 u (u - 1) (u - 1/2) + S(t, x, y)`.

use std::f64::consts::PI;

/// `u = (1 - tanh z)/2`, `z = (y - a(t, x)) / sqrt(2 kappa)`,
/// `a = 1/4 + A1 t sin(B1 x) + A2 sin(B2 x + C2 t)`.
#[derive(Clone, Copy, Debug)]
pub struct RippledFront {
    pub kappa: f64,
    pub a1: f64,
    pub b1: f64,
    pub a2: f64,
    pub b2: f64,
    pub c2: f64,
}

impl RippledFront {
    /// Part a of the benchmark.
    pub const PFHUB_A: Self = Self {
        kappa: 4e-4,
        a1: 0.0075,
        b1: 8.0 * PI,
        a2: 0.03,
        b2: 22.0 * PI,
        c2: 0.0625 * PI,
    };

    /// u at a time and a point.
    pub fn value(&self, t: f64, x: &[f64]) -> f64 {
        0.5 * (1.0 - self.tanh(t, x))
    }

    /// S at a time and a point. With `l = sqrt(2 kappa)`, so that `4 u (u - 1) (u - 1/2)` is
    /// `kappa u_yy`, it is `sech^2 z [(a_t - kappa a_xx) / (2 l) - tanh z a_x^2 / 2]`.
    pub fn source(&self, t: f64, x: &[f64]) -> f64 {
        let Self {
            kappa,
            a1,
            b1,
            a2,
            b2,
            c2,
        } = *self;
        let (long, short) = ((b1 * x[0]).sin_cos(), (b2 * x[0] + c2 * t).sin_cos());
        let in_time = a1 * long.0 + a2 * c2 * short.1;
        let slope = a1 * b1 * t * long.1 + a2 * b2 * short.1;
        let second = -a1 * b1 * b1 * t * long.0 - a2 * b2 * b2 * short.0;
        let tanh = self.tanh(t, x);
        let speed = (in_time - kappa * second) / (2.0 * (2.0 * kappa).sqrt());
        (1.0 - tanh * tanh) * (speed - 0.5 * tanh * slope * slope)
    }

    fn tanh(&self, t: f64, x: &[f64]) -> f64 {
        let long = self.a1 * t * (self.b1 * x[0]).sin();
        let short = self.a2 * (self.b2 * x[0] + self.c2 * t).sin();
        ((x[1] - 0.25 - long - short) / (2.0 * self.kappa).sqrt()).tanh()
    }
}
