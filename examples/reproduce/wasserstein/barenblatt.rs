//! The source solution of the porous medium equation.

use crate::exact::Exact;
use movimento::initial::profile::{Barenblatt, Profile};
use movimento::movement::Movement;
use movimento::{Initial, Result, Solver};
use std::sync::Arc;

pub struct Source {
    pub dimension: usize,
    pub m: f64,
    /// The time since the point source at which the flow starts.
    pub start: f64,
}

impl Source {
    fn profile(&self, time: f64) -> Result<Barenblatt> {
        Barenblatt::new(self.dimension, self.m, time)
    }

    fn density(&self, x: &[f64], time: f64) -> Result<Vec<f64>> {
        let mut rho = vec![0.0; x.len() / self.dimension];
        self.profile(time)?.density(x, &mut rho, None)?;
        Ok(rho)
    }

    /// The exponent of t in the radius.
    fn k(&self) -> f64 {
        1.0 / (self.dimension as f64 * (self.m - 1.0) + 2.0)
    }
}

impl Exact for Source {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        solver.set_initial(Initial::Density(Arc::new(self.profile(self.start)?)))
    }

    fn solution(&mut self, x: &[f64], time: f64) -> Vec<f64> {
        self.density(x, self.start + time).unwrap_or_default()
    }

    /// The flow only dilates: the factor l solves `l' = k / t_0 l^(1 - 1/k)`, and so do its stages.
    fn movement(&self, x: &[f64], movement: &Movement, tau: f64, steps: u64) -> Option<Vec<f64>> {
        let (k, rate) = (self.k(), self.k() / self.start);
        let mut factor = 1.0_f64;
        for _ in 0..steps {
            let mut stages = vec![factor];
            for row in movement.stages {
                let strength = row.iter().sum::<f64>() / tau;
                let pull: f64 = row.iter().zip(&stages).map(|(g, l)| g * l / tau).sum();
                let mut l = *stages.last()?;
                for _ in 0..50 {
                    let power = 1.0 - 1.0 / k;
                    let misfit = strength * l - pull - rate * l.powf(power);
                    l -= misfit / (strength - rate * power * l.powf(power - 1.0));
                }
                stages.push(l);
            }
            factor = stages.pop()?;
        }
        // The same factor of the radius belongs to another time.
        self.density(x, self.start * factor.powf(1.0 / k)).ok()
    }
}
