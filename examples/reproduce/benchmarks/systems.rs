//! Fields of several components: two coupled ones, and a director.

use crate::exact::{Exact, growth, start_from};
use crate::reference::{Director, TwoFields};
use movimento::energy::{Batch, Derivatives, EnergyDensity, SuppliedDerivatives, Traits};
use movimento::movement::Movement;
use movimento::{Energy, Result, Solver};
use std::sync::Arc;

pub const FIELDS: TwoFields = TwoFields {
    kappa: [0.1, 0.02],
    coupling: 5.0,
    start: [1.0, 0.0],
};

/// `sum_i k_i |grad u_i|^2/2` and a function of u.
struct Coupled<F> {
    kappa: [f64; 2],
    convex: bool,
    /// Value and derivatives of the function.
    reaction: F,
}

impl<F: Fn(&[f64]) -> (f64, [f64; 2]) + Send + Sync> EnergyDensity for Coupled<F> {
    fn traits(&self) -> Traits {
        Traits {
            uses_gradient: true,
            convex: self.convex,
            derivatives: SuppliedDerivatives::First,
            ..Traits::default()
        }
    }

    fn components(&self) -> usize {
        2
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        let (c, d) = (batch.c, batch.d);
        let nodes = batch.u.chunks_exact(c).zip(batch.p.chunks_exact(c * d));
        for (node, (u, p)) in nodes.enumerate() {
            let (value, slopes) = (self.reaction)(u);
            let kappa = |entry: usize| self.kappa[entry / d];
            if let Some(f) = &mut wanted.f {
                let squares = p.iter().enumerate().map(|(k, p)| 0.5 * kappa(k) * p * p);
                f[node] = value + squares.sum::<f64>();
            }
            if let Some(f_u) = &mut wanted.f_u {
                f_u[node * c..(node + 1) * c].copy_from_slice(&slopes);
            }
            if let Some(f_p) = &mut wanted.f_p {
                let f_p = &mut f_p[node * c * d..(node + 1) * c * d];
                let entries = f_p.iter_mut().zip(p).enumerate();
                entries.for_each(|(k, (f_p, p))| *f_p = kappa(k) * p);
            }
        }
        if let Some(f_x) = &mut wanted.f_x {
            f_x.fill(0.0);
        }
        Ok(())
    }
}

pub fn two_fields_energies() -> Result<Vec<Energy>> {
    let density = Coupled {
        kappa: FIELDS.kappa,
        convex: true,
        reaction: |u: &[f64]| {
            let apart = FIELDS.coupling * (u[0] - u[1]);
            (0.5 * apart * (u[0] - u[1]), [apart, -apart])
        },
    };
    Ok(vec![Energy::from_density("coupled", Arc::new(density))])
}

/// Their dimension.
const D: usize = 2;

pub struct Fields;

impl Fields {
    fn with(x: &[f64], factor: impl Fn(f64) -> f64) -> Vec<f64> {
        let heights = FIELDS.heights(D, factor);
        let points = x.chunks_exact(D).map(TwoFields::wave);
        points.flat_map(|w| heights.map(|a| a * w)).collect()
    }
}

impl Exact for Fields {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        start_from(solver, |x, u| u.copy_from_slice(&Self::with(x, |_| 1.0)))
    }

    fn solution(&mut self, x: &[f64], time: f64) -> Vec<f64> {
        Self::with(x, |rate| (-rate * time).exp())
    }

    fn movement(&self, x: &[f64], movement: &Movement, tau: f64, steps: u64) -> Option<Vec<f64>> {
        let factor = |rate: f64| growth(movement, tau * rate).powf(steps as f64);
        Some(Self::with(x, factor))
    }
}

/// The director's delta: what the penalty leaves of |n| = 1 is its square, times that of the slope.
const DELTA: f64 = 1e-3;

pub const DIRECTOR: Director = Director { height: 0.5 };

pub fn director_energies() -> Result<Vec<Energy>> {
    let density = Coupled {
        kappa: [1.0; 2],
        convex: false,
        reaction: |n: &[f64]| {
            let off = n[0] * n[0] + n[1] * n[1] - 1.0;
            let pull = off / (DELTA * DELTA);
            (0.25 * off * pull, [pull * n[0], pull * n[1]])
        },
    };
    Ok(vec![Energy::from_density("director", Arc::new(density))])
}

pub struct Turning;

impl Turning {
    fn with(x: &[f64], factor: f64) -> Vec<f64> {
        let points = x.chunks_exact(D);
        points.flat_map(|x| DIRECTOR.at(x, factor)).collect()
    }
}

impl Exact for Turning {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        start_from(solver, |x, u| u.copy_from_slice(&Self::with(x, 1.0)))
    }

    fn solution(&mut self, x: &[f64], time: f64) -> Vec<f64> {
        Self::with(x, (-Director::rate(D) * time).exp())
    }
}
