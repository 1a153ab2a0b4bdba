! What is freed when: objects, and the contexts of procedures. Prints nothing.
module lifetimes_callbacks
  use, intrinsic :: iso_c_binding, only: c_int64_t
  use checks, only: check, dp, pi
  use movimento
  implicit none

  ! Counts its copies that are gone. Its array must be there as long as a copy lives.
  type :: tracked
    integer, pointer :: gone => null()
    real(dp), allocatable :: rates(:)
  contains
    final :: leave
  end type tracked

  ! A host's type that has a solver as component.
  type :: model
    integer :: number = 0
    type(mov_solver) :: solver
  end type model

contains

  subroutine leave(self)
    type(tracked), intent(inout) :: self
    if (associated(self%gone)) self%gone = self%gone + 1
  end subroutine leave

  subroutine decay(x, u, p, f, f_u, f_p, context, stat)
    real(dp), intent(in) :: x(:, :), u(:)
    real(dp), intent(in), optional :: p(:, :)
    real(dp), intent(out), optional :: f(:), f_u(:), f_p(:, :)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    stat = -1
    select type (context)
    type is (tracked)
      stat = 0
      if (present(f)) f = sum(context%rates) * u**2 / 2
      if (present(f_u)) f_u = sum(context%rates) * u
    end select
  end subroutine decay

  subroutine value(x, u, context, stat)
    real(dp), intent(in) :: x(:, :)
    real(dp), intent(out) :: u(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    u = 1 + cos(pi * x(1, :)) / 2
  end subroutine value

  subroutine uniform(x, u, context, stat)
    real(dp), intent(in) :: x(:, :)
    real(dp), intent(out) :: u(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    u = 1 + 0 * x(1, :)
  end subroutine uniform

  subroutine left(x, inside, context, stat)
    real(dp), intent(in) :: x(:, :)
    logical, intent(out) :: inside(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    inside = x(1, :) < 0.75_dp
  end subroutine left

  subroutine watch(fitting, step, time, iteration, objective, context, cancel)
    logical, intent(in) :: fitting
    integer(c_int64_t), intent(in) :: step, iteration
    real(dp), intent(in) :: time, objective
    class(*), intent(inout) :: context
    logical, intent(inout) :: cancel
    select type (context)
    type is (tracked)
      call check(size(context%rates) == 3, 'rates')
    end select
  end subroutine watch

end module lifetimes_callbacks

program lifetimes
  use checks
  use lifetimes_callbacks
  use movimento
  implicit none
  integer, target :: gone = 0
  type(tracked) :: context
  context%gone => gone
  context%rates = [0.25_dp, 0.5_dp, 0.25_dp]
  call energies()
  call replaced()
  call kept()
  call moved()
  call scopes()

contains

  subroutine make(solver, flow)
    type(mov_solver), intent(inout) :: solver
    character(*), intent(in) :: flow
    type(mov_options) :: options
    call options%create()
    call options%set('flow', flow)
    call options%set('dimension', 1)
    call options%set('hidden', [8])
    call options%set('nodes', 40)
    call options%set('check_nodes', 50)
    call options%set('fit_max_iterations', 60)
    call options%set('fit_accept', 0.5_dp)
    call options%set('threads', 1)
    call solver%create(options)
  end subroutine make

  ! An energy's context lives until the energy and every solver that has it are gone.
  subroutine energies()
    type(mov_energy) :: energy
    type(mov_solver) :: one, two
    integer :: stat
    gone = 0
    call energy%create_callback('decay', decay, context=context)
    call energy%create_callback('decay', decay, context=context)
    call check(gone == 1, 'a new energy replaces the former')
    call energy%create_callback('decay', decay, flags=64, context=context, stat=stat)
    call check(stat == MOV_ERROR_ARGUMENT .and. gone == 2, 'an energy that is refused')
    call make(one, 'l2')
    call make(two, 'l2')
    call one%add_energy(energy)
    call two%add_energy(energy)
    call energy%free()
    call check(gone == 2, 'solvers keep the context')
    call one%free()
    call check(gone == 2, 'the other solver keeps the context')
    call two%set_initial_callback(value)
    call two%step()
    call check(near(two%energy(), 0.54_dp, 0.05_dp), 'the context is whole')
    call two%free()
    call check(gone == 3, 'the last solver lets it go')
  end subroutine energies

  ! What a call can replace goes with the call; what it needs for its own time does not stay.
  subroutine replaced()
    type(mov_solver) :: solver
    integer :: stat
    call make(solver, 'l2')
    gone = 0
    call solver%set_initial_callback(value, context=context)
    call check(gone == 1, 'an initial condition')
    call solver%set_progress(watch, context)
    call solver%set_progress(watch, context)
    call check(gone == 2, 'progress replaced')
    call solver%set_progress()
    call check(gone == 3, 'progress no longer')
    call solver%set_progress(watch, context)
    call make(solver, 'wasserstein')
    call check(gone == 4, 'another solver')
    call solver%set_progress(watch, context)
    call solver%set_initial_density(uniform, context)
    call solver%set_initial_density(uniform, context)
    call check(gone == 5, 'a density replaced')
    call solver%free()
    call check(gone == 7, 'the solver')
    call solver%set_progress(watch, context, stat)
    call check(gone == 8 .and. stat == MOV_ERROR_HANDLE, 'progress of no solver')
  end subroutine replaced

  subroutine kept()
    type(mov_solver) :: solver
    gone = 0
    call make(solver, 'l2')
    call solver%set_inside(left, context)
    call solver%set_inside(left, context)
    call solver%set_initial_callback(value)
    call check(gone == 0, 'a region')
    call solver%free()
    call check(gone == 2, 'the solver, with its regions')
  end subroutine kept

  ! Objects stay where they are: pointers and move_alloc take them on, and nothing can be assigned as nothing.
  subroutine moved()
    type(mov_solver), allocatable, target :: one, two
    type(mov_solver), pointer :: same
    type(mov_solver) :: empty
    type(model) :: first, second
    gone = 0
    allocate (one)
    call make(one, 'l2')
    call one%set_progress(watch, context)
    call move_alloc(one, two)
    same => two
    call same%set_tau(0.125_dp)
    call check(near(two%get_tau(), 0.125_dp, tiny(0.0_dp)) .and. gone == 0, 'the same solver')
    deallocate (two)
    call check(gone == 1, 'deallocated')
    first%number = 3
    second = first
    first%solver = empty
    call check(second%number == 3, 'models without solvers')
  end subroutine moved

  ! The end of a scope, and of allocatable objects.
  subroutine scopes()
    gone = 0
    call in_scope()
    call check(gone == 4, 'local variables')
  end subroutine scopes

  subroutine in_scope()
    type(mov_solver) :: single, pair(2)
    type(mov_solver), allocatable :: list(:)
    type(model) :: inner
    integer :: i
    call make(single, 'l2')
    call single%set_progress(watch, context)
    do i = 1, 2
      call make(pair(i), 'l2')
    end do
    call pair(2)%set_progress(watch, context)
    call make(inner%solver, 'l2')
    call inner%solver%set_progress(watch, context)
    allocate (list(3))
    call make(list(3), 'l2')
    call list(3)%set_progress(watch, context)
    deallocate (list)
    call check(gone == 1, 'deallocate')
  end subroutine in_scope

end program lifetimes
