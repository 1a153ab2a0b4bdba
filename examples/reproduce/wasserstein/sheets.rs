//! Charged sheets in one dimension, `W = r^2/2 - r`, from Barenblatt's profile for m = 2: mass with the
//! part F below it is drawn to `2 F - 1` at the rate 1, so `X = 2 F - 1 + e^-t (x - 2 F + 1)`, and comes to
//! rest evenly over [-1, 1].

use crate::exact::Exact;
use movimento::initial::profile::Barenblatt;
use movimento::movement::Movement;
use movimento::{Initial, Result, Solver};
use std::sync::Arc;

pub struct Sheets {
    start: Barenblatt,
}

impl Sheets {
    pub fn new() -> Result<Self> {
        Ok(Self {
            start: Barenblatt::new(1, 2.0, 0.1)?,
        })
    }

    /// `2 F - 1` and its derivative at `s = x / R`.
    fn rest(s: f64) -> (f64, f64) {
        (1.5 * (s - s.powi(3) / 3.0), 1.5 * (1.0 - s * s))
    }

    /// The density where each mass keeps the part `decay` of its way to rest.
    fn density(&self, decay: f64, y: f64) -> f64 {
        let radius = self.start.radius();
        let place = |s: f64| {
            let (rest, slope) = Self::rest(s);
            (
                rest + decay * (radius * s - rest),
                slope + decay * (radius - slope),
            )
        };
        if y.abs() > place(1.0).0 {
            return 0.0;
        }
        let (mut low, mut high) = (-1.0, 1.0);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if place(middle).0 < y {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * Self::rest(low).1 / place(low).1
    }
}

impl Exact for Sheets {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        solver.set_initial(Initial::Density(Arc::new(self.start.clone())))
    }

    fn solution(&mut self, x: &[f64], time: f64) -> Vec<f64> {
        let decay = (-time).exp();
        x.iter().map(|y| self.density(decay, *y)).collect()
    }

    fn movement(&self, x: &[f64], movement: &Movement, tau: f64, steps: u64) -> Option<Vec<f64>> {
        let mut stages = vec![1.0];
        for row in movement.stages {
            let strength: f64 = row.iter().sum();
            let pull: f64 = row.iter().zip(&stages).map(|(g, u)| g * u).sum();
            stages.push(pull / (strength + tau));
        }
        let decay = stages.pop()?.powf(steps as f64);
        Some(x.iter().map(|y| self.density(decay, *y)).collect())
    }
}
