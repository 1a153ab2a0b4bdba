! A solver within another code: fields that the host changes between steps, states that are taken up again, runs
! that end by themselves. The type mov_solver extends the one here.
module movimento_coupling
  use, intrinsic :: iso_c_binding, only: c_double, c_funloc, c_int32_t, c_int64_t, c_loc, c_null_funptr, c_null_ptr, &
      c_ptr
  use, intrinsic :: ieee_arithmetic, only: ieee_positive_inf, ieee_value
  use movimento_c, only: MOV_ERROR_ARGUMENT, MOV_OK, mov_solver_add_increment_callback, &
      mov_solver_add_increment_values, mov_solver_clone, mov_solver_free, mov_solver_restore_state, mov_solver_run, &
      mov_solver_save_state, mov_solver_set_parameters, mov_solver_set_state_callback, &
      mov_solver_set_state_values, mov_solver_set_time, mov_solver_step_by, mov_state_free
  use movimento_callbacks, only: callback, event_from_c, field_from_c, let_go, mov_event_function, &
      mov_field_function, new_callback
  use movimento_errors, only: is_told, movimento_last_error, reason
  use movimento_objects, only: adopt, components_of, dimension_of, handle_of, keep_same, move, reference, refuse_copy, release, &
      set_dimension
  use movimento_problem, only: problem
  use movimento_shapes, only: count_of, need_length, need_shape
  implicit none
  private

  public :: coupled, mov_state

  ! The state of a solver in memory.
  type :: mov_state
    ! Of the modules of movimento only.
    type(reference) :: ref
  contains
    procedure :: free => free_state, c_handle => handle_of_state
    procedure, private :: assign_state
    generic :: assignment(=) => assign_state
    final :: finalise_state
  end type mov_state

  type, extends(problem) :: coupled
  contains
    procedure :: set_state_values, set_state_callback, add_increment_values, add_increment_callback
    procedure :: set_parameters, set_time, step_by
    procedure :: save_state, restore_state, clone
    procedure :: run
  end type coupled

