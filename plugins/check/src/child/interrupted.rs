//! A call that is stopped in its middle, until another thread has made a whole one.
//!
//! One page of an array cannot be touched at first. Where the plugin gets to it, the handler of the
//! access waits for the other thread, and then lets the plugin go on: what it has kept in memory that
//! is not the call's own is another call's by now. Chance plays no part in it.

use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use movimento_contract::table::{Batch, Table, length};
use movimento_contract::usage::same_all;

use super::guarded::page;

/// Points, and what they should give.
pub type Known = (Batch, Vec<Vec<f64>>);

/// The page that cannot be touched; zero when there is none.
static FORBIDDEN: AtomicUsize = AtomicUsize::new(0);

/// Whose turn it is.
static TURN: AtomicU32 = AtomicU32::new(MINE);
const MINE: u32 = 0;
const OTHERS: u32 = 1;

/// How long a call waits for the other thread, which a plugin with a lock may hold up.
const PATIENCE: Duration = Duration::from_secs(1);
const NAP: Duration = Duration::from_micros(50);

/// Interrupts a call at the middle and the last page of each array; says how often.
pub fn check(table: &Table<'_>, mine: &Known, other: &Known) -> Result<usize, String> {
    watch();
    let over = AtomicBool::new(false);
    let others = || {
        while !over.load(Ordering::Acquire) {
            if TURN.load(Ordering::Acquire) == OTHERS {
                let out = table.evaluate(&other.0, table.offered());
                let equal = out.is_ok_and(|out| same_all(&out, &other.1));
                TURN.store(MINE, Ordering::Release);
                if !equal {
                    return Err("other numbers than alone in the middle of another call");
                }
            }
            thread::sleep(NAP);
        }
        Ok(())
    };
    let (outcome, others) = thread::scope(|scope| {
        let others = scope.spawn(others);
        let outcome = all(table, mine);
        over.store(true, Ordering::Release);
        (outcome, others.join().unwrap_or(Err("a thread died")))
    });
    others?;
    outcome
}

fn all(table: &Table<'_>, (at, expected): &Known) -> Result<usize, String> {
    let arrays = at.inputs.len() + expected.len();
    let mut interruptions = 0;
    for array in 0..arrays {
        for last in [false, true] {
            let name = name(table, array);
            let out = interrupted(table, at, expected, (array, last));
            let (out, touched) = out.ok_or("there is not enough memory for this check")?;
            if !same_all(&out, expected) {
                return Err(format!(
                    "other numbers than alone when another call comes in between, at `{name}`"
                ));
            }
            interruptions += usize::from(touched);
        }
    }
    Ok(interruptions)
}

