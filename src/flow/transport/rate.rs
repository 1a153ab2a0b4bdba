//! The rate of change of the density that a map carries: `rho_t = div(rho grad (dF/drho))`.
//!
//! The flux has the first derivatives of rho, which the second derivatives of the map give; its divergence is taken by
//! differences.

use super::smooth_kernels::are_smooth;
use super::{Measure, TransportFlow};
use crate::error::{Error, Result};
use crate::flow::divergence::divergence;
use crate::flow::{Context, Lagrangian, Queries};
use crate::quadrature::Nodes;

impl TransportFlow {
    /// The rate of change at x (`[n][d]`), `[n]`; NaN where the density is not known.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) if an energy depends on `grad rho` or has a kernel that bends where its points
    /// meet, and errors of the energies.
    pub(super) fn rate_at(&self, cx: &Context, parameters: &[f64], x: &[f64]) -> Result<Vec<f64>> {
        let (d, terms) = (self.domain.dimension(), self.functional.terms());
        if terms.use_slope() {
            return Err(Error::state(
                "an energy depends on grad rho, with which du/dt has derivatives of rho of fourth order, which a \
                 transport map does not give; accepted are values between steps",
            ));
        }
        let labels = &self.labels()?.independent;
        let observed = self.functional.observe(&cx.pool, labels, parameters)?;
        let measure = Measure {
            d,
            t: cx.time,
            y: &observed.u,
            w: &labels.w,
            rho: &observed.rho,
        };
        if !are_smooth(terms.kernels(), &measure)? {
            return Err(Error::state(
                "the interaction of an energy is not smooth at x = y, and the sum of it over the masses that a \
                 transport map carries has no divergence; accepted are `transport` = dual, up to three dimensions, and \
                 values between steps",
            ));
        }
        let widths = widths(labels, &observed.u, d);
        let mut rate = divergence(&self.domain, &widths, x, |x| {
            let (mut rho, mut slope) = (vec![0.0; x.len() / d], vec![0.0; x.len()]);
            self.evaluate(cx, parameters, x, &mut rho, Some(&mut slope))?;
            let mut flux = self.velocity(cx, parameters, x, &rho, &slope)?;
            for (flux, rho) in flux.chunks_exact_mut(d).zip(&rho) {
                flux.iter_mut().for_each(|v| *v *= rho);
            }
            Ok(flux)
        })?;
        rate.iter_mut().for_each(|rate| *rate = -*rate);
        Ok(rate)
    }
}

/// The standard deviation of the masses of labels along each axis, which are at x, `[n][d]`.
fn widths(labels: &Nodes, x: &[f64], d: usize) -> Vec<f64> {
    let whole: f64 = labels.w.iter().sum();
    let width = |axis: usize| {
        let along = || x.iter().skip(axis).step_by(d).zip(&labels.w);
        let mean = along().map(|(x, w)| w * x).sum::<f64>() / whole;
        let square: f64 = along().map(|(x, w)| w * (x - mean) * (x - mean)).sum();
        (square / whole).sqrt().max(f64::MIN_POSITIVE.sqrt())
    };
    (0..d).map(width).collect()
}
