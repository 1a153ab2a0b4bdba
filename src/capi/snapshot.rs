//! Snapshots on the disk.

use super::solver::together;
use super::{argument, guard, mov_solver};
use crate::snapshot;
use std::ffi::c_char;
use std::path::Path;

/// Writes one snapshot `snap_000000.h5`, `snap_000001.h5`, ...: an HDF5 file with u on a grid, for a flow in
/// Wasserstein space the density and masses where they are, the time, the energies, the report, the network's
/// parameters and the options, for h5py, xarray, MATLAB and Octave, and as VTKHDF for ParaView. The file
/// appears under its name when all of it is on the disk. The options `snapshot_*` say more. For a series with
/// an index, and for other fields, see `mov_writer_create`.
///
/// @param[in]  solver  alive, with an initial condition
/// @param[in]  folder  created if it is not there, with the folders above it
/// @param[out] number  receives the number in the name: one more than the largest in the folder;
///                     may be NULL, if it is not wanted
///
/// Returns `MOV_OK`, `MOV_ERROR_FILE` if it cannot be written (the message names the file; nothing
/// is left of it), `MOV_ERROR_MEMORY` if the grid of the option `snapshot_resolution` does not
/// fit into memory, `MOV_ERROR_STATE` if there is no initial condition yet, what went wrong in an
/// energy, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`. The solver is never changed.
///
/// Threads: any, one call at a time on one handle; several solvers can write into one folder.
/// Callbacks are called on the calling thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_write_snapshot(
    solver: *const mov_solver,
    folder: *const c_char,
    number: *mut u64,
) -> i32 {
    guard::status(|| {
        together(solver, "write_snapshot", |solver| {
            // SAFETY: the folder is a text, says the header.
            let folder = unsafe { argument::text(folder, "folder") }?;
            let place = if number.is_null() {
                None
            } else {
                // SAFETY: `number` is a place for a number, says the header.
                Some(unsafe { argument::place(number, "number") }?)
            };
            let written = snapshot::write(solver, Path::new(folder))?;
            if let Some(place) = place {
                *place = written;
            }
            Ok(())
        })
    })
}
