//! Runs that end when something happens.

use super::callback::{self, UserData};
use super::solver::collective;
use super::{argument, guard, mov_solver};
use crate::solver::{Ended, Event, Until};
use std::ffi::c_void;

/// The run has reached its time.
pub const MOV_ENDED_TIME: i32 = 1;
/// The flow is at rest.
pub const MOV_ENDED_REST: i32 = 2;
/// The function of the host has crossed zero.
pub const MOV_ENDED_EVENT: i32 = 3;
/// The seconds of the run are spent.
pub const MOV_ENDED_SECONDS: i32 = 4;

/// A function of the state whose root in time ends a run: of the time reached, the energy F(u), and u at the
/// points of the run, `x` [n][d] and `u` [n], or [n][c] of a solver with `components` = c. The result is written to `value`.
///
/// Returns 0, or another value to give up (above 0 the caller gets MOV_TRY_AGAIN, below 0
/// MOV_ERROR_CALLBACK). It is called on the thread that calls the library, after each step and while a root
/// is located, and must not leave by an exception, longjmp or pthread_exit.
pub type mov_event_fn = Option<
    unsafe extern "C" fn(
        time: f64,
        energy: f64,
        n: u64,
        d: u64,
        x: *const f64,
        u: *const f64,
        value: *mut f64,
        user_data: *mut c_void,
    ) -> i32,
>;

/// Steps until the first of: a time, rest, a root of a function of the host, the end of a budget of seconds. The
/// state is then that of a whole step, and can be stepped on.
///
/// At rest means that the rate of change is below the tolerance relative to the fastest that the flow has had,
/// and that the flow would change by less than that part of its size in as long a time as it has taken so far;
/// or that a step moves no more than what its minimiser leaves. A root is located to 1e-7 of a step, by steps of
/// other lengths from the state before it, and the state is that of just after it.
///
/// @param[in]  solver     alive, with an energy and an initial condition
/// @param[in]  time       reached exactly, not before the time reached; or INFINITY, for none
/// @param[in]  rest       tolerance of rest, below 1; 0 for none
/// @param[in]  seconds    by the clock, after which no step is begun, above 0; or INFINITY, for none
/// @param[in]  n          points at which the function looks at u; may be 0
/// @param[in]  x          [n][d], row-major, finite, in the user's unit of length; may be NULL, for none
/// @param[in]  event      the function; may be NULL, for none. Used during this call only.
/// @param[in]  user_data  handed to `event`; may be NULL
/// @param[out] ended      receives MOV_ENDED_TIME, _REST, _EVENT or _SECONDS; may be NULL
///
/// Collective with a communicator, where the clock, the points and the function of rank 0 count. Returns as
/// `mov_solver_step`, `MOV_ERROR_ARGUMENT` also if nothing is given that ends the run, what the function
/// answered, and `MOV_ERROR_NOT_FINITE` if it gave no number. On failure the solver is at its last whole step.
///
/// Threads: any, one call at a time on one handle. Callbacks are called on the calling thread.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments)] // what may end a run, each for itself
pub unsafe extern "C" fn mov_solver_run(
    solver: *mut mov_solver,
    time: f64,
    rest: f64,
    seconds: f64,
    n: u64,
    x: *const f64,
    event: mov_event_fn,
    user_data: *mut c_void,
    ended: *mut i32,
) -> i32 {
    let user_data = UserData::new(user_data);
    guard::status(|| {
        let how = collective(solver, "run", |solver| {
            let d = solver.domain().dimension();
            // SAFETY: the array has this shape, says the header.
            let x = unsafe { argument::array(x, n, d, "x") }?;
            let ask = |function: unsafe extern "C" fn(_, _, _, _, _, _, _, _) -> i32| {
                move |time: f64, energy: f64, u: &[f64]| {
                    let mut value = f64::NAN;
                    let (at, values) = (x.as_ptr(), u.as_ptr());
                    // SAFETY: x is [n][d] and u [n][c]; what the function does is the host's affair.
                    callback::call(|| unsafe {
                        let place = &raw mut value;
                        function(
                            time,
                            energy,
                            n,
                            d as u64,
                            at,
                            values,
                            place,
                            user_data.get(),
                        )
                    })
                    .map_err(|e| e.context("the function that ends the run"))?;
                    Ok(value)
                }
            };
            let mut function = event.map(ask);
            let event = function.as_mut().map(|function| Event { x, function });
            solver.run(Until {
                time,
                rest,
                seconds,
                event,
            })
        })?;
        if !ended.is_null() {
            // SAFETY: `ended` is a place for a number, says the header.
            *unsafe { argument::place(ended, "ended") }? = match how {
                Ended::Time => MOV_ENDED_TIME,
                Ended::Rest => MOV_ENDED_REST,
                Ended::Event => MOV_ENDED_EVENT,
                Ended::Seconds => MOV_ENDED_SECONDS,
            };
        }
        Ok(())
    })
}
