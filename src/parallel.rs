//! The threads of one solver.
//!
//! Work is cut into tasks whose number and contents never depend on the thread count, and results
//! are combined in the order of the tasks: the same bits come out on one thread and on many.

use crate::error::{Error, Result};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::{Mutex, PoisonError};

/// A pool that belongs to one solver; with one thread everything runs on the caller's.
#[derive(Debug)]
pub struct Pool {
    workers: Option<ThreadPool>,
    threads: usize,
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
            let build = ThreadPoolBuilder::new()
                .num_threads(threads)
                .thread_name(|i| format!("movimento-{i}"))
                .build();
            Some(build.map_err(|e| {
                Error::memory(format!(
                    "option `threads` = {threads}: cannot start the threads: {e}"
                ))
            })?)
        };
        Ok(Self { workers, threads })
    }

    /// How many threads work.
    #[must_use]
    pub const fn threads(&self) -> usize {
        self.threads
    }

    /// Runs `task` on every item. Of several errors the one of the first item is returned.
    ///
    /// # Errors
    /// What a task returns.
    pub fn try_for_each<T: Send>(
        &self,
        items: impl IntoIterator<Item = T>,
        task: impl Fn(T) -> Result<()> + Sync,
    ) -> Result<()> {
        let Some(workers) = &self.workers else {
            return items.into_iter().try_for_each(task);
        };
        let first = Mutex::new(None::<(usize, Error)>);
        workers.in_place_scope(|scope| {
            for (index, item) in items.into_iter().enumerate() {
                let (first, task) = (&first, &task);
                scope.spawn(move |_| {
                    if let Err(error) = task(item) {
                        let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
                        if first.as_ref().is_none_or(|(earlier, _)| index < *earlier) {
                            *first = Some((index, error));
                        }
                    }
                });
            }
        });
        match first.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some((_, error)) => Err(error),
            None => Ok(()),
        }
    }
}
