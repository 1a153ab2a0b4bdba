//! What holds a field: bounds, its mean, integrals of functions of it; and functions of such integrals.

use super::callback::{self, UserData};
use super::solver::collective;
use super::{guard, handle, mov_energy, mov_solver};
use crate::domain::Bounds;
use crate::energy::Outer;
use crate::error::{Error, Result};
use std::ffi::c_void;
use std::sync::Arc;

/// Bounds lo(x) <= u <= hi(x) at n points in dimension d.
///
/// @param[in]  n          points
/// @param[in]  d          the dimension
/// @param[in]  x          [n][d], positions
/// @param[out] lower      [n], receives lo; it holds -INFINITY, which stays where there is none
/// @param[out] upper      [n], receives hi; it holds INFINITY, which stays where there is none
/// @param[in]  user_data  as it was handed over
///
/// Arrays belong to the library and are valid during the call.
///
/// Returns 0, or another value to give up (above 0 the caller gets MOV_TRY_AGAIN, below 0
/// MOV_ERROR_CALLBACK). It is called on the thread that calls the library, never on another, and must not leave
/// by an exception, longjmp or pthread_exit.
pub type mov_bounds_fn = Option<
    unsafe extern "C" fn(
        n: u64,
        d: u64,
        x: *const f64,
        lower: *mut f64,
        upper: *mut f64,
        user_data: *mut c_void,
    ) -> i32,
>;

/// Holds u between bounds, lo(x) <= u <= hi(x): the gradient flow of F among such fields, an obstacle problem.
///
/// Multipliers hold it at nodes of their own in the domain, the same in all steps: each stage of a step is minimised
/// in rounds, until u misses its bounds there, or what they push it to, by less than a hundredth of the option
/// `tolerance`, or of the scheme's, of the variation of u, or by as little as the network can. The figure
/// `bound_error` of the report is the largest part of that variation by which u is beyond them, measured also at
/// nodes that no step trains on. u_0 is not held: where it is beyond them, the first step has the jump. The inequality
/// that `energy_slack` measures is that of the functional which the last stage minimised, with what holds u; `residual`
/// is S/tau (u - P(u - tau r / S)) of the residual r without what holds u, P the projection between the bounds, and
/// `error_bound` is infinite. du/dt is what bounds leave of it in a time `tau`.
///
/// Called before `mov_solver_set_initial_*`, and after `mov_solver_set_inside`, `_set_nodes`, `_set_boundary` and
/// `_set_communicator`; a second call replaces the first. A restart needs the same bounds, set before it. The option
/// `form` must be auto or weak. The parameters that `mov_solver_parameters` copies have, after those of values on the
/// boundary, the stiffness that the penalty is made of and the multipliers at the nodes.
///
/// @param[in]  solver     alive, without an initial condition, with the option `flow` = l2
/// @param[in]  bounds     both bounds; not NULL. Used during this call, and where the nodes change.
/// @param[in]  user_data  handed to `bounds`; may be NULL. It must stay valid until the solver is freed.
///
/// Collective with a communicator: each rank's function is asked at its own nodes. Returns `MOV_OK`,
/// `MOV_ERROR_ARGUMENT` if `bounds` is NULL or nothing is between them, `MOV_ERROR_NOT_FINITE` if one is NaN,
/// `MOV_ERROR_OPTION` with a strong `form`, `MOV_ERROR_STATE` after the initial condition or for a flow in Wasserstein
/// space, what the callback answered, or `MOV_ERROR_HANDLE`. On failure the solver stays as it was.
///
/// Threads: any, one call at a time on one handle. The callback is called on the calling thread.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_set_bounds(
    solver: *mut mov_solver,
    bounds: mov_bounds_fn,
    user_data: *mut c_void,
) -> i32 {
    let user_data = UserData::new(user_data);
    guard::status(|| {
        collective(solver, "set_bounds", |solver| {
            let function = bounds.ok_or_else(|| {
                Error::argument("argument `bounds` is NULL; accepted is a function that gives both")
            })?;
            let d = solver.domain().dimension() as u64;
            let ask = move |x: &[f64], lower: &mut [f64], upper: &mut [f64]| -> Result<()> {
                let (lo, hi) = (lower.as_mut_ptr(), upper.as_mut_ptr());
                // SAFETY: x is [n][d], lower and upper are [n]; what the function does is the host's affair.
                callback::call(|| unsafe {
                    function(lower.len() as u64, d, x.as_ptr(), lo, hi, user_data.get())
                })
            };
            solver.set_bounds(Bounds::Function(Arc::new(ask)))
        })
    })
}

/// Holds u between the same bounds everywhere; otherwise as `mov_solver_set_bounds`.
///
/// @param[in]  lower  in the unit of u, or -INFINITY
/// @param[in]  upper  in the unit of u, not below `lower`, or INFINITY
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_set_bounds_constant(
    solver: *mut mov_solver,
    lower: f64,
    upper: f64,
) -> i32 {
    guard::status(|| {
        collective(solver, "set_bounds", |solver| {
            solver.set_bounds(Bounds::Constant { lower, upper })
        })
    })
}

