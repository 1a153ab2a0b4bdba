//! Options: key and value, described by a table.

use super::{argument, guard, handle};
use crate::error::Result;
use crate::options::{self, Options};
use std::ffi::c_char;

/// What a solver is to do: a set of options, each with a default.
#[derive(Debug)]
pub struct mov_options {
    _opaque: [u8; 0],
}

handle::declare!(mov_options, Options, 1);

/// A new set of options, all at their defaults.
///
/// Returns a handle, or NULL with the reason in `mov_last_error`. The caller frees it with
/// `mov_options_free`.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn mov_options_create() -> *mut mov_options {
    guard::handle(|| handle::create(Options::new()))
}

/// Frees options. Solvers that were created with them keep their own copy.
///
/// @param[in]  options  may be NULL, which does nothing. A handle that is not alive is left alone
///                      and noted in `mov_last_error`.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn mov_options_free(options: *mut mov_options) {
    guard::nothing(|| handle::free(options, "options"));
}

/// Sets an option of type `real`.
///
/// @param[in]  options  alive
/// @param[in]  name     the option, see `mov_options_describe`
/// @param[in]  value    finite and in the option's range
///
/// Returns `MOV_OK`, `MOV_ERROR_OPTION` if the name is unknown, the option has another type or
/// the value is out of range, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`. On failure the options
/// stay as they were.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_options_set_real(
    options: *mut mov_options,
    name: *const c_char,
    value: f64,
) -> i32 {
    // SAFETY: the name is a text, says the header.
    guard::status(|| unsafe { set(options, name, value) })
}

/// Sets an option of type `integer`; otherwise as `mov_options_set_real`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_options_set_integer(
    options: *mut mov_options,
    name: *const c_char,
    value: i64,
) -> i32 {
    // SAFETY: the name is a text, says the header.
    guard::status(|| unsafe { set(options, name, value) })
}

/// Sets an option of type `text`; otherwise as `mov_options_set_real`.
///
/// @param[in]  value  one of the option's choices; copied
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_options_set_text(
    options: *mut mov_options,
    name: *const c_char,
    value: *const c_char,
) -> i32 {
    guard::status(|| {
        // SAFETY: the value is a text, says the header.
        let value = unsafe { argument::text(value, "value") }?;
        // SAFETY: so is the name.
        unsafe { set(options, name, value) }
    })
}

/// Sets an option of type `reals`; otherwise as `mov_options_set_real`.
///
/// @param[in]  n       how many numbers; at least 1
/// @param[in]  values  [n], each in the option's range; copied
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_options_set_reals(
    options: *mut mov_options,
    name: *const c_char,
    n: u64,
    values: *const f64,
) -> i32 {
    guard::status(|| {
        // SAFETY: the array has n numbers, says the header.
        let values = unsafe { argument::array(values, n, 1, "values") }?;
        // SAFETY: the name is a text, says the header.
        unsafe { set(options, name, values) }
    })
}

/// Sets an option of type `integers`; otherwise as `mov_options_set_real`.
///
/// @param[in]  n       how many numbers; at least 1
/// @param[in]  values  [n], each in the option's range; copied
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_options_set_integers(
    options: *mut mov_options,
    name: *const c_char,
    n: u64,
    values: *const i64,
) -> i32 {
    guard::status(|| {
        // SAFETY: the array has n numbers, says the header.
        let values = unsafe { argument::array(values, n, 1, "values") }?;
        // SAFETY: the name is a text, says the header.
        unsafe { set(options, name, values) }
    })
}

/// The value of an option of type `real`, set or default.
///
/// @param[in]  options  alive
/// @param[in]  name     the option
/// @param[out] value    receives the value
///
/// Returns `MOV_OK`, `MOV_ERROR_OPTION` if the name is unknown or the option has another type,
/// `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_options_get_real(
    options: *const mov_options,
    name: *const c_char,
    value: *mut f64,
) -> i32 {
    guard::status(|| {
        // SAFETY: `value` is a place for a number, says the header.
        let place = unsafe { argument::place(value, "value") }?;
        // SAFETY: the name is a text, says the header.
        *place = unsafe { get(options, name, Options::real) }?;
        Ok(())
    })
}

