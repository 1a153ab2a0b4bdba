//! What is posed on the boundary: energies and given values.

use super::callback::{self, UserData};
use super::solver::collective;
use super::{argument, guard, handle, mov_energy, mov_solver};
use crate::domain::BoundaryValue;
use crate::error::{Error, Result};
use std::ffi::c_void;
use std::sync::Arc;

/// The whole boundary, where a side of it is asked for.
pub const MOV_ALL_SIDES: i32 = -1;

/// Values g(t, x) at n points of the boundary in dimension d: `t` and `x` [n][d] are the input, `g` [n] the
/// output. Arrays belong to the library and are valid during the call.
///
/// Returns 0, or another value to give up (above 0 the caller gets MOV_TRY_AGAIN, below 0
/// MOV_ERROR_CALLBACK). It is called on the thread that calls the library, never on another, and must not leave
/// by an exception, longjmp or pthread_exit.
pub type mov_boundary_value_fn = Option<
    unsafe extern "C" fn(
        t: f64,
        n: u64,
        d: u64,
        x: *const f64,
        g: *mut f64,
        user_data: *mut c_void,
    ) -> i32,
>;

/// Adds to F the integral of an energy's density b(x, u) over a side of the boundary: Robin conditions
/// (b = beta u^2 / 2, plugin "quadratic"), given fluxes (b = -q u), contact angles. What holds there at each
/// minimum is the natural condition f_p . n + b_u = 0, with f the density of F in the domain and n the outward
/// normal; the figure `boundary_flux` of the report measures it. A side with neither energy nor value keeps
/// f_p . n = 0.
///
/// Called before `mov_solver_set_initial_*`, and after `mov_solver_set_inside`, `_set_nodes`, `_set_boundary` and
/// `_set_communicator`. The option `embedding` must be none, or auto, which becomes none.
///
/// @param[in]  solver  alive, without an initial condition, with the option `flow` = l2
/// @param[in]  energy  alive, whose density does not depend on p; copied with its parameters as they are now
/// @param[in]  side    MOV_ALL_SIDES, or of a box 2 k where coordinate k (from 0) is least and 2 k + 1 where it is
///                     largest, or a number that `mov_solver_set_boundary_sides` gave to nodes of the host
///
/// Collective with a communicator. Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` if there is no such side,
/// `MOV_ERROR_PLUGIN` if the density depends on p or the energy has no density, `MOV_ERROR_OPTION` if options do
/// not fit, `MOV_ERROR_STATE` after the initial condition, for a flow in Wasserstein space or for nodes of the
/// host without a boundary, or `MOV_ERROR_HANDLE`. On failure the solver stays as it was.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_add_boundary_energy(
    solver: *mut mov_solver,
    energy: *const mov_energy,
    side: i32,
) -> i32 {
    guard::status(|| {
        collective(solver, "add_boundary_energy", |solver| {
            handle::with(energy, "energy", |energy| {
                solver.add_boundary_energy(energy, one(side))
            })
        })
    })
}

