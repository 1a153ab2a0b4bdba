! Objects that are variables of the main program, which no finaliser meets. Usage: main_program FOLDER
program main_program
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use movimento
  implicit none
  type(mov_options) :: options
  type(mov_energy) :: energy
  type(mov_solver) :: solver
  type(mov_writer) :: writer
  character(1024) :: folder
  integer :: step
  call get_command_argument(1, folder)
  call options%create()
  call options%set('dimension', 1)
  call options%set('nodes', 40)
  call options%set('check_nodes', 40)
  call options%set('threads', 1)
  call options%set('hidden', [8])
  call options%set('tau', 1) ! a whole number
  call options%set('upper', [1])
  call options%set('tau', 0.001_dp)
  call options%set('snapshot_index_seconds', 1.0e6_dp)
  call solver%create(options)
  call energy%create('dirichlet')
  call solver%add_energy(energy)
  call solver%set_initial_named('sine')
  call writer%create(solver, trim(folder))
  call writer%write(solver)
  do step = 1, 5
    call solver%step()
    call writer%write(solver)
  end do
end program main_program
