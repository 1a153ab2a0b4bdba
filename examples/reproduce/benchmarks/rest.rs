//! Poisson's equation with Neumann conditions: `u_t = Laplacian u + pi^2 sum_k cos(pi x_k)` on `[-1, 1]^d`
//! from 0, which rests at `sum_k cos(pi x_k)`.

use crate::exact::{Exact, growth};
use crate::problem::term;
use movimento::movement::Movement;
use movimento::{Energy, Initial, Result, Solver};
use std::f64::consts::PI;

const SQUARE: f64 = PI * PI;

pub fn energies() -> Result<Vec<Energy>> {
    Ok(vec![
        term("dirichlet", &[("kappa", &[1.0])])?,
        term("potential-cosine", &[("a", &[-SQUARE]), ("k", &[PI])])?,
    ])
}

pub struct Rest {
    pub dimension: usize,
}

impl Rest {
    fn cosines(&self, x: &[f64], height: f64) -> Vec<f64> {
        let points = x.chunks_exact(self.dimension);
        let sum = |x: &[f64]| x.iter().map(|x| (PI * x).cos()).sum::<f64>();
        points.map(|x| height * sum(x)).collect()
    }
}

impl Exact for Rest {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        solver.set_initial(Initial::Function {
            field: &mut |_, u, grad| {
                u.fill(0.0);
                if let Some(grad) = grad {
                    grad.fill(0.0);
                }
                Ok(())
            },
            has_gradient: true,
        })
    }

    /// Where it rests, whatever the time: that is what is asked for.
    fn solution(&mut self, x: &[f64], _: f64) -> Vec<f64> {
        self.cosines(x, 1.0)
    }

    /// What is missing decays as a mode of the rate `pi^2`.
    fn movement(&self, x: &[f64], movement: &Movement, tau: f64, steps: u64) -> Option<Vec<f64>> {
        let missing = growth(movement, tau * SQUARE).powf(steps as f64);
        Some(self.cosines(x, 1.0 - missing))
    }
}
