//! Memory between pages that cannot be touched, and a handler that says who touched them.

use std::ffi::{c_int, c_void};
use std::fs::File;
use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use movimento_contract::CAPABILITIES;

use super::channel::Channel;
use super::pages::{Access, Pages, page};
use super::signals;

/// At which end of its pages an array lies, and so which end is watched to the byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Edge {
    Start,
    End,
}

/// An array of bytes with a forbidden page on either side.
pub struct Guarded {
    pages: Pages,
    /// Distance of the array from the start of the pages, in bytes.
    offset: usize,
    slot: usize,
}

/// The arrays that there are, for the handler: where each mapping begins and ends, where its data
/// begins and ends, and its name as an index into [`names`].
static SLOTS: [Slot; 32] = [const { Slot::new() }; 32];

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

/// Names of the arrays of every table, and of what else is guarded.
fn names() -> impl Iterator<Item = &'static str> {
    let arrays = |kind: &'static movimento_contract::TableKind| {
        let arrays = kind.inputs.iter().chain(kind.outputs);
        arrays.map(|array| array.name)
    };
    ["message", "batch"]
        .into_iter()
        .chain(CAPABILITIES.iter().flat_map(arrays))
}

/// The pipe that the handler writes to.
static PIPE: OnceLock<File> = OnceLock::new();

impl Guarded {
    /// `length` bytes of zeros under that name; none if there is no memory.
    pub fn new(name: &str, length: usize, edge: Edge) -> Option<Self> {
        let inner = length.next_multiple_of(page());
        let pages = Pages::new(inner / page() + 2)?;
        let last = pages.bytes() / page() - 1;
        let fenced =
            pages.allow(0..1, Access::Nothing) && pages.allow(last..last + 1, Access::Nothing);
        let offset = match edge {
            Edge::Start => page(),
            Edge::End => page() + inner - length,
        };
        let free = |slot: &Slot| slot.map.iter().all(|end| end.load(Ordering::Relaxed) == 0);
        let slot = SLOTS.iter().position(free)?;
        let entry = SLOTS.get(slot)?;
        let set = |ends: &[AtomicUsize; 2], from: usize, length: usize| {
            let [low, high] = ends;
            low.store(from, Ordering::Relaxed);
            high.store(from + length, Ordering::Relaxed);
        };
        let start = pages.start().addr();
        set(&entry.data, start + offset, length);
        let name = names().position(|known| known == name)?;
        entry.name.store(name, Ordering::Relaxed);
        set(&entry.map, start, pages.bytes());
        fenced.then_some(Self {
            pages,
            offset,
            slot,
        })
    }

    /// An array of numbers.
    pub fn numbers(name: &str, values: &[f64], edge: Edge) -> Option<Self> {
        let guarded = Self::new(name, size_of_val(values), edge)?;
        guarded.pages.put(guarded.offset, values);
        Some(guarded)
    }

    /// The first byte of the array.
    pub fn start<T>(&self) -> *mut T {
        self.pages.start().wrapping_add(self.offset).cast()
    }

    /// Forbids writing: from now on it ends the process.
    pub fn freeze(&self) {
        let last = self.pages.bytes() / page() - 1;
        self.pages.allow(1..last, Access::Read);
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if let Some(slot) = SLOTS.get(self.slot) {
            slot.map
                .iter()
                .for_each(|end| end.store(0, Ordering::Relaxed));
        }
    }
}

/// Lets a forbidden access be told through the channel, and end the process.
pub fn watch(channel: &Channel) {
    if let Some(pipe) = channel.duplicate() {
        let _ = PIPE.set(pipe);
    }
    signals::on_forbidden_access(touched, true);
}

/// Tells what was touched if it is known; the access is then repeated and ends the process.
extern "C" fn touched(_: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    let address = signals::address(info);
    // SAFETY: the kernel passes the context.
    let wrote = unsafe { wrote(context) };
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
    let told = text.get(..text.len() - left).filter(|_| known);
    if let (Some(told), Some(mut pipe)) = (told, PIPE.get()) {
        let _ = pipe.write(told);
    }
}

fn describe(address: usize, to: &mut impl Write) -> bool {
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
        let name = names().nth(slot.name.load(Ordering::Relaxed));
        let name = name.unwrap_or("an array");
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
