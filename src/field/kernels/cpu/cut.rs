//! Nodes cut into shares for the threads, and shares into chunks for the cache.

use crate::field::Network;
use std::ops::Range;

/// Shares at most; fixed, so that sums over them do not depend on the threads.
const SHARES: usize = 16;

/// A cut of n nodes. Matrix products run at full speed on whole blocks of nodes, so all parts are
/// multiples of a block, as equal as can be; only the last may end within one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    n: usize,
    block: usize,
    blocks: usize,
    shares: usize,
    chunks: usize,
}

impl Cut {
    /// The cut of n nodes for [`Linearization`](super::Linearization) in the precision R.
    pub fn of<R>(network: &Network, n: usize) -> Self {
        const CACHE: usize = 1 << 20;
        /// Arrays of a hidden layer.
        const ARRAYS: usize = 6;
        let block = 48 * size_of::<f64>() / size_of::<R>();
        let units: usize = network.widths().iter().skip(1).sum();
        let most = CACHE / (ARRAYS * units * block * size_of::<R>());
        Self::new(n, block, most.clamp(1, 8))
    }

    /// A cut into chunks of at most `most` blocks of `block` nodes.
    fn new(n: usize, block: usize, most: usize) -> Self {
        let blocks = n.div_ceil(block);
        let shares = SHARES.min(blocks).max(1);
        let chunks = blocks.div_ceil(shares).div_ceil(most).max(1);
        Self {
            n,
            block,
            blocks,
            shares,
            chunks,
        }
    }

    /// Number of shares.
    pub const fn shares(&self) -> usize {
        self.shares
    }

    /// Number of chunks of each share; some may be empty.
    pub const fn chunks(&self) -> usize {
        self.chunks
    }

    /// The nodes of a share.
    pub fn share(&self, share: usize) -> Range<usize> {
        let start = share * self.blocks / self.shares;
        let end = (share + 1) * self.blocks / self.shares;
        self.nodes(start, end)
    }

    /// The nodes of a chunk of a share.
    pub fn chunk(&self, share: usize, chunk: usize) -> Range<usize> {
        let first = share * self.blocks / self.shares;
        let blocks = (share + 1) * self.blocks / self.shares - first;
        let start = first + chunk * blocks / self.chunks;
        let end = first + (chunk + 1) * blocks / self.chunks;
        self.nodes(start, end)
    }

    fn nodes(&self, start: usize, end: usize) -> Range<usize> {
        (start * self.block).min(self.n)..(end * self.block).min(self.n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_is_in_one_chunk_and_chunks_are_blocks() {
        for n in [0, 1, 47, 48, 49, 700, 10_000, 10_001, 123_456] {
            for most in [1, 3, 8] {
                let cut = Cut::new(n, 48, most);
                let mut next = 0;
                for share in 0..cut.shares() {
                    assert_eq!(cut.share(share).start, next);
                    for chunk in 0..cut.chunks() {
                        let nodes = cut.chunk(share, chunk);
                        assert_eq!(nodes.start, next);
                        assert!(nodes.len() <= 48 * most);
                        assert!(nodes.len().is_multiple_of(48) || nodes.end == n);
                        next = nodes.end;
                    }
                    assert_eq!(cut.share(share).end, next);
                }
                assert_eq!(next, n);
            }
        }
    }
}