contains

  ! Goes on with another field, given by values (n), or (c n) of several components, at points x (d, n) that cover the domain.
  subroutine set_state_values(self, x, values, stat, errmsg)
    class(coupled), intent(inout) :: self
    real(c_double), intent(in) :: x(:, :), values(:)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(256) :: wrong
    integer(c_int32_t) :: status
    integer(c_int64_t) :: n
    n = count_of(values) / components_of(self%ref)
    wrong = ''
    call need_shape(wrong, self%ref, 'x', shape(x, c_int64_t), [n])
    call need_length(wrong, 'values', count_of(values), n * components_of(self%ref))
    status = MOV_ERROR_ARGUMENT
    if (wrong == '') status = mov_solver_set_state_values(self%c_handle(), n, x, values)
    if (is_told(status, stat, present(errmsg), wrong)) errmsg = reason(wrong)
  end subroutine set_state_values

  ! Adds an increment, given by values (n), or (c n), at points x (d, n), to the present field.
  subroutine add_increment_values(self, x, values, stat, errmsg)
    class(coupled), intent(inout) :: self
    real(c_double), intent(in) :: x(:, :), values(:)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(256) :: wrong
    integer(c_int32_t) :: status
    integer(c_int64_t) :: n
    n = count_of(values) / components_of(self%ref)
    wrong = ''
    call need_shape(wrong, self%ref, 'x', shape(x, c_int64_t), [n])
    call need_length(wrong, 'values', count_of(values), n * components_of(self%ref))
    status = MOV_ERROR_ARGUMENT
    if (wrong == '') status = mov_solver_add_increment_values(self%c_handle(), n, x, values)
    if (is_told(status, stat, present(errmsg), wrong)) errmsg = reason(wrong)
  end subroutine add_increment_values

  ! Goes on with another field, given by a procedure of x and the present u; it fills values (c, n).
  subroutine set_state_callback(self, values, context, stat, errmsg)
    class(coupled), intent(inout) :: self
    procedure(mov_field_function) :: values
    class(*), intent(in), optional :: context
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(callback), pointer :: made
    integer(c_int32_t) :: status
    made => new_callback(context)
    made%field => values
    made%components = int(components_of(self%ref))
    made%of_u = components_of(self%ref)
    status = mov_solver_set_state_callback(self%c_handle(), c_funloc(field_from_c), c_loc(made))
    call let_go(made)
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine set_state_callback

  ! Adds an increment that is given by a procedure of x and the present u; it fills values (c, n).
  subroutine add_increment_callback(self, values, context, stat, errmsg)
    class(coupled), intent(inout) :: self
    procedure(mov_field_function) :: values
    class(*), intent(in), optional :: context
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(callback), pointer :: made
    integer(c_int32_t) :: status
    made => new_callback(context)
    made%field => values
    made%components = int(components_of(self%ref))
    made%of_u = components_of(self%ref)
    status = mov_solver_add_increment_callback(self%c_handle(), c_funloc(field_from_c), c_loc(made))
    call let_go(made)
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine add_increment_callback

  ! Goes on with other parameters of the network.
  subroutine set_parameters(self, values, stat, errmsg)
    class(coupled), intent(inout) :: self
    real(c_double), intent(in) :: values(:)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_solver_set_parameters(self%c_handle(), count_of(values), values), stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine set_parameters

  ! Changes the time reached.
  subroutine set_time(self, time, stat, errmsg)
    class(coupled), intent(inout) :: self
    real(c_double), intent(in) :: time
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_solver_set_time(self%c_handle(), time), stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine set_time

  ! One time step of a length that is given for this step only.
  subroutine step_by(self, tau, stat, errmsg)
    class(coupled), intent(inout) :: self
    real(c_double), intent(in) :: tau
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_solver_step_by(self%c_handle(), tau), stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine step_by

  ! Saves the state in memory.
  subroutine save_state(self, state, stat, errmsg)
    class(coupled), intent(in) :: self
    type(mov_state), intent(inout) :: state
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(reference) :: made
    integer(c_int32_t) :: status
    status = adopt(made, mov_solver_save_state(self%c_handle()), mov_state_free)
    if (status == MOV_OK) then
      call keep_same(made, self%ref)
      call move(made, state%ref)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine save_state

  ! Goes back, or on, to a state that was saved of this solver or of a clone.
  subroutine restore_state(self, state, stat, errmsg)
    class(coupled), intent(inout) :: self
    type(mov_state), intent(in) :: state
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    integer(c_int32_t) :: status
    status = mov_solver_restore_state(self%c_handle(), state%c_handle())
    if (status == MOV_OK) call keep_same(self%ref, state%ref)
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine restore_state

  ! Makes `copy` a solver of its own that goes on from the same state. Callbacks are shared, and their contexts.
  subroutine clone(self, copy, stat, errmsg)
    class(coupled), intent(in) :: self
    class(coupled), intent(inout) :: copy
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(reference) :: made
    integer(c_int32_t) :: status
    status = adopt(made, mov_solver_clone(self%c_handle()), mov_solver_free)
    if (status == MOV_OK) then
      call set_dimension(made, dimension_of(self%ref), components_of(self%ref))
      call keep_same(made, self%ref)
      call move(made, copy%ref)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine clone

  ! Steps until the first of what is given: a time; rest, to a tolerance; a root of a procedure of the state, which
  ! looks at u at points x (d, n); so many seconds. `ended` is MOV_ENDED_TIME, _REST, _EVENT or _SECONDS.
  subroutine run(self, time, rest, seconds, event, x, context, ended, stat, errmsg)
    class(coupled), intent(inout) :: self
    real(c_double), intent(in), optional :: time, rest, seconds
    procedure(mov_event_function), optional :: event
    real(c_double), intent(in), optional, contiguous, target :: x(:, :)
    class(*), intent(in), optional :: context
    integer, intent(out), optional :: ended, stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(callback), pointer :: made
    character(256) :: wrong
    real(c_double) :: until, tolerance, budget
    integer(c_int32_t), target :: how
    integer(c_int32_t) :: status
    integer(c_int64_t) :: n
    type(c_ptr) :: points
    until = ieee_value(until, ieee_positive_inf)
    budget = until
    tolerance = 0
    if (present(time)) until = time
    if (present(rest)) tolerance = rest
    if (present(seconds)) budget = seconds
    n = 0
    points = c_null_ptr
    wrong = ''
    if (present(x)) then
      n = size(x, 2, c_int64_t)
      call need_shape(wrong, self%ref, 'x', shape(x, c_int64_t), [n])
      points = c_loc(x)
    end if
    how = 0
    status = MOV_ERROR_ARGUMENT
    if (wrong == '') then
      if (present(event)) then
        made => new_callback(context)
        made%event => event
        made%of_u = components_of(self%ref)
        status = mov_solver_run(self%c_handle(), until, tolerance, budget, n, points, c_funloc(event_from_c), &
            c_loc(made), c_loc(how))
        call let_go(made)
      else
        status = mov_solver_run(self%c_handle(), until, tolerance, budget, n, points, c_null_funptr, c_null_ptr, &
            c_loc(how))
      end if
    end if
    if (present(ended)) ended = how
    if (is_told(status, stat, present(errmsg), wrong)) errmsg = reason(wrong)
  end subroutine run

  ! Frees it now; the end of its scope does so as well.
  subroutine free_state(self)
    class(mov_state), intent(inout) :: self
    call release(self%ref)
  end subroutine free_state

  impure elemental subroutine finalise_state(self)
    type(mov_state), intent(inout) :: self
    call release(self%ref)
  end subroutine finalise_state

  ! The handle, for functions of movimento_c.
  function handle_of_state(self) result(handle)
    class(mov_state), intent(in) :: self
    type(c_ptr) :: handle
    handle = handle_of(self%ref)
  end function handle_of_state

  impure elemental subroutine assign_state(self, other)
    class(mov_state), intent(inout) :: self
    class(mov_state), intent(in) :: other
    call refuse_copy(self%ref, other%ref)
  end subroutine assign_state

end module movimento_coupling
