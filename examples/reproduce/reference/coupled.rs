//! Fields of several components in closed form.

use std::f64::consts::PI;

/// Two fields that diffuse and draw each other: `F = int k_1 |grad u|^2/2 + k_2 |grad v|^2/2 + g (u - v)^2/2` on
/// the unit square without flux, from `u = a_1 w`, `v = a_2 w` of one wave `w = cos(pi x) cos(pi y)`.
#[derive(Clone, Copy, Debug)]
pub struct TwoFields {
    /// Diffusivities k.
    pub kappa: [f64; 2],
    /// The coupling g.
    pub coupling: f64,
    /// Heights of the wave at the beginning.
    pub start: [f64; 2],
}

impl TwoFields {
    /// The wave at a point.
    pub fn wave(x: &[f64]) -> f64 {
        x.iter().map(|x| (PI * x).cos()).product()
    }

    /// The heights of the wave when each eigenvector of `(u, v)' = -A (u, v)` has been multiplied by this
    /// function of its rate, in dimension d: `exp(-rate t)` is the flow.
    pub fn heights(&self, d: usize, factor: impl Fn(f64) -> f64) -> [f64; 2] {
        let lambda = PI * PI * d as f64;
        let [a, b] = self.kappa.map(|k| k * lambda + self.coupling);
        // Of a symmetric matrix [a, -g; -g, b].
        let (mean, half) = (0.5 * (a + b), 0.5 * (a - b));
        let root = half.hypot(self.coupling);
        let turn = 0.5 * (-self.coupling).atan2(half);
        let (sin, cos) = turn.sin_cos();
        let [u, v] = self.start;
        let along = [
            (cos * u + sin * v) * factor(mean + root),
            (cos * v - sin * u) * factor(mean - root),
        ];
        [
            cos * along[0] - sin * along[1],
            sin * along[0] + cos * along[1],
        ]
    }
}

/// The director `n = (cos phi, sin phi)` of the harmonic-map heat flow on the unit square without flux:
/// `phi_t = Laplacian phi`, from `phi = a cos(pi x) cos(pi y)`. With the penalty `(|n|^2 - 1)^2 / (4 delta^2)` in
/// the place of |n| = 1, |n|^2 is `1 - delta^2 |grad phi|^2` and phi is off by as much of its own.
#[derive(Clone, Copy, Debug)]
pub struct Director {
    /// The height a of phi.
    pub height: f64,
}

impl Director {
    /// n when the wave of phi has been multiplied by a factor, which is `exp(-d pi^2 t)` of the flow.
    pub fn at(&self, x: &[f64], factor: f64) -> [f64; 2] {
        let phi = self.height * factor * TwoFields::wave(x);
        [phi.cos(), phi.sin()]
    }

    /// The rate at which phi decays in dimension d.
    pub fn rate(d: usize) -> f64 {
        PI * PI * d as f64
    }
}
