//! Energies: plugins and callbacks of the host.

use super::callback::{self, UserData};
use super::{argument, guard, handle};
use crate::energy::{Batch, Derivatives, Energy, EnergyDensity, SuppliedDerivatives, Traits};
use crate::error::{Error, ErrorKind, Result};
use std::ffi::{c_char, c_void};
use std::path::Path;
use std::ptr::{null, null_mut};
use std::sync::Arc;

/// One term of the energy F, with its parameters.
#[derive(Debug)]
pub struct mov_energy {
    _opaque: [u8; 0],
}

handle::declare!(mov_energy, Energy, 2);

/// The callback's density depends on p = grad u.
pub const MOV_USES_GRADIENT: u32 = 1;
/// The callback's density depends on x explicitly.
pub const MOV_USES_POSITION: u32 = 2;
/// The callback's density is convex in (u, p) at every x, and every t.
pub const MOV_CONVEX: u32 = 8;
/// The callback's kernel, or its density of several components or of second derivatives, depends on t explicitly.
pub const MOV_USES_TIME: u32 = 16;

/// A density f(x, u, p), p = grad u, and its first derivatives at n points in dimension d.
///
/// @param[in]  n          points
/// @param[in]  d          the dimension
/// @param[in]  x          [n][d], positions
/// @param[in]  u          [n], values there
/// @param[in]  p          [n][d], gradients of u; may be NULL, and is unless the energy was made with
///                        MOV_USES_GRADIENT
/// @param[out] f          [n], receives the density; may be NULL, where it is not wanted
/// @param[out] f_u        [n], receives df/du; may be NULL, where it is not wanted
/// @param[out] f_p        [n][d], receives df/dp; may be NULL, where it is not wanted; wanted only with
///                        MOV_USES_GRADIENT
/// @param[in]  user_data  as it was handed over
///
/// Arrays are row-major, belong to the library and are valid during the call.
///
/// Returns 0, a value above 0 if the step may succeed when it is made smaller (the caller gets
/// MOV_TRY_AGAIN), or a value below 0 if not (MOV_ERROR_CALLBACK). It is called on the thread that
/// calls the library, never on another, and must not leave by an exception, longjmp or pthread_exit.
pub type mov_energy_fn = Option<
    unsafe extern "C" fn(
        n: u64,
        d: u64,
        x: *const f64,
        u: *const f64,
        p: *const f64,
        f: *mut f64,
        f_u: *mut f64,
        f_p: *mut f64,
        user_data: *mut c_void,
    ) -> i32,
>;

/// A density f(t, x, u, p) that depends on time, and its first derivatives; the other arguments are
/// those of `mov_energy_fn`.
///
/// @param[in]  t          the time, of all points. Calls come for the times of the stages of a scheme,
///                        in any order and more than once: f is a function of t as it is of x.
/// @param[in]  n          points
/// @param[in]  d          the dimension
/// @param[in]  x          [n][d], positions
/// @param[in]  u          [n], values there
/// @param[in]  p          [n][d], gradients of u; may be NULL, and is unless the energy was made with
///                        MOV_USES_GRADIENT
/// @param[out] f          [n], receives the density; may be NULL, where it is not wanted
/// @param[out] f_u        [n], receives df/du; may be NULL, where it is not wanted
/// @param[out] f_p        [n][d], receives df/dp; may be NULL, where it is not wanted; wanted only with
///                        MOV_USES_GRADIENT
/// @param[in]  user_data  as it was handed over
///
/// Returns and threads: as `mov_energy_fn`.
pub type mov_energy_in_time_fn = Option<
    unsafe extern "C" fn(
        t: f64,
        n: u64,
        d: u64,
        x: *const f64,
        u: *const f64,
        p: *const f64,
        f: *mut f64,
        f_u: *mut f64,
        f_p: *mut f64,
        user_data: *mut c_void,
    ) -> i32,
>;

/// The energy of a plugin by its id, such as "dirichlet", the Dirichlet energy kappa/2 int |grad u|^2 (values on the
/// boundary are given by `mov_solver_set_dirichlet`). Plugins are looked for in the folders
/// of the environment variable MOVIMENTO_PLUGIN_PATH (separated by colons), in the folder
/// `movimento/plugins` beside the library, and beside the library.
///
/// @param[in]  id  lower case letters, digits and '-'
///
/// Returns a handle, or NULL with the reason in `mov_last_error`: the folders searched, the ids
/// found, the files refused. The caller frees it with `mov_energy_free`.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_energy_create(id: *const c_char) -> *mut mov_energy {
    guard::handle(|| {
        // SAFETY: the id is a text, says the header.
        let id = unsafe { argument::text(id, "id") }?;
        handle::create(Energy::plugin(id)?)
    })
}

/// The energy of the plugin in a file. A plugin is loaded once, and never unloaded.
///
/// @param[in]  path  of the shared object, absolute or relative to the working directory
/// @param[in]  id    which of its energies; may be NULL, for its first
///
/// Returns a handle, or NULL with the reason in `mov_last_error`. The caller frees it with
/// `mov_energy_free`.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_energy_create_from_file(
    path: *const c_char,
    id: *const c_char,
) -> *mut mov_energy {
    guard::handle(|| {
        // SAFETY: the path is a text, says the header.
        let path = unsafe { argument::text(path, "path") }?;
        // SAFETY: the id is a text or NULL, says the header.
        let id = unsafe { argument::optional_text(id, "id") }?;
        handle::create(Energy::from_file(Path::new(path), id)?)
    })
}

