//! A communicator of threads: the collective operations of ranks that live in one process.

use movimento::communicator::Communicator;
use movimento::{Error, ErrorKind, Result};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// Longer than any wait in a test that works.
const PATIENCE: Duration = Duration::from_mins(2);

struct Round {
    number: u64,
    /// What the ranks brought to this round: the operation and its numbers.
    brought: Vec<Brought>,
    /// What the last round gave.
    given: Given,
}

/// The numbers, and how many of the ranks had one that is not 0.
type Given = Arc<std::result::Result<(Vec<f64>, Vec<usize>), String>>;

struct Place {
    round: Mutex<Round>,
    over: Condvar,
}

impl Place {
    fn new() -> Self {
        let round = Round {
            number: 0,
            brought: Vec::new(),
            given: Arc::new(Ok((Vec::new(), Vec::new()))),
        };
        Self {
            round: Mutex::new(round),
            over: Condvar::new(),
        }
    }
}

/// One rank's way to the others.
pub struct Meeting {
    rank: usize,
    size: usize,
    place: Arc<Place>,
    operations: AtomicU64,
    /// The operation of this number fails after it was done.
    fails_at: u64,
}

impl Meeting {
    fn meet(&self, operation: &'static str, values: &mut [f64]) -> Result<()> {
        let failed = |why: String| Error::new(ErrorKind::Callback, why);
        let mut round = self.place.round.lock().unwrap();
        round.brought.resize(self.size, None);
        round.brought[self.rank] = Some((operation, values.to_vec()));
        if round.brought.iter().all(Option::is_some) {
            round.given = Arc::new(combined(&round.brought));
            round.brought.fill(None);
            round.number += 1;
            self.place.over.notify_all();
        } else {
            let number = round.number;
            let wait = |round: &mut Round| round.number == number;
            let (waited, time) = self
                .place
                .over
                .wait_timeout_while(round, PATIENCE, wait)
                .unwrap();
            assert!(!time.timed_out(), "rank {} waits alone", self.rank);
            round = waited;
        }
        let given = Arc::clone(&round.given);
        drop(round);
        let given = match &*given {
            Ok(given) => given,
            Err(why) => panic!("rank {}: {why}", self.rank),
        };
        values.copy_from_slice(&given.0);
        if operation == "sum" && self.size > 2 {
            // What MPI leaves open: other bits on other ranks, where more than two numbers are added.
            let noise = 1.0 + self.rank as f64 * f64::EPSILON;
            for (v, terms) in values.iter_mut().zip(&given.1) {
                *v *= if *terms > 2 { noise } else { 1.0 };
            }
        }
        match self.operations.fetch_add(1, Ordering::Relaxed) {
            now if now == self.fails_at => Err(failed(format!("{operation} number {now} is lost"))),
            _ => Ok(()),
        }
    }
}

type Brought = Option<(&'static str, Vec<f64>)>;

fn combined(brought: &[Brought]) -> std::result::Result<(Vec<f64>, Vec<usize>), String> {
    let mut all = brought.iter().flatten();
    let (operation, mut values) = all.next().unwrap().clone();
    let has = |v: &f64| usize::from(*v != 0.0);
    let mut terms: Vec<usize> = values.iter().map(has).collect();
    for (other, more) in all {
        if *other != operation || more.len() != values.len() {
            let (a, b) = (values.len(), more.len());
            return Err(format!("{operation} of {a} numbers meets {other} of {b}"));
        }
        for ((v, more), terms) in values.iter_mut().zip(more).zip(&mut terms) {
            *terms += has(more);
            match operation {
                "sum" => *v += more,
                "max" => *v = v.max(*more),
                _ => {}
            }
        }
    }
    Ok((values, terms))
}

impl Communicator for Meeting {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.size
    }

    fn sum(&self, values: &mut [f64]) -> Result<()> {
        self.meet("sum", values)
    }

    fn max(&self, values: &mut [f64]) -> Result<()> {
        self.meet("max", values)
    }

    fn broadcast(&self, values: &mut [f64]) -> Result<()> {
        self.meet("broadcast", values)
    }
}

/// Does work on so many ranks at once and returns what each did; the function gets the rank and its
/// communicator.
pub fn on_ranks<R: Send>(
    size: usize,
    work: impl Fn(usize, Box<dyn Communicator>) -> R + Sync,
) -> Vec<R> {
    on_failing_ranks(size, |_| u64::MAX, work)
}

/// The same where the operation of a number that is told for each rank fails there.
pub fn on_failing_ranks<R: Send>(
    size: usize,
    fails_at: impl Fn(usize) -> u64,
    work: impl Fn(usize, Box<dyn Communicator>) -> R + Sync,
) -> Vec<R> {
    let place = Arc::new(Place::new());
    let work = &work;
    thread::scope(|scope| {
        let ranks: Vec<_> = (0..size)
            .map(|rank| {
                let meeting = Meeting {
                    rank,
                    size,
                    place: Arc::clone(&place),
                    operations: AtomicU64::new(0),
                    fails_at: fails_at(rank),
                };
                scope.spawn(move || work(rank, Box::new(meeting)))
            })
            .collect();
        ranks.into_iter().map(|rank| rank.join().unwrap()).collect()
    })
}
