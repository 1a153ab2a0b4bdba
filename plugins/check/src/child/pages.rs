//! Memory of whole pages, parts of which can be forbidden.

use std::ffi::c_void;
use std::ops::Range;
use std::ptr;

use rustix::mm::{self, MapFlags, MprotectFlags, ProtFlags};

/// Pages that are nobody else's. They are reached through raw pointers only, so that an access to
/// a forbidden page is a signal and nothing worse.
pub struct Pages {
    start: *mut c_void,
    bytes: usize,
}

/// Accesses that a page allows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Nothing,
    Read,
    ReadWrite,
}

/// The size of a page.
pub fn page() -> usize {
    rustix::param::page_size()
}

impl Pages {
    /// Maps as many pages of zeros; none if there is no memory.
    pub fn new(pages: usize) -> Option<Self> {
        let bytes = pages * page();
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: new memory, which nobody else uses.
        let start =
            unsafe { mm::mmap_anonymous(ptr::null_mut(), bytes, access, MapFlags::PRIVATE) };
        let start = start.ok()?;
        Some(Self { start, bytes })
    }

    /// The first byte.
    pub fn start(&self) -> *mut u8 {
        self.start.cast()
    }

    /// Size in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Copies numbers to a place, in bytes from the start.
    pub fn put(&self, at: usize, values: &[f64]) {
        assert!(at + size_of_val(values) <= self.bytes && at.is_multiple_of(align_of::<f64>()));
        // SAFETY: the place is inside of these pages and aligned.
        unsafe {
            let to = self.start().add(at).cast();
            ptr::copy_nonoverlapping(values.as_ptr(), to, values.len());
        }
    }

    /// Changes what may be done with some of the pages; whether the system did it.
    pub fn allow(&self, pages: Range<usize>, access: Access) -> bool {
        let (from, length) = (pages.start * page(), pages.len() * page());
        assert!(from + length <= self.bytes);
        if length == 0 {
            return true;
        }
        allow(self.start().wrapping_add(from), length, access)
    }
}

/// Changes what may be done with whole pages; whether the system did it. It may be called in a
/// signal handler.
fn allow(start: *mut u8, length: usize, access: Access) -> bool {
    let access = match access {
        Access::Nothing => MprotectFlags::empty(),
        Access::Read => MprotectFlags::READ,
        Access::ReadWrite => MprotectFlags::READ | MprotectFlags::WRITE,
    };
    // SAFETY: pages of a `Pages`, to which there are no references.
    unsafe { mm::mprotect(start.cast(), length, access) }.is_ok()
}

/// Allows everything on the page of a living [`Pages`] that starts at this address, which was
/// exposed. It may be called in a signal handler.
pub fn allow_page_at(address: usize) {
    allow(
        ptr::with_exposed_provenance_mut(address),
        page(),
        Access::ReadWrite,
    );
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: the mapping is this value's, and nothing refers to it any more.
        let _ = unsafe { mm::munmap(self.start, self.bytes) };
    }
}
