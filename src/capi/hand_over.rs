//! What a host changes between two steps: the field, the parameters, the time.

use super::callback::{self, UserData};
use super::solver::collective;
use super::writer::mov_field_fn;
use super::{argument, guard, mov_solver};
use crate::error::{Error, Result};
use crate::solver::Solver;
use crate::{HandOver, NewField};
use std::ffi::c_void;

/// Hands over values at points of the host, which the arrays are.
///
/// # Safety
/// The arrays have `n` points and numbers.
unsafe fn by_values(
    solver: *mut mov_solver,
    is_increment: bool,
    n: u64,
    x: *const f64,
    values: *const f64,
) -> Result<()> {
    collective(solver, "hand_over", |solver| {
        let (c, d) = (solver.components(), solver.domain().dimension());
        // SAFETY: as this function's.
        let (x, values) = unsafe {
            (
                argument::array(x, n, d, "x")?,
                argument::array(values, n, c, "values")?,
            )
        };
        solver.hand_over(HandOver {
            is_increment,
            field: NewField::Values { x, values },
        })
    })
}

/// Hands over what a function makes of the present field.
fn by_callback(
    solver: *mut mov_solver,
    is_increment: bool,
    values: mov_field_fn,
    user_data: UserData,
) -> Result<()> {
    collective(solver, "hand_over", |solver: &mut Solver| {
        let function = values.ok_or_else(|| {
            Error::argument("argument `values` is NULL; accepted is a function that gives values")
        })?;
        let d = solver.domain().dimension();
        let mut of_present = |x: &[f64], u: &[f64], out: &mut [f64]| {
            let n = (x.len() / d) as u64;
            let (x, u, values) = (x.as_ptr(), u.as_ptr(), out.as_mut_ptr());
            // SAFETY: x is [n][d], u and values are [n][c]; what the function does is the host's affair.
            callback::call(|| unsafe { function(n, d as u64, x, u, values, user_data.get()) })
                .map_err(|e| e.context("hand-over"))
        };
        solver.hand_over(HandOver {
            is_increment,
            field: NewField::Function(&mut of_present),
        })
    })
}

/// Goes on with another field u than the present one, given by values at points that cover the domain, all
/// weighted alike: operator splitting. Time, steps and the series of snapshots go on. Of an L2 flow.
///
/// What is fitted is the change of the present field: a small one costs about a step, and the present
/// values themselves next to nothing. The same points in every call are the quickest. An eighth of them is
/// held out to measure the error by: figures `hand_over_*` of the report. A density in Wasserstein space
/// begins anew instead: `mov_solver_set_initial_*`, then `mov_solver_set_time` with the time of now.
///
/// @param[in]  solver  alive, with an initial condition
/// @param[in]  n       points; at least 8/7 as many as parameters that move
/// @param[in]  x       [n][d], row-major, finite and inside the domain, in the user's unit of length
/// @param[in]  values  [n][c], finite, the new u there, c the option `components`
///
/// The arrays are read during the call. With a communicator it is collective, and each rank gives its own
/// points, perhaps none. Returns `MOV_OK`, `MOV_NOT_CONVERGED` if the error at independent points is above
/// the option `fit_accept`, `MOV_CANCELLED`, `MOV_ERROR_STATE` without initial condition or of a flow in
/// Wasserstein space, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`. On failure the solver stays as it was.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_set_state_values(
    solver: *mut mov_solver,
    n: u64,
    x: *const f64,
    values: *const f64,
) -> i32 {
    // SAFETY: the arrays have these shapes, says the header.
    guard::status(|| unsafe { by_values(solver, false, n, x, values) })
}

/// Goes on with another field than the present one, given by a function of position and the present u;
/// otherwise as `mov_solver_set_state_values`. The error is measured at independent nodes.
///
/// @param[in]  values     gives the new u, with as many components as u; not NULL. Asked at the nodes, with the present u
///                        there, during this call only.
/// @param[in]  user_data  handed to `values`; may be NULL
///
/// Returns also what the callback answered, and `MOV_ERROR_NOT_FINITE` if it gave NaN or infinity. Callbacks
/// are called on the calling thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_set_state_callback(
    solver: *mut mov_solver,
    values: mov_field_fn,
    user_data: *mut c_void,
) -> i32 {
    let user_data = UserData::new(user_data);
    guard::status(|| by_callback(solver, false, values, user_data))
}

/// Adds an increment to the present field, u becomes u + g: what the host's own operator makes of u in a time
/// step. It is exact but for the fit of g, so that splittings keep their order; otherwise as
/// `mov_solver_set_state_values`.
///
/// @param[in]  values  [n][c], finite, g there
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_add_increment_values(
    solver: *mut mov_solver,
    n: u64,
    x: *const f64,
    values: *const f64,
) -> i32 {
    // SAFETY: the arrays have these shapes, says the header.
    guard::status(|| unsafe { by_values(solver, true, n, x, values) })
}

/// Adds an increment that is given by a function of position and the present u; otherwise as
/// `mov_solver_set_state_callback`.
///
/// @param[in]  values  gives g, with as many components as u; not NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_add_increment_callback(
    solver: *mut mov_solver,
    values: mov_field_fn,
    user_data: *mut c_void,
) -> i32 {
    let user_data = UserData::new(user_data);
    guard::status(|| by_callback(solver, true, values, user_data))
}

/// Changes the time reached: of a run that begins at another time than 0, or that begins anew at the time
/// at which another ended, whose series goes on.
///
/// @param[in]  solver  alive, with an initial condition
/// @param[in]  time    finite, in the unit of time of `tau`
///
/// Collective with a communicator. Returns `MOV_OK`, `MOV_ERROR_STATE` if there is no initial condition yet,
/// `MOV_ERROR_ARGUMENT` or `MOV_ERROR_HANDLE`.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_set_time(solver: *mut mov_solver, time: f64) -> i32 {
    guard::status(|| collective(solver, "set_time", |solver| solver.set_time(time)))
}

/// Goes on with other parameters of the network, in the layout of `mov_solver_parameters`, at the present
/// time. Of an L2 flow. Collective with a communicator, where those of rank 0 count.
///
/// @param[in]  solver  alive, with an initial condition
/// @param[in]  count   what `mov_solver_parameter_count` says
/// @param[in]  values  [count], finite
///
/// Returns `MOV_OK`, `MOV_ERROR_STATE` without initial condition or of a flow in Wasserstein space, whose
/// state is more than parameters, `MOV_ERROR_ARGUMENT` or `MOV_ERROR_HANDLE`. On failure the solver stays as
/// it was.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_set_parameters(
    solver: *mut mov_solver,
    count: u64,
    values: *const f64,
) -> i32 {
    guard::status(|| {
        collective(solver, "set_parameters", |solver| {
            // SAFETY: the array has `count` numbers, says the header.
            let values = unsafe { argument::array(values, count, 1, "values") }?;
            solver.set_parameters(values)
        })
    })
}
