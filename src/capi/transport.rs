//! What can be asked of a flow in Wasserstein space.

use super::solver::get;
use super::{argument, guard, handle, mov_solver};

/// The transport map at labels: where the mass that was at `x` in the beginning is now.
///
/// @param[in]  solver  alive, with the option `flow` = wasserstein and an initial condition
/// @param[in]  n       labels; 0 is legal and does nothing
/// @param[in]  x       [n][d], row-major, finite, in the user's unit of length
/// @param[out] y       [n][d], receives where they are
///
/// The arrays belong to the caller and do not overlap. Returns `MOV_OK`, `MOV_ERROR_ARGUMENT`,
/// `MOV_ERROR_STATE` for another flow or without initial condition, or `MOV_ERROR_HANDLE`.
///
/// Threads: any, beside others that look.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_push_forward(
    solver: *const mov_solver,
    n: u64,
    x: *const f64,
    y: *mut f64,
) -> i32 {
    guard::status(|| {
        handle::look(solver, "solver", |solver| {
            let d = solver.domain().dimension();
            let size = argument::length::<f64>(n, d, "x")?;
            argument::disjoint(&[("x", x, size), ("y", y, size)])?;
            // SAFETY: the arrays have these shapes, says the header, and do not overlap.
            let (x, y) = unsafe {
                (
                    argument::array(x, n, d, "x")?,
                    argument::array_mut(y, n, d, "y")?,
                )
            };
            solver.push_forward(x, y)
        })
    })
}

/// The velocity `-grad (dF/drho)` with which the mass at given points moves; 0 where there is none, and NaN
/// where the map is not known to take a label there.
///
/// @param[in]  solver    alive, with the option `flow` = wasserstein and an initial condition
/// @param[in]  n         points; 0 is legal and does nothing
/// @param[in]  y         [n][d], row-major, finite, in the user's unit of length
/// @param[out] velocity  [n][d], receives the velocities, in the user's unit of length by that of
///                       time
///
/// The arrays belong to the caller and do not overlap. Returns as `mov_solver_push_forward`, and what
/// went wrong in an energy or in the callback of the initial density.
///
/// Threads: any, beside others that look. Callbacks are called on the calling thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_velocity(
    solver: *const mov_solver,
    n: u64,
    y: *const f64,
    velocity: *mut f64,
) -> i32 {
    guard::status(|| {
        handle::look(solver, "solver", |solver| {
            let d = solver.domain().dimension();
            let size = argument::length::<f64>(n, d, "y")?;
            argument::disjoint(&[("y", y, size), ("velocity", velocity, size)])?;
            // SAFETY: the arrays have these shapes, says the header, and do not overlap.
            let (y, velocity) = unsafe {
                (
                    argument::array(y, n, d, "y")?,
                    argument::array_mut(velocity, n, d, "velocity")?,
                )
            };
            solver.velocity(y, velocity)
        })
    })
}

/// Mean and covariance of the density, from the independent labels.
///
/// @param[in]  solver      alive, with the option `flow` = wasserstein and an initial condition
/// @param[out] mean        [d], receives the mean
/// @param[out] covariance  [d][d], receives the covariance; may be NULL, if it is not wanted
///
/// Returns as `mov_solver_push_forward`.
///
/// Threads: any, beside others that look.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_moments(
    solver: *const mov_solver,
    mean: *mut f64,
    covariance: *mut f64,
) -> i32 {
    guard::status(|| {
        handle::look(solver, "solver", |solver| {
            let d = solver.domain().dimension();
            argument::disjoint(&[("mean", mean, d), ("covariance", covariance, d * d)])?;
            let (first, second) = solver.moments()?;
            // SAFETY: the arrays have these shapes, says the header, and do not overlap.
            let (mean, covariance) = unsafe {
                (
                    argument::array_mut(mean, 1, d, "mean")?,
                    (!covariance.is_null())
                        .then(|| argument::array_mut(covariance, 1, d * d, "covariance")),
                )
            };
            if let Some(covariance) = covariance.transpose()? {
                covariance.copy_from_slice(&second);
            }
            mean.copy_from_slice(&first);
            Ok(())
        })
    })
}

/// `int rho ln rho`, minus the entropy, from the independent labels.
///
/// @param[in]  solver   alive, with the option `flow` = wasserstein and an initial condition
/// @param[out] entropy  receives it
///
/// Returns as `mov_solver_push_forward`.
///
/// Threads: any, beside others that look.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_entropy(solver: *const mov_solver, entropy: *mut f64) -> i32 {
    guard::status(|| {
        // SAFETY: the place is one for a number, says the header.
        unsafe { get(solver, entropy, "entropy", crate::Solver::entropy) }
    })
}

/// Quantiles of one coordinate of the mass, from 16,384 labels: to about one part in ten thousand of
/// the mass.
///
/// @param[in]  solver       alive, with the option `flow` = wasserstein and an initial condition
/// @param[in]  axis         which coordinate, from 0
/// @param[in]  n            quantiles
/// @param[in]  probability  [n], each from 0 to 1
/// @param[out] quantile     [n], receives the values below which such a part of the mass lies
///
/// The arrays belong to the caller and do not overlap. Returns as `mov_solver_push_forward`.
///
/// Threads: any, beside others that look.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_quantiles(
    solver: *const mov_solver,
    axis: u64,
    n: u64,
    probability: *const f64,
    quantile: *mut f64,
) -> i32 {
    guard::status(|| {
        handle::look(solver, "solver", |solver| {
            let size = argument::length::<f64>(n, 1, "probability")?;
            argument::disjoint(&[
                ("probability", probability, size),
                ("quantile", quantile, size),
            ])?;
            // SAFETY: the arrays have these shapes, says the header, and do not overlap.
            let (probability, quantile) = unsafe {
                (
                    argument::array(probability, n, 1, "probability")?,
                    argument::array_mut(quantile, n, 1, "quantile")?,
                )
            };
            let axis = usize::try_from(axis).unwrap_or(usize::MAX);
            quantile.copy_from_slice(&solver.quantiles(axis, probability)?);
            Ok(())
        })
    })
}