/// The energy int f(x, u, grad u) dx with the density f given by a callback. Its second
/// derivatives, which a step needs for its direction only, are taken as differences.
///
/// @param[in]  name       for messages and reports; copied
/// @param[in]  function   the density; not NULL
/// @param[in]  flags      an or of MOV_USES_GRADIENT, MOV_USES_POSITION and MOV_CONVEX
/// @param[in]  user_data  handed to `function`; may be NULL. It must stay valid until the energy
///                        and every solver that it was added to are freed.
///
/// Returns a handle, or NULL with the reason in `mov_last_error`. The caller frees it with
/// `mov_energy_free`.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_energy_create_callback(
    name: *const c_char,
    function: mov_energy_fn,
    flags: u32,
    user_data: *mut c_void,
) -> *mut mov_energy {
    guard::handle(|| {
        // SAFETY: the name is a text, says the header.
        let name = unsafe { argument::text(name, "name") }?;
        let function = function.map(Function::Plain);
        CallbackDensity::energy(name, function, 1, flags, UserData::new(user_data))
    })
}

/// The energy int f(t, x, u, grad u) dx with a density f that depends on time. The flow is
/// du/dt = -grad F(t, u); schemes keep their order, each stage taking f at its own time. Not for
/// `transport` = w2gn, which refuses it.
///
/// @param[in]  name       for messages and reports; copied
/// @param[in]  function   the density; not NULL
/// @param[in]  flags      an or of MOV_USES_GRADIENT, MOV_USES_POSITION and MOV_CONVEX
/// @param[in]  user_data  handed to `function`; may be NULL. It must stay valid until the energy
///                        and every solver that it was added to are freed.
///
/// Returns a handle, or NULL with the reason in `mov_last_error`. The caller frees it with
/// `mov_energy_free`.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_energy_create_callback_in_time(
    name: *const c_char,
    function: mov_energy_in_time_fn,
    flags: u32,
    user_data: *mut c_void,
) -> *mut mov_energy {
    guard::handle(|| {
        // SAFETY: the name is a text, says the header.
        let name = unsafe { argument::text(name, "name") }?;
        let function = function.map(Function::InTime);
        CallbackDensity::energy(name, function, 1, flags, UserData::new(user_data))
    })
}

/// Sets a parameter of a plugin's energy.
///
/// @param[in]  energy     alive
/// @param[in]  parameter  its name, see `mov_plugin_describe`
/// @param[in]  value      finite and in the parameter's range
///
/// Returns `MOV_OK`, `MOV_ERROR_OPTION` if there is no such parameter or the value does not fit,
/// `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`. On failure the parameter stays as it was. Solvers
/// that the energy was added to before keep the former value.
///
/// Threads: any, one call at a time on one handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_energy_set_real(
    energy: *mut mov_energy,
    parameter: *const c_char,
    value: f64,
) -> i32 {
    guard::status(|| {
        // SAFETY: the parameter's name is a text, says the header.
        let parameter = unsafe { argument::text(parameter, "parameter") }?;
        handle::with(energy, "energy", |energy| energy.set(parameter, &[value]))
    })
}

/// Sets a parameter that takes several numbers; otherwise as `mov_energy_set_real`.
///
/// @param[in]  n       how many numbers; at least 1
/// @param[in]  values  [n], each finite and in the parameter's range; copied
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_energy_set_reals(
    energy: *mut mov_energy,
    parameter: *const c_char,
    n: u64,
    values: *const f64,
) -> i32 {
    guard::status(|| {
        // SAFETY: the parameter's name is a text, says the header.
        let parameter = unsafe { argument::text(parameter, "parameter") }?;
        // SAFETY: the array has n numbers, says the header.
        let values = unsafe { argument::array(values, n, 1, "values") }?;
        handle::with(energy, "energy", |energy| energy.set(parameter, values))
    })
}

/// Frees an energy. Solvers that it was added to keep their own copy.
///
/// @param[in]  energy  may be NULL, which does nothing. A handle that is not alive is left alone
///                     and noted in `mov_last_error`.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn mov_energy_free(energy: *mut mov_energy) {
    guard::nothing(|| handle::free(energy, "energy"));
}

/// A density of the host.
pub(super) struct CallbackDensity {
    function: Function,
    components: usize,
    flags: u32,
    user_data: UserData,
}