/// Holds the mean of u over the domain at a value, from the first step on: the gradient flow of F among fields of
/// this mean, which keeps a volume. Otherwise as `mov_solver_hold_integral`.
///
/// @param[in]  value  finite, in the unit of u
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_hold_mean(solver: *mut mov_solver, value: f64) -> i32 {
    guard::status(|| collective(solver, "hold_mean", |solver| solver.hold_mean(value)))
}

/// Holds the integral of an energy's density, int g(t, x, u) dx, at a value, from the first step on. The energy is no
/// part of F. Several integrals may be held, with values that some field has.
///
/// Each stage of a step is minimised in rounds of multipliers, and then moved along the gradients of the integrals
/// until these have their values to rounding, by the library's independent nodes, at which `mass` and `energy` are
/// measured. The figure `integral_error` of the report is the largest part of its size by which one is off its value,
/// measured also by the nodes of the steps. u_0 is not held: where its integral is another, the first step has the
/// jump. The inequality that `energy_slack` measures is that of the functional which the last stage minimised, with
/// what holds the integrals.
///
/// Called before `mov_solver_set_initial_*`, and after `mov_solver_set_inside`, `_set_nodes`, `_set_boundary` and
/// `_set_communicator`. A restart needs the same integrals and values, held before it. The option `form` must be auto
/// or weak. The parameters that `mov_solver_parameters` copies have before those of the network, for each integral,
/// the penalty and the multiplier of the last stage.
///
/// @param[in]  solver  alive, without an initial condition, with the option `flow` = l2
/// @param[in]  energy  alive, whose density does not depend on p; copied with its parameters as they are now
/// @param[in]  value   finite
///
/// Collective with a communicator. Returns `MOV_OK`, `MOV_ERROR_PLUGIN` if the density depends on p or the energy has
/// none, `MOV_ERROR_ARGUMENT` if the value is not finite, or the mean is held already, `MOV_ERROR_OPTION` with a
/// strong `form`, `MOV_ERROR_STATE` after the initial condition or for a flow in Wasserstein space, or
/// `MOV_ERROR_HANDLE`. On failure the solver stays as it was.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_hold_integral(
    solver: *mut mov_solver,
    energy: *const mov_energy,
    value: f64,
) -> i32 {
    guard::status(|| {
        collective(solver, "hold_integral", |solver| {
            handle::with(energy, "energy", |energy| {
                solver.hold_integral(energy, value)
            })
        })
    })
}

/// A function phi(I) of an integral I.
///
/// @param[in]  integral   I
/// @param[out] phi        [3], receives phi, its first and its second derivative at I
/// @param[in]  user_data  as it was handed over
///
/// Returns 0, or another value to give up (above 0 the caller gets MOV_TRY_AGAIN, below 0
/// MOV_ERROR_CALLBACK). It is called on the thread that calls the library, never on another, and must not leave
/// by an exception, longjmp or pthread_exit.
pub type mov_function_of_integral_fn =
    Option<unsafe extern "C" fn(integral: f64, phi: *mut f64, user_data: *mut c_void) -> i32>;

/// Adds to F a function of the integral of an energy's density, phi(int g(t, x, u) dx): a penalty of a volume, an energy
/// that is not local. The energy itself is no part of F. The integral is that by the library's independent nodes, at
/// which energies are measured.
///
/// Called before `mov_solver_set_initial_*`, and after `mov_solver_set_inside`, `_set_nodes`, `_set_boundary` and
/// `_set_communicator`. The option `form` must be auto or weak. With a communicator of several ranks du/dt is not known.
///
/// @param[in]  solver     alive, without an initial condition, with the option `flow` = l2
/// @param[in]  energy     alive, whose density does not depend on p; copied with its parameters as they are now
/// @param[in]  function   phi; not NULL
/// @param[in]  user_data  handed to `function`; may be NULL. It must stay valid until the solver is freed.
///
/// Collective with a communicator. Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` if `function` is NULL, `MOV_ERROR_PLUGIN` if
/// the density depends on p or the energy has none, `MOV_ERROR_OPTION` with a strong `form`, `MOV_ERROR_STATE` after the
/// initial condition or for a flow in Wasserstein space, or `MOV_ERROR_HANDLE`. On failure the solver stays as it was.
///
/// Threads: any, one call at a time on one handle. The callback is called on the calling thread.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_add_function_of_integral(
    solver: *mut mov_solver,
    energy: *const mov_energy,
    function: mov_function_of_integral_fn,
    user_data: *mut c_void,
) -> i32 {
    let user_data = UserData::new(user_data);
    guard::status(|| {
        collective(solver, "add_function_of_integral", |solver| {
            let function = function.ok_or_else(|| {
                Error::argument("argument `function` is NULL; accepted is a function of a number")
            })?;
            let ask = move |integral: f64| -> Result<[f64; 3]> {
                let mut phi = [f64::NAN; 3];
                // SAFETY: phi has 3 numbers; what the function does is the host's affair.
                callback::call(|| unsafe {
                    function(integral, phi.as_mut_ptr(), user_data.get())
                })?;
                Ok(phi)
            };
            handle::with(energy, "energy", |energy| {
                solver.add_function_of_integral(energy, Outer::new(Arc::new(ask)))
            })
        })
    })
}
