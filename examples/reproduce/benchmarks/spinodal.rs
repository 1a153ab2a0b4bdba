//! Spinodal decomposition, the first benchmark of PFHub (Jokisaari, Voorhees, Guyer, Warren and Heinonen, "Benchmark
//! problems for numerical implementations of phase field models", 2017): the energy over time, without flux through
//! the sides.

use crate::exact::{Exact, start_from};
use movimento::energy::{Batch, Derivatives, EnergyDensity, Mobility, Traits};
use movimento::{Energy, Result, Solver};
use std::cell::Cell;
use std::sync::Arc;

/// `f = 5 (c - 0.3)^2 (0.7 - c)^2 + 2/2 |grad c|^2`, and the mobility.
struct Spinodal;

const HEIGHT: f64 = 5.0;
const LOW: f64 = 0.3;
const HIGH: f64 = 0.7;
const STIFFNESS: f64 = 2.0;
const MOBILITY: f64 = 5.0;

/// The side of the box.
pub const SIDE: f64 = 200.0;

/// Times and energies, by 128 cosines along each axis and an exponential integrator of second order with steps of an
/// error of 4e-6; those of 200 cosines and 1e-6 differ by 6e-5 at most, up to t = 20.
const ENERGIES: [(f64, f64); 10] = [
    (1.0, 318.8378),
    (2.0, 318.5688),
    (5.0, 317.0189),
    (10.0, 304.1266),
    (20.0, 209.4218),
    (50.0, 166.671),
    (100.0, 129.898),
    (200.0, 111.453),
    (500.0, 92.203),
    (1000.0, 73.986),
];

pub fn energies() -> Result<Vec<Energy>> {
    Ok(vec![Energy::from_density("spinodal", Arc::new(Spinodal))])
}

fn beginning(x: &[f64]) -> f64 {
    let (x, y) = (x[0], x[1]);
    let waves = (0.105 * x).cos() * (0.11 * y).cos()
        + ((0.13 * x).cos() * (0.087 * y).cos()).powi(2)
        + (0.025 * x - 0.15 * y).cos() * (0.07 * x - 0.02 * y).cos();
    0.5 + 0.01 * waves
}

impl EnergyDensity for Spinodal {
    fn traits(&self) -> Traits {
        Traits {
            uses_gradient: true,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        batch.check(wanted)?;
        let d = batch.d;
        if let Some(f) = &mut wanted.f {
            let points = f.iter_mut().zip(batch.u).zip(batch.p.chunks_exact(d));
            for ((f, u), p) in points {
                let square: f64 = p.iter().map(|p| p * p).sum();
                let product = (u - LOW) * (HIGH - u);
                *f = HEIGHT * product * product + 0.5 * STIFFNESS * square;
            }
        }
        if let Some(f_u) = &mut wanted.f_u {
            let slope = |u: &f64| 2.0 * HEIGHT * (u - LOW) * (HIGH - u) * (LOW + HIGH - 2.0 * u);
            f_u.iter_mut().zip(batch.u).for_each(|(f, u)| *f = slope(u));
        }
        if let Some(f_p) = &mut wanted.f_p {
            let points = f_p.iter_mut().zip(batch.p);
            points.for_each(|(f, p)| *f = STIFFNESS * p);
        }
        for zero in [&mut wanted.f_x, &mut wanted.f_up].into_iter().flatten() {
            zero.fill(0.0);
        }
        if let Some(f_uu) = &mut wanted.f_uu {
            let second = |u: &f64| {
                let middle = LOW + HIGH - 2.0 * u;
                2.0 * HEIGHT * (middle * middle - 2.0 * (u - LOW) * (HIGH - u))
            };
            f_uu.iter_mut()
                .zip(batch.u)
                .for_each(|(f, u)| *f = second(u));
        }
        if let Some(f_pp) = &mut wanted.f_pp {
            for matrix in f_pp.chunks_exact_mut(d * d) {
                matrix.fill(0.0);
                let diagonal = matrix.iter_mut().step_by(d + 1);
                diagonal.for_each(|f| *f = STIFFNESS);
            }
        }
        Ok(())
    }
}

/// What is known of the run: energies at times.
pub struct Decomposed {
    /// Time and energy after the last step.
    last: Cell<Option<[f64; 2]>>,
}

impl Decomposed {
    pub const fn new() -> Self {
        Self {
            last: Cell::new(None),
        }
    }
}

impl Exact for Decomposed {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        solver.set_mobility(Mobility::of_position(2, |_| MOBILITY))?;
        start_from(solver, |x, u| {
            let points = x.chunks_exact(2).zip(u);
            points.for_each(|(x, u)| *u = beginning(x));
        })
    }

    /// The relative error of the energy at the times at which it is known that this step has passed.
    fn moment_error(&self, solver: &Solver) -> Result<Option<f64>> {
        let now = solver.time();
        let Some(report) = solver.report() else {
            return Ok(None);
        };
        let then = self.last.replace(Some([now, report.energy]));
        let Some([before, energy]) = then else {
            return Ok(None);
        };
        let passed = ENERGIES
            .iter()
            .filter(|(time, _)| before < *time && *time <= now);
        let errors = passed.map(|(time, known)| {
            let part = (time - before) / (now - before);
            let found = energy + part * (report.energy - energy);
            (found / known - 1.0).abs()
        });
        Ok(errors.reduce(f64::max))
    }
}
