! Energies of second derivatives, wrong calls included; prints nothing.
module hessian_callbacks
  use checks, only: check, dp, pi
  implicit none

contains

  ! A beam under tension: (h^2 + p^2) / 2.
  subroutine bent(t, x, u, p, h, f, f_u, f_p, f_h, context, stat)
    real(dp), intent(in) :: t, x(:, :), u(:), h(:, :, :)
    real(dp), intent(in), optional :: p(:, :)
    real(dp), intent(out), optional :: f(:), f_u(:), f_p(:, :), f_h(:, :, :)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    call check(all(shape(h) == [1, 1, size(u)]) .and. present(p) .and. size(x, 2) == size(u) .and. abs(t) < 1, &
        'arguments of bent')
    if (present(f)) f = (h(1, 1, :)**2 + p(1, :)**2) / 2
    if (present(f_u)) f_u = 0
    if (present(f_p)) f_p = p
    if (present(f_h)) f_h = h
  end subroutine bent

  subroutine value(x, u, context, stat)
    real(dp), intent(in) :: x(:, :)
    real(dp), intent(out) :: u(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    u = sin(pi * x(1, :))
  end subroutine value

end module hessian_callbacks

program hessian
  use checks
  use movimento
  use hessian_callbacks
  implicit none
  call beam()

contains

  ! u_t = u_xx - u_xxxx with u = u_xx = 0 at both ends, by its lowest mode.
  subroutine beam()
    type(mov_options) :: options
    type(mov_energy) :: energy
    type(mov_solver) :: solver, whole
    character(:), allocatable :: message
    real(dp) :: x(1, 1), u(1), height
    integer :: stat
    call options%create()
    call options%set('dimension', 1)
    call options%set('tau', 2e-3_dp)
    call options%set('movement', 'third')
    call options%set('hidden', [60])
    call options%set('training', 'outputs')
    call solver%create(options)
    call energy%create_with_hessian('beam', bent, 64, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`flags` is 64')
    call energy%create_with_hessian('beam', bent, flags=MOV_USES_GRADIENT + MOV_CONVEX)
    call solver%add_energy(energy)
    call solver%set_dirichlet(-1, 0.0_dp)
    call solver%set_initial_callback(value)
    call solver%step_to(0.01_dp)
    x = 0.5_dp
    height = exp(-0.01_dp * (pi**2 + pi**4))
    call solver%evaluate(x, u)
    call check(near(u(1), height, 1e-4_dp), 'u in the middle')
    call options%create()
    call options%set('training', 'all')
    call whole%create(options)
    call whole%add_energy(energy, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_STATE, '`training` is all')
  end subroutine beam

end program hessian
