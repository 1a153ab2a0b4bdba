! What a solver is to do: a set of options, each with a default.
module movimento_options
  use, intrinsic :: iso_c_binding, only: c_char, c_double, c_int32_t, c_int64_t, c_loc, c_null_ptr, c_ptr
  use, intrinsic :: iso_fortran_env, only: int32, int64
  use movimento_c, only: MOV_ERROR_ARGUMENT, MOV_OK, mov_options_create, mov_options_describe, mov_options_free, &
      mov_options_get_integer, mov_options_get_integers, &
      mov_options_get_real, mov_options_get_reals, mov_options_get_text, mov_options_set_integer, &
      mov_options_set_integers, mov_options_set_real, mov_options_set_reals, mov_options_set_text
  use movimento_errors, only: buffer_text, is_told, movimento_last_error, reason, stop_on, to_c
  use movimento_objects, only: adopt, handle_of, reference, refuse_copy, release
  implicit none
  private

  public :: mov_options, movimento_options_describe

  type :: mov_options
    ! Of the modules of movimento only.
    type(reference) :: ref
  contains
    procedure :: create, free, c_handle
    ! call o%set(name, value), value real(real64), integer, text, or an array of numbers; default integers
    ! and those of int64.
    generic :: set => set_real, set_integer, set_long, set_text, set_reals, set_integers, set_longs
    ! call o%get(name, value); texts and arrays are allocatable.
    generic :: get => get_real, get_integer, get_long, get_text, get_reals, get_integers, get_longs
    procedure, private :: set_real, set_integer, set_long, set_text, set_reals, set_integers, set_longs
    procedure, private :: get_real, get_integer, get_long, get_text, get_reals, get_integers, get_longs
    procedure, private :: assign
    generic :: assignment(=) => assign
    final :: finalise
  end type mov_options

