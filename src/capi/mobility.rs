//! Mobilities: what the rate of a flow in L2 is multiplied by.

use super::callback::{self, UserData};
use super::solver::collective;
use super::{MOV_USES_TIME, guard, mov_solver};
use crate::energy::{Dependence, Mobility};
use crate::error::{Error, Result};
use std::ffi::c_void;
use std::ptr::null;
use std::sync::Arc;

/// The mobility depends on u.
pub const MOV_USES_VALUE: u32 = 32;

/// A mobility M(t, x, u) > 0 at n points in dimension d.
///
/// @param[in]  t          the time, of all points
/// @param[in]  n          points
/// @param[in]  d          the dimension
/// @param[in]  x          [n][d], positions
/// @param[in]  u          [n], values of the field there; may be NULL, and is unless the mobility was set with
///                        MOV_USES_VALUE
/// @param[out] m          [n], receives M
/// @param[in]  user_data  as it was handed over
///
/// Arrays belong to the library and are valid during the call.
///
/// Returns 0, or another value to give up (above 0 the caller gets MOV_TRY_AGAIN, below 0
/// MOV_ERROR_CALLBACK). It is called on the thread that calls the library, never on another, and must not leave
/// by an exception, longjmp or pthread_exit.
pub type mov_mobility_fn = Option<
    unsafe extern "C" fn(
        t: f64,
        n: u64,
        d: u64,
        x: *const f64,
        u: *const f64,
        m: *mut f64,
        user_data: *mut c_void,
    ) -> i32,
>;

/// Gives the flow of a field a mobility M > 0: du/dt = -M dF/du, the gradient flow in the metric
/// <v, w> = int v w / M dx, or with the option `flow` = h-1 du/dt = div(M grad dF/du) in that of H^-1, which distances, norms and the energy inequality of the report are in.
///
/// Of M(x) schemes keep their order. M that depends on u or t is frozen for each step: for `movement` = euler at the
/// state before the step, and for `movement` = second in its middle, at the end of an implicit Euler step of half its
/// length, which costs one stage more and keeps the second order. With `movement` = third it is refused.
///
/// Called before `mov_solver_set_initial_*`; a second call replaces the first. A restart needs the same mobility, set
/// before it.
///
/// @param[in]  solver     alive, without an initial condition, with the option `flow` = l2 or h-1
/// @param[in]  mobility   the mobility; not NULL
/// @param[in]  flags      0 if it depends on x alone, else an or of MOV_USES_VALUE and MOV_USES_TIME
/// @param[in]  user_data  handed to `mobility`; may be NULL. It must stay valid until the solver is freed.
///
/// Collective with a communicator: each rank's function is asked at its own nodes. Returns `MOV_OK`,
/// `MOV_ERROR_ARGUMENT` if `mobility` is NULL, there are no such flags, or M(x) is not positive,
/// `MOV_ERROR_NOT_FINITE` if it is no number, `MOV_ERROR_OPTION` with `movement` = third, `MOV_ERROR_STATE` after the
/// initial condition or for a flow in Wasserstein space, what the callback answered, or `MOV_ERROR_HANDLE`. A mobility
/// of u or t that is not positive or no number is refused so by the step that meets it. On failure the solver stays
/// as it was.
///
/// Threads: any, one call at a time on one handle. The callback is called on the calling thread.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_set_mobility(
    solver: *mut mov_solver,
    mobility: mov_mobility_fn,
    flags: u32,
    user_data: *mut c_void,
) -> i32 {
    let user_data = UserData::new(user_data);
    guard::status(|| {
        collective(solver, "set_mobility", |solver| {
            const KNOWN: u32 = MOV_USES_VALUE | MOV_USES_TIME;
            let function = mobility.ok_or_else(|| {
                Error::argument("argument `mobility` is NULL; accepted is a function that gives M")
            })?;
            if flags & !KNOWN != 0 {
                return Err(Error::argument(format!(
                    "argument `flags` is {flags}; accepted is an or of MOV_USES_VALUE ({MOV_USES_VALUE}) and \
                     MOV_USES_TIME ({MOV_USES_TIME})"
                )));
            }
            let depends = Dependence {
                value: flags & MOV_USES_VALUE != 0,
                time: flags & MOV_USES_TIME != 0,
            };
            let ask = move |t: f64, x: &[f64], u: &[f64], m: &mut [f64]| -> Result<()> {
                let n = m.len();
                let d = (x.len() / n.max(1)) as u64;
                let u = if depends.value { u.as_ptr() } else { null() };
                // SAFETY: x is [n][d], u [n] or NULL, and m [n]; what the function does is the host's affair.
                callback::call(|| unsafe {
                    function(
                        t,
                        n as u64,
                        d,
                        x.as_ptr(),
                        u,
                        m.as_mut_ptr(),
                        user_data.get(),
                    )
                })
            };
            solver.set_mobility(Mobility::new(Arc::new(ask), depends))
        })
    })
}
