//! Going on from a snapshot.
//!
//! What a solver needs to come to the same bits as if it had not stopped lies in the group `/restart`, and as
//! far as people look at it, in `/state`, `/options`, `/energy`, `/report` and `/fit`:
//!
//! | object in `/restart` | type and shape | content |
//! |---|---|---|
//! | attributes | text | `machine`: architecture and vector units; `nodes`, and for transport maps `origin`: fingerprints of the nodes and of the labels of rho_0 |
//! | `past` | float64 (k, stages, P) | for the last steps, latest first, and each stage the change of the parameters; absent if k = 0 |
//! | `past_tau` | float64 (k) | their time steps |
//! | `minimizer` | float64 (3) | of Gauss-Newton: damping, its least value, and 1 if a matrix of an earlier step may be used |
//! | `matrix` | float64 (P) | the parameters at which that matrix was made, if there is one |
//! | `matrix_stage` | float64 (5) | the step and attempt whose nodes it was made on, the stage's S/tau, the damping in its factor and the mean of its diagonal |
//! | `refined` | int64 (1) | of transport maps: how often the labels were made denser; absent if never |
//! | `relabelled` | float64 (k, P) | of transport maps: the parameters each time that labels were taken anew; absent if k = 0 |
//! | `relabelled_step` | int64 (k) | the steps taken then |
//! | `energy_0`, `energy_1`, ... | groups | the terms of F: attributes `name`, and of a plugin `version`, `abi` and `file` (a fingerprint); a dataset for each parameter |
//!
//! A file ends in a seal (`src/snapshot/seal.rs`) that is checked before HDF5 opens it.

mod add;
mod read;

pub(super) use add::add;

use super::{commit, seal};
use crate::error::{Error, ErrorKind, Result};
use crate::solver::Solver;
use std::path::Path;

/// Goes on from a snapshot: the file at `path`, or the last one that is whole in the folder there. Returns
/// the number in the name of the file, if it has one.
///
/// # Errors
/// [`TryAgain`](crate::ErrorKind::TryAgain) if the folder has no snapshots or is not there,
/// [`File`](crate::ErrorKind::File) if a file cannot be read, is damaged or is not a snapshot, and those of
/// [`Solver::restore`]. The solver stays as it was.
pub fn restore(solver: &mut Solver, path: &Path) -> Result<Option<u64>> {
    let is_missing_folder = !path.exists() && path.extension().is_none();
    if !path.is_dir() && !is_missing_folder {
        take(solver, path)?;
        let name = path.file_name().and_then(|name| name.to_str());
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
    let refused = |why: &dyn std::fmt::Display| {
        Error::file(format!("cannot restart from `{}`: {why}", path.display()))
    };
    let checkpoint = read::read(path).map_err(|error| Refused::Content(refused(&error)))?;
    let restored = solver.restore(&checkpoint);
    restored.map_err(|error| {
        Refused::Content(error.context(format!("cannot restart from `{}`", path.display())))
    })
}
