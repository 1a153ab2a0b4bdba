//! The exchanges of a solver with its other ranks.

mod alike;
mod lanes;
mod sharing;

pub use lanes::fold;

use super::Communicator;
use crate::error::{Error, ErrorKind, Result};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes of a message that travel to the other ranks, at most.
const TEXT: usize = 1000;

/// The other ranks of a solver; by default there are none, and nothing is exchanged.
#[derive(Default)]
pub struct Ranks {
    /// The communicator, if there is one.
    them: Option<Box<dyn Communicator>>,
    /// The collective call that is under way.
    call: Mutex<Option<&'static str>>,
    /// An error in a header, of which the others could not be told in it.
    unsaid: Mutex<Option<Error>>,
}

/// The kind of an exchange, for its header.
#[derive(Clone, Copy)]
enum What {
    End,
    Sum,
    Max,
    Agree,
}

impl std::fmt::Debug for Ranks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "rank {} of {}", self.rank(), self.size())
    }
}

impl Ranks {
    /// The ranks of a communicator.
    ///
    /// # Errors
    /// [`Argument`](ErrorKind::Argument) if there is no such rank, or its functions do not do what they
    /// should; [`Callback`](ErrorKind::Callback) if they fail.
    pub fn new(them: Box<dyn Communicator>) -> Result<Self> {
        let (rank, size) = (them.rank(), them.size());
        if rank >= size {
            return Err(Error::argument(format!(
                "`rank` is {rank} and `size` {size}; accepted are ranks from 0 to below the size"
            )));
        }
        let ranks = Self {
            them: Some(them),
            ..Self::default()
        };
        ranks.call("set_communicator", || ranks.test())?;
        Ok(ranks)
    }

