//! Fields that are held: between bounds, or to a volume.

use super::boundaries::Known;
use crate::exact::{Exact, start_from};
use crate::problem::term;
use movimento::domain::{BoundaryValue, Bounds};
use movimento::{Energy, Result, Solver};
use std::f64::consts::PI;
use std::sync::Arc;

/// What pulls the membrane down.
const LOAD: f64 = 8.0;

/// Where its ends are held.
const HEIGHT: f64 = 1.0;

/// `int |u'|^2/2 + f u`.
pub fn membrane() -> Result<Vec<Energy>> {
    let load = |_: f64, _: &[f64]| -LOAD;
    Ok(vec![
        term("dirichlet", &[("kappa", &[1.0])])?,
        Energy::from_source("load", Arc::new(load)),
    ])
}

/// A membrane that is held at its ends and rests on the ground: `f/2 (|x| - a)_+^2`, `a = 1 - sqrt(2 g / f)`.
pub fn obstacle() -> Known {
    Known {
        d: 1,
        pose: |solver| {
            solver.set_dirichlet(None, &BoundaryValue::Constant(HEIGHT))?;
            let (lower, upper) = (0.0, f64::INFINITY);
            solver.set_bounds(Bounds::Constant { lower, upper })
        },
        u: |x, _| {
            let ends = 1.0 - (2.0 * HEIGHT / LOAD).sqrt();
            0.5 * LOAD * (x[0].abs() - ends).max(0.0).powi(2)
        },
        rate: None,
        begins: Some(|_| HEIGHT),
        covers: |_| true,
    }
}

/// Allen-Cahn's energy on `[-1, 1]^2` of a volume that is kept: an ellipse becomes a disc.
pub struct KeptVolume {
    pub steps: u64,
}

/// The mean of u that is held, `2 pi r^2 - 1` with r = 1/4.
const MEAN: f64 = PI / 8.0 - 1.0;

/// The energies after a step and at rest in the log of others.
const AFTER_A_STEP: f64 = 32.25;
const AT_REST: f64 = 28.02;

/// `int |grad u|^2/2 + 25 (u^2 - 1)^2`.
pub fn phases() -> Result<Vec<Energy>> {
    Ok(vec![
        term("dirichlet", &[("kappa", &[1.0])])?,
        term("double-well", &[("eps", &[0.1])])?,
    ])
}

impl Exact for KeptVolume {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        solver.set_dirichlet(None, &BoundaryValue::Constant(-1.0))?;
        solver.hold_mean(MEAN)?;
        start_from(solver, |x, u| {
            for (x, u) in x.chunks_exact(2).zip(u) {
                *u = -(10.0 * (x[0].hypot(2.0 * x[1]) - 0.5)).tanh();
            }
        })
    }

    /// How far the energy is from that of others after the first step and the last, and the mean from its value
    /// after each.
    fn moment_error(&self, solver: &Solver) -> Result<Option<f64>> {
        let Some(report) = solver.report() else {
            return Ok(None);
        };
        let mean = report.mass / 4.0;
        let of = |known: f64| (report.energy / known - 1.0).abs();
        let energy = match report.step {
            1 => of(AFTER_A_STEP),
            step if step == self.steps => of(AT_REST),
            _ => 0.0,
        };
        Ok(Some(energy.max((mean - MEAN).abs())))
    }
}