/// The value of an option of type `integer`; otherwise as `mov_options_get_real`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_options_get_integer(
    options: *const mov_options,
    name: *const c_char,
    value: *mut i64,
) -> i32 {
    guard::status(|| {
        // SAFETY: `value` is a place for a number, says the header.
        let place = unsafe { argument::place(value, "value") }?;
        // SAFETY: the name is a text, says the header.
        *place = unsafe { get(options, name, Options::integer) }?;
        Ok(())
    })
}

/// The value of an option of type `text`; otherwise as `mov_options_get_real`.
///
/// @param[out] buffer  receives the text and its NUL; may be NULL, to ask for the size alone
/// @param[in]  size    bytes in `buffer`; too few are MOV_ERROR_ARGUMENT, and nothing is written
///                     there
/// @param[out] needed  receives the bytes that the text needs with its NUL; may be NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_options_get_text(
    options: *const mov_options,
    name: *const c_char,
    buffer: *mut c_char,
    size: u64,
    needed: *mut u64,
) -> i32 {
    guard::status(|| {
        // SAFETY: the name is a text, says the header.
        let text = unsafe { get(options, name, Options::text) }?;
        // SAFETY: buffer and size belong together, says the header.
        unsafe { argument::put_text(&text, buffer, size, needed) }
    })
}

/// The value of an option of type `reals`; otherwise as `mov_options_get_real`.
///
/// @param[in]  capacity  how many numbers `values` has room for; too few are MOV_ERROR_ARGUMENT
/// @param[out] values    [capacity], receives the numbers; may be NULL, to ask for their count
///                       alone
/// @param[out] count     receives how many numbers there are
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_options_get_reals(
    options: *const mov_options,
    name: *const c_char,
    capacity: u64,
    values: *mut f64,
    count: *mut u64,
) -> i32 {
    guard::status(|| {
        // SAFETY: the name is a text, says the header.
        let list = unsafe { get(options, name, Options::reals) }?;
        // SAFETY: `count` is a place for a number, and values and capacity belong together.
        unsafe {
            *argument::place(count, "count")? = list.len() as u64;
            argument::put_list(&list, capacity, values)
        }
    })
}

/// The value of an option of type `integers`; otherwise as `mov_options_get_reals`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_options_get_integers(
    options: *const mov_options,
    name: *const c_char,
    capacity: u64,
    values: *mut i64,
    count: *mut u64,
) -> i32 {
    guard::status(|| {
        // SAFETY: the name is a text, says the header.
        let list = unsafe { get(options, name, Options::integers) }?;
        // SAFETY: `count` is a place for a number, and values and capacity belong together.
        unsafe {
            *argument::place(count, "count")? = list.len() as u64;
            argument::put_list(&list, capacity, values)
        }
    })
}

/// Every option that there is, as a JSON array of objects with `name`, `type` ("real",
/// "integer", "text", "reals", "integers"), `default`, `help`, `live` (whether
/// `mov_solver_set_options` may change it), and `minimum` and `maximum` or `choices`.
///
/// @param[out] buffer  receives the text and its NUL; may be NULL, to ask for the size alone
/// @param[in]  size    bytes in `buffer`; too few are MOV_ERROR_ARGUMENT, and nothing is written
///                     there
/// @param[out] needed  receives the bytes that the text needs with its NUL; may be NULL
///
/// Returns `MOV_OK` or `MOV_ERROR_ARGUMENT`.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_options_describe(
    buffer: *mut c_char,
    size: u64,
    needed: *mut u64,
) -> i32 {
    // SAFETY: buffer and size belong together, says the header.
    guard::status(|| unsafe { argument::put_text(&options::describe(), buffer, size, needed) })
}

/// # Safety
/// `name` is NULL or a NUL-terminated text.
unsafe fn set(
    options: *mut mov_options,
    name: *const c_char,
    value: impl Into<options::Value>,
) -> Result<()> {
    // SAFETY: as this function's.
    let name = unsafe { argument::text(name, "name") }?;
    handle::with(options, "options", |options| options.set(name, value))
}

/// # Safety
/// `name` is NULL or a NUL-terminated text.
unsafe fn get<T>(
    options: *const mov_options,
    name: *const c_char,
    getter: impl FnOnce(&Options, &str) -> Result<T>,
) -> Result<T> {
    // SAFETY: as this function's.
    let name = unsafe { argument::text(name, "name") }?;
    handle::with(options, "options", |options| getter(options, name))
}
