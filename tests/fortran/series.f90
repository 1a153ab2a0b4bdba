! A series of snapshots, with a field of the host. Argument: a folder for it.
module series_callbacks
  use checks, only: check, dp
  implicit none
  private
  public :: counter, failing, start, two

  type :: counter
    integer, pointer :: count => null()
  end type counter

contains

  ! Without a context there is the integer 0.
  logical function is_none(context)
    class(*), intent(in) :: context
    is_none = .false.
    select type (context)
    type is (integer)
      is_none = context == 0
    end select
  end function is_none

  subroutine start(x, u, context, stat)
    real(dp), intent(in) :: x(:, :)
    real(dp), intent(out) :: u(:)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    call check(is_none(context), 'no context')
    u = 1 + cos(3.141592653589793_dp * x(1, :)) / 2
    stat = 0
  end subroutine start

  ! u, and the first coordinate of each point.
  subroutine two(x, u, values, context, stat)
    real(dp), intent(in) :: x(:, :), u(:)
    real(dp), intent(out) :: values(:, :)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    call check(all(shape(values) == [2, size(u)]) .and. size(x, 2) == size(u), 'shapes')
    values(1, :) = u
    values(2, :) = x(1, :)
    select type (context)
    type is (counter)
      context%count = context%count + 1
    end select
    stat = 0
  end subroutine two

  subroutine failing(x, u, values, context, stat)
    real(dp), intent(in) :: x(:, :), u(:)
    real(dp), intent(out) :: values(:, :)
    class(*), intent(inout) :: context
    integer, intent(inout) :: stat
    call check(size(x, 1) == 2 .and. size(u) > 0 .and. is_none(context), 'shapes')
    values = 0
    stat = -7
  end subroutine failing

end module series_callbacks

program series
  use checks, only: check, dp, refused
  use movimento
  use series_callbacks, only: counter, failing, start, two
  implicit none
  character(1000) :: argument
  call get_command_argument(1, argument)
  call run(trim(argument))

contains

  subroutine run(folder)
    character(*), intent(in) :: folder
    type(mov_options) :: options
    type(mov_energy) :: energy
    type(mov_solver) :: solver
    type(mov_writer) :: writer, other
    character(:), allocatable :: message, text
    integer, target :: calls
    integer :: number, stat
    real(dp) :: x(2, 2), u(2), grad(2, 2), values(2, 2), one(1, 2)
    type(mov_axis), allocatable :: axes(:)
    real(dp), allocatable :: origin(:)
    calls = 0
    call options%create()
    call options%set('hidden', [8])
    call options%set('nodes', 400)
    call options%set('threads', 1)
    call options%set('fit_accept', 0.5_dp)
    call options%set('step_accept', 1.0_dp)
    call options%set('snapshot_resolution', 9)
    call solver%create(options)
    call energy%create('dirichlet')
    call solver%add_energy(energy)
    call solver%set_initial_callback(start)
    call writer%write(solver, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_HANDLE, '`writer` is NULL')
    x = reshape([0.25_dp, 0.5_dp, 0.75_dp, 0.1_dp], [2, 2])
    call solver%describe_fields(message)
    call check(index(message, '"grad_u"') > 0 .and. index(message, 'velocity') == 0, 'fields')
    deallocate (message)
    call solver%evaluate(x, u, grad)
    call solver%evaluate_field('u', x, one)
    call check(all(abs(one(1, :) - u) < 1e-13_dp), 'u by name')
    call solver%evaluate_field('grad_u', x, values)
    call check(all(abs(values - grad) < 1e-13_dp), 'grad u by name')
    call solver%evaluate_field('grad_u', x, one, stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`values` has 2 entries; accepted is 4')
    call solver%evaluate_field('velocity', x, values, stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, 'no field `velocity`')
    call solver%grid(axes, origin)
    call check(size(axes) == 2 .and. all(axes%index == [1, 2]) .and. all(abs(origin - 0.5_dp) < 1e-12_dp), 'grid')
    call check(size(axes(2)%coordinates) == 9 .and. abs(axes(2)%coordinates(9) - 1) < 1e-15_dp, 'axis')
    call options%set('snapshot_axes', [1])
    call options%set('snapshot_resolution', 3)
    call solver%grid(axes, options=options)
    call check(size(axes) == 1 .and. axes(1)%index == 2, 'a line')
    call check(all(abs(axes(1)%coordinates - [0.0_dp, 0.5_dp, 1.0_dp]) < 1e-15_dp), 'along it')
    ! Of the default kind of integers, with a message that is not there yet, and with one that is.
    call options%set('nodes', -5, stat, message)
    call refused(stat, message, MOV_ERROR_OPTION, '`nodes` was given -5; accepted is')
    message = 'a'
    call options%set('hidden', [-3], stat, message)
    call refused(stat, message, MOV_ERROR_OPTION, '`hidden` was given -3; accepted is')
    call energy%set('kappa', -1, stat, message)
    call refused(stat, message, MOV_ERROR_OPTION, 'kappa')
    call options%set('snapshot_axes', [7])
    call solver%grid(axes, options=options, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_OPTION, '`snapshot_axes` is [7]')
    call check(size(axes) == 1, 'axes are left alone')
    call writer%create(solver, folder)
    call other%create(solver, folder, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_FILE, 'another writer')
    call writer%add_field(solver, 'u')
    call writer%add_field(solver, 'velocity', stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`velocity`')
    call writer%add_callback('two', 2, two, counter(calls))
    call writer%add_callback('a.b', 2, two, counter(calls), stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, '`a.b`')
    call writer%describe_field('two', 'u and x', 'm')
    call writer%describe_field('t', units='s')
    call writer%set_points(reshape([0.25_dp, 0.5_dp], [2, 1]))
    call writer%set_points(reshape([0.25_dp, 0.5_dp], [1, 2]), stat, message)
    call refused(stat, message, MOV_ERROR_ARGUMENT, 'not (2, 2)')
    call writer%write(solver, number)
    call check(number == 0 .and. calls > 0, 'first snapshot')
    call writer%write(solver, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_STATE, 'accepted are later ones')
    call solver%step()
    call writer%write(solver, number)
    call check(number == 1 .and. writer%count() == 2, 'second snapshot')
    call writer%close()
    call writer%write(solver, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_STATE, 'closed')
    call writer%free()
    call options%set('snapshot_existing', 'empty')
    call writer%create(solver, folder, options, stat, message)
    call refused(stat, message, MOV_ERROR_STATE, 'snapshot_existing')
    call movimento_pack_snapshots(folder, folder // '/packed.h5')
    call movimento_index_snapshots(folder)
    call movimento_index_snapshots(folder, folder // '/other.vtkhdf')
    call movimento_index_snapshots(folder // '/none', stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_FILE, 'none')
    call movimento_index_describe(folder, text)
    call check(index(text, '"listed":2') > 0 .and. index(text, '"gone":[]') > 0, 'the index is described')
    call movimento_index_describe(folder // '/none/none', text, stat, message)
    call refused(stat, message, MOV_ERROR_FILE, 'none')
    call movimento_pack_snapshots(folder // '/none', folder // '/none.h5', stat, message)
    call refused(stat, message, MOV_ERROR_FILE, 'none')
    call writer%create(solver, folder // '/failing')
    call writer%add_callback('failing', 1, failing)
    call writer%write(solver, stat=stat, errmsg=message)
    call refused(stat, message, MOV_ERROR_CALLBACK, '-7')
  end subroutine run

end program series
