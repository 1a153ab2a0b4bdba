//! A density that relaxes where it is: `ln rho = a ln rho_0 + (1 - a) ln rho_* + c` with a target `rho_*`.
//!
//! Of `F = int k rho ln rho + V rho` it is the Hellinger flow, `ln rho_* = -(V + k)/k` where `dF/drho = 0` and
//! `a = exp(-k beta t)`: with c = 0, or with the c by which the mass stays.

use super::reaction::Reaction;
use crate::error::Result;
use crate::flow::Context;
use crate::flow::collocation::Functional;
use crate::initial::profile::Profile;
use crate::quadrature::Nodes;
use std::sync::Arc;

/// A relaxation that has begun.
#[derive(Clone)]
pub(super) struct Relaxed {
    pub functional: Functional,
    pub profile: Arc<dyn Profile>,
    /// The labels of `rho_0`, and independent ones.
    pub labels: At,
    pub check: At,
}

/// Points with what the relaxation knows there.
#[derive(Clone)]
pub(super) struct At {
    /// Positions, and weights of integrals over them.
    pub nodes: Nodes,
    /// `ln rho_0` and `ln rho_*`, `[n]`.
    start: Vec<f64>,
    target: Vec<f64>,
}

/// Where a relaxation is: a and c.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Now {
    pub part: f64,
    pub constant: f64,
}

impl At {
    /// Labels of a density, as points of a rule.
    pub fn labels(cx: &Context, functional: &Functional, mut labels: Nodes) -> Result<Self> {
        for (w, rho) in labels.w.iter_mut().zip(&labels.rho) {
            *w /= rho;
        }
        let start = labels.rho.iter().map(|rho| rho.ln()).collect();
        let target = logarithm_of_target(cx, functional, &labels.x)?;
        Ok(Self {
            nodes: labels,
            start,
            target,
        })
    }

    /// `ln rho`, `[n]`.
    fn logarithms(&self, now: Now) -> impl Iterator<Item = f64> {
        let pairs = self.start.iter().zip(&self.target);
        pairs.map(move |(start, target)| now.logarithm(*start, *target))
    }

    /// The density.
    pub fn density(&self, now: Now) -> Vec<f64> {
        self.logarithms(now).map(f64::exp).collect()
    }

    /// Its mass.
    pub fn mass(&self, now: Now) -> f64 {
        let points = self.nodes.w.iter().zip(self.logarithms(now));
        points.map(|(w, l)| w * l.exp()).sum()
    }
}

impl Now {
    /// The beginning.
    pub const START: Self = Self {
        part: 1.0,
        constant: 0.0,
    };

    fn logarithm(self, start: f64, target: f64) -> f64 {
        // Where rho_0 vanishes so does rho.
        match start == f64::NEG_INFINITY {
            true => start,
            false => self.part * start + (1.0 - self.part) * target + self.constant,
        }
    }
}

/// `ln rho_*` at points, `[n]`.
fn logarithm_of_target(cx: &Context, functional: &Functional, x: &[f64]) -> Result<Vec<f64>> {
    let mut target = functional.value(&cx.pool, cx.time, x)?;
    for v in &mut target {
        *v = functional.logarithm(0.0, *v);
    }
    Ok(target)
}

impl Relaxed {
    /// Where it is after `span` more, with this weight of birth and death; the mass stays if it is `held`.
    pub fn after(&self, now: Now, span: f64, rate: f64, held: bool) -> Now {
        let decay = (-rate * self.functional.diffusivity * span).exp();
        let mut next = Now {
            part: now.part * decay,
            constant: now.constant * decay,
        };
        if held {
            next.constant = 0.0;
            next.constant = -self.labels.mass(next).ln();
        }
        next
    }

    /// `rho_t = -beta rho (dF/drho - lambda) = -k beta rho (ln (rho / rho_*) - its mean)` at points x (`[n][d]`), `[n]`,
    /// without the mean where the mass does not stay.
    ///
    /// # Errors
    /// Errors of the density and of the energies.
    pub fn rates(&self, cx: &Context, now: Now, reaction: Reaction, x: &[f64]) -> Result<Vec<f64>> {
        let mut rho = vec![0.0; x.len() / self.profile.dimension()];
        self.evaluate(cx, now, x, &mut rho, None)?;
        let target = logarithm_of_target(cx, &self.functional, x)?;
        let rate = reaction.rate * self.functional.diffusivity;
        // Where there is no mass none is born.
        let excess = |rho: f64, target: f64| match rho > 0.0 {
            true => rho * (rho.ln() - target),
            false => 0.0 * rho,
        };
        let mean = match reaction.held {
            true => {
                let masses = self
                    .labels
                    .density(now)
                    .into_iter()
                    .zip(&self.labels.target);
                let weighted = masses.zip(&self.labels.nodes.w);
                let sum: f64 = weighted.map(|((r, t), w)| w * excess(r, *t)).sum();
                sum / self.labels.mass(now)
            }
            false => 0.0,
        };
        let points = rho.into_iter().zip(target);
        Ok(points
            .map(|(rho, target)| -rate * (excess(rho, target) - rho * mean))
            .collect())
    }

    /// The density at points x (`[n][d]`) and, when wanted, its gradient (`[n][d]`).
    ///
    /// # Errors
    /// Errors of the density and of the energies.
    pub fn evaluate(
        &self,
        cx: &Context,
        now: Now,
        x: &[f64],
        u: &mut [f64],
        grad: Option<&mut [f64]>,
    ) -> Result<()> {
        let Some(grad) = grad else {
            self.profile.density(x, u, None)?;
            return self.relax(cx, now, x, u);
        };
        self.profile.density(x, u, Some(grad))?;
        self.relax(cx, now, x, u)?;
        let d = self.profile.dimension();
        let pull = self.functional.slope(&cx.pool, cx.time, x)?;
        let points = grad.chunks_exact_mut(d).zip(pull.chunks_exact(d));
        for ((grad, pull), u) in points.zip(u.iter()) {
            for (g, v) in grad.iter_mut().zip(pull) {
                let score = now.part * *g - (1.0 - now.part) * v / self.functional.diffusivity;
                *g = if *u > 0.0 { u * score } else { 0.0 };
            }
        }
        Ok(())
    }

    /// Overwrites `rho_0` by rho.
    fn relax(&self, cx: &Context, now: Now, x: &[f64], u: &mut [f64]) -> Result<()> {
        let target = logarithm_of_target(cx, &self.functional, x)?;
        let points = u.iter_mut().zip(target);
        points.for_each(|(u, target)| *u = now.logarithm(u.ln(), target).exp());
        Ok(())
    }
}
