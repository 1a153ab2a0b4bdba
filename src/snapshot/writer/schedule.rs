//! When the index is rewritten: seldom enough that it costs a small part of the run, however long that is.

use crate::error::Result;
use std::time::{Duration, Instant};

/// The index is left alone for so many times what it took to write it.
const PATIENCE: u32 = 400;

/// When the index is rewritten.
pub(super) struct Schedule {
    interval: Duration,
    /// When it was last tried, and how long that took.
    last: Option<(Instant, Duration)>,
    stale: bool,
}

impl Schedule {
    /// At the earliest after so many seconds.
    pub fn new(seconds: f64) -> Self {
        Self {
            interval: Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX),
            last: None,
            stale: true,
        }
    }

    /// There is a snapshot more than in the index.
    pub const fn add(&mut self) {
        self.stale = true;
    }

    /// Whether the index does not have all snapshots.
    pub const fn is_stale(&self) -> bool {
        self.stale
    }

    pub fn is_due(&self) -> bool {
        self.stale
            && self.last.is_none_or(|(when, cost)| {
                when.elapsed() >= self.interval.max(cost.saturating_mul(PATIENCE))
            })
    }

    /// Rewrites the index.
    pub fn run(&mut self, write: impl FnOnce() -> Result<()>) -> Result<()> {
        let start = Instant::now();
        let done = write();
        self.last = Some((Instant::now(), start.elapsed()));
        self.stale = done.is_err();
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_that_takes_long_is_rewritten_seldom() {
        let mut schedule = Schedule::new(0.0);
        assert!(schedule.is_due());
        let slow = || {
            std::thread::sleep(Duration::from_millis(4));
            Ok(())
        };
        schedule.run(slow).unwrap();
        assert!(!schedule.is_due() && !schedule.is_stale());
        schedule.add();
        assert!(schedule.is_stale() && !schedule.is_due());
        std::thread::sleep(Duration::from_millis(10));
        assert!(!schedule.is_due());
        // A failure leaves it stale, and counts as a try.
        let failed = schedule.run(|| Err(crate::Error::new(crate::ErrorKind::File, "full")));
        assert!(failed.is_err() && schedule.is_stale());
        let mut patient = Schedule::new(3600.0);
        patient.run(|| Ok(())).unwrap();
        patient.add();
        assert!(!patient.is_due());
    }
}
