//! The one reader of the ABI's structures, which say how large they are.
//!
//! A structure gains fields at its end only, in a new minor version. Whoever reads one that was
//! written for another version must not read past the size that it states, and must find zeros
//! (NULL, no flags) in the fields that its writer did not know: [`read`] does both.

use std::ffi::{CStr, c_char};
use std::mem::{MaybeUninit, offset_of};
use std::ptr;

use movimento_abi::{self as abi, PlainStruct};

/// A structure of which other versions may have more or fewer bytes.
pub trait GrowingStruct: PlainStruct {
    /// The bytes that every version has: those of the first version.
    const LEAST: usize = size_of::<Self>();
}

/// A [`GrowingStruct`] that states its own size, in a `u64` at the same place in every version.
pub trait SizedStruct: GrowingStruct {
    /// The offset of `struct_size`.
    const SIZE_AT: usize = 0;
}

impl GrowingStruct for abi::Parameter {}
impl GrowingStruct for abi::Descriptor {}
impl SizedStruct for abi::Descriptor {}
impl GrowingStruct for abi::PluginEntry {}
impl SizedStruct for abi::PluginEntry {
    const SIZE_AT: usize = offset_of!(abi::PluginEntry, struct_size);
}

/// Reads a structure that states its size; fields that it does not have are zero.
///
/// # Errors
/// It is NULL, misaligned or too small; `what` names it.
///
/// # Safety
/// `at` is NULL, or misaligned, or points to a structure of this type, of any version, which has
/// its size at `SIZE_AT`.
pub unsafe fn read<T: SizedStruct>(what: &str, at: *const T) -> Result<T, String> {
    const { assert!(T::SIZE_AT + size_of::<u64>() <= T::LEAST && T::LEAST <= size_of::<T>()) };
    if at.is_null() {
        return Err(format!("{what} is NULL"));
    }
    if !at.is_aligned() {
        return Err(format!("{what} is misaligned"));
    }
    // SAFETY: every version has its size there.
    let size = unsafe { at.byte_add(T::SIZE_AT).cast::<u64>().read() };
    enough::<T>(what, size)?;
    // SAFETY: the structure has as many bytes as it says.
    Ok(unsafe { copy(at, size) })
}

/// Reads the entries of an array whose stride is the size of an entry in its writer's version.
///
/// # Errors
/// It is NULL, or the stride, called `stride_name`, is too small or no multiple of the alignment.
///
/// # Safety
/// `first` is NULL or points to `count` structures of this type that lie `stride` bytes apart.
pub unsafe fn read_array<T: GrowingStruct>(
    (what, entry): (&str, &str),
    first: *const T,
    count: usize,
    (stride_name, stride): (&str, u64),
) -> Result<Vec<T>, String> {
    if count == 0 {
        return Ok(Vec::new());
    }
    if first.is_null() {
        return Err(format!("{what} is NULL"));
    }
    enough::<T>(entry, stride)?;
    let bytes = usize::try_from(stride).map_err(|e| e.to_string())?;
    let alignment = align_of::<T>();
    if !bytes.is_multiple_of(alignment) {
        return Err(format!(
            "{stride_name} {stride} is not a multiple of {alignment}"
        ));
    }
    // SAFETY: the caller's promise, for each index below the count.
    let at = |i: usize| unsafe { copy(first.byte_add(i * bytes), stride) };
    Ok((0..count).map(at).collect())
}

/// Whether a structure of `size` bytes has what every version has.
fn enough<T: GrowingStruct>(what: &str, size: u64) -> Result<(), String> {
    let least = T::LEAST;
    match size >= least as u64 {
        true => Ok(()),
        false => Err(format!(
            "{what} has {size} bytes; this library needs at least {least}"
        )),
    }
}

/// # Safety
/// `at` points to `size` bytes of a structure of this type, at least `LEAST`.
unsafe fn copy<T: PlainStruct>(at: *const T, size: u64) -> T {
    let known = usize::try_from(size).map_or(size_of::<T>(), |size| size.min(size_of::<T>()));
    let mut value = MaybeUninit::<T>::zeroed();
    // SAFETY: the caller's promise for the bytes read, of which as many fit into a value; zeros are
    // a value of the type, and so are the bytes of the structure.
    unsafe {
        ptr::copy_nonoverlapping(at.cast::<u8>(), value.as_mut_ptr().cast(), known);
        value.assume_init()
    }
}

/// Reads a text.
///
/// # Errors
/// It is NULL or not UTF-8; `what` names it.
///
/// # Safety
/// `text` is NULL or NUL-terminated.
pub(crate) unsafe fn text(what: &str, text: *const c_char) -> Result<String, String> {
    if text.is_null() {
        return Err(format!("{what} is NULL"));
    }
    // SAFETY: as this function's.
    let text = unsafe { CStr::from_ptr(text) };
    let text = text.to_str().map_err(|_| format!("{what} is not UTF-8"))?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(C)]
    struct Grown {
        struct_size: u64,
        old: f64,
        new: *const f64,
    }
    // SAFETY: plain, without padding.
    unsafe impl PlainStruct for Grown {}
    impl GrowingStruct for Grown {
        /// The first version ended before `new`.
        const LEAST: usize = offset_of!(Grown, new);
    }
    impl SizedStruct for Grown {}

    fn grown(struct_size: u64) -> Result<Grown, String> {
        let (old, new) = (1.5, ptr::dangling());
        let written = Grown {
            struct_size,
            old,
            new,
        };
        // SAFETY: the structure has 24 bytes, or is refused.
        unsafe { read("the structure", &raw const written) }
    }

    #[test]
    fn fields_of_a_later_version_are_zero_where_the_writer_did_not_know_them() {
        let old = grown(16).unwrap();
        assert_eq!((old.old, old.new.is_null()), (1.5, true));
        assert!(!grown(24).unwrap().new.is_null());
    }

    #[test]
    fn what_is_too_small_null_or_misaligned_is_refused() {
        let why = "the structure has 8 bytes; this library needs at least 16";
        assert_eq!(grown(8).unwrap_err(), why);
        // SAFETY: NULL and misaligned addresses are never read.
        let at = |address| unsafe { read("it", ptr::without_provenance::<Grown>(address)) };
        assert_eq!(at(0).unwrap_err(), "it is NULL");
        assert_eq!(at(9).unwrap_err(), "it is misaligned");
    }

    #[test]
    fn arrays_are_read_by_the_stride_of_their_writer() {
        let all = [[16.0, 1.0, 7.0, 7.0], [16.0, 2.0, 7.0, 7.0]];
        let first = all.as_ptr().cast::<Grown>();
        // SAFETY: as many bytes as the strides that are not refused ask for.
        let read = |stride| unsafe { read_array(("it", "one"), first, 2, ("`stride`", stride)) };
        let read = |stride| read(stride).map(|all| all.iter().map(|one| one.old).collect());
        assert_eq!(read(32), Ok(vec![1.0, 2.0]));
        assert_eq!(read(20).unwrap_err(), "`stride` 20 is not a multiple of 8");
        let why = "one has 8 bytes; this library needs at least 16";
        assert_eq!(read(8).unwrap_err(), why);
    }
}
