//! The flow of the p-Laplacian with p = 4 in the plane.

use crate::exact::{Exact, start_from};
use crate::reference::SpreadingPower;
use movimento::energy::{Batch, Derivatives, EnergyDensity, Traits};
use movimento::{Energy, Result, Solver};
use std::sync::Arc;

/// The time since the point source at which the flow starts.
const START: f64 = 1.0;

pub fn energies() -> Result<Vec<Energy>> {
    Ok(vec![Energy::from_density("p-laplacian", Arc::new(Quartic))])
}

/// `|p|^4 / 4`
struct Quartic;

impl EnergyDensity for Quartic {
    fn traits(&self) -> Traits {
        Traits {
            uses_gradient: true,
            convex: true,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        let d = batch.d;
        let square = |p: &[f64]| p.iter().map(|p| p * p).sum::<f64>();
        wanted.each(|array| array.fill(0.0));
        let Derivatives { f, f_p, f_pp, .. } = wanted;
        for (n, p) in batch.p.chunks_exact(d).enumerate() {
            let s = square(p);
            if let Some(f) = f {
                f[n] = 0.25 * s * s;
            }
            if let Some(f_p) = f_p {
                (0..d).for_each(|i| f_p[n * d + i] = s * p[i]);
            }
            if let Some(f_pp) = f_pp {
                for (k, f_pp) in f_pp[n * d * d..(n + 1) * d * d].iter_mut().enumerate() {
                    let (i, j) = (k / d, k % d);
                    *f_pp = 2.0 * p[i] * p[j] + if i == j { s } else { 0.0 };
                }
            }
        }
        Ok(())
    }
}

pub struct Spreading(SpreadingPower);

impl Default for Spreading {
    fn default() -> Self {
        Self(SpreadingPower {
            dimension: 2,
            p: 4.0,
        })
    }
}

impl Exact for Spreading {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        start_from(solver, |x, u| {
            let points = x.chunks_exact(self.0.dimension).zip(u);
            points.for_each(|(x, u)| *u = self.0.value(x, START));
        })
    }

    fn solution(&mut self, x: &[f64], time: f64) -> Vec<f64> {
        let points = x.chunks_exact(self.0.dimension);
        points.map(|x| self.0.value(x, START + time)).collect()
    }
}
