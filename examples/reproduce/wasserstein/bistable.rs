//! Diffusion in a double well, `rho_t = (rho V')' + rho''` with `V = a/4 (x^2 - b^2)^2`, against finite
//! volumes.

use crate::exact::Exact;
use crate::reference::DoubleWell;
use movimento::initial::profile::Mixture;
use movimento::{Initial, Result, Solver};
use std::sync::Arc;

pub struct Bistable(pub DoubleWell);

impl Exact for Bistable {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        let profile = Mixture::new(1, &[1.0], &[self.0.mean], &[self.0.variance])?;
        solver.set_initial(Initial::Density(Arc::new(profile)))
    }

    fn solution(&mut self, x: &[f64], time: f64) -> Vec<f64> {
        let values = self.0.values(time);
        let at = |x: &f64| DoubleWell::interpolate(&values, *x);
        x.iter().map(at).collect()
    }
}
