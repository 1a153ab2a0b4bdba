//! Ranks: the processes, such as those of MPI, that share the nodes of one solver.
//!
//! Every rank holds the same parameters and takes the same decisions; only the nodes are its own. What
//! is summed over nodes is summed over ranks as well, by functions of the host's.
//!
//! Each exchange begins with a header, in which every rank says whether anything has failed on it and
//! where in the program it is. A rank on which something fails therefore just leaves, by whatever way: its
//! next header is that of the end of the call, the others are at that of their next exchange, and all leave
//! with its error. What decisions are taken from is rank 0's for all: MPI does not promise the same bits
//! of a sum on every rank.

mod ranks;

pub use ranks::{Ranks, fold};

use crate::error::Result;

/// Collective functions of the host's: every rank calls the same one at the same time. They are called on
/// the thread that called the solver.
pub trait Communicator: Send + Sync {
    /// Which rank this is, from 0.
    fn rank(&self) -> usize;

    /// How many ranks there are.
    fn size(&self) -> usize;

    /// Replaces `values` by their sums over the ranks.
    ///
    /// # Errors
    /// Errors of the host, with which the solver's call ends on all ranks.
    fn sum(&self, values: &mut [f64]) -> Result<()>;

    /// Replaces `values` by the largest over the ranks.
    ///
    /// # Errors
    /// As for [`sum`](Self::sum).
    fn max(&self, values: &mut [f64]) -> Result<()>;

    /// Replaces `values` by those of rank 0.
    ///
    /// # Errors
    /// As for [`sum`](Self::sum).
    fn broadcast(&self, values: &mut [f64]) -> Result<()>;
}
