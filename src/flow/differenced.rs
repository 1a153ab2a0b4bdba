//! Second derivatives of any flow's field by differences.

use super::{Context, Queries};
use crate::differences;
use crate::error::Result;

/// `Hess u` at `x` (`[n][d]`), `[n][d][d]`, by differences of the gradient.
///
/// # Errors
/// As for [`Queries::evaluate`].
pub(super) fn second_derivatives(
    flow: &(impl Queries + ?Sized),
    cx: &Context,
    parameters: &[f64],
    x: &[f64],
) -> Result<Vec<f64>> {
    let domain = flow.domain();
    let d = domain.dimension();
    let extents = domain.lower().iter().zip(domain.upper());
    let size = extents.fold(0.0_f64, |most, (a, b)| most.max(b - a));
    let mut all = vec![0.0; x.len() * d];
    let (mut u, mut grad) = (vec![0.0; x.len() / d], vec![0.0; x.len()]);
    for axis in 0..d {
        for side in differences::sides(differences::positions_along(size, 1.0)) {
            let mut x = x.to_vec();
            x.iter_mut().skip(axis).step_by(d).for_each(|x| *x += side);
            flow.evaluate(cx, parameters, &x, &mut u, Some(&mut grad))?;
            for (all, grad) in all.chunks_exact_mut(d * d).zip(grad.chunks_exact(d)) {
                for (other, slope) in grad.iter().enumerate() {
                    let half = 0.5 * differences::share(*slope, side);
                    all[axis * d + other] += half;
                    all[other * d + axis] += half;
                }
            }
        }
    }
    Ok(all)
}
