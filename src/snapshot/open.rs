//! Opening files, and reading their attributes.

use super::content::TEXT_LEN;
use super::library;
use crate::error::{Error, Result};
use hdf5::types::FixedAscii;
use hdf5::{Dataset, File, FileBuilder, Location};
use std::path::Path;

/// Opens a file without HDF5's lock: none of ours changes once it has its name, and file systems of clusters
/// may have no locks.
pub(super) fn file(path: &Path) -> hdf5::Result<File> {
    library::start()?;
    FileBuilder::new()
        .with_fapl(|access| access.file_locking(false))
        .open(path)
}

/// Opens a snapshot, hands it to `look`, and names it where that fails.
pub(super) fn open<T>(path: &Path, look: impl FnOnce(&File) -> hdf5::Result<T>) -> Result<T> {
    file(path).and_then(|file| look(&file)).map_err(|error| {
        Error::file(format!(
            "cannot read the snapshot `{}`: {error}",
            path.display()
        ))
    })
}

/// A text, an attribute of one string.
pub(super) fn text(at: &Location, name: &str) -> hdf5::Result<String> {
    let text: FixedAscii<TEXT_LEN> = at.attr(name)?.read_scalar()?;
    Ok(text.as_str().to_owned())
}

/// A list of texts, an attribute.
pub(super) fn texts(at: &Location, name: &str) -> hdf5::Result<Vec<String>> {
    let texts: Vec<FixedAscii<TEXT_LEN>> = at.attr(name)?.read_raw()?;
    Ok(texts.iter().map(|text| text.as_str().to_owned()).collect())
}

/// A list of sizes or indices, an attribute.
pub(super) fn sizes(at: &Location, name: &str) -> hdf5::Result<Vec<usize>> {
    let values: Vec<i64> = at.attr(name)?.read_raw()?;
    let sizes = values.iter().map(|value| {
        let refused = |_| format!("its attribute `{name}` has the entry {value}");
        usize::try_from(*value).map_err(|e| refused(e).into())
    });
    sizes.collect()
}

/// One size or index, an attribute.
pub(super) fn size(at: &Location, name: &str) -> hdf5::Result<usize> {
    match sizes(at, name)?.as_slice() {
        [one] => Ok(*one),
        many => Err(format!("its attribute `{name}` has {} entries", many.len()).into()),
    }
}

/// A text, an attribute of one string; empty where there is no such attribute.
pub(super) fn optional_text(at: &Location, name: &str) -> hdf5::Result<String> {
    if at.attr_names()?.iter().any(|other| other == name) {
        return text(at, name);
    }
    Ok(String::new())
}

/// The shape of what an array has for each step, file or point.
pub(super) fn row_shape(array: &Dataset) -> hdf5::Result<Vec<usize>> {
    match array.shape().split_first() {
        Some((_, row)) => Ok(row.to_vec()),
        None => Err(format!("its array `{}` has no axis", array.name()).into()),
    }
}
