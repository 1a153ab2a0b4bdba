"""The functions of the library, as the C header declares them.

Generated from include/movimento.h by bindings/python/generate.py: do not edit.

Pointers are addresses: a number, None for NULL, or what ctypes makes of a variable or buffer. Names and
texts are bytes. Calls through `ctypes.CDLL` let go of the interpreter's lock; callbacks take it again.
"""

# ruff: noqa: E501

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, Final, TypeAlias

Address: TypeAlias = Any

MOV_ABI_VERSION: Final = 1
MOV_OK: Final = 0
MOV_NOT_CONVERGED: Final = 1
MOV_CANCELLED: Final = 2
MOV_TRY_AGAIN: Final = 3
MOV_ENERGY_INCREASE: Final = 4
MOV_ERROR_ARGUMENT: Final = -1
MOV_ERROR_OPTION: Final = -2
MOV_ERROR_HANDLE: Final = -3
MOV_ERROR_STATE: Final = -4
MOV_ERROR_PLUGIN: Final = -5
MOV_ERROR_CALLBACK: Final = -6
MOV_ERROR_FILE: Final = -7
MOV_ERROR_NOT_FINITE: Final = -8
MOV_ERROR_MEMORY: Final = -9
MOV_ERROR_INTERNAL: Final = -10
MOV_USES_GRADIENT: Final = 1
MOV_USES_POSITION: Final = 2
MOV_CONVEX: Final = 8
MOV_USES_TIME: Final = 16
MOV_ENDED_TIME: Final = 1
MOV_ENDED_REST: Final = 2
MOV_ENDED_EVENT: Final = 3
MOV_ENDED_SECONDS: Final = 4
MOV_ALL_SIDES: Final = -1
MOV_USES_VALUE: Final = 32
MOV_LOG_OFF: Final = 0
MOV_LOG_ERROR: Final = 1
MOV_LOG_WARN: Final = 2
MOV_LOG_INFO: Final = 3
MOV_LOG_DEBUG: Final = 4
MOV_LOG_TRACE: Final = 5

# int32_t (*mov_energy_fn)(uint64_t n, uint64_t d, const double *x, const double *u, const double *p, double *f, double *f_u, double *f_p, void *user_data)
mov_energy_fn = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
# int32_t (*mov_energy_in_time_fn)(double t, uint64_t n, uint64_t d, const double *x, const double *u, const double *p, double *f, double *f_u, double *f_p, void *user_data)
mov_energy_in_time_fn = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_double, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
# int32_t (*mov_pair_fn)(double t, uint64_t n, uint64_t d, const double *x, const double *y, double *w, double *w_x, void *user_data)
mov_pair_fn = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_double, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
# int32_t (*mov_system_fn)(double t, uint64_t n, uint64_t d, uint64_t c, const double *x, const double *u, const double *p, double *f, double *f_u, double *f_p, void *user_data)
mov_system_fn = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_double, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
# int32_t (*mov_hessian_fn)(double t, uint64_t n, uint64_t d, const double *x, const double *u, const double *p, const double *h, double *f, double *f_u, double *f_p, double *f_h, void *user_data)
mov_hessian_fn = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_double, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
# int32_t (*mov_source_fn)(double t, uint64_t n, uint64_t d, const double *x, double *s, void *user_data)
mov_source_fn = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_double, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
# int32_t (*mov_event_fn)(double time, double energy, uint64_t n, uint64_t d, const double *x, const double *u, double *value, void *user_data)
mov_event_fn = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_double, ctypes.c_double, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
# int32_t (*mov_collective_fn)(uint64_t n, double *values, void *user_data)
mov_collective_fn = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p)
# int32_t (*mov_inside_fn)(uint64_t n, uint64_t d, const double *x, int32_t *inside, void *user_data)
mov_inside_fn = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
# int32_t (*mov_boundary_value_fn)(double t, uint64_t n, uint64_t d, const double *x, double *g, void *user_data)
mov_boundary_value_fn = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_double, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
# int32_t (*mov_mobility_fn)(double t, uint64_t n, uint64_t d, const double *x, const double *u, double *m, void *user_data)
mov_mobility_fn = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_double, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
# int32_t (*mov_bounds_fn)(uint64_t n, uint64_t d, const double *x, double *lower, double *upper, void *user_data)
mov_bounds_fn = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
# int32_t (*mov_function_of_integral_fn)(double integral, double *phi, void *user_data)
mov_function_of_integral_fn = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_double, ctypes.c_void_p, ctypes.c_void_p)
# int32_t (*mov_value_fn)(uint64_t n, uint64_t d, const double *x, double *u, void *user_data)
mov_value_fn = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
# int32_t (*mov_gradient_fn)(uint64_t n, uint64_t d, const double *x, double *grad, void *user_data)
mov_gradient_fn = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
# int32_t (*mov_field_fn)(uint64_t n, uint64_t d, const double *x, const double *u, double *values, void *user_data)
mov_field_fn = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
# int32_t (*mov_progress_fn)(int32_t fitting, uint64_t step, double time, uint64_t iteration, double objective, void *user_data)
mov_progress_fn = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_int32, ctypes.c_uint64, ctypes.c_double, ctypes.c_uint64, ctypes.c_double, ctypes.c_void_p)
# void (*mov_log_fn)(int32_t level, const char *message, void *user_data)
mov_log_fn = ctypes.CFUNCTYPE(None, ctypes.c_int32, ctypes.c_char_p, ctypes.c_void_p)


