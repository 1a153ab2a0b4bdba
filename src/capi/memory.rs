//! States in memory, and copies of solvers.

use super::{guard, handle, mov_solver};
use crate::solver::{SavedState, Solver};

/// The state of a solver between two steps, in memory.
#[derive(Debug)]
pub struct mov_state {
    _opaque: [u8; 0],
}

handle::declare!(mov_state, SavedState, 5);

/// Saves the state of a solver in memory: the field, the time, and all that steps depend on, tau and the
/// options among it. A step from it leads to the same bits each time, as implicit coupling needs that takes
/// a window of time again. It costs the memory of the state and no computation.
///
/// @param[in]  solver  alive, with an initial condition
///
/// Returns a handle, or NULL with the reason in `mov_last_error`. The caller frees it with `mov_state_free`;
/// it outlives the solver. Functions of the host that the solver calls must live as long.
///
/// Threads: any, beside others that look.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_save_state(solver: *const mov_solver) -> *mut mov_state {
    guard::handle(|| {
        let state = handle::look(solver, "solver", Solver::save_state)?;
        handle::create(state)
    })
}

/// Goes back, or on, to a state that was saved of this solver or of a clone. It can be restored again.
///
/// @param[in]  solver  alive
/// @param[in]  state   alive
///
/// With a communicator it is collective, and each rank restores what it saved. Returns `MOV_OK`,
/// `MOV_ERROR_ARGUMENT` if the state is of another solver, or `MOV_ERROR_HANDLE`. On failure the solver
/// stays as it was.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_restore_state(
    solver: *mut mov_solver,
    state: *const mov_state,
) -> i32 {
    guard::status(|| {
        handle::with(solver, "solver", |solver| {
            handle::with(state, "state", |state| solver.restore_state(state))
        })
    })
}

/// Frees a state.
///
/// @param[in]  state  may be NULL, which does nothing. A handle that is not alive is left alone
///                    and noted in `mov_last_error`.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn mov_state_free(state: *mut mov_state) {
    guard::nothing(|| handle::free(state, "state"));
}

/// A solver of its own that goes on from the same state to the same bits, with threads of its own and
/// without progress callback. Energies and functions of the host are shared: they are called by both.
///
/// @param[in]  solver  alive; with or without initial condition
///
/// Returns a handle, or NULL with the reason in `mov_last_error`: `MOV_ERROR_STATE` of a solver with a
/// communicator. The caller frees it with `mov_solver_free`.
///
/// Threads: any, beside others that look; the two may then run in separate threads, if what they
/// call may.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_clone(solver: *const mov_solver) -> *mut mov_solver {
    guard::handle(|| {
        let copy = handle::look(solver, "solver", Solver::try_clone)?;
        handle::create(copy)
    })
}
