//! Ranks: solvers of several processes that work on one problem.

use super::callback::{self, UserData};
use super::{guard, handle, mov_solver};
use crate::communicator::Communicator;
use crate::error::{Error, Result};
use std::ffi::c_void;

/// A collective operation on n numbers, `values` [n], in place: every rank calls the same one at the same
/// time with the same n. What it does, see `mov_solver_set_communicator`. The array belongs to the
/// library and is valid during the call.
///
/// Returns 0, or another value if it failed: the call that needed it then returns MOV_ERROR_CALLBACK on
/// every rank. It is called on the thread that calls the library, never on another, and must not leave
/// by an exception, longjmp or pthread_exit.
pub type mov_collective_fn =
    Option<unsafe extern "C" fn(n: u64, values: *mut f64, user_data: *mut c_void) -> i32>;

/// Splits the nodes of a solver among ranks, such as processes of MPI (`movimento_mpi.h` does this call
/// for an MPI_Comm). Every rank makes a solver of its own with the same options (but for `threads`) and the
/// same energies, and calls this before the initial condition and before `mov_solver_set_nodes`,
/// `mov_solver_set_boundary` and what is posed on the boundary.
///
/// The answer does not depend on the number of ranks but for rounding: sums over nodes are taken in the
/// same order on 1, 2, 4 and 8 ranks. On other numbers, and without a communicator, the order is another one,
/// and the fit of the initial condition lets the rounding grow, up to `fit_tolerance`.
///
/// From then on these calls are collective, that is, all ranks make them in the same order with the same
/// arguments, and get the same status; what fails on one rank, a callback, an argument or a cancelled
/// progress, fails on all, and the message names the rank:
/// - this one;
/// - `mov_solver_add_boundary_energy` and `mov_solver_set_dirichlet`;
/// - `mov_solver_set_nodes`, `mov_solver_set_boundary`, `mov_solver_set_initial_values` and
///   `mov_solver_set_initial_particles`, for which each rank gives its own points, perhaps none;
/// - the other `mov_solver_set_initial_*`; of `mov_solver_set_initial_callback` each rank's functions are
///   asked for its own points, unless there is the option `initial_smoothing`;
/// - `mov_solver_set_state_*` and `mov_solver_add_increment_*`, as `mov_solver_set_initial_values` and
///   `_callback`, `mov_solver_set_time`, `mov_solver_set_parameters` and `mov_solver_restore_state`;
/// - `mov_solver_step`, `mov_solver_step_by`, `mov_solver_step_to` and `mov_solver_run`;
/// - `mov_solver_energy`, `mov_solver_energy_term`, `mov_solver_write_snapshot`, `mov_writer_create` and
///   `mov_writer_write`, whose files rank 0 writes, and `mov_solver_restore`, whose file it reads.
///
/// All others are local: `mov_solver_evaluate`, reports and what is asked of densities. Progress is told
/// on every rank that asked for it. Handles must be alive: a freed one is noticed on its rank alone.
///
/// @param[in]  solver     alive, without an initial condition; with the option `transport` = map
///                        where `flow` = wasserstein
/// @param[in]  rank       this rank, from 0
/// @param[in]  size       how many ranks there are; with 1 the functions are not called
/// @param[in]  sum        replaces each number by its sum over the ranks; the sums need not have
///                        the same bits on every rank; not NULL
/// @param[in]  max        replaces each number by the largest of the ranks; not NULL
/// @param[in]  broadcast  replaces the numbers by those of rank 0; not NULL
/// @param[in]  user_data  handed to the three; may be NULL. It must stay valid until the solver is
///                        freed.
///
/// Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` if there is no such rank or a function does not do what it
/// should, `MOV_ERROR_STATE` if it comes too late or a second time, `MOV_ERROR_OPTION` for `transport` =
/// w2gn, `MOV_ERROR_CALLBACK` if a function fails, or `MOV_ERROR_HANDLE`. On failure the solver stays as
/// it was.
///
/// Threads: any, one call at a time on one handle. The functions are called on the calling thread.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_set_communicator(
    solver: *mut mov_solver,
    rank: i32,
    size: i32,
    sum: mov_collective_fn,
    max: mov_collective_fn,
    broadcast: mov_collective_fn,
    user_data: *mut c_void,
) -> i32 {
    let user_data = UserData::new(user_data);
    guard::status(|| {
        let (Ok(rank), Ok(size)) = (usize::try_from(rank), usize::try_from(size)) else {
            return Err(Error::argument(format!(
                "`rank` is {rank} and `size` {size}; accepted are ranks from 0 to below the size"
            )));
        };
        let there = |function: mov_collective_fn, name: &str| {
            let message = format!("argument `{name}` is NULL; accepted is a function");
            function
                .map(|_| function)
                .ok_or_else(|| Error::argument(message))
        };
        let communicator = Host {
            rank,
            size,
            sum: there(sum, "sum")?,
            max: there(max, "max")?,
            broadcast: there(broadcast, "broadcast")?,
            user_data,
        };
        handle::with(solver, "solver", |solver| {
            solver.set_communicator(Box::new(communicator))
        })
    })
}

/// The functions of the host.
struct Host {
    rank: usize,
    size: usize,
    sum: mov_collective_fn,
    max: mov_collective_fn,
    broadcast: mov_collective_fn,
    user_data: UserData,
}

impl Host {
    fn run(&self, name: &str, function: mov_collective_fn, values: &mut [f64]) -> Result<()> {
        callback::require_callers_thread()?;
        let Some(function) = function else {
            return Err(Error::callback(format!(
                "`{name}` is NULL; accepted is a function"
            )));
        };
        let n = values.len() as u64;
        // SAFETY: the array has n numbers; what the function does is the host's affair.
        match unsafe { function(n, values.as_mut_ptr(), self.user_data.get()) } {
            0 => Ok(()),
            status => Err(Error::callback(format!(
                "`{name}` of {n} numbers returned {status}; 0 is success"
            ))),
        }
    }
}

impl Communicator for Host {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.size
    }

    fn sum(&self, values: &mut [f64]) -> Result<()> {
        self.run("sum", self.sum, values)
    }

    fn max(&self, values: &mut [f64]) -> Result<()> {
        self.run("max", self.max, values)
    }

    fn broadcast(&self, values: &mut [f64]) -> Result<()> {
        self.run("broadcast", self.broadcast, values)
    }
}
