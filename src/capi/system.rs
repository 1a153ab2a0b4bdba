//! Energies of fields of several components whose density is a callback of the host.

use super::callback::UserData;
use super::energy::{CallbackDensity, Function};
use super::{argument, guard, mov_energy};
use crate::energy::MOST_COMPONENTS;
use crate::error::Error;
use std::ffi::{c_char, c_void};

/// A density f(t, x, u, p) of a field u of c components, p = grad u, and its first derivatives at n points in
/// dimension d.
///
/// @param[in]  t          the time, of all points; 0 without MOV_USES_TIME. Calls come for the times of
///                        the stages of a scheme, in any order and more than once.
/// @param[in]  n          points
/// @param[in]  d          the dimension
/// @param[in]  c          the components, as many as the energy was made with
/// @param[in]  x          [n][d], positions
/// @param[in]  u          [n][c], values there
/// @param[in]  p          [n][c][d], gradients: entry [i][k] is the derivative of component i along axis k; may
///                        be NULL, and is unless the energy was made with MOV_USES_GRADIENT
/// @param[out] f          [n], receives the density; may be NULL, where it is not wanted
/// @param[out] f_u        [n][c], receives df/du; may be NULL, where it is not wanted
/// @param[out] f_p        [n][c][d], receives df/dp; may be NULL, where it is not wanted; wanted only with
///                        MOV_USES_GRADIENT
/// @param[in]  user_data  as it was handed over
///
/// Returns and threads: as `mov_energy_fn`.
pub type mov_system_fn = Option<
    unsafe extern "C" fn(
        t: f64,
        n: u64,
        d: u64,
        c: u64,
        x: *const f64,
        u: *const f64,
        p: *const f64,
        f: *mut f64,
        f_u: *mut f64,
        f_p: *mut f64,
        user_data: *mut c_void,
    ) -> i32,
>;

/// The energy int f(t, x, u, grad u) dx of a field u of several components, with the density f given by a
/// callback: the flow is du_i/dt = -dF/du_i. It is for solvers with as many `components`. Second derivatives,
/// which a step needs for its direction only, are taken as differences.
///
/// @param[in]  name        for messages and reports; copied
/// @param[in]  function    the density; not NULL
/// @param[in]  components  c, from 1 to 16
/// @param[in]  flags       an or of MOV_USES_GRADIENT, MOV_USES_POSITION, MOV_USES_TIME and MOV_CONVEX
/// @param[in]  user_data   handed to `function`; may be NULL. It must stay valid until the energy
///                         and every solver that it was added to are freed.
///
/// Returns a handle, or NULL with the reason in `mov_last_error`. The caller frees it with
/// `mov_energy_free`.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_energy_create_system(
    name: *const c_char,
    function: mov_system_fn,
    components: u64,
    flags: u32,
    user_data: *mut c_void,
) -> *mut mov_energy {
    guard::handle(|| {
        // SAFETY: the name is a text, says the header.
        let name = unsafe { argument::text(name, "name") }?;
        let c = usize::try_from(components).unwrap_or(usize::MAX);
        if !(1..=MOST_COMPONENTS).contains(&c) {
            return Err(Error::argument(format!(
                "argument `components` is {components}; accepted are 1 to {MOST_COMPONENTS}"
            )));
        }
        let function = function.map(Function::System);
        CallbackDensity::energy(name, function, c, flags, UserData::new(user_data))
    })
}
