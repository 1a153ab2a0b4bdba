//! Buffers that running tasks take and put back.

use std::sync::{Mutex, PoisonError};

/// Buffers, as many as tasks ran at a time.
#[derive(Debug)]
pub struct Shelf<T>(Mutex<Vec<T>>);

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Default> Shelf<T> {
    /// Calls `work` with a buffer from the shelf, or a new one.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = lock().pop();
        let mut buffer = taken.unwrap_or_default();
        let result = work(&mut buffer);
        lock().push(buffer);
        result
    }
}
