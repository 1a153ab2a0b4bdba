! Gradient flows du/dt = -grad F(u) by minimizing movements over a neural network, for Fortran 2008.
!
! The types mov_options, mov_energy, mov_solver and mov_writer stand for the objects of include/movimento.h, which
! documents every function. Their procedures are C's without the prefix: `call solver%step_to(t)` is
! mov_solver_step_to. What is of no object is called movimento_ in place of mov_: movimento_last_error.
!
! Arrays. x (d, n) are n points in dimension d, column after column: C's row-major [n][d] without a copy.
!     Sections with strides are copied in and out. Energies and axes count from 1; what a message says
!     counts from 0, as C does. Reals are real64, integers default ones or int64.
! Components. Of a field of c components (option `components`) u is (c n), the numbers of a point together, and
!     gradients are (d, c n); `evaluate` takes u (c, n) and grad (d, c, n) as well.
! Errors. Every procedure has the optional `stat` (0, or a MOV_ constant) and `errmsg` (deferred length, left
!     alone without an error), as allocate has. Without `stat`, an error ends the program with its message.
! Callbacks. Procedures with the interfaces of movimento_callbacks, and a `context` of any type.
! Lifetimes. Objects free themselves at the end of their scope, or by free(). Variables of a main program or
!     with the attribute save are not finalised in Fortran: there free() is the way. An object is where it was
!     created: pass it as an argument or by a pointer; an assignment ends the program. A solver keeps the
!     callbacks and contexts that it needs.
! Threads. As in C, one call at a time on one object; add_energy is a call on both. Callbacks must not free what
!     calls them.
module movimento
  use movimento_c, only: MOV_ALL_SIDES, MOV_CANCELLED, MOV_CONVEX, MOV_ENERGY_INCREASE, MOV_ERROR_ARGUMENT, &
      MOV_ERROR_CALLBACK, MOV_ERROR_FILE, MOV_ERROR_HANDLE, MOV_ERROR_INTERNAL, MOV_ERROR_MEMORY, &
      MOV_ERROR_NOT_FINITE, MOV_ERROR_OPTION, MOV_ERROR_PLUGIN, MOV_ERROR_STATE, MOV_HEADER_ABI_VERSION, &
      MOV_LOG_DEBUG, MOV_LOG_ERROR, MOV_LOG_INFO, MOV_LOG_OFF, MOV_LOG_TRACE, MOV_LOG_WARN, &
      MOV_ENDED_EVENT, MOV_ENDED_REST, MOV_ENDED_SECONDS, MOV_ENDED_TIME, MOV_NOT_CONVERGED, MOV_OK, &
      MOV_TRY_AGAIN, MOV_USES_GRADIENT, MOV_USES_POSITION, MOV_USES_TIME, MOV_USES_VALUE
  use movimento_callbacks, only: mov_bounds_function, mov_function_of_integral_function, mov_mobility_function, &
      mov_boundary_value_function, mov_collective_function, mov_energy_function, &
      mov_energy_in_time_function, mov_event_function, mov_field_function, mov_gradient_function, &
      mov_inside_function, mov_log_function, mov_pair_function, mov_progress_function, mov_source_function, &
      mov_system_function, mov_hessian_function, mov_value_function
  use movimento_coupling, only: mov_state
  use movimento_energies, only: mov_energy, movimento_plugin_describe
  use movimento_errors, only: movimento_abi_version, movimento_last_error, movimento_last_status, movimento_version
  use movimento_fields, only: mov_axis, mov_solver
  use movimento_log, only: movimento_set_log
  use movimento_options, only: mov_options, movimento_options_describe
  use movimento_steps, only: movimento_report_describe
  use movimento_writer, only: mov_writer, movimento_index_describe, movimento_index_snapshots, &
      movimento_pack_snapshots
  implicit none
  public
end module movimento
