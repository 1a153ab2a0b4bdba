! The heat equation of examples/heat.c: u_t = kappa Laplacian u on [-pi/4, pi/4]^2 is the L2 gradient flow
! of the Dirichlet energy kappa/2 int |grad u|^2, here a plugin that is loaded at run time.
!
! From an installed movimento:
!
!     gfortran $(pkg-config --variable=fortran movimento) heat.f90 $(pkg-config --libs movimento) -o heat && ./heat
!
! compares with the exact solution after 40 steps.
module heat_modes
  use, intrinsic :: iso_fortran_env, only: dp => real64
  implicit none
  real(dp), parameter :: pi = 3.141592653589793_dp, kappa = 0.1_dp

  ! Each mode a cos(p x) cos(q y) decays by itself.
  real(dp), parameter :: a(5) = [4.0_dp, -0.5_dp, 0.6_dp, 1.0_dp, 1.0_dp]
  real(dp), parameter :: p(5) = [0, 4, 0, 8, 8], q(5) = [0, 0, 4, 4, 8]

contains

  pure function exact(t, x) result(u)
    real(dp), intent(in) :: t, x(:, :)
    real(dp) :: u(size(x, 2))
    integer :: m
    u = 0
    do m = 1, size(a)
      u = u + a(m) * exp(-kappa * (p(m)**2 + q(m)**2) * t) * cos(p(m) * x(1, :)) * cos(q(m) * x(2, :))
    end do
  end function exact

  ! The initial condition, and its gradient, which makes the fit cheaper.
  subroutine initial(x, u, context, stat)
    real(dp), intent(in) :: x(:, :)
    real(dp), intent(out) :: u(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    u = exact(0.0_dp, x)
  end subroutine initial

  subroutine initial_gradient(x, grad, context, stat)
    real(dp), intent(in) :: x(:, :)
    real(dp), intent(out) :: grad(:, :)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    integer :: m
    grad = 0
    do m = 1, size(a)
      grad(1, :) = grad(1, :) - a(m) * p(m) * sin(p(m) * x(1, :)) * cos(q(m) * x(2, :))
      grad(2, :) = grad(2, :) - a(m) * q(m) * cos(p(m) * x(1, :)) * sin(q(m) * x(2, :))
    end do
  end subroutine initial_gradient

end module heat_modes

program heat
  use heat_modes
  use movimento
  implicit none
  integer, parameter :: steps = 40, points = 20000
  type(mov_options) :: options
  type(mov_energy) :: energy
  type(mov_solver) :: solver
  real(dp) :: x(2, points), u(points), v(points), t
  logical :: monotone
  integer :: step

  ! Options that are not set have defaults; movimento_options_describe lists them.
  call options%create()
  call options%set('dimension', 2)
  call options%set('lower', [-pi / 4])
  call options%set('upper', [pi / 4])
  call options%set('tau', 0.005_dp)
  call solver%create(options)
  call energy%create('dirichlet')
  call energy%set('kappa', kappa)
  call solver%add_energy(energy)
  call solver%set_initial_callback(initial, initial_gradient)
  print '(a, es7.1)', 'initial fit: relative error ', solver%report('fit_relative_error')

  monotone = .true.
  do step = 1, steps
    call solver%step()
    monotone = monotone .and. solver%report('energy') <= solver%report('energy_before')
  end do

  ! The relative L2 error on points that the solver has not seen.
  call random_number(x)
  x = pi / 2 * (x - 0.5_dp)
  t = solver%get_time()
  call solver%evaluate(x, u)
  v = exact(t, x)
  print '(i0, a, f5.3, 2a)', steps, ' steps to t = ', t, ', energy ', &
      merge('decreasing in each  ', 'INCREASING in some  ', monotone)
  print '(a, es9.3, a)', 'relative L2 error ', norm2(u - v) / norm2(v), ' (paper: 3.15e-03)'

  call energy%free()
  call solver%free()
  call options%free()
  if (.not. monotone) error stop 1
end program heat
