//! Second derivatives of densities in h = Hess u, by central differences of the first ones.

use super::differences::symmetrise;
use super::steps;
use super::{Batch, Derivatives, EnergyDensity};
use crate::error::Result;

/// Fills `f_uh`, `f_ph` and `f_hh` where they are wanted, which are no longer wanted then, from steps along each
/// pair of axes of each component of h.
///
/// A density is asked for symmetric h alone: both entries of a pair move, and each has half of what that makes.
pub(super) fn along_h<D: EnergyDensity>(
    density: &D,
    batch: &Batch<'_>,
    wanted: &mut Derivatives<'_>,
) -> Result<()> {
    let (c, d) = (batch.c, batch.d);
    let size = c * d * d;
    let mut outputs = [
        (c, wanted.f_uh.take()),
        (c * d, wanted.f_ph.take()),
        (size, wanted.f_hh.take()),
    ];
    if outputs.iter().all(|(_, out)| out.is_none()) {
        return Ok(());
    }
    let sides = || {
        outputs
            .each_ref()
            .map(|(rows, out)| room(out.is_some(), rows * batch.n()))
    };
    let (mut high, mut low) = (sides(), sides());
    let sizes: Vec<f64> = batch
        .h
        .chunks_exact(d * d)
        .map(|h| h.iter().map(|h| h * h).sum::<f64>().sqrt())
        .collect();
    let steps = steps::of_sizes(&sizes);
    for (component, i, j) in pairs(c, d) {
        let entries = [(i, j), (j, i)].map(|(i, j)| (component * d + i) * d + j);
        for (sign, side) in [(1.0, &mut high), (-1.0, &mut low)] {
            let mut h = batch.h.to_vec();
            let own = steps.iter().skip(component).step_by(c);
            for (h, step) in h.chunks_exact_mut(size).zip(own) {
                h[entries[0]] += sign * step;
                h[entries[1]] = h[entries[0]];
            }
            let [f_u, f_p, f_h] = side.each_mut().map(Option::as_deref_mut);
            let mut first = Derivatives {
                f_u,
                f_p,
                f_h,
                ..Derivatives::default()
            };
            density.evaluate(&Batch { h: &h, ..*batch }, &mut first)?;
        }
        let share = if i == j { 0.5 } else { 0.25 };
        let sides = high.iter().zip(&low);
        for ((rows, out), (high, low)) in outputs.iter_mut().zip(sides) {
            let (Some(out), Some(high), Some(low)) = (out, high, low) else {
                continue;
            };
            let rows_of = out
                .chunks_exact_mut(size)
                .zip(high.iter().zip(low))
                .enumerate();
            for (row, (out, (high, low))) in rows_of {
                let slope = share * (high - low) / steps[row / *rows * c + component];
                entries.iter().for_each(|entry| out[*entry] = slope);
            }
        }
    }
    if let [.., (_, Some(f_hh))] = &mut outputs {
        let matrices = f_hh.chunks_exact_mut(size * size);
        matrices.for_each(|matrix| symmetrise(matrix, size));
    }
    Ok(())
}

/// Components with pairs of axes, each pair once.
fn pairs(c: usize, d: usize) -> Vec<(usize, usize, usize)> {
    let mut all = Vec::with_capacity(c * d * (d + 1) / 2);
    for component in 0..c {
        for i in 0..d {
            all.extend((0..=i).map(|j| (component, i, j)));
        }
    }
    all
}

fn room(is_wanted: bool, len: usize) -> Option<Vec<f64>> {
    is_wanted.then(|| vec![0.0; len])
}
