//! Fitting a network to a given function: weighted least squares of values and, when they are
//! known, gradients.

use crate::energy::{Batch, Derivatives};
use crate::error::Result;
use crate::minimize::Integrand;
use std::ops::Range;

/// Values, and if known gradients, at nodes.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// `[n]`
    pub u: Vec<f64>,
    /// `[n][d]`, or empty.
    pub grad: Vec<f64>,
}

/// The integrand `(u - u_0)^2 / 2 + beta |grad u - grad u_0|^2 / 2`.
#[derive(Debug)]
pub struct Fit<'a> {
    /// What to fit.
    pub target: &'a Target,
    /// Weight of the gradients: a length squared.
    pub beta: f64,
}

impl Integrand for Fit<'_> {
    fn evaluate(
        &self,
        nodes: Range<usize>,
        batch: &Batch<'_>,
        wanted: &mut Derivatives<'_>,
    ) -> Result<()> {
        let d = batch.d;
        let u_0 = &self.target.u[nodes.clone()];
        let beta = if self.target.grad.is_empty() {
            0.0
        } else {
            self.beta
        };
        let grad = match self.target.grad.get(nodes.start * d..nodes.end * d) {
            Some(grad) => grad,
            None => batch.p,
        };
        let misfit = || batch.u.iter().zip(u_0).map(|(u, v)| u - v);
        let slopes = || batch.p.iter().zip(grad).map(|(p, q)| p - q);
        if let Some(f) = &mut wanted.f {
            f.iter_mut()
                .zip(misfit())
                .for_each(|(f, e)| *f = 0.5 * e * e);
            for (f, (p, q)) in f.iter_mut().zip(batch.p.chunks(d).zip(grad.chunks(d))) {
                *f += 0.5 * beta * p.iter().zip(q).map(|(p, q)| (p - q) * (p - q)).sum::<f64>();
            }
        }
        if let Some(f_u) = &mut wanted.f_u {
            f_u.iter_mut().zip(misfit()).for_each(|(f, e)| *f = e);
        }
        if let Some(f_p) = &mut wanted.f_p {
            f_p.iter_mut()
                .zip(slopes())
                .for_each(|(f, e)| *f = beta * e);
        }
        if let Some(f_uu) = &mut wanted.f_uu {
            f_uu.fill(1.0);
        }
        if let Some(f_up) = &mut wanted.f_up {
            f_up.fill(0.0);
        }
        if let Some(f_pp) = &mut wanted.f_pp {
            f_pp.fill(0.0);
            for f_pp in f_pp.chunks_exact_mut(d * d) {
                f_pp.iter_mut().step_by(d + 1).for_each(|f| *f = beta);
            }
        }
        Ok(())
    }

    fn caller_thread_only(&self) -> bool {
        false
    }

    fn scale(&self, node: usize, u: f64) -> f64 {
        let misfit = u - self.target.u[node];
        0.5 * misfit * misfit
    }
}
