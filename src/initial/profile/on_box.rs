//! A density on a box, given by a function.

use super::{Profile, check_mass};
use crate::domain::Domain;
use crate::error::{Error, Result};
use crate::quadrature::{Nodes, Quadrature};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use std::sync::Arc;

/// Fills `rho` (`[n]`) at positions `x` (`[n][d]`).
pub type DensityFn = dyn Fn(&[f64], &mut [f64]) -> Result<()> + Send + Sync;

/// A density on the box of a domain; beyond it there is none.
#[derive(Clone)]
pub struct OnBox {
    domain: Domain,
    density: Arc<DensityFn>,
    /// Integral of the given function, by which it is divided.
    mass: f64,
}

/// Part of a side by which a point may lie beyond a face and still count as on it.
const ROUNDING: f64 = 1e-12;

/// Gauss nodes per axis with which the mass is measured, by dimension; random ones beyond.
const MEASURE: [usize; 3] = [512, 96, 32];

/// The mass is measured once more with so many times fewer nodes an axis.
const COARSER: usize = 4;

/// And with so many fewer: by what that differs a mass is not known better.
const OTHER: usize = 7;

/// How far the two may differ, beside the larger. A jump makes some per cent of difference, and
/// `1/|x|^d`, which has no integral, 20 to 40 as its logarithm grows.
const DOUBT: f64 = 0.15;

impl OnBox {
    /// The density on the box of `domain`, scaled to mass 1.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if a value is negative or not finite, or the mass is not 1
    /// within [`MASS_TOLERANCE`](super::MASS_TOLERANCE), or grows with the number of nodes it is measured with,
    /// and what the function returns.
    pub fn new(domain: Domain, density: Arc<DensityFn>) -> Result<Self> {
        let mut profile = Self {
            domain,
            density,
            mass: 1.0,
        };
        let rule = match MEASURE.get(profile.domain.dimension() - 1) {
            Some(per_axis) => Quadrature::Gauss {
                per_axis: *per_axis,
            },
            None => Quadrature::Sobol { nodes: 1 << 17 },
        };
        let mass = profile.measured(&rule)?;
        if let Quadrature::Gauss { per_axis } = rule {
            let other = Quadrature::Gauss {
                per_axis: per_axis - OTHER,
            };
            let unsure = (profile.measured(&other)? - mass).abs();
            check_mass(mass, "rho_0", unsure)?;
            profile.doubt(per_axis, mass)?;
        } else {
            check_mass(mass, "rho_0", 0.0)?;
        }
        profile.mass = mass;
        Ok(profile)
    }

    /// The integral of the function by a rule.
    fn measured(&self, rule: &Quadrature) -> Result<f64> {
        // Beyond three dimensions, a fixed sample.
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(0);
        Ok(self.sampled(rule, &mut rng)?.w.iter().sum())
    }

    /// Refuses a mass that is still on its way with so many nodes.
    fn doubt(&self, per_axis: usize, mass: f64) -> Result<()> {
        let fewer = per_axis / COARSER;
        let coarse = self.measured(&Quadrature::Gauss { per_axis: fewer })?;
        if (coarse - mass).abs() <= DOUBT * coarse.max(mass) {
            return Ok(());
        }
        Err(Error::argument(format!(
            "`rho_0` has mass {coarse:.3} by {fewer} nodes an axis and {mass:.3} by {per_axis}; accepted are \
             integrable densities that are not all in a small part of the box of `lower` and `upper`"
        )))
    }

    /// Nodes whose weights are those of the rule times the density.
    fn sampled(&self, rule: &Quadrature, rng: &mut Xoshiro256PlusPlus) -> Result<Nodes> {
        let mut nodes = rule.nodes(&self.domain, rng)?;
        nodes.rho = vec![0.0; nodes.len()];
        self.density(&nodes.x, &mut nodes.rho, None)?;
        for (w, rho) in nodes.w.iter_mut().zip(&nodes.rho) {
            *w *= rho;
        }
        Ok(nodes)
    }

