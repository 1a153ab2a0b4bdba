//! One guard for every callback: errors and panics become a status and a message, in silence.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ffi::c_char;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use super::PANICKED;
use crate::Result;

/// Runs `body`; its error or panic becomes the status, with the reason in the host's buffer.
///
/// # Safety
/// `message` is NULL or valid for writes of `size` bytes.
pub(crate) unsafe fn guard(
    message: *mut c_char,
    size: u64,
    body: impl FnOnce() -> Result<()>,
) -> i32 {
    // Nothing of the caller's is looked at after a panic but its status, so that no broken
    // invariant can be seen: that is all that unwind safety asks for.
    let (status, text) = match silently(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return movimento_abi::OK,
        Ok(Err(error)) => (error.status(), error.to_string()),
        Err(reason) => (PANICKED, reason),
    };
    // SAFETY: the caller's promise.
    unsafe { write(message, size, &text) };
    status
}

/// Runs `body`, turning a panic into its message instead of printing it.
pub(crate) fn silently<T>(
    body: impl FnOnce() -> T + panic::UnwindSafe,
) -> std::result::Result<T, String> {
    install_hook();
    DEPTH.set(DEPTH.get() + 1);
    let outcome = panic::catch_unwind(body);
    DEPTH.set(DEPTH.get() - 1);
    outcome.map_err(describe)
}

thread_local! {
    /// Number of guards that the thread is inside of.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// Place of the last panic inside a guard.
    static LOCATION: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The default panic hook prints, which a plugin must never do. The hook belongs to the copy of
/// the standard library in this shared object: panics outside the guard, those of a test
/// harness for one, go to the hook that was there before.
fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        if std::thread::panicking() {
            return; // hooks cannot be exchanged now; the panic under way has printed already
        }
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let guarded = DEPTH.try_with(|depth| depth.get() > 0).unwrap_or(false);
            if !guarded {
                return previous(info);
            }
            let place = info
                .location()
                .map_or(String::new(), |place| format!(" at {place}"));
            let _ = LOCATION.try_with(|last| last.try_borrow_mut().map(|mut last| *last = place));
        }));
    });
}

fn describe(payload: Box<dyn Any + Send>) -> String {
    let place = LOCATION.with(RefCell::take);
    let reason = match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => match payload.downcast::<&'static str>() {
            Ok(text) => (*text).to_owned(),
            Err(other) => {
                // The destructor of an unknown payload might itself panic.
                std::mem::forget(other);
                "no reason given".to_owned()
            }
        },
    };
    format!("the plugin panicked{place}: {reason}")
}

/// Copies `text`, cut at a character boundary where it is too long, with its NUL.
///
/// # Safety
/// `message` is NULL or valid for writes of `size` bytes.
unsafe fn write(message: *mut c_char, size: u64, text: &str) {
    let Some(room) = usize::try_from(size)
        .ok()
        .and_then(|size| size.checked_sub(1))
    else {
        return;
    };
    if message.is_null() {
        return;
    }
    let length = text.floor_char_boundary(room.min(text.len()));
    // SAFETY: `length + 1 <= size` bytes, which are the caller's to write.
    let buffer = unsafe { std::slice::from_raw_parts_mut(message.cast::<u8>(), length + 1) };
    for (to, from) in buffer.iter_mut().zip(text.bytes().take(length).chain([0])) {
        *to = from;
    }
    // A NUL inside the text would hide the rest of it.
    if let Some(text) = buffer.get_mut(..length) {
        text.iter_mut()
            .filter(|byte| **byte == 0)
            .for_each(|byte| *byte = b' ');
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;
    use crate::Error;

    fn run(size: usize, body: impl FnOnce() -> Result<()>) -> (i32, String) {
        let mut buffer = vec![0x55u8; size + 1];
        // SAFETY: the buffer holds `size` bytes.
        let status = unsafe { guard(buffer.as_mut_ptr().cast(), size as u64, body) };
        assert_eq!(buffer.pop(), Some(0x55), "written past the end");
        let text =
            CStr::from_bytes_until_nul(&buffer).map(|text| text.to_str().unwrap().to_owned());
        (status, text.unwrap_or_default())
    }

    #[test]
    fn statuses() {
        assert_eq!(run(64, || Ok(())).0, 0);
        let outside = run(64, || Err(Error::recoverable("u < 0")));
        assert_eq!(outside, (1, "u < 0".to_owned()));
        assert_eq!(run(64, || Err(Error::fatal("no"))), (-1, "no".to_owned()));
    }

    #[test]
    fn panics_become_messages() {
        let (status, text) = run(200, || panic!("{} and NUL \0 here", "über"));
        assert_eq!(status, -2);
        assert!(text.starts_with("the plugin panicked at "), "{text}");
        assert!(text.ends_with("über and NUL   here"), "{text}");
        let (status, text) = run(200, || std::panic::panic_any(3));
        assert_eq!((status, text.ends_with("no reason given")), (-2, true));
    }

    #[test]
    fn messages_are_cut_between_characters() {
        assert_eq!(run(4, || Err(Error::fatal("aéé"))).1, "aé");
        assert_eq!(run(3, || Err(Error::fatal("aéé"))).1, "a");
        assert_eq!(run(1, || Err(Error::fatal("aéé"))).1, "");
        assert_eq!(run(0, || Err(Error::fatal("aéé"))).0, -1);
    }
}