fn name(table: &Table<'_>, array: usize) -> &'static str {
    let mut names = table.kind.inputs().iter().chain(table.kind.outputs());
    names.nth(array).map_or("", |(name, _)| name)
}

/// The outputs of a call that was interrupted at that array, and whether it was.
fn interrupted(
    table: &Table<'_>,
    at: &Batch,
    expected: &[Vec<f64>],
    (array, last): (usize, bool),
) -> Option<(Vec<Vec<f64>>, bool)> {
    let (n, d) = (at.n, table.dimension());
    let inputs: Vec<_> = at
        .inputs
        .iter()
        .map(|values| Pages::new(values))
        .collect::<Option<_>>()?;
    let lengths = table.kind.outputs().iter().zip(expected);
    let lengths = lengths.map(|(&array, expected)| match expected.is_empty() {
        true => 0,
        false => length(array, n, d),
    });
    let outputs: Vec<_> = lengths
        .map(|length| Pages::new(&vec![f64::NAN; length]))
        .collect::<Option<_>>()?;
    let pages = inputs.iter().chain(&outputs).nth(array)?;
    let forbidden = pages.forbid(last);
    let read: Vec<_> = inputs
        .iter()
        .map(|pages| pages.start.cast_const())
        .collect();
    let written: Vec<_> = outputs
        .iter()
        .map(|pages| match pages.length {
            0 => ptr::null_mut(),
            _ => pages.start,
        })
        .collect();
    let batch = table.batch(n, &read, &written);
    let mut message = [0_u8; 512];
    // SAFETY: a batch of the table, whose arrays have the lengths that it says; the page that cannot
    // be touched can be as soon as it is.
    let status = unsafe { table.call(&raw const batch, message.as_mut_ptr().cast(), 512) };
    let touched = forbidden && FORBIDDEN.swap(0, Ordering::AcqRel) == 0;
    pages.allow();
    while TURN.load(Ordering::Acquire) == OTHERS {
        thread::sleep(NAP);
    }
    let out = outputs.iter().map(Pages::read).collect();
    // A refusal leaves NaN behind, which is then told as other numbers.
    Some((if status == 0 { out } else { Vec::new() }, touched))
}

/// An array with pages of its own.
struct Pages {
    start: *mut f64,
    length: usize,
    bytes: usize,
}

impl Pages {
    fn new(values: &[f64]) -> Option<Self> {
        let bytes = size_of_val(values).next_multiple_of(page()).max(page());
        let (access, flags) = (
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
        );
        // SAFETY: new memory, which nobody else uses.
        let map = unsafe { libc::mmap(ptr::null_mut(), bytes, access, flags, -1, 0) };
        if map == libc::MAP_FAILED {
            return None;
        }
        let start = map.cast::<f64>();
        // SAFETY: the mapping is as long as the values, or longer.
        unsafe { ptr::copy_nonoverlapping(values.as_ptr(), start, values.len()) };
        Some(Self {
            start,
            length: values.len(),
            bytes,
        })
    }

    /// Forbids the middle or the last page; false if there is no array.
    fn forbid(&self, last: bool) -> bool {
        if self.length == 0 {
            return false;
        }
        let pages = self.bytes / page();
        let which = if last { pages - 1 } else { pages / 2 };
        let start = self.start.cast::<u8>().wrapping_add(which * page());
        FORBIDDEN.store(start.expose_provenance(), Ordering::Release);
        // SAFETY: a page of the mapping.
        unsafe { libc::mprotect(start.cast(), page(), libc::PROT_NONE) == 0 }
    }

    fn allow(&self) {
        // SAFETY: the pages of the mapping.
        unsafe {
            libc::mprotect(
                self.start.cast(),
                self.bytes,
                libc::PROT_READ | libc::PROT_WRITE,
            )
        };
    }

    fn read(&self) -> Vec<f64> {
        // SAFETY: the memory is this array's, initialised, and read by this thread only.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }.to_vec()
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: the mapping of this array, which nothing refers to any more.
        unsafe { libc::munmap(self.start.cast(), self.bytes) };
    }
}

fn watch() {
    // SAFETY: `sigaction` is plain data, and the handler has the type that the flags ask for.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = wait as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        for signal in [libc::SIGSEGV, libc::SIGBUS] {
            libc::sigaction(signal, &raw const action, ptr::null_mut());
        }
    }
}

/// Lets the other thread have its turn; any other access ends the process as it would anyway.
extern "C" fn wait(signal: c_int, info: *mut libc::siginfo_t, _: *mut c_void) {
    // SAFETY: the kernel passes it.
    let address = unsafe { (*info).si_addr().addr() };
    let start = FORBIDDEN.load(Ordering::Acquire);
    let size = page();
    if start == 0 || !(start..start + size).contains(&address) {
        // SAFETY: a system call; the access is then repeated.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
        return;
    }
    FORBIDDEN.store(0, Ordering::Release);
    TURN.store(OTHERS, Ordering::Release);
    let nap = libc::timespec {
        tv_sec: 0,
        tv_nsec: NAP.subsec_nanos().into(),
    };
    let mut naps = PATIENCE.as_nanos() / NAP.as_nanos();
    while TURN.load(Ordering::Acquire) == OTHERS && naps > 0 {
        // SAFETY: a system call that only takes time.
        unsafe { libc::nanosleep(&raw const nap, ptr::null_mut()) };
        naps -= 1;
    }
    let access = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: the page that was forbidden, which belongs to an array.
    unsafe { libc::mprotect(ptr::with_exposed_provenance_mut(start), size, access) };
}
