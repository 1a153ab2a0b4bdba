//! Mass that diffuses in a trap which goes around, an Ornstein-Uhlenbeck process in closed form:
//! `rho_t = div(rho grad V) + k Laplacian rho`.

use movimento::energy::{Batch, Derivatives, EnergyDensity, SuppliedDerivatives, Traits};
use movimento::{Energy, Result};
use std::f64::consts::PI;
use std::sync::Arc;

/// The potential `V(t, x) = (x - beta)^T diag(a) (x - beta) / 2` with `beta = r (cos pi t, sin pi t)`.
#[derive(Clone, Copy, Debug)]
pub struct Trap {
    pub a: [f64; 2],
    pub r: f64,
    /// k
    pub diffusivity: f64,
    /// The variance along each axis at the beginning, about beta(0).
    pub variance: f64,
}

impl Trap {
    pub fn centre(&self, t: f64) -> [f64; 2] {
        [self.r * (PI * t).cos(), self.r * (PI * t).sin()]
    }

    /// Mean and variances along the axes at t: `m' = a (beta - m)`.
    pub fn moments(&self, t: f64) -> ([f64; 2], [f64; 2]) {
        let driven = |t: f64| {
            let (c, s) = ((PI * t).cos(), (PI * t).sin());
            let [a, b] = self.a;
            [
                self.r * a * (a * c + PI * s) / (a * a + PI * PI),
                self.r * b * (b * s - PI * c) / (b * b + PI * PI),
            ]
        };
        let (now, then, start) = (driven(t), driven(0.0), self.centre(0.0));
        let mean = [0, 1].map(|i| now[i] + (start[i] - then[i]) * (-self.a[i] * t).exp());
        let variance = self.a.map(|a| {
            let rest = self.diffusivity / a;
            rest + (self.variance - rest) * (-2.0 * a * t).exp()
        });
        (mean, variance)
    }

    /// The largest difference of a mean and a covariance (`[2][2]`) from these at t.
    pub fn missed(&self, t: f64, mean: &[f64], covariance: &[f64]) -> f64 {
        let (m, v) = self.moments(t);
        let exact = [m[0], m[1], v[0], 0.0, 0.0, v[1]];
        let pairs = mean.iter().chain(covariance).zip(exact);
        pairs.fold(0.0, |most, (a, b)| most.max((a - b).abs()))
    }

    /// `int k rho ln rho` and `int V(t, x) rho`.
    pub fn energies(self) -> Vec<Energy> {
        let k = self.diffusivity;
        vec![
            Energy::from_density("diffusion", Arc::new(Diffusion { k })),
            Energy::from_density("trap", Arc::new(self)),
        ]
    }
}

impl EnergyDensity for Trap {
    fn traits(&self) -> Traits {
        Traits {
            uses_position: true,
            uses_time: true,
            convex: true,
            derivatives: SuppliedDerivatives::First,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        let beta = self.centre(batch.t);
        let points = || batch.x.chunks_exact(2).zip(batch.u);
        let potential = |x: &[f64]| -> f64 {
            (0..2)
                .map(|i| 0.5 * self.a[i] * (x[i] - beta[i]).powi(2))
                .sum()
        };
        if let Some(f) = &mut wanted.f {
            f.iter_mut()
                .zip(points())
                .for_each(|(f, (x, rho))| *f = potential(x) * rho);
        }
        if let Some(f_u) = &mut wanted.f_u {
            f_u.iter_mut()
                .zip(points())
                .for_each(|(f_u, (x, _))| *f_u = potential(x));
        }
        if let Some(f_x) = &mut wanted.f_x {
            for (f_x, (x, rho)) in f_x.chunks_exact_mut(2).zip(points()) {
                (0..2).for_each(|i| f_x[i] = self.a[i] * (x[i] - beta[i]) * rho);
            }
        }
        if let Some(f_p) = &mut wanted.f_p {
            f_p.fill(0.0);
        }
        Ok(())
    }
}

/// `k rho ln rho`.
struct Diffusion {
    k: f64,
}

impl EnergyDensity for Diffusion {
    fn traits(&self) -> Traits {
        Traits {
            convex: true,
            derivatives: SuppliedDerivatives::All,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        let k = self.k;
        let fill = |out: &mut Option<&mut [f64]>, of: &dyn Fn(f64) -> f64| {
            let pairs = out.iter_mut().flat_map(|out| out.iter_mut().zip(batch.u));
            pairs.for_each(|(out, rho)| *out = of(rho.max(f64::MIN_POSITIVE)));
        };
        fill(&mut wanted.f, &|rho| k * rho * rho.ln());
        fill(&mut wanted.f_u, &|rho| k * (rho.ln() + 1.0));
        fill(&mut wanted.f_uu, &|rho| k / rho);
        let zeros = [
            &mut wanted.f_p,
            &mut wanted.f_x,
            &mut wanted.f_up,
            &mut wanted.f_pp,
        ];
        zeros.into_iter().flatten().for_each(|zero| zero.fill(0.0));
        Ok(())
    }
}
