//! The domain beyond the box: a region of the host, and nodes of its mesh.

use super::callback::{self, UserData};
use super::solver::collective;
use super::{argument, guard, handle, mov_solver};
use crate::error::{Error, Result};
use std::ffi::c_void;
use std::sync::Arc;

/// Says which of n points in dimension d are inside a region: `x` [n][d] is the input, and every
/// entry of `inside` [n] is set to 1 (inside) or 0 (outside). Arrays belong to the library and are
/// valid during the call.
///
/// Returns 0, or another value to give up (above 0 the caller gets MOV_TRY_AGAIN, below 0
/// MOV_ERROR_CALLBACK). The same point must always get the same answer. It is called on the thread
/// that calls the library, never on another, and must not leave by an exception, longjmp or pthread_exit.
pub type mov_inside_fn = Option<
    unsafe extern "C" fn(
        n: u64,
        d: u64,
        x: *const f64,
        inside: *mut i32,
        user_data: *mut c_void,
    ) -> i32,
>;

/// What `inside` holds before the callback is asked.
const UNSET: i32 = i32::MIN;

/// Cuts the box of `lower` and `upper`: the domain is where the callback says so. Called before
/// `mov_solver_set_initial_*`; a second call replaces the first. The option `embedding` must be none,
/// or auto, which becomes none.
///
/// The region should be enclosed closely by the box. Parts and gaps that are thinner than 1/250 of a
/// side (d = 2; 1/90 for d = 3) may be missed. With the option `quadrature` gauss (d up to 3) the
/// boundary is found to rounding along lines; random nodes are those of the box that are inside.
/// Snapshots show NaN outside.
///
/// @param[in]  solver     alive, without an initial condition
/// @param[in]  inside     the region; not NULL. Used during this call, in each step with random
///                        nodes and for snapshots.
/// @param[in]  user_data  handed to `inside`; may be NULL. It must stay valid until the solver is
///                        freed.
///
/// Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` if no point or less than 1e-4 of the box is inside or an
/// answer is neither 0 nor 1, `MOV_ERROR_OPTION` if the options `domain`, `embedding` or `quadrature`
/// do not fit, `MOV_ERROR_STATE` after the initial condition, what the callback answered, or
/// `MOV_ERROR_HANDLE`. On failure the solver stays as it was.
///
/// Threads: any, one call at a time on one handle. The callback is called on the calling thread.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_set_inside(
    solver: *mut mov_solver,
    inside: mov_inside_fn,
    user_data: *mut c_void,
) -> i32 {
    let user_data = UserData::new(user_data);
    guard::status(|| {
        let function = inside.ok_or_else(|| {
            Error::argument(
                "argument `inside` is NULL; accepted is a function that says which points are inside",
            )
        })?;
        handle::with(solver, "solver", |solver| {
            let d = solver.domain().dimension();
            let ask = move |x: &[f64], inside: &mut [bool]| -> Result<()> {
                let mut answers = vec![UNSET; inside.len()];
                let n = answers.len() as u64;
                // SAFETY: x is [n][d] and the answers [n]; what the function does is the host's
                // affair.
                callback::call(|| unsafe {
                    function(
                        n,
                        d as u64,
                        x.as_ptr(),
                        answers.as_mut_ptr(),
                        user_data.get(),
                    )
                })
                .map_err(|e| e.context("inside function"))?;
                for (point, (inside, answer)) in inside.iter_mut().zip(&answers).enumerate() {
                    *inside = match *answer {
                        0 => false,
                        1 => true,
                        UNSET => return Err(no_answer("left `inside` unset", x, point, d)),
                        other => {
                            return Err(no_answer(&format!("gave {other}"), x, point, d));
                        }
                    };
                }
                Ok(())
            };
            solver.set_inside(Arc::new(ask))
        })
    })
}

fn no_answer(what: &str, x: &[f64], point: usize, d: usize) -> Error {
    let x = &x[point * d..(point + 1) * d];
    Error::argument(format!(
        "inside function: the callback {what} at x = {x:?}; accepted are 1 (inside) and 0 (outside)"
    ))
}