    fn call(&self, x: &[f64], rho: &mut [f64]) -> Result<()> {
        (self.density)(x, rho)?;
        let d = self.domain.dimension();
        match rho.iter().position(|r| !(*r >= 0.0 && r.is_finite())) {
            None => Ok(()),
            Some(at) => Err(Error::argument(format!(
                "`rho_0` is {} at {:?}; accepted are finite values that are not negative",
                rho[at],
                &x[at * d..(at + 1) * d]
            ))),
        }
    }
}

impl Profile for OnBox {
    fn dimension(&self) -> usize {
        self.domain.dimension()
    }

    fn labels(&self, rule: &Quadrature, rng: &mut Xoshiro256PlusPlus) -> Result<Nodes> {
        let d = self.domain.dimension();
        let all = self.sampled(rule, rng)?;
        // Where there is no mass there are no labels.
        let mut labels = Nodes::default();
        for (node, rho) in all.rho.iter().enumerate().filter(|(_, rho)| **rho > 0.0) {
            labels.x.extend_from_slice(&all.x[node * d..(node + 1) * d]);
            labels.w.push(all.w[node]);
            labels.rho.push(*rho);
        }
        let total: f64 = labels.w.iter().sum();
        labels.w.iter_mut().for_each(|w| *w /= total);
        labels.score = vec![0.0; labels.x.len()];
        self.score(&labels.x, &labels.rho, &mut labels.score)?;
        Ok(labels)
    }

    fn density(&self, x: &[f64], rho: &mut [f64], score: Option<&mut [f64]>) -> Result<()> {
        let d = self.domain.dimension();
        // A label on a face is found to rounding, perhaps beyond it.
        let mut within = x.to_vec();
        let mut beyond = vec![0.0_f64; rho.len()];
        for (x, beyond) in within.chunks_exact_mut(d).zip(&mut beyond) {
            let corners = self.domain.lower().iter().zip(self.domain.upper());
            for (x, (lo, hi)) in x.iter_mut().zip(corners) {
                let nearest = x.clamp(*lo, *hi);
                *beyond = beyond.max((*x - nearest).abs() / (hi - lo));
                *x = nearest;
            }
        }
        let x = &within;
        self.call(x, rho)?;
        for (rho, beyond) in rho.iter_mut().zip(&beyond) {
            *rho = if *beyond <= ROUNDING {
                *rho / self.mass
            } else {
                0.0
            };
        }
        if let Some(score) = score {
            self.score(x, rho, score)?;
        }
        Ok(())
    }
}

impl OnBox {
    /// `grad ln rho_0` by central differences of the function, one-sided at the faces.
    fn score(&self, at: &[f64], rho: &[f64], score: &mut [f64]) -> Result<()> {
        let (n, d) = (rho.len(), self.domain.dimension());
        score.fill(0.0);
        let mut beside = vec![0.0; n];
        for axis in 0..d {
            let (lo, hi) = (self.domain.lower()[axis], self.domain.upper()[axis]);
            let h = f64::EPSILON.cbrt() * (hi - lo);
            let mut width = vec![0.0; n];
            for side in [h, -h] {
                let mut x = at.to_vec();
                let along = x.iter_mut().skip(axis).step_by(d).zip(&mut width);
                for (x, width) in along {
                    let moved = (*x + side).clamp(lo, hi);
                    *width += (moved - *x).abs();
                    *x = moved;
                }
                self.call(&x, &mut beside)?;
                let along = score.iter_mut().skip(axis).step_by(d).zip(&beside);
                along.for_each(|(s, rho)| *s += side.signum() * rho / self.mass);
            }
            let along = score.iter_mut().skip(axis).step_by(d);
            for ((s, rho), width) in along.zip(rho).zip(&width) {
                *s /= rho * width;
            }
        }
        Ok(())
    }
}
