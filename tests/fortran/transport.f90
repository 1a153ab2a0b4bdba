! Flows in Wasserstein space: every kind of initial density, and what can be asked. Prints nothing.
module transport_callbacks
  use checks, only: dp
  implicit none

contains

  ! mass times 1/2 + x, of mass 1 on [0, 1].
  subroutine density(x, rho, context, stat)
    real(dp), intent(in) :: x(:, :)
    real(dp), intent(out) :: rho(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    select type (context)
    type is (real(dp))
      rho = context * (0.5_dp + x(1, :))
    class default
      stat = -3
    end select
  end subroutine density

end module transport_callbacks

program transport
  use checks
  use movimento
  use transport_callbacks
  implicit none
  call gaussian()
  call function()
  call source_and_particles()

contains

  subroutine make(solver, domain, dimension, id)
    type(mov_solver), intent(inout) :: solver
    character(*), intent(in) :: domain, id
    integer, intent(in) :: dimension
    type(mov_options) :: options
    type(mov_energy) :: energy
    call options%create()
    call options%set('flow', 'wasserstein')
    call options%set('domain', domain)
    call options%set('dimension', dimension)
    call options%set('hidden', [4])
    call options%set('tau', 0.01_dp)
    call solver%create(options)
    call energy%create(id)
    call solver%add_energy(energy)
  end subroutine make

  ! Diffusion of a Gaussian: the covariance grows by 2 t I, and the velocity is S^-1 (y - m).
  subroutine gaussian()
    type(mov_solver) :: solver
    real(dp) :: mean(2), spread(2, 2), wide(4, 2), at(2, 2), to(2, 2), v(2, 2), grad(2), u, determinant
    real(dp) :: quantile(3), both(2, 2, 2), centre(2, 1), covariance(2, 2, 1), initial(2)
    character(:), allocatable :: message
    integer :: stat
    centre(:, 1) = [0.5_dp, -0.5_dp]
    covariance(:, :, 1) = reshape([1.0_dp, 0.25_dp, 0.25_dp, 0.5_dp], [2, 2])
    call make(solver, 'space', 2, 'entropy')
    call solver%moments(mean, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_STATE, 'no initial condition')
    call solver%set_initial_gaussians(centre(:1, :), covariance, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`mean` has the shape (1, 1), not (2, 1)')
    call solver%set_initial_gaussians(centre, covariance(:, :1, :), stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`covariance` has the shape (2, 1, 1), not (2, 2, 1)')
    call solver%set_initial_gaussians(centre, covariance, [0.5_dp, 0.5_dp], stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`share` has the shape (2), not (1)')
    call solver%set_initial_gaussians(centre, 0 * covariance + 1, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, 'positive definite')
    call solver%set_initial_gaussians(centre, covariance)
    call solver%step()
    wide = -1
    call solver%moments(mean, wide(::2, :))
    spread = wide(::2, :)
    call check(all(near(wide(2::2, :), -1.0_dp, tiny(u))), 'between the strides')
    call check(all(near(mean, centre(:, 1), 1e-6_dp)), 'mean')
    call check(near(spread(1, 1), 1.02_dp, 1e-3_dp) .and. near(spread(2, 2), 0.52_dp, 1e-3_dp), 'covariance')
    call check(near(spread(1, 2), 0.25_dp, 1e-3_dp), 'correlation')
    determinant = spread(1, 1) * spread(2, 2) - spread(1, 2) * spread(2, 1)
    ! Two points that differ, so that an exchange of points and axes would show.
    at = reshape([1.0_dp, 0.0_dp, 0.25_dp, -1.5_dp], [2, 2])
    call solver%velocity(at, v)
    to(1, :) = spread(2, 2) * (at(1, :) - mean(1)) - spread(1, 2) * (at(2, :) - mean(2))
    to(2, :) = spread(1, 1) * (at(2, :) - mean(2)) - spread(2, 1) * (at(1, :) - mean(1))
    call check(all(near(v, to / determinant, 2e-2_dp)), 'velocity')
    call solver%velocity(at, v(:, :1), stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`v` has the shape (2, 1), not (2, 2)')
    call check(near(solver%entropy(), -1 - log(2 * pi * sqrt(determinant)), 1e-3_dp), 'entropy')
    call solver%quantiles(2, [0.25_dp, 0.5_dp, 0.75_dp], quantile)
    call check(near(quantile(2), -0.5_dp, 5e-3_dp), 'median')
    call check(near(quantile(3), -0.5_dp + 0.6744897501960817_dp * sqrt(spread(2, 2)), 5e-3_dp), 'quantile')
    call solver%quantiles(3, [0.5_dp], quantile(:1), stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`axis` is 2')
    call solver%quantiles(1, [0.5_dp], quantile, stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`quantile` has the shape (3), not (1)')
    ! The map is y = m + A (x - m), A = S_1^(1/2) S_0^(-1/2) up to the steps' error: mass moves outward.
    call solver%push_forward(at, to)
    call check(to(1, 1) > at(1, 1) .and. to(2, 1) > at(2, 1) .and. to(2, 2) < at(2, 2), 'map')
    call solver%push_forward(at, wide(:, :1), stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`y` has the shape (4, 1), not (2, 2)')
    call solver%evaluate(at(:, 1), u, grad)
    call check(u > 0 .and. all(near(grad / u, -v(:, 1), 1e-6_dp)), 'score')
    ! Two of them, in equal shares and others.
    both(:, :, 1) = covariance(:, :, 1)
    both(:, :, 2) = covariance(:, :, 1)
    call solver%set_initial_gaussians(reshape([-1.0_dp, 0.0_dp, 1.0_dp, 0.5_dp], [2, 2]), both)
    call solver%moments(mean)
    call check(all(near(mean, [0.0_dp, 0.25_dp], 1e-12_dp)), 'equal shares')
    initial = [0.25_dp, 0.75_dp]
    call solver%set_initial_gaussians(reshape([-1.0_dp, 0.0_dp, 1.0_dp, 0.5_dp], [2, 2]), both, initial)
    call solver%moments(mean)
    call check(all(near(mean, [0.5_dp, 0.375_dp], 1e-12_dp)), 'shares')
  end subroutine gaussian

  subroutine function()
    type(mov_solver) :: solver
    character(:), allocatable :: message
    real(dp) :: y(1, 2), rho(2)
    integer :: i, stat
    call make(solver, 'box', 1, 'entropy')
    call solver%set_initial_density(density, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_CALLBACK, '-3')
    call solver%set_initial_density(density, 2.0_dp, stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, 'mass 2')
    ! The second one replaces the first, whose context goes.
    do i = 1, 2
      call solver%set_initial_density(density, 1.0_dp)
      call solver%step()
    end do
    call solver%push_forward(reshape([0.0_dp, 1.0_dp], [1, 2]), y)
    call check(all(near(y(1, :), [0.0_dp, 1.0_dp], 1e-14_dp)), 'ends')
    ! The density is looked up in the callback.
    call solver%evaluate(reshape([0.0_dp, 1.0_dp], [1, 2]), rho)
    call check(near(rho(1), 0.6_dp, 0.1_dp) .and. near(rho(2), 1.4_dp, 0.1_dp), 'density')
    call solver%set_initial_named('sine', stat, message)
    call refused(stat, message, MOV_ERROR_STATE, 'density of mass 1')
  end subroutine function

  subroutine source_and_particles()
    type(mov_solver) :: solver
    character(:), allocatable :: message
    real(dp) :: x(1, 100), rho(100), wide(3, 100), y(1, 1)
    integer :: i, stat
    call make(solver, 'space', 1, 'power')
    call solver%set_initial_barenblatt(1.0_dp, 0.1_dp, stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`m` is 1')
    call solver%set_initial_barenblatt(2.0_dp, 0.1_dp)
    call solver%step()
    call check(near(solver%report('mass'), 1.0_dp, 1e-12_dp), 'mass')
    call check(solver%report('least_jacobian') > 1, 'jacobian')
    ! An even density on [-1, 1], whose score is 0.
    x(1, :) = [((i - 0.5_dp) / 50 - 1, i=1, 100)]
    rho = 0.5_dp
    wide = 0
    wide(2, :) = x(1, :)
    wide(3, :) = 0.01_dp
    call solver%set_initial_particles(wide(2:2, :), rho, wide(3, :), wide(1:1, :))
    call solver%set_initial_particles(x, rho)
    call solver%step()
    call solver%push_forward(x(:, 91:91), y)
    call check(y(1, 1) > x(1, 91), 'outward')
    call solver%evaluate(y, rho(:1), stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_STATE, 'particles only')
    call solver%set_initial_particles(x, rho, rho(:9), stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`w` has the shape (9), not (100)')
    call solver%set_initial_particles(x, rho, score=x(:, :9), stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`score` has the shape (1, 9), not (1, 100)')
    rho(8) = -1
    call solver%set_initial_particles(x, rho, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`rho` holds -1 at index 7')
  end subroutine source_and_particles

end program transport
