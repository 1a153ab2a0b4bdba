//! Initial densities of flows in Wasserstein space.

use super::callback::{self, UserData};
use super::initial::mov_value_fn;
use super::solver::collective;
use super::{argument, guard, mov_solver};
use crate::error::{Error, Result};
use crate::initial::Initial;
use crate::initial::profile::{Barenblatt, Mixture, OnBox, Particles, Profile};
use crate::solver::Solver;
use std::ffi::c_void;
use std::sync::Arc;

fn start(solver: &mut Solver, profile: impl Profile + 'static) -> Result<()> {
    solver.set_initial(Initial::Density(Arc::new(profile)))
}

/// Starts a flow in Wasserstein space from a Gaussian, or a mixture of them. Time starts at 0 again.
///
/// @param[in]  solver      alive, with the option `flow` = wasserstein
/// @param[in]  k           Gaussians, at least 1
/// @param[in]  share       [k], their masses, positive and of sum 1; may be NULL, for equal ones
/// @param[in]  mean        [k][d], in the user's unit of length
/// @param[in]  covariance  [k][d][d], symmetric and positive definite, in its square
///
/// The arrays are read during the call. Returns `MOV_OK`, `MOV_ERROR_ARGUMENT`, `MOV_ERROR_STATE` for
/// another flow, or `MOV_ERROR_HANDLE`. On failure the solver stays as it was.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_set_initial_gaussians(
    solver: *mut mov_solver,
    k: u64,
    share: *const f64,
    mean: *const f64,
    covariance: *const f64,
) -> i32 {
    guard::status(|| {
        collective(solver, "set_initial", |solver| {
            let d = solver.domain().dimension();
            // SAFETY: the arrays have these shapes, says the header.
            let (share, mean, covariance) = unsafe {
                (
                    (!share.is_null()).then(|| argument::array(share, k, 1, "share")),
                    argument::array(mean, k, d, "mean")?,
                    argument::array(covariance, k, d * d, "covariance")?,
                )
            };
            let mixture = match share.transpose()? {
                Some(share) => Mixture::new(d, share, mean, covariance),
                None => Mixture::of_equal_shares(d, mean, covariance),
            };
            start(solver, mixture?)
        })
    })
}

/// Starts a flow in Wasserstein space from the source solution of the porous medium equation
/// (Barenblatt's; equation 4.6 of the paper), of mass 1 and about the origin. Time starts at 0 again.
///
/// @param[in]  solver  alive, with the option `flow` = wasserstein
/// @param[in]  m       the exponent of the equation, above 1
/// @param[in]  t       the time since all mass was at the origin, positive
///
/// Returns as `mov_solver_set_initial_gaussians`.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_set_initial_barenblatt(
    solver: *mut mov_solver,
    m: f64,
    t: f64,
) -> i32 {
    guard::status(|| {
        collective(solver, "set_initial", |solver| {
            let d = solver.domain().dimension();
            start(solver, Barenblatt::new(d, m, t)?)
        })
    })
}

/// Starts a flow in Wasserstein space from a density that a callback gives on the box of `lower` and
/// `upper`; beyond it there is none. Time starts at 0 again.
///
/// @param[in]  solver     alive, with the option `flow` = wasserstein
/// @param[in]  density    rho_0 of the points, not negative, of mass 1 within 1e-2, to which it is
///                        scaled; not NULL. Used during this call, by `mov_solver_evaluate` and for
///                        snapshots, and in each step with random labels.
/// @param[in]  user_data  handed to `density`; may be NULL. It must stay valid until the solver is
///                        freed or gets another initial condition.
///
/// Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` if a value is negative or not finite or the mass is not 1,
/// `MOV_ERROR_STATE` for another flow, what the callback answered, or `MOV_ERROR_HANDLE`. On failure
/// the solver stays as it was.
///
/// Threads: any, one call at a time on one handle. The callback is called on the calling thread.
#[unsafe(no_mangle)]
pub extern "C" fn mov_solver_set_initial_density(
    solver: *mut mov_solver,
    density: mov_value_fn,
    user_data: *mut c_void,
) -> i32 {
    let user_data = UserData::new(user_data);
    guard::status(|| {
        collective(solver, "set_initial", |solver| {
            let density = density.ok_or_else(|| {
                Error::argument(
                    "argument `density` is NULL; accepted is a function that gives rho_0",
                )
            })?;
            let d = solver.domain().dimension() as u64;
            let ask = move |x: &[f64], rho: &mut [f64]| -> Result<()> {
                let n = rho.len() as u64;
                // SAFETY: x is [n][d] and rho [n]; what the function does is the host's affair.
                callback::call(|| unsafe {
                    density(n, d, x.as_ptr(), rho.as_mut_ptr(), user_data.get())
                })
                .map_err(|e| e.context("initial density"))
            };
            let profile = OnBox::new(solver.domain().as_box(), Arc::new(ask))?;
            start(solver, profile)
        })
    })
}

/// Starts a flow in Wasserstein space from particles of the host, which stay its labels. Time starts
/// at 0 again. The density is known where the particles are and nowhere else, so
/// `mov_solver_evaluate` fails; `mov_solver_push_forward` and `mov_solver_moments` do not need it.
///
/// @param[in]  solver  alive, with the option `flow` = wasserstein
/// @param[in]  n       particles, at least as many as the network has parameters, divided by d
/// @param[in]  x       [n][d], row-major, positions
/// @param[in]  w       [n], masses, positive and of sum 1 within 1e-2, to which they are scaled;
///                     may be NULL, for equal ones
/// @param[in]  rho     [n], the density at the particles, positive
/// @param[in]  score   [n][d], the gradient of its logarithm there; may be NULL, if it is not
///                     known, and steps are then posed in weak form (option `form`), whose sampling
///                     error is larger
///
/// The arrays are read during the call. Returns as `mov_solver_set_initial_gaussians`.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_set_initial_particles(
    solver: *mut mov_solver,
    n: u64,
    x: *const f64,
    w: *const f64,
    rho: *const f64,
    score: *const f64,
) -> i32 {
    guard::status(|| {
        collective(solver, "set_initial", |solver| {
            let d = solver.domain().dimension();
            // SAFETY: the arrays have these shapes, says the header.
            let (x, w, rho, score) = unsafe {
                (
                    argument::array(x, n, d, "x")?,
                    (!w.is_null()).then(|| argument::array(w, n, 1, "w")),
                    argument::array(rho, n, 1, "rho")?,
                    (!score.is_null()).then(|| argument::array(score, n, d, "score")),
                )
            };
            let (w, score) = (w.transpose()?, score.transpose()?);
            let all = Particles::of_ranks(solver.ranks(), d, x, w, rho, score)?;
            start(solver, all)
        })
    })
}
