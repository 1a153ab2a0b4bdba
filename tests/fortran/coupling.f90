! A solver within another code, wrong calls included; prints nothing.
module coupling_callbacks
  use checks, only: check, dp, pi
  implicit none

contains

  ! u^2/2 and p^2/20: u_t = u_xx/10 - u.
  subroutine decay(x, u, p, f, f_u, f_p, context, stat)
    real(dp), intent(in) :: x(:, :), u(:)
    real(dp), intent(in), optional :: p(:, :)
    real(dp), intent(out), optional :: f(:), f_u(:), f_p(:, :)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    if (present(f)) f = u**2 / 2 + p(1, :)**2 / 20
    if (present(f_u)) f_u = u
    if (present(f_p)) f_p = p / 10
  end subroutine decay

  subroutine value(x, u, context, stat)
    real(dp), intent(in) :: x(:, :)
    real(dp), intent(out) :: u(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    u = 1 + cos(pi * x(1, :)) / 2
  end subroutine value

  ! A factor, which is the context, times the present u.
  subroutine times(x, u, values, context, stat)
    real(dp), intent(in) :: x(:, :), u(:)
    real(dp), intent(out) :: values(:, :)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    call check(size(values, 1) == 1 .and. size(x, 2) == size(u), 'shapes in times')
    select type (context)
    type is (real(dp))
      values(1, :) = context * u
    class default
      stat = -3
    end select
  end subroutine times

  subroutine half(time, energy, x, u, value, context, stat)
    real(dp), intent(in) :: time, energy, x(:, :), u(:)
    real(dp), intent(out) :: value
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    call check(time >= 0 .and. energy > 0 .and. all(shape(x) == [1, 2]), 'arguments of half')
    value = sum(u) / 2 - 0.5_dp
  end subroutine half

end module coupling_callbacks

program coupling
  use, intrinsic :: ieee_arithmetic, only: ieee_quiet_nan, ieee_value
  use checks
  use coupling_callbacks
  use movimento
  implicit none
  call couple()

contains

  subroutine couple()
    type(mov_options) :: options
    type(mov_energy) :: energy
    type(mov_solver) :: solver, copy
    type(mov_state) :: state
    character(:), allocatable :: message
    integer, parameter :: n = 80
    real(dp) :: x(1, n), u(n), before, then, time, two(1, 2), values(2), grad(1, 2), hessian(1, 1, 2), laplacian(2), &
        rate(2), between(2)
    real(dp), allocatable :: parameters(:)
    integer :: stat, ended, i
    call options%create()
    call options%set('dimension', 1)
    call options%set('hidden', [12])
    call options%set('training', 'outputs')
    call options%set('threads', 1)
    call options%set('tau', 0.05_dp)
    call options%set('movement', 'second')
    call solver%create(options)
    call energy%create_callback('decay', decay, MOV_USES_GRADIENT + MOV_CONVEX)
    call solver%add_energy(energy)
    call energy%free()
    call solver%save_state(state, stat, message)
    call refused(stat, message, MOV_ERROR_STATE, 'initial condition')
    call solver%set_initial_callback(value)
    call solver%set_time(2.0_dp)
    call solver%step()
    call check(near(solver%get_time(), 2.05_dp, 1e-12_dp), 'time')

    x(1, :) = [((i - 1) / (n - 1.0_dp), i=1, n)]
    call solver%evaluate(x, u)
    before = u(20)
    call solver%set_state_values(x, 2 * u)
    call check(near(at(solver, x(:, 20)), 2 * before, 1e-3_dp), 'values')
    call solver%add_increment_values(x, -u)
    call check(near(at(solver, x(:, 20)), before, 1e-3_dp), 'increment by values')
    call solver%set_state_callback(times, 2.0_dp)
    call solver%add_increment_callback(times, -0.5_dp)
    call check(near(at(solver, x(:, 20)), before, 1e-3_dp), 'functions')
    call check(nint(solver%report('hand_over_count')) == 4, 'count')
    call solver%set_state_callback(times, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_CALLBACK, '-3')
    call solver%set_state_values(x(:, :70), u, stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`x` has the shape (1, 70), not (1, 80)')
    call solver%set_time(ieee_value(before, ieee_quiet_nan), stat)
    call check(stat == MOV_ERROR_ARGUMENT, 'no time')
    call solver%step()

    call solver%save_state(state)
    call solver%step_by(0.02_dp)
    then = at(solver, x(:, 7))
    call solver%restore_state(state)
    call solver%clone(copy)
    call solver%step_by(0.02_dp)
    call copy%step_by(0.02_dp)
    call check(near(at(solver, x(:, 7)), then, tiny(then)) .and. near(at(copy, x(:, 7)), then, tiny(then)), 'bits')
    call check(near(solver%get_tau(), 0.05_dp, tiny(then)), 'tau stays')
    call copy%restore_state(state)
    call state%free()
    call copy%restore_state(state, stat, message)
    call refused(stat, message, MOV_ERROR_HANDLE, '`state` is NULL')
    call solver%parameters(parameters)
    call copy%set_parameters(parameters)
    call check(near(at(copy, x(:, 9)), at(solver, x(:, 9)), tiny(then)), 'parameters')
    call copy%set_parameters(parameters(2:), stat)
    call check(stat == MOV_ERROR_ARGUMENT, 'too few parameters')

    two(1, :) = [0.25_dp, 0.5_dp]
    call solver%evaluate_all(two, values, grad, hessian, laplacian, rate)
    call check(all(near(hessian(1, 1, :), laplacian, tiny(then))), 'Laplacian')
    call check(all(near(rate, laplacian / 10 - values, 1e-9_dp)), 'rate')
    call solver%evaluate_all(two, laplacian=between)
    call check(all(near(between, laplacian, tiny(then))), 'Laplacian alone')
    call solver%evaluate_all(two, u, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`u` has the shape (80), not (2)')
    time = solver%get_time()
    call solver%evaluate_between(time - 0.01_dp, two, between)
    call check(all(near(between, values - 0.01_dp * rate, 1e-3_dp)), 'between')

    call solver%run(time=time + 0.08_dp, ended=ended)
    call check(ended == MOV_ENDED_TIME, 'time')
    two(1, :) = [0.0_dp, 1.0_dp]
    call solver%run(event=half, x=two, ended=ended)
    call solver%evaluate(two, values)
    call check(ended == MOV_ENDED_EVENT .and. near(sum(values) / 2, 0.5_dp, 1e-6_dp), 'event')
    call solver%run(time=1e3_dp, seconds=1e-9_dp, ended=ended)
    call check(ended == MOV_ENDED_SECONDS, 'seconds')
    call solver%set_tau(1.0_dp)
    call solver%run(rest=1e-3_dp, ended=ended)
    call check(ended == MOV_ENDED_REST, 'rest')
    call solver%run(stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, 'nothing is given')
  end subroutine couple

  function at(solver, x) result(u)
    type(mov_solver), intent(in) :: solver
    real(dp), intent(in) :: x(:)
    real(dp) :: u
    call solver%evaluate(x, u)
  end function at

end program coupling