    /// Which rank this is, from 0.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.them.as_ref().map_or(0, |them| them.rank())
    }

    /// How many ranks there are.
    #[must_use]
    pub fn size(&self) -> usize {
        self.them.as_ref().map_or(1, |them| them.size())
    }

    /// Whether there is no communicator: sums are then taken as is best for one process.
    #[must_use]
    pub const fn are_alone(&self) -> bool {
        self.them.is_none()
    }

    /// Runs a call that every rank makes. Whatever fails on one of them, fails on all.
    ///
    /// # Errors
    /// The error of the lowest rank that has one.
    pub fn call<T>(&self, name: &'static str, body: impl FnOnce() -> Result<T>) -> Result<T> {
        if self.are_alone() {
            return body();
        }
        let outer = *lock(&self.call);
        *lock(&self.call) = outer.or(Some(name));
        let leaving = Leaving { ranks: self };
        let outcome = self.settle(body());
        std::mem::forget(leaving);
        *lock(&self.call) = outer;
        outcome
    }

    /// Tells the others how work has ended on this rank: if it failed on any, it has failed on all.
    ///
    /// # Errors
    /// The error of the lowest rank that has one.
    pub fn settle<T>(&self, outcome: Result<T>) -> Result<T> {
        self.header(What::End, 0, outcome)
    }

    /// Replaces `values` by their sums over the ranks, if the work that made them went well on all.
    ///
    /// # Errors
    /// As for [`settle`](Self::settle).
    pub fn sum<T>(&self, outcome: Result<T>, values: &mut [f64]) -> Result<T> {
        let value = self.header(What::Sum, values.len(), outcome)?;
        if self.is_ordered() {
            self.ordered_sum(values)?;
        } else {
            self.exchange(values, |them, values| {
                let summed = them.sum(values);
                them.broadcast(values).and(summed)
            })?;
        }
        Ok(value)
    }

    /// Replaces `values` by their maxima over the ranks, if the work that made them went well.
    ///
    /// # Errors
    /// As for [`settle`](Self::settle).
    pub fn max<T>(&self, outcome: Result<T>, values: &mut [f64]) -> Result<T> {
        let value = self.header(What::Max, values.len(), outcome)?;
        self.exchange(values, |them, values| {
            let found = them.max(values);
            them.broadcast(values).and(found)
        })?;
        Ok(value)
    }

    /// Takes rank 0's values for those of all, which are the same but for rounding.
    ///
    /// # Errors
    /// As for [`settle`](Self::settle).
    pub fn agree<T>(&self, outcome: Result<T>, values: &mut [f64]) -> Result<T> {
        let value = self.header(What::Agree, values.len(), outcome)?;
        self.exchange(values, |them, values| them.broadcast(values))?;
        Ok(value)
    }

    /// Takes rank 0's word for that of all.
    ///
    /// # Errors
    /// As for [`settle`](Self::settle).
    pub fn agree_whether(&self, outcome: Result<bool>) -> Result<bool> {
        let mut said = [f64::from(matches!(outcome, Ok(true)))];
        self.agree(outcome, &mut said)?;
        Ok(said == [1.0])
    }

    /// How many things each rank has.
    ///
    /// # Errors
    /// As for [`settle`](Self::settle).
    pub fn counts(&self, own: usize) -> Result<Vec<usize>> {
        let mut counts = vec![0.0; self.size()];
        if let Some(count) = counts.get_mut(self.rank()) {
            *count = own as f64;
        }
        self.sum(Ok(()), &mut counts)?;
        Ok(counts.iter().map(|n| *n as usize).collect())
    }

    /// Gathers the values of all ranks, in the order of the ranks.
    ///
    /// # Errors
    /// As for [`settle`](Self::settle).
    pub fn gather(&self, own: &[f64]) -> Result<Vec<f64>> {
        if self.size() == 1 {
            return Ok(own.to_vec());
        }
        let counts = self.counts(own.len())?;
        let before: usize = counts.iter().take(self.rank()).sum();
        let mut all = vec![0.0; counts.iter().sum()];
        if let Some(place) = all.get_mut(before..before + own.len()) {
            place.copy_from_slice(own);
        }
        self.sum(Ok(()), &mut all)?;
        Ok(all)
    }

    /// Begins an exchange: the ranks tell each other which one it is, and how their work went.
    fn header<T>(&self, what: What, length: usize, outcome: Result<T>) -> Result<T> {
        let Some(them) = self.them.as_ref().filter(|them| them.size() > 1) else {
            return outcome;
        };
        let outcome = match (outcome, lock(&self.unsaid).take()) {
            // All have it, and all leave with it.
            (Err(error), _) if error.is_everywhere() => return Err(error),
            (Ok(_), Some(unsaid)) => Err(unsaid),
            (outcome, _) => outcome,
        };
        let size = them.size() as f64;
        let place = self.place(what, length);
        let failed = if outcome.is_err() {
            size - them.rank() as f64
        } else {
            0.0
        };
        let mut header = [failed, place, -place];
        if let Err(error) = them.max(&mut header) {
            header = [failed, place, -place];
            if outcome.is_ok() {
                // The others go on; so does this rank, as far as the next header.
                *lock(&self.unsaid) = Some(failure(error));
            }
        }
        let [failed, most, least] = header;
        if failed > 0.0 {
            let rank = (size - failed) as usize;
            return Err(self.learn(&**them, rank, outcome.err()));
        }
        if most != -least {
            let call = lock(&self.call).unwrap_or("no call");
            return Err(Error::state(format!(
                "the ranks are not at the same place: rank {} is in `{call}`; accepted is that all \
                 make the same collective calls in the same order, with arrays of the same lengths \
                 where these are not their own",
                them.rank()
            ))
            .everywhere());
        }
        outcome
    }

    /// Where in the program this is, as a number below 2^53.
    fn place(&self, what: What, length: usize) -> f64 {
        let call = lock(&self.call).unwrap_or_default();
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        let call = call.bytes().fold(0xcbf2_9ce4_8422_2325, mix) >> 52;
        let length = length as u64 & 0x3f_ffff_ffff;
        ((call << 40) | ((what as u64) << 38) | length) as f64
    }

    /// The error of a rank, told to all.
    fn learn(&self, them: &dyn Communicator, rank: usize, own: Option<Error>) -> Error {
        let mut text = vec![0.0; 1 + TEXT];
        let own = own.filter(|_| rank == them.rank());
        if let (Some(own), [status, bytes @ ..]) = (&own, text.as_mut_slice()) {
            *status = f64::from(own.kind().status());
            let message = own.message().bytes();
            bytes
                .iter_mut()
                .zip(message)
                .for_each(|(b, m)| *b = m.into());
        }
        let told = them.sum(&mut text);
        let (status, bytes) = text.split_first().unwrap_or((&0.0, &[]));
        let bytes: Vec<u8> = bytes
            .iter()
            .map_while(|b| (*b > 0.0).then_some(*b as u8))
            .collect();
        let message = String::from_utf8_lossy(&bytes);
        let error = match (own, told) {
            (Some(own), _) => own,
            (None, Ok(())) => Error::new(ErrorKind::of_status(*status as i32), message),
            (None, Err(error)) => failure(error),
        };
        error.context(format!("rank {rank}")).everywhere()
    }

    fn exchange(
        &self,
        values: &mut [f64],
        work: impl FnOnce(&dyn Communicator, &mut [f64]) -> Result<()>,
    ) -> Result<()> {
        match &self.them {
            Some(them) if them.size() > 1 && !values.is_empty() => {
                work(&**them, values).map_err(failure)
            }
            _ => Ok(()),
        }
    }
}

/// Ends the call on the other ranks if this one panics, which is a bug.
struct Leaving<'a> {
    ranks: &'a Ranks,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        let say = || -> Result<()> {
            let bug = Error::new(ErrorKind::Internal, "a bug in movimento");
            self.ranks.settle(Err(bug))
        };
        // Nobody is left here to tell, and a second panic would end the process.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(say));
        *lock(&self.ranks.call) = None;
    }
}

/// A failure of the host's functions: whatever it says, there is no going on.
fn failure(error: Error) -> Error {
    Error::callback(error.message()).context("communicator")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