class Functions:
    """Every function of a library that was loaded, with its types."""

    def __init__(self, library: ctypes.CDLL) -> None:
        # const char *mov_last_error(void)
        self.mov_last_error: Callable[[], bytes | None] = library.mov_last_error
        library.mov_last_error.restype = ctypes.c_char_p
        library.mov_last_error.argtypes = []
        # int32_t mov_last_status(void)
        self.mov_last_status: Callable[[], int] = library.mov_last_status
        library.mov_last_status.restype = ctypes.c_int32
        library.mov_last_status.argtypes = []
        # const char *mov_version(void)
        self.mov_version: Callable[[], bytes | None] = library.mov_version
        library.mov_version.restype = ctypes.c_char_p
        library.mov_version.argtypes = []
        # int32_t mov_abi_version(void)
        self.mov_abi_version: Callable[[], int] = library.mov_abi_version
        library.mov_abi_version.restype = ctypes.c_int32
        library.mov_abi_version.argtypes = []
        # mov_options *mov_options_create(void)
        self.mov_options_create: Callable[[], int | None] = library.mov_options_create
        library.mov_options_create.restype = ctypes.c_void_p
        library.mov_options_create.argtypes = []
        # void mov_options_free(mov_options *options)
        self.mov_options_free: Callable[[Address], None] = library.mov_options_free
        library.mov_options_free.restype = None
        library.mov_options_free.argtypes = [ctypes.c_void_p]
        # int32_t mov_options_set_real(mov_options *options, const char *name, double value)
        self.mov_options_set_real: Callable[[Address, bytes | None, float], int] = library.mov_options_set_real
        library.mov_options_set_real.restype = ctypes.c_int32
        library.mov_options_set_real.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_double]
        # int32_t mov_options_set_integer(mov_options *options, const char *name, int64_t value)
        self.mov_options_set_integer: Callable[[Address, bytes | None, int], int] = library.mov_options_set_integer
        library.mov_options_set_integer.restype = ctypes.c_int32
        library.mov_options_set_integer.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int64]
        # int32_t mov_options_set_text(mov_options *options, const char *name, const char *value)
        self.mov_options_set_text: Callable[[Address, bytes | None, bytes | None], int] = library.mov_options_set_text
        library.mov_options_set_text.restype = ctypes.c_int32
        library.mov_options_set_text.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p]
        # int32_t mov_options_set_reals(mov_options *options, const char *name, uint64_t n, const double *values)
        self.mov_options_set_reals: Callable[[Address, bytes | None, int, Address], int] = library.mov_options_set_reals
        library.mov_options_set_reals.restype = ctypes.c_int32
        library.mov_options_set_reals.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint64, ctypes.c_void_p]
        # int32_t mov_options_set_integers(mov_options *options, const char *name, uint64_t n, const int64_t *values)
        self.mov_options_set_integers: Callable[[Address, bytes | None, int, Address], int] = library.mov_options_set_integers
        library.mov_options_set_integers.restype = ctypes.c_int32
        library.mov_options_set_integers.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint64, ctypes.c_void_p]
        # int32_t mov_options_get_real(const mov_options *options, const char *name, double *value)
        self.mov_options_get_real: Callable[[Address, bytes | None, Address], int] = library.mov_options_get_real
        library.mov_options_get_real.restype = ctypes.c_int32
        library.mov_options_get_real.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        # int32_t mov_options_get_integer(const mov_options *options, const char *name, int64_t *value)
        self.mov_options_get_integer: Callable[[Address, bytes | None, Address], int] = library.mov_options_get_integer
        library.mov_options_get_integer.restype = ctypes.c_int32
        library.mov_options_get_integer.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        # int32_t mov_options_get_text(const mov_options *options, const char *name, char *buffer, uint64_t size, uint64_t *needed)
        self.mov_options_get_text: Callable[[Address, bytes | None, Address, int, Address], int] = library.mov_options_get_text
        library.mov_options_get_text.restype = ctypes.c_int32
        library.mov_options_get_text.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint64, ctypes.c_void_p]
        # int32_t mov_options_get_reals(const mov_options *options, const char *name, uint64_t capacity, double *values, uint64_t *count)
        self.mov_options_get_reals: Callable[[Address, bytes | None, int, Address, Address], int] = library.mov_options_get_reals
        library.mov_options_get_reals.restype = ctypes.c_int32
        library.mov_options_get_reals.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_options_get_integers(const mov_options *options, const char *name, uint64_t capacity, int64_t *values, uint64_t *count)
        self.mov_options_get_integers: Callable[[Address, bytes | None, int, Address, Address], int] = library.mov_options_get_integers
        library.mov_options_get_integers.restype = ctypes.c_int32
        library.mov_options_get_integers.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_options_describe(char *buffer, uint64_t size, uint64_t *needed)
        self.mov_options_describe: Callable[[Address, int, Address], int] = library.mov_options_describe
        library.mov_options_describe.restype = ctypes.c_int32
        library.mov_options_describe.argtypes = [ctypes.c_char_p, ctypes.c_uint64, ctypes.c_void_p]
        # mov_energy *mov_energy_create(const char *id)
        self.mov_energy_create: Callable[[bytes | None], int | None] = library.mov_energy_create
        library.mov_energy_create.restype = ctypes.c_void_p
        library.mov_energy_create.argtypes = [ctypes.c_char_p]
        # mov_energy *mov_energy_create_from_file(const char *path, const char *id)
        self.mov_energy_create_from_file: Callable[[bytes | None, bytes | None], int | None] = library.mov_energy_create_from_file
        library.mov_energy_create_from_file.restype = ctypes.c_void_p
        library.mov_energy_create_from_file.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
        # mov_energy *mov_energy_create_callback(const char *name, mov_energy_fn function, uint32_t flags, void *user_data)
        self.mov_energy_create_callback: Callable[[bytes | None, Address, int, Address], int | None] = library.mov_energy_create_callback
        library.mov_energy_create_callback.restype = ctypes.c_void_p
        library.mov_energy_create_callback.argtypes = [ctypes.c_char_p, mov_energy_fn, ctypes.c_uint32, ctypes.c_void_p]
        # mov_energy *mov_energy_create_callback_in_time(const char *name, mov_energy_in_time_fn function, uint32_t flags, void *user_data)
        self.mov_energy_create_callback_in_time: Callable[[bytes | None, Address, int, Address], int | None] = library.mov_energy_create_callback_in_time
        library.mov_energy_create_callback_in_time.restype = ctypes.c_void_p
        library.mov_energy_create_callback_in_time.argtypes = [ctypes.c_char_p, mov_energy_in_time_fn, ctypes.c_uint32, ctypes.c_void_p]
        # int32_t mov_energy_set_real(mov_energy *energy, const char *parameter, double value)
        self.mov_energy_set_real: Callable[[Address, bytes | None, float], int] = library.mov_energy_set_real
        library.mov_energy_set_real.restype = ctypes.c_int32
        library.mov_energy_set_real.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_double]
        # int32_t mov_energy_set_reals(mov_energy *energy, const char *parameter, uint64_t n, const double *values)
        self.mov_energy_set_reals: Callable[[Address, bytes | None, int, Address], int] = library.mov_energy_set_reals
        library.mov_energy_set_reals.restype = ctypes.c_int32
        library.mov_energy_set_reals.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint64, ctypes.c_void_p]
        # void mov_energy_free(mov_energy *energy)
        self.mov_energy_free: Callable[[Address], None] = library.mov_energy_free
        library.mov_energy_free.restype = None
        library.mov_energy_free.argtypes = [ctypes.c_void_p]
        # mov_energy *mov_energy_create_pair_callback(const char *name, mov_pair_fn function, uint32_t flags, void *user_data)
        self.mov_energy_create_pair_callback: Callable[[bytes | None, Address, int, Address], int | None] = library.mov_energy_create_pair_callback
        library.mov_energy_create_pair_callback.restype = ctypes.c_void_p
        library.mov_energy_create_pair_callback.argtypes = [ctypes.c_char_p, mov_pair_fn, ctypes.c_uint32, ctypes.c_void_p]
        # mov_energy *mov_energy_create_system(const char *name, mov_system_fn function, uint64_t components, uint32_t flags, void *user_data)
        self.mov_energy_create_system: Callable[[bytes | None, Address, int, int, Address], int | None] = library.mov_energy_create_system
        library.mov_energy_create_system.restype = ctypes.c_void_p
        library.mov_energy_create_system.argtypes = [ctypes.c_char_p, mov_system_fn, ctypes.c_uint64, ctypes.c_uint32, ctypes.c_void_p]
        # mov_energy *mov_energy_create_with_hessian(const char *name, mov_hessian_fn function, uint32_t flags, void *user_data)
        self.mov_energy_create_with_hessian: Callable[[bytes | None, Address, int, Address], int | None] = library.mov_energy_create_with_hessian
        library.mov_energy_create_with_hessian.restype = ctypes.c_void_p
        library.mov_energy_create_with_hessian.argtypes = [ctypes.c_char_p, mov_hessian_fn, ctypes.c_uint32, ctypes.c_void_p]
        # int32_t mov_plugin_describe(const char *what, char *buffer, uint64_t size, uint64_t *needed)
        self.mov_plugin_describe: Callable[[bytes | None, Address, int, Address], int] = library.mov_plugin_describe
        library.mov_plugin_describe.restype = ctypes.c_int32
        library.mov_plugin_describe.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint64, ctypes.c_void_p]
        # mov_solver *mov_solver_create(const mov_options *options)
        self.mov_solver_create: Callable[[Address], int | None] = library.mov_solver_create
        library.mov_solver_create.restype = ctypes.c_void_p
        library.mov_solver_create.argtypes = [ctypes.c_void_p]
        # void mov_solver_free(mov_solver *solver)
        self.mov_solver_free: Callable[[Address], None] = library.mov_solver_free
        library.mov_solver_free.restype = None
        library.mov_solver_free.argtypes = [ctypes.c_void_p]
        # int32_t mov_solver_add_energy(mov_solver *solver, const mov_energy *energy)
        self.mov_solver_add_energy: Callable[[Address, Address], int] = library.mov_solver_add_energy
        library.mov_solver_add_energy.restype = ctypes.c_int32
        library.mov_solver_add_energy.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_step(mov_solver *solver)
        self.mov_solver_step: Callable[[Address], int] = library.mov_solver_step
        library.mov_solver_step.restype = ctypes.c_int32
        library.mov_solver_step.argtypes = [ctypes.c_void_p]
        # int32_t mov_solver_step_by(mov_solver *solver, double tau)
        self.mov_solver_step_by: Callable[[Address, float], int] = library.mov_solver_step_by
        library.mov_solver_step_by.restype = ctypes.c_int32
        library.mov_solver_step_by.argtypes = [ctypes.c_void_p, ctypes.c_double]
        # int32_t mov_solver_step_to(mov_solver *solver, double time)
        self.mov_solver_step_to: Callable[[Address, float], int] = library.mov_solver_step_to
        library.mov_solver_step_to.restype = ctypes.c_int32
        library.mov_solver_step_to.argtypes = [ctypes.c_void_p, ctypes.c_double]
        # int32_t mov_solver_get_time(const mov_solver *solver, double *time)
        self.mov_solver_get_time: Callable[[Address, Address], int] = library.mov_solver_get_time
        library.mov_solver_get_time.restype = ctypes.c_int32
        library.mov_solver_get_time.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_get_steps(const mov_solver *solver, uint64_t *steps)
        self.mov_solver_get_steps: Callable[[Address, Address], int] = library.mov_solver_get_steps
        library.mov_solver_get_steps.restype = ctypes.c_int32
        library.mov_solver_get_steps.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_get_components(const mov_solver *solver, uint64_t *components)
        self.mov_solver_get_components: Callable[[Address, Address], int] = library.mov_solver_get_components
        library.mov_solver_get_components.restype = ctypes.c_int32
        library.mov_solver_get_components.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_get_tau(const mov_solver *solver, double *tau)
        self.mov_solver_get_tau: Callable[[Address, Address], int] = library.mov_solver_get_tau
        library.mov_solver_get_tau.restype = ctypes.c_int32
        library.mov_solver_get_tau.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_set_tau(mov_solver *solver, double tau)
        self.mov_solver_set_tau: Callable[[Address, float], int] = library.mov_solver_set_tau
        library.mov_solver_set_tau.restype = ctypes.c_int32
        library.mov_solver_set_tau.argtypes = [ctypes.c_void_p, ctypes.c_double]
        # int32_t mov_solver_set_options(mov_solver *solver, const mov_options *options)
        self.mov_solver_set_options: Callable[[Address, Address], int] = library.mov_solver_set_options
        library.mov_solver_set_options.restype = ctypes.c_int32
        library.mov_solver_set_options.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_add_source(mov_solver *solver, mov_source_fn function, void *user_data)
        self.mov_solver_add_source: Callable[[Address, Address, Address], int] = library.mov_solver_add_source
        library.mov_solver_add_source.restype = ctypes.c_int32
        library.mov_solver_add_source.argtypes = [ctypes.c_void_p, mov_source_fn, ctypes.c_void_p]
        # mov_state *mov_solver_save_state(const mov_solver *solver)
        self.mov_solver_save_state: Callable[[Address], int | None] = library.mov_solver_save_state
        library.mov_solver_save_state.restype = ctypes.c_void_p
        library.mov_solver_save_state.argtypes = [ctypes.c_void_p]
        # int32_t mov_solver_restore_state(mov_solver *solver, const mov_state *state)
        self.mov_solver_restore_state: Callable[[Address, Address], int] = library.mov_solver_restore_state
        library.mov_solver_restore_state.restype = ctypes.c_int32
        library.mov_solver_restore_state.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        # void mov_state_free(mov_state *state)
        self.mov_state_free: Callable[[Address], None] = library.mov_state_free
        library.mov_state_free.restype = None
        library.mov_state_free.argtypes = [ctypes.c_void_p]
        # mov_solver *mov_solver_clone(const mov_solver *solver)
        self.mov_solver_clone: Callable[[Address], int | None] = library.mov_solver_clone
        library.mov_solver_clone.restype = ctypes.c_void_p
        library.mov_solver_clone.argtypes = [ctypes.c_void_p]
        # int32_t mov_solver_run(mov_solver *solver, double time, double rest, double seconds, uint64_t n, const double *x, mov_event_fn event, void *user_data, int32_t *ended)
        self.mov_solver_run: Callable[[Address, float, float, float, int, Address, Address, Address, Address], int] = library.mov_solver_run
        library.mov_solver_run.restype = ctypes.c_int32
        library.mov_solver_run.argtypes = [ctypes.c_void_p, ctypes.c_double, ctypes.c_double, ctypes.c_double, ctypes.c_uint64, ctypes.c_void_p, mov_event_fn, ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_set_communicator(mov_solver *solver, int32_t rank, int32_t size, mov_collective_fn sum, mov_collective_fn max, mov_collective_fn broadcast, void *user_data)
        self.mov_solver_set_communicator: Callable[[Address, int, int, Address, Address, Address, Address], int] = library.mov_solver_set_communicator
        library.mov_solver_set_communicator.restype = ctypes.c_int32
        library.mov_solver_set_communicator.argtypes = [ctypes.c_void_p, ctypes.c_int32, ctypes.c_int32, mov_collective_fn, mov_collective_fn, mov_collective_fn, ctypes.c_void_p]
        # int32_t mov_solver_set_inside(mov_solver *solver, mov_inside_fn inside, void *user_data)
        self.mov_solver_set_inside: Callable[[Address, Address, Address], int] = library.mov_solver_set_inside
        library.mov_solver_set_inside.restype = ctypes.c_int32
        library.mov_solver_set_inside.argtypes = [ctypes.c_void_p, mov_inside_fn, ctypes.c_void_p]
        # int32_t mov_solver_set_nodes(mov_solver *solver, uint64_t n, const double *x, const double *w, uint64_t n_check, const double *x_check, const double *w_check)
        self.mov_solver_set_nodes: Callable[[Address, int, Address, Address, int, Address, Address], int] = library.mov_solver_set_nodes
        library.mov_solver_set_nodes.restype = ctypes.c_int32
        library.mov_solver_set_nodes.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_set_boundary(mov_solver *solver, uint64_t n, const double *x, const double *normal, const double *w)
        self.mov_solver_set_boundary: Callable[[Address, int, Address, Address, Address], int] = library.mov_solver_set_boundary
        library.mov_solver_set_boundary.restype = ctypes.c_int32
        library.mov_solver_set_boundary.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_add_boundary_energy(mov_solver *solver, const mov_energy *energy, int32_t side)
        self.mov_solver_add_boundary_energy: Callable[[Address, Address, int], int] = library.mov_solver_add_boundary_energy
        library.mov_solver_add_boundary_energy.restype = ctypes.c_int32
        library.mov_solver_add_boundary_energy.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int32]
        # int32_t mov_solver_set_dirichlet(mov_solver *solver, int32_t side, mov_boundary_value_fn value, void *user_data)
        self.mov_solver_set_dirichlet: Callable[[Address, int, Address, Address], int] = library.mov_solver_set_dirichlet
        library.mov_solver_set_dirichlet.restype = ctypes.c_int32
        library.mov_solver_set_dirichlet.argtypes = [ctypes.c_void_p, ctypes.c_int32, mov_boundary_value_fn, ctypes.c_void_p]
        # int32_t mov_solver_set_dirichlet_constant(mov_solver *solver, int32_t side, double g)
        self.mov_solver_set_dirichlet_constant: Callable[[Address, int, float], int] = library.mov_solver_set_dirichlet_constant
        library.mov_solver_set_dirichlet_constant.restype = ctypes.c_int32
        library.mov_solver_set_dirichlet_constant.argtypes = [ctypes.c_void_p, ctypes.c_int32, ctypes.c_double]
        # int32_t mov_solver_set_boundary_sides(mov_solver *solver, uint64_t n, const double *x, const double *normal, const double *w, const int32_t *side)
        self.mov_solver_set_boundary_sides: Callable[[Address, int, Address, Address, Address, Address], int] = library.mov_solver_set_boundary_sides
        library.mov_solver_set_boundary_sides.restype = ctypes.c_int32
        library.mov_solver_set_boundary_sides.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_set_mobility(mov_solver *solver, mov_mobility_fn mobility, uint32_t flags, void *user_data)
        self.mov_solver_set_mobility: Callable[[Address, Address, int, Address], int] = library.mov_solver_set_mobility
        library.mov_solver_set_mobility.restype = ctypes.c_int32
        library.mov_solver_set_mobility.argtypes = [ctypes.c_void_p, mov_mobility_fn, ctypes.c_uint32, ctypes.c_void_p]
        # int32_t mov_solver_set_bounds(mov_solver *solver, mov_bounds_fn bounds, void *user_data)
        self.mov_solver_set_bounds: Callable[[Address, Address, Address], int] = library.mov_solver_set_bounds
        library.mov_solver_set_bounds.restype = ctypes.c_int32
        library.mov_solver_set_bounds.argtypes = [ctypes.c_void_p, mov_bounds_fn, ctypes.c_void_p]
        # int32_t mov_solver_set_bounds_constant(mov_solver *solver, double lower, double upper)
        self.mov_solver_set_bounds_constant: Callable[[Address, float, float], int] = library.mov_solver_set_bounds_constant
        library.mov_solver_set_bounds_constant.restype = ctypes.c_int32
        library.mov_solver_set_bounds_constant.argtypes = [ctypes.c_void_p, ctypes.c_double, ctypes.c_double]
        # int32_t mov_solver_hold_mean(mov_solver *solver, double value)
        self.mov_solver_hold_mean: Callable[[Address, float], int] = library.mov_solver_hold_mean
        library.mov_solver_hold_mean.restype = ctypes.c_int32
        library.mov_solver_hold_mean.argtypes = [ctypes.c_void_p, ctypes.c_double]
        # int32_t mov_solver_hold_integral(mov_solver *solver, const mov_energy *energy, double value)
        self.mov_solver_hold_integral: Callable[[Address, Address, float], int] = library.mov_solver_hold_integral
        library.mov_solver_hold_integral.restype = ctypes.c_int32
        library.mov_solver_hold_integral.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_double]
        # int32_t mov_solver_add_function_of_integral(mov_solver *solver, const mov_energy *energy, mov_function_of_integral_fn function, void *user_data)
        self.mov_solver_add_function_of_integral: Callable[[Address, Address, Address, Address], int] = library.mov_solver_add_function_of_integral
        library.mov_solver_add_function_of_integral.restype = ctypes.c_int32
        library.mov_solver_add_function_of_integral.argtypes = [ctypes.c_void_p, ctypes.c_void_p, mov_function_of_integral_fn, ctypes.c_void_p]
        # int32_t mov_solver_set_initial_callback(mov_solver *solver, mov_value_fn value, mov_gradient_fn gradient, void *user_data)
        self.mov_solver_set_initial_callback: Callable[[Address, Address, Address, Address], int] = library.mov_solver_set_initial_callback
        library.mov_solver_set_initial_callback.restype = ctypes.c_int32
        library.mov_solver_set_initial_callback.argtypes = [ctypes.c_void_p, mov_value_fn, mov_gradient_fn, ctypes.c_void_p]
        # int32_t mov_solver_set_initial_values(mov_solver *solver, uint64_t n, const double *x, const double *u, const double *grad)
        self.mov_solver_set_initial_values: Callable[[Address, int, Address, Address, Address], int] = library.mov_solver_set_initial_values
        library.mov_solver_set_initial_values.restype = ctypes.c_int32
        library.mov_solver_set_initial_values.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_set_initial_named(mov_solver *solver, const char *name)
        self.mov_solver_set_initial_named: Callable[[Address, bytes | None], int] = library.mov_solver_set_initial_named
        library.mov_solver_set_initial_named.restype = ctypes.c_int32
        library.mov_solver_set_initial_named.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        # int32_t mov_solver_set_initial_gaussians(mov_solver *solver, uint64_t k, const double *share, const double *mean, const double *covariance)
        self.mov_solver_set_initial_gaussians: Callable[[Address, int, Address, Address, Address], int] = library.mov_solver_set_initial_gaussians
        library.mov_solver_set_initial_gaussians.restype = ctypes.c_int32
        library.mov_solver_set_initial_gaussians.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_set_initial_barenblatt(mov_solver *solver, double m, double t)
        self.mov_solver_set_initial_barenblatt: Callable[[Address, float, float], int] = library.mov_solver_set_initial_barenblatt
        library.mov_solver_set_initial_barenblatt.restype = ctypes.c_int32
        library.mov_solver_set_initial_barenblatt.argtypes = [ctypes.c_void_p, ctypes.c_double, ctypes.c_double]
        # int32_t mov_solver_set_initial_density(mov_solver *solver, mov_value_fn density, void *user_data)
        self.mov_solver_set_initial_density: Callable[[Address, Address, Address], int] = library.mov_solver_set_initial_density
        library.mov_solver_set_initial_density.restype = ctypes.c_int32
        library.mov_solver_set_initial_density.argtypes = [ctypes.c_void_p, mov_value_fn, ctypes.c_void_p]
        # int32_t mov_solver_set_initial_particles(mov_solver *solver, uint64_t n, const double *x, const double *w, const double *rho, const double *score)
        self.mov_solver_set_initial_particles: Callable[[Address, int, Address, Address, Address, Address], int] = library.mov_solver_set_initial_particles
        library.mov_solver_set_initial_particles.restype = ctypes.c_int32
        library.mov_solver_set_initial_particles.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_set_state_values(mov_solver *solver, uint64_t n, const double *x, const double *values)
        self.mov_solver_set_state_values: Callable[[Address, int, Address, Address], int] = library.mov_solver_set_state_values
        library.mov_solver_set_state_values.restype = ctypes.c_int32
        library.mov_solver_set_state_values.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_set_state_callback(mov_solver *solver, mov_field_fn values, void *user_data)
        self.mov_solver_set_state_callback: Callable[[Address, Address, Address], int] = library.mov_solver_set_state_callback
        library.mov_solver_set_state_callback.restype = ctypes.c_int32
        library.mov_solver_set_state_callback.argtypes = [ctypes.c_void_p, mov_field_fn, ctypes.c_void_p]
        # int32_t mov_solver_add_increment_values(mov_solver *solver, uint64_t n, const double *x, const double *values)
        self.mov_solver_add_increment_values: Callable[[Address, int, Address, Address], int] = library.mov_solver_add_increment_values
        library.mov_solver_add_increment_values.restype = ctypes.c_int32
        library.mov_solver_add_increment_values.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_add_increment_callback(mov_solver *solver, mov_field_fn values, void *user_data)
        self.mov_solver_add_increment_callback: Callable[[Address, Address, Address], int] = library.mov_solver_add_increment_callback
        library.mov_solver_add_increment_callback.restype = ctypes.c_int32
        library.mov_solver_add_increment_callback.argtypes = [ctypes.c_void_p, mov_field_fn, ctypes.c_void_p]
        # int32_t mov_solver_set_time(mov_solver *solver, double time)
        self.mov_solver_set_time: Callable[[Address, float], int] = library.mov_solver_set_time
        library.mov_solver_set_time.restype = ctypes.c_int32
        library.mov_solver_set_time.argtypes = [ctypes.c_void_p, ctypes.c_double]
        # int32_t mov_solver_set_parameters(mov_solver *solver, uint64_t count, const double *values)
        self.mov_solver_set_parameters: Callable[[Address, int, Address], int] = library.mov_solver_set_parameters
        library.mov_solver_set_parameters.restype = ctypes.c_int32
        library.mov_solver_set_parameters.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p]
        # int32_t mov_solver_evaluate(const mov_solver *solver, uint64_t n, const double *x, double *u, double *grad)
        self.mov_solver_evaluate: Callable[[Address, int, Address, Address, Address], int] = library.mov_solver_evaluate
        library.mov_solver_evaluate.restype = ctypes.c_int32
        library.mov_solver_evaluate.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_evaluate_all(const mov_solver *solver, uint64_t n, const double *x, double *u, double *grad, double *hessian, double *laplacian, double *rate)
        self.mov_solver_evaluate_all: Callable[[Address, int, Address, Address, Address, Address, Address, Address], int] = library.mov_solver_evaluate_all
        library.mov_solver_evaluate_all.restype = ctypes.c_int32
        library.mov_solver_evaluate_all.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_evaluate_between(const mov_solver *solver, double time, uint64_t n, const double *x, double *u)
        self.mov_solver_evaluate_between: Callable[[Address, float, int, Address, Address], int] = library.mov_solver_evaluate_between
        library.mov_solver_evaluate_between.restype = ctypes.c_int32
        library.mov_solver_evaluate_between.argtypes = [ctypes.c_void_p, ctypes.c_double, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_energy(const mov_solver *solver, double *total)
        self.mov_solver_energy: Callable[[Address, Address], int] = library.mov_solver_energy
        library.mov_solver_energy.restype = ctypes.c_int32
        library.mov_solver_energy.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_energy_count(const mov_solver *solver, uint64_t *count)
        self.mov_solver_energy_count: Callable[[Address, Address], int] = library.mov_solver_energy_count
        library.mov_solver_energy_count.restype = ctypes.c_int32
        library.mov_solver_energy_count.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_energy_name(const mov_solver *solver, uint64_t index, char *buffer, uint64_t size, uint64_t *needed)
        self.mov_solver_energy_name: Callable[[Address, int, Address, int, Address], int] = library.mov_solver_energy_name
        library.mov_solver_energy_name.restype = ctypes.c_int32
        library.mov_solver_energy_name.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_char_p, ctypes.c_uint64, ctypes.c_void_p]
        # int32_t mov_solver_energy_term(const mov_solver *solver, uint64_t index, double *value)
        self.mov_solver_energy_term: Callable[[Address, int, Address], int] = library.mov_solver_energy_term
        library.mov_solver_energy_term.restype = ctypes.c_int32
        library.mov_solver_energy_term.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p]
        # int32_t mov_solver_parameter_count(const mov_solver *solver, uint64_t *count)
        self.mov_solver_parameter_count: Callable[[Address, Address], int] = library.mov_solver_parameter_count
        library.mov_solver_parameter_count.restype = ctypes.c_int32
        library.mov_solver_parameter_count.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_parameters(const mov_solver *solver, uint64_t count, double *values)
        self.mov_solver_parameters: Callable[[Address, int, Address], int] = library.mov_solver_parameters
        library.mov_solver_parameters.restype = ctypes.c_int32
        library.mov_solver_parameters.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p]
        # int32_t mov_solver_push_forward(const mov_solver *solver, uint64_t n, const double *x, double *y)
        self.mov_solver_push_forward: Callable[[Address, int, Address, Address], int] = library.mov_solver_push_forward
        library.mov_solver_push_forward.restype = ctypes.c_int32
        library.mov_solver_push_forward.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_velocity(const mov_solver *solver, uint64_t n, const double *y, double *velocity)
        self.mov_solver_velocity: Callable[[Address, int, Address, Address], int] = library.mov_solver_velocity
        library.mov_solver_velocity.restype = ctypes.c_int32
        library.mov_solver_velocity.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_moments(const mov_solver *solver, double *mean, double *covariance)
        self.mov_solver_moments: Callable[[Address, Address, Address], int] = library.mov_solver_moments
        library.mov_solver_moments.restype = ctypes.c_int32
        library.mov_solver_moments.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_entropy(const mov_solver *solver, double *entropy)
        self.mov_solver_entropy: Callable[[Address, Address], int] = library.mov_solver_entropy
        library.mov_solver_entropy.restype = ctypes.c_int32
        library.mov_solver_entropy.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_quantiles(const mov_solver *solver, uint64_t axis, uint64_t n, const double *probability, double *quantile)
        self.mov_solver_quantiles: Callable[[Address, int, int, Address, Address], int] = library.mov_solver_quantiles
        library.mov_solver_quantiles.restype = ctypes.c_int32
        library.mov_solver_quantiles.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_solver_fields_describe(const mov_solver *solver, char *buffer, uint64_t size, uint64_t *needed)
        self.mov_solver_fields_describe: Callable[[Address, Address, int, Address], int] = library.mov_solver_fields_describe
        library.mov_solver_fields_describe.restype = ctypes.c_int32
        library.mov_solver_fields_describe.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint64, ctypes.c_void_p]
        # int32_t mov_solver_evaluate_field(const mov_solver *solver, const char *name, uint64_t n, const double *x, uint64_t capacity, double *values)
        self.mov_solver_evaluate_field: Callable[[Address, bytes | None, int, Address, int, Address], int] = library.mov_solver_evaluate_field
        library.mov_solver_evaluate_field.restype = ctypes.c_int32
        library.mov_solver_evaluate_field.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p]
        # int32_t mov_solver_grid(const mov_solver *solver, const mov_options *options, uint64_t *axes, uint64_t *points, double *origin, uint64_t capacity, double *coordinates)
        self.mov_solver_grid: Callable[[Address, Address, Address, Address, Address, int, Address], int] = library.mov_solver_grid
        library.mov_solver_grid.restype = ctypes.c_int32
        library.mov_solver_grid.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p]
        # int32_t mov_solver_report(const mov_solver *solver, const char *key, double *value)
        self.mov_solver_report: Callable[[Address, bytes | None, Address], int] = library.mov_solver_report
        library.mov_solver_report.restype = ctypes.c_int32
        library.mov_solver_report.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        # int32_t mov_report_describe(char *buffer, uint64_t size, uint64_t *needed)
        self.mov_report_describe: Callable[[Address, int, Address], int] = library.mov_report_describe
        library.mov_report_describe.restype = ctypes.c_int32
        library.mov_report_describe.argtypes = [ctypes.c_char_p, ctypes.c_uint64, ctypes.c_void_p]
        # int32_t mov_solver_write_snapshot(const mov_solver *solver, const char *folder, uint64_t *number)
        self.mov_solver_write_snapshot: Callable[[Address, bytes | None, Address], int] = library.mov_solver_write_snapshot
        library.mov_solver_write_snapshot.restype = ctypes.c_int32
        library.mov_solver_write_snapshot.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        # int32_t mov_solver_restore(mov_solver *solver, const char *path, uint64_t *number)
        self.mov_solver_restore: Callable[[Address, bytes | None, Address], int] = library.mov_solver_restore
        library.mov_solver_restore.restype = ctypes.c_int32
        library.mov_solver_restore.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        # int32_t mov_solver_set_initial_snapshot(mov_solver *solver, const char *path, uint64_t *number)
        self.mov_solver_set_initial_snapshot: Callable[[Address, bytes | None, Address], int] = library.mov_solver_set_initial_snapshot
        library.mov_solver_set_initial_snapshot.restype = ctypes.c_int32
        library.mov_solver_set_initial_snapshot.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        # int32_t mov_solver_export(const mov_solver *solver, const char *path)
        self.mov_solver_export: Callable[[Address, bytes | None], int] = library.mov_solver_export
        library.mov_solver_export.restype = ctypes.c_int32
        library.mov_solver_export.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        # mov_writer *mov_writer_create(const mov_solver *solver, const char *folder, const mov_options *options)
        self.mov_writer_create: Callable[[Address, bytes | None, Address], int | None] = library.mov_writer_create
        library.mov_writer_create.restype = ctypes.c_void_p
        library.mov_writer_create.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        # int32_t mov_writer_add_field(mov_writer *writer, const mov_solver *solver, const char *name)
        self.mov_writer_add_field: Callable[[Address, Address, bytes | None], int] = library.mov_writer_add_field
        library.mov_writer_add_field.restype = ctypes.c_int32
        library.mov_writer_add_field.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p]
        # int32_t mov_writer_add_callback(mov_writer *writer, const char *name, uint64_t components, mov_field_fn values, void *user_data)
        self.mov_writer_add_callback: Callable[[Address, bytes | None, int, Address, Address], int] = library.mov_writer_add_callback
        library.mov_writer_add_callback.restype = ctypes.c_int32
        library.mov_writer_add_callback.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint64, mov_field_fn, ctypes.c_void_p]
        # int32_t mov_writer_describe_field(mov_writer *writer, const char *name, const char *long_name, const char *units)
        self.mov_writer_describe_field: Callable[[Address, bytes | None, bytes | None, bytes | None], int] = library.mov_writer_describe_field
        library.mov_writer_describe_field.restype = ctypes.c_int32
        library.mov_writer_describe_field.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p]
        # int32_t mov_writer_set_points(mov_writer *writer, uint64_t n, const double *x)
        self.mov_writer_set_points: Callable[[Address, int, Address], int] = library.mov_writer_set_points
        library.mov_writer_set_points.restype = ctypes.c_int32
        library.mov_writer_set_points.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p]
        # int32_t mov_writer_write(mov_writer *writer, const mov_solver *solver, uint64_t *number)
        self.mov_writer_write: Callable[[Address, Address, Address], int] = library.mov_writer_write
        library.mov_writer_write.restype = ctypes.c_int32
        library.mov_writer_write.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_writer_count(const mov_writer *writer, uint64_t *count)
        self.mov_writer_count: Callable[[Address, Address], int] = library.mov_writer_count
        library.mov_writer_count.restype = ctypes.c_int32
        library.mov_writer_count.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        # int32_t mov_writer_close(mov_writer *writer)
        self.mov_writer_close: Callable[[Address], int] = library.mov_writer_close
        library.mov_writer_close.restype = ctypes.c_int32
        library.mov_writer_close.argtypes = [ctypes.c_void_p]
        # void mov_writer_free(mov_writer *writer)
        self.mov_writer_free: Callable[[Address], None] = library.mov_writer_free
        library.mov_writer_free.restype = None
        library.mov_writer_free.argtypes = [ctypes.c_void_p]
        # int32_t mov_pack_snapshots(const char *folder, const char *path)
        self.mov_pack_snapshots: Callable[[bytes | None, bytes | None], int] = library.mov_pack_snapshots
        library.mov_pack_snapshots.restype = ctypes.c_int32
        library.mov_pack_snapshots.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
        # int32_t mov_index_snapshots(const char *folder, const char *path)
        self.mov_index_snapshots: Callable[[bytes | None, bytes | None], int] = library.mov_index_snapshots
        library.mov_index_snapshots.restype = ctypes.c_int32
        library.mov_index_snapshots.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
        # int32_t mov_index_describe(const char *path, char *buffer, uint64_t size, uint64_t *needed)
        self.mov_index_describe: Callable[[bytes | None, Address, int, Address], int] = library.mov_index_describe
        library.mov_index_describe.restype = ctypes.c_int32
        library.mov_index_describe.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint64, ctypes.c_void_p]
        # int32_t mov_solver_set_progress(mov_solver *solver, mov_progress_fn function, void *user_data)
        self.mov_solver_set_progress: Callable[[Address, Address, Address], int] = library.mov_solver_set_progress
        library.mov_solver_set_progress.restype = ctypes.c_int32
        library.mov_solver_set_progress.argtypes = [ctypes.c_void_p, mov_progress_fn, ctypes.c_void_p]
        # int32_t mov_set_log(int32_t level, mov_log_fn function, void *user_data)
        self.mov_set_log: Callable[[int, Address, Address], int] = library.mov_set_log
        library.mov_set_log.restype = ctypes.c_int32
        library.mov_set_log.argtypes = [ctypes.c_int32, mov_log_fn, ctypes.c_void_p]
