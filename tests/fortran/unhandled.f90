! What ends a program, with its message on standard error: an error without `stat`, and a copy.
! Argument: which.
module hosts
  use movimento
  implicit none

  type :: model
    integer :: number = 0
    type(mov_options) :: options
  end type model

end module hosts

program unhandled
  use checks, only: dp
  use hosts
  implicit none
  type(mov_options) :: options, more
  type(mov_solver) :: solvers(2), others(2)
  type(model) :: first, second
  character(:), allocatable :: message
  character(20) :: which
  call get_command_argument(1, which)
  message = 'of no help without stat'
  call options%create()
  select case (which)
  case ('error')
    call options%set('tau', -1.0_dp, errmsg=message)
  case ('shape')
    call options%set('dimension', 1)
    call solvers(1)%create(options)
    call solvers(1)%set_initial_values(reshape([1.0_dp, 2.0_dp], [2, 1]), [1.0_dp])
  case ('create')
    call options%set('domain', 'space')
    call solvers(1)%create(options, errmsg=message)
  case ('copy')
    more = options
  case ('component')
    call first%options%create()
    second = first
  case ('array')
    call solvers(2)%create(options)
    others = solvers
  end select
  print '(a)', 'not reached'
end program unhandled
