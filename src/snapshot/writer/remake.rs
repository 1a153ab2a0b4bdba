//! The index of a folder made anew, by somebody who writes no series.

use super::folder::Folder;
use super::{INDEX, gathered, index};
use crate::error::{Error, Result};
use crate::options::{Options, SnapshotSettings};
use crate::snapshot::{blocks, read};
use std::path::Path;

/// Makes the index of a folder anew from its snapshots: in the folder, or elsewhere, for a reader who cannot write
/// there, and then with the full paths of the snapshots. Returns how many it lists.
///
/// # Errors
/// [`File`](crate::ErrorKind::File) if there are no snapshots, they are of different series, the index cannot be
/// written, or a writer has the folder and the index would be in it.
pub fn make_index(folder: &Path, elsewhere: Option<&Path>) -> Result<usize> {
    let failed = |path: &Path, why: &str| {
        let path = path.display();
        Error::file(format!(
            "cannot make an index of the folder `{path}`: {why}"
        ))
    };
    if !folder.is_dir() {
        return Err(failed(folder, "it is not there"));
    }
    let path = std::path::absolute(folder).map_err(|error| failed(folder, &error.to_string()))?;
    let own = match elsewhere {
        None => Some(Folder::open(&path)?),
        Some(_) => None,
    };
    let mut series = read::folder(&path, &path.join(INDEX))?;
    let blocks_failed = |error: std::io::Error| failed(&path, &error.to_string());
    blocks::forget_what_is_gone(&path, &mut series.past).map_err(blocks_failed)?;
    let Some(frame) = series.frame else {
        return Err(failed(&path, "it has no snapshots"));
    };
    match (own, elsewhere) {
        (None, Some(file)) => {
            let Some(path) = path.to_str() else {
                return Err(failed(&path, "accepted are paths in UTF-8"));
            };
            // HDF5 takes a per cent sign for the beginning of a pattern.
            let before = format!("{}/", path.replace('%', "%%"));
            index::replace(file, &frame, &series.past, &before)?;
        }
        (own, _) => {
            own.as_ref().map_or(Ok(()), Folder::clean)?;
            let size = SnapshotSettings::parse(&Options::new())?.snapshot_block;
            gathered(&path, &frame, &mut series.past, size);
            index::write(&path, &frame, &series.past)?;
        }
    }
    Ok(series.past.len())
}
