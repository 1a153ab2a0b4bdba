! Fields of two components, wrong calls included; prints nothing.
module system_callbacks
  use checks, only: check, dp, pi
  implicit none

  real(dp), parameter :: kappa(2) = [0.1_dp, 0.02_dp], coupling = 5

contains

  ! Two fields that diffuse and draw each other.
  subroutine drawn(t, x, u, p, f, f_u, f_p, context, stat)
    real(dp), intent(in) :: t, x(:, :), u(:, :)
    real(dp), intent(in), optional :: p(:, :, :)
    real(dp), intent(out), optional :: f(:), f_u(:, :), f_p(:, :, :)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    integer :: i
    call check(size(x, 2) == size(u, 2) .and. size(u, 1) == 2 .and. all(shape(p) == [1, 2, size(u, 2)]) .and. &
        abs(t) < 1, 'arguments of drawn')
    do i = 1, size(u, 2)
      if (present(f)) f(i) = coupling * (u(1, i) - u(2, i))**2 / 2 + sum(kappa * p(1, :, i)**2) / 2
      if (present(f_u)) f_u(:, i) = coupling * (u(1, i) - u(2, i)) * [1, -1]
      if (present(f_p)) f_p(1, :, i) = kappa * p(1, :, i)
    end do
  end subroutine drawn

  ! A wave, and 0.
  subroutine value(x, u, context, stat)
    real(dp), intent(in) :: x(:, :)
    real(dp), intent(out) :: u(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    call check(size(u) == 2 * size(x, 2), 'shapes in value')
    u(1::2) = cos(pi * x(1, :))
    u(2::2) = 0
  end subroutine value

  ! Each for the other.
  subroutine swapped(x, u, values, context, stat)
    real(dp), intent(in) :: x(:, :), u(:)
    real(dp), intent(out) :: values(:, :)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    call check(size(u) == 2 * size(x, 2) .and. all(shape(values) == [2, size(x, 2)]), 'shapes in swapped')
    values(1, :) = u(2::2)
    values(2, :) = u(1::2)
  end subroutine swapped

end module system_callbacks

program system
  use checks
  use movimento
  use system_callbacks
  implicit none
  call two_fields()

contains

  subroutine two_fields()
    type(mov_options) :: options
    type(mov_energy) :: energy
    type(mov_solver) :: solver, scalar
    character(:), allocatable :: message
    real(dp) :: x(1, 2), u(2, 2), grad(1, 2, 2), heights(2), flat(4), other(2, 2), mean, half, root
    integer :: stat
    call options%create()
    call options%set('dimension', 1)
    call options%set('components', 2)
    call options%set('tau', 0.02_dp)
    call options%set('movement', 'second')
    call options%set('hidden', [60])
    call options%set('training', 'outputs')
    call solver%create(options)
    call check(solver%get_components() == 2, 'components')
    call energy%create_system('coupled', drawn, 17, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`components` is 17')
    call energy%create_system('coupled', drawn, 2, flags=MOV_USES_GRADIENT + MOV_CONVEX)
    call solver%add_energy(energy)
    call solver%set_initial_callback(value)
    call solver%step_to(0.2_dp)
    x = reshape([0.0_dp, 0.25_dp], [1, 2])
    call solver%evaluate(x, u, grad)
    ! Heights of the wave by the eigenvalues of [a, -5; -5, b].
    mean = sum(kappa) * pi**2 / 2 + coupling
    half = (kappa(1) - kappa(2)) * pi**2 / 2
    root = hypot(half, coupling)
    heights = exp(-0.2_dp * mean) * [cosh(0.2_dp * root) - half * sinh(0.2_dp * root) / root, &
        coupling * sinh(0.2_dp * root) / root]
    call check(all(near(u(:, 1), heights, 2e-4_dp)), 'u at 0')
    call check(all(near(u(:, 2), heights * cos(pi / 4), 2e-4_dp)), 'u at 1/4')
    call check(all(near(grad(1, :, 2), -pi * heights * sin(pi / 4), 2e-2_dp)), 'grad u')
    call solver%evaluate(x, flat)
    call check(all(near(flat, reshape(u, [4]), 1e-15_dp)), 'flat')
    call solver%evaluate(x, flat(:3), stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`x` has the shape (1, 2), not (1, 1)')
    call solver%evaluate(x(:, 1), mean, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`u` has the shape (1), not (2)')
    call solver%set_state_callback(swapped)
    call solver%evaluate(x, other)
    call check(all(near(other(1, :), u(2, :), 1e-6_dp)) .and. all(near(other(2, :), u(1, :), 1e-6_dp)), 'swapped')
    call options%set('components', 1)
    call scalar%create(options)
    call scalar%add_energy(energy, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_PLUGIN, 'of 2 components')
  end subroutine two_fields

end program system
