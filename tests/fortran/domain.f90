! Domains: a disc cut out by a procedure, and the nodes of the host's own mesh. Prints nothing.
module domain_callbacks
  use checks, only: dp
  implicit none

  ! How the region behaves, changed by the program between calls.
  type :: host
    integer, pointer :: status => null()
    real(dp) :: radius
  end type host

contains

  subroutine disc(x, inside, context, stat)
    real(dp), intent(in) :: x(:, :)
    logical, intent(out) :: inside(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    select type (context)
    type is (host)
      inside = sum(x**2, 1) < context%radius**2
      stat = context%status
    end select
  end subroutine disc

  ! x, whose mean over the disc is 0.
  subroutine tilt(x, u, context, stat)
    real(dp), intent(in) :: x(:, :)
    real(dp), intent(out) :: u(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    u = 1 + x(1, :) / 2
  end subroutine tilt

  ! 1 + x + t.
  subroutine line(t, x, g, context, stat)
    real(dp), intent(in) :: t, x(:, :)
    real(dp), intent(out) :: g(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    g = 1 + x(1, :) + t
  end subroutine line

  subroutine line_at_0(x, u, context, stat)
    real(dp), intent(in) :: x(:, :)
    real(dp), intent(out) :: u(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    u = 1 + x(1, :)
  end subroutine line_at_0

  ! 1 + x, or u where it is there.
  subroutine mobility(t, x, u, m, context, stat)
    real(dp), intent(in) :: t, x(:, :)
    real(dp), intent(in), optional :: u(:)
    real(dp), intent(out) :: m(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    m = 1 + x(1, :) + 0 * t
    if (present(u)) m = u
  end subroutine mobility

  ! Above 0.9 + x / 20.
  subroutine ramp(x, lower, upper, context, stat)
    real(dp), intent(in) :: x(:, :)
    real(dp), intent(inout) :: lower(:), upper(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    lower = 0.9_dp + x(1, :) / 20
  end subroutine ramp

  subroutine half_square(integral, phi, context, stat)
    real(dp), intent(in) :: integral
    real(dp), intent(out) :: phi(3)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    phi = [integral**2 / 2, integral, 1.0_dp]
  end subroutine half_square

  subroutine unit(x, u, context, stat)
    real(dp), intent(in) :: x(:, :)
    real(dp), intent(out) :: u(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    u = 1
  end subroutine unit

  ! -u, a source in the domain and a flux on its boundary.
  subroutine source(x, u, p, f, f_u, f_p, context, stat)
    real(dp), intent(in) :: x(:, :), u(:)
    real(dp), intent(in), optional :: p(:, :)
    real(dp), intent(out), optional :: f(:), f_u(:), f_p(:, :)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    if (present(f)) f = -u
    if (present(f_u)) f_u = -1
  end subroutine source

end module domain_callbacks

program domain
  use checks
  use domain_callbacks
  use movimento
  implicit none
  integer, target :: status = 0
  call callbacks()
  call meshes()
  call values()
  call sides()
  call held()

contains

  ! u = 1 + x + t, with values at x = 0 and a flux at x = 1.
  subroutine sides()
    type(mov_options) :: options
    type(mov_solver) :: solver, other
    type(mov_energy) :: heat, flux
    character(:), allocatable :: message
    real(dp) :: u
    integer :: stat
    call options%create()
    call options%set('dimension', 1)
    call options%set('tau', 0.05_dp)
    call solver%create(options)
    call heat%create('dirichlet')
    call flux%create_callback('source', source, MOV_CONVEX)
    call solver%add_energy(heat)
    call solver%add_energy(flux)
    call solver%add_boundary_energy(heat, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_PLUGIN, 'grad u')
    call solver%add_boundary_energy(flux, 1)
    call flux%free()
    call solver%set_dirichlet(2, 1.0_dp, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`side` is 2')
    call solver%set_dirichlet(0, line)
    call solver%set_dirichlet(0, line, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, 'has a value already')
    call solver%set_initial_callback(line_at_0)
    call solver%step_to(0.2_dp)
    call solver%evaluate([0.25_dp], u)
    call check(near(u, 1.45_dp, 1e-5_dp), 'between a value and a flux')
    call solver%evaluate([0.0_dp], u)
    call check(near(u, 1.2_dp, 1e-12_dp), 'the value')
    call other%create(options)
    call other%set_boundary(reshape([0.0_dp, 1.0_dp], [1, 2]), reshape([-1.0_dp, 1.0_dp], [1, 2]), &
        [1.0_dp, 1.0_dp], side=[7, 3])
    call other%add_boundary_energy(heat, 1, stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`side` is 1')
    call other%set_dirichlet(1, 0.0_dp, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`side` is 1')
    call other%set_dirichlet(7, 0.0_dp)
  end subroutine sides

  ! u' = -M u from 1: with a mobility, between bounds, and with integrals that are held.
  subroutine held()
    type(mov_options) :: options
    type(mov_solver) :: plain, of_value, bounded, kept, of_integral
    type(mov_energy) :: quadratic, heat
    character(:), allocatable :: message
    real(dp) :: u
    integer :: stat
    call options%create()
    call options%set('dimension', 1)
    call options%set('tau', 0.05_dp)
    call options%set('movement', 'second')
    call quadratic%create('quadratic')
    call heat%create('dirichlet')
    call plain%create(options)
    call plain%set_mobility(mobility)
    call follow(plain, quadratic, u)
    call check(near(u, exp(-0.25_dp), 1e-3_dp), 'a mobility of x')
    call of_value%create(options)
    call of_value%set_mobility(mobility, flags=1, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`flags` is 1')
    call of_value%set_mobility(mobility, MOV_USES_VALUE)
    call follow(of_value, quadratic, u)
    call check(near(u, 1 / 1.2_dp, 1e-3_dp), 'a mobility of u')
    call bounded%create(options)
    call bounded%set_bounds(1.0_dp, 0.0_dp, stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, 'the bounds are 1 and 0')
    call bounded%set_bounds(0.0_dp, 1.0_dp)
    call bounded%set_bounds(ramp)
    call follow(bounded, quadratic, u)
    call check(near(u, 0.9125_dp, 1e-4_dp), 'a bound')
    call kept%create(options)
    call kept%add_energy(heat)
    call kept%hold_integral(heat, 1.0_dp, stat, message)
    call refused(stat, message, MOV_ERROR_PLUGIN, 'p = grad u')
    call kept%hold_integral(quadratic, 1.25_dp)
    call kept%hold_mean(1.5_dp)
    call kept%hold_mean(1.5_dp, stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, 'held already')
    call kept%set_initial_callback(line_at_0)
    call kept%step()
    u = kept%report('mass')
    call check(near(u, 1.5_dp, 1e-12_dp), 'the mean')
    call of_integral%create(options)
    call of_integral%add_function_of_integral(heat, half_square, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_PLUGIN, 'p = grad u')
    call of_integral%add_function_of_integral(quadratic, half_square)
    call of_integral%set_initial_callback(unit)
    call of_integral%step_to(0.2_dp)
    call of_integral%evaluate([0.25_dp], u)
    call check(near(u, 1 / sqrt(1.2_dp), 1e-3_dp), 'a function of an integral')
  end subroutine held

  subroutine follow(solver, energy, u)
    type(mov_solver), intent(inout) :: solver
    type(mov_energy), intent(in) :: energy
    real(dp), intent(out) :: u
    call solver%add_energy(energy)
    call solver%set_initial_callback(unit)
    call solver%step_to(0.2_dp)
    call solver%evaluate([0.25_dp], u)
  end subroutine follow

  subroutine make(solver)
    type(mov_solver), intent(inout) :: solver
    type(mov_options) :: options
    type(mov_energy) :: energy
    call options%create()
    call options%set('hidden', [8])
    call options%set('nodes', 400)
    call options%set('check_nodes', 300)
    call options%set('lower', [-1.0_dp])
    call options%set('upper', [1.0_dp])
    call solver%create(options)
    call energy%create('dirichlet')
    call energy%set('kappa', 0.1_dp)
    call solver%add_energy(energy)
  end subroutine make

  ! A step of the heat equation from u = 1 + x/2: the mass stays pi, and so it is measured.
  subroutine step(solver)
    type(mov_solver), intent(inout) :: solver
    real(dp) :: flux
    call solver%set_initial_callback(tilt)
    call solver%step()
    call check(near(solver%report('mass'), pi, 2e-2_dp * pi), 'mass')
    flux = solver%report('boundary_flux')
    call check(flux > 0 .and. flux < 0.05_dp, 'flux')
  end subroutine step

  subroutine callbacks()
    type(mov_solver) :: solver
    character(:), allocatable :: message
    integer :: stat
    call solver%set_inside(disc, host(status, 1.0_dp), stat, message)
    call refused(stat, message, MOV_ERROR_HANDLE, '`solver` is NULL')
    call make(solver)
    status = -4
    call solver%set_inside(disc, host(status, 1.0_dp), stat, message)
    call refused(stat, message, MOV_ERROR_CALLBACK, '-4')
    status = 2
    call solver%set_inside(disc, host(status, 1.0_dp), stat, message)
    call refused(stat, message, MOV_TRY_AGAIN, '2')
    status = 0
    call solver%set_inside(disc, host(status, 0.0_dp), stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, 'kept no point')
    call solver%set_inside(disc, host(status, 1.0_dp))
    call step(solver)
    call solver%set_inside(disc, host(status, 1.0_dp), stat, message)
    call refused(stat, message, MOV_ERROR_STATE, 'before the initial')
  end subroutine callbacks

  ! The midpoints of m rings of 4 m cells; the weights are the areas.
  subroutine rings(m, x, w)
    integer, intent(in) :: m
    real(dp), allocatable, intent(out) :: x(:, :), w(:)
    real(dp) :: r, angle
    integer :: i, j, n
    allocate (x(2, 4 * m**2), w(4 * m**2))
    n = 0
    do i = 1, m
      do j = 1, 4 * m
        n = n + 1
        r = (i - 0.5_dp) / m
        angle = 2 * pi * (j - 0.5_dp) / (4 * m)
        x(:, n) = r * [cos(angle), sin(angle)]
        w(n) = r / m * 2 * pi / (4 * m)
      end do
    end do
  end subroutine rings

  subroutine meshes()
    type(mov_solver) :: solver
    character(:), allocatable :: message
    real(dp), allocatable :: x(:, :), w(:), x_check(:, :), w_check(:), rows(:, :)
    real(dp) :: x_edge(2, 40), w_edge(40)
    integer :: i, stat
    call rings(20, x, w)
    call rings(25, x_check, w_check)
    x_edge = reshape([([cos(pi * i / 20), sin(pi * i / 20)], i=1, 40)], [2, 40])
    w_edge = 2 * pi / 40
    call make(solver)
    call solver%set_nodes(transpose(x), w, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`x` has the shape (1600, 2), not (2, 1600)')
    call solver%set_nodes(x, w, x_check, w_check(2:), stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`x_check` has the shape (2, 2500), not (2, 2499)')
    call solver%set_nodes(x, w, w_check=w_check, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`x_check` is NULL')
    call solver%set_boundary(x_edge, x_edge(:, 2:), w_edge, stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`normal` has the shape (2, 39), not (2, 40)')
    call solver%set_boundary(x_edge, x_edge / 2, w_edge, stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, 'node 0')
    ! A host that keeps its nodes by coordinate: rows (n, 2) are handed over with a copy by transpose, and a
    ! part of a larger array without one by the caller.
    allocate (rows(size(w), 2), source=transpose(x))
    call solver%set_nodes(transpose(rows), w, x_check(:, size(w_check):1:-1), w_check(size(w_check):1:-1))
    call solver%set_boundary(x_edge(:, ::2), x_edge(:, ::2), 2 * w_edge(::2))
    call step(solver)
  end subroutine meshes

  ! An initial condition of values, whose gradient is another one in each axis, with strides.
  subroutine values()
    type(mov_solver) :: solver
    real(dp), allocatable :: x(:, :), w(:), wide(:, :), grad(:, :)
    real(dp) :: u, slope(2)
    character(:), allocatable :: message
    integer :: stat
    call rings(10, x, w)
    call make(solver)
    allocate (wide(4, size(w)), grad(2, size(w)))
    wide = -9
    wide(2::2, :) = x
    grad(1, :) = 0.5_dp
    grad(2, :) = -0.2_dp
    call solver%set_nodes(x, w)
    call solver%set_initial_values(wide(2::2, :), 1 + x(1, :) / 2 - x(2, :) / 5, grad(:, :9), stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`grad` has the shape (2, 9), not (2, 400)')
    call solver%set_initial_values(wide(2::2, :), 1 + x(1, :) / 2 - x(2, :) / 5)
    call solver%evaluate([0.5_dp, -0.25_dp], u, slope)
    call check(near(u, 1.3_dp, 1e-2_dp) .and. all(near(slope, [0.5_dp, -0.2_dp], 3e-2_dp)), 'values')
    wide(1::2, :) = grad
    call solver%set_initial_values(x, 1 + x(1, :) / 2 - x(2, :) / 5, wide(1::2, :))
    call solver%evaluate([0.5_dp, -0.25_dp], u, slope)
    call check(near(u, 1.3_dp, 1e-2_dp) .and. all(near(slope, [0.5_dp, -0.2_dp], 3e-2_dp)), 'with gradients')
    call solver%set_initial_named('no-such-form', stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, 'heat-2d')
  end subroutine values

end program domain
