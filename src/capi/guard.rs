//! The guard around every function of the C interface: nothing unwinds, nothing is printed, and
//! every failure leaves a status and a message.

use super::floating_point::Quiet;
use crate::error::{Error, ErrorKind, Result};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Once;

thread_local! {
    /// How many guards this thread is inside of; callbacks nest them.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// The message of the last failure.
    static MESSAGE: RefCell<CString> = RefCell::default();
    /// Its status.
    static STATUS: Cell<i32> = const { Cell::new(super::MOV_OK) };
    /// Where the last panic inside a guard was.
    static PANICKED_AT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The body of a function that returns a status.
pub fn status(body: impl FnOnce() -> Result<()>) -> i32 {
    match run(body) {
        Ok(()) => super::MOV_OK,
        Err(kind) => kind.status(),
    }
}

/// The body of a function that returns a new handle, or NULL when it fails.
pub fn handle<H>(body: impl FnOnce() -> Result<*mut H>) -> *mut H {
    run(body).unwrap_or(std::ptr::null_mut())
}

/// The body of a function that cannot tell its failure otherwise than by the message.
pub fn nothing(body: impl FnOnce() -> Result<()>) {
    // The kind is of no use here; the message is kept.
    let _: Result<(), ErrorKind> = run(body);
}

/// The message of the last failure on this thread.
pub fn message() -> *const c_char {
    const NONE: &CStr = c"";
    // The thread may be past the destructors of its locals, and then there is no message.
    MESSAGE
        .try_with(|message| message.try_borrow().map_or(NONE.as_ptr(), |m| m.as_ptr()))
        .unwrap_or(NONE.as_ptr())
}

/// The status of the last failure on this thread, or `MOV_OK`.
pub fn last_status() -> i32 {
    STATUS.try_with(Cell::get).unwrap_or(super::MOV_OK)
}

/// Whether this thread is inside a call of the C interface.
pub fn is_inside() -> bool {
    DEPTH.try_with(|depth| depth.get() > 0).unwrap_or(false)
}

fn run<T>(body: impl FnOnce() -> Result<T>) -> Result<T, ErrorKind> {
    // The first to come and the last to go: all else computes in the default environment.
    let _quiet = Quiet::enter();
    quiet_panics();
    let _whole = cancellation::Disabled::enter();
    let _inside = Inside::enter();
    // Unwind safety: what a panic may have left half done lies behind the lock of a handle, which
    // the panic poisons.
    let outcome = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| Err(bug(panic)));
    outcome.map_err(|error| {
        let text: Vec<u8> = error.message().bytes().filter(|b| *b != 0).collect();
        let text = CString::new(text).unwrap_or_default();
        let _: Result<(), _> = MESSAGE.try_with(|message| {
            if let Ok(mut message) = message.try_borrow_mut() {
                *message = text;
            }
        });
        let _: Result<(), _> = STATUS.try_with(|status| status.set(error.kind().status()));
        error.kind()
    })
}

/// The error that a caught panic becomes.
fn bug(panic: Box<dyn Any + Send>) -> Error {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "of unknown reason".to_owned());
    // Dropping a foreign payload may panic again.
    std::mem::forget(panic);
    // Empty when the panic came from a thread of the pool.
    let mut place = PANICKED_AT.try_with(RefCell::take).unwrap_or_default();
    if place.is_empty() {
        "a thread of the solver".clone_into(&mut place);
    }
    Error::new(
        ErrorKind::Internal,
        format!("a bug in movimento, caught in {place}: {text}"),
    )
}

/// Calls `act`, and makes of a panic for want of memory the error that it is: linear algebra has no other way to say so.
/// Any other panic goes on.
pub fn with_memory<T>(act: impl FnOnce() -> Result<T>) -> Result<T> {
    // Unwind safety: memory is asked for before anything is changed that the caller sees.
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        if !text.is_some_and(|text| text.contains("AllocError")) {
            resume_unwind(panic);
        }
        Err(Error::memory(
            "there is not enough memory for the linear systems of so many nodes and parameters; accepted are smaller \
             options `nodes` and `hidden`",
        ))
    })
}

