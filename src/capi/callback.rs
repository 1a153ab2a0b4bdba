//! Callbacks of the host: the pointer that is given along with one, the thread that it may be
//! called on, and the status that it returns.

use super::guard;
use crate::error::{Error, ErrorKind, Result};
use std::ffi::c_void;

/// The pointer that a host gives along with a callback: handed back and never looked at.
#[derive(Clone, Copy, Debug)]
pub struct UserData(*mut c_void);

// SAFETY: the library only carries the pointer. The header says on which threads each callback
// is called, and the host answers for what it does there.
unsafe impl Send for UserData {}
// SAFETY: as above.
unsafe impl Sync for UserData {}

impl UserData {
    pub const fn new(pointer: *mut c_void) -> Self {
        Self(pointer)
    }

    pub const fn get(self) -> *mut c_void {
        self.0
    }
}

/// Calls a callback on the caller's thread, and turns its status into a result.
///
/// # Errors
/// [`TryAgain`](ErrorKind::TryAgain) if it returned a status above 0,
/// [`Callback`](ErrorKind::Callback) if below; [`Internal`](ErrorKind::Internal) on another thread.
pub fn call(callback: impl FnOnce() -> i32) -> Result<()> {
    require_callers_thread()?;
    match callback() {
        0 => Ok(()),
        status @ 1.. => Err(Error::new(
            ErrorKind::TryAgain,
            format!("the callback returned {status}: it asks for a smaller step or another try"),
        )),
        status => Err(Error::callback(format!(
            "the callback failed: it returned {status}; 0 is success, above 0 asks for a smaller step"
        ))),
    }
}

/// Checks that this is the thread that called the library: hosts need not be ready for another.
///
/// # Errors
/// [`Internal`](ErrorKind::Internal).
pub fn require_callers_thread() -> Result<()> {
    match guard::is_inside() {
        true => Ok(()),
        false => Err(Error::new(
            ErrorKind::Internal,
            "a callback was to be called on a thread that is not the caller's",
        )),
    }
}
