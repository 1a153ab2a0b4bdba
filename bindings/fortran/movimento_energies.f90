! One term of the energy F: a plugin, or a procedure of the host.
module movimento_energies
  use, intrinsic :: iso_c_binding, only: c_char, c_double, c_funloc, c_int32_t, c_int64_t, c_loc, &
      c_null_ptr, c_ptr
  use movimento_c, only: MOV_OK, mov_energy_create, mov_energy_create_callback, &
      mov_energy_create_callback_in_time, mov_energy_create_from_file, mov_energy_create_pair_callback, &
      mov_energy_create_system, mov_energy_create_with_hessian, mov_energy_free, mov_energy_set_real, &
      mov_energy_set_reals, mov_plugin_describe
  use movimento_callbacks, only: callback, energy_from_c, energy_in_time_from_c, let_go, mov_energy_function, &
      mov_energy_in_time_function, mov_hessian_function, mov_pair_function, mov_system_function, new_callback, &
      hessian_from_c, pair_from_c, system_from_c
  use movimento_errors, only: buffer_text, is_told, movimento_last_error, to_c
  use movimento_objects, only: adopt, handle_of, keep, move, reference, refuse_copy, release
  implicit none
  private

  public :: mov_energy, movimento_plugin_describe

  type :: mov_energy
    ! Of the modules of movimento only.
    type(reference) :: ref
  contains
    procedure :: create, create_from_file, free, c_handle
    procedure :: create_callback, create_callback_in_time, create_pair_callback, create_system, &
        create_with_hessian
    ! call e%set(parameter, value), value real(real64), integer, or an array of real(real64).
    generic :: set => set_real, set_integer, set_reals
    procedure, private :: set_real, set_integer, set_reals
    procedure, private :: assign
    generic :: assignment(=) => assign
    final :: finalise
  end type mov_energy

