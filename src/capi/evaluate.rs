//! Looking at the solution: values, gradients, energies, the network's parameters.

use super::solver::{get, get_together};
use super::{argument, guard, handle, mov_solver};
use crate::solver::Wanted;
use std::ffi::c_char;

/// u and, when wanted, grad u at points. Outside the domain the network is evaluated all the same, and the
/// values mean nothing.
///
/// @param[in]  solver  alive, with an initial condition
/// @param[in]  n       points; 0 is legal and does nothing
/// @param[in]  x       [n][d], row-major, finite, in the user's unit of length
/// @param[out] u       [n][c], receives the values, c the option `components`
/// @param[out] grad    [n][c][d], receives the gradients; may be NULL, if they are not wanted
///
/// The arrays belong to the caller and do not overlap. Returns `MOV_OK`, `MOV_ERROR_ARGUMENT`,
/// `MOV_ERROR_STATE` if there is no initial condition yet, or `MOV_ERROR_HANDLE`.
///
/// Threads: any, beside others that look.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_evaluate(
    solver: *const mov_solver,
    n: u64,
    x: *const f64,
    u: *mut f64,
    grad: *mut f64,
) -> i32 {
    guard::status(|| {
        handle::look(solver, "solver", |solver| {
            let (c, d) = (solver.components(), solver.domain().dimension());
            let points = argument::length::<f64>(n, d, "x")?;
            argument::disjoint(&[
                ("x", x, points),
                ("u", u, argument::length::<f64>(n, c, "u")?),
                ("grad", grad, argument::length::<f64>(n, c * d, "grad")?),
            ])?;
            // SAFETY: the arrays have these shapes, says the header, and do not overlap.
            let (x, u, grad) = unsafe {
                (
                    argument::array(x, n, d, "x")?,
                    argument::array_mut(u, n, c, "u")?,
                    (!grad.is_null()).then(|| argument::array_mut(grad, n, c * d, "grad")),
                )
            };
            solver.evaluate(x, u, grad.transpose()?)
        })
    })
}

/// All that is wanted of u at points at once: u, its gradient, its second derivatives and du/dt. What is NULL
/// is not computed.
///
/// Outside the domain the network is evaluated all the same, and the values mean nothing. Second derivatives
/// of a density in Wasserstein space are differences of its gradient. There du/dt is div(rho grad dF/drho), with
/// `flow` = wfr less what dies: of a flow by potentials with the derivatives of the potential, 0 beyond the box that
/// holds the mass; of a transport map by differences of the flux rho grad dF/drho, to about 1e-7 of its largest value,
/// which do not see an edge of the mass that is closer than 1e-3 of its width.
///
/// @param[in]  solver     alive, with an initial condition; for du/dt with an energy
/// @param[in]  n          points; 0 is legal and does nothing
/// @param[in]  x          [n][d], row-major, finite, in the user's unit of length
/// @param[out] u          [n][c], receives the values, c the option `components`; may be NULL
/// @param[out] grad       [n][c][d], receives the gradients; may be NULL
/// @param[out] hessian    [n][c][d][d], receives the second derivatives; may be NULL
/// @param[out] laplacian  [n][c], receives their trace; may be NULL
/// @param[out] rate       [n][c], receives du/dt = -grad F(u), in strong form: what flows through the boundary is
///                        no part of it; may be NULL
///
/// The arrays belong to the caller and do not overlap. Returns `MOV_OK`, `MOV_ERROR_ARGUMENT`,
/// `MOV_ERROR_STATE` if there is no initial condition yet, or for du/dt of a transport map with an energy of grad rho or
/// an interaction that is not smooth at x = y, of particles whose density is not known, and with `transport` = w2gn,
/// what went wrong in an energy, or `MOV_ERROR_HANDLE`.
///
/// Threads: any, beside others that look. Callbacks are called on the calling thread.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments)] // an array for each
pub unsafe extern "C" fn mov_solver_evaluate_all(
    solver: *const mov_solver,
    n: u64,
    x: *const f64,
    u: *mut f64,
    grad: *mut f64,
    hessian: *mut f64,
    laplacian: *mut f64,
    rate: *mut f64,
) -> i32 {
    guard::status(|| {
        handle::look(solver, "solver", |solver| {
            let (c, d) = (solver.components(), solver.domain().dimension());
            let all = [
                ("u", u, c),
                ("grad", grad, c * d),
                ("hessian", hessian, c * d * d),
                ("laplacian", laplacian, c),
                ("rate", rate, c),
            ];
            let mut arrays = vec![("x", x, argument::length::<f64>(n, d, "x")?)];
            for (name, array, width) in all {
                let size = argument::length::<f64>(n, width, name)?;
                arrays.push((name, array.cast_const(), size));
            }
            argument::disjoint(&arrays)?;
            // SAFETY: the array has this shape, says the header.
            let x = unsafe { argument::array(x, n, d, "x") }?;
            let mut taken = Vec::with_capacity(all.len());
            for (name, array, width) in all {
                // SAFETY: the arrays have these shapes, says the header, and do not overlap.
                let array = (!array.is_null())
                    .then(|| unsafe { argument::array_mut(array, n, width, name) });
                taken.push(array.transpose()?);
            }
            let mut taken = taken.into_iter();
            let mut next = || taken.next().flatten();
            let wanted = Wanted {
                u: next(),
                grad: next(),
                hessian: next(),
                laplacian: next(),
                rate: next(),
            };
            solver.evaluate_all(x, wanted)
        })
    })
}

