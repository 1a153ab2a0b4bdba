! A gradient flow that is being solved: its making, its energies, its steps, and what it tells of them. The
! type mov_solver extends this one.
module movimento_steps
  use, intrinsic :: iso_c_binding, only: c_char, c_double, c_funloc, c_int32_t, c_int64_t, c_loc, c_null_funptr, &
      c_null_ptr, c_ptr
  use, intrinsic :: iso_fortran_env, only: int64
  use movimento_c, only: MOV_OK, mov_options_get_integer, mov_report_describe, mov_solver_add_energy, &
      mov_solver_add_source, &
      mov_solver_create, mov_solver_energy, mov_solver_energy_count, mov_solver_energy_name, &
      mov_solver_energy_term, mov_solver_export, mov_solver_free, mov_solver_get_components, mov_solver_get_steps, &
      mov_solver_get_tau, &
      mov_solver_get_time, &
      mov_solver_report, mov_solver_restore, mov_solver_set_initial_snapshot, mov_solver_set_options, mov_solver_set_progress, &
      mov_solver_set_tau, mov_solver_step, &
      mov_solver_step_to, &
      mov_solver_write_snapshot
  use movimento_callbacks, only: callback, let_go, mov_progress_function, mov_source_function, new_callback, &
      progress_from_c, source_from_c
  use movimento_energies, only: mov_energy
  use movimento_errors, only: buffer_text, is_told, movimento_last_error, stop_on, to_c
  use movimento_objects, only: adopt, handle_of, keep, keep_all, keep_progress, move, reference, release, &
      set_dimension
  use movimento_options, only: mov_options
  implicit none
  private

  public :: stepper, movimento_report_describe

  type :: stepper
    ! Of the modules of movimento only.
    type(reference) :: ref
  contains
    procedure :: create, free, c_handle
    procedure :: add_energy, add_source, energy, energy_count, energy_name, energy_term
    procedure :: step, step_to, get_time, get_steps, get_components, get_tau, set_tau, set_options
    procedure :: report, write_snapshot, restore, set_initial_snapshot, export, set_progress
    final :: finalise
  end type stepper

