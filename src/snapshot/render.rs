//! HDF5 files from their content.
//!
//! Snapshots and indices are made in memory, and HDF5 itself does not touch the disk: when a write fails
//! under it, it cannot close the file and keeps it for the life of the process.

use super::content::{
    Array, Attribute, Block, Content, Item, Kind, Packing, TEXT_LEN, Values, printable,
};
use super::library;
use super::scales;
use crate::error::{Error, ErrorKind};
use hdf5::file::LibraryVersion;
use hdf5::plist::attribute_create::CharEncoding;
use hdf5::types::{FixedAscii, TypeDescriptor};
use hdf5::{Dataset, DatasetBuilder, File, FileBuilder, Hyperslab, Location, Result, SliceOrIndex};
use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that are compressed together, about.
const CHUNK: usize = 1 << 20;

/// A file in memory, and where the numbers of each item of its content are in it, where they lie as they
/// are.
pub(super) struct Image {
    pub bytes: Vec<u8>,
    pub places: Vec<Option<Range<usize>>>,
}

/// What is said of a snapshot for a folder that could not be made: of memory that HDF5 could not have as of any other.
pub(super) fn not_made(folder: &Path, error: &hdf5::Error) -> Error {
    let said = error.to_string();
    let of_memory = ["allocate memory", "allocation failed", "no memory for"];
    let kind = match of_memory.iter().any(|part| said.contains(part)) {
        true => ErrorKind::Memory,
        false => ErrorKind::File,
    };
    let folder = folder.display();
    Error::new(
        kind,
        format!("cannot make a snapshot for `{folder}`: HDF5 says: {said}"),
    )
}

/// Makes the bytes of a file.
pub(super) fn image(content: &Content<'_>) -> Result<Image> {
    library::start()?;
    let file = in_memory(content.size())?;
    let arrays = fill(&file, content)?;
    file.flush()?;
    let place = |item: &Item<'_>| match item {
        Item::Array(array) if array.packing.deflate == 0 => {
            let len = array
                .values
                .bytes()
                .filter(|bytes| !bytes.is_empty())?
                .len();
            let start = usize::try_from(arrays.get(&array.path)?.offset()?).ok()?;
            Some(start..start + len)
        }
        _ => None,
    };
    let places = content.items.iter().map(place).collect();
    drop(arrays);
    let bytes = bytes(&file)?;
    Ok(Image { bytes, places })
}

/// Makes a file on the disk, the arrays of which that come later are handed to `finish`.
///
/// Nobody else knows its name yet, so HDF5's lock would protect nothing. It would do harm: a process that
/// another thread starts meanwhile inherits it, and keeps readers out of the file for as long as it lives.
pub(super) fn on_disk(
    path: &Path,
    content: &Content<'_>,
    finish: impl FnOnce(&HashMap<String, Dataset>) -> crate::error::Result<()>,
) -> Result<crate::error::Result<()>> {
    let bounds = (LibraryVersion::Earliest, LibraryVersion::V110);
    library::start()?;
    let file = FileBuilder::new()
        .with_fapl(|access| access.libver_bounds(bounds.0, bounds.1).file_locking(false))
        .create_excl(path)?;
    let arrays = fill(&file, content)?;
    let finished = finish(&arrays);
    drop(arrays);
    file.flush()?;
    file.close()?;
    Ok(finished)
}

/// A new file in memory that is expected to hold so many bytes of numbers.
fn in_memory(size: usize) -> Result<File> {
    // HDF5 tells open files in memory apart by their names.
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = format!(
        "movimento-snapshot-{}",
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    // The block by which the image grows: large for large files, which would be copied often.
    let increment = size.clamp(1 << 16, 1 << 28);
    FileBuilder::new()
        .with_fapl(|access| {
            access
                .core_options(increment, false)
                .libver_bounds(LibraryVersion::Earliest, LibraryVersion::V110)
        })
        .create(name)
}

/// The bytes of a file in memory.
fn bytes(file: &File) -> Result<Vec<u8>> {
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

/// Creates everything; returns the arrays by their paths.
fn fill(file: &File, content: &Content<'_>) -> Result<HashMap<String, Dataset>> {
    let mut arrays = HashMap::new();
    let mut groups = HashMap::new();
    groups.insert("/".to_owned(), file.as_group()?);
    for item in &content.items {
        match item {
            Item::Group(path) => {
                groups.insert(path.clone(), file.create_group(path)?);
            }
            Item::Array(array) => {
                arrays.insert(array.path.clone(), create(file, array)?);
            }
            Item::Attribute { at, name, value } => {
                let location: &Location = match (arrays.get(at), groups.get(at)) {
                    (Some(array), _) => array,
                    (None, Some(group)) => group,
                    (None, None) => return Err(missing(at)),
                };
                attribute(location, name, value)?;
            }
            Item::Scale { at, name } => scales::make(known(&arrays, at)?, name)?,
            Item::Attach { at, axis, scale } => {
                scales::attach(known(&arrays, at)?, *axis, known(&arrays, scale)?)?;
            }
            Item::Link { from, to } => file.link_hard(from, to)?,
        }
    }
    Ok(arrays)
}

fn known<'a>(arrays: &'a HashMap<String, Dataset>, path: &str) -> Result<&'a Dataset> {
    arrays.get(path).ok_or_else(|| missing(path))
}

fn missing(path: &str) -> hdf5::Error {
    format!("there is no `{path}` yet").into()
}

