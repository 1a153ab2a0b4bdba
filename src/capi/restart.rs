//! Going on from snapshots, and networks for others.

use super::solver::collective;
use super::{argument, guard, handle, mov_solver};
use crate::error::Result;
use crate::snapshot;
use crate::solver::Solver;
use std::ffi::c_char;
use std::path::Path;

/// Goes on from a snapshot, to the same bits as a run that did not stop.
///
/// The solver is one with the options, energies, nodes, boundary and inside function of the run that wrote
/// it, set by the same calls in the same order; of the options, only `threads`, `restart` and those that begin with
/// `snapshot_` may be others, and energies may not come from another build of their plugin. With the option `restart` =
/// portable the run goes on, to other bits, with another build of a plugin, version of the library, processor, number
/// of ranks, other nodes, and other options of steps, nodes, minimiser and fits: a warning in the log says each thing
/// that differs, and so do the snapshots that follow (attribute `restarts` of `/restart`). Another energy, parameter,
/// domain, dimension or network is refused all the same, and so are energies that come out 5 % off. Snapshots of an
/// earlier release are taken in either case, with such warnings: plugins are then known by name, parameters and value. A flow of
/// transport maps is given its initial density or particles again, which is quick; any other flow needs no
/// initial condition. All of it is checked, and what differs is named. The solver may have stepped already.
/// With a communicator of several ranks a collective call: rank 0 reads the file, which the others need not see. Nodes
/// of the host are those of all ranks then, one rank's after the other's, however they are split. Runs of 1, 2, 4 and 8
/// ranks go on from each other's snapshots, those of fields to the same bits and those of maps but for rounding; another
/// number, or none, is `MOV_ERROR_STATE`.
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
    // SAFETY: as this function's.
    guard::status(|| unsafe { from_snapshot(solver, "restore", (path, number), snapshot::restore) })
}

/// Begins with the field of a snapshot, of whichever run: its network is evaluated, and the solver's own is fitted to it,
/// with its gradient, as by `mov_solver_set_initial_callback`. Time, steps and options of that run are not taken over.
/// With a communicator of several ranks a collective call, in which rank 0 reads the file.
///
/// @param[in]  solver  alive, with `flow` = l2 or h-1
/// @param[in]  path    a snapshot of a run with `flow` = l2 or h-1 in the same dimension with as many components, whose box
///                     has that of the solver in it, and without values on the boundary of a box or ball; or a folder, of
///                     which the last whole one is taken
/// @param[out] number  receives the number in the name of the snapshot taken, UINT64_MAX if it has
///                     none; may be NULL, if it is not wanted
///
/// Returns `MOV_OK`, `MOV_TRY_AGAIN` if the folder has no snapshot or is not there, `MOV_ERROR_FILE` if the file cannot be
/// read, is damaged or no snapshot, `MOV_ERROR_ARGUMENT` if its field cannot be that of the solver, and otherwise as
/// `mov_solver_set_initial_callback`. On failure the solver stays as it was.
///
/// Threads: any, one call at a time on one handle. Callbacks are called on the calling thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_set_initial_snapshot(
    solver: *mut mov_solver,
    path: *const c_char,
    number: *mut u64,
) -> i32 {
    // SAFETY: as this function's.
    guard::status(|| unsafe {
        from_snapshot(
            solver,
            "set_initial_snapshot",
            (path, number),
            snapshot::set_initial,
        )
    })
}

/// Calls `act` with a path, and gives its number to the caller.
///
/// # Safety
/// The path is a text, and the number a place for one or NULL.
unsafe fn from_snapshot(
    solver: *mut mov_solver,
    name: &'static str,
    (path, number): (*const c_char, *mut u64),
    act: impl FnOnce(&mut Solver, &Path) -> Result<Option<u64>>,
) -> Result<()> {
    collective(solver, name, |solver| {
        // SAFETY: as this function's.
        let path = unsafe { argument::text(path, "path") }?;
        let place = if number.is_null() {
            None
        } else {
            // SAFETY: as this function's.
            Some(unsafe { argument::place(number, "number") }?)
        };
        let taken = act(solver, Path::new(path))?;
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
/// Threads: any, beside others that look.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_export(solver: *const mov_solver, path: *const c_char) -> i32 {
    guard::status(|| {
        // SAFETY: the path is a text, says the header.
        let path = unsafe { argument::text(path, "path") }?;
        let network = handle::look(solver, "solver", Solver::exported)?;
        network.write(Path::new(path))
    })
}
