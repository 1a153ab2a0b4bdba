//! Going on from a snapshot, whose sections of a solver's state hold a checkpoint. A file ends in a
//! seal (`src/snapshot/seal.rs`) that is checked before HDF5 opens it.

use super::{commit, open, seal, state};
use crate::communicator::Ranks;
use crate::error::{Error, ErrorKind, Result};
use crate::section::Section;
use crate::solver::{Checkpoint, Solver};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The layout that is read.
const FORMAT: i64 = 1;

/// Goes on from a snapshot: the file at `path`, or the last one that is whole in the folder there. Returns
/// the number in the name of the file, if it has one. With a communicator a collective call, in which rank 0 reads the
/// file for all.
///
/// # Errors
/// [`TryAgain`](crate::ErrorKind::TryAgain) if the folder has no snapshots or is not there,
/// [`File`](crate::ErrorKind::File) if a file cannot be read, is damaged or is not a snapshot, and those of
/// [`Solver::restore`]. The solver stays as it was.
pub fn restore(solver: &mut Solver, path: &Path) -> Result<Option<u64>> {
    solver.collectively("restore", |solver| {
        let found = found_by_first(solver.ranks(), path)?;
        let failed = |error: Error| error.context(found.context());
        let checkpoint = Checkpoint::load(&found.state).map_err(|error| {
            // Whatever is wrong with it, the file is.
            failed(Error::file(error.to_string()))
        })?;
        solver.restore(&checkpoint).map_err(failed)?;
        Ok(found.number)
    })
}

/// Begins with the field of a snapshot, the file at `path` or the last one that is whole in the folder there. Returns the
/// number in its name, if it has one. With a communicator a collective call.
///
/// # Errors
/// Those of reading as for [`restore`], [`Argument`](crate::ErrorKind::Argument) if what it shows is no field that a
/// network alone makes out, and those of [`Solver::set_initial_checkpoint`].
pub fn set_initial(solver: &mut Solver, path: &Path) -> Result<Option<u64>> {
    solver.collectively("set_initial_snapshot", |solver| {
        let found = found_by_first(solver.ranks(), path)?;
        let context = format!("cannot begin with `{}`", found.path.display());
        let failed = |error: Error| error.context(&context);
        let kind = found.state.child("network").and_then(|it| it.get_text("kind"));
        match kind.unwrap_or_default() {
            "field" => {}
            "walled-field" | "walled-field-of-ball" => {
                return Err(failed(Error::argument(
                    "its field has values on the boundary that a function of the host gave; accepted are fields \
                     without",
                )));
            }
            other => {
                return Err(failed(Error::argument(format!(
                    "what it holds is a {other}; accepted are snapshots of fields, of `flow` = l2 and h-1"
                ))));
            }
        }
        let checkpoint = Checkpoint::load(&found.state)
            .map_err(|error| failed(Error::file(error.to_string())))?;
        solver.set_initial_checkpoint(&checkpoint).map_err(failed)?;
        Ok(found.number)
    })
}

/// A snapshot whose seal was found whole.
struct Found {
    /// The number in its name, if it has one.
    number: Option<u64>,
    path: PathBuf,
    /// The state that it holds.
    state: Section,
}

impl Found {
    fn context(&self) -> String {
        format!("cannot restart from `{}`", self.path.display())
    }

    /// The name of the file, as rank 0 tells it to the others.
    fn head(&self) -> Section {
        let mut head = Section::new("");
        if let Some(number) = self.number {
            head.set_u64("number", number);
        }
        head.set_text("path", self.path.display().to_string());
        head
    }

    fn of(head: &Section, state: Section) -> Result<Self> {
        Ok(Self {
            number: match head.has("number") {
                true => Some(head.get_u64("number")?),
                false => None,
            },
            path: head.get_text("path")?.into(),
            state,
        })
    }
}

/// What rank 0 finds, on all ranks: files are opened once, and need not be seen by the others.
fn found_by_first(ranks: &Ranks, path: &Path) -> Result<Found> {
    if ranks.size() == 1 {
        return find(path);
    }
    let found = match ranks.rank() {
        0 => find(path).map(Some),
        _ => Ok(None),
    };
    let bytes = |of: fn(&Found) -> Vec<u8>| {
        let found = found.as_ref().map_err(Clone::clone)?;
        Ok(found.as_ref().map_or_else(Vec::new, of))
    };
    let head = ranks.share(bytes(|found| found.head().to_bytes()))?;
    let state = ranks.share(bytes(|found| found.state.to_bytes()))?;
    Found::of(&Section::from_bytes(&head)?, Section::from_bytes(&state)?)
}

fn find(path: &Path) -> Result<Found> {
    if path.as_os_str().is_empty() {
        return Err(Error::argument(
            "argument `path` is empty; accepted is a snapshot, or a folder of them",
        ));
    }
    // Of what is not there a snapshot is told by its name alone: names of folders have dots, too.
    let name = path.file_name().and_then(|name| name.to_str());
    let is_snapshot = name.is_some_and(|name| commit::number_of_snapshot(name).is_some());
    let is_missing_folder = !is_snapshot
        && fs::metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    if !path.is_dir() && !is_missing_folder {
        let number = name.and_then(commit::number_of_snapshot);
        seal::check(path)?;
        return read(path, number);
    }
    let numbers = if is_missing_folder {
        Vec::new()
    } else {
        commit::numbers(path).map_err(|error| {
            Error::file(format!("cannot look into `{}`: {error}", path.display()))
        })?
    };
    let mut first = None;
    for number in numbers.into_iter().rev() {
        let path = path.join(commit::name(number));
        match seal::check(&path) {
            Ok(()) => return read(&path, Some(number)),
            // Of a file that is not whole the one before it is the last.
            Err(error) => {
                log::warn!("{error}");
                first.get_or_insert(error);
            }
        }
    }
    Err(first.unwrap_or_else(|| {
        Error::new(
            ErrorKind::TryAgain,
            format!(
                "there is no snapshot in the folder `{}` yet; start with an initial condition",
                path.display()
            ),
        )
    }))
}

fn read(path: &Path, number: Option<u64>) -> Result<Found> {
    let mut found = Found {
        number,
        path: path.to_owned(),
        state: Section::default(),
    };
    found.state =
        saved(path).map_err(|error| Error::file(format!("{}: {error}", found.context())))?;
    Ok(found)
}

/// The state in a snapshot whose seal was found whole.
fn saved(path: &Path) -> hdf5::Result<Section> {
    let file = open::file(path)?;
    let format = file.attr("format_version")?.read_raw::<i64>()?;
    let state = state::read(&file)?;
    let kind = match state.has_text("format") {
        true => state.get_text("format").map_err(|e| e.to_string())?,
        false => "",
    };
    if kind != "movimento snapshot" || format != [FORMAT] {
        return Err(format!(
            "it has format {format:?} of `{kind}`; accepted is {FORMAT} of `movimento snapshot`"
        )
        .into());
    }
    if !state.has("restart") {
        return Err("it holds fields only, nothing to restart from".into());
    }
    Ok(state)
}
