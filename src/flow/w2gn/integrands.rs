//! What is summed over nodes: the fit of the density, and a linear function of the network.

use crate::energy::{Batch, Derivatives};
use crate::error::Result;
use crate::field::Activation;
use crate::objective::Integrand;
use std::ops::Range;

/// `(softplus(N) - v)^2 / 2` for values v at nodes.
#[derive(Debug)]
pub struct Fit<'a> {
    /// `[n]`
    pub values: &'a [f64],
}

/// `s N` for seeds s at nodes: its gradient is that of whatever has the derivatives s in N.
#[derive(Debug)]
pub(super) struct Linear<'a> {
    pub seeds: &'a [f64],
}

/// Fills derivatives in grad N, of which nothing depends.
fn without_slopes(wanted: &mut Derivatives<'_>) {
    let slopes = [&mut wanted.f_p, &mut wanted.f_up, &mut wanted.f_pp];
    for array in slopes.into_iter().flatten() {
        array.fill(0.0);
    }
}

impl Integrand for Fit<'_> {
    fn evaluate(
        &self,
        nodes: Range<usize>,
        batch: &Batch<'_>,
        wanted: &mut Derivatives<'_>,
    ) -> Result<()> {
        without_slopes(wanted);
        let values = &self.values[nodes];
        let mut u = batch.u.to_vec();
        let (mut slope, mut second) = (vec![0.0; u.len()], vec![0.0; u.len()]);
        Activation::Softplus.apply(&mut u, &mut slope, &mut second);
        let misfit = || u.iter().zip(values).map(|(u, v)| u - v);
        if let Some(f) = &mut wanted.f {
            f.iter_mut()
                .zip(misfit())
                .for_each(|(f, e)| *f = 0.5 * e * e);
        }
        if let Some(f_u) = &mut wanted.f_u {
            let pairs = f_u.iter_mut().zip(misfit().zip(&slope));
            pairs.for_each(|(f, (e, s))| *f = e * s);
        }
        // That of Gauss-Newton.
        if let Some(f_uu) = &mut wanted.f_uu {
            let pairs = f_uu.iter_mut().zip(&slope);
            pairs.for_each(|(f, s)| *f = s * s);
        }
        Ok(())
    }

    fn caller_thread_only(&self) -> bool {
        false
    }

    fn scale(&self, _node: usize, _u: &[f64]) -> f64 {
        0.0
    }
}

impl Integrand for Linear<'_> {
    fn evaluate(
        &self,
        nodes: Range<usize>,
        batch: &Batch<'_>,
        wanted: &mut Derivatives<'_>,
    ) -> Result<()> {
        without_slopes(wanted);
        let seeds = &self.seeds[nodes];
        if let Some(f) = &mut wanted.f {
            let pairs = f.iter_mut().zip(batch.u.iter().zip(seeds));
            pairs.for_each(|(f, (u, s))| *f = s * u);
        }
        if let Some(f_u) = &mut wanted.f_u {
            f_u.copy_from_slice(seeds);
        }
        if let Some(f_uu) = &mut wanted.f_uu {
            f_uu.fill(0.0);
        }
        Ok(())
    }

    fn caller_thread_only(&self) -> bool {
        false
    }

    fn scale(&self, _node: usize, _u: &[f64]) -> f64 {
        0.0
    }
}
