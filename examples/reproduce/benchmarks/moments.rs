//! Benchmarks whose exact solution is known by its moments.

use crate::exact::Exact;
use crate::reference::Trap;
use movimento::initial::profile::Mixture;
use movimento::{Energy, Initial, Result, Solver};
use std::f64::consts::TAU;
use std::sync::Arc;

/// The trap of SCVM's tests.
const TRAP: Trap = Trap {
    a: [1.0, 3.0],
    r: 3.0,
    diffusivity: 0.25,
    variance: 0.25,
};

pub fn trap() -> Result<Vec<Energy>> {
    Ok(TRAP.energies())
}

/// In that trap, from `N(beta(0), I/4)`.
pub struct Trapped;

impl Exact for Trapped {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        from_gaussian(solver, &TRAP.centre(0.0), TRAP.variance)
    }

    fn moment_error(&self, solver: &Solver) -> Result<Option<f64>> {
        let (mean, covariance) = solver.moments()?;
        Ok(Some(TRAP.missed(solver.time(), &mean, &covariance)))
    }
}

/// Keller and Segel's equation `rho_t = Laplacian rho - chi div(rho grad c)`, `-Laplacian c = rho`, of mass 1 in
/// the plane: the potential is `chi/(2 pi) W * rho` with `W = ln r`.
pub struct KellerSegel {
    pub chi: f64,
}

impl KellerSegel {
    pub fn energies(self) -> Result<Vec<Energy>> {
        let mut attraction = Energy::plugin("interaction-logarithm")?;
        attraction.set("c", &[self.chi / TAU])?;
        Ok(vec![Energy::plugin("entropy")?, attraction])
    }
}

impl Exact for KellerSegel {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        from_gaussian(solver, &[0.0, 0.0], 1.0)
    }

    /// The second moment about the origin is `2 + (4 - chi/(2 pi)) t`: by how much its slope since the beginning
    /// is off, relative.
    fn moment_error(&self, solver: &Solver) -> Result<Option<f64>> {
        let (mean, covariance) = solver.moments()?;
        let square = mean.iter().map(|m| m * m).sum::<f64>() + covariance[0] + covariance[3];
        let slope = 4.0 - self.chi / TAU;
        let found = (square - 2.0) / solver.time();
        Ok(Some(((found - slope) / slope).abs()))
    }
}

fn from_gaussian(solver: &mut Solver, mean: &[f64], variance: f64) -> Result<()> {
    let start = Mixture::new(2, &[1.0], mean, &[variance, 0.0, 0.0, variance])?;
    solver.set_initial(Initial::Density(Arc::new(start)))
}
