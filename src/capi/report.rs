//! What the last step, the initial fit and the last hand-over report.

use super::solver::get;
use super::{argument, guard, mov_solver};
use crate::report;
use std::ffi::c_char;

/// One figure about the last step, the initial fit or the last hand-over.
///
/// @param[in]  solver  alive, with an initial condition
/// @param[in]  key     which figure, see `mov_report_describe`
/// @param[out] value   receives it; counts are given as floating-point numbers
///
/// Returns `MOV_OK`, `MOV_ERROR_OPTION` if there is no such figure, `MOV_ERROR_STATE` if nothing
/// has been done yet that it describes, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`.
///
/// Threads: any, beside others that look.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_solver_report(
    solver: *const mov_solver,
    key: *const c_char,
    value: *mut f64,
) -> i32 {
    guard::status(|| {
        // SAFETY: the key is a text, says the header.
        let key = unsafe { argument::text(key, "key") }?;
        // SAFETY: `value` is a place for a number, says the header.
        unsafe {
            get(solver, value, "value", |solver| {
                report::figure(
                    key,
                    solver.report(),
                    solver.fit_report(),
                    solver.hand_over_report(),
                )
            })
        }
    })
}

/// Every figure that `mov_solver_report` knows, as a JSON array of objects with `name` and `help`.
///
/// @param[out] buffer  receives the text and its NUL; may be NULL, to ask for the size alone
/// @param[in]  size    bytes in `buffer`; too few are MOV_ERROR_ARGUMENT, and nothing is written
///                     there
/// @param[out] needed  receives the bytes that the text needs with its NUL; may be NULL
///
/// Returns `MOV_OK` or `MOV_ERROR_ARGUMENT`.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_report_describe(
    buffer: *mut c_char,
    size: u64,
    needed: *mut u64,
) -> i32 {
    // SAFETY: buffer and size belong together, says the header.
    guard::status(|| unsafe { argument::put_text(&report::describe(), buffer, size, needed) })
}