/// Gives u a value on a side of the boundary (a Dirichlet condition). (The plugin named "dirichlet" is no such
/// condition but the Dirichlet energy kappa/2 int |grad u|^2.)
///
/// On boxes and balls of the option `domain` it holds exactly at all times. On cut boxes, on nodes of the host with
/// their boundary (`mov_solver_set_boundary`, `_set_boundary_sides`), and where it varies around a ball in three
/// dimensions or more, multipliers hold u to it at nodes on the boundary: each stage of a step is minimised in
/// rounds, until u misses it there by less than a hundredth of the option `tolerance`, or of the scheme's, of the
/// variation of u, or by as little as the network can. The figure `wall_error` of the report is the largest part of
/// that variation by which u misses it, measured also at other points of a boundary that the library knows;
/// `fit_wall_error` is that of u_0, whose fit is not held. The inequality that `energy_slack` measures is then that
/// of the functional which the last stage minimised, multipliers and penalty included.
///
/// Called before `mov_solver_set_initial_*`, for each side once. Sides without a value keep their natural
/// condition. u_0 should have the values at t = 0: where it has not, its fit on boxes, discs and constant values of
/// balls is as good as a function with a jump can be, and elsewhere the first step has the jump. The option
/// `embedding` must be none, or auto, which becomes none, and `form` auto or weak where the value does not hold
/// exactly on all of the boundary. The parameters that `mov_solver_parameters` copies begin with the coefficients of
/// the values, or with the conductivity that the penalty is made of, the multipliers and the values at the nodes.
///
/// @param[in]  solver     alive, without an initial condition, with the option `flow` = l2
/// @param[in]  side       as for `mov_solver_add_boundary_energy`; the boundary of a ball or of a cut box is
///                        MOV_ALL_SIDES
/// @param[in]  value      g(t, x); not NULL. Used during this call at t = 0, on balls also at t = `tau`, for the fit
///                        of u_0, and at the beginning, the thirds and the end of each step, at which u has the
///                        value. On boxes up to dimension 6 and on discs it may vary along a side, smoothly:
///                        polynomials of degree 64 (d = 2), 24 (d = 3), 12, 8 and 6 (d = 4 to 6) along each axis or
///                        64 waves stand for it, to rounding if it is analytic and the degree high enough. On boxes
///                        beyond it may depend on t alone.
/// @param[in]  user_data  handed to `value`; may be NULL. It must stay valid until the solver is freed.
///
/// Collective with a communicator, where the values of rank 0 count, or with multipliers those of each rank at its
/// own nodes. Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` if
/// there is no such side, if it has a value or an energy of its own already, if values of two sides contradict each
/// other where they meet (a step returns this too) or vary too fast, `MOV_ERROR_NOT_FINITE`, `MOV_ERROR_OPTION` if
/// options do not fit, `MOV_ERROR_STATE` after the initial condition, for nodes of the host without a boundary, or
/// for a flow in Wasserstein space, what the callback answered, or `MOV_ERROR_HANDLE`. On failure the solver stays as
/// it was.
///
/// Threads: any, one call at a time on one handle. The callback is called on the calling thread.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_set_dirichlet(
    solver: *mut mov_solver,
    side: i32,
    value: mov_boundary_value_fn,
    user_data: *mut c_void,
) -> i32 {
    let user_data = UserData::new(user_data);
    guard::status(|| {
        collective(solver, "set_dirichlet", |solver| {
            let function = value.ok_or_else(|| {
                Error::argument("argument `value` is NULL; accepted is a function that gives g")
            })?;
            let d = solver.domain().dimension();
            let ask = move |t: f64, x: &[f64], g: &mut [f64]| -> Result<()> {
                let n = g.len() as u64;
                // SAFETY: x is [n][d] and g [n]; what the function does is the host's affair.
                callback::call(|| unsafe {
                    function(t, n, d as u64, x.as_ptr(), g.as_mut_ptr(), user_data.get())
                })
            };
            solver.set_dirichlet(one(side), &BoundaryValue::Function(Arc::new(ask)))
        })
    })
}

/// Gives u the same value everywhere on a side and at all times; otherwise as `mov_solver_set_dirichlet`.
///
/// @param[in]  g  finite, in the unit of u
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_set_dirichlet_constant(
    solver: *mut mov_solver,
    side: i32,
    g: f64,
) -> i32 {
    guard::status(|| {
        collective(solver, "set_dirichlet", |solver| {
            solver.set_dirichlet(one(side), &BoundaryValue::Constant(g))
        })
    })
}

/// Takes integrals over the boundary with nodes of the host and says which part of it each is on, for energies on
/// some of them; otherwise as `mov_solver_set_boundary`.
///
/// @param[in]  side  [n], numbers from 0 up, such as the mesh's boundary ids; may be NULL, where all are 0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_set_boundary_sides(
    solver: *mut mov_solver,
    n: u64,
    x: *const f64,
    normal: *const f64,
    w: *const f64,
    side: *const i32,
) -> i32 {
    guard::status(|| {
        collective(solver, "set_boundary", |solver| {
            let d = solver.domain().dimension();
            // SAFETY: the arrays have these shapes, says the header.
            let (x, normal, w, side) = unsafe {
                (
                    argument::array(x, n, d, "x")?,
                    argument::array(normal, n, d, "normal")?,
                    argument::array(w, n, 1, "w")?,
                    (!side.is_null()).then(|| argument::array(side, n, 1, "side")),
                )
            };
            let side = side.transpose()?.unwrap_or_default();
            solver.set_boundary_sides(x, normal, w, side)
        })
    })
}

/// A side, or all of them.
fn one(side: i32) -> Option<i32> {
    (side != MOV_ALL_SIDES).then_some(side)
}
