//! The chance in a change of the energy, which is a sum over labels that are a sample.

use crate::error::Result;
use crate::flow::transport::{Measure, Terms};
use crate::flow::{Context, Observed};

/// Parts of the labels, each of which is a sample for itself.
const PARTS: usize = 16;

/// The standard error of the change of the energy between two states of d coordinates, by its change in each part.
///
/// # Errors
/// Errors of the energies.
pub(super) fn of_energy(
    cx: &Context,
    (terms, d): (&Terms, usize),
    [before, after]: [&Observed; 2],
) -> Result<f64> {
    let energy = |observed: &Observed, part: usize| -> Result<f64> {
        let labels = (part..observed.rho.len()).step_by(PARTS);
        let mass: f64 = labels.clone().map(|i| observed.p[i]).sum();
        let rho: Vec<f64> = labels.clone().map(|i| observed.rho[i]).collect();
        let w: Vec<f64> = labels.clone().map(|i| observed.p[i] / mass).collect();
        let y: Vec<f64> = labels
            .flat_map(|i| observed.u[i * d..(i + 1) * d].iter().copied())
            .collect();
        let measure = Measure {
            d,
            t: cx.time,
            y: &y,
            w: &w,
            rho: &rho,
        };
        Ok(terms.energies(&cx.pool, &measure)?.iter().sum())
    };
    let changes = (0..PARTS).map(|part| Ok(energy(after, part)? - energy(before, part)?));
    let changes: Vec<f64> = changes.collect::<Result<_>>()?;
    let parts = PARTS as f64;
    let mean = changes.iter().sum::<f64>() / parts;
    let squares: f64 = changes.iter().map(|c| (c - mean) * (c - mean)).sum();
    Ok((squares / (parts * (parts - 1.0))).sqrt())
}
