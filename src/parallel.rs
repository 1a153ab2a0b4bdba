//! The threads of one solver, and the ranks that it shares its nodes with.
//!
//! Work is cut into tasks whose number and contents never depend on the thread count, and results
//! are combined in the order of the tasks: the same bits come out on one thread and on many.

use crate::communicator::Ranks;
use crate::error::{Error, Result};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A pool that belongs to one solver; with one thread everything runs on the caller's.
#[derive(Debug)]
pub struct Pool {
    workers: Option<ThreadPool>,
    threads: usize,
    /// The process that has the threads: they do not follow into one that it forks.
    process: u32,
    ranks: Ranks,
}

impl Pool {
    /// A pool of `threads`; 0 takes what the process may use.
    ///
    /// # Errors
    /// [`Memory`](crate::ErrorKind::Memory) if the system refuses to start the threads.
    pub fn new(threads: usize) -> Result<Self> {
        let threads = if threads == 0 {
            std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
        } else {
            threads
        };
        let workers = if threads == 1 {
            None
        } else {
            let build = {
                let _blocked = signals::Blocked::enter();
                ThreadPoolBuilder::new()
                    .num_threads(threads - 1)
                    .thread_name(|i| format!("movimento-{i}"))
                    .build()
            };
            Some(build.map_err(|e| {
                Error::memory(format!(
                    "option `threads` = {threads}: cannot start the threads: {e}; take fewer"
                ))
            })?)
        };
        Ok(Self {
            workers,
            threads,
            process: std::process::id(),
            ranks: Ranks::default(),
        })
    }

    /// The ranks among which the nodes are split; none but this one unless there is a communicator.
    #[must_use]
    pub const fn ranks(&self) -> &Ranks {
        &self.ranks
    }

    /// Splits the nodes among these ranks.
    pub fn set_ranks(&mut self, ranks: Ranks) {
        self.ranks = ranks;
    }

    /// How many threads work.
    #[must_use]
    pub const fn threads(&self) -> usize {
        self.threads
    }

    /// Runs `task` on every item, the caller's thread being one of those that work. Of several
    /// errors the one of the first item is returned.
    ///
    /// # Errors
    /// The error of the first task that has one.
    pub fn try_for_each<I>(
        &self,
        items: I,
        task: impl Fn(I::Item) -> Result<()> + Sync,
    ) -> Result<()>
    where
        I: IntoIterator<IntoIter: Send>,
    {
        let forked = || std::process::id() != self.process;
        let Some(workers) = self.workers.as_ref().filter(|_| !forked()) else {
            return items.into_iter().try_for_each(task);
        };
        let first = Mutex::new(None::<(usize, Error)>);
        let items = Mutex::new(items.into_iter().enumerate());
        let next = || lock(&items).next();
        let work = || {
            while let Some((index, item)) = next() {
                if let Err(error) = task(item) {
                    let mut first = lock(&first);
                    if first.as_ref().is_none_or(|(earlier, _)| index < *earlier) {
                        *first = Some((index, error));
                    }
                }
            }
        };
        workers.in_place_scope(|scope| {
            for _ in 1..self.threads {
                scope.spawn(|_| work());
            }
            // The others take a while to wake up.
            work();
        });
        match first.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some((_, error)) => Err(error),
            None => Ok(()),
        }
    }
}

/// Signals of the host are for threads of the host: workers are started with all blocked but those that a fault of
/// their own raises.
mod signals {
    use std::mem::MaybeUninit;

    const OF_FAULTS: [libc::c_int; 6] = [
        libc::SIGSEGV,
        libc::SIGBUS,
        libc::SIGFPE,
        libc::SIGILL,
        libc::SIGTRAP,
        libc::SIGSYS,
    ];

    /// Blocks signals on this thread, and on those that it starts for good, while it is there.
    pub struct Blocked(libc::sigset_t);

    impl Blocked {
        pub fn enter() -> Self {
            let mut blocked = MaybeUninit::uninit();
            let mut before = MaybeUninit::uninit();
            // SAFETY: the sets are filled before they are read, and the signals are those of the system.
            unsafe {
                libc::sigfillset(blocked.as_mut_ptr());
                for signal in OF_FAULTS {
                    libc::sigdelset(blocked.as_mut_ptr(), signal);
                }
                libc::sigemptyset(before.as_mut_ptr());
                libc::pthread_sigmask(libc::SIG_SETMASK, blocked.as_ptr(), before.as_mut_ptr());
                Self(before.assume_init())
            }
        }
    }

    impl Drop for Blocked {
        fn drop(&mut self) {
            // SAFETY: the mask that the thread had.
            unsafe {
                libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, std::ptr::null_mut());
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
