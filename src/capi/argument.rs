//! Arguments from C: checked, named in every message, and turned into Rust references.

use crate::error::{Error, Result};
use std::ffi::{CStr, c_char};

/// A NUL-terminated UTF-8 text.
///
/// # Safety
/// NULL, or NUL-terminated and unchanged for `'a`.
pub unsafe fn text<'a>(text: *const c_char, name: &str) -> Result<&'a str> {
    if text.is_null() {
        return Err(null(name, "a NUL-terminated UTF-8 text"));
    }
    // SAFETY: as this function's.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().map_err(|_| {
        Error::argument(format!(
            "argument `{name}` is not UTF-8; accepted is a NUL-terminated UTF-8 text"
        ))
    })
}

/// A text, or NULL for none.
///
/// # Safety
/// As [`text`].
pub unsafe fn optional_text<'a>(given: *const c_char, name: &str) -> Result<Option<&'a str>> {
    if given.is_null() {
        return Ok(None);
    }
    // SAFETY: as this function's.
    unsafe { text(given, name) }.map(Some)
}

/// The place of one result.
///
/// # Safety
/// NULL, or a place of the caller's for a `T` that nothing else uses for `'a`.
pub unsafe fn place<'a, T>(place: *mut T, name: &str) -> Result<&'a mut T> {
    aligned(place, name)?;
    // SAFETY: as this function's, and aligned. `T` is a number, for which any bits will do.
    unsafe { place.as_mut() }.ok_or_else(|| null(name, "the place for the result"))
}

/// An array of `rows` times `columns` numbers; NULL is accepted for none.
///
/// # Safety
/// NULL, or an array of that many numbers that nobody changes for `'a`.
pub unsafe fn array<'a, T>(
    array: *const T,
    rows: u64,
    columns: usize,
    name: &str,
) -> Result<&'a [T]> {
    let length = length::<T>(rows, columns, name)?;
    if length == 0 {
        return Ok(&[]);
    }
    aligned(array, name)?;
    if array.is_null() {
        return Err(null(name, &format!("an array of {length} numbers")));
    }
    // SAFETY: as this function's, aligned, and its size in bytes fits an isize.
    Ok(unsafe { std::slice::from_raw_parts(array, length) })
}

/// An array to be filled.
///
/// # Safety
/// NULL, or an array of the caller's of that many numbers that nothing else uses for `'a`.
pub unsafe fn array_mut<'a, T>(
    array: *mut T,
    rows: u64,
    columns: usize,
    name: &str,
) -> Result<&'a mut [T]> {
    let length = length::<T>(rows, columns, name)?;
    if length == 0 {
        return Ok(&mut []);
    }
    aligned(array, name)?;
    if array.is_null() {
        return Err(null(name, &format!("an array of {length} numbers")));
    }
    // SAFETY: as this function's, aligned, and its size in bytes fits an isize.
    Ok(unsafe { std::slice::from_raw_parts_mut(array, length) })
}

/// Refuses outputs that share memory with an input or with each other. By address only, so that
/// it can be asked before references are made.
pub fn disjoint(arrays: &[(&str, *const f64, usize)]) -> Result<()> {
    let ranges: Vec<_> = arrays
        .iter()
        .filter(|(_, array, _)| !array.is_null())
        .map(|(name, array, length)| {
            let (start, bytes) = (array.addr(), length.saturating_mul(size_of::<f64>()));
            (name, start, start.saturating_add(bytes))
        })
        .collect();
    for (at, (name, start, end)) in ranges.iter().enumerate() {
        for (other, other_start, other_end) in ranges.iter().take(at) {
            if start < other_end && other_start < end {
                return Err(Error::argument(format!(
                    "arrays `{other}` and `{name}` overlap; accepted are separate arrays"
                )));
            }
        }
    }
    Ok(())
}

/// How many numbers an array `[rows][columns]` has, if a process can hold them.
pub fn length<T>(rows: u64, columns: usize, name: &str) -> Result<usize> {
    let length = usize::try_from(rows)
        .ok()
        .and_then(|rows| rows.checked_mul(columns));
    length
        .filter(|length| {
            let bytes = length.checked_mul(size_of::<T>());
            bytes.is_some_and(|bytes| isize::try_from(bytes).is_ok())
        })
        .ok_or_else(|| {
            Error::argument(format!(
                "array `{name}` would have {rows} times {columns} entries, more than a process can hold; look at `n`"
            ))
        })
}

/// Writes a text and its NUL to a buffer of the caller's and says how many bytes it needs.
///
/// # Safety
/// `buffer` is NULL or has room for `size` bytes; `needed` is NULL or a place for a number.
pub unsafe fn put_text(text: &str, buffer: *mut c_char, size: u64, needed: *mut u64) -> Result<()> {
    let bytes = text.len() as u64 + 1;
    aligned(needed, "needed")?;
    // SAFETY: as this function's, and aligned.
    if let Some(needed) = unsafe { needed.as_mut() } {
        *needed = bytes;
    } else if buffer.is_null() {
        return Err(Error::argument(
            "arguments `buffer` and `needed` are both NULL; accepted is a place for the text, for its size, or both",
        ));
    }
    if buffer.is_null() {
        return Ok(());
    }
    if size < bytes {
        return Err(Error::argument(format!(
            "argument `size` is {size}; accepted is at least {bytes}, the bytes of the text"
        )));
    }
    // SAFETY: the buffer has room for `size` bytes, which is enough, and is no Rust object.
    unsafe {
        buffer.copy_from_nonoverlapping(text.as_ptr().cast(), text.len());
        buffer.add(text.len()).write(0);
    }
    Ok(())
}

/// Writes numbers to an array of the caller's, if there is one.
///
/// # Safety
/// `values` is NULL or has room for `capacity` numbers.
pub unsafe fn put_list<T: Copy>(list: &[T], capacity: u64, values: *mut T) -> Result<()> {
    if values.is_null() {
        return Ok(());
    }
    // SAFETY: as this function's.
    let values = unsafe { array_mut(values, capacity, 1, "values") }?;
    let room = values.get_mut(..list.len()).ok_or_else(|| {
        Error::argument(format!(
            "argument `capacity` is {capacity}; accepted is at least {}, the numbers of the list",
            list.len()
        ))
    })?;
    room.copy_from_slice(list);
    Ok(())
}

fn aligned<T>(pointer: *const T, name: &str) -> Result<()> {
    if pointer.is_aligned() {
        return Ok(());
    }
    Err(Error::argument(format!(
        "argument `{name}` is not aligned to {} bytes; accepted is an array of such numbers",
        align_of::<T>()
    )))
}

fn null(name: &str, accepted: &str) -> Error {
    Error::argument(format!("argument `{name}` is NULL; accepted is {accepted}"))
}
