//! Periodic equations: closed forms of diffusion, and spectral solutions of Allen-Cahn's.

use crate::exact::{Exact, Spectral, growth, start_from};
use crate::reference::{Equation, Fourier, Space, kinked, random_waves};
use movimento::movement::Movement;
use movimento::{Result, Solver};
use std::f64::consts::{PI, TAU};

/// The class of fields that the benchmarks of TENG begin with: 64 sines and cosines with `|k|^2 <= 205`.
const WAVES: usize = 64;
const MOST: i64 = 205;
const HIGHEST: usize = 14;

/// Root mean square of ours, and the seed of the draw.
const SIZE: f64 = 0.3;
const SEED: u64 = 1;

fn square(highest: usize) -> (Fourier, Vec<f64>) {
    let space = Fourier::new(2, -PI, TAU, highest);
    let field = random_waves(&space, WAVES, MOST, SIZE, SEED);
    (space, field)
}

pub fn teng_heat() -> Diffusion {
    let (space, field) = square(HIGHEST);
    let rates = space.eigenvalues().iter().map(|l| 0.1 * l).collect();
    Diffusion {
        space,
        field,
        rates,
    }
}

pub fn teng_allen_cahn() -> impl Exact {
    let (space, field) = square(95);
    // The same draw in a space without what is nothing at first.
    let (small, waves) = square(HIGHEST);
    let equation = Equation {
        kappa: 0.005,
        well: 1.0,
    };
    let initial = move |x: &[f64], u: &mut [f64]| u.copy_from_slice(&small.evaluate(&waves, x));
    // Exact stages take minutes in this space.
    Spectral::new(equation, space, field, initial)
        .smooth(0.02)
        .without_floor()
}

pub fn allen_cahn_of_pinns() -> impl Exact {
    let space = Fourier::new(1, -1.0, 2.0, 767);
    let field = kinked(&space);
    let equation = Equation {
        kappa: 1e-4,
        well: 5.0,
    };
    let initial = |x: &[f64], u: &mut [f64]| {
        let points = x.iter().zip(u);
        points.for_each(|(x, u)| *u = x * x * (PI * x).cos());
    };
    Spectral::new(equation, space, field, initial).smooth(5e-4)
}

/// `u_t = kappa Laplacian u`, wave by wave.
pub struct Diffusion {
    space: Fourier,
    field: Vec<f64>,
    /// kappa times the eigenvalues.
    rates: Vec<f64>,
}

impl Diffusion {
    /// Waves that decay at these rates, or grow where they are negative.
    pub const fn new(space: Fourier, field: Vec<f64>, rates: Vec<f64>) -> Self {
        Self {
            space,
            field,
            rates,
        }
    }

    fn with(&self, x: &[f64], factor: impl Fn(f64) -> f64) -> Vec<f64> {
        let pairs = self.field.iter().zip(&self.rates);
        let field: Vec<f64> = pairs.map(|(c, rate)| c * factor(*rate)).collect();
        self.space.evaluate(&field, x)
    }
}

impl Exact for Diffusion {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        start_from(solver, |x, u| {
            u.copy_from_slice(&self.space.evaluate(&self.field, x));
        })
    }

    fn solution(&mut self, x: &[f64], time: f64) -> Vec<f64> {
        self.with(x, |rate| (-rate * time).exp())
    }

    fn movement(&self, x: &[f64], movement: &Movement, tau: f64, steps: u64) -> Option<Vec<f64>> {
        Some(self.with(x, |rate| growth(movement, tau * rate).powf(steps as f64)))
    }
}
