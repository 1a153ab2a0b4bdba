//! Memory between pages that cannot be touched, and a handler that says who touched them.

use std::ffi::{c_int, c_void};
use std::io::Write;
use std::ptr;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

use super::channel::Channel;

/// At which end of its pages an array lies, and so which end is watched to the byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Edge {
    Start,
    End,
}

/// An array of bytes with a forbidden page on either side.
pub struct Guarded {
    map: *mut c_void,
    mapped: usize,
    start: *mut u8,
    slot: usize,
}

/// The arrays that there are, for the handler: where each mapping begins and ends, where its data
/// begins and ends, and its name as an index into `NAMES`.
static SLOTS: [Slot; 16] = [const { Slot::new() }; 16];

struct Slot {
    map: [AtomicUsize; 2],
    data: [AtomicUsize; 2],
    name: AtomicUsize,
}

impl Slot {
    const fn new() -> Self {
        Self {
            map: [const { AtomicUsize::new(0) }; 2],
            data: [const { AtomicUsize::new(0) }; 2],
            name: AtomicUsize::new(0),
        }
    }
}

const NAMES: [&str; 15] = [
    "x", "u", "p", "y", "f", "f_u", "f_p", "f_x", "f_uu", "f_up", "f_pp", "w", "w_x", "message",
    "batch",
];

/// Where the handler writes.
static PIPE: AtomicI32 = AtomicI32::new(-1);

/// The size of a page of memory.
pub fn page() -> usize {
    // SAFETY: a question about the system.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

impl Guarded {
    /// `length` bytes of zeros under that name; none if there is no memory.
    pub fn new(name: &str, length: usize, edge: Edge) -> Option<Self> {
        let page = page();
        let inner = length.next_multiple_of(page);
        let mapped = inner + 2 * page;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: new memory, which nobody else uses.
        let map = unsafe { libc::mmap(ptr::null_mut(), mapped, libc::PROT_NONE, flags, -1, 0) };
        if map == libc::MAP_FAILED {
            return None;
        }
        let first = map.cast::<u8>().wrapping_add(page);
        // SAFETY: pages of the mapping.
        let usable = inner == 0
            || unsafe { libc::mprotect(first.cast(), inner, libc::PROT_READ | libc::PROT_WRITE) }
                == 0;
        let start = match edge {
            Edge::Start => first,
            Edge::End => first.wrapping_add(inner - length),
        };
        let free = |slot: &Slot| slot.map.iter().all(|end| end.load(Ordering::Relaxed) == 0);
        let slot = SLOTS.iter().position(free)?;
        let entry = SLOTS.get(slot)?;
        let set = |ends: &[AtomicUsize; 2], from: usize, length: usize| {
            let [low, high] = ends;
            low.store(from, Ordering::Relaxed);
            high.store(from + length, Ordering::Relaxed);
        };
        set(&entry.data, start.addr(), length);
        let name = NAMES.iter().position(|known| *known == name)?;
        entry.name.store(name, Ordering::Relaxed);
        set(&entry.map, map.addr(), mapped);
        usable.then_some(Self {
            map,
            mapped,
            start,
            slot,
        })
    }

    /// An array of numbers.
    pub fn numbers(name: &str, values: &[f64], edge: Edge) -> Option<Self> {
        let guarded = Self::new(name, size_of_val(values), edge)?;
        // SAFETY: as many bytes as the values have, new, and aligned as they are: an array starts
        // or ends with a page.
        unsafe {
            ptr::copy_nonoverlapping(values.as_ptr(), guarded.start.cast(), values.len());
        }
        Some(guarded)
    }

    pub fn start<T>(&self) -> *mut T {
        self.start.cast()
    }

    /// From now on writing to it ends the process.
    pub fn freeze(&self) {
        let inner = self.mapped - 2 * page();
        if inner > 0 {
            let first = self.map.cast::<u8>().wrapping_add(page());
            // SAFETY: pages of the mapping.
            unsafe { libc::mprotect(first.cast(), inner, libc::PROT_READ) };
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if let Some(slot) = SLOTS.get(self.slot) {
            slot.map
                .iter()
                .for_each(|end| end.store(0, Ordering::Relaxed));
        }
        // SAFETY: the mapping of this array, which nothing refers to any more.
        unsafe { libc::munmap(self.map, self.mapped) };
    }
}

/// Lets a forbidden access be told through the channel, and end the process.
pub fn watch(channel: &Channel) {
    PIPE.store(channel.descriptor(), Ordering::Relaxed);
    // SAFETY: `sigaction` is plain data, and the handler has the type that the flags ask for.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = touched as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESETHAND;
        for signal in [libc::SIGSEGV, libc::SIGBUS] {
            libc::sigaction(signal, &raw const action, ptr::null_mut());
        }
    }
}

/// Tells what was touched if it is known; the access is then repeated and ends the process.
extern "C" fn touched(_: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel passes both.
    let (address, wrote) = unsafe { ((*info).si_addr().addr(), wrote(context)) };
    let verb = match wrote {
        Some(true) => "wrote",
        Some(false) => "read",
        None => "read or wrote",
    };
    // No allocation in here: the plugin may have been inside one.
    let mut text = [0_u8; 200];
    let mut rest = &mut text[..];
    let start = "{\"touched\":\"";
    let known = write!(rest, "{start}{verb} ").is_ok() && describe(address, &mut rest);
    let _ = rest.write_all(b"\"}\n");
    let left = rest.len();
    if known {
        let length = text.len() - left;
        // SAFETY: a system call on memory of this function.
        unsafe { libc::write(PIPE.load(Ordering::Relaxed), text.as_ptr().cast(), length) };
    }
}

fn describe(address: usize, to: &mut &mut [u8]) -> bool {
    /// Addresses that come of a NULL pointer and an index.
    const NULL: usize = 1 << 16;
    if address < NULL {
        return to.write_all(b"through a NULL pointer").is_ok();
    }
    for slot in &SLOTS {
        let [map_start, map_end] = &slot.map;
        let (from, to_) = (
            map_start.load(Ordering::Relaxed),
            map_end.load(Ordering::Relaxed),
        );
        if !(from..to_).contains(&address) {
            continue;
        }
        let [low, high] = &slot.data;
        let (low, high) = (low.load(Ordering::Relaxed), high.load(Ordering::Relaxed));
        let name = NAMES.get(slot.name.load(Ordering::Relaxed));
        let name = name.copied().unwrap_or("an array");
        return if address < low {
            write!(
                to,
                "before the start of `{name}`, at byte -{}",
                low - address
            )
        } else if address >= high {
            write!(to, "past the end of `{name}`, at byte {}", address - low)
        } else {
            write!(to, "to `{name}`, which is not to be written to")
        }
        .is_ok();
    }
    false
}

/// Whether the access was a write, where the processor tells.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
unsafe fn wrote(context: *mut c_void) -> Option<bool> {
    // SAFETY: the caller's promise: the context of a signal.
    let error = unsafe {
        let context = context.cast::<libc::ucontext_t>();
        (*context)
            .uc_mcontext
            .gregs
            .get(libc::REG_ERR as usize)
            .copied()
    };
    error.map(|error| error & 2 != 0)
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
unsafe fn wrote(_: *mut c_void) -> Option<bool> {
    None
}
