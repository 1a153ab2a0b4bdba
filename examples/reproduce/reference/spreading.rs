//! The source solution of the p-Laplacian's flow, `u_t = div(|grad u|^(p - 2) grad u)` for p > 2.

/// `u = t^(-d b) (1 - k s^(p/(p - 1)))_+^((p - 1)/(p - 2))`, `s = |x| t^-b`, with `b = 1/(d (p - 2) + p)` and
/// `k = (p - 2)/p b^(1/(p - 1))`: compact, with a front that moves.
#[derive(Clone, Copy, Debug)]
pub struct SpreadingPower {
    pub dimension: usize,
    pub p: f64,
}

impl SpreadingPower {
    fn rate(&self) -> f64 {
        1.0 / (self.dimension as f64 * (self.p - 2.0) + self.p)
    }

    fn constant(&self) -> f64 {
        (self.p - 2.0) / self.p * self.rate().powf(1.0 / (self.p - 1.0))
    }

    /// u at a point and a time above 0.
    pub fn value(&self, x: &[f64], time: f64) -> f64 {
        let (p, b) = (self.p, self.rate());
        let s = x.iter().map(|x| x * x).sum::<f64>().sqrt() * time.powf(-b);
        let inside = 1.0 - self.constant() * s.powf(p / (p - 1.0));
        time.powf(-b * self.dimension as f64) * inside.max(0.0).powf((p - 1.0) / (p - 2.0))
    }

    /// Where the front is at a time.
    #[allow(dead_code)] // only the test of the reference asks
    pub fn radius(&self, time: f64) -> f64 {
        self.constant().powf((1.0 - self.p) / self.p) * time.powf(self.rate())
    }
}
