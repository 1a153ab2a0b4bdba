! A tiny heat equation that goes through the whole interface, wrong calls included, and prints nothing.
! Arguments: the number of steps, and a folder for a snapshot.
module heat_callbacks
  use, intrinsic :: iso_c_binding, only: c_int64_t
  use checks, only: check, dp, pi
  use movimento, only: MOV_LOG_ERROR, MOV_LOG_TRACE
  implicit none

  ! Seen through contexts, which are copies, by pointer.
  type :: counter
    integer, pointer :: count => null()
  end type counter

  type :: rate
    real(dp) :: value
  end type rate

contains

  subroutine count_one(context)
    class(*), intent(inout) :: context
    select type (context)
    type is (counter)
      context%count = context%count + 1
    class default
      call check(.false., 'another context came back')
    end select
  end subroutine count_one

  ! Not symmetric in the axes: an exchange of them would show.
  subroutine value(x, u, context, stat)
    real(dp), intent(in) :: x(:, :)
    real(dp), intent(out) :: u(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    call check(size(x, 1) == 2 .and. size(x, 2) == size(u), 'shapes in value')
    call count_one(context)
    u = 1 + cos(pi * x(1, :)) / 2 + cos(2 * pi * x(2, :)) / 4
    stat = 0
  end subroutine value

  subroutine gradient(x, grad, context, stat)
    real(dp), intent(in) :: x(:, :)
    real(dp), intent(out) :: grad(:, :)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    call check(all(shape(x) == shape(grad)), 'shapes in gradient')
    call count_one(context)
    grad(1, :) = -pi / 2 * sin(pi * x(1, :))
    grad(2, :) = -pi / 2 * sin(2 * pi * x(2, :))
    stat = 0
  end subroutine gradient

  ! rate u^2 / 2.
  subroutine decay(x, u, p, f, f_u, f_p, context, stat)
    real(dp), intent(in) :: x(:, :), u(:)
    real(dp), intent(in), optional :: p(:, :)
    real(dp), intent(out), optional :: f(:), f_u(:), f_p(:, :)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    call check(size(x, 2) == size(u) .and. .not. present(p) .and. .not. present(f_p), 'arguments of decay')
    select type (context)
    type is (rate)
      if (present(f)) f = context%value * u**2 / 2
      if (present(f_u)) f_u = context%value * u
    class default
      stat = -7
    end select
  end subroutine decay

  ! p_1^2 / 2 + p_2^2, which depends on the axis, with x in it to be told of it.
  subroutine diffusion(x, u, p, f, f_u, f_p, context, stat)
    real(dp), intent(in) :: x(:, :), u(:)
    real(dp), intent(in), optional :: p(:, :)
    real(dp), intent(out), optional :: f(:), f_u(:), f_p(:, :)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    real(dp) :: kappa
    kappa = 0
    select type (context)
    type is (real(dp))
      kappa = context
    class default
      stat = -7
    end select
    if (.not. present(p)) stat = -8
    if (stat /= 0) return
    call check(all(shape(p) == shape(x)), 'shape of p')
    if (present(f)) f = kappa * (p(1, :)**2 / 2 + p(2, :)**2) + 0 * u
    if (present(f_u)) f_u = 0
    if (present(f_p)) then
      f_p(1, :) = kappa * p(1, :)
      f_p(2, :) = 2 * kappa * p(2, :)
    end if
  end subroutine diffusion

  subroutine failing(x, u, context, stat)
    real(dp), intent(in) :: x(:, :)
    real(dp), intent(out) :: u(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    u = x(1, :)
    stat = -1
    ! Without a context there is the integer 0.
    select type (context)
    type is (integer)
      stat = merge(-5, -1, context == 0)
    end select
  end subroutine failing

  subroutine watch(fitting, step, time, iteration, objective, context, cancel)
    logical, intent(in) :: fitting
    integer(c_int64_t), intent(in) :: step, iteration
    real(dp), intent(in) :: time, objective
    class(*), intent(inout) :: context
    logical, intent(inout) :: cancel
    call check(step >= 0 .and. iteration >= 0 .and. time >= 0 .and. objective < huge(objective), 'progress')
    call check(.not. (fitting .and. step > 0), 'a fit after steps')
    call count_one(context)
    cancel = .false.
  end subroutine watch

  subroutine stop_it(fitting, step, time, iteration, objective, context, cancel)
    logical, intent(in) :: fitting
    integer(c_int64_t), intent(in) :: step, iteration
    real(dp), intent(in) :: time, objective
    class(*), intent(inout) :: context
    logical, intent(inout) :: cancel
    cancel = .true.
  end subroutine stop_it

  subroutine take(level, message, context)
    integer, intent(in) :: level
    character(*), intent(in) :: message
    class(*), intent(inout) :: context
    call check(level >= MOV_LOG_ERROR .and. level <= MOV_LOG_TRACE .and. len(message) > 0, 'a message')
    call count_one(context)
  end subroutine take

end module heat_callbacks

program heat
  use, intrinsic :: iso_fortran_env, only: int64
  use checks
  use heat_callbacks
  use movimento
  implicit none
  integer, target :: asked = 0, watched = 0, logged = 0
  integer :: steps
  character(500) :: argument, folder
  call get_command_argument(1, argument)
  read (argument, *) steps
  call get_command_argument(2, folder)
  call check(movimento_abi_version() == MOV_HEADER_ABI_VERSION .and. index(movimento_version(), '.') > 0, 'version')
  call movimento_set_log(MOV_LOG_DEBUG, take, counter(logged))
  call describe()
  call solve()
  call check(logged > 0, 'no message')
  call movimento_set_log(MOV_LOG_OFF)

contains

  subroutine describe()
    character(:), allocatable :: text, message
    integer :: stat
    text = movimento_options_describe()
    call check(text(1:1) == '[' .and. text(len(text):) == ']' .and. index(text, '"tau"') > 0, 'options')
    text = movimento_report_describe()
    call check(text(1:1) == '[' .and. text(len(text):) == ']', 'figures')
    call movimento_plugin_describe(text, 'dirichlet')
    call check(index(text, '"kappa"') > 0, 'plugin')
    call movimento_plugin_describe(text)
    call check(index(text, '"double-well"') > 0, 'plugins')
    call movimento_plugin_describe(text, 'no-such-energy', stat, message)
    call check(index(text, '"double-well"') > 0, 'unchanged by a failure')
    call refused(stat, message, MOV_ERROR_PLUGIN, 'no-such-energy')
  end subroutine describe

  subroutine set_options(options)
    type(mov_options), intent(inout) :: options
    character(:), allocatable :: text, message
    real(dp), allocatable :: reals(:)
    integer, allocatable :: integers(:)
    integer(int64), allocatable :: longs(:)
    real(dp) :: real, upper(4) = [1.0_dp, -5.0_dp, 2.0_dp, -5.0_dp]
    integer :: integer, stat
    integer(int64) :: long
    call options%set('tau', 1.0_dp, stat, message)
    call refused(stat, message, MOV_ERROR_HANDLE, '`options` is NULL')
    call options%create()
    call options%set('tau', 0.01_dp)
    call options%set('dimension', 2)
    call options%set('check_nodes', 100_int64)
    call options%set('embedding', 'neumann   ')
    call options%set('lower', [0.0_dp])
    call options%set('upper', upper(::2))
    call options%set('hidden', [8, 8])
    call options%set('hidden', [8_int64])
    call options%set('nodes', 576)
    call options%set('fit_max_iterations', 30)
    call options%set('fit_accept', 0.2_dp)
    call options%set('tolerance', 0.01_dp)
    call options%set('threads', 1)
    call options%set('snapshot_resolution', 9)
    call options%get('tau', real)
    call options%get('dimension', integer)
    call options%get('check_nodes', long)
    call options%get('embedding', text)
    call options%get('upper', reals)
    call options%get('hidden', integers)
    call options%get('hidden', longs)
    call check(near(real, 0.01_dp, tiny(real)) .and. integer == 2 .and. long == 100, 'scalars')
    call check(text == 'neumann' .and. len(text) == 7, 'text')
    call check(size(reals) == 2 .and. all(near(reals, [1.0_dp, 2.0_dp], tiny(real))), 'reals with a stride')
    call check(all(integers == [8]) .and. all(longs == [8_int64]), 'integers')
    call options%set('seed', 2_int64**40)
    call options%get('seed', integer, stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, 'kind int64')
    call options%set('seed', 0)
    call options%set('tau', -1.0_dp, stat, message)
    call refused(stat, message, MOV_ERROR_OPTION, '`tau`')
    call options%set('tua', 1, stat, message)
    call refused(stat, message, MOV_ERROR_OPTION, 'tua')
    call options%set('hidden', [-1], stat, message)
    call refused(stat, message, MOV_ERROR_OPTION, 'hidden')
    call options%get('tau', integers, stat, message)
    call check(all(integers == [8]), 'an array is as it was after a failure')
    call refused(stat, message, MOV_ERROR_OPTION, 'tau')
    call options%get('tau', text, stat)
    call check(stat == MOV_ERROR_OPTION .and. text == 'neumann', 'a text is as it was after a failure')
    message = 'left alone'
    call options%get('tau', real, stat, message)
    call check(stat == 0 .and. message == 'left alone', 'errmsg without a failure')
  end subroutine set_options

  subroutine solve()
    type(mov_options) :: options
    type(mov_energy) :: energy
    type(mov_solver) :: solver
    character(:), allocatable :: message
    integer :: stat, number
    real(dp) :: time
    call set_options(options)
    call solver%step(stat, message)
    call refused(stat, message, MOV_ERROR_HANDLE, '`solver` is NULL')
    call solver%create(options)
    call options%free()
    call solver%create(options, stat, message)
    call refused(stat, message, MOV_ERROR_HANDLE, '`options` is NULL')
    call check(near(solver%get_time(), 0.0_dp, tiny(time)), 'the former solver is kept')

    call energy%create('no-such-energy', stat, message)
    call refused(stat, message, MOV_ERROR_PLUGIN, 'no-such-energy')
    call check(movimento_last_status() == MOV_ERROR_PLUGIN, 'the last status')
    call energy%create_from_file('/dev/null', errmsg=message, stat=stat)
    call refused(stat, message, MOV_ERROR_PLUGIN, '/dev/null')
    call energy%create_from_file('/dev/null', 'dirichlet', stat, message)
    call refused(stat, message, MOV_ERROR_PLUGIN, '/dev/null')
    call energy%create('dirichlet')
    call energy%set('kappa', 1)
    call energy%set('kappa', 0.1_dp)
    call energy%set('no-such', 0.1_dp, stat, message)
    call refused(stat, message, MOV_ERROR_OPTION, 'no-such')
    call energy%set('kappa', [0.1_dp, 0.2_dp], stat, message)
    call refused(stat, message, MOV_ERROR_OPTION, 'kappa')
    call solver%add_energy(energy)
    call energy%create_callback('diffusion', diffusion, MOV_USES_GRADIENT + MOV_CONVEX, 0.05_dp)
    call solver%add_energy(energy)
    call energy%create_callback('decay', decay, context=rate(0.1_dp))
    call solver%add_energy(energy)
    call energy%free()
    call solver%add_energy(energy, stat, message)
    call refused(stat, message, MOV_ERROR_HANDLE, '`energy` is NULL')

    call solver%step(stat, message)
    call refused(stat, message, MOV_ERROR_STATE, 'initial condition')
    call solver%set_initial_callback(failing, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_CALLBACK, '-5')
    call solver%set_progress(stop_it)
    call solver%set_initial_callback(value, context=counter(asked), stat=stat, errmsg=message)
    call refused(stat, message, MOV_CANCELLED, 'cancel')
    call solver%set_progress(watch, counter(watched))
    call solver%set_initial_callback(value, gradient, counter(asked))
    call check(asked > 1 .and. watched > 0, 'callbacks')
    call fields(solver)
    do number = 1, steps
      call solver%step()
    end do
    time = solver%get_time()
    call check(solver%get_steps() == steps .and. near(time, 0.01_dp * steps, 1e-12_dp), 'time')
    call terms(solver)
    call solver%write_snapshot(folder, number)
    call check(number == 0, 'number')
    call solver%write_snapshot('/dev/null/folder', stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_FILE, '/dev/null/folder')
    call solver%step()
    call solver%restore(folder, number)
    call check(number == 0 .and. solver%get_steps() == steps, 'restored')
    call solver%restore('/dev/null', stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_FILE, '/dev/null')
    call begun_with(folder)
    call solver%export(trim(folder) // '/network.safetensors')
    call solver%export('/dev/null/network', stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_FILE, '/dev/null/network')
    call set_options(options)
    call options%set('tolerance', 0.02_dp)
    call solver%set_options(options)
    call options%set('seed', 5)
    call solver%set_options(options, stat, message)
    call refused(stat, message, MOV_ERROR_OPTION, '`seed`')
    call solver%set_tau(-1.0_dp, stat, message)
    call refused(stat, message, MOV_ERROR_OPTION, 'tau')
    call solver%set_tau(0.005_dp)
    call check(near(solver%get_tau(), 0.005_dp, tiny(time)), 'tau')
    watched = 0
    call solver%set_progress()
    call solver%step_to(time + 0.005_dp)
    call check(watched == 0 .and. solver%get_steps() == steps + 1, 'steps without progress')
    call solver%free()
    call solver%free()
    call solver%step(stat)
    call check(stat == MOV_ERROR_HANDLE, 'a freed solver')
  end subroutine solve

  ! A solver that begins with the field of a snapshot.
  subroutine begun_with(folder)
    character(*), intent(in) :: folder
    type(mov_options) :: options
    type(mov_solver) :: other
    character(:), allocatable :: message
    integer :: number, stat
    call set_options(options)
    call other%create(options)
    call other%set_initial_snapshot(folder, number)
    call check(number == 0 .and. other%get_steps() == 0, 'begun with a snapshot')
    call other%set_initial_snapshot('/dev/null', stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_FILE, '/dev/null')
    call other%free()
    call options%free()
  end subroutine begun_with

  ! Points in Fortran's order, from the fit of a field that is not symmetric; strides, and shapes that do not fit.
  subroutine fields(solver)
    type(mov_solver), intent(in) :: solver
    real(dp) :: x(2, 3), u(3), grad(2, 3), one, one_grad(2), wide(4, 6), spread(6), wide_grad(4, 6)
    real(dp), allocatable :: parameters(:)
    character(:), allocatable :: message
    integer :: stat
    x = reshape([0.5_dp, 0.25_dp, 0.0_dp, 0.5_dp, 0.25_dp, 1.5_dp], [2, 3])
    call solver%evaluate(x, u)
    call check(all(near(u, 1 + cos(pi * x(1, :)) / 2 + cos(2 * pi * x(2, :)) / 4, 0.05_dp)), 'u')
    call solver%evaluate(x, u, grad)
    call check(all(near(grad(1, :), -pi / 2 * sin(pi * x(1, :)), 0.3_dp)), 'u_x')
    call check(all(near(grad(2, :), -pi / 2 * sin(2 * pi * x(2, :)), 0.3_dp)), 'u_y')
    call solver%evaluate(x(:, 2), one, one_grad)
    call check(near(one, u(2), 1e-12_dp) .and. all(near(one_grad, grad(:, 2), 1e-12_dp)), 'one point')
    wide = 0.5_dp
    wide(1:3:2, 6:2:-2) = x
    spread = -1
    wide_grad = -1
    call solver%evaluate(wide(1:3:2, 6:2:-2), spread(1::2), wide_grad(::2, 2::2))
    call check(all(near(spread(1::2), u, 1e-12_dp)) .and. all(near(spread(2::2), -1.0_dp, tiny(one))), 'strides')
    call check(all(near(wide_grad(::2, 2::2), grad, 1e-12_dp)), 'strides of gradients')
    call check(all(near(wide_grad(2::2, :), -1.0_dp, tiny(one))), 'other rows')
    call solver%evaluate(x(:, :0), u(:0), grad(:, :0))
    call solver%evaluate(transpose(x), u(:2), stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`x` has the shape (3, 2), not (2, 2)')
    call solver%evaluate(x, u, grad(:, :2), stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`grad` has the shape (2, 2), not (2, 3)')
    call solver%evaluate(x(:, 1), one, u, stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`grad` has the shape (3), not (2)')
    call solver%parameters(parameters)
    call check(size(parameters) == solver%parameter_count() .and. size(parameters) == 4 * 8 + 8 + 8 + 1, 'parameters')
  end subroutine fields

  ! F is the sum of its terms, and a term of the host is what quadrature says of its density.
  subroutine terms(solver)
    type(mov_solver), intent(in) :: solver
    character(:), allocatable :: message
    real(dp) :: term(3)
    real(dp), allocatable :: x(:, :), u(:), grad(:, :)
    integer, parameter :: m = 60
    integer :: i, j, stat
    call check(solver%energy_count() == 3, 'count')
    call check(solver%energy_name(1) == 'dirichlet' .and. solver%energy_name(3) == 'decay', 'names')
    term = [(solver%energy_term(i), i=1, 3)]
    call check(near(solver%energy(), sum(term), 1e-12_dp), 'sum of the terms')
    allocate (x(2, m * m), u(m * m), grad(2, m * m))
    x = reshape([(([(i - 0.5_dp) / m, 2 * (j - 0.5_dp) / m], i=1, m), j=1, m)], [2, m * m])
    call solver%evaluate(x, u, grad)
    u = 2 * u**2 / m**2 * 0.05_dp
    call check(near(sum(u), term(3), 0.05_dp * term(3)), 'decay')
    u = 2 * (grad(1, :)**2 / 2 + grad(2, :)**2) / m**2 * 0.05_dp
    call check(near(sum(u), term(2), 0.2_dp * term(2)), 'diffusion')
    term(1) = solver%energy_term(4, stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '3')
    message = solver%energy_name(0, stat)
    call check(stat == MOV_ERROR_ARGUMENT .and. message == '', 'no energy 0')
    call check(near(solver%report('time'), solver%get_time(), 1e-12_dp), 'figure')
    term(1) = solver%report('no-such-figure', stat, message)
    call refused(stat, message, MOV_ERROR_OPTION, 'no-such-figure')
  end subroutine terms

end program heat
