//! The pointer that a host gives along with a callback.

use std::ffi::c_void;

/// Handed back to the host's callback and never looked at.
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
