//! Energies that depend on second derivatives of u, whose density is a callback of the host.

use super::callback::UserData;
use super::energy::{CallbackDensity, Function};
use super::{argument, guard, mov_energy};
use std::ffi::{c_char, c_void};

/// A density f(t, x, u, p, h), p = grad u and h = Hess u, and its first derivatives at n points in dimension d.
///
/// @param[in]  t          the time, of all points; 0 without MOV_USES_TIME. Calls come for the times of
///                        the stages of a scheme, in any order and more than once.
/// @param[in]  n          points
/// @param[in]  d          the dimension
/// @param[in]  x          [n][d], positions
/// @param[in]  u          [n], values there
/// @param[in]  p          [n][d], gradients of u; may be NULL, and is unless the energy was made with
///                        MOV_USES_GRADIENT
/// @param[in]  h          [n][d][d], second derivatives of u, symmetric
/// @param[out] f          [n], receives the density; may be NULL, where it is not wanted
/// @param[out] f_u        [n], receives df/du; may be NULL, where it is not wanted
/// @param[out] f_p        [n][d], receives df/dp; may be NULL, where it is not wanted; wanted only with
///                        MOV_USES_GRADIENT
/// @param[out] f_h        [n][d][d], receives df/dh, so that for a symmetric change of h the sum of its products
///                        with f_h is the change of f: of f = tr(h)^2 / 2 it is tr(h) on the diagonal; may be
///                        NULL, where it is not wanted
/// @param[in]  user_data  as it was handed over
///
/// Arrays are row-major, belong to the library and are valid during the call.
///
/// Returns and threads: as `mov_energy_fn`.
pub type mov_hessian_fn = Option<
    unsafe extern "C" fn(
        t: f64,
        n: u64,
        d: u64,
        x: *const f64,
        u: *const f64,
        p: *const f64,
        h: *const f64,
        f: *mut f64,
        f_u: *mut f64,
        f_p: *mut f64,
        f_h: *mut f64,
        user_data: *mut c_void,
    ) -> i32,
>;

/// The energy int f(t, x, u, grad u, Hess u) dx with the density f given by a callback: of plates, of
/// Swift and Hohenberg's pattern formation, of Willmore's functional. Its flow du/dt = -grad F is of fourth order.
/// On sides of the domain where u has no given value the natural conditions of F hold: of a plate those of a free
/// edge, and of one with given values those of a simple support; `embedding` = periodic or neumann make others.
///
/// It is for `flow` = l2 with `components` = 1 and a field of random features (`training` = outputs, the default
/// in up to three dimensions), whose steps are in weak form. What takes the strong form, which has fourth derivatives
/// of u, is not known: of reports `residual`, `error_bound` and `boundary_flux`, and du/dt. The second derivatives of
/// f, which a step needs for its direction only, are taken as differences.
///
/// @param[in]  name       for messages and reports; copied
/// @param[in]  function   the density; not NULL
/// @param[in]  flags      an or of MOV_USES_GRADIENT, MOV_USES_POSITION, MOV_USES_TIME and MOV_CONVEX, this of one
///                        that is convex in (u, p, h)
/// @param[in]  user_data  handed to `function`; may be NULL. It must stay valid until the energy
///                        and every solver that it was added to are freed.
///
/// Returns a handle, or NULL with the reason in `mov_last_error`. The caller frees it with
/// `mov_energy_free`.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_energy_create_with_hessian(
    name: *const c_char,
    function: mov_hessian_fn,
    flags: u32,
    user_data: *mut c_void,
) -> *mut mov_energy {
    guard::handle(|| {
        // SAFETY: the name is a text, says the header.
        let name = unsafe { argument::text(name, "name") }?;
        let function = function.map(Function::Hessian);
        CallbackDensity::energy(name, function, 1, flags, UserData::new(user_data))
    })
}
