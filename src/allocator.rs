//! Memory that lasts: an allocation that fails is tried once more, with a reserve given back to the system before.
//!
//! Rust ends the process where memory for a vector or a text is not to be had, which a library must not do to its host.
//! Sizes that grow with options are asked for with care, and an error where they are too large; all else is small, and is
//! served out of what the reserve was. From then on the library is [short](is_short) of memory, which a step looks at
//! between its iterations and ends with [`Memory`](crate::ErrorKind::Memory), until there is a reserve again.
//!
//! It counts what is [held](bytes_held), by which tests see that steps leave nothing behind.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

/// Of the reserve: never touched, so that it takes addresses and no pages.
const SIZE: usize = 16 << 20;
const LAYOUT: Layout = match Layout::from_size_align(SIZE, 4096) {
    Ok(layout) => layout,
    Err(_) => panic!("a page is a power of two"),
};

static RESERVE: AtomicPtr<u8> = AtomicPtr::new(null_mut());
/// Whether the reserve was given back.
static IS_SHORT: AtomicBool = AtomicBool::new(false);

/// Bytes that were allocated and not given back, in a place of its own: threads would wait for what lies beside it.
static HELD: Held = Held(AtomicUsize::new(0));

#[repr(align(128))]
struct Held(AtomicUsize);

/// Bytes that the process holds by this allocator; 0 where it is not the one of the process.
#[must_use]
pub fn bytes_held() -> usize {
    HELD.0.load(Ordering::Relaxed)
}

/// Counts memory that was to be had.
fn counted(memory: *mut u8, size: usize) -> *mut u8 {
    if !memory.is_null() {
        HELD.0.fetch_add(size, Ordering::Relaxed);
    }
    memory
}

/// The system's allocator, with patience.
pub struct Lasting;

#[cfg(feature = "lasting-memory")]
#[global_allocator]
static ALLOCATOR: Lasting = Lasting;

/// Takes a reserve if there is none; says whether there is one.
pub fn reserve() -> bool {
    if !RESERVE.load(Ordering::Acquire).is_null() {
        return true;
    }
    // SAFETY: the layout is not empty.
    let taken = unsafe { System.alloc(LAYOUT) };
    if taken.is_null() {
        return false;
    }
    let empty = null_mut();
    if RESERVE
        .compare_exchange(empty, taken, Ordering::AcqRel, Ordering::Acquire)
        .is_err()
    {
        // SAFETY: another thread was first, and nobody has this one.
        unsafe { System.dealloc(taken, LAYOUT) };
    }
    IS_SHORT.store(false, Ordering::Release);
    true
}

/// Whether memory has run out, and there is no reserve to be had since.
pub fn is_short() -> bool {
    IS_SHORT.load(Ordering::Acquire) && !reserve()
}

/// Gives the reserve back to the system.
fn give_back() {
    let reserve = RESERVE.swap(null_mut(), Ordering::AcqRel);
    IS_SHORT.store(true, Ordering::Release);
    if !reserve.is_null() {
        // SAFETY: it was allocated with this layout, and the swap has given it to this thread alone.
        unsafe { System.dealloc(reserve, LAYOUT) };
    }
}

/// The memory, or that of a second try.
fn twice(allocate: impl Fn() -> *mut u8) -> *mut u8 {
    let first = allocate();
    if !first.is_null() {
        return first;
    }
    give_back();
    allocate()
}

// SAFETY: every call goes on to the system's allocator as it came, a second time if the first has failed.
unsafe impl GlobalAlloc for Lasting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller's.
        counted(twice(|| unsafe { System.alloc(layout) }), layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller's.
        counted(
            twice(|| unsafe { System.alloc_zeroed(layout) }),
            layout.size(),
        )
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller's; where it fails the memory is as it was.
        let other = twice(|| unsafe { System.realloc(memory, layout, size) });
        if !other.is_null() {
            HELD.0.fetch_sub(layout.size(), Ordering::Relaxed);
        }
        counted(other, size)
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        HELD.0.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller's.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn what_fails_once_is_there_the_second_time() {
        assert!(reserve() && reserve() && !is_short());
        let left = Cell::new(1);
        let memory = twice(|| {
            if left.replace(0) > 0 {
                return null_mut();
            }
            // SAFETY: the layout is not empty.
            unsafe { System.alloc(Layout::new::<u64>()) }
        });
        assert!(!memory.is_null());
        // SAFETY: it was allocated with this layout.
        unsafe { System.dealloc(memory, Layout::new::<u64>()) };
        // There is a reserve again once somebody looks.
        assert!(!is_short() && reserve());
    }
}
