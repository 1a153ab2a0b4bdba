//! Descriptions of plugins.

use super::{argument, guard};
use crate::energy;
use std::ffi::c_char;

/// What plugins offer, as a JSON array of objects with `id`, `name`, `version`, `formula`,
/// `references`, `flags`, `extensions`, `file` and `parameters`, each of these an object with
/// `name`, `type` ("real", "integer", "reals"), `default`, `minimum`, `maximum` (null where the
/// range has no end) and `help`. Nothing is instantiated.
///
/// @param[in]  what    an energy's id; the path of a plugin (a text with a '/' or a '.'); may be
///                     NULL, for every energy that `mov_energy_create` finds
/// @param[out] buffer  receives the text and its NUL; may be NULL, to ask for the size alone
/// @param[in]  size    bytes in `buffer`; too few are MOV_ERROR_ARGUMENT, and nothing is written
///                     there
/// @param[out] needed  receives the bytes that the text needs with its NUL; may be NULL
///
/// Returns `MOV_OK`, `MOV_ERROR_PLUGIN` if the id is not found or the file is refused, or
/// `MOV_ERROR_ARGUMENT`.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_plugin_describe(
    what: *const c_char,
    buffer: *mut c_char,
    size: u64,
    needed: *mut u64,
) -> i32 {
    guard::status(|| {
        // SAFETY: `what` is a text or NULL, says the header.
        let what = unsafe { argument::optional_text(what, "what") }?;
        let text = energy::describe(what)?;
        // SAFETY: buffer and size belong together, says the header.
        unsafe { argument::put_text(&text, buffer, size, needed) }
    })
}
