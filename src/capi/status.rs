//! Status codes, messages and versions.

use super::guard;
use std::ffi::{CStr, c_char};

include!("abi_version.rs");

/// Success.
pub const MOV_OK: i32 = 0;
/// Recoverable: the minimiser did not reach its tolerance within its iteration limit.
pub const MOV_NOT_CONVERGED: i32 = 1;
/// Recoverable: the progress callback asked to stop.
pub const MOV_CANCELLED: i32 = 2;
/// Recoverable: a callback or plugin asked for another try (returned a value above zero).
pub const MOV_TRY_AGAIN: i32 = 3;
/// Recoverable: the energy inequality was violated beyond tolerance.
pub const MOV_ENERGY_INCREASE: i32 = 4;
/// An argument is NULL, has the wrong size, or holds NaN or infinity.
pub const MOV_ERROR_ARGUMENT: i32 = -1;
/// An option or energy parameter is unknown, has the wrong type or is out of range.
pub const MOV_ERROR_OPTION: i32 = -2;
/// A handle is not alive, is of another kind, is busy, or was poisoned by a bug.
pub const MOV_ERROR_HANDLE: i32 = -3;
/// The call comes too early or too late: no initial condition yet, say.
pub const MOV_ERROR_STATE: i32 = -4;
/// A plugin could not be found, was refused, lacks a capability or failed.
pub const MOV_ERROR_PLUGIN: i32 = -5;
/// A callback failed (returned a value below zero).
pub const MOV_ERROR_CALLBACK: i32 = -6;
/// A file could not be written or read.
pub const MOV_ERROR_FILE: i32 = -7;
/// A computation left the range of finite numbers.
pub const MOV_ERROR_NOT_FINITE: i32 = -8;
/// A size asks for more memory than can be had.
pub const MOV_ERROR_MEMORY: i32 = -9;
/// A bug in the library, caught. The handle that was in use can only be freed.
pub const MOV_ERROR_INTERNAL: i32 = -10;

/// What went wrong in the last call on this thread that failed.
///
/// Returns a NUL-terminated UTF-8 text that belongs to the library, "" if no call has failed;
/// never NULL. It names the argument, what was given and what is accepted. It stays valid until
/// the next call on the same thread; calls that succeed keep the text.
///
/// Threads: any; each has its own message.
#[unsafe(no_mangle)]
pub extern "C" fn mov_last_error() -> *const c_char {
    guard::message()
}

/// The status of the last call on this thread that failed: that of functions which return a handle
/// or nothing, too.
///
/// Returns `MOV_OK` if no call has failed; calls that succeed keep the status, as they keep the
/// text of `mov_last_error`.
///
/// Threads: any; each has its own status.
#[unsafe(no_mangle)]
pub extern "C" fn mov_last_status() -> i32 {
    guard::last_status()
}

/// The version of the library, such as "1.0.0": static, NUL-terminated.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn mov_version() -> *const c_char {
    const VERSION: &CStr =
        match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
            Ok(version) => version,
            Err(_) => c"",
        };
    VERSION.as_ptr()
}

/// The `MOV_ABI_VERSION` of the library that is running, to be compared with that of the header.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub const extern "C" fn mov_abi_version() -> i32 {
    MOV_ABI_VERSION
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind::*;

    #[test]
    fn the_codes_are_those_of_the_kinds() {
        for (code, kind) in [
            (MOV_NOT_CONVERGED, NotConverged),
            (MOV_CANCELLED, Cancelled),
            (MOV_TRY_AGAIN, TryAgain),
            (MOV_ENERGY_INCREASE, EnergyIncrease),
            (MOV_ERROR_ARGUMENT, Argument),
            (MOV_ERROR_OPTION, Option),
            (MOV_ERROR_HANDLE, Handle),
            (MOV_ERROR_STATE, State),
            (MOV_ERROR_PLUGIN, Plugin),
            (MOV_ERROR_CALLBACK, Callback),
            (MOV_ERROR_FILE, File),
            (MOV_ERROR_NOT_FINITE, NotFinite),
            (MOV_ERROR_MEMORY, Memory),
            (MOV_ERROR_INTERNAL, Internal),
        ] {
            assert_eq!(code, kind.status(), "{kind:?}");
        }
    }
}