fn create(file: &File, array: &Array<'_>) -> Result<Dataset> {
    let mut builder = file.new_dataset_builder();
    // A second run then gives the same bytes.
    builder = builder.obj_track_times(false);
    let is_virtual = matches!(array.values, Values::Virtual { .. });
    if array.packing.deflate > 0 && !array.shape.is_empty() && !is_virtual {
        let given = &array.packing.chunk;
        let chunk = if given.len() == array.shape.len() {
            given.clone()
        } else {
            Packing::chunk(&array.shape, array.values.kind())
        };
        builder = builder
            .chunk(chunk)
            .shuffle()
            .deflate(array.packing.deflate);
    }
    if let Values::Virtual { kind, fill, pieces } = &array.values {
        for piece in pieces {
            builder = builder.virtual_map(
                &piece.file,
                &piece.array,
                piece.shape.as_slice(),
                hyperslab(&piece.from),
                array.shape.as_slice(),
                hyperslab(&piece.to),
            );
        }
        builder = match kind {
            Kind::Real => builder.fill_value(*fill),
            Kind::Single => builder.fill_value(*fill as f32),
            Kind::Integer => builder.fill_value(*fill as i64),
            Kind::Byte => builder.fill_value(*fill as u8),
        };
    }
    let (path, shape) = (array.path.as_str(), array.shape.as_slice());
    let dataset = match array.values.kind() {
        Kind::Real => sized::<f64>(builder, shape, path),
        Kind::Single => sized::<f32>(builder, shape, path),
        Kind::Integer => sized::<i64>(builder, shape, path),
        Kind::Byte => sized::<u8>(builder, shape, path),
    }?;
    match &array.values {
        Values::Reals(values) => dataset.write_raw(values)?,
        Values::Singles(values) => dataset.write_raw(values)?,
        Values::Integers(values) => dataset.write_raw(values)?,
        Values::Bytes(values) => dataset.write_raw(values)?,
        Values::Virtual { .. } | Values::Later(_) => {}
    }
    Ok(dataset)
}

fn sized<T: hdf5::H5Type>(builder: DatasetBuilder, shape: &[usize], path: &str) -> Result<Dataset> {
    let builder = builder.empty::<T>();
    if shape.is_empty() {
        builder.create(path)
    } else {
        builder.shape(shape).create(path)
    }
}

/// A block as HDF5 takes it.
pub(super) fn hyperslab(block: &Block) -> Hyperslab {
    let axes = block.start.iter().zip(&block.size);
    let slices = axes.map(|(&start, &count)| SliceOrIndex::SliceCount {
        start,
        step: 1,
        count,
        block: 1,
    });
    Hyperslab::from(slices.collect::<Vec<_>>())
}

impl Packing {
    /// The chunk that is compressed together: as many of the last axes as fit.
    pub fn chunk(shape: &[usize], kind: Kind) -> Vec<usize> {
        let mut left = (CHUNK / kind.size()).max(1);
        let parts = shape.iter().rev().map(|n| {
            let part = (*n).clamp(1, left);
            left = (left / part).max(1);
            part
        });
        let mut chunk: Vec<usize> = parts.collect();
        chunk.reverse();
        chunk
    }
}

impl Kind {
    /// Bytes of a number.
    pub const fn size(self) -> usize {
        match self {
            Self::Real | Self::Integer => 8,
            Self::Single => 4,
            Self::Byte => 1,
        }
    }
}

fn attribute(at: &Location, name: &str, value: &Attribute) -> Result<()> {
    match value {
        Attribute::Reals(values) => {
            let builder = at.new_attr_builder().with_data(values.as_slice());
            builder.char_encoding(CharEncoding::Ascii).create(name)?;
        }
        Attribute::Integers(values) => {
            let builder = at.new_attr_builder().with_data(values.as_slice());
            builder.char_encoding(CharEncoding::Ascii).create(name)?;
        }
        Attribute::Text(text) => {
            let text = ascii(text);
            let builder = at.new_attr_builder().empty_as(fixed(text.len()));
            let attribute = builder.char_encoding(CharEncoding::Ascii).create(name)?;
            attribute.write_scalar(&text)?;
        }
        Attribute::Texts(texts) => {
            let texts: Vec<_> = texts.iter().map(|text| ascii(text)).collect();
            // Padded to the longest.
            let longest = texts.iter().map(FixedAscii::len).max().unwrap_or(0);
            let builder = at.new_attr_builder().empty_as(fixed(longest));
            let builder = builder.shape(texts.len());
            let attribute = builder.char_encoding(CharEncoding::Ascii).create(name)?;
            attribute.write_raw(&texts)?;
        }
    }
    Ok(())
}

/// The type of the file: exactly as long as the text, to which HDF5 cuts the type in memory.
fn fixed(len: usize) -> TypeDescriptor {
    TypeDescriptor::FixedAscii(len.max(1))
}

fn ascii(text: &str) -> FixedAscii<TEXT_LEN> {
    FixedAscii::from_ascii(&printable(text)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Child, Command};

    /// A process that inherits what is open, until it is dropped.
    struct Bystander(Child);

    impl Drop for Bystander {
        fn drop(&mut self) {
            self.0.kill().unwrap();
            self.0.wait().unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_process_started_meanwhile_locks_nobody_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.h5");
        let mut bystander = None;
        let start = |_: &_| {
            let child = Command::new("sleep").arg("60").spawn().unwrap();
            bystander = Some(Bystander(child));
            Ok(())
        };
        on_disk(&path, &Content::default(), start).unwrap().unwrap();
        // With the lock of every reader.
        assert!(bystander.is_some());
        File::open(&path).unwrap();
    }
}