contains

  ! New options, all at their defaults.
  subroutine create(self, stat, errmsg)
    class(mov_options), intent(inout) :: self
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(adopt(self%ref, mov_options_create(), mov_options_free), stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine create

  ! Frees them now; the end of their scope does so as well.
  subroutine free(self)
    class(mov_options), intent(inout) :: self
    call release(self%ref)
  end subroutine free

  impure elemental subroutine finalise(self)
    type(mov_options), intent(inout) :: self
    call release(self%ref)
  end subroutine finalise

  impure elemental subroutine assign(self, other)
    class(mov_options), intent(inout) :: self
    class(mov_options), intent(in) :: other
    call refuse_copy(self%ref, other%ref)
  end subroutine assign

  ! The handle, for functions of movimento_c.
  function c_handle(self) result(handle)
    class(mov_options), intent(in) :: self
    type(c_ptr) :: handle
    handle = handle_of(self%ref)
  end function c_handle

  subroutine set_real(self, name, value, stat, errmsg)
    class(mov_options), intent(inout) :: self
    character(*), intent(in) :: name
    real(c_double), intent(in) :: value
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_options_set_real(self%c_handle(), to_c(name), value), stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine set_real

  subroutine set_integer(self, name, value, stat, errmsg)
    class(mov_options), intent(inout) :: self
    character(*), intent(in) :: name
    integer(int32), intent(in) :: value
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_options_set_integer(self%c_handle(), to_c(name), int(value, c_int64_t)), stat, &
            present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine set_integer

  subroutine set_long(self, name, value, stat, errmsg)
    class(mov_options), intent(inout) :: self
    character(*), intent(in) :: name
    integer(int64), intent(in) :: value
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_options_set_integer(self%c_handle(), to_c(name), value), stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine set_long

  subroutine set_text(self, name, value, stat, errmsg)
    class(mov_options), intent(inout) :: self
    character(*), intent(in) :: name, value
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_options_set_text(self%c_handle(), to_c(name), to_c(value)), stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine set_text

  subroutine set_reals(self, name, value, stat, errmsg)
    class(mov_options), intent(inout) :: self
    character(*), intent(in) :: name
    real(c_double), intent(in) :: value(:)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_options_set_reals(self%c_handle(), to_c(name), size(value, kind=c_int64_t), value), &
            stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine set_reals

  subroutine set_integers(self, name, value, stat, errmsg)
    class(mov_options), intent(inout) :: self
    character(*), intent(in) :: name
    integer(int32), intent(in) :: value(:)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_options_set_integers(self%c_handle(), to_c(name), size(value, kind=c_int64_t), &
            int(value, c_int64_t)), stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine set_integers

  subroutine set_longs(self, name, value, stat, errmsg)
    class(mov_options), intent(inout) :: self
    character(*), intent(in) :: name
    integer(int64), intent(in) :: value(:)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_options_set_integers(self%c_handle(), to_c(name), size(value, kind=c_int64_t), value), &
            stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine set_longs

  subroutine get_real(self, name, value, stat, errmsg)
    class(mov_options), intent(in) :: self
    character(*), intent(in) :: name
    real(c_double), intent(out) :: value
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_options_get_real(self%c_handle(), to_c(name), value), stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine get_real

  subroutine get_integer(self, name, value, stat, errmsg)
    class(mov_options), intent(in) :: self
    character(*), intent(in) :: name
    integer(int32), intent(out) :: value
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(256) :: wrong
    integer(int64) :: long
    integer(c_int32_t) :: status
    wrong = ''
    value = 0
    status = mov_options_get_integer(self%c_handle(), to_c(name), long)
    if (status == MOV_OK) then
      call need_default(wrong, name, [long], status)
      if (wrong == '') value = int(long, int32)
    end if
    if (is_told(status, stat, present(errmsg), wrong)) errmsg = reason(wrong)
  end subroutine get_integer

  subroutine get_long(self, name, value, stat, errmsg)
    class(mov_options), intent(in) :: self
    character(*), intent(in) :: name
    integer(int64), intent(out) :: value
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_options_get_integer(self%c_handle(), to_c(name), value), stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine get_long

  subroutine get_text(self, name, value, stat, errmsg)
    class(mov_options), intent(in) :: self
    character(*), intent(in) :: name
    character(:), allocatable, intent(inout) :: value
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(kind=c_char), allocatable, target :: buffer(:)
    integer(c_int64_t), target :: needed
    integer(c_int32_t) :: status
    status = mov_options_get_text(self%c_handle(), to_c(name), c_null_ptr, 0_c_int64_t, c_loc(needed))
    if (status == MOV_OK) then
      allocate (buffer(needed))
      status = mov_options_get_text(self%c_handle(), to_c(name), c_loc(buffer), needed, c_null_ptr)
      if (status == MOV_OK) value = buffer_text(buffer)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine get_text

  subroutine get_reals(self, name, value, stat, errmsg)
    class(mov_options), intent(in) :: self
    character(*), intent(in) :: name
    real(c_double), allocatable, intent(inout) :: value(:)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    real(c_double), allocatable, target :: found(:)
    integer(c_int64_t) :: n, count
    integer(c_int32_t) :: status
    status = mov_options_get_reals(self%c_handle(), to_c(name), 0_c_int64_t, c_null_ptr, n)
    if (status == MOV_OK) then
      allocate (found(n))
      status = mov_options_get_reals(self%c_handle(), to_c(name), n, c_loc(found), count)
      if (status == MOV_OK) call move_alloc(found, value)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine get_reals

  subroutine get_integers(self, name, value, stat, errmsg)
    class(mov_options), intent(in) :: self
    character(*), intent(in) :: name
    integer(int32), allocatable, intent(inout) :: value(:)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(256) :: wrong
    integer(int64), allocatable :: found(:)
    integer(c_int32_t) :: status
    wrong = ''
    call read_integers(self, name, found, status)
    if (status == MOV_OK) then
      call need_default(wrong, name, found, status)
      if (wrong == '') value = int(found, int32)
    end if
    if (is_told(status, stat, present(errmsg), wrong)) errmsg = reason(wrong)
  end subroutine get_integers

  subroutine get_longs(self, name, value, stat, errmsg)
    class(mov_options), intent(in) :: self
    character(*), intent(in) :: name
    integer(int64), allocatable, intent(inout) :: value(:)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    integer(int64), allocatable :: found(:)
    integer(c_int32_t) :: status
    call read_integers(self, name, found, status)
    if (status == MOV_OK) call move_alloc(found, value)
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine get_longs

  subroutine read_integers(self, name, found, status)
    class(mov_options), intent(in) :: self
    character(*), intent(in) :: name
    integer(int64), allocatable, target, intent(out) :: found(:)
    integer(c_int32_t), intent(out) :: status
    integer(c_int64_t) :: n, count
    status = mov_options_get_integers(self%c_handle(), to_c(name), 0_c_int64_t, c_null_ptr, n)
    if (status /= MOV_OK) return
    allocate (found(n))
    status = mov_options_get_integers(self%c_handle(), to_c(name), n, c_loc(found), count)
  end subroutine read_integers

  ! Values that default integers can hold.
  subroutine need_default(wrong, name, values, status)
    character(*), intent(inout) :: wrong
    character(*), intent(in) :: name
    integer(int64), intent(in) :: values(:)
    integer(c_int32_t), intent(inout) :: status
    if (all(abs(values) <= huge(0_int32))) return
    wrong = 'the option `' // trim(name) // '` needs an integer of kind int64'
    status = MOV_ERROR_ARGUMENT
  end subroutine need_default

  ! Every option that there is, in JSON.
  function movimento_options_describe() result(text)
    character(:), allocatable :: text
    character(kind=c_char), allocatable, target :: buffer(:)
    integer(c_int64_t), target :: needed
    call stop_on(mov_options_describe(c_null_ptr, 0_c_int64_t, c_loc(needed)))
    allocate (buffer(needed))
    call stop_on(mov_options_describe(c_loc(buffer), needed, c_null_ptr))
    text = buffer_text(buffer)
  end function movimento_options_describe

end module movimento_options
