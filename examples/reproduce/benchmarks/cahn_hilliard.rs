//! Cahn and Hilliard's equation, the flow in H^-1: linear, of which each wave is known, and seven circles.

use super::periodic::Diffusion;
use crate::exact::{Exact, start_from};
use crate::problem::term;
use crate::reference::{Fourier, Space, random_waves};
use movimento::energy::{Batch, Derivatives, EnergyDensity, Traits};
use movimento::{Energy, Result, Solver};
use std::cell::Cell;
use std::f64::consts::{FRAC_PI_2, PI, TAU};
use std::sync::Arc;

/// `f = stiffness/2 |grad u|^2 - growth/2 u^2`: waves with `|k|^2 < growth / stiffness` grow.
struct Linear {
    stiffness: f64,
    growth: f64,
}

const LINEAR: Linear = Linear {
    stiffness: 0.1,
    growth: 0.3,
};

/// Waves of the beginning, all with `|k|^2 <= 8`.
const WAVES: usize = 8;
const MOST: i64 = 8;
const HIGHEST: usize = 2;

pub fn linear_energies() -> Result<Vec<Energy>> {
    Ok(vec![Energy::from_density("linear", Arc::new(LINEAR))])
}

/// `u_t = -Laplacian(stiffness Laplacian u + growth u)`, wave by wave.
pub fn linear() -> Diffusion {
    let space = Fourier::new(2, -PI, TAU, HIGHEST);
    let field = random_waves(&space, WAVES, MOST, 0.3, 1);
    let rate = |l: &f64| l * (LINEAR.stiffness * l - LINEAR.growth);
    let rates = space.eigenvalues().iter().map(rate).collect();
    Diffusion::new(space, field, rates)
}

impl EnergyDensity for Linear {
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
                *f = 0.5 * (self.stiffness * square - self.growth * u * u);
            }
        }
        if let Some(f_u) = &mut wanted.f_u {
            let points = f_u.iter_mut().zip(batch.u);
            points.for_each(|(f, u)| *f = -self.growth * u);
        }
        if let Some(f_p) = &mut wanted.f_p {
            let points = f_p.iter_mut().zip(batch.p);
            points.for_each(|(f, p)| *f = self.stiffness * p);
        }
        for zero in [&mut wanted.f_x, &mut wanted.f_up].into_iter().flatten() {
            zero.fill(0.0);
        }
        if let Some(f_uu) = &mut wanted.f_uu {
            f_uu.fill(-self.growth);
        }
        if let Some(f_pp) = &mut wanted.f_pp {
            for matrix in f_pp.chunks_exact_mut(d * d) {
                matrix.fill(0.0);
                matrix
                    .iter_mut()
                    .step_by(d + 1)
                    .for_each(|f| *f = self.stiffness);
            }
        }
        Ok(())
    }
}

/// The benchmark of Church, Guo, Jimack, Madzvamuse, Promislow, Wetton, Wise and Yang ("High accuracy benchmark
/// problems for Allen-Cahn and Cahn-Hilliard dynamics", 2019) with interfaces of the length 0.1.
const EPS: f64 = 0.1;
const CIRCLES: [([f64; 2], f64); 7] = [
    ([PI / 2.0, PI / 2.0], PI / 5.0),
    ([PI / 4.0, 3.0 * PI / 4.0], 2.0 * PI / 15.0),
    ([PI / 2.0, 5.0 * PI / 4.0], 2.0 * PI / 15.0),
    ([PI, PI / 4.0], PI / 10.0),
    ([3.0 * PI / 2.0, PI / 4.0], PI / 10.0),
    ([PI, PI], PI / 4.0),
    ([3.0 * PI / 2.0, 3.0 * PI / 2.0], PI / 4.0),
];

/// Points where circles vanish, and the times at which u changes sign there.
const VANISH: [([f64; 2], f64); 2] = [
    ([FRAC_PI_2, FRAC_PI_2], 6.3463),
    ([3.0 * FRAC_PI_2, 3.0 * FRAC_PI_2], 26.0087),
];

/// The energy at a time, by a spectral method.
const ENERGY: (f64, f64) = (1.0, 1.07135);

pub fn circles_energies() -> Result<Vec<Energy>> {
    Ok(vec![term("cahn-hilliard", &[("eps", &[EPS])])?])
}

/// Seven circles that exchange mass until two of them have vanished.
pub struct Circles {
    /// Time and values at the points after the last step.
    last: Cell<Option<(f64, [f64; 2])>>,
}

impl Circles {
    pub const fn new() -> Self {
        Self {
            last: Cell::new(None),
        }
    }
}

fn beginning(x: &[f64]) -> f64 {
    let inside = |(centre, radius): &([f64; 2], f64)| {
        let distance = (x[0] - centre[0]).hypot(x[1] - centre[1]) - radius;
        match distance < 0.0 {
            true => 2.0 * (-(EPS / distance).powi(2)).exp(),
            false => 0.0,
        }
    };
    CIRCLES.iter().map(inside).sum::<f64>() - 1.0
}

impl Exact for Circles {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        start_from(solver, |x, u| {
            let points = x.chunks_exact(2).zip(u);
            points.for_each(|(x, u)| *u = beginning(x));
        })
    }

    /// The relative error of the energy, or of a time at which a circle has vanished, where this step has passed
    /// one of them.
    fn moment_error(&self, solver: &Solver) -> Result<Option<f64>> {
        let now = solver.time();
        let x: Vec<f64> = VANISH.iter().flat_map(|(x, _)| *x).collect();
        let mut u = [0.0; 2];
        solver.evaluate(&x, &mut u, None)?;
        let mut missed = None;
        let mut compare = |found: f64, known: f64| {
            let error = (found / known - 1.0).abs();
            missed = Some(missed.map_or(error, |most: f64| most.max(error)));
        };
        let then = self.last.replace(Some((now, u)));
        if let (Some(report), true) = (solver.report(), (now - ENERGY.0).abs() < 1e-9) {
            compare(report.energy, ENERGY.1);
        }
        if let Some((before, values)) = then {
            for (((_, known), a), b) in VANISH.iter().zip(values).zip(u) {
                if a * b < 0.0 {
                    compare(before + (now - before) * a / (a - b), *known);
                }
            }
        }
        Ok(missed)
    }
}
