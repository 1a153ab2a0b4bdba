//! Which rank has which of the nodes, and sums over them that do not depend on how many ranks there are.

use super::Ranks;
use crate::error::Result;
use std::ops::Range;

/// Sums over nodes are cut into this many lanes, each summed by itself, and added up as a tree: on 1, 2, 4
/// and 8 ranks, each of which has some of the lanes, they so have the same bits. The fit of an initial
/// condition is no convex problem, and lets other bits grow up to its tolerance.
pub(super) const LANES: usize = 8;

impl Ranks {
    /// Into how many lanes this rank's sums are cut, see [`LANES`].
    fn own_lanes(&self) -> usize {
        if self.are_alone() {
            return 1;
        }
        let lanes = LANES / self.size();
        if lanes * self.size() == LANES {
            lanes
        } else {
            1
        }
    }

    /// Whether sums are those of [`LANES`].
    pub(super) fn is_ordered(&self) -> bool {
        LANES.is_multiple_of(self.size())
    }

    /// This rank's part of n things: a run of whole blocks.
    #[must_use]
    pub fn part(&self, n: usize, block: usize) -> Range<usize> {
        cut(n, block, self.size()).swap_remove(self.rank())
    }

    /// The lanes of the n things of this rank: each is summed by itself.
    #[must_use]
    pub fn lanes(&self, n: usize, block: usize) -> Vec<Range<usize>> {
        cut(n, block, self.own_lanes())
    }

    /// The sum as a tree over the ranks. Two numbers and zeros have the same sum in any order, so that
    /// pairs of ranks are summed at a time, while the others add zeros.
    pub(super) fn ordered_sum(&self, values: &mut [f64]) -> Result<()> {
        let own = values.to_vec();
        let mut pairs = Vec::new();
        let mut outcome = Ok(());
        for first in (0..self.size()).step_by(2) {
            let mut pair = vec![0.0; own.len()];
            if (first..first + 2).contains(&self.rank()) {
                pair.copy_from_slice(&own);
            }
            let summed = self.exchange(&mut pair, |them, pair| them.sum(pair));
            outcome = outcome.and(summed);
            pairs.push(pair);
        }
        while pairs.len() > 1 {
            let mut all = pairs.into_iter();
            pairs = Vec::new();
            while let (Some(mut left), right) = (all.next(), all.next()) {
                add(&mut left, right.as_deref().unwrap_or_default());
                pairs.push(left);
            }
        }
        if let Some(sum) = pairs.first() {
            values.copy_from_slice(sum);
        }
        outcome
    }

    /// The sum of what `work` makes of each of this rank's n things, lane by lane, and of what the other
    /// ranks make of theirs: N numbers.
    ///
    /// # Errors
    /// As for [`settle`](Self::settle).
    pub fn sum_over<const N: usize>(
        &self,
        n: usize,
        block: usize,
        work: impl Fn(Range<usize>) -> [f64; N],
    ) -> Result<[f64; N]> {
        let lanes = self.lanes(n, block);
        let mut sums = [0.0; N];
        fold(0..lanes.len(), &mut sums, &mut |lane, out| {
            if let Some(lane) = lanes.get(lane) {
                out.copy_from_slice(&work(lane.clone()));
            }
            Ok(())
        })?;
        self.sum(Ok(()), &mut sums)?;
        Ok(sums)
    }
}

/// Cuts n things into runs of whole blocks, in halves of halves where that can be.
fn cut(n: usize, block: usize, parts: usize) -> Vec<Range<usize>> {
    let blocks = n.div_ceil(block);
    let mut bounds = vec![0, blocks];
    if parts.is_power_of_two() {
        while bounds.len() <= parts {
            let pairs = bounds.windows(2).filter_map(|pair| match pair {
                [first, last] => Some([*first, first + (last - first).div_ceil(2)]),
                _ => None,
            });
            bounds = pairs.flatten().chain([blocks]).collect();
        }
    } else {
        bounds = (0..=parts)
            .map(|part| (part * blocks).div_ceil(parts))
            .collect();
    }
    let ends = bounds.iter().skip(1);
    let pairs = bounds.iter().zip(ends);
    pairs
        .map(|(a, b)| (a * block).min(n)..(b * block).min(n))
        .collect()
}

/// The sum of what `work` writes for each lane, as a tree.
///
/// # Errors
/// Errors of `work`.
pub fn fold(
    lanes: Range<usize>,
    out: &mut [f64],
    work: &mut dyn FnMut(usize, &mut [f64]) -> Result<()>,
) -> Result<()> {
    if lanes.len() <= 1 {
        return lanes.into_iter().try_for_each(|lane| work(lane, out));
    }
    let middle = lanes.start + lanes.len() / 2;
    fold(lanes.start..middle, out, work)?;
    let mut right = vec![0.0; out.len()];
    fold(middle..lanes.end, &mut right, work)?;
    add(out, &right);
    Ok(())
}

fn add(sum: &mut [f64], more: &[f64]) {
    sum.iter_mut().zip(more).for_each(|(s, m)| *s += m);
}
