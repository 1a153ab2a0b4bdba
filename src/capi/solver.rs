//! A solver's life and its steps.

use super::{argument, guard, handle, mov_energy, mov_options};
use crate::error::Result;
use crate::solver::Solver;

/// A gradient flow that is being solved.
#[derive(Debug)]
pub struct mov_solver {
    _opaque: [u8; 0],
}

handle::declare!(mov_solver, Solver, 3);

/// A solver for the problem that the options describe.
///
/// @param[in]  options  alive; copied, so that it can be changed and freed afterwards
///
/// Returns a handle, or NULL with the reason in `mov_last_error`. The caller frees it with
/// `mov_solver_free`. Separate solvers share nothing.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_create(options: *const mov_options) -> *mut mov_solver {
    guard::handle(|| {
        let options = handle::with(options, "options", |options| Ok(options.clone()))?;
        handle::create(Solver::new(&options)?)
    })
}

/// Frees a solver. If another call is using it, it is gone when that call returns.
///
/// @param[in]  solver  may be NULL, which does nothing. A handle that is not alive is left alone
///                     and noted in `mov_last_error`.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_free(solver: *mut mov_solver) {
    guard::nothing(|| handle::free(solver, "solver"));
}

/// Adds a term to F, the sum of all energies added. Terms can be added until the first step, and
/// with `transport` = dual or collocation, or the library's choice of them, until the initial
/// condition.
///
/// @param[in]  solver  alive
/// @param[in]  energy  alive; copied with its parameters as they are now
///
/// Returns `MOV_OK`, `MOV_ERROR_PLUGIN` if the plugin refuses its parameters or lacks a
/// capability that the flow needs, `MOV_ERROR_STATE` after the first step, or
/// `MOV_ERROR_HANDLE`. On failure the solver stays as it was.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_add_energy(solver: *mut mov_solver, energy: *const mov_energy) -> i32 {
    guard::status(|| {
        handle::with(solver, "solver", |solver| {
            handle::with(energy, "energy", |energy| solver.add_energy(energy))
        })
    })
}

/// One time step.
///
/// @param[in]  solver  alive, with an energy and an initial condition
///
/// Returns `MOV_OK`, a recoverable status above 0 (`MOV_NOT_CONVERGED`, `MOV_CANCELLED`,
/// `MOV_TRY_AGAIN`, `MOV_ENERGY_INCREASE`), `MOV_ERROR_STATE` if an energy or the initial
/// condition is missing, or what went wrong in an energy (`MOV_ERROR_PLUGIN`,
/// `MOV_ERROR_CALLBACK`, `MOV_ERROR_NOT_FINITE`). On failure the solver is what it was before.
///
/// Threads: any, one call at a time on one handle. Callbacks are called on the calling thread.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_step(solver: *mut mov_solver) -> i32 {
    guard::status(|| handle::with(solver, "solver", Solver::step))
}

/// One time step of a length that is given for this step only; otherwise as `mov_solver_step`. With the option
/// `step_tolerance` as many steps as it takes to go on by this time.
///
/// @param[in]  tau  in the range of the option `tau`; that of the solver stays
///
/// Returns also `MOV_ERROR_OPTION` if it is out of range.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_step_by(solver: *mut mov_solver, tau: f64) -> i32 {
    guard::status(|| handle::with(solver, "solver", |solver| solver.step_by(tau)))
}

/// Steps until a time, the last step shortened to end there exactly.
///
/// @param[in]  solver  alive, with an energy and an initial condition
/// @param[in]  time    in the unit of time of `tau`; not before the time reached
///
/// Returns as `mov_solver_step`, and `MOV_ERROR_ARGUMENT` for a time that is past or not finite.
/// On failure the solver is at its last whole step.
///
/// Threads: any, one call at a time on one handle. Callbacks are called on the calling thread.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_step_to(solver: *mut mov_solver, time: f64) -> i32 {
    guard::status(|| collective(solver, "step_to", |solver| solver.step_to(time)))
}

/// The time reached; 0 before the first step.
///
/// @param[in]  solver  alive
/// @param[out] time    receives it, in the unit of time of `tau`
///
/// Returns `MOV_OK`, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`.
///
/// Threads: any, beside others that look.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_get_time(solver: *const mov_solver, time: *mut f64) -> i32 {
    // SAFETY: `time` is a place for a number, says the header.
    guard::status(|| unsafe { get(solver, time, "time", |solver| Ok(solver.time())) })
}

