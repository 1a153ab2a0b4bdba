//! Problems whose solution is told by what holds on the boundary, with closed forms.

use crate::exact::{Exact, growth, start_from};
use crate::problem::term;
use movimento::movement::Movement;
use movimento::{Result, Solver};

/// A closed form on the boundary of whose domain something is posed.
pub struct Known {
    /// The dimension.
    pub d: usize,
    /// Poses it.
    pub pose: fn(&mut Solver) -> Result<()>,
    /// u at a point at a time.
    pub u: fn(&[f64], f64) -> f64,
    /// The rate at which u decays, where it is a mode.
    pub rate: Option<f64>,
    /// What the flow begins with, where that is not u at time 0.
    pub begins: Option<fn(&[f64]) -> f64>,
}

impl Exact for Known {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        (self.pose)(solver)?;
        start_from(solver, |x, u| {
            for (x, u) in x.chunks_exact(self.d).zip(u) {
                *u = self.begins.map_or_else(|| (self.u)(x, 0.0), |begins| begins(x));
            }
        })
    }

    fn solution(&mut self, x: &[f64], time: f64) -> Vec<f64> {
        x.chunks_exact(self.d).map(|x| (self.u)(x, time)).collect()
    }

    fn movement(&self, x: &[f64], movement: &Movement, tau: f64, steps: u64) -> Option<Vec<f64>> {
        let factor = growth(movement, tau * self.rate?).powf(steps as f64);
        let points = x.chunks_exact(self.d);
        Some(points.map(|x| factor * (self.u)(x, 0.0)).collect())
    }
}

/// `w tan(w/2) = 1`: the lowest mode of `u_n + u = 0` on an interval of length 1 is `cos(w x)` about its middle.
const W: f64 = 1.306_542_374_188_806;

fn cosines(x: &[f64], w: f64) -> f64 {
    x.iter().map(|x| (w * x).cos()).product()
}

/// `u_t = Laplacian u` with `u_n + u = 0` on the boundary of a box of sides 1.
pub fn robin(d: usize) -> Known {
    Known {
        d,
        pose: |solver| {
            let energy = term("quadratic", &[("kappa", &[1.0])])?;
            solver.add_boundary_energy(&energy, None)
        },
        u: |x, t| (-W * W * t * x.len() as f64).exp() * cosines(x, W),
        rate: Some(W * W * d as f64),
        begins: None,
    }
}