/// What the host gave: of a scalar with time or without, of several components, or of second derivatives.
pub(super) enum Function {
    Plain(
        unsafe extern "C" fn(
            u64,
            u64,
            *const f64,
            *const f64,
            *const f64,
            *mut f64,
            *mut f64,
            *mut f64,
            *mut c_void,
        ) -> i32,
    ),
    InTime(
        unsafe extern "C" fn(
            f64,
            u64,
            u64,
            *const f64,
            *const f64,
            *const f64,
            *mut f64,
            *mut f64,
            *mut f64,
            *mut c_void,
        ) -> i32,
    ),
    System(
        unsafe extern "C" fn(
            f64,
            u64,
            u64,
            u64,
            *const f64,
            *const f64,
            *const f64,
            *mut f64,
            *mut f64,
            *mut f64,
            *mut c_void,
        ) -> i32,
    ),
    Hessian(
        unsafe extern "C" fn(
            f64,
            u64,
            u64,
            *const f64,
            *const f64,
            *const f64,
            *const f64,
            *mut f64,
            *mut f64,
            *mut f64,
            *mut f64,
            *mut c_void,
        ) -> i32,
    ),
}

impl CallbackDensity {
    /// The energy of a density of so many components.
    pub(super) fn energy(
        name: &str,
        function: Option<Function>,
        components: usize,
        flags: u32,
        user_data: UserData,
    ) -> Result<*mut mov_energy> {
        let function = function
            .ok_or_else(|| Error::argument("argument `function` is NULL; accepted is a density"))?;
        // Those of a scalar's values and slopes have a kind for time.
        let (time, and_time) = match function {
            Function::System(_) | Function::Hessian(_) => {
                (MOV_USES_TIME, format!(", MOV_USES_TIME ({MOV_USES_TIME})"))
            }
            Function::Plain(_) | Function::InTime(_) => (0, String::new()),
        };
        if flags & !(MOV_USES_GRADIENT | MOV_USES_POSITION | time | MOV_CONVEX) != 0 {
            return Err(Error::argument(format!(
                "argument `flags` is {flags}; accepted is an or of MOV_USES_GRADIENT ({MOV_USES_GRADIENT}), \
                 MOV_USES_POSITION ({MOV_USES_POSITION}){and_time} and MOV_CONVEX ({MOV_CONVEX})"
            )));
        }
        let callback = Self {
            function,
            components,
            flags,
            user_data,
        };
        handle::create(Energy::from_density(name, Arc::new(callback)))
    }
}

impl EnergyDensity for CallbackDensity {
    fn traits(&self) -> Traits {
        Traits {
            uses_gradient: self.flags & MOV_USES_GRADIENT != 0,
            uses_hessian: matches!(self.function, Function::Hessian(_)),
            uses_position: self.flags & MOV_USES_POSITION != 0,
            uses_time: match self.function {
                Function::Plain(_) => false,
                Function::InTime(_) => true,
                Function::System(_) | Function::Hessian(_) => self.flags & MOV_USES_TIME != 0,
            },
            convex: self.flags & MOV_CONVEX != 0,
            caller_thread_only: true,
            derivatives: SuppliedDerivatives::ValueAndSlopes,
        }
    }

    fn components(&self) -> usize {
        self.components
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        if batch.c != self.components {
            return Err(Error::internal(
                "a density is asked for of another number of components",
            ));
        }
        batch.check(wanted)?;
        let mut wanted = wanted.reborrow();
        wanted.settle_zeros(self.traits());
        let beyond = wanted.f_x.is_some() || wanted.f_uu.is_some();
        let of_hessian = wanted.f_uh.is_some() || wanted.f_ph.is_some() || wanted.f_hh.is_some();
        if beyond || of_hessian || wanted.f_up.is_some() || wanted.f_pp.is_some() {
            let why = "a callback was asked for derivatives that it does not give";
            return Err(Error::new(ErrorKind::Internal, why));
        }
        if self.traits().uses_hessian && batch.h.is_empty() && batch.n() > 0 {
            return Err(Error::internal(
                "a density of second derivatives is asked for without them",
            ));
        }
        callback::require_callers_thread()?;
        if batch.n() == 0 || wanted.is_empty() {
            return Ok(());
        }
        let gradient = self.traits().uses_gradient;
        let place = |array: Option<&mut [f64]>| array.map_or(null_mut(), <[f64]>::as_mut_ptr);
        let (n, d, c) = (batch.n() as u64, batch.d as u64, batch.c as u64);
        let (x, u) = (batch.x.as_ptr(), batch.u.as_ptr());
        let p = if gradient { batch.p.as_ptr() } else { null() };
        let (f, f_u, f_p) = (place(wanted.f), place(wanted.f_u), place(wanted.f_p));
        let (h, f_h) = (batch.h.as_ptr(), place(wanted.f_h));
        let data = self.user_data.get();
        let t = if self.traits().uses_time {
            batch.t
        } else {
            0.0
        };
        // SAFETY: every array has the shape that n, d and c say, checked above, and the outputs are
        // exclusive borrows. What the function does is the host's affair.
        callback::call(|| unsafe {
            match self.function {
                Function::Plain(function) => function(n, d, x, u, p, f, f_u, f_p, data),
                Function::InTime(function) => function(t, n, d, x, u, p, f, f_u, f_p, data),
                Function::System(function) => function(t, n, d, c, x, u, p, f, f_u, f_p, data),
                Function::Hessian(function) => {
                    function(t, n, d, x, u, p, h, f, f_u, f_p, f_h, data)
                }
            }
        })
    }
}
