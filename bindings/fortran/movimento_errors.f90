! How the layer reports failures, and texts on their way between the languages.
module movimento_errors
  use, intrinsic :: iso_c_binding, only: c_associated, c_char, c_f_pointer, c_int32_t, &
      c_null_char, c_ptr, c_size_t
  use, intrinsic :: iso_fortran_env, only: error_unit
  use movimento_c, only: MOV_OK, mov_abi_version, mov_last_error, mov_last_status, mov_version
  implicit none
  private

  public :: is_told, reason, stop_on, end_program, to_c, from_c, buffer_text
  public :: movimento_abi_version, movimento_last_error, movimento_last_status, movimento_version

  interface
    function strlen(text) bind(C, name='strlen')
      import :: c_ptr, c_size_t
      implicit none
      type(c_ptr), value :: text
      integer(c_size_t) :: strlen
    end function strlen
  end interface

contains

  ! What went wrong in the last call on this thread that failed.
  function movimento_last_error() result(message)
    character(:), allocatable :: message
    message = from_c(mov_last_error())
  end function movimento_last_error

  ! The status of the last call on this thread that failed.
  integer function movimento_last_status()
    movimento_last_status = mov_last_status()
  end function movimento_last_status

  ! The interface of the library that is running, to be compared with MOV_HEADER_ABI_VERSION.
  integer function movimento_abi_version()
    movimento_abi_version = mov_abi_version()
  end function movimento_abi_version

  ! The version of the library.
  function movimento_version() result(version)
    character(:), allocatable :: version
    version = from_c(mov_version())
  end function movimento_version

  ! Whether `errmsg` gets the message of this status. Calls end as `allocate` does: `stat` gets the status;
  ! `errmsg` the message, but only of a failure; and a failure without `stat` ends the program. The message
  ! is C's, or `wrong` if that is not ''.
  !
  ! (A simpler form, a subroutine that is handed `errmsg` on, is compiled wrong by gfortran 12, which loses
  ! the length of an optional argument that is the actual argument of another.)
  logical function is_told(status, stat, is_wanted, wrong)
    integer(c_int32_t), intent(in) :: status
    integer, intent(out), optional :: stat
    logical, intent(in) :: is_wanted
    character(*), intent(in), optional :: wrong
    if (present(stat)) stat = status
    is_told = status /= MOV_OK .and. is_wanted
    if (status == MOV_OK .or. present(stat)) return
    if (present(wrong)) then
      call end_program(reason(wrong))
    else
      call end_program(movimento_last_error())
    end if
  end function is_told

  ! What was found wrong by the layer, or, if that is '', by C.
  function reason(wrong)
    character(*), intent(in) :: wrong
    character(:), allocatable :: reason
    reason = trim(wrong)
    if (wrong == '') reason = movimento_last_error()
  end function reason

  ! Ends the program if a call failed that cannot fail but for a want of memory.
  subroutine stop_on(status)
    integer(c_int32_t), intent(in) :: status
    if (status /= MOV_OK) call end_program(movimento_last_error())
  end subroutine stop_on

  subroutine end_program(message)
    character(*), intent(in) :: message
    ! F2008 has no stop code that is a variable.
    write (error_unit, '(2a)') 'movimento: ', message
    error stop 1
  end subroutine end_program

  ! A text for C: without trailing blanks, which mean nothing in Fortran.
  pure function to_c(text) result(copy)
    character(*), intent(in) :: text
    character(len_trim(text) + 1, c_char) :: copy
    copy = trim(text) // c_null_char
  end function to_c

  ! A text of C, up to its NUL.
  function from_c(pointer) result(text)
    type(c_ptr), intent(in) :: pointer
    character(:), allocatable :: text
    character(kind=c_char), pointer :: letters(:)
    if (.not. c_associated(pointer)) then
      text = ''
      return
    end if
    call c_f_pointer(pointer, letters, [strlen(pointer)])
    text = joined(letters)
  end function from_c

  ! The text in a buffer that C filled.
  function buffer_text(buffer) result(text)
    character(kind=c_char), intent(in) :: buffer(:)
    character(:), allocatable :: text
    text = joined(buffer(:size(buffer) - 1))
  end function buffer_text

  pure function joined(letters) result(text)
    character(kind=c_char), intent(in) :: letters(:)
    character(size(letters)) :: text
    integer :: i
    do i = 1, size(letters)
      text(i:i) = letters(i)
    end do
  end function joined

end module movimento_errors
