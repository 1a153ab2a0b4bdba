! Ranks without MPI: one of one, and functions that do not do what they should; mpi/movimento_mpi.f90 makes
! those of MPI. Prints nothing.
module ranks_callbacks
  use checks, only: dp, pi
  implicit none

contains

  ! Leaves the numbers as they are, which is right for one rank only.
  subroutine nothing(values, context, stat)
    real(dp), intent(inout) :: values(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
  end subroutine nothing

  subroutine failing(values, context, stat)
    real(dp), intent(inout) :: values(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    stat = -1
    select type (context)
    type is (integer)
      stat = context
    end select
  end subroutine failing

  subroutine value(x, u, context, stat)
    real(dp), intent(in) :: x(:, :)
    real(dp), intent(out) :: u(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    u = 1 + cos(pi * x(1, :)) / 2
  end subroutine value

end module ranks_callbacks

program ranks
  use checks
  use movimento
  use ranks_callbacks
  implicit none
  call refusals_and_one()

contains

  subroutine refusals_and_one()
    type(mov_options) :: options
    type(mov_energy) :: energy
    type(mov_solver) :: solver
    character(:), allocatable :: message
    integer :: stat
    call options%create()
    call options%set('dimension', 1)
    call options%set('hidden', [8])
    call options%set('threads', 1)
    call solver%set_communicator(0, 1, nothing, nothing, nothing, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_HANDLE, '`solver` is NULL')
    call solver%create(options)
    call solver%set_communicator(1, 1, nothing, nothing, nothing, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, 'rank')
    call solver%set_communicator(0, 2, nothing, nothing, nothing, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, 'sum')
    call solver%set_communicator(0, 2, failing, failing, failing, -9, stat, message)
    call refused(stat, message, MOV_ERROR_CALLBACK, '-9')
    call solver%set_communicator(0, 1, nothing, nothing, nothing)
    call solver%set_communicator(0, 1, nothing, nothing, nothing, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_STATE, 'communicator')
    call energy%create('dirichlet')
    call solver%add_energy(energy)
    call solver%set_initial_callback(value)
    call solver%step()
    call check(near(solver%report('mass'), 1.0_dp, 1e-2_dp), 'mass')
  end subroutine refusals_and_one

end program ranks
