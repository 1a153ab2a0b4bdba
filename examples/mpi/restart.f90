! A run of MPI that may be killed at any time and goes on where its folder ends, on the same number of processes or
! on another: that of restart.c. Usage: mpirun -n 4 restart FOLDER [TIME]
!
! With movimento.f90 and movimento_mpi.f90 of share/movimento/fortran:
!     mpif90 movimento.f90 movimento_mpi.f90 restart.f90 -lmovimento -o restart && mpirun -n 4 ./restart run
module restart_data
  use, intrinsic :: iso_fortran_env, only: dp => real64
  implicit none
  real(dp), parameter :: pi = 3.141592653589793_dp

contains

  ! u_0 at some points: those of this process.
  subroutine initial(x, u, context, stat)
    real(dp), intent(in) :: x(:, :)
    real(dp), intent(out) :: u(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    u = cos(pi * x(1, :))
  end subroutine initial

end module restart_data

program restart
  use, intrinsic :: iso_fortran_env, only: output_unit
  use restart_data
  use movimento
  use movimento_mpi
  use mpi, only: MPI_Comm_rank, MPI_COMM_WORLD, MPI_Finalize, MPI_Init
  implicit none
  type(mov_options) :: options
  type(mov_energy) :: energy
  type(mov_solver) :: solver
  type(mov_writer) :: writer
  type(mov_mpi) :: processes
  character(:), allocatable :: message
  character(500) :: folder, word
  real(dp) :: u, end
  integer :: rank, error, stat, number
  call MPI_Init(error)
  call MPI_Comm_rank(MPI_COMM_WORLD, rank, error)
  folder = 'run'
  end = 0.1_dp
  if (command_argument_count() > 0) call get_command_argument(1, folder)
  if (command_argument_count() > 1) then
    call get_command_argument(2, word)
    read (word, *) end
  end if

  call options%create()
  call options%set('tau', 0.005_dp)
  call options%set('hidden', [16, 16])
  call options%set('threads', 1)
  call options%set('snapshot_resolution', 21)
  call options%set('snapshot_existing', 'continue')
  call solver%create(options)
  call energy%create('dirichlet')
  call energy%set('kappa', 0.1_dp)
  call solver%add_energy(energy)
  call processes%attach(solver%c_handle(), MPI_COMM_WORLD)

  ! Process 0 reads the last whole snapshot for all; there is none in the beginning.
  call solver%restore(trim(folder), number, stat, message)
  if (stat == MOV_TRY_AGAIN) then
    call solver%set_initial_callback(initial)
  else if (stat /= MOV_OK) then
    print '(a, i0, 2a)', 'process ', rank, ': ', message
    error stop
  else if (rank == 0) then
    print '(a, i0)', 'restored ', number
  end if

  ! All make these calls; process 0 has the folder. Without `stat` an error ends the program.
  call writer%create(solver, trim(folder))
  call writer%write(solver)
  do while (solver%get_time() < end - 1e-9_dp)
    call solver%step()
    call writer%write(solver, number)
    if (rank == 0) then
      print '(a, i0)', 'written ', number
      flush (output_unit)
    end if
  end do
  call writer%close()
  call solver%evaluate([0.25_dp, 0.5_dp], u)
  if (rank == 0) print '(a, es24.17, a, f5.3)', 'u(0.25, 0.5) = ', u, ' at t = ', solver%get_time()

  ! Variables of the main program are not finalised.
  call writer%free()
  call solver%free()
  call energy%free()
  call options%free()
  call processes%detach()
  call MPI_Finalize(error)
end program restart
