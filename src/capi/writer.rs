//! Series of snapshots on the disk.

use super::callback::{self, UserData};
use super::handle::Handle;
use super::solver::together;
use super::{argument, guard, handle, mov_options, mov_solver};
use crate::error::{Error, Result};
use crate::snapshot::{self, FieldQuery, Writer};
use std::ffi::{c_char, c_void};
use std::path::Path;
use std::sync::{Arc, Once};

/// A writer of a series of snapshots into a folder.
#[derive(Debug)]
pub struct mov_writer {
    _opaque: [u8; 0],
}

handle::declare!(mov_writer, Writer, 4);

/// Values of a field of the host's own at n points in dimension d: `x` [n][d] and `u` [n], or [n][c] of
/// a solver with `components` = c, the solution or density there, are the input, and `values` [n][components] the output, in which NaN leaves a blank. Arrays
/// belong to the library and are valid during the call.
///
/// Returns 0, or another value to give up (above 0 the caller gets MOV_TRY_AGAIN, below 0
/// MOV_ERROR_CALLBACK). It is called on the thread that calls the library, never on another, and
/// must not leave by an exception, longjmp or pthread_exit.
pub type mov_field_fn = Option<
    unsafe extern "C" fn(
        n: u64,
        d: u64,
        x: *const f64,
        u: *const f64,
        values: *mut f64,
        user_data: *mut c_void,
    ) -> i32,
>;

/// A writer of a series of snapshots: a folder with a whole HDF5 file for each, `snap_000000.h5` and so on,
/// and an index of all of them, `run.vtkhdf`, which ParaView from 6.0 on, xarray, h5py and Octave open as one
/// file with an axis of time, also while the series grows; `run.xmf` is for an older ParaView. Where points are
/// shown beside a grid, `run_points.vtkhdf` and `run_points.xmf` are their index.
/// ParaView is given a copy of an index that still grows: VTK opens a file twice, and crashes if it has become
/// longer in between.
///
/// Without more said, snapshots show u of an L2 flow on a grid, and of a flow in Wasserstein space the density
/// on a grid and masses that move along (of one that began with particles these alone). The options
/// `snapshot_*` choose grid, plane, points, precision, compression and how often the index is rewritten.
///
/// Remains of a writer that was killed are removed, and the series in the folder continues: option
/// `snapshot_existing`. With snapshots of a time that the solver has not reached, continue refuses, and
/// truncate deletes those at the first `mov_writer_write`: until then the solver may be restored from them. Files
/// with names of snapshots that are damaged are renamed to `snap_000003.h5.damaged`, with a warning in the log. One
/// writer at a time has a folder.
///
/// What somebody removes from the folder while the writer is open is left out of its indices, with a warning in the log;
/// numbers are not given again. With a communicator of several ranks a collective call, after it was set: rank 0 has the
/// folder, `mov_writer_write` is collective too, what is shown is rank 0's choice, and its functions are asked; the
/// other calls are local. A process that is forked has no part in the writers of the one that forked it: there
/// writing is an error (`MOV_ERROR_STATE`), and closing and freeing change no file. Writers that are open when the
/// process ends by `exit` or returns from `main` are closed then.
///
/// @param[in]  solver   alive; not kept
/// @param[in]  folder   created if it is not there, with the folders above it; a relative path is of the working
///                      directory that the process has now
/// @param[in]  options  alive; its options `snapshot_*` count, and others do not; may be NULL, for
///                      those that the solver was made with
///
/// Returns a handle, or NULL with the reason in `mov_last_error`. The caller closes it with
/// `mov_writer_close` and frees it with `mov_writer_free`.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_writer_create(
    solver: *const mov_solver,
    folder: *const c_char,
    options: *const mov_options,
) -> *mut mov_writer {
    guard::handle(|| {
        let writer = together(solver, "writer_create", |solver| {
            // SAFETY: the folder is a text, says the header.
            let folder = unsafe { argument::text(folder, "folder") }?;
            let options = if options.is_null() {
                None
            } else {
                Some(handle::with(options, "options", |options| {
                    Ok(options.clone())
                })?)
            };
            Writer::new(solver, Path::new(folder), options.as_ref())
        })?;
        close_at_exit();
        handle::create(writer)
    })
}

/// Has the writers that are still open when the process ends closed, so that their indices are whole: a Fortran program
/// ends without finalisers of its variables, a C program perhaps by `exit`.
fn close_at_exit() {
    static ONCE: Once = Once::new();
    extern "C" fn close_all() {
        guard::nothing(|| {
            mov_writer::registry().each_free(|writer| {
                // There is nobody left to be told; the snapshots are on the disk.
                let _: Result<()> = writer.close();
            });
            Ok(())
        });
    }
    // SAFETY: the function lives as long as the library, at whose unloading the C library calls it.
    ONCE.call_once(|| unsafe {
        libc::atexit(close_all);
    });
}