/// Installs, once, a panic hook that keeps silent about panics that a guard is going to catch and
/// leaves all others to the hook that was there before.
fn quiet_panics() {
    static ONCE: Once = Once::new();
    if std::thread::panicking() {
        return; // hooks cannot be changed now; the next call will
    }
    ONCE.call_once(|| {
        // Best done while there is memory; a host that has none is told by the calls.
        let _has_reserve: bool = crate::allocator::reserve();
        crate::energy::search::prepare();
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if is_inside() || is_worker() {
                let place = info.location().map(ToString::to_string);
                let _: Result<String, _> =
                    PANICKED_AT.try_with(|at| at.replace(place.unwrap_or_default()));
            } else {
                previous(info);
            }
        }));
    });
}

/// Whether this is a thread of a solver's pool: its panics reach the guard through the pool.
fn is_worker() -> bool {
    let thread = std::thread::current();
    thread
        .name()
        .is_some_and(|name| name.starts_with("movimento-"))
}

/// Counts the guards that the thread is in.
struct Inside;

impl Inside {
    fn enter() -> Self {
        let _: Result<(), _> = DEPTH.try_with(|depth| depth.set(depth.get() + 1));
        Self
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let _: Result<(), _> = DEPTH.try_with(|depth| depth.set(depth.get().saturating_sub(1)));
    }
}

/// A thread that the host cancels ends where the library returns, not in the middle of a write: an unwinding that
/// nobody may catch would end the process.
mod cancellation {
    use libc::c_int;

    const DISABLE: c_int = 1;

    unsafe extern "C" {
        fn pthread_setcancelstate(state: c_int, before: *mut c_int) -> c_int;
    }

    /// Keeps the thread from being cancelled while it is there.
    pub struct Disabled(c_int);

    impl Disabled {
        pub fn enter() -> Self {
            let mut before = 0;
            // SAFETY: it writes the state of before.
            unsafe { pthread_setcancelstate(DISABLE, &raw mut before) };
            Self(before)
        }
    }

    impl Drop for Disabled {
        fn drop(&mut self) {
            let mut now = 0;
            // SAFETY: the state that it had.
            unsafe { pthread_setcancelstate(self.0, &raw mut now) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last() -> String {
        // SAFETY: the message is NUL-terminated and read before the next call.
        unsafe { CStr::from_ptr(message()) }
            .to_string_lossy()
            .into_owned()
    }

    #[test]
    fn a_panic_becomes_a_status_and_a_message_with_its_place() {
        assert_eq!(
            status(|| panic!("lost {}", 1)),
            ErrorKind::Internal.status()
        );
        assert!(
            last().contains("lost 1") && last().contains("guard.rs"),
            "{}",
            last()
        );
        assert!(!is_inside());
    }

    #[test]
    fn a_caught_panic_prints_nothing() {
        let test = "capi::guard::tests::a_panic_becomes_a_status_and_a_message_with_its_place";
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .output()
            .unwrap();
        let out = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && out.contains("1 passed"), "{out}");
        assert!(
            !out.contains("panicked") && output.stderr.is_empty(),
            "{output:?}"
        );
    }

    #[test]
    fn a_want_of_memory_is_no_bug() {
        let call = || with_memory(|| -> Result<()> { panic!("the result is {:?}", "AllocError") });
        assert_eq!(status(call), ErrorKind::Memory.status());
        let call = || with_memory(|| -> Result<()> { panic!("lost") });
        assert_eq!(status(call), ErrorKind::Internal.status());
    }

    #[test]
    fn a_foreign_payload_is_caught_too() {
        let call = || status(|| std::panic::panic_any(7));
        assert_eq!(call(), ErrorKind::Internal.status());
        assert!(last().contains("unknown reason"), "{}", last());
    }

    #[test]
    fn the_message_outlives_success_and_drops_nul() {
        assert_eq!(
            status(|| Err(Error::state("a\0b"))),
            ErrorKind::State.status()
        );
        assert_eq!(status(|| Ok(())), 0);
        assert_eq!(last(), "ab");
        assert_eq!(last_status(), ErrorKind::State.status());
    }
}
