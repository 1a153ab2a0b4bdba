! The heat equation u_t = 0.1 Laplacian u on [0, 1]^2 on the processes of MPI, each of which has a part of the
! nodes. The answer is the same on any number of processes, and that of heat.c.
!
! With movimento.f90 and movimento_mpi.f90 of share/movimento/fortran:
!     mpif90 movimento.f90 movimento_mpi.f90 heat.f90 -lmovimento -o heat && mpirun -n 2 ./heat
module heat_data
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

end module heat_data

program heat
  use heat_data
  use movimento
  use movimento_mpi
  use mpi, only: MPI_Comm_rank, MPI_COMM_WORLD, MPI_Comm_size, MPI_Finalize, MPI_Init
  implicit none
  real(dp), parameter :: time = 0.02_dp
  type(mov_options) :: options
  type(mov_energy) :: energy
  type(mov_solver) :: solver
  type(mov_mpi) :: processes
  character(:), allocatable :: message
  real(dp) :: u, total
  integer :: rank, size, error, stat
  call MPI_Init(error)
  call MPI_Comm_rank(MPI_COMM_WORLD, rank, error)
  call MPI_Comm_size(MPI_COMM_WORLD, size, error)

  ! Every process sets up the same problem.
  call options%create()
  call options%set('tau', 0.005_dp)
  call options%set('hidden', [16, 16])
  call options%set('threads', 1)
  call solver%create(options)
  call energy%create('dirichlet')
  call energy%set('kappa', 0.1_dp)
  call solver%add_energy(energy)

  ! From here on they work on it together: what fails on one fails on all.
  call processes%attach(solver%c_handle(), MPI_COMM_WORLD)
  call solver%set_initial_callback(initial)
  call solver%step_to(time, stat, message)
  if (stat == 0) then
    total = solver%energy()
    call solver%evaluate([0.25_dp, 0.5_dp], u)
    if (rank == 0) then
      print '(a, f14.12, a, f14.12, a, f4.2)', 'u(0.25, 0.5) = ', u, ', energy ', total, ' at t = ', time
      print '(i0, a, f6.4)', size, ' processes; exact u = ', cos(pi / 4) * exp(-0.1_dp * pi**2 * time)
    end if
  else
    print '(a, i0, 2a)', 'process ', rank, ': ', message
  end if

  ! Variables of the main program are not finalised.
  call solver%free()
  call energy%free()
  call options%free()
  call processes%detach()
  call MPI_Finalize(error)
end program heat