/// Adds a field to the snapshots; the first one replaces those that are there by default. On a grid and, where
/// there are points, at these too.
///
/// @param[in]  writer  alive, before its first snapshot
/// @param[in]  solver  alive, the one that is going to be written
/// @param[in]  name    `u`, the solution or density, [c] of several components; `u0`, `u1`, ..., each of
///                     these; `grad_u`, its gradient [d], or [c d] of several components; `density`, of a
///                     flow in Wasserstein space the same as u; `velocity` [d] of the mass, with a
///                     transport map; `energy_density`, the sum of the densities of the energies,
///                     an interaction's being u (W * u) / 2; or `energy_densities`, by term
///
/// Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` if there is no such field in this flow or it was added before,
/// `MOV_ERROR_STATE` after the first snapshot, or `MOV_ERROR_HANDLE`.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_writer_add_field(
    writer: *mut mov_writer,
    solver: *const mov_solver,
    name: *const c_char,
) -> i32 {
    guard::status(|| {
        // SAFETY: the name is a text, says the header.
        let name = unsafe { argument::text(name, "name") }?;
        handle::with(writer, "writer", |it| {
            let field = handle::look(solver, "solver", |solver| FieldQuery::named(name, solver))?;
            it.add(field)
        })
    })
}

/// Adds a field that a callback gives; otherwise as `mov_writer_add_field`.
///
/// @param[in]  writer      alive, before its first snapshot
/// @param[in]  name        a letter, and up to 62 letters, digits and underscores
/// @param[in]  components  numbers at a point, 1 to 1024; d of them are taken for a vector
/// @param[in]  values      gives them; not NULL. Called by `mov_writer_write`.
/// @param[in]  user_data   handed to `values`; may be NULL. It must stay valid until the writer is
///                         freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_writer_add_callback(
    writer: *mut mov_writer,
    name: *const c_char,
    components: u64,
    values: mov_field_fn,
    user_data: *mut c_void,
) -> i32 {
    let user_data = UserData::new(user_data);
    guard::status(|| {
        // SAFETY: the name is a text, says the header.
        let name = unsafe { argument::text(name, "name") }?;
        let values = values.ok_or_else(|| {
            Error::argument(
                "argument `values` is NULL; accepted is a function that gives the field's values",
            )
        })?;
        handle::with(writer, "writer", |it| {
            let d = it.dimension() as u64;
            let ask = move |x: &[f64], u: &[f64], out: &mut [f64]| -> Result<()> {
                let n = x.len() as u64 / d.max(1);
                let (x, u, out) = (x.as_ptr(), u.as_ptr(), out.as_mut_ptr());
                // SAFETY: x is [n][d], u [n][c] and out [n][components]; what the function does is the
                // host's affair.
                callback::call(|| unsafe { values(n, d, x, u, out, user_data.get()) })
            };
            let components = usize::try_from(components).unwrap_or(usize::MAX);
            it.add(FieldQuery::expression(name, components, Arc::new(ask))?)
        })
    })
}

/// Says what an array is and in which unit: attributes `long_name` and `units`, in ASCII.
///
/// @param[in]  writer     alive, before its first snapshot
/// @param[in]  name       a field, or `t`, `x`, `y`, `z`, `position`, `mass`
/// @param[in]  long_name  one line; may be NULL, for none
/// @param[in]  units      such as `m/s`; may be NULL, for none
///
/// Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` if there is no array of that name, `MOV_ERROR_STATE` after the first
/// snapshot, or `MOV_ERROR_HANDLE`.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_writer_describe_field(
    writer: *mut mov_writer,
    name: *const c_char,
    long_name: *const c_char,
    units: *const c_char,
) -> i32 {
    guard::status(|| {
        // SAFETY: these are texts or NULL, says the header.
        let (name, long_name, units) = unsafe {
            (
                argument::text(name, "name")?,
                argument::optional_text(long_name, "long_name")?.unwrap_or_default(),
                argument::optional_text(units, "units")?.unwrap_or_default(),
            )
        };
        handle::with(writer, "writer", |it| it.describe(name, long_name, units))
    })
}

