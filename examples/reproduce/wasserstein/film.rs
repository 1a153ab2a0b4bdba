//! Smyth and Hill's source solution of the thin-film equation, a film that wets.

use crate::exact::Exact;
use movimento::initial::profile::{Barenblatt, Profile};
use movimento::movement::Movement;
use movimento::{Initial, Result, Solver};
use std::f64::consts::PI;
use std::sync::Arc;

/// `h = c t^(-d b) (L^2 - |x|^2 t^(-2 b))_+^2`, `b = 1/(d + 4)`, `c = 1/(8 (d + 2) (d + 4))`, of mass 1 on a line or
/// in the plane.
pub struct Film {
    pub dimension: usize,
    /// The time since the point source at which the flow starts.
    pub start: f64,
}

/// The power of a Barenblatt profile that is a square.
const SQUARE: f64 = 1.5;

impl Film {
    fn rate(&self) -> f64 {
        1.0 / (self.dimension as f64 + 4.0)
    }

    /// Where the film ends.
    fn radius(&self, time: f64) -> f64 {
        // The mass is c times 16/15 L^5, or pi/3 L^6.
        let length = match self.dimension {
            1 => (120.0_f64 * 15.0 / 16.0).powf(0.2),
            _ => (192.0 * 3.0 / PI).powf(1.0 / 6.0),
        };
        length * time.powf(self.rate())
    }

    /// The Barenblatt profile of the same radius, which is the same function.
    fn profile(&self, radius: f64) -> Result<Barenblatt> {
        let unit = Barenblatt::new(self.dimension, SQUARE, 1.0)?.radius();
        let k = 1.0 / (self.dimension as f64 * (SQUARE - 1.0) + 2.0);
        Barenblatt::new(self.dimension, SQUARE, (radius / unit).powf(1.0 / k))
    }

    fn density(&self, x: &[f64], radius: f64) -> Result<Vec<f64>> {
        let mut rho = vec![0.0; x.len() / self.dimension];
        self.profile(radius)?.density(x, &mut rho, None)?;
        Ok(rho)
    }
}

impl Exact for Film {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        let profile = self.profile(self.radius(self.start))?;
        solver.set_initial(Initial::Density(Arc::new(profile)))
    }

    fn solution(&mut self, x: &[f64], time: f64) -> Vec<f64> {
        let radius = self.radius(self.start + time);
        self.density(x, radius).unwrap_or_default()
    }

    /// The flow only dilates: the factor l solves `l' = b / t_0 l^(1 - 1/b)`, and so do its stages.
    fn movement(&self, x: &[f64], movement: &Movement, tau: f64, steps: u64) -> Option<Vec<f64>> {
        let (power, rate) = (1.0 - 1.0 / self.rate(), self.rate() / self.start);
        let mut factor = 1.0_f64;
        for _ in 0..steps {
            let mut stages = vec![factor];
            for row in movement.stages {
                let strength = row.iter().sum::<f64>() / tau;
                let pull: f64 = row.iter().zip(&stages).map(|(g, l)| g * l / tau).sum();
                let mut l = *stages.last()?;
                for _ in 0..50 {
                    let misfit = strength * l - pull - rate * l.powf(power);
                    l -= misfit / (strength - rate * power * l.powf(power - 1.0));
                }
                stages.push(l);
            }
            factor = stages.pop()?;
        }
        self.density(x, factor * self.radius(self.start)).ok()
    }
}
