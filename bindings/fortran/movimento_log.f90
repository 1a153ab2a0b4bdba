! The library's log, for the whole process.
module movimento_log
  use, intrinsic :: iso_c_binding, only: c_funloc, c_int32_t, c_loc, c_null_funptr, c_null_ptr
  use movimento_c, only: MOV_OK, mov_set_log
  use movimento_callbacks, only: callback, held, let_go, log_from_c, mov_log_function, new_callback
  use movimento_errors, only: is_told, movimento_last_error
  implicit none
  private

  public :: movimento_set_log

  ! Another thread can be inside a function that was replaced, so that none is ever let go.
  type(held), allocatable, save :: every(:)

contains

  ! Sends the messages up to `level`, MOV_LOG_OFF to MOV_LOG_TRACE, to a procedure; without one there is no
  ! log. Calls must not overlap.
  subroutine movimento_set_log(level, function, context, stat, errmsg)
    integer, intent(in) :: level
    procedure(mov_log_function), optional :: function
    class(*), intent(in), optional :: context
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(callback), pointer :: made
    integer(c_int32_t) :: status
    if (.not. present(function)) then
      if (is_told(mov_set_log(int(level, c_int32_t), c_null_funptr, c_null_ptr), stat, present(errmsg))) &
          errmsg = movimento_last_error()
      return
    end if
    made => new_callback(context)
    made%log => function
    status = mov_set_log(int(level, c_int32_t), c_funloc(log_from_c), c_loc(made))
    if (status == MOV_OK) then
      if (.not. allocated(every)) allocate (every(0))
      every = [every, held(made)]
    else
      call let_go(made)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine movimento_set_log

end module movimento_log
