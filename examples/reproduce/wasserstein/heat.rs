//! The heat equation of section 4.2.1: `u_0 = (1 + cos(x_1)/5 + cos(x_2)/5) / (4 pi^2)` on
//! `[-pi, pi]^2`.

use crate::exact::Exact;
use movimento::initial::profile::OnBox;
use movimento::{Initial, Result, Solver};
use std::f64::consts::TAU;
use std::sync::Arc;

pub struct Cosine;

fn put(x: &[f64], time: f64, u: &mut [f64]) {
    let decay = 0.2 * (-time).exp();
    for (x, u) in x.chunks_exact(2).zip(u) {
        *u = (1.0 + decay * (x[0].cos() + x[1].cos())) / (TAU * TAU);
    }
}

impl Exact for Cosine {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        let density = |x: &[f64], u: &mut [f64]| {
            put(x, 0.0, u);
            Ok(())
        };
        let domain = solver.domain().as_box();
        let profile = OnBox::new(domain, Arc::new(density))?;
        solver.set_initial(Initial::Density(Arc::new(profile)))
    }

    fn solution(&mut self, x: &[f64], time: f64) -> Vec<f64> {
        let mut u = vec![0.0; x.len() / 2];
        put(x, time, &mut u);
        u
    }
}
