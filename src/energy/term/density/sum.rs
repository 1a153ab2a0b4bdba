//! The sum of the terms' densities.

use super::{Batch, Derivatives, EnergyDensity};
use crate::error::Result;
use std::sync::Arc;

/// Fills what is wanted with the sum over `densities`, term after term in their order.
///
/// # Errors
/// The error of the first term that fails.
pub fn evaluate_sum(
    densities: &[Arc<dyn EnergyDensity>],
    batch: &Batch<'_>,
    wanted: &mut Derivatives<'_>,
) -> Result<()> {
    let Some((first, rest)) = densities.split_first() else {
        wanted.each(|array| array.fill(0.0));
        return Ok(());
    };
    if batch.n() == 0 {
        return Ok(());
    }
    first.evaluate(batch, wanted)?;
    if rest.is_empty() {
        return Ok(());
    }
    let mut buffers = wanted.lengths().map(|length| vec![0.0; length]);
    for density in rest {
        density.evaluate(batch, &mut Derivatives::from_buffers(&mut buffers))?;
        let mut terms = buffers.iter().filter(|b| !b.is_empty());
        wanted.each(|sum| {
            let term = terms.next().into_iter().flatten();
            sum.iter_mut().zip(term).for_each(|(s, t)| *s += t);
        });
    }
    Ok(())
}
