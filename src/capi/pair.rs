//! Interactions whose kernel is a callback of the host.

use super::callback::{self, UserData};
use super::energy::MOV_USES_TIME;
use super::{argument, guard, handle, mov_energy};
use crate::energy::{Energy, PairBatch, PairKernel};
use crate::error::{Error, Result};
use std::ffi::{c_char, c_void};
use std::ptr::null_mut;
use std::sync::Arc;

/// A kernel W(x, y) = W(y, x), or W(t, x, y), and its gradient in x at n pairs of points in dimension d.
///
/// @param[in]  t          the time, of all pairs; of use with MOV_USES_TIME only
/// @param[in]  n          pairs
/// @param[in]  d          the dimension
/// @param[in]  x          [n][d], first points
/// @param[in]  y          [n][d], second points
/// @param[out] w          [n], receives W(x, y); may be NULL, where it is not wanted
/// @param[out] w_x        [n][d], receives the gradient of W(x, y) in x; may be NULL, where it is not
///                        wanted
/// @param[in]  user_data  as it was handed over
///
/// Pairs with x = y occur: the density is carried by points with masses, each of which meets itself.
/// There the gradient is 0, and where W is infinite it is to be 0 too. What a kernel that is infinite there
/// does within the share of each point is found from W at points nearby, which it is asked for too, as of a
/// function of x - y. Numbers that are not finite are refused with the pair.
///
/// Returns and threads: as `mov_energy_fn`.
pub type mov_pair_fn = Option<
    unsafe extern "C" fn(
        t: f64,
        n: u64,
        d: u64,
        x: *const f64,
        y: *const f64,
        w: *mut f64,
        w_x: *mut f64,
        user_data: *mut c_void,
    ) -> i32,
>;

/// The interaction 1/2 int int W(x, y) rho(x) rho(y) dx dy with the kernel given by a callback, for
/// flows in Wasserstein space; in L2 it is refused.
///
/// @param[in]  name       for messages and reports; copied
/// @param[in]  function   the kernel, even: W(x, y) = W(y, x); not NULL
/// @param[in]  flags      0, or MOV_USES_TIME if W depends on t
/// @param[in]  user_data  handed to `function`; may be NULL. It must stay valid until the energy
///                        and every solver that it was added to are freed.
///
/// Returns a handle, or NULL with the reason in `mov_last_error`. The caller frees it with
/// `mov_energy_free`.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_energy_create_pair_callback(
    name: *const c_char,
    function: mov_pair_fn,
    flags: u32,
    user_data: *mut c_void,
) -> *mut mov_energy {
    guard::handle(|| {
        // SAFETY: the name is a text, says the header.
        let name = unsafe { argument::text(name, "name") }?;
        let function = function
            .ok_or_else(|| Error::argument("argument `function` is NULL; accepted is a kernel"))?;
        if flags & !MOV_USES_TIME != 0 {
            return Err(Error::argument(format!(
                "argument `flags` is {flags}; accepted is 0 or MOV_USES_TIME ({MOV_USES_TIME})"
            )));
        }
        let kernel = CallbackKernel {
            function,
            uses_time: flags & MOV_USES_TIME != 0,
            user_data: UserData::new(user_data),
        };
        handle::create(Energy::from_kernel(name, Arc::new(kernel)))
    })
}

/// A kernel of the host.
struct CallbackKernel {
    function: unsafe extern "C" fn(
        f64,
        u64,
        u64,
        *const f64,
        *const f64,
        *mut f64,
        *mut f64,
        *mut c_void,
    ) -> i32,
    uses_time: bool,
    user_data: UserData,
}

impl PairKernel for CallbackKernel {
    fn uses_time(&self) -> bool {
        self.uses_time
    }

    fn caller_thread_only(&self) -> bool {
        true
    }

    fn evaluate(
        &self,
        batch: &PairBatch<'_>,
        w: Option<&mut [f64]>,
        w_x: Option<&mut [f64]>,
    ) -> Result<()> {
        batch.check(w.as_deref(), w_x.as_deref())?;
        if batch.n() == 0 || (w.is_none() && w_x.is_none()) {
            return Ok(());
        }
        let place = |array: Option<&mut [f64]>| array.map_or(null_mut(), <[f64]>::as_mut_ptr);
        let (w, w_x) = (place(w), place(w_x));
        // SAFETY: every array has the shape that n and d say, checked above, and the outputs are
        // exclusive borrows. What the function does is the host's affair.
        callback::call(|| unsafe {
            (self.function)(
                batch.t,
                batch.n() as u64,
                batch.d as u64,
                batch.x.as_ptr(),
                batch.y.as_ptr(),
                w,
                w_x,
                self.user_data.get(),
            )
        })
    }
}
