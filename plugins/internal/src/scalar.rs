//! Densities that are functions of `u` alone.

use movimento_plugin::{Error, First, Points, Result, Second};

/// A function `h(u)` with its two derivatives.
pub(crate) trait Scalar {
    fn value(&self, u: f64) -> f64;
    fn slope(&self, u: f64) -> f64;
    fn curvature(&self, u: f64) -> f64;
}

pub(crate) fn first<H: Scalar>(h: &H, at: &Points<'_>, out: &mut First<'_>) -> Result<()> {
    if let Some(f) = &mut out.f {
        f.iter_mut().zip(at.u).for_each(|(f, &u)| *f = h.value(u));
    }
    if let Some(f_u) = &mut out.f_u {
        f_u.iter_mut()
            .zip(at.u)
            .for_each(|(f_u, &u)| *f_u = h.slope(u));
    }
    Ok(())
}

pub(crate) fn second<H: Scalar>(h: &H, at: &Points<'_>, out: &mut Second<'_>) -> Result<()> {
    if let Some(f_uu) = &mut out.f_uu {
        f_uu.iter_mut()
            .zip(at.u)
            .for_each(|(f_uu, &u)| *f_uu = h.curvature(u));
    }
    Ok(())
}

/// Below this density the derivatives are held constant: `u^(m-2)` stays finite for all `m > 0`.
pub(crate) const FLOOR: f64 = 1e-150;

/// `u`, at least [`FLOOR`]. NaN stays NaN, which `f64::max` would hide.
pub(crate) fn floored(u: f64) -> f64 {
    if u < FLOOR { FLOOR } else { u }
}

/// Refuses negative densities; a smaller step may avoid them.
pub(crate) fn require_density(id: &str, at: &Points<'_>) -> Result<()> {
    match at.u.iter().position(|&u| u < 0.0) {
        None => Ok(()),
        Some(i) => {
            let u = at.u.get(i).copied().unwrap_or(f64::NAN);
            Err(Error::recoverable(format!(
                "{id} needs u >= 0, but u = {u:e} at point {i}"
            )))
        }
    }
}
