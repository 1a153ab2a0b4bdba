//! The rate of change of a density that a potential drives.

use super::DualFlow;
use super::begun::Begun;
use crate::error::Result;
use crate::flow::Context;
use crate::linear_algebra::dot;

impl DualFlow {
    /// `rho_t = div(rho grad p)` at x (`[n][d]`), `[n]`, with the derivatives of the potential p as its features have
    /// them; 0 beyond the box where the mass is.
    ///
    /// # Errors
    /// Errors of the energies and of the threads.
    pub(super) fn rate_at(&self, cx: &Context, parameters: &[f64], x: &[f64]) -> Result<Vec<f64>> {
        let begun = self.begun()?;
        let Begun { dual, site, .. } = begun;
        let state = begun.potential(parameters);
        let found = site.evaluate((&cx.pool, cx.time), dual, &state, x, true)?;
        let jets = site.jets(&cx.pool, &state.coefficients, x)?;
        let d = site.dimension();
        let (lower, upper) = (site.region.lower(), site.region.upper());
        let points = x.chunks_exact(d).zip(found.slope.chunks_exact(d));
        let points = points.zip(found.rho.iter().zip(&jets));
        let rates = points.map(|((x, slope), (rho, jet))| {
            let mut sides = lower.iter().zip(upper).zip(x);
            if !sides.all(|((l, u), x)| l <= x && x <= u) {
                return 0.0;
            }
            let bent: f64 = jet.hessian[..d * d].iter().step_by(d + 1).sum();
            dot(slope, &jet.gradient[..d]) + rho * bent
        });
        Ok(rates.collect())
    }
}
