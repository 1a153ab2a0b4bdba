//! Going on from snapshots, and networks for others.

use super::{argument, guard, handle, mov_solver};
use crate::snapshot;
use std::ffi::c_char;
use std::path::Path;

/// Goes on from a snapshot, to the same bits as a run that did not stop.
///
/// The solver is one with the options, energies, nodes, boundary and inside function of the run that wrote
/// it, set by the same calls in the same order; of the options, only `threads` and those that begin with
/// `snapshot_` may be others, and energies may not come from another build of their plugin. Another release
/// of the library goes on too, with a warning in the log and other bits: it has plugins of its own, which are
/// accepted where name, parameters and value agree. A flow of
/// transport maps is given its initial density or particles again, which is quick; any other flow needs no
/// initial condition. All of it is checked, and what differs is named. The solver may have stepped already.
/// With a communicator of several ranks it is refused (`MOV_ERROR_STATE`).
///
/// A callback cannot be stored. One whose answers changed in between is not found out in every case: an
/// energy of the host is compared by its name alone, so that it may depend on the time.
///
/// @param[in]  solver  alive
/// @param[in]  path    a snapshot, or a folder of snapshots, of which the last whole one is taken:
///                     those that are damaged or cut off are passed over, with a warning in the log
/// @param[out] number  receives the number in the name of the snapshot taken, UINT64_MAX if it has
///                     none; may be NULL, if it is not wanted
///
/// Returns `MOV_OK`; `MOV_TRY_AGAIN` if the folder has no snapshot or is not there, so that the run begins
/// with its initial condition; `MOV_ERROR_FILE` if the file cannot be read, is damaged, cut off, not a
/// snapshot, or comes from a processor with other vector units or from a later release of the library;
/// `MOV_ERROR_OPTION` if an option differs, `MOV_ERROR_PLUGIN` if an energy does, `MOV_ERROR_ARGUMENT` if
/// nodes or the initial density do, `MOV_ERROR_STATE` if the initial density is missing, `MOV_ERROR_HANDLE`,
/// or what went wrong in an energy. On failure the solver stays as it was.
///
/// Threads: any, one call at a time on one handle. Callbacks are called on the calling thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_restore(
    solver: *mut mov_solver,
    path: *const c_char,
    number: *mut u64,
) -> i32 {
    guard::status(|| {
        // SAFETY: the path is a text, says the header.
        let path = unsafe { argument::text(path, "path") }?;
        let place = if number.is_null() {
            None
        } else {
            // SAFETY: `number` is a place for a number, says the header.
            Some(unsafe { argument::place(number, "number") }?)
        };
        let taken = handle::with(solver, "solver", |solver| {
            snapshot::restore(solver, Path::new(path))
        })?;
        if let Some(place) = place {
            *place = taken.unwrap_or(u64::MAX);
        }
        Ok(())
    })
}

/// Writes the network as it is now to a file in the format safetensors, which PyTorch, JAX and Candle read,
/// with all that its evaluation takes: weights and biases by layer, what the network sees of x, and for
/// transport maps every map of the composition. `src/export.rs` describes arrays and metadata.
/// A snapshot has the same arrays in its group `/network`.
///
/// @param[in]  solver  alive, with an initial condition
/// @param[in]  path    of the file, which appears when all of it is on the disk, and replaces one
///                     that is there
///
/// Returns `MOV_OK`, `MOV_ERROR_FILE` if it cannot be written (the message names the file),
/// `MOV_ERROR_STATE` if there is no initial condition yet, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`. The
/// solver is never changed.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_export(solver: *const mov_solver, path: *const c_char) -> i32 {
    guard::status(|| {
        // SAFETY: the path is a text, says the header.
        let path = unsafe { argument::text(path, "path") }?;
        let network = handle::with(solver, "solver", |solver| solver.exported())?;
        network.write(Path::new(path))
    })
}
