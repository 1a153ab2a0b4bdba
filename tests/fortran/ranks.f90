! A communicator of one rank, by the raw interface; movimento_mpi.f90 makes those of MPI. Prints nothing.
module ranks_callbacks
  use, intrinsic :: iso_c_binding, only: c_int32_t, c_int64_t, c_ptr
  implicit none

contains

  ! What one rank brings is the sum, the largest and that of the first.
  function nothing(n, values, user_data) result(status) bind(C)
    integer(c_int64_t), value :: n
    type(c_ptr), value :: values, user_data
    integer(c_int32_t) :: status
    status = 0
  end function nothing

end module ranks_callbacks

program ranks
  use, intrinsic :: iso_c_binding, only: c_funloc, c_funptr, c_null_ptr
  use checks
  use movimento
  use movimento_c, only: mov_solver_set_communicator
  use ranks_callbacks
  implicit none
  call alone()

contains

  subroutine alone()
    type(mov_options) :: options
    type(mov_solver) :: solver
    type(c_funptr) :: function
    function = c_funloc(nothing)
    call options%create()
    call solver%create(options)
    associate (handle => solver%c_handle())
      call check(mov_solver_set_communicator(handle, 1, 1, function, function, function, c_null_ptr) &
          == MOV_ERROR_ARGUMENT, 'a rank beyond the size')
      call check(mov_solver_set_communicator(handle, 0, 1, function, function, function, c_null_ptr) &
          == MOV_OK, 'one rank')
      call check(mov_solver_set_communicator(handle, 0, 1, function, function, function, c_null_ptr) &
          == MOV_ERROR_STATE, 'a second communicator')
    end associate
  end subroutine alone

end program ranks
