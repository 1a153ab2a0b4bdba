//! Chunks of points, sums over them in a fixed order, and jets turned to channels and back.

use super::{At, CHUNK};
use crate::error::Result;
use crate::field::{JetShape, JetsMut, JetsRef};
use crate::parallel::Pool;
use std::ops::Range;

/// Partial sums that are added in order; fixed, so that bits do not depend on threads.
const LANES: usize = 16;

/// The points of a chunk, of n.
pub(super) fn chunk_of(n: usize, chunk: usize) -> Range<usize> {
    chunk * CHUNK..((chunk + 1) * CHUNK).min(n)
}

/// Overwrites `sum` by what `add` adds up for each chunk of n points.
///
/// # Errors
/// Errors of the threads.
pub(super) fn sum_by_chunks(
    pool: &Pool,
    n: usize,
    sum: &mut [f64],
    add: impl Fn(usize, &mut [f64]) + Sync,
) -> Result<()> {
    let chunks = n.div_ceil(CHUNK);
    let per_lane = chunks.div_ceil(LANES).max(1);
    let size = sum.len().max(1);
    let mut partial = vec![0.0; chunks.div_ceil(per_lane) * sum.len()];
    pool.try_for_each(partial.chunks_mut(size).enumerate(), |(lane, partial)| {
        for chunk in lane * per_lane..((lane + 1) * per_lane).min(chunks) {
            add(chunk, partial);
        }
        Ok(())
    })?;
    sum.fill(0.0);
    for partial in partial.chunks(size) {
        sum.iter_mut().zip(partial).for_each(|(s, p)| *s += p);
    }
    Ok(())
}

/// Jets turned to channels, `[channels][n][c]`: all that the points have if there is a second-order
/// one, whose seeds are zero where none are given.
pub(super) fn channels_first(at: &At<'_>, jets: JetsRef<'_>, out: &mut Vec<f64>) {
    let d = at.network.dimension();
    out.clear();
    out.extend_from_slice(jets.value);
    if !jets.slope.is_empty() {
        for axis in 0..d {
            out.extend(jets.slope.iter().skip(axis).step_by(d));
        }
    }
    out.extend_from_slice(jets.curved);
    if !at.curvature.is_empty() {
        out.resize((2 + d) * jets.value.len(), 0.0);
    }
}

/// Channels, `[channels][n][c]`, turned to jets.
pub(super) fn nodes_first(channels: &[f64], shape: JetShape, jets: JetsMut<'_>) {
    let (d, size) = (shape.dimension, jets.value.len());
    let (value, slopes) = channels.split_at(size);
    jets.value.copy_from_slice(value);
    if jets.slope.is_empty() {
        return;
    }
    for (axis, along) in slopes.chunks_exact(size.max(1)).take(d).enumerate() {
        let out = jets.slope.iter_mut().skip(axis).step_by(d);
        out.zip(along).for_each(|(o, v)| *o = *v);
    }
}
