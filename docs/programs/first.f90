module initial
  use, intrinsic :: iso_fortran_env, only: dp => real64
  implicit none
contains
  ! u_0 at the points x(:, i).
  subroutine u0(x, u, context, stat)
    real(dp), intent(in) :: x(:, :)
    real(dp), intent(out) :: u(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    u = cos(3.141592653589793_dp * x(1, :))
  end subroutine u0
end module initial

program heat
  use initial
  use movimento
  implicit none
  type(mov_options) :: options
  type(mov_energy) :: energy
  type(mov_solver) :: solver
  real(dp) :: u
  call options%create() ! a problem on the unit square
  call options%set('tau', 0.005_dp)
  call solver%create(options)
  call energy%create('dirichlet')
  call energy%set('kappa', 0.1_dp)
  call solver%add_energy(energy)
  call solver%set_initial_callback(u0)
  call solver%step_to(0.02_dp)
  call solver%evaluate([0.25_dp, 0.5_dp], u)
  print '(a, f6.4, a)', 'u(0.25, 0.5) = ', u, ' at t = 0.02'
end program heat
