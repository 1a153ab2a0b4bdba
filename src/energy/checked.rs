//! What comes back from an energy is looked at before anyone computes with it.

use super::density::{Batch, Density, Derivatives, PairBatch, PairKernel, Traits};
use crate::error::{Error, Result};

/// A density whose every number is known to be finite; its errors name the energy.
pub struct Checked<D> {
    name: String,
    inner: D,
}

impl<D> Checked<D> {
    pub fn new(name: &str, inner: D) -> Self {
        let name = name.to_owned();
        Self { name, inner }
    }
}

impl<D: Density> Density for Checked<D> {
    fn traits(&self) -> Traits {
        self.inner.traits()
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        let named = |e: Error| e.context(format_args!("energy `{}`", self.name));
        batch.check(wanted).map_err(named)?;
        self.inner
            .evaluate(batch, &mut wanted.reborrow())
            .map_err(named)?;
        for (array, values) in [
            ("f", &wanted.f),
            ("f_u", &wanted.f_u),
            ("f_p", &wanted.f_p),
            ("f_x", &wanted.f_x),
            ("f_uu", &wanted.f_uu),
            ("f_up", &wanted.f_up),
            ("f_pp", &wanted.f_pp),
        ] {
            let Some((point, value)) = values.as_deref().and_then(|v| bad(v, batch.n())) else {
                continue;
            };
            let x = position(batch.x, batch.d, point);
            let u = batch.u.get(point).copied().unwrap_or(f64::NAN);
            return Err(named(Error::not_finite(format!(
                "{array} is {value} at point {point} (counted from 0), x = {x}, u = {u}"
            ))));
        }
        Ok(())
    }
}

/// The same for a kernel.
pub struct CheckedPair<K> {
    name: String,
    inner: K,
}

impl<K> CheckedPair<K> {
    pub fn new(name: &str, inner: K) -> Self {
        let name = name.to_owned();
        Self { name, inner }
    }
}

impl<K: PairKernel> PairKernel for CheckedPair<K> {
    fn evaluate(
        &self,
        batch: &PairBatch<'_>,
        mut w: Option<&mut [f64]>,
        mut w_x: Option<&mut [f64]>,
    ) -> Result<()> {
        let named = |e: Error| e.context(format_args!("energy `{}`", self.name));
        self.inner
            .evaluate(batch, w.as_deref_mut(), w_x.as_deref_mut())
            .map_err(named)?;
        let n = batch.n();
        for (array, values) in [("w", &w), ("w_x", &w_x)] {
            let Some((pair, value)) = values.as_deref().and_then(|v| bad(v, n)) else {
                continue;
            };
            let x = position(batch.x, batch.d, pair);
            let y = position(batch.y, batch.d, pair);
            return Err(named(Error::not_finite(format!(
                "{array} is {value} at pair {pair} (counted from 0), x = {x}, y = {y}"
            ))));
        }
        Ok(())
    }
}

/// The first of `n` points with an entry that is not finite, and that entry.
fn bad(values: &[f64], n: usize) -> Option<(usize, f64)> {
    // No early exit, so that the usual case is one vectorised pass.
    if values.iter().fold(true, |ok, v| ok & v.is_finite()) {
        return None;
    }
    let at = values.iter().position(|v| !v.is_finite())?;
    let width = values.len().checked_div(n)?.max(1);
    Some((at / width, *values.get(at)?))
}

/// The coordinates of one point, for a message.
pub fn position(x: &[f64], d: usize, point: usize) -> String {
    let coordinates: Vec<String> = x
        .iter()
        .skip(point.saturating_mul(d))
        .take(d)
        .map(f64::to_string)
        .collect();
    format!("({})", coordinates.join(", "))
}