/// u at points at a time in the last step: dense output, to third order in the step.
///
/// It is the parabola in time through the values at both ends with du/dt at the later one, of a step that was taken in
/// parts or adapts for each part. Of a density it is that of ln rho, so that rho is positive, though its mass is 1 to
/// third order only; to second order where du/dt is not known (`mov_solver_evaluate_all`), and where the edge of the mass
/// passes the point in the step the line through both values of rho.
///
/// @param[in]  solver  alive, after a step, and not after a hand-over; of a flow in Wasserstein space that was restored
///                     from a file, after the next step
/// @param[in]  time    from the beginning of the last step to the time reached; if a field was restored from a file after
///                     a step in parts, of its last part
/// @param[in]  n       points; 0 is legal and does nothing
/// @param[in]  x       [n][d], row-major, finite, in the user's unit of length
/// @param[out] u       [n][c], receives the values
///
/// The arrays belong to the caller and do not overlap. Returns `MOV_OK`, `MOV_ERROR_ARGUMENT`,
/// `MOV_ERROR_STATE` if the last step is not known, what went wrong in an energy, or `MOV_ERROR_HANDLE`.
///
/// Threads: any, beside others that look. Callbacks are called on the calling thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_evaluate_between(
    solver: *const mov_solver,
    time: f64,
    n: u64,
    x: *const f64,
    u: *mut f64,
) -> i32 {
    guard::status(|| {
        handle::look(solver, "solver", |solver| {
            let (c, d) = (solver.components(), solver.domain().dimension());
            let points = argument::length::<f64>(n, d, "x")?;
            let values = argument::length::<f64>(n, c, "u")?;
            argument::disjoint(&[("x", x, points), ("u", u, values)])?;
            // SAFETY: the arrays have these shapes, says the header, and do not overlap.
            let (x, u) = unsafe {
                (
                    argument::array(x, n, d, "x")?,
                    argument::array_mut(u, n, c, "u")?,
                )
            };
            solver.evaluate_between(time, x, u)
        })
    })
}

/// The energy F(u), the sum of all terms, on the independent nodes.
///
/// @param[in]  solver  alive, with an energy and an initial condition
/// @param[out] total   receives it
///
/// Returns `MOV_OK`, `MOV_ERROR_STATE` if an energy or the initial condition is missing, what went
/// wrong in an energy, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`.
///
/// Threads: any, beside others that look. Callbacks are called on the calling thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_energy(solver: *const mov_solver, total: *mut f64) -> i32 {
    // SAFETY: `total` is a place for a number, says the header.
    guard::status(|| unsafe {
        get_together(solver, "energies", total, "total", crate::Solver::energy)
    })
}

/// How many energies were added.
///
/// @param[in]  solver  alive
/// @param[out] count   receives it
///
/// Returns `MOV_OK`, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`.
///
/// Threads: any, beside others that look.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_energy_count(
    solver: *const mov_solver,
    count: *mut u64,
) -> i32 {
    // SAFETY: `count` is a place for a number, says the header.
    guard::status(|| unsafe {
        get(solver, count, "count", |solver| {
            Ok(solver.energy_names().len() as u64)
        })
    })
}

/// The name of an energy: the plugin's id, or the name that a callback was given.
///
/// @param[in]  solver  alive
/// @param[in]  index   counts from 0 in the order in which energies were added
/// @param[out] buffer  receives the text and its NUL; may be NULL, to ask for the size alone
/// @param[in]  size    bytes in `buffer`; too few are MOV_ERROR_ARGUMENT, and nothing is written
///                     there
/// @param[out] needed  receives the bytes that the text needs with its NUL; may be NULL
///
/// Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` or `MOV_ERROR_HANDLE`.
///
/// Threads: any, beside others that look.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_energy_name(
    solver: *const mov_solver,
    index: u64,
    buffer: *mut c_char,
    size: u64,
    needed: *mut u64,
) -> i32 {
    guard::status(|| {
        let name = handle::look(solver, "solver", |solver| {
            solver.energy_name(index).map(str::to_owned)
        })?;
        // SAFETY: buffer and size belong together, says the header.
        unsafe { argument::put_text(&name, buffer, size, needed) }
    })
}

/// One term of F(u), on the independent nodes; otherwise as `mov_solver_energy`.
///
/// @param[in]  index  counts from 0 in the order in which energies were added
/// @param[out] value  receives it
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_energy_term(
    solver: *const mov_solver,
    index: u64,
    value: *mut f64,
) -> i32 {
    // SAFETY: `value` is a place for a number, says the header.
    guard::status(|| unsafe {
        get_together(solver, "energies", value, "value", |solver| {
            solver.energy_term(index)
        })
    })
}

/// How many parameters the network has.
///
/// @param[in]  solver  alive
/// @param[out] count   receives it
///
/// Returns `MOV_OK`, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`.
///
/// Threads: any, beside others that look.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_parameter_count(
    solver: *const mov_solver,
    count: *mut u64,
) -> i32 {
    // SAFETY: `count` is a place for a number, says the header.
    guard::status(|| unsafe {
        get(solver, count, "count", |solver| {
            Ok(solver.parameters().len() as u64)
        })
    })
}

/// The parameters of the network: layer after layer, weights before biases.
///
/// @param[in]  solver  alive
/// @param[in]  count   what `mov_solver_parameter_count` says
/// @param[out] values  [count], receives them
///
/// Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` or `MOV_ERROR_HANDLE`.
///
/// Threads: any, beside others that look.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_parameters(
    solver: *const mov_solver,
    count: u64,
    values: *mut f64,
) -> i32 {
    guard::status(|| {
        handle::look(solver, "solver", |solver| {
            // SAFETY: the array has `count` numbers, says the header.
            let values = unsafe { argument::array_mut(values, count, 1, "values") }?;
            solver.copy_parameters(values)
        })
    })
}