/// Shows the fields at points too. A transport map carries them along, so that they draw trajectories: they are
/// then where mass is in the beginning. In other flows they stay. Their numbers, from 0, are the same in every
/// snapshot.
///
/// @param[in]  writer  alive, before its first snapshot
/// @param[in]  n       points; 0 shows none, also where there are some by default
/// @param[in]  x       [n][d], row-major, finite, in the user's unit of length; copied
///
/// Returns `MOV_OK`, `MOV_ERROR_ARGUMENT`, `MOV_ERROR_STATE` after the first snapshot, or
/// `MOV_ERROR_HANDLE`.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_writer_set_points(
    writer: *mut mov_writer,
    n: u64,
    x: *const f64,
) -> i32 {
    guard::status(|| {
        handle::with(writer, "writer", |it| {
            // SAFETY: the array has this shape, says the header.
            let x = unsafe { argument::array(x, n, it.dimension(), "x") }?;
            it.set_points(x)
        })
    })
}

/// Writes a snapshot. When this returns `MOV_OK`, it is on the disk; when it fails, nothing is left of it, those
/// before it are whole, and both the solver and the writer can go on. Trouble with the index alone is logged
/// and comes back from `mov_writer_close`. With a communicator of several ranks a collective call: rank 0 writes, and all
/// get the number and the status.
///
/// @param[in]  writer  alive and not closed
/// @param[in]  solver  alive, with an initial condition, at a later time than the last snapshot;
///                     never changed
/// @param[out] number  receives the number in the name of the file; may be NULL, if it is not
///                     wanted. Of a writer that goes on with a series, the first call gives the
///                     last snapshot there, and writes nothing, if it is of the very state that the
///                     solver is in.
///
/// Returns `MOV_OK`, `MOV_ERROR_FILE` if it cannot be written (the message names the file),
/// `MOV_ERROR_STATE` if the time is not later, the snapshot would have other arrays than those before it, the
/// writer was closed or there is no initial condition, `MOV_ERROR_OPTION` if the options `snapshot_*` do not
/// fit, `MOV_ERROR_MEMORY`, what went wrong in an energy or answered a callback, `MOV_ERROR_HANDLE` or
/// `MOV_ERROR_ARGUMENT`.
///
/// Threads: any, one call at a time on one handle. Callbacks are called on the calling thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_writer_write(
    writer: *mut mov_writer,
    solver: *const mov_solver,
    number: *mut u64,
) -> i32 {
    guard::status(|| {
        handle::with(writer, "writer", |it| {
            together(solver, "writer_write", |solver| {
                let place = if number.is_null() {
                    None
                } else {
                    // SAFETY: `number` is a place for a number, says the header.
                    Some(unsafe { argument::place(number, "number") }?)
                };
                let written = it.write(solver)?;
                if let Some(place) = place {
                    *place = written;
                }
                Ok(())
            })
        })
    })
}

/// How many snapshots are in the series, those of earlier writers included.
///
/// @param[in]  writer  alive
/// @param[out] count   receives it
///
/// Returns `MOV_OK`, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_writer_count(writer: *const mov_writer, count: *mut u64) -> i32 {
    guard::status(|| {
        // SAFETY: `count` is a place for a number, says the header.
        let place = unsafe { argument::place(count, "count") }?;
        *place = handle::with(writer, "writer", |it| Ok(it.len() as u64))?;
        Ok(())
    })
}

/// Brings the index up to date and lets go of the folder. The writer can then only be freed.
///
/// @param[in]  writer  alive; closing it twice is legal
///
/// Returns `MOV_OK`, `MOV_ERROR_FILE` if the index cannot be written (the snapshots are, and this can be
/// called again), or `MOV_ERROR_HANDLE`.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub extern "C" fn mov_writer_close(writer: *mut mov_writer) -> i32 {
    guard::status(|| handle::with(writer, "writer", Writer::close))
}

/// Frees a writer, and closes it first if it was not; what goes wrong in this is logged.
///
/// @param[in]  writer  may be NULL, which does nothing. A handle that is not alive is left alone
///                     and noted in `mov_last_error`.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn mov_writer_free(writer: *mut mov_writer) {
    guard::nothing(|| handle::free(writer, "writer"));
}

/// Copies all snapshots of a folder into one HDF5 file with an axis of time, which ParaView from 6.0 on,
/// xarray, h5py, Octave and MATLAB open, and which needs the folder no longer. A restart needs the snapshots.
///
/// @param[in]  folder  of a writer, closed or not
/// @param[in]  path    the file, which appears when it is whole; one of that name is replaced
///
/// Returns `MOV_OK`, `MOV_ERROR_FILE` if a snapshot cannot be read, the snapshots are of different series or
/// the file cannot be written (the message names the file), or `MOV_ERROR_ARGUMENT`.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_pack_snapshots(folder: *const c_char, path: *const c_char) -> i32 {
    guard::status(|| {
        // SAFETY: these are texts, says the header.
        let (folder, path) = unsafe {
            (
                argument::text(folder, "folder")?,
                argument::text(path, "path")?,
            )
        };
        snapshot::pack(Path::new(folder), Path::new(path))
    })
}
