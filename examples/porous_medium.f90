! The porous medium equation rho_t = (rho^2)_xx with the energy int rho^2 as a procedure of this program.
!
! From an installed movimento:
!
!     gfortran $(pkg-config --variable=fortran movimento) porous_medium.f90 $(pkg-config --libs movimento) -o porous_medium
!
! The same program is porous_medium.c, porous_medium.cpp and porous_medium.py beside it; all four print the
! same. The exact solution is Barenblatt's, rho(x, t) = t^(-1/3) (c - x^2 / (12 t^(2/3))) where that is
! positive, c = (3/64)^(1/3), of the age of 0.1 at the start: here 0.590511.
module porous_medium_energy
  use, intrinsic :: iso_fortran_env, only: dp => real64
  implicit none

contains

  ! f = rho^2 and f_u = df/drho; each output is absent when it is not wanted.
  subroutine square(x, rho, p, f, f_u, f_p, context, stat)
    real(dp), intent(in) :: x(:, :), rho(:)
    real(dp), intent(in), optional :: p(:, :)
    real(dp), intent(out), optional :: f(:), f_u(:), f_p(:, :)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    if (present(f)) f = rho**2
    if (present(f_u)) f_u = 2 * rho
  end subroutine square

end module porous_medium_energy

program porous_medium
  use movimento
  use porous_medium_energy
  implicit none
  type(mov_options) :: options
  type(mov_energy) :: energy
  type(mov_solver) :: solver
  real(dp) :: rho

  ! An error ends the program with its message; with `stat` and `errmsg` it would not.
  call options%create()
  call options%set('flow', 'wasserstein')
  call options%set('domain', 'space')
  call options%set('dimension', 1)
  call options%set('movement', 'second')
  call options%set('hidden', [8])
  call options%set('tau', 0.005_dp)
  call solver%create(options)
  call energy%create_callback('porous medium', square, MOV_CONVEX)
  call solver%add_energy(energy)
  call solver%set_initial_barenblatt(m=2.0_dp, t=0.1_dp)
  call solver%step_to(0.1_dp)
  call solver%evaluate([0.25_dp], rho)
  print '(a, f7.5, a, f3.1)', 'rho(0.25) = ', rho, ' at t = ', solver%get_time()

  call energy%free()
  call solver%free()
  call options%free()
end program porous_medium
