! An advection code that splits operators with movimento: it moves u along a ring by interpolation on its own grid,
! and the reaction and diffusion u_t = kappa u_xx - r (u^3 - u) are steps of the library. Advection commutes with
! them, so that after one turn u is what it is without. Prints u at a point and how far the two are apart. As
! splitting.c does.
module ring
  use, intrinsic :: iso_fortran_env, only: dp => real64
  implicit none
  integer, parameter :: n = 400, steps = 20
  real(dp), parameter :: tau = 0.005_dp, kappa = 0.02_dp, rate = 8

contains

  ! kappa/2 p^2 + r/4 (u^2 - 1)^2
  subroutine allen_cahn(x, u, p, f, f_u, f_p, context, stat)
    real(dp), intent(in) :: x(:, :), u(:)
    real(dp), intent(in), optional :: p(:, :)
    real(dp), intent(out), optional :: f(:), f_u(:), f_p(:, :)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    if (present(f)) f = kappa / 2 * p(1, :)**2 + rate / 4 * (u**2 - 1)**2
    if (present(f_u)) f_u = rate * (u**2 - 1) * u
    if (present(f_p)) f_p = kappa * p
  end subroutine allen_cahn

  ! u moved by `shift` along the ring, by cubic interpolation.
  subroutine advect(u, shift)
    real(dp), intent(inout) :: u(0:n - 1)
    real(dp), intent(in) :: shift
    real(dp) :: old(0:n - 1), from, t
    integer :: i, k
    old = u
    do i = 0, n - 1
      from = i - shift * n
      k = floor(from) + n
      t = from - floor(from)
      u(i) = -t * (t - 1) * (t - 2) / 6 * old(mod(k - 1, n)) + (t + 1) * (t - 1) * (t - 2) / 2 * old(mod(k, n)) &
          - (t + 1) * t * (t - 2) / 2 * old(mod(k + 1, n)) + (t + 1) * t * (t - 1) / 6 * old(mod(k + 2, n))
    end do
  end subroutine advect

end module ring

program splitting
  use movimento, only: mov_energy, mov_options, mov_solver, MOV_USES_GRADIENT
  use ring, only: advect, allen_cahn, dp, n, steps, tau
  implicit none
  type(mov_options) :: options
  type(mov_energy) :: energy
  type(mov_solver) :: solver, unmoved
  real(dp) :: x(1, n), u(n), alone(n)
  integer :: i
  call options%create()
  call options%set('dimension', 1)
  call options%set('embedding', 'periodic')
  call options%set('movement', 'second')
  call options%set('tau', tau)
  call solver%create(options)
  call energy%create_callback('Allen-Cahn', allen_cahn, MOV_USES_GRADIENT)
  call solver%add_energy(energy)
  x(1, :) = [((i - 0.5_dp) / n, i=1, n)]
  u = 0.3_dp * sin(6.283185307179586_dp * x(1, :)) + 0.5_dp * cos(12.566370614359172_dp * x(1, :))
  call solver%set_initial_values(x, u)
  call solver%clone(unmoved)
  do i = 1, steps
    call solver%evaluate(x, u)
    call advect(u, 1.0_dp / steps)
    call solver%set_state_values(x, u)
    call solver%step()
    call unmoved%step()
  end do
  call solver%evaluate(x, u)
  call unmoved%evaluate(x, alone)
  print '(a, f5.3, a, f4.2, a, es7.1, a)', 'u = ', u(n / 8 + 1), ' at t = ', solver%get_time(), ', ', &
      maxval(abs(u - alone)), ' from that without advection'
  call unmoved%free()
  call solver%free()
  call energy%free()
  call options%free()
end program splitting
