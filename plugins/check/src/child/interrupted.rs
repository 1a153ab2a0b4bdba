//! A call that is stopped in its middle, until another thread has made a whole one.
//!
//! One page of an array cannot be touched at first. Where the plugin gets to it, the handler of the
//! access waits for the other thread, and then lets the plugin go on: what it has kept in memory
//! that is not the call's own is another call's by now. Chance plays no part in it.

use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use movimento_contract::usage::same_all;
use movimento_contract::{Inputs, InstanceTable};

use super::pages::{Access, Pages, allow_page_at, page};
use super::signals;

/// Points, and the outputs that they should give.
pub type Known = (Inputs, Vec<Vec<f64>>);

/// The page that cannot be touched; zero when there is none.
static FORBIDDEN: AtomicUsize = AtomicUsize::new(0);

/// Whose turn it is.
static TURN: AtomicU32 = AtomicU32::new(MINE);
const MINE: u32 = 0;
const OTHERS: u32 = 1;

/// Time that a call waits for the other thread, which a plugin with a lock may hold up.
const PATIENCE: Duration = Duration::from_secs(1);
const NAP: Duration = Duration::from_micros(50);

/// Interrupts a call at the middle and the last page of each array; says how often.
pub fn check(table: &InstanceTable<'_>, mine: &Known, other: &Known) -> Result<usize, String> {
    signals::on_forbidden_access(wait, false);
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

fn all(table: &InstanceTable<'_>, (at, expected): &Known) -> Result<usize, String> {
    let arrays = at.arrays.len() + expected.len();
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

fn name(table: &InstanceTable<'_>, array: usize) -> &'static str {
    let mut specs = table.kind().inputs.iter().chain(table.kind().outputs);
    specs.nth(array).map_or("", |spec| spec.name)
}

/// The outputs of a call that was interrupted at that array, and whether it was.
fn interrupted(
    table: &InstanceTable<'_>,
    at: &Inputs,
    expected: &[Vec<f64>],
    (array, last): (usize, bool),
) -> Option<(Vec<Vec<f64>>, bool)> {
    let (n, of) = (at.n, table.widths());
    let inputs: Vec<_> = at
        .arrays
        .iter()
        .map(|values| PagedArray::new(values))
        .collect::<Option<_>>()?;
    let lengths = table.kind().outputs.iter().zip(expected);
    let lengths = lengths.map(|(spec, expected)| match expected.is_empty() {
        true => 0,
        false => spec.length(n, of),
    });
    let outputs: Vec<_> = lengths
        .map(|length| PagedArray::new(&vec![f64::NAN; length]))
        .collect::<Option<_>>()?;
    let chosen = inputs.iter().chain(&outputs).nth(array)?;
    let forbidden = chosen.forbid(last);
    let read: Vec<_> = inputs
        .iter()
        .map(|array| array.start().cast_const())
        .collect();
    let written: Vec<_> = outputs
        .iter()
        .map(|array| match array.length {
            0 => ptr::null_mut(),
            _ => array.start(),
        })
        .collect();
    let batch = table.batch(n, 0.0, &read, &written);
    let mut message = [0_u8; 512];
    // SAFETY: a batch of the table, whose arrays have the lengths that it says; the page that
    // cannot be touched can be as soon as it is.
    let status = unsafe { table.call(batch.as_ptr(), message.as_mut_ptr().cast(), 512) };
    let touched = forbidden && FORBIDDEN.swap(0, Ordering::AcqRel) == 0;
    chosen.allow();
    while TURN.load(Ordering::Acquire) == OTHERS {
        thread::sleep(NAP);
    }
    let out = outputs.iter().map(PagedArray::read).collect();
    // A refusal leaves NaN behind, which is then told as other numbers.
    Some((if status == 0 { out } else { Vec::new() }, touched))
}

/// An array with pages of its own.
struct PagedArray {
    pages: Pages,
    length: usize,
}

impl PagedArray {
    fn new(values: &[f64]) -> Option<Self> {
        let pages = Pages::new(size_of_val(values).div_ceil(page()).max(1))?;
        pages.put(0, values);
        let length = values.len();
        Some(Self { pages, length })
    }

    fn start(&self) -> *mut f64 {
        self.pages.start().cast()
    }

    fn count(&self) -> usize {
        self.pages.bytes() / page()
    }

    /// Forbids the middle or the last page; false if there is no array.
    fn forbid(&self, last: bool) -> bool {
        if self.length == 0 {
            return false;
        }
        let which = if last {
            self.count() - 1
        } else {
            self.count() / 2
        };
        let start = self.pages.start().wrapping_add(which * page());
        FORBIDDEN.store(start.expose_provenance(), Ordering::Release);
        self.pages.allow(which..which + 1, Access::Nothing)
    }

    fn allow(&self) {
        self.pages.allow(0..self.count(), Access::ReadWrite);
    }

    fn read(&self) -> Vec<f64> {
        // SAFETY: the memory is this array's, initialised, and read by this thread only.
        unsafe { std::slice::from_raw_parts(self.start(), self.length) }.to_vec()
    }
}

/// Lets the other thread have its turn; any other access ends the process as it would anyway.
extern "C" fn wait(signal: c_int, info: *mut libc::siginfo_t, _: *mut c_void) {
    let address = signals::address(info);
    let start = FORBIDDEN.load(Ordering::Acquire);
    if start == 0 || !(start..start + page()).contains(&address) {
        // The access is repeated.
        return signals::restore(signal);
    }
    FORBIDDEN.store(0, Ordering::Release);
    TURN.store(OTHERS, Ordering::Release);
    let nap = rustix::thread::Timespec {
        tv_sec: 0,
        tv_nsec: NAP.subsec_nanos().into(),
    };
    let mut naps = PATIENCE.as_nanos() / NAP.as_nanos();
    while TURN.load(Ordering::Acquire) == OTHERS && naps > 0 {
        let _ = rustix::thread::nanosleep(&nap);
        naps -= 1;
    }
    allow_page_at(start);
}
