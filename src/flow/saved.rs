//! The fingerprints of a flow, by which a restart knows its nodes and its problem again.

use super::Flow;
use crate::communicator::Ranks;
use crate::error::Result;
use crate::fingerprint::{Fingerprint, Numbers};

/// Bits of a fingerprint that are exchanged as one number: sums over up to 2^29 ranks are exact.
const LIMB: u32 = 24;
const LIMBS: usize = 6;

/// The fingerprint of every node that a flow's steps do not draw anew, and of its volume. On ranks it is that of the
/// nodes of all of them, in the order of the ranks, however they are split. Collective.
///
/// # Errors
/// Errors of the other ranks.
pub(crate) fn fingerprint(flow: &dyn Flow, ranks: &Ranks) -> Result<Fingerprint> {
    let volume = flow.domain().volume();
    if ranks.are_alone() {
        let mut numbers = Numbers::default();
        flow.add_fingerprint(&mut numbers);
        numbers.add(&[volume]);
        return Ok(numbers.finish());
    }
    let mut counted = Numbers::counting();
    flow.add_fingerprint(&mut counted);
    let own = counted.lengths();
    let (before, mut described) = places(&own, ranks)?;
    let mut part = Numbers::of_part(before, ranks.rank() == 0);
    flow.add_fingerprint(&mut part);
    let sum = summed(part.finish(), ranks)?;
    described.extend([sum.0 as u64, (sum.0 >> 64) as u64, volume.to_bits()]);
    let bytes: Vec<u8> = described.iter().flat_map(|n| n.to_le_bytes()).collect();
    Ok(Fingerprint::of(&bytes))
}

/// The fingerprint of what is posed beside energies and options, on whichever nodes.
pub(crate) fn problem(flow: &dyn Flow) -> Fingerprint {
    let mut numbers = Numbers::default();
    flow.add_problem(&mut numbers);
    numbers.finish()
}

/// How many entries of each list the ranks before this one have, and how many all have.
#[allow(clippy::cast_precision_loss)] // lists are far below 2^53
fn places(own: &[u64], ranks: &Ranks) -> Result<(Vec<u64>, Vec<u64>)> {
    let k = own.len();
    let mut all = vec![0.0; k * ranks.size()];
    let row = all.iter_mut().skip(k * ranks.rank());
    row.zip(own).for_each(|(place, n)| *place = *n as f64);
    ranks.sum(Ok(()), &mut all)?;
    let (mut before, mut total) = (vec![0; k], vec![0; k]);
    for (rank, lengths) in all.chunks_exact(k.max(1)).enumerate() {
        for (list, length) in lengths.iter().enumerate() {
            let length = *length as u64;
            before[list] += if rank < ranks.rank() { length } else { 0 };
            total[list] += length;
        }
    }
    Ok((before, total))
}

/// The sum over the ranks, as of numbers of 128 bits.
fn summed(part: Fingerprint, ranks: &Ranks) -> Result<Fingerprint> {
    let mask = (1_u128 << LIMB) - 1;
    let limb = |at: usize| ((part.0 >> (at as u32 * LIMB)) & mask) as u32;
    let mut limbs: [f64; LIMBS] = std::array::from_fn(|at| f64::from(limb(at)));
    ranks.sum(Ok(()), &mut limbs)?;
    let shifted = limbs.iter().enumerate().map(|(at, limb)| {
        let limb = limb.round() as u128;
        limb.wrapping_shl(at as u32 * LIMB)
    });
    Ok(Fingerprint(
        shifted.fold(0, |sum: u128, limb| sum.wrapping_add(limb)),
    ))
}