contains

  ! The energy of a plugin by its id, such as 'dirichlet'.
  subroutine create(self, id, stat, errmsg)
    class(mov_energy), intent(inout) :: self
    character(*), intent(in) :: id
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(adopt(self%ref, mov_energy_create(to_c(id)), mov_energy_free), stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine create

  ! The energy of the plugin in a file; without `id` its first.
  subroutine create_from_file(self, path, id, stat, errmsg)
    class(mov_energy), intent(inout) :: self
    character(*), intent(in) :: path
    character(*), intent(in), optional :: id
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(:, c_char), allocatable, target :: which
    type(c_ptr) :: which_c
    integer(c_int32_t) :: status
    which_c = c_null_ptr
    if (present(id)) then
      which = to_c(id)
      which_c = c_loc(which)
    end if
    status = adopt(self%ref, mov_energy_create_from_file(to_c(path), which_c), mov_energy_free)
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine create_from_file

  ! The energy whose density a procedure gives. `flags` is a sum of MOV_USES_GRADIENT, MOV_USES_POSITION and
  ! MOV_CONVEX.
  subroutine create_callback(self, name, function, flags, context, stat, errmsg)
    class(mov_energy), intent(inout) :: self
    character(*), intent(in) :: name
    procedure(mov_energy_function) :: function
    integer, intent(in), optional :: flags
    class(*), intent(in), optional :: context
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(callback), pointer :: made
    made => new_callback(context)
    made%energy => function
    if (is_told(begin(self, mov_energy_create_callback(to_c(name), c_funloc(energy_from_c), bits(flags), &
        c_loc(made)), made), stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine create_callback

  ! The energy whose density depends on time. `flags` as for create_callback.
  subroutine create_callback_in_time(self, name, function, flags, context, stat, errmsg)
    class(mov_energy), intent(inout) :: self
    character(*), intent(in) :: name
    procedure(mov_energy_in_time_function) :: function
    integer, intent(in), optional :: flags
    class(*), intent(in), optional :: context
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(callback), pointer :: made
    made => new_callback(context)
    made%energy_in_time => function
    if (is_told(begin(self, mov_energy_create_callback_in_time(to_c(name), c_funloc(energy_in_time_from_c), &
        bits(flags), c_loc(made)), made), stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine create_callback_in_time

  ! The energy of a field of so many components, whose density a procedure gives. `flags` as for create_callback,
  ! and MOV_USES_TIME.
  subroutine create_system(self, name, function, components, flags, context, stat, errmsg)
    class(mov_energy), intent(inout) :: self
    character(*), intent(in) :: name
    procedure(mov_system_function) :: function
    integer, intent(in) :: components
    integer, intent(in), optional :: flags
    class(*), intent(in), optional :: context
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(callback), pointer :: made
    made => new_callback(context)
    made%system => function
    if (is_told(begin(self, mov_energy_create_system(to_c(name), c_funloc(system_from_c), &
        int(components, c_int64_t), bits(flags), c_loc(made)), made), stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine create_system

  ! The energy whose density of second derivatives a procedure gives. `flags` as for create_callback, and
  ! MOV_USES_TIME.
  subroutine create_with_hessian(self, name, function, flags, context, stat, errmsg)
    class(mov_energy), intent(inout) :: self
    character(*), intent(in) :: name
    procedure(mov_hessian_function) :: function
    integer, intent(in), optional :: flags
    class(*), intent(in), optional :: context
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(callback), pointer :: made
    made => new_callback(context)
    made%hessian => function
    if (is_told(begin(self, mov_energy_create_with_hessian(to_c(name), c_funloc(hessian_from_c), bits(flags), &
        c_loc(made)), made), stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine create_with_hessian

  ! The interaction whose kernel a procedure gives. `flags` is 0 or MOV_USES_TIME.
  subroutine create_pair_callback(self, name, function, flags, context, stat, errmsg)
    class(mov_energy), intent(inout) :: self
    character(*), intent(in) :: name
    procedure(mov_pair_function) :: function
    integer, intent(in), optional :: flags
    class(*), intent(in), optional :: context
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(callback), pointer :: made
    made => new_callback(context)
    made%pair => function
    if (is_told(begin(self, mov_energy_create_pair_callback(to_c(name), c_funloc(pair_from_c), bits(flags), &
        c_loc(made)), made), stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine create_pair_callback

  ! Puts a new energy with its procedure into `self`.
  function begin(self, handle, made) result(status)
    class(mov_energy), intent(inout) :: self
    type(c_ptr), intent(in) :: handle
    type(callback), pointer, intent(inout) :: made
    integer(c_int32_t) :: status
    type(reference) :: made_ref
    status = adopt(made_ref, handle, mov_energy_free)
    if (status == MOV_OK) then
      call keep(made_ref, made)
      call move(made_ref, self%ref)
    else
      call let_go(made)
    end if
  end function begin

  pure function bits(flags)
    integer, intent(in), optional :: flags
    integer(c_int32_t) :: bits
    bits = 0
    if (present(flags)) bits = int(flags, c_int32_t)
  end function bits

  ! Frees it now; the end of its scope does so as well. Solvers that it was added to keep what they need.
  subroutine free(self)
    class(mov_energy), intent(inout) :: self
    call release(self%ref)
  end subroutine free

  impure elemental subroutine finalise(self)
    type(mov_energy), intent(inout) :: self
    call release(self%ref)
  end subroutine finalise

  impure elemental subroutine assign(self, other)
    class(mov_energy), intent(inout) :: self
    class(mov_energy), intent(in) :: other
    call refuse_copy(self%ref, other%ref)
  end subroutine assign

  ! The handle, for functions of movimento_c.
  function c_handle(self) result(handle)
    class(mov_energy), intent(in) :: self
    type(c_ptr) :: handle
    handle = handle_of(self%ref)
  end function c_handle

  subroutine set_real(self, parameter, value, stat, errmsg)
    class(mov_energy), intent(inout) :: self
    character(*), intent(in) :: parameter
    real(c_double), intent(in) :: value
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_energy_set_real(self%c_handle(), to_c(parameter), value), stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine set_real

  subroutine set_integer(self, parameter, value, stat, errmsg)
    class(mov_energy), intent(inout) :: self
    character(*), intent(in) :: parameter
    integer, intent(in) :: value
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_energy_set_real(self%c_handle(), to_c(parameter), real(value, c_double)), stat, &
            present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine set_integer

  subroutine set_reals(self, parameter, value, stat, errmsg)
    class(mov_energy), intent(inout) :: self
    character(*), intent(in) :: parameter
    real(c_double), intent(in) :: value(:)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_energy_set_reals(self%c_handle(), to_c(parameter), size(value, kind=c_int64_t), value), &
            stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine set_reals

  ! What plugins offer, in JSON: the energy with an id, the plugin in a file, or all that are found.
  subroutine movimento_plugin_describe(text, what, stat, errmsg)
    character(:), allocatable, intent(inout) :: text
    character(*), intent(in), optional :: what
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(kind=c_char), allocatable, target :: buffer(:)
    character(:, c_char), allocatable, target :: which
    type(c_ptr) :: which_c
    integer(c_int64_t), target :: needed
    integer(c_int32_t) :: status
    which_c = c_null_ptr
    if (present(what)) then
      which = to_c(what)
      which_c = c_loc(which)
    end if
    status = mov_plugin_describe(which_c, c_null_ptr, 0_c_int64_t, c_loc(needed))
    if (status == MOV_OK) then
      allocate (buffer(needed))
      status = mov_plugin_describe(which_c, c_loc(buffer), needed, c_null_ptr)
      if (status == MOV_OK) text = buffer_text(buffer)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine movimento_plugin_describe

end module movimento_energies
