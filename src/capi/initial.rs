//! Initial conditions.

use super::callback::{self, UserData};
use super::solver::collective;
use super::{argument, guard, mov_solver};
use crate::error::Error;
use crate::initial::Initial;
use std::ffi::{c_char, c_void};

/// Values of a function at n points in dimension d: `x` [n][d] is the input, `u` [n] the output, or `u` [n][c] of
/// a solver with `components` = c.
/// Arrays belong to the library and are valid during the call.
///
/// Returns 0, or another value to give up (above 0 the caller gets MOV_TRY_AGAIN, below 0
/// MOV_ERROR_CALLBACK). It is called on the thread that calls the library, never on another, and
/// must not leave by an exception, longjmp or pthread_exit.
pub type mov_value_fn = Option<
    unsafe extern "C" fn(n: u64, d: u64, x: *const f64, u: *mut f64, user_data: *mut c_void) -> i32,
>;

/// Gradients of a function: `grad` [n][d], or [n][c][d], is the output; otherwise as `mov_value_fn`.
pub type mov_gradient_fn = Option<
    unsafe extern "C" fn(
        n: u64,
        d: u64,
        x: *const f64,
        grad: *mut f64,
        user_data: *mut c_void,
    ) -> i32,
>;

/// Fits the network to an initial condition u_0 that is given by a callback. Time starts at 0
/// again.
///
/// @param[in]  solver     alive
/// @param[in]  value      u_0; not NULL. Used during this call only.
/// @param[in]  gradient   grad u_0, which makes the fit cheaper and better; may be NULL, if it is
///                        not known
/// @param[in]  user_data  handed to both; may be NULL
///
/// Returns `MOV_OK`, `MOV_NOT_CONVERGED` if the fit's error is above the option `fit_accept`,
/// `MOV_CANCELLED`, what the callback answered, `MOV_ERROR_NOT_FINITE` if it gave NaN or
/// infinity, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`. On failure the solver stays as it was.
///
/// Threads: any, one call at a time on one handle. Callbacks are called on the calling thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_set_initial_callback(
    solver: *mut mov_solver,
    value: mov_value_fn,
    gradient: mov_gradient_fn,
    user_data: *mut c_void,
) -> i32 {
    let user_data = UserData::new(user_data);
    guard::status(|| {
        collective(solver, "set_initial", |solver| {
            let value = value.ok_or_else(|| {
                Error::argument("argument `value` is NULL; accepted is a function that gives u_0")
            })?;
            let d = solver.domain().dimension();
            let mut field = |x: &[f64], u: &mut [f64], grad: Option<&mut [f64]>| {
                let n = (x.len() / d) as u64;
                // SAFETY: x is [n][d] and u [n][c]; what the function does is the host's affair.
                callback::call(|| unsafe {
                    value(n, d as u64, x.as_ptr(), u.as_mut_ptr(), user_data.get())
                })
                .map_err(|e| e.context("initial condition"))?;
                if let (Some(gradient), Some(grad)) = (gradient, grad) {
                    // SAFETY: as above, with grad [n][c][d].
                    callback::call(|| unsafe {
                        gradient(n, d as u64, x.as_ptr(), grad.as_mut_ptr(), user_data.get())
                    })
                    .map_err(|e| e.context("gradient of the initial condition"))?;
                }
                Ok(())
            };
            solver.set_initial(Initial::Function {
                field: &mut field,
                has_gradient: gradient.is_some(),
            })
        })
    })
}

/// Fits the network to values at points, all weighted alike. Time starts at 0 again.
///
/// @param[in]  solver  alive
/// @param[in]  n       points; more than the network has parameters make a sound fit
/// @param[in]  x       [n][d], row-major, finite and inside the domain, in the user's unit of
///                     length
/// @param[in]  u       [n][c], finite, u_0 at the points, c the option `components`
/// @param[in]  grad    [n][c][d], finite, grad u_0 at the points; may be NULL, if it is not known
///
/// The arrays are read during the call. With a communicator each rank gives its own points, perhaps
/// none. Returns as `mov_solver_set_initial_callback`.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_set_initial_values(
    solver: *mut mov_solver,
    n: u64,
    x: *const f64,
    u: *const f64,
    grad: *const f64,
) -> i32 {
    guard::status(|| {
        collective(solver, "set_initial", |solver| {
            let (c, d) = (solver.components(), solver.domain().dimension());
            // SAFETY: the arrays have these shapes, says the header.
            let (x, u, grad) = unsafe {
                (
                    argument::array(x, n, d, "x")?,
                    argument::array(u, n, c, "u")?,
                    (!grad.is_null()).then(|| argument::array(grad, n, c * d, "grad")),
                )
            };
            let grad = grad.transpose()?;
            solver.set_initial(Initial::Values { x, u, grad })
        })
    })
}

/// Fits the network to a closed form with a name. Time starts at 0 again.
///
/// @param[in]  solver  alive
/// @param[in]  name    one of the names that the message for an unknown one lists
///
/// Returns as `mov_solver_set_initial_callback`, and `MOV_ERROR_ARGUMENT` for an unknown name or a
/// form of another dimension.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_set_initial_named(
    solver: *mut mov_solver,
    name: *const c_char,
) -> i32 {
    guard::status(|| {
        collective(solver, "set_initial", |solver| {
            // SAFETY: the name is a text, says the header.
            let name = unsafe { argument::text(name, "name") }?;
            solver.set_initial(Initial::Named(name))
        })
    })
}
