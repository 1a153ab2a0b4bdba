//! Sources of the host.

use super::callback::{self, UserData};
use super::{guard, handle, mov_solver};
use crate::energy::Source;
use crate::error::{Error, Result};
use std::ffi::c_void;
use std::sync::Arc;

/// A source s(t, x) at n points in dimension d.
///
/// @param[in]  t          the time, of all points. Calls come for the times of the stages of a scheme,
///                        in any order and more than once: s is a function of t as it is of x.
/// @param[in]  n          points
/// @param[in]  d          the dimension
/// @param[in]  x          [n][d], positions
/// @param[out] s          [n], receives the source: what it adds to du/dt
/// @param[in]  user_data  as it was handed over
///
/// Returns and threads: as `mov_energy_fn`.
pub type mov_source_fn = Option<
    unsafe extern "C" fn(
        t: f64,
        n: u64,
        d: u64,
        x: *const f64,
        s: *mut f64,
        user_data: *mut c_void,
    ) -> i32,
>;

/// Adds a source: du/dt = -grad F(u) + s(t, x). It is the energy -int s(t, x) u dx, named "source", of
/// which reports, energies and snapshots tell as of the others. Sources can be added until the first
/// step. In Wasserstein space, where mass is kept, they are refused.
///
/// @param[in]  solver     alive
/// @param[in]  function   the source; not NULL
/// @param[in]  user_data  handed to `function`; may be NULL. It must stay valid until the solver is
///                        freed.
///
/// Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` if `function` is NULL, `MOV_ERROR_PLUGIN` in Wasserstein
/// space, `MOV_ERROR_STATE` after the first step, or `MOV_ERROR_HANDLE`. On failure the solver stays
/// as it was.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_add_source(
    solver: *mut mov_solver,
    function: mov_source_fn,
    user_data: *mut c_void,
) -> i32 {
    guard::status(|| {
        let function = function
            .ok_or_else(|| Error::argument("argument `function` is NULL; accepted is a source"))?;
        let source = Arc::new(CallbackSource {
            function,
            user_data: UserData::new(user_data),
        });
        handle::with(solver, "solver", |solver| solver.add_source(source))
    })
}

/// A source of the host.
struct CallbackSource {
    function: unsafe extern "C" fn(f64, u64, u64, *const f64, *mut f64, *mut c_void) -> i32,
    user_data: UserData,
}

impl Source for CallbackSource {
    fn caller_thread_only(&self) -> bool {
        true
    }

    fn evaluate(&self, t: f64, x: &[f64], d: usize, s: &mut [f64]) -> Result<()> {
        if x.len() != s.len() * d {
            return Err(Error::internal("a source is asked for at other points"));
        }
        // SAFETY: the arrays have the shapes that n and d say, and s is an exclusive borrow. What the
        // function does is the host's affair.
        callback::call(|| unsafe {
            (self.function)(
                t,
                s.len() as u64,
                d as u64,
                x.as_ptr(),
                s.as_mut_ptr(),
                self.user_data.get(),
            )
        })
    }
}
