//! Going on from a snapshot, whose sections of a solver's state hold a checkpoint. A file ends in a
//! seal (`src/snapshot/seal.rs`) that is checked before HDF5 opens it.

use super::{commit, open, seal, state};
use crate::error::{Error, ErrorKind, Result};
use crate::section::Section;
use crate::solver::{Checkpoint, Solver};
use std::fs;
use std::io;
use std::path::Path;

/// The layout that is read.
const FORMAT: i64 = 1;

/// Goes on from a snapshot: the file at `path`, or the last one that is whole in the folder there. Returns
/// the number in the name of the file, if it has one.
///
/// # Errors
/// [`TryAgain`](crate::ErrorKind::TryAgain) if the folder has no snapshots or is not there,
/// [`File`](crate::ErrorKind::File) if a file cannot be read, is damaged or is not a snapshot, and those of
/// [`Solver::restore`]. The solver stays as it was.
pub fn restore(solver: &mut Solver, path: &Path) -> Result<Option<u64>> {
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
        take(solver, path)?;
        return Ok(name.and_then(commit::number_of_snapshot));
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
        match take(solver, &path.join(commit::name(number))) {
            Ok(()) => return Ok(Some(number)),
            // Of a file that is not whole the one before it is the last.
            Err(Refused::File(error)) => {
                log::warn!("{error}");
                first.get_or_insert(error);
            }
            Err(Refused::Content(error)) => return Err(error),
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

/// Why a snapshot is not taken.
enum Refused {
    /// The file is not a whole snapshot.
    File(Error),
    /// It does not belong to the solver.
    Content(Error),
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::File(error) | Refused::Content(error) => error,
        }
    }
}

fn take(solver: &mut Solver, path: &Path) -> Result<(), Refused> {
    seal::check(path).map_err(Refused::File)?;
    let context = || format!("cannot restart from `{}`", path.display());
    let refused = |error: Error| Refused::Content(error.context(context()));
    let state = saved(path)
        .map_err(|error| Refused::Content(Error::file(format!("{}: {error}", context()))))?;
    let checkpoint = Checkpoint::load(&state).map_err(|error| {
        // Whatever is wrong with it, the file is.
        Refused::Content(Error::file(format!("{}: {error}", context())))
    })?;
    solver.restore(&checkpoint).map_err(refused)
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
