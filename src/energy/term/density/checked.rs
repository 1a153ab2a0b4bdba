//! Densities whose answers are looked at before anyone computes with them.

use super::{Batch, Derivatives, EnergyDensity, Traits};
use crate::error::{Error, Result};

/// A density whose every number is known to be finite; its errors name the energy.
pub struct Checked<D> {
    name: String,
    inner: D,
}

impl<D> Checked<D> {
    /// Wraps a density of the energy of this name.
    pub fn new(name: &str, inner: D) -> Self {
        let name = name.to_owned();
        Self { name, inner }
    }
}

impl<D: EnergyDensity> EnergyDensity for Checked<D> {
    fn traits(&self) -> Traits {
        self.inner.traits()
    }

    fn components(&self) -> usize {
        self.inner.components()
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        let named = |e: Error| e.context(format_args!("energy `{}`", self.name));
        // Densities that know nothing of second derivatives are not asked for them.
        let mut asked = wanted.reborrow();
        if !self.traits().uses_hessian {
            asked.settle_hessian();
        }
        self.inner.evaluate(batch, &mut asked).map_err(named)?;
        for (array, values) in [
            ("f", &wanted.f),
            ("f_u", &wanted.f_u),
            ("f_p", &wanted.f_p),
            ("f_x", &wanted.f_x),
            ("f_uu", &wanted.f_uu),
            ("f_up", &wanted.f_up),
            ("f_pp", &wanted.f_pp),
            ("f_h", &wanted.f_h),
            ("f_uh", &wanted.f_uh),
            ("f_ph", &wanted.f_ph),
            ("f_hh", &wanted.f_hh),
        ] {
            let Some((point, value)) = values.as_deref().and_then(|v| first_bad(v, batch.n()))
            else {
                continue;
            };
            let x = position(batch.x, batch.d, point);
            let u = match batch.c {
                1 => batch.u.get(point).copied().unwrap_or(f64::NAN).to_string(),
                c => position(batch.u, c, point),
            };
            return Err(named(Error::not_finite(format!(
                "{array} is {value} at point {point} (counted from 0), x = {x}, u = {u}; \
                 accepted are finite numbers wherever a step may look"
            ))));
        }
        Ok(())
    }
}

/// Finds the first of `n` points with an entry that is not finite, and that entry.
pub fn first_bad(values: &[f64], n: usize) -> Option<(usize, f64)> {
    // No early exit, so that the usual case is one vectorised pass.
    if values.iter().fold(true, |ok, v| ok & v.is_finite()) {
        return None;
    }
    let at = values.iter().position(|v| !v.is_finite())?;
    let width = values.len().checked_div(n)?.max(1);
    Some((at / width, *values.get(at)?))
}

/// Writes the coordinates of one point, for a message.
pub fn position(x: &[f64], d: usize, point: usize) -> String {
    let coordinates: Vec<String> = x
        .iter()
        .skip(point.saturating_mul(d))
        .take(d)
        .map(f64::to_string)
        .collect();
    format!("({})", coordinates.join(", "))
}
