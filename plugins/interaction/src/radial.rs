//! Kernels `W = phi(|x - y|)`.

use movimento_plugin::candle_core::{Result as TensorResult, Tensor};
use movimento_plugin::{PairValues, Pairs, Result};

/// A function `phi` of the distance `r`, in terms of `s = r^2 > 0`.
pub(crate) trait Radial {
    /// The definition, in tensors.
    fn profile(&self, s: &Tensor) -> TensorResult<Tensor>;
    /// `phi`.
    fn value(&self, s: f64) -> f64;
    /// `phi' / r`, so that the gradient is this times `x - y`.
    fn slope(&self, s: f64) -> f64;
    /// `phi` at coinciding points.
    fn origin(&self) -> f64;
}

/// The kernel in tensors. Coinciding points are evaluated at `r = 1` and masked: the derivative
/// of a root at 0 would be NaN, and stay NaN under a mask.
pub(crate) fn kernel<R: Radial>(phi: &R, x: &Tensor, y: &Tensor) -> TensorResult<Tensor> {
    let s = (x - y)?.sqr()?.sum(1)?;
    let coincide = s.eq(0.0)?;
    let apart = coincide.where_cond(&s.ones_like()?, &s)?;
    let origin = (s.ones_like()? * phi.origin())?;
    coincide.where_cond(&origin, &phi.profile(&apart)?)
}

pub(crate) fn closed<R: Radial>(phi: &R, at: &Pairs<'_>, out: &mut PairValues<'_>) -> Result<()> {
    let pairs = || at.x.chunks_exact(at.d).zip(at.y.chunks_exact(at.d));
    let squared =
        |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| (x - y) * (x - y)).sum::<f64>();
    if let Some(w) = &mut out.w {
        for (w, (x, y)) in w.iter_mut().zip(pairs()) {
            let s = squared(x, y);
            *w = if s == 0.0 { phi.origin() } else { phi.value(s) };
        }
    }
    if let Some(w_x) = &mut out.w_x {
        for (w_x, (x, y)) in w_x.chunks_exact_mut(at.d).zip(pairs()) {
            let s = squared(x, y);
            if s == 0.0 {
                continue; // the zeros that are there already
            }
            let slope = phi.slope(s);
            w_x.iter_mut()
                .zip(x)
                .zip(y)
                .for_each(|((w_x, x), y)| *w_x = slope * (x - y));
        }
    }
    Ok(())
}
