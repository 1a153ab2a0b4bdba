//! Sources: `du/dt = -grad F(u) + s(t, x)` is the flow with the energy `-int s(t, x) u dx` added to F.

use super::{Batch, Derivatives, EnergyDensity, SuppliedDerivatives, Traits, require_scalar};
use crate::differences;
use crate::error::{Error, Result};
use std::sync::Arc;

/// A source `s(t, x)`: what it adds to du/dt.
pub trait Source: Send + Sync {
    /// Fills `s` (`[n]`) at time t and points x (`[n][d]`).
    ///
    /// # Errors
    /// Those of a callback of the host.
    fn evaluate(&self, t: f64, x: &[f64], d: usize, s: &mut [f64]) -> Result<()>;

    /// Whether it may only be called from the thread that called the solver (host callbacks).
    fn caller_thread_only(&self) -> bool {
        false
    }
}

/// Functions of time and a point.
impl<F: Fn(f64, &[f64]) -> f64 + Send + Sync> Source for F {
    fn evaluate(&self, t: f64, x: &[f64], d: usize, s: &mut [f64]) -> Result<()> {
        let points = s.iter_mut().zip(x.chunks_exact(d));
        points.for_each(|(s, x)| *s = self(t, x));
        Ok(())
    }
}

/// The density `-s(t, x) u`.
pub(super) struct SourceDensity(pub Arc<dyn Source>);

impl EnergyDensity for SourceDensity {
    fn traits(&self) -> Traits {
        Traits {
            uses_gradient: false,
            uses_hessian: false,
            uses_position: true,
            uses_time: true,
            convex: true,
            caller_thread_only: self.0.caller_thread_only(),
            derivatives: SuppliedDerivatives::All,
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        require_scalar(batch)?;
        batch.check(wanted)?;
        let mut wanted = wanted.reborrow();
        wanted.settle_zeros(self.traits());
        if let Some(f_uu) = wanted.f_uu {
            f_uu.fill(0.0);
        }
        let Batch { d, t, x, u, .. } = *batch;
        if batch.n() == 0 {
            return Ok(());
        }
        let mut s = vec![0.0; batch.n()];
        if wanted.f.is_some() || wanted.f_u.is_some() {
            self.0.evaluate(t, x, d, &mut s)?;
            require_finite(&s, x, d)?;
        }
        if let Some(f) = wanted.f {
            let points = f.iter_mut().zip(&s).zip(u);
            points.for_each(|((f, s), u)| *f = -s * u);
        }
        if let Some(f_u) = wanted.f_u {
            f_u.iter_mut().zip(&s).for_each(|(f_u, s)| *f_u = -s);
        }
        let Some(f_x) = wanted.f_x else {
            return Ok(());
        };
        f_x.fill(0.0);
        for axis in 0..d {
            for side in differences::sides(differences::positions(x)) {
                let mut there = x.to_vec();
                let along = there.iter_mut().skip(axis).step_by(d);
                along.for_each(|x| *x += side);
                self.0.evaluate(t, &there, d, &mut s)?;
                let points = f_x.iter_mut().skip(axis).step_by(d).zip(s.iter().zip(u));
                points.for_each(|(f_x, (s, u))| *f_x -= differences::share(s * u, side));
            }
        }
        Ok(())
    }
}

/// A message of its own: the user gave s, not f.
fn require_finite(s: &[f64], x: &[f64], d: usize) -> Result<()> {
    let Some(bad) = s.iter().position(|s| !s.is_finite()) else {
        return Ok(());
    };
    let at: Vec<String> = x.iter().skip(bad * d).take(d).map(f64::to_string).collect();
    Err(Error::not_finite(format!(
        "the source is {} at point {bad} (counted from 0), x = ({}); accepted are finite numbers",
        s[bad],
        at.join(", ")
    )))
}
