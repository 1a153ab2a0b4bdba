! Densities, kernels and sources that depend on time, against closed forms.
module time_callbacks
  use checks, only: check, dp, pi
  implicit none

  type :: rate
    real(dp) :: kappa
  end type rate

contains

  elemental function exact(t, x) result(u)
    real(dp), intent(in) :: t, x
    real(dp) :: u
    u = cos(t) + t * cos(pi * x) / 2
  end function exact

  ! (1 + t) u^2 / 2.
  subroutine decay(t, x, u, p, f, f_u, f_p, context, stat)
    real(dp), intent(in) :: t, x(:, :), u(:)
    real(dp), intent(in), optional :: p(:, :)
    real(dp), intent(out), optional :: f(:), f_u(:), f_p(:, :)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    call check(size(x, 2) == size(u) .and. .not. present(p) .and. .not. present(f_p), 'arguments of decay')
    if (present(f)) f = (1 + t) * u**2 / 2
    if (present(f_u)) f_u = (1 + t) * u
    select type (context)
    type is (integer)
      stat = context
    end select
  end subroutine decay

  ! What makes the solution above of it.
  subroutine source(t, x, s, context, stat)
    real(dp), intent(in) :: t, x(:, :)
    real(dp), intent(out) :: s(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    select type (context)
    type is (rate)
      s = -sin(t) + cos(pi * x(1, :)) / 2 * (1 + context%kappa * pi**2 * t) + (1 + t) * exact(t, x(1, :))
    class default
      stat = -7
    end select
  end subroutine source

  subroutine begin(x, u, context, stat)
    real(dp), intent(in) :: x(:, :)
    real(dp), intent(out) :: u(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    u = exact(0.0_dp, x(1, :))
    select type (context)
    type is (integer)
      stat = context
    end select
  end subroutine begin

  ! (x - y)^2 / (4 (1 + t)): with diffusion the variance is 1 + t.
  subroutine springs(t, x, y, w, w_x, context, stat)
    real(dp), intent(in) :: t, x(:, :), y(:, :)
    real(dp), intent(out), optional :: w(:), w_x(:, :)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    if (present(w)) w = (x(1, :) - y(1, :))**2 / (4 * (1 + t))
    if (present(w_x)) w_x = (x - y) / (2 * (1 + t))
    select type (context)
    type is (integer)
      stat = context
    end select
  end subroutine springs

end module time_callbacks

program time
  use checks, only: check, dp, near, refused
  use movimento
  use time_callbacks
  implicit none
  call cooling()
  call interaction()

contains

  subroutine cooling()
    type(mov_options) :: options
    type(mov_energy) :: energy
    type(mov_solver) :: solver
    character(:), allocatable :: message
    real(dp) :: x(1, 2), u(2)
    integer :: stat
    call options%create()
    call options%set('dimension', 1)
    call options%set('movement', 'second')
    call options%set('tau', 0.05_dp)
    call solver%create(options)
    call energy%create('dirichlet')
    call energy%set('kappa', 0.1_dp)
    call solver%add_energy(energy)
    call energy%create_callback_in_time('decay', decay, MOV_USES_TIME, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`flags` is 16')
    call energy%create_callback_in_time('decay', decay, MOV_CONVEX)
    call solver%add_energy(energy)
    call solver%add_source(source, rate(0.1_dp))
    call solver%set_initial_callback(begin)
    call solver%step_to(0.2_dp)
    x(1, :) = [0.15_dp, 0.8_dp]
    call solver%evaluate(x, u)
    call check(all(near(u, exact(0.2_dp, x(1, :)), 5e-4_dp)), 'the solution')
    call solver%add_source(source, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_STATE, 'before the first step')
  end subroutine cooling

  subroutine interaction()
    type(mov_options) :: options
    type(mov_energy) :: energy
    type(mov_solver) :: solver
    character(:), allocatable :: message
    real(dp) :: mean(1), variance(1, 1)
    integer :: stat
    call options%create()
    call options%set('dimension', 1)
    call options%set('flow', 'wasserstein')
    call options%set('domain', 'space')
    call options%set('transport', 'map')
    call options%set('movement', 'second')
    call options%set('tau', 0.05_dp)
    call solver%create(options)
    call energy%create('entropy')
    call solver%add_energy(energy)
    call energy%create_pair_callback('springs', springs, MOV_CONVEX, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`flags` is 8')
    call energy%create_pair_callback('springs', springs, MOV_USES_TIME)
    call solver%add_energy(energy)
    call solver%add_source(source, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_PLUGIN, 'a source adds mass')
    call solver%set_initial_gaussians(reshape([0.0_dp], [1, 1]), reshape([1.0_dp], [1, 1, 1]))
    call solver%step_to(0.2_dp)
    call solver%moments(mean, variance)
    call check(near(mean(1), 0.0_dp, 1e-6_dp) .and. near(variance(1, 1), 1.2_dp, 5e-4_dp), 'moments')
  end subroutine interaction

end program time