/// How many steps were taken; otherwise as `mov_solver_get_time`.
///
/// @param[out] steps  receives it
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_get_steps(solver: *const mov_solver, steps: *mut u64) -> i32 {
    // SAFETY: `steps` is a place for a number, says the header.
    guard::status(|| unsafe { get(solver, steps, "steps", |solver| Ok(solver.steps())) })
}

/// The components of the field u, as the option `components` says; otherwise as `mov_solver_get_time`.
///
/// @param[out] components  receives c
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_get_components(
    solver: *const mov_solver,
    components: *mut u64,
) -> i32 {
    // SAFETY: `components` is a place for a number, says the header.
    guard::status(|| unsafe {
        get(solver, components, "components", |solver| {
            Ok(solver.components() as u64)
        })
    })
}

/// The time step that the next step takes; otherwise as `mov_solver_get_time`.
///
/// @param[out] tau  receives it
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_get_tau(solver: *const mov_solver, tau: *mut f64) -> i32 {
    // SAFETY: `tau` is a place for a number, says the header.
    guard::status(|| unsafe { get(solver, tau, "tau", |solver| Ok(solver.tau())) })
}

/// Changes the time step from the next step on.
///
/// @param[in]  solver  alive
/// @param[in]  tau     in the range of the option `tau`
///
/// Returns `MOV_OK`, `MOV_ERROR_OPTION` if it is out of range, or `MOV_ERROR_HANDLE`. On failure
/// it stays as it was.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_set_tau(solver: *mut mov_solver, tau: f64) -> i32 {
    guard::status(|| handle::with(solver, "solver", |solver| solver.set_tau(tau)))
}

/// Changes options from the next step on, such as those that a refused step advises to change.
///
/// Of the options that `mov_options_describe` calls `live` any may change: tolerances, iterations, `effort`,
/// `tau`, and of a field `nodes` and `hidden`. Another `hidden` takes a fit of the new network to the
/// present field, to the option `fit_accept`; figure `fit_relative_error` of the report tells how well it
/// did. A snapshot holds the options as they are when it is written. Collective with a communicator.
///
/// @param[in]  solver   alive
/// @param[in]  options  those that the solver was made with, or last given here, but for the ones that
///                      change; copied
///
/// Returns `MOV_OK`, `MOV_ERROR_OPTION` if another option differs, if options do not go together, or
/// for `nodes` and `hidden` of a flow in Wasserstein space, which keeps them, `MOV_ERROR_HANDLE`, or
/// what fits of initial conditions return. On failure the solver stays as it was.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_set_options(
    solver: *mut mov_solver,
    options: *const mov_options,
) -> i32 {
    guard::status(|| {
        let options = handle::with(options, "options", |options| Ok(options.clone()))?;
        handle::with(solver, "solver", |solver| solver.set_options(&options))
    })
}

/// Lets all ranks work on their solvers: what fails on one, an argument say, fails on all.
pub fn collective<R>(
    solver: *const mov_solver,
    name: &'static str,
    act: impl FnOnce(&mut Solver) -> Result<R>,
) -> Result<R> {
    handle::with(solver, "solver", |solver| solver.collectively(name, act))
}

/// A call of all ranks that only looks at the solver: beside others that look, unless it is one of several ranks.
pub fn together<R>(
    solver: *const mov_solver,
    name: &'static str,
    act: impl FnOnce(&Solver) -> Result<R>,
) -> Result<R> {
    match handle::look(solver, "solver", |solver| Ok(solver.ranks().are_alone()))? {
        true => handle::look(solver, "solver", act),
        false => collective(solver, name, |solver| act(solver)),
    }
}

/// Writes one fact about a solver to a place of the caller's.
///
/// # Safety
/// `place` is NULL or a place for a `T`.
pub unsafe fn get<T>(
    solver: *const mov_solver,
    place: *mut T,
    name: &str,
    fact: impl FnOnce(&Solver) -> Result<T>,
) -> Result<()> {
    // SAFETY: as this function's.
    let place = unsafe { argument::place(place, name) }?;
    *place = handle::look(solver, "solver", |solver| fact(solver))?;
    Ok(())
}

/// The same of a fact that all ranks find together.
///
/// # Safety
/// As [`get`].
pub unsafe fn get_together<T>(
    solver: *const mov_solver,
    call: &'static str,
    place: *mut T,
    name: &str,
    fact: impl FnOnce(&Solver) -> Result<T>,
) -> Result<()> {
    together(solver, call, |solver| {
        // SAFETY: as this function's.
        let place = unsafe { argument::place(place, name) }?;
        *place = fact(solver)?;
        Ok(())
    })
}
