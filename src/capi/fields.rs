//! Fields by name, and the grid on which snapshots show them.

use super::{argument, guard, handle, mov_options, mov_solver};
use crate::options::SnapshotSettings;
use crate::snapshot::{self, FieldQuery};
use std::ffi::c_char;

/// The fields that a solver's flow has by name, as a JSON array of objects with `name`, `long_name`,
/// `components` (numbers at a point) and `vector` (whether they are the components of a vector in
/// R^d). Snapshots show the first by default. `density` is among them where u is a density of mass.
///
/// @param[in]  solver  alive
/// @param[out] buffer  receives the text and its NUL; may be NULL, to ask for the size alone
/// @param[in]  size    bytes in `buffer`; too few are MOV_ERROR_ARGUMENT, and nothing is written
///                     there
/// @param[out] needed  receives the bytes that the text needs with its NUL; may be NULL
///
/// Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` or `MOV_ERROR_HANDLE`.
///
/// Threads: any, beside others that look.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_fields_describe(
    solver: *const mov_solver,
    buffer: *mut c_char,
    size: u64,
    needed: *mut u64,
) -> i32 {
    guard::status(|| {
        let text = handle::look(solver, "solver", |solver| {
            Ok(snapshot::describe_fields(solver))
        })?;
        // SAFETY: buffer and size belong together, says the header.
        unsafe { argument::put_text(&text, buffer, size, needed) }
    })
}

/// The values of a field at points: what snapshots show there, NaN outside the domain included.
///
/// @param[in]  solver    alive, with an initial condition
/// @param[in]  name      one of the fields of `mov_solver_fields_describe`
/// @param[in]  n         points; 0 is legal and does nothing
/// @param[in]  x         [n][d], row-major, finite, in the user's unit of length
/// @param[in]  capacity  how many numbers `values` has room for; other than n times the components
///                       are MOV_ERROR_ARGUMENT
/// @param[out] values    [capacity], receives the values, [n][components]
///
/// The arrays belong to the caller and do not overlap. Returns `MOV_OK`, `MOV_ERROR_ARGUMENT`,
/// `MOV_ERROR_STATE` if there is no initial condition yet or u is not known at the points, what went
/// wrong in an energy or a callback, or `MOV_ERROR_HANDLE`.
///
/// Threads: any, beside others that look. Callbacks are called on the calling thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_evaluate_field(
    solver: *const mov_solver,
    name: *const c_char,
    n: u64,
    x: *const f64,
    capacity: u64,
    values: *mut f64,
) -> i32 {
    guard::status(|| {
        // SAFETY: the name is a text, says the header.
        let name = unsafe { argument::text(name, "name") }?;
        handle::look(solver, "solver", |solver| {
            let d = solver.domain().dimension();
            let size = argument::length::<f64>(n, d, "x")?;
            let room = argument::length::<f64>(capacity, 1, "values")?;
            argument::disjoint(&[("x", x, size), ("values", values, room)])?;
            // SAFETY: the arrays have these shapes, says the header, and do not overlap.
            let (x, values) = unsafe {
                (
                    argument::array(x, n, d, "x")?,
                    argument::array_mut(values, capacity, 1, "values")?,
                )
            };
            let query = FieldQuery::named(name, solver)?;
            query.evaluate(solver, x, values)
        })
    })
}

/// The grid on which snapshots show the fields of a solver, of one to three axes of R^d; x is the
/// first. A field on it has the value of the point x_i, y_j, z_k; the coordinates that are on no axis
/// are those of `origin`.
///
/// @param[in]  solver       alive; with an initial condition where the box of the grid is about the
///                          mass
/// @param[in]  options      alive; its options `snapshot_*` count, and others do not; may be NULL,
///                          for those that the solver was made with
/// @param[out] axes         [3], receives which coordinate of R^d, from 0, each axis is
/// @param[out] points       [3], receives the points along each axis; 0 for axes that the grid has
///                          not
/// @param[out] origin       [d], receives a point of R^d that the grid goes through
/// @param[in]  capacity     how many numbers `coordinates` has room for; fewer than the sum of
///                          `points` are MOV_ERROR_ARGUMENT
/// @param[out] coordinates  [capacity], receives the coordinates along x, then y, then z; may be
///                          NULL, if they are not wanted
///
/// Returns `MOV_OK`, `MOV_ERROR_OPTION` if the options do not fit or leave the grid out,
/// `MOV_ERROR_STATE` of a flow that began with particles, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`.
///
/// Threads: any, beside others that look.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_grid(
    solver: *const mov_solver,
    options: *const mov_options,
    axes: *mut u64,
    points: *mut u64,
    origin: *mut f64,
    capacity: u64,
    coordinates: *mut f64,
) -> i32 {
    guard::status(|| {
        let options = match options.is_null() {
            true => None,
            false => Some(handle::with(options, "options", |options| {
                Ok(options.clone())
            })?),
        };
        handle::look(solver, "solver", |solver| {
            let d = solver.domain().dimension();
            // SAFETY: the arrays have these shapes, says the header.
            let (axes, points, origin) = unsafe {
                (
                    argument::array_mut(axes, 3, 1, "axes")?,
                    argument::array_mut(points, 3, 1, "points")?,
                    argument::array_mut(origin, d as u64, 1, "origin")?,
                )
            };
            let settings = SnapshotSettings::parse(options.as_ref().unwrap_or(solver.options()))?;
            let grid = snapshot::grid(solver, &settings)?;
            axes.fill(0);
            points.fill(0);
            for ((axis, index), points) in grid.axes().iter().zip(axes).zip(points) {
                *index = axis.index as u64;
                *points = axis.coordinates.len() as u64;
            }
            origin.copy_from_slice(grid.origin());
            let all = grid.axes().iter().map(|axis| axis.coordinates.as_slice());
            let all = all.collect::<Vec<_>>().concat();
            // SAFETY: as above.
            unsafe { argument::put_list(&all, capacity, coordinates) }
        })
    })
}