contains

  ! A solver for the problem that the options describe, which are copied.
  subroutine create(self, options, stat, errmsg)
    class(stepper), intent(inout) :: self
    type(mov_options), intent(in) :: options
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(reference) :: made
    integer(c_int64_t) :: d, components
    integer(c_int32_t) :: status
    status = adopt(made, mov_solver_create(options%c_handle()), mov_solver_free)
    if (status == MOV_OK) status = mov_options_get_integer(options%c_handle(), to_c('dimension'), d)
    if (status == MOV_OK) status = mov_options_get_integer(options%c_handle(), to_c('components'), components)
    if (status == MOV_OK) then
      call set_dimension(made, d, components)
      call move(made, self%ref)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine create

  ! Frees it now; the end of its scope does so as well.
  subroutine free(self)
    class(stepper), intent(inout) :: self
    call release(self%ref)
  end subroutine free

  impure elemental subroutine finalise(self)
    type(stepper), intent(inout) :: self
    call release(self%ref)
  end subroutine finalise

  ! The handle, for functions of movimento_c.
  function c_handle(self) result(handle)
    class(stepper), intent(in) :: self
    type(c_ptr) :: handle
    handle = handle_of(self%ref)
  end function c_handle

  ! Adds a term to F, until the first step. It is copied, and its procedure kept.
  subroutine add_energy(self, energy, stat, errmsg)
    class(stepper), intent(inout) :: self
    type(mov_energy), intent(in) :: energy
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    integer(c_int32_t) :: status
    status = mov_solver_add_energy(self%c_handle(), energy%c_handle())
    if (status == MOV_OK) call keep_all(self%ref, energy%ref)
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine add_energy

  ! Adds a source s(t, x), which is added to du/dt, until the first step.
  subroutine add_source(self, source, context, stat, errmsg)
    class(stepper), intent(inout) :: self
    procedure(mov_source_function) :: source
    class(*), intent(in), optional :: context
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(callback), pointer :: made
    integer(c_int32_t) :: status
    made => new_callback(context)
    made%source => source
    status = mov_solver_add_source(self%c_handle(), c_funloc(source_from_c), c_loc(made))
    if (status == MOV_OK) then
      call keep(self%ref, made)
    else
      call let_go(made)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine add_source

  ! F, the sum of all terms, on the independent nodes.
  function energy(self, stat, errmsg) result(total)
    class(stepper), intent(in) :: self
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    real(c_double) :: total
    if (is_told(mov_solver_energy(self%c_handle(), total), stat, present(errmsg))) errmsg = movimento_last_error()
  end function energy

  ! How many energies were added.
  function energy_count(self, stat, errmsg) result(count)
    class(stepper), intent(in) :: self
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    integer :: count
    integer(c_int64_t) :: long
    long = 0
    if (is_told(mov_solver_energy_count(self%c_handle(), long), stat, present(errmsg))) &
        errmsg = movimento_last_error()
    count = int(long)
  end function energy_count

  ! The name of an energy; `index` counts from 1 in the order in which they were added.
  function energy_name(self, index, stat, errmsg) result(name)
    class(stepper), intent(in) :: self
    integer, intent(in) :: index
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(:), allocatable :: name
    character(kind=c_char), allocatable, target :: buffer(:)
    integer(c_int64_t), target :: needed
    integer(c_int64_t) :: i
    integer(c_int32_t) :: status
    i = index - 1
    name = ''
    status = mov_solver_energy_name(self%c_handle(), i, c_null_ptr, 0_c_int64_t, c_loc(needed))
    if (status == MOV_OK) then
      allocate (buffer(needed))
      status = mov_solver_energy_name(self%c_handle(), i, c_loc(buffer), needed, c_null_ptr)
      if (status == MOV_OK) name = buffer_text(buffer)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end function energy_name

  ! One term of F; `index` counts from 1 in the order in which they were added.
  function energy_term(self, index, stat, errmsg) result(value)
    class(stepper), intent(in) :: self
    integer, intent(in) :: index
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    real(c_double) :: value
    if (is_told(mov_solver_energy_term(self%c_handle(), index - 1_c_int64_t, value), stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end function energy_term

  ! One time step. A `stat` above 0 is recoverable, and the solver what it was before.
  subroutine step(self, stat, errmsg)
    class(stepper), intent(inout) :: self
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_solver_step(self%c_handle()), stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine step

  ! Steps until a time, the last one shortened to end there exactly.
  subroutine step_to(self, time, stat, errmsg)
    class(stepper), intent(inout) :: self
    real(c_double), intent(in) :: time
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_solver_step_to(self%c_handle(), time), stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine step_to

  ! The time reached.
  function get_time(self, stat, errmsg) result(time)
    class(stepper), intent(in) :: self
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    real(c_double) :: time
    if (is_told(mov_solver_get_time(self%c_handle(), time), stat, present(errmsg))) errmsg = movimento_last_error()
  end function get_time

  ! How many steps were taken.
  function get_steps(self, stat, errmsg) result(steps)
    class(stepper), intent(in) :: self
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    integer(int64) :: steps
    if (is_told(mov_solver_get_steps(self%c_handle(), steps), stat, present(errmsg))) errmsg = movimento_last_error()
  end function get_steps

  ! The components of the field u.
  function get_components(self, stat, errmsg) result(components)
    class(stepper), intent(in) :: self
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    integer(int64) :: components
    if (is_told(mov_solver_get_components(self%c_handle(), components), stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end function get_components

  ! The time step that the next step takes.
  function get_tau(self, stat, errmsg) result(tau)
    class(stepper), intent(in) :: self
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    real(c_double) :: tau
    if (is_told(mov_solver_get_tau(self%c_handle(), tau), stat, present(errmsg))) errmsg = movimento_last_error()
  end function get_tau

  ! Changes the time step from the next step on.
  subroutine set_tau(self, tau, stat, errmsg)
    class(stepper), intent(inout) :: self
    real(c_double), intent(in) :: tau
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_solver_set_tau(self%c_handle(), tau), stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine set_tau

  ! Changes options from the next step on: those that the solver was made with, or last given here, but for the
  ! ones that change.
  subroutine set_options(self, options, stat, errmsg)
    class(stepper), intent(inout) :: self
    type(mov_options), intent(in) :: options
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_solver_set_options(self%c_handle(), options%c_handle()), stat, present(errmsg))) &
      errmsg = movimento_last_error()
  end subroutine set_options

  ! One figure about the last step or the initial fit; movimento_report_describe lists them.
  function report(self, key, stat, errmsg) result(value)
    class(stepper), intent(in) :: self
    character(*), intent(in) :: key
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    real(c_double) :: value
    if (is_told(mov_solver_report(self%c_handle(), to_c(key), value), stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end function report

  ! Every figure that `report` knows, in JSON.
  function movimento_report_describe() result(text)
    character(:), allocatable :: text
    character(kind=c_char), allocatable, target :: buffer(:)
    integer(c_int64_t), target :: needed
    call stop_on(mov_report_describe(c_null_ptr, 0_c_int64_t, c_loc(needed)))
    allocate (buffer(needed))
    call stop_on(mov_report_describe(c_loc(buffer), needed, c_null_ptr))
    text = buffer_text(buffer)
  end function movimento_report_describe

  ! Writes the next snapshot snap_NNNNNN.h5 into a folder; `number` is that of its name.
  subroutine write_snapshot(self, folder, number, stat, errmsg)
    class(stepper), intent(in) :: self
    character(*), intent(in) :: folder
    integer, intent(out), optional :: number
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    integer(c_int64_t), target :: long
    long = -1
    if (is_told(mov_solver_write_snapshot(self%c_handle(), to_c(folder), c_loc(long)), stat, present(errmsg))) &
        errmsg = movimento_last_error()
    if (present(number)) number = int(long)
  end subroutine write_snapshot

  ! Goes on from a snapshot, or from the last whole one of a folder; `number` is that of its name, or -1.
  subroutine restore(self, path, number, stat, errmsg)
    class(stepper), intent(inout) :: self
    character(*), intent(in) :: path
    integer, intent(out), optional :: number
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    integer(c_int64_t), target :: long
    long = -1
    if (is_told(mov_solver_restore(self%c_handle(), to_c(path), c_loc(long)), stat, present(errmsg))) &
        errmsg = movimento_last_error()
    if (present(number)) number = int(long)
  end subroutine restore

  ! Begins with the field of a snapshot, or of the last whole one of a folder; `number` is that of its name, or -1.
  subroutine set_initial_snapshot(self, path, number, stat, errmsg)
    class(stepper), intent(inout) :: self
    character(*), intent(in) :: path
    integer, intent(out), optional :: number
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    integer(c_int64_t), target :: long
    long = -1
    if (is_told(mov_solver_set_initial_snapshot(self%c_handle(), to_c(path), c_loc(long)), stat, present(errmsg))) &
        errmsg = movimento_last_error()
    if (present(number)) number = int(long)
  end subroutine set_initial_snapshot

  ! Writes the network to a file in the format safetensors.
  subroutine export(self, path, stat, errmsg)
    class(stepper), intent(in) :: self
    character(*), intent(in) :: path
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_solver_export(self%c_handle(), to_c(path)), stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine export

  ! Watches the progress from now on; without a procedure no longer.
  subroutine set_progress(self, function, context, stat, errmsg)
    class(stepper), intent(inout) :: self
    procedure(mov_progress_function), optional :: function
    class(*), intent(in), optional :: context
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(callback), pointer :: made
    integer(c_int32_t) :: status
    nullify (made)
    if (present(function)) then
      made => new_callback(context)
      made%progress => function
      status = mov_solver_set_progress(self%c_handle(), c_funloc(progress_from_c), c_loc(made))
    else
      status = mov_solver_set_progress(self%c_handle(), c_null_funptr, c_null_ptr)
    end if
    if (status == MOV_OK) then
      call keep_progress(self%ref, made)
    else
      call let_go(made)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine set_progress

end module movimento_steps
