//! What became of the snapshots that an index lists: the one place where an index is compared with its folder.

use super::commit;
use super::ledger::Ledger;
use super::seal;
use super::writer::INDEX;
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use serde_json::json;
use std::fs;
use std::io;
use std::path::Path;

/// What became of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// It is there.
    There,
    /// There is no file of its name.
    Gone,
    /// Its file is another one, or was changed.
    Replaced,
}

/// What became of the snapshot of this name, which had this seal; without one, any file is taken for it.
///
/// # Errors
/// Errors of the system, which say nothing of the snapshot.
pub(super) fn presence(path: &Path, seal: Option<Fingerprint>) -> io::Result<Presence> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Ok(Presence::Gone),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Presence::Gone),
        Err(error) => return Err(error),
    }
    Ok(match seal {
        Some(seal) if seal::read(path)? != Some(seal) => Presence::Replaced,
        _ => Presence::There,
    })
}

/// An index compared with the folder that it lies in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Whether there is a whole index that lists snapshots.
    pub is_index: bool,
    /// How many snapshots it lists.
    pub listed: usize,
    /// How many files a reader of the index opens beside it: snapshots, and blocks of older ones.
    pub files: usize,
    /// Names of those listed that are not in the folder, and of blocks.
    pub gone: Vec<String>,
    /// Names of those listed whose file is another one now, and of blocks.
    pub replaced: Vec<String>,
    /// Names of files in the folder that are not listed.
    pub unlisted: Vec<String>,
}

impl Census {
    /// Compares the index at `path`, or that of the folder there, with the snapshots beside it.
    ///
    /// # Errors
    /// [`File`](crate::ErrorKind::File) if the folder cannot be looked into.
    pub fn of(path: &Path) -> Result<Self> {
        let (folder, index) = if path.is_dir() {
            (path.to_owned(), path.join(INDEX))
        } else {
            let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
            (folder.unwrap_or(Path::new(".")).to_owned(), path.to_owned())
        };
        let failed = |error: io::Error| {
            let folder = folder.display();
            Error::file(format!("cannot look into the folder `{folder}`: {error}"))
        };
        let numbers = commit::numbers(&folder).map_err(failed)?;
        let ledger = Ledger::read(&index);
        let mut census = Self {
            is_index: ledger.is_there(),
            files: ledger.files(),
            ..Self::default()
        };
        let listed = ledger.listed();
        census.listed = listed.len();
        let snapshots = listed.into_iter().map(|(n, seal)| (commit::name(n), seal));
        let blocks = ledger.blocks().into_iter();
        let blocks = blocks.map(|(n, seal)| (commit::block_name(n), Some(seal)));
        for (name, seal) in snapshots.chain(blocks) {
            match presence(&folder.join(&name), seal).map_err(failed)? {
                Presence::There => {}
                Presence::Gone => census.gone.push(name),
                Presence::Replaced => census.replaced.push(name),
            }
        }
        let unlisted = numbers.into_iter().filter(|number| !ledger.lists(*number));
        census.unlisted = unlisted.map(commit::name).collect();
        Ok(census)
    }

    /// The same as a JSON object with these fields.
    #[must_use]
    pub fn describe(&self) -> String {
        json!({
            "is_index": self.is_index,
            "listed": self.listed,
            "files": self.files,
            "gone": self.gone,
            "replaced": self.replaced,
            "unlisted": self.unlisted,
        })
        .to_string()
    }
}
