//! The source solution of the porous medium equation `u_t = Laplacian u^m` (Barenblatt 1952; the
//! paper's equation 4.6).

use super::Profile;
use crate::domain::{Domain, ball_volume};
use crate::error::{Error, Result};
use crate::quadrature::{Nodes, Quadrature, bump};
use rand_xoshiro::Xoshiro256PlusPlus;

/// `u = t^(-k d) (C - (m - 1) k / (2 m) |x|^2 t^(-2 k))_+^(1/(m - 1))`, `k = 1 / (d (m - 1) + 2)`,
/// with C such that the mass is 1.
#[derive(Clone, Debug)]
pub struct Barenblatt {
    dimension: usize,
    /// `1 / (m - 1)`.
    power: f64,
    /// Where the support ends.
    radius: f64,
    /// The density at the centre.
    height: f64,
}

impl Barenblatt {
    /// The solution at time t, about the origin.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if m is not above 1 or t not positive.
    pub fn new(dimension: usize, m: f64, t: f64) -> Result<Self> {
        if !(m > 1.0 && m.is_finite()) {
            return Err(Error::argument(format!(
                "`m` is {m}; accepted are finite numbers above 1"
            )));
        }
        if !(t > 0.0 && t.is_finite()) {
            return Err(Error::argument(format!(
                "`t` is {t}; accepted are positive times"
            )));
        }
        let d = dimension as f64;
        let k = 1.0 / (d * (m - 1.0) + 2.0);
        let power = 1.0 / (m - 1.0);
        // int (C - b |y|^2)_+^p dy = C^(p + d/2) b^(-d/2) int (1 - |z|^2)^p dz
        let b = (m - 1.0) * k / (2.0 * m);
        let bump = ball_volume(dimension) * unit_mean(d, power);
        let c = (b.powf(0.5 * d) / bump).powf(1.0 / (power + 0.5 * d));
        Ok(Self {
            dimension,
            power,
            radius: (c / b).sqrt() * t.powf(k),
            height: c.powf(power) * t.powf(-k * d),
        })
    }

    /// The radius of the support.
    #[must_use]
    pub const fn radius(&self) -> f64 {
        self.radius
    }

    fn put(&self, x: &[f64], score: Option<&mut [f64]>) -> f64 {
        let r2 = self.radius * self.radius;
        let rest = 1.0 - x.iter().map(|x| x * x).sum::<f64>() / r2;
        if let Some(score) = score {
            let slope = -2.0 * self.power / (r2 * rest);
            score.iter_mut().zip(x).for_each(|(s, x)| *s = slope * x);
        }
        if rest > 0.0 {
            self.height * rest.powf(self.power)
        } else {
            0.0
        }
    }
}

/// The mean of `(1 - |z|^2)^p` over the unit ball: `prod` of `Gamma(p + 1) Gamma(d/2 + 1) /
/// Gamma(p + d/2 + 1)`.
fn unit_mean(d: f64, p: f64) -> f64 {
    (libm::lgamma(p + 1.0) + libm::lgamma(0.5 * d + 1.0) - libm::lgamma(p + 0.5 * d + 1.0)).exp()
}

impl Profile for Barenblatt {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn is_elementary(&self) -> bool {
        true
    }

    fn labels(&self, rule: &Quadrature, rng: &mut Xoshiro256PlusPlus) -> Result<Nodes> {
        let d = self.dimension;
        let mut labels = match rule {
            Quadrature::Gauss { per_axis } => bump(d, *per_axis, self.power)?,
            random => {
                let mut nodes = random.nodes(&Domain::unit_ball(d)?, rng)?;
                for (w, x) in nodes.w.iter_mut().zip(nodes.x.chunks_exact(d)) {
                    let rest = 1.0 - x.iter().map(|x| x * x).sum::<f64>();
                    *w *= rest.max(0.0).powf(self.power);
                }
                let total: f64 = nodes.w.iter().sum();
                nodes.w.iter_mut().for_each(|w| *w /= total);
                nodes
            }
        };
        labels.x.iter_mut().for_each(|x| *x *= self.radius);
        labels.rho = vec![0.0; labels.len()];
        labels.score = vec![0.0; labels.x.len()];
        self.density(&labels.x, &mut labels.rho, Some(&mut labels.score))?;
        Ok(labels)
    }

    fn density(&self, x: &[f64], rho: &mut [f64], score: Option<&mut [f64]>) -> Result<()> {
        let d = self.dimension;
        let mut score = score.map(|score| score.chunks_exact_mut(d));
        for (x, rho) in x.chunks_exact(d).zip(rho) {
            *rho = self.put(x, score.as_mut().and_then(Iterator::next));
        }
        Ok(())
    }
}