/// Takes all integrals with nodes of the host, such as the quadrature points of its mesh. The domain is
/// what they cover. Called before `mov_solver_set_initial_*`; a second call replaces the first. The
/// option `embedding` must be none, or auto, which becomes none; `quadrature` and `nodes` no longer
/// matter.
///
/// @param[in]  solver   alive, without an initial condition
/// @param[in]  n        nodes; n (1 + d) must be no less than the parameters of the network
/// @param[in]  x        [n][d], row-major, inside the box of `lower` and `upper`, which should
///                      enclose them closely: it scales the input of the network
/// @param[in]  w        [n], weights, 0 or larger, which sum to the volume; rules with negative weights, such as
///                      those of third order on tetrahedra, are refused: take one of positive weights
/// @param[in]  n_check  nodes of a second, independent set, on which each step is checked: finer
///                      than the first at best. With 0 every eighth node is held out, and its
///                      weight goes to the seven about it in the order given, which costs accuracy.
/// @param[in]  x_check  [n_check][d], as x; may be NULL, if n_check is 0
/// @param[in]  w_check  [n_check], as w; may be NULL, if n_check is 0
///
/// The arrays are copied. With a communicator each rank gives its own nodes, perhaps none. The figure `boundary_flux` of the report is NaN unless
/// `mov_solver_set_boundary` or `mov_solver_set_inside` say where the boundary is.
///
/// Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` for a position outside the box, a negative weight, a number
/// that is not finite or too few nodes, `MOV_ERROR_OPTION` if the embedding does not fit,
/// `MOV_ERROR_STATE` after the initial condition, or `MOV_ERROR_HANDLE`. On failure the solver stays
/// as it was.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_set_nodes(
    solver: *mut mov_solver,
    n: u64,
    x: *const f64,
    w: *const f64,
    n_check: u64,
    x_check: *const f64,
    w_check: *const f64,
) -> i32 {
    guard::status(|| {
        collective(solver, "set_nodes", |solver| {
            let d = solver.domain().dimension();
            // SAFETY: the arrays have these shapes, says the header.
            let (x, w, x_check, w_check) = unsafe {
                (
                    argument::array(x, n, d, "x")?,
                    argument::array(w, n, 1, "w")?,
                    argument::array(x_check, n_check, d, "x_check")?,
                    argument::array(w_check, n_check, 1, "w_check")?,
                )
            };
            let check = (n_check > 0).then_some((x_check, w_check));
            solver.set_nodes(x, w, check)
        })
    })
}

/// Takes integrals over the boundary, such as the figure `boundary_flux` of the report and those of
/// `mov_solver_add_boundary_energy`, with nodes of the host. Called before these and before
/// `mov_solver_set_initial_*`; a second call replaces the first.
///
/// @param[in]  solver  alive, without an initial condition
/// @param[in]  n       nodes, at least 1
/// @param[in]  x       [n][d], row-major, inside the box of `lower` and `upper`
/// @param[in]  normal  [n][d], outward normals of length 1
/// @param[in]  w       [n], weights, 0 or larger, which sum to the area of the boundary
///
/// The arrays are copied. With a communicator each rank gives its own nodes, perhaps none.
///
/// Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` for a position outside the box, a
/// normal of another length, a negative weight or a number that is not finite, `MOV_ERROR_STATE` after
/// the initial condition, or `MOV_ERROR_HANDLE`. On failure the solver stays as it was.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_set_boundary(
    solver: *mut mov_solver,
    n: u64,
    x: *const f64,
    normal: *const f64,
    w: *const f64,
) -> i32 {
    guard::status(|| {
        collective(solver, "set_boundary", |solver| {
            let d = solver.domain().dimension();
            // SAFETY: the arrays have these shapes, says the header.
            let (x, normal, w) = unsafe {
                (
                    argument::array(x, n, d, "x")?,
                    argument::array(normal, n, d, "normal")?,
                    argument::array(w, n, 1, "w")?,
                )
            };
            solver.set_boundary(x, normal, w)
        })
    })
}
