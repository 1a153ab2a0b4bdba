//! Blocks: files with the fields of many snapshots, out of which an index shows older ones.
//!
//! HDF5 keeps every file open that a virtual array shows a part of, and shows the fill value for those that the
//! process may open no longer: without blocks, a plain reader of an index with more snapshots than that sees NaN. So
//! the fields of older snapshots are copied, so many at a time, into `run_block_000000.h5`, named after the first of them.
//! The snapshots stay, whole, as they are. A block is what [`pack`](super::pack()) makes of them, with a seal at its
//! end; an index names the block, the row and the seal for each snapshot that it shows by one. A block that is gone or
//! another one is made anew, and one that no index names is removed by the next writer.

use super::census::{Presence, presence};
use super::commit;
use super::frame::Frame;
use super::pack;
use super::past::Past;
use super::seal;
use crate::atomic_file::Draft;
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

/// Where an index finds the fields of a snapshot beside its own file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The number in the name of the block.
    pub block: u64,
    /// The row of the snapshot, of so many.
    pub row: usize,
    pub rows: usize,
    pub seal: Fingerprint,
}

/// Rows of an index that are shown out of one file: the first of them, how many, and where, if that is a block.
pub(super) struct Run {
    pub first: usize,
    pub count: usize,
    pub place: Option<Place>,
}

/// The rows of an index, file by file.
pub(super) fn runs(past: &[Past]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (row, one) in past.iter().enumerate() {
        if let (Some(run), Some(place)) = (runs.last_mut(), one.place)
            && let Some(before) = run.place
            && (before.block, before.seal) == (place.block, place.seal)
            && before.row + run.count == place.row
        {
            run.count += 1;
            continue;
        }
        runs.push(Run {
            first: row,
            count: 1,
            place: one.place,
        });
    }
    runs
}

/// The blocks that snapshots are shown by, and their seals.
pub(super) fn named<'a>(past: impl IntoIterator<Item = &'a Past>) -> BTreeMap<u64, Fingerprint> {
    let places = past.into_iter().filter_map(|one| one.place);
    places.map(|place| (place.block, place.seal)).collect()
}

/// Copies the fields of older snapshots into blocks of `size`, all but those of the last `size` or more; with fewer than
/// two none.
///
/// # Errors
/// [`File`](crate::ErrorKind::File) if a block cannot be written: those that were are used.
pub(super) fn gather(folder: &Path, frame: &Frame, past: &mut [Past], size: usize) -> Result<()> {
    let older = past.len().saturating_sub(size);
    let mut row = 0;
    while size > 1 && row + size <= older {
        let Some(members) = past.get_mut(row..row + size) else {
            break;
        };
        match members.iter().position(|one| one.place.is_some()) {
            Some(at) => row += at + 1,
            // Named after the next one, where a file of somebody else's has the name.
            None => {
                row += if write(folder, frame, members)? {
                    size
                } else {
                    1
                }
            }
        }
    }
    Ok(())
}

/// Writes a block; false if a file that is none has its name.
fn write(folder: &Path, frame: &Frame, members: &mut [Past]) -> Result<bool> {
    let Some(block) = members.first().map(|first| first.number) else {
        return Ok(false);
    };
    let path = folder.join(commit::block_name(block));
    let failed = |error: io::Error| {
        let path = path.display();
        Error::file(format!("cannot write the block `{path}`: {error}"))
    };
    if fs::symlink_metadata(&path).is_ok() && seal::read(&path).map_err(failed)?.is_none() {
        return Ok(false);
    }
    let draft = Draft::for_others(&path).map_err(failed)?;
    pack::write(folder, (&path, &draft), frame, members)?;
    let seal = seal::append(draft.path()).map_err(failed)?;
    draft.publish().map_err(failed)?;
    let rows = members.len();
    for (row, one) in members.iter_mut().enumerate() {
        one.place = Some(Place {
            block,
            row,
            rows,
            seal,
        });
    }
    Ok(true)
}

/// Forgets blocks that are gone or were replaced; says whether there were any.
///
/// # Errors
/// Errors of the system.
pub(super) fn forget_what_is_gone(folder: &Path, past: &mut [Past]) -> io::Result<bool> {
    let mut lost = BTreeSet::new();
    for (block, seal) in named(past.iter()) {
        if presence(&folder.join(commit::block_name(block)), Some(seal))? != Presence::There {
            lost.insert(block);
        }
    }
    for one in past.iter_mut() {
        if one.place.is_some_and(|place| lost.contains(&place.block)) {
            one.place = None;
        }
    }
    Ok(!lost.is_empty())
}

/// Removes the blocks of a folder by which no snapshot is shown. No index must name one.
///
/// # Errors
/// Errors of the system.
pub(super) fn remove_others(folder: &Path, past: &[Past]) -> io::Result<()> {
    let named = named(past);
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let number = name.to_str().and_then(commit::number_of_block);
        // What has no seal is somebody else's.
        if number.is_some_and(|number| !named.contains_key(&number))
            && seal::read(&entry.path())?.is_some()
        {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(places: &[Option<(u64, usize)>]) -> Vec<Past> {
        let one = |(number, place): (usize, &Option<(u64, usize)>)| Past {
            number: number as u64,
            time: number as f64,
            figures: Vec::new(),
            seal: None,
            place: place.map(|(block, row)| Place {
                block,
                row,
                rows: 4,
                seal: Fingerprint(1),
            }),
        };
        places.iter().enumerate().map(one).collect()
    }

    #[test]
    fn rows_of_one_block_that_follow_each_other_are_one_run() {
        let of = |block, row| Some((block, row));
        // The third of the first block was removed, and the last is of another one.
        let past = past(&[of(0, 0), of(0, 1), of(0, 3), None, None, of(9, 0)]);
        let found: Vec<_> = runs(&past)
            .iter()
            .map(|run| (run.first, run.count, run.place.map(|place| place.row)))
            .collect();
        let expected = [
            (0, 2, Some(0)),
            (2, 1, Some(3)),
            (3, 1, None),
            (4, 1, None),
            (5, 1, Some(0)),
        ];
        assert_eq!(found, expected);
        assert_eq!(named(&past).into_keys().collect::<Vec<_>>(), [0, 9]);
    }
}
