//! An HDF5 file in memory, and the few kinds of objects a snapshot is made of.
//!
//! HDF5 itself never touches the disk: when a write fails under it, it cannot close the file and
//! keeps it for the life of the process.

use hdf5::file::LibraryVersion;
use hdf5::plist::attribute_create::CharEncoding;
use hdf5::types::{FixedAscii, TypeDescriptor};
use hdf5::{Dataset, File, FileBuilder, Group, Location, Result};
use std::sync::atomic::{AtomicU64, Ordering};

/// The longest text that is stored; the rest is cut off.
pub(super) const TEXT_LEN: usize = 512;

/// A new file in memory that is expected to hold `reals` numbers.
pub(super) fn in_memory(reals: usize) -> Result<File> {
    // HDF5 tells open files in memory apart by their names.
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = format!(
        "movimento-snapshot-{}",
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    // The block by which the image grows: large for large files, which would be copied often.
    let increment = reals.saturating_mul(8).clamp(1 << 16, 1 << 28);
    FileBuilder::new()
        .with_fapl(|access| {
            access
                .core_options(increment, false)
                .libver_bounds(LibraryVersion::Earliest, LibraryVersion::V110)
        })
        .create(name)
}

/// The bytes of the file.
pub(super) fn image(file: &File) -> Result<Vec<u8>> {
    file.flush()?;
    hdf5::sync::sync(|| {
        // SAFETY: the id is that of an open file, HDF5's lock is held, and a NULL buffer asks for
        // the size only.
        let size = unsafe { hdf5_sys::h5f::H5Fget_file_image(file.id(), std::ptr::null_mut(), 0) };
        let size = usize::try_from(size).map_err(|_| "the file image has no size")?;
        let mut bytes: Vec<u8> = Vec::new();
        bytes
            .try_reserve_exact(size)
            .map_err(|_| format!("no memory for a file of {size} bytes"))?;
        bytes.resize(size, 0);
        // SAFETY: as above, and the buffer has the `size` bytes that HDF5 may write.
        let written =
            unsafe { hdf5_sys::h5f::H5Fget_file_image(file.id(), bytes.as_mut_ptr().cast(), size) };
        if usize::try_from(written) == Ok(size) {
            Ok(bytes)
        } else {
            Err("the file image could not be copied".into())
        }
    })
}

/// A dataset of float64, row-major.
pub(super) fn array(group: &Group, name: &str, shape: &[usize], values: &[f64]) -> Result<Dataset> {
    let dataset = group.new_dataset::<f64>().shape(shape).create(name)?;
    dataset.write_raw(values)?;
    Ok(dataset)
}

/// A dataset of one float64.
pub(super) fn real(group: &Group, name: &str, value: f64) -> Result<()> {
    group
        .new_dataset::<f64>()
        .create(name)?
        .write_scalar(&value)
}

/// A dataset of one int64.
pub(super) fn integer(group: &Group, name: &str, value: i64) -> Result<()> {
    group
        .new_dataset::<i64>()
        .create(name)?
        .write_scalar(&value)
}

/// A one-dimensional dataset of int64.
pub(super) fn integer_list(group: &Group, name: &str, values: &[i64]) -> Result<()> {
    let dataset = group
        .new_dataset::<i64>()
        .shape(values.len())
        .create(name)?;
    dataset.write_raw(values)
}

/// An attribute of int64 numbers.
pub(super) fn integers(at: &Location, name: &str, values: &[i64]) -> Result<()> {
    let builder = at.new_attr_builder().with_data(values);
    builder.char_encoding(CharEncoding::Ascii).create(name)?;
    Ok(())
}

/// An attribute of float64 numbers.
pub(super) fn reals(at: &Location, name: &str, values: &[f64]) -> Result<()> {
    let builder = at.new_attr_builder().with_data(values);
    builder.char_encoding(CharEncoding::Ascii).create(name)?;
    Ok(())
}

/// A text attribute, fixed-length ASCII.
pub(super) fn text(at: &Location, name: &str, text: &str) -> Result<()> {
    let text = ascii(text);
    let builder = at.new_attr_builder().empty_as(fixed(text.len()));
    let attribute = builder.char_encoding(CharEncoding::Ascii).create(name)?;
    attribute.write_scalar(&text)
}

/// An attribute that is a list of texts, fixed-length ASCII padded to the longest.
pub(super) fn texts<'a>(
    at: &Location,
    name: &str,
    texts: impl Iterator<Item = &'a str>,
) -> Result<()> {
    let texts: Vec<_> = texts.map(ascii).collect();
    let longest = texts.iter().map(|text| text.len()).max().unwrap_or(0);
    let builder = at.new_attr_builder().empty_as(fixed(longest));
    let builder = builder.shape(texts.len());
    let attribute = builder.char_encoding(CharEncoding::Ascii).create(name)?;
    attribute.write_raw(&texts)
}

/// The type of the file: exactly as long as the text, to which HDF5 cuts the type in memory.
fn fixed(len: usize) -> TypeDescriptor {
    TypeDescriptor::FixedAscii(len.max(1))
}

/// Printable ASCII; what is not is written as its escape.
fn ascii(text: &str) -> FixedAscii<TEXT_LEN> {
    let mut plain = String::new();
    for c in text.chars() {
        if c.is_ascii_graphic() || c == ' ' {
            plain.push(c);
        } else {
            plain.extend(c.escape_default());
        }
    }
    plain.truncate(TEXT_LEN);
    FixedAscii::from_ascii(&plain).unwrap_or_default()
}
