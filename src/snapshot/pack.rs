//! All snapshots of a folder in one file, which needs none of them.

use super::arrays::Which;
use super::commit;
use super::content::{Attribute, Block, Content, Kind, Values};
use super::frame::Frame;
use super::layout;
use super::open;
use super::past::Past;
use super::read::{self, Series};
use super::render;
use super::writer::{INDEX, figure};
use crate::atomic_file::Draft;
use crate::error::{Error, Result};
use hdf5::{Dataset, Dataspace, Datatype};
use std::collections::HashMap;
use std::path::Path;

/// Copies the snapshots of `folder` into one file with an axis of time, which VTK, xarray, Octave and h5py
/// open. It is made beside its name and renamed when it is whole; a file of that name is replaced.
///
/// # Errors
/// [`File`](crate::ErrorKind::File) if a snapshot cannot be read, is not like the others, there are none, or
/// the file cannot be written.
pub fn pack(folder: &Path, path: &Path) -> Result<()> {
    let Series { past, frame, .. } = read::folder(folder, &folder.join(INDEX))?;
    let Some(frame) = frame else {
        return Err(Error::file(format!(
            "there are no snapshots in the folder `{}`; accepted is one that a writer has written to",
            folder.display()
        )));
    };
    let failed =
        |why: String| Error::file(format!("cannot write the file `{}`: {why}", path.display()));
    let draft = Draft::for_others(path).map_err(|error| failed(error.to_string()))?;
    write(folder, (path, &draft), &frame, &past)?;
    draft.publish().map_err(|error| failed(error.to_string()))
}

/// Makes the draft of a file of snapshots of a folder.
pub(super) fn write(
    folder: &Path,
    (path, draft): (&Path, &Draft),
    frame: &Frame,
    past: &[Past],
) -> Result<()> {
    render::on_disk(draft.path(), &content(frame, past), |arrays| {
        copy(folder, frame, past, arrays)
    })
    .map_err(|error| {
        let path = path.display();
        Error::file(format!(
            "cannot write the file `{path}`: HDF5 says: {error}"
        ))
    })?
}

fn content<'a>(frame: &Frame, past: &[Past]) -> Content<'a> {
    let mut content = Content::default();
    content.text("/", "format", "movimento series");
    content.attribute("/", "format_version", Attribute::Integers(vec![1]));
    content.text("/", "movimento_version", env!("CARGO_PKG_VERSION"));
    let times: Vec<f64> = past.iter().map(|past| past.time).collect();
    frame.add(&mut content, &times, &mut |which, _, _| match which {
        Which::Figure(number) => figure(past, number),
        _ => Values::Later(frame.kind()),
    });
    content
}

/// Copies the arrays snapshot by snapshot.
fn copy(
    folder: &Path,
    frame: &Frame,
    past: &[Past],
    arrays: &HashMap<String, Dataset>,
) -> Result<()> {
    let of_grid = frame.grid.iter().flat_map(|grid| &grid.fields);
    let mut paths: Vec<String> = of_grid.map(|field| format!("/{}", field.name)).collect();
    if let Some(points) = &frame.points {
        paths.push(layout::POSITION.to_owned());
        paths.extend(
            points
                .fields
                .iter()
                .map(|field| format!("{}/{}", layout::POINTS, field.name)),
        );
    }
    for (step, one) in past.iter().enumerate() {
        let source = folder.join(commit::name(one.number));
        open::open(&source, |file| {
            for path in &paths {
                let from = file.dataset(path)?;
                let to = arrays.get(path).ok_or("an array is missing")?;
                let place = if past.len() > 1 {
                    Block::step(step, &from.shape())
                } else {
                    Block::whole(&from.shape())
                };
                match frame.kind() {
                    Kind::Single => put::<f32>(to, &place, &from.read_raw()?)?,
                    _ => put::<f64>(to, &place, &from.read_raw()?)?,
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Writes a block of an array.
fn put<T: hdf5::H5Type>(array: &Dataset, place: &Block, values: &[T]) -> hdf5::Result<()> {
    let expected: usize = place.size.iter().product();
    if values.len() != expected {
        return Err(format!("an array has {} entries, not {expected}", values.len()).into());
    }
    let memory = Dataspace::try_new(place.size.as_slice())?;
    let file = array.space()?.select(render::hyperslab(place))?;
    let kind = Datatype::from_type::<T>()?;
    hdf5::sync::sync(|| {
        // SAFETY: the ids are those of open objects, HDF5's lock is held, and there are as many values as
        // the memory space has entries, of the type that is said.
        let status = unsafe {
            hdf5_sys::h5d::H5Dwrite(
                array.id(),
                kind.id(),
                memory.id(),
                file.id(),
                hdf5_sys::h5p::H5P_DEFAULT,
                values.as_ptr().cast(),
            )
        };
        if status < 0 {
            return Err("a part of an array could not be written".into());
        }
        Ok(())
    })
}
