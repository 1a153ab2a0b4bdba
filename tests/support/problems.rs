//! Energies written in Rust and small problems that several tests share.

use movimento::energy::{Batch, Derivatives, EnergyDensity, Traits};
use movimento::{Energy, Initial, Options, Result, Solver};
use std::sync::Arc;

/// `kappa/2 |p|^2 + (u^2 - 1)^2 / (4 eps^2)`; without the second term if `eps` is infinite.
pub struct AllenCahn {
    pub kappa: f64,
    pub eps: f64,
}

impl EnergyDensity for AllenCahn {
    fn traits(&self) -> Traits {
        Traits {
            uses_gradient: true,
            convex: self.eps.is_infinite(),
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        let (d, s) = (batch.d, self.eps.powi(-2));
        if let Some(f) = &mut wanted.f {
            for ((f, p), u) in f.iter_mut().zip(batch.p.chunks(d)).zip(batch.u) {
                let squares: f64 = p.iter().map(|p| p * p).sum();
                *f = 0.5 * self.kappa * squares + 0.25 * s * (u * u - 1.0).powi(2);
            }
        }
        if let Some(f_u) = &mut wanted.f_u {
            f_u.iter_mut()
                .zip(batch.u)
                .for_each(|(f, u)| *f = s * u * (u * u - 1.0));
        }
        if let Some(f_p) = &mut wanted.f_p {
            f_p.iter_mut()
                .zip(batch.p)
                .for_each(|(f, p)| *f = self.kappa * p);
        }
        if let Some(f_uu) = &mut wanted.f_uu {
            f_uu.iter_mut()
                .zip(batch.u)
                .for_each(|(f, u)| *f = s * (3.0 * u * u - 1.0));
        }
        if let Some(f_up) = &mut wanted.f_up {
            f_up.fill(0.0);
        }
        if let Some(f_pp) = &mut wanted.f_pp {
            f_pp.fill(0.0);
            for f_pp in f_pp.chunks_exact_mut(d * d) {
                f_pp.iter_mut().step_by(d + 1).for_each(|f| *f = self.kappa);
            }
        }
        Ok(())
    }
}

pub fn dirichlet(kappa: f64) -> Energy {
    let eps = f64::INFINITY;
    Energy::from_density("dirichlet in Rust", Arc::new(AllenCahn { kappa, eps }))
}

pub fn allen_cahn(kappa: f64, eps: f64) -> Energy {
    Energy::from_density("Allen-Cahn", Arc::new(AllenCahn { kappa, eps }))
}

/// Options of the box `[lower, upper]^d` with a small network.
pub fn small(d: i64, lower: f64, upper: f64, hidden: &[i64]) -> Options {
    let mut options = Options::new();
    options.set("dimension", d).unwrap();
    options.set("lower", vec![lower]).unwrap();
    options.set("upper", vec![upper]).unwrap();
    options.set("hidden", hidden).unwrap();
    options
}

/// Starts from a function of x, whose gradient is not known.
pub fn start_from(solver: &mut Solver, u_0: impl Fn(&[f64]) -> f64) {
    let d = solver.domain().dimension();
    let mut field = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
        for (u, x) in u.iter_mut().zip(x.chunks(d)) {
            *u = u_0(x);
        }
        Ok(())
    };
    let initial = Initial::Function {
        field: &mut field,
        has_gradient: false,
    };
    solver.set_initial(initial).unwrap();
}

/// u on cell centres of a uniform grid of the domain.
pub fn on_grid(solver: &Solver, per_axis: usize) -> (Vec<f64>, Vec<f64>) {
    let domain = solver.domain();
    let d = domain.dimension();
    let mut x = Vec::new();
    for point in 0..per_axis.pow(d as u32) {
        for axis in 0..d {
            let (lower, upper) = (domain.lower()[axis], domain.upper()[axis]);
            let i = point / per_axis.pow(axis as u32) % per_axis;
            x.push(lower + (upper - lower) * (i as f64 + 0.5) / per_axis as f64);
        }
    }
    let mut u = vec![0.0; x.len() / d * solver.components()];
    solver.evaluate(&x, &mut u, None).unwrap();
    (x, u)
}

/// `|a - b| / |b|` in the Euclidean norm.
pub fn relative(a: &[f64], b: &[f64]) -> f64 {
    let squares: f64 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
    (squares / b.iter().map(|b| b * b).sum::<f64>()).sqrt()
}
