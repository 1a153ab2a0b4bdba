//! Heat with walls whose temperature changes and a source, manufactured: solutions of `u_t = Laplacian u + S`.

/// `u = exp(-t) sin(z + 0.4) + exp(t + z)/10 - x^2/2` in the plane, `z = 0.6 x + 0.8 y`, with S = 1.
pub fn heated_plane(t: f64, x: &[f64]) -> f64 {
    let z = 0.6 * x[0] + 0.8 * x[1];
    (-t).exp() * (z + 0.4).sin() + 0.1 * t.exp() * z.exp() - 0.5 * x[0] * x[0]
}

/// In the unit ball, `u = g(t) + (1 - r^2) exp(-t) sin(q . x + 1/2)`, which on the sphere is `g = cos(3 t)/2`.
#[derive(Clone, Copy, Debug)]
pub struct HeatedBall;

impl HeatedBall {
    const Q: [f64; 3] = [0.9, -1.2, 0.8];

    /// g.
    pub fn wall(t: f64) -> f64 {
        0.5 * (3.0 * t).cos()
    }

    pub fn value(t: f64, x: &[f64]) -> f64 {
        let (phase, r2) = Self::phase(x);
        Self::wall(t) + (1.0 - r2) * (-t).exp() * phase.sin()
    }

    /// `S = g' + exp(-t) [(1 - r^2) (|q|^2 - 1) sin + 4 q . x cos + 2 d sin]` of the phase `q . x + 1/2`.
    pub fn source(t: f64, x: &[f64]) -> f64 {
        let (phase, r2) = Self::phase(x);
        let square: f64 = Self::Q.iter().map(|q| q * q).sum();
        let (sin, cos) = phase.sin_cos();
        let inside = ((1.0 - r2) * (square - 1.0) + 6.0) * sin + 4.0 * (phase - 0.5) * cos;
        -1.5 * (3.0 * t).sin() + (-t).exp() * inside
    }

    fn phase(x: &[f64]) -> (f64, f64) {
        let along: f64 = x.iter().zip(Self::Q).map(|(x, q)| q * x).sum();
        (along + 0.5, x.iter().map(|x| x * x).sum())
    }
}
