//! The density of a potential anywhere.

use super::site::Site;
use super::{Dual, Potential};
use crate::error::Result;
use crate::parallel::Pool;

/// A density at points.
#[derive(Clone, Debug, Default)]
pub(in crate::flow) struct Evaluated {
    /// `[n]`
    pub rho: Vec<f64>,
    /// `grad rho`, `[n][d]`, if wanted.
    pub slope: Vec<f64>,
}

impl Site {
    /// The density of a potential at points x, `[n][d]`. Beyond the region it falls as a Gaussian tail does.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn evaluate(
        &self,
        (pool, time): (&Pool, f64),
        dual: &Dual,
        state: &Potential,
        x: &[f64],
        gradient: bool,
    ) -> Result<Evaluated> {
        let d = self.dimension();
        let (lower, upper) = (self.region.lower(), self.region.upper());
        let axes = || lower.iter().zip(upper);
        let points = x.chunks_exact(d);
        let inside = points.flat_map(|x| axes().zip(x).map(|((l, u), x)| x.clamp(*l, *u)));
        let inside: Vec<f64> = inside.collect();
        let jets = self.jets(pool, &state.coefficients, &inside)?;
        let mut outer = dual.external(pool, time, &inside)?;
        let mut pull = match gradient {
            true => dual.external_slope(pool, time, &inside)?,
            false => Vec::new(),
        };
        if dual.interacts() {
            let pairs = dual.interaction((pool, time), self, &state.rho, &inside)?;
            outer
                .iter_mut()
                .zip(&pairs.potential)
                .for_each(|(o, p)| *o += p);
            pull.iter_mut()
                .zip(&pairs.gradient)
                .for_each(|(o, p)| *o += p);
        }
        let densest = state.rho.iter().fold(0.0_f64, |a, b| a.max(*b));
        let highest = dual.pressure().value(densest);
        let mut out = Evaluated::default();
        let pairs = x.chunks_exact(d).zip(inside.chunks_exact(d));
        for (i, ((x, c), jet)) in pairs.zip(&jets).enumerate() {
            let mut h = jet.value - outer[i];
            let away: f64 = x
                .iter()
                .zip(c)
                .map(|(x, c)| (x - c) * (x - c))
                .sum::<f64>()
                .sqrt();
            let mut fall = 0.0;
            if away > 0.0 {
                let middle = axes().map(|(l, u)| 0.5 * (l + u));
                let radius: f64 = middle
                    .zip(c)
                    .map(|(m, c)| (c - m) * (c - m))
                    .sum::<f64>()
                    .sqrt();
                fall = 2.0 * (highest - h).max(0.0) / radius;
                h -= fall * away;
            }
            let (rho, rate) = dual.pressure().density(h);
            out.rho.push(rho);
            if !gradient {
                continue;
            }
            for a in 0..d {
                out.slope.push(match away > 0.0 {
                    true => -rate * fall * (x[a] - c[a]) / away,
                    false => rate * (jet.gradient[a] - pull[i * d + a]),
                });
            }
        }
        Ok(out)
    }

    /// The density of a potential at the independent nodes.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn check_density(
        &self,
        (pool, time): (&Pool, f64),
        dual: &Dual,
        state: &Potential,
    ) -> Result<Vec<f64>> {
        let jets = self.jets(pool, &state.coefficients, &self.check.x)?;
        let external = dual.external_now(pool, time, &self.check.x, &self.external_check)?;
        let outer = dual.outer((pool, time), self, &state.rho, (&self.check, &external))?;
        let points = jets.iter().zip(&outer);
        Ok(points
            .map(|(jet, o)| dual.pressure().density(jet.value - o).0)
            .collect())
    }
}
