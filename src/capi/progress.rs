//! Progress of long calls.

use super::callback::UserData;
use super::{guard, handle, mov_solver};
use crate::progress::{Observer, Progress};
use std::ffi::c_void;
use std::ops::ControlFlow;

/// Told now and then where a long call is: `fitting` is 1 in the fit of a field, in the beginning or handed
/// over between steps, and 0 in a step;
/// `step` counts the steps completed; `time` is the time reached; `iteration` counts the
/// minimiser's iterations in this fit or step; `objective` is what is being minimised, or in a fit
/// its relative error.
///
/// Returns 0 to go on, another value to cancel: the call then returns MOV_CANCELLED, and the
/// solver is at its last whole step. It is called on the thread that calls the library. It must
/// not leave by an exception, longjmp or pthread_exit, and calls on the same solver are refused as busy.
pub type mov_progress_fn = Option<
    unsafe extern "C" fn(
        fitting: i32,
        step: u64,
        time: f64,
        iteration: u64,
        objective: f64,
        user_data: *mut c_void,
    ) -> i32,
>;

/// Watches the progress of a solver from now on.
///
/// @param[in]  solver     alive
/// @param[in]  function   told of progress; may be NULL, to watch no longer
/// @param[in]  user_data  handed to `function`; may be NULL. It must stay valid until `function` is
///                        replaced or the solver freed.
///
/// Returns `MOV_OK` or `MOV_ERROR_HANDLE`.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_set_progress(
    solver: *mut mov_solver,
    function: mov_progress_fn,
    user_data: *mut c_void,
) -> i32 {
    let user_data = UserData::new(user_data);
    guard::status(|| {
        let observer = function.map(|function| -> Observer {
            Box::new(move |progress: &Progress| {
                // SAFETY: only numbers cross; what the function does is the host's affair.
                let answer = unsafe {
                    function(
                        progress.fitting.into(),
                        progress.step,
                        progress.time,
                        progress.iteration,
                        progress.objective,
                        user_data.get(),
                    )
                };
                if answer == 0 {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            })
        });
        handle::with(solver, "solver", |solver| {
            solver.set_observer(observer);
            Ok(())
        })
    })
}
