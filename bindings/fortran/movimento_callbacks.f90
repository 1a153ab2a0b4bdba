! Procedures of the host that the library calls.
!
! The host writes an ordinary procedure with one of the abstract interfaces below. Points and gradients are
! (d, n): the column x(:, i) is point i, which is C's [n][d] without a copy. Every procedure gets the
! `context` that was given along with it: a copy, which is kept as long as the library may call. What is
! large, or what the host wants to see changed, goes into it by a pointer component. Without a context it is
! the integer 0. `stat` is 0 on entry: a value above 0 asks for a shorter step, one below 0 gives up.
!
! Of a field of c components u is (c n), the numbers of point i being u(c (i - 1) + 1:c i), and gradients are
! (d, c n); densities of several components have arrays of their own shapes.
!
! An internal procedure must not be called after the procedure that contains it has ended.
module movimento_callbacks
  use, intrinsic :: iso_c_binding, only: c_associated, c_char, c_double, c_f_pointer, c_int32_t, c_int64_t, c_loc, &
      c_ptr
  use movimento_errors, only: from_c
  implicit none
  private

  public :: mov_energy_function, mov_energy_in_time_function, mov_pair_function, mov_source_function, &
      mov_system_function, mov_hessian_function
  public :: mov_inside_function, mov_value_function, mov_gradient_function, mov_field_function
  public :: mov_collective_function, mov_progress_function, mov_log_function, mov_boundary_value_function
  public :: mov_event_function, mov_mobility_function, mov_bounds_function, mov_function_of_integral_function
  public :: callback, held, new_callback, let_go
  public :: mobility_from_c, bounds_from_c, function_of_integral_from_c
  public :: boundary_value_from_c, energy_from_c, energy_in_time_from_c, pair_from_c, source_from_c, event_from_c, &
      system_from_c, hessian_from_c
  public :: inside_from_c, value_from_c, gradient_from_c, field_from_c, progress_from_c, log_from_c, &
      sum_from_c, max_from_c, broadcast_from_c

  abstract interface
    ! A density f(x, u, p), p = grad u, and its derivatives f_u and f_p. An output that is not wanted is
    ! absent, and p and f_p are unless the energy was made with MOV_USES_GRADIENT.
    subroutine mov_energy_function(x, u, p, f, f_u, f_p, context, stat)
      import :: c_double
      implicit none
      real(c_double), intent(in) :: x(:, :), u(:)
      real(c_double), intent(in), optional :: p(:, :)
      real(c_double), intent(out), optional :: f(:), f_u(:), f_p(:, :)
      class(*), intent(inout) :: context
      integer, intent(inout) :: stat
    end subroutine mov_energy_function

    ! The same of a density f(t, x, u, p) that depends on time, a function of t as it is of x.
    subroutine mov_energy_in_time_function(t, x, u, p, f, f_u, f_p, context, stat)
      import :: c_double
      implicit none
      real(c_double), intent(in) :: t, x(:, :), u(:)
      real(c_double), intent(in), optional :: p(:, :)
      real(c_double), intent(out), optional :: f(:), f_u(:), f_p(:, :)
      class(*), intent(inout) :: context
      integer, intent(inout) :: stat
    end subroutine mov_energy_in_time_function

    ! A density f(t, x, u, p) of a field u (c, n) with p (d, c, n), and its derivatives f_u (c, n) and f_p (d, c, n).
    ! What is absent is as in mov_energy_function; t is of use with MOV_USES_TIME.
    subroutine mov_system_function(t, x, u, p, f, f_u, f_p, context, stat)
      import :: c_double
      implicit none
      real(c_double), intent(in) :: t, x(:, :), u(:, :)
      real(c_double), intent(in), optional :: p(:, :, :)
      real(c_double), intent(out), optional :: f(:), f_u(:, :), f_p(:, :, :)
      class(*), intent(inout) :: context
      integer, intent(inout) :: stat
    end subroutine mov_system_function

    ! A density f(t, x, u, p, h) with second derivatives h (d, d, n), symmetric, and its derivatives f_u, f_p and f_h.
    ! What is absent is as in mov_energy_function; t is of use with MOV_USES_TIME.
    subroutine mov_hessian_function(t, x, u, p, h, f, f_u, f_p, f_h, context, stat)
      import :: c_double
      implicit none
      real(c_double), intent(in) :: t, x(:, :), u(:), h(:, :, :)
      real(c_double), intent(in), optional :: p(:, :)
      real(c_double), intent(out), optional :: f(:), f_u(:), f_p(:, :), f_h(:, :, :)
      class(*), intent(inout) :: context
      integer, intent(inout) :: stat
    end subroutine mov_hessian_function

    ! A kernel W(x, y) = W(y, x), or W(t, x, y), and its gradient in x, at pairs of points. An output that is not
    ! wanted is absent. Where x = y the gradient is 0, and W too where it is infinite.
    subroutine mov_pair_function(t, x, y, w, w_x, context, stat)
      import :: c_double
      implicit none
      real(c_double), intent(in) :: t, x(:, :), y(:, :)
      real(c_double), intent(out), optional :: w(:), w_x(:, :)
      class(*), intent(inout) :: context
      integer, intent(inout) :: stat
    end subroutine mov_pair_function

    ! A source s(t, x): what it adds to du/dt.
    subroutine mov_source_function(t, x, s, context, stat)
      import :: c_double
      implicit none
      real(c_double), intent(in) :: t, x(:, :)
      real(c_double), intent(out) :: s(:)
      class(*), intent(inout) :: context
      integer, intent(inout) :: stat
    end subroutine mov_source_function

    ! Which points are inside a region.
    subroutine mov_inside_function(x, inside, context, stat)
      import :: c_double
      implicit none
      real(c_double), intent(in) :: x(:, :)
      logical, intent(out) :: inside(:)
      class(*), intent(inout) :: context
      integer, intent(inout) :: stat
    end subroutine mov_inside_function

    ! Values of a function at points.
    subroutine mov_value_function(x, u, context, stat)
      import :: c_double
      implicit none
      real(c_double), intent(in) :: x(:, :)
      real(c_double), intent(out) :: u(:)
      class(*), intent(inout) :: context
      integer, intent(inout) :: stat
    end subroutine mov_value_function

    ! Values g(t, x) at points of the boundary.
    subroutine mov_boundary_value_function(t, x, g, context, stat)
      import :: c_double
      implicit none
      real(c_double), intent(in) :: t, x(:, :)
      real(c_double), intent(out) :: g(:)
      class(*), intent(inout) :: context
      integer, intent(inout) :: stat
    end subroutine mov_boundary_value_function

    ! A mobility M(t, x, u) > 0; u is absent unless it was set with MOV_USES_VALUE.
    subroutine mov_mobility_function(t, x, u, m, context, stat)
      import :: c_double
      implicit none
      real(c_double), intent(in) :: t, x(:, :)
      real(c_double), intent(in), optional :: u(:)
      real(c_double), intent(out) :: m(:)
      class(*), intent(inout) :: context
      integer, intent(inout) :: stat
    end subroutine mov_mobility_function

    ! Bounds lower(x) <= u <= upper(x), infinite on entry: what is not set is no bound.
    subroutine mov_bounds_function(x, lower, upper, context, stat)
      import :: c_double
      implicit none
      real(c_double), intent(in) :: x(:, :)
      real(c_double), intent(inout) :: lower(:), upper(:)
      class(*), intent(inout) :: context
      integer, intent(inout) :: stat
    end subroutine mov_bounds_function

    ! A function phi (3) of an integral: its value, first and second derivative.
    subroutine mov_function_of_integral_function(integral, phi, context, stat)
      import :: c_double
      implicit none
      real(c_double), intent(in) :: integral
      real(c_double), intent(out) :: phi(3)
      class(*), intent(inout) :: context
      integer, intent(inout) :: stat
    end subroutine mov_function_of_integral_function

    ! Gradients of a function at points.
    subroutine mov_gradient_function(x, grad, context, stat)
      import :: c_double
      implicit none
      real(c_double), intent(in) :: x(:, :)
      real(c_double), intent(out) :: grad(:, :)
      class(*), intent(inout) :: context
      integer, intent(inout) :: stat
    end subroutine mov_gradient_function

    ! Values (components, n) of a field for snapshots at points x (d, n), where the solution or density is u
    ! (n); NaN leaves a blank.
    subroutine mov_field_function(x, u, values, context, stat)
      import :: c_double
      implicit none
      real(c_double), intent(in) :: x(:, :), u(:)
      real(c_double), intent(out) :: values(:, :)
      class(*), intent(inout) :: context
      integer, intent(inout) :: stat
    end subroutine mov_field_function

    ! A collective operation on numbers, in place; what it does, see mov_solver_set_communicator.
    subroutine mov_collective_function(values, context, stat)
      import :: c_double
      implicit none
      real(c_double), intent(inout) :: values(:)
      class(*), intent(inout) :: context
      integer, intent(inout) :: stat
    end subroutine mov_collective_function

    ! Told where a long call is; see mov_progress_fn in movimento.h. `cancel` is false on entry.
    subroutine mov_progress_function(fitting, step, time, iteration, objective, context, cancel)
      import :: c_double, c_int64_t
      implicit none
      logical, intent(in) :: fitting
      integer(c_int64_t), intent(in) :: step, iteration
      real(c_double), intent(in) :: time, objective
      class(*), intent(inout) :: context
      logical, intent(inout) :: cancel
    end subroutine mov_progress_function

    ! A function of the state whose root ends a run: of the time, the energy, and u (n) at points x (d, n).
    subroutine mov_event_function(time, energy, x, u, value, context, stat)
      import :: c_double
      implicit none
      real(c_double), intent(in) :: time, energy, x(:, :), u(:)
      real(c_double), intent(out) :: value
      class(*), intent(inout) :: context
      integer, intent(inout) :: stat
    end subroutine mov_event_function

    ! Receives a message of the log. It may be called on any thread, several at once.
    subroutine mov_log_function(level, message, context)
      implicit none
      integer, intent(in) :: level
      character(*), intent(in) :: message
      class(*), intent(inout) :: context
    end subroutine mov_log_function
  end interface

  ! What stands behind C's user_data. One call sets one of the pointers, or value and gradient.
  type :: callback
    procedure(mov_energy_function), pointer, nopass :: energy => null()
    procedure(mov_energy_in_time_function), pointer, nopass :: energy_in_time => null()
    procedure(mov_pair_function), pointer, nopass :: pair => null()
    procedure(mov_system_function), pointer, nopass :: system => null()
    procedure(mov_hessian_function), pointer, nopass :: hessian => null()
    procedure(mov_source_function), pointer, nopass :: source => null()
    procedure(mov_inside_function), pointer, nopass :: inside => null()
    procedure(mov_value_function), pointer, nopass :: value => null()
    procedure(mov_gradient_function), pointer, nopass :: gradient => null()
    procedure(mov_boundary_value_function), pointer, nopass :: boundary_value => null()
    procedure(mov_mobility_function), pointer, nopass :: mobility => null()
    procedure(mov_bounds_function), pointer, nopass :: bounds => null()
    procedure(mov_function_of_integral_function), pointer, nopass :: function_of_integral => null()
    procedure(mov_field_function), pointer, nopass :: field => null()
    ! Of the field, and of u.
    integer :: components = 0
    integer(c_int64_t) :: of_u = 1
    procedure(mov_collective_function), pointer, nopass :: sum => null(), max => null(), broadcast => null()
    procedure(mov_progress_function), pointer, nopass :: progress => null()
    procedure(mov_log_function), pointer, nopass :: log => null()
    procedure(mov_event_function), pointer, nopass :: event => null()
    class(*), allocatable :: context
    ! Energies and solvers that may call it.
    integer :: owners = 1
  end type callback

  type :: held
    type(callback), pointer :: it => null()
  end type held

contains

  ! A callback with a copy of the context and one owner.
  function new_callback(context) result(made)
    class(*), intent(in), optional :: context
    type(callback), pointer :: made
    allocate (made)
    if (present(context)) then
      allocate (made%context, source=context)
    else
      allocate (made%context, source=0)
    end if
  end function new_callback

  ! Gives up one ownership; the last one takes the context along.
  subroutine let_go(it)
    type(callback), pointer, intent(inout) :: it
    if (.not. associated(it)) return
    it%owners = it%owners - 1
    if (it%owners == 0) deallocate (it)
    nullify (it)
  end subroutine let_go

  ! What C calls, with the arguments of mov_energy_fn and the other types of movimento.h. They have no name
  ! that the linker sees.

  function energy_from_c(n, d, x, u, p, f, f_u, f_p, user_data) result(status) bind(C, name='')
    integer(c_int64_t), value :: n, d
    real(c_double), intent(in) :: x(d, n), u(n)
    type(c_ptr), value :: p, f, f_u, f_p, user_data
    integer(c_int32_t) :: status
    type(callback), pointer :: it
    real(c_double), pointer, contiguous :: gradient(:, :), density(:), density_u(:), density_p(:, :)
    integer :: stat
    call c_f_pointer(user_data, it)
    nullify (gradient, density, density_u, density_p)
    if (c_associated(p)) call c_f_pointer(p, gradient, [d, n])
    if (c_associated(f)) call c_f_pointer(f, density, [n])
    if (c_associated(f_u)) call c_f_pointer(f_u, density_u, [n])
    if (c_associated(f_p)) call c_f_pointer(f_p, density_p, [d, n])
    stat = 0
    ! A pointer that points nowhere is an absent argument.
    call it%energy(x, u, gradient, density, density_u, density_p, it%context, stat)
    status = stat
  end function energy_from_c

  function energy_in_time_from_c(t, n, d, x, u, p, f, f_u, f_p, user_data) result(status) bind(C, name='')
    real(c_double), value :: t
    integer(c_int64_t), value :: n, d
    real(c_double), intent(in) :: x(d, n), u(n)
    type(c_ptr), value :: p, f, f_u, f_p, user_data
    integer(c_int32_t) :: status
    type(callback), pointer :: it
    real(c_double), pointer, contiguous :: gradient(:, :), density(:), density_u(:), density_p(:, :)
    integer :: stat
    call c_f_pointer(user_data, it)
    nullify (gradient, density, density_u, density_p)
    if (c_associated(p)) call c_f_pointer(p, gradient, [d, n])
    if (c_associated(f)) call c_f_pointer(f, density, [n])
    if (c_associated(f_u)) call c_f_pointer(f_u, density_u, [n])
    if (c_associated(f_p)) call c_f_pointer(f_p, density_p, [d, n])
    stat = 0
    call it%energy_in_time(t, x, u, gradient, density, density_u, density_p, it%context, stat)
    status = stat
  end function energy_in_time_from_c

  function system_from_c(t, n, d, c, x, u, p, f, f_u, f_p, user_data) result(status) bind(C, name='')
    real(c_double), value :: t
    integer(c_int64_t), value :: n, d, c
    real(c_double), intent(in) :: x(d, n), u(c, n)
    type(c_ptr), value :: p, f, f_u, f_p, user_data
    integer(c_int32_t) :: status
    type(callback), pointer :: it
    real(c_double), pointer, contiguous :: gradient(:, :, :), density(:), density_u(:, :), density_p(:, :, :)
    integer :: stat
    call c_f_pointer(user_data, it)
    nullify (gradient, density, density_u, density_p)
    if (c_associated(p)) call c_f_pointer(p, gradient, [d, c, n])
    if (c_associated(f)) call c_f_pointer(f, density, [n])
    if (c_associated(f_u)) call c_f_pointer(f_u, density_u, [c, n])
    if (c_associated(f_p)) call c_f_pointer(f_p, density_p, [d, c, n])
    stat = 0
    call it%system(t, x, u, gradient, density, density_u, density_p, it%context, stat)
    status = stat
  end function system_from_c

  function hessian_from_c(t, n, d, x, u, p, h, f, f_u, f_p, f_h, user_data) result(status) bind(C, name='')
    real(c_double), value :: t
    integer(c_int64_t), value :: n, d
    real(c_double), intent(in) :: x(d, n), u(n), h(d, d, n)
    type(c_ptr), value :: p, f, f_u, f_p, f_h, user_data
    integer(c_int32_t) :: status
    type(callback), pointer :: it
    real(c_double), pointer, contiguous :: gradient(:, :), density(:), density_u(:), density_p(:, :), &
        density_h(:, :, :)
    integer :: stat
    call c_f_pointer(user_data, it)
    nullify (gradient, density, density_u, density_p, density_h)
    if (c_associated(p)) call c_f_pointer(p, gradient, [d, n])
    if (c_associated(f)) call c_f_pointer(f, density, [n])
    if (c_associated(f_u)) call c_f_pointer(f_u, density_u, [n])
    if (c_associated(f_p)) call c_f_pointer(f_p, density_p, [d, n])
    if (c_associated(f_h)) call c_f_pointer(f_h, density_h, [d, d, n])
    stat = 0
    call it%hessian(t, x, u, gradient, h, density, density_u, density_p, density_h, it%context, stat)
    status = stat
  end function hessian_from_c

  function pair_from_c(t, n, d, x, y, w, w_x, user_data) result(status) bind(C, name='')
    real(c_double), value :: t
    integer(c_int64_t), value :: n, d
    real(c_double), intent(in) :: x(d, n), y(d, n)
    type(c_ptr), value :: w, w_x, user_data
    integer(c_int32_t) :: status
    type(callback), pointer :: it
    real(c_double), pointer, contiguous :: value(:), gradient(:, :)
    integer :: stat
    call c_f_pointer(user_data, it)
    nullify (value, gradient)
    if (c_associated(w)) call c_f_pointer(w, value, [n])
    if (c_associated(w_x)) call c_f_pointer(w_x, gradient, [d, n])
    stat = 0
    call it%pair(t, x, y, value, gradient, it%context, stat)
    status = stat
  end function pair_from_c

  function source_from_c(t, n, d, x, s, user_data) result(status) bind(C, name='')
    real(c_double), value :: t
    integer(c_int64_t), value :: n, d
    real(c_double), intent(in) :: x(d, n)
    real(c_double), intent(inout) :: s(n)
    type(c_ptr), value :: user_data
    integer(c_int32_t) :: status
    type(callback), pointer :: it
    integer :: stat
    call c_f_pointer(user_data, it)
    stat = 0
    call it%source(t, x, s, it%context, stat)
    status = stat
  end function source_from_c

  function inside_from_c(n, d, x, inside, user_data) result(status) bind(C, name='')
    integer(c_int64_t), value :: n, d
    real(c_double), intent(in) :: x(d, n)
    integer(c_int32_t), intent(inout) :: inside(n)
    type(c_ptr), value :: user_data
    integer(c_int32_t) :: status
    type(callback), pointer :: it
    logical, allocatable :: is_inside(:)
    integer :: stat
    call c_f_pointer(user_data, it)
    allocate (is_inside(n))
    stat = 0
    call it%inside(x, is_inside, it%context, stat)
    if (stat == 0) inside = merge(1, 0, is_inside)
    status = stat
  end function inside_from_c

  function value_from_c(n, d, x, u, user_data) result(status) bind(C, name='')
    integer(c_int64_t), value :: n, d
    real(c_double), intent(in) :: x(d, n)
    real(c_double), intent(inout) :: u(*)
    type(c_ptr), value :: user_data
    integer(c_int32_t) :: status
    type(callback), pointer :: it
    integer :: stat
    call c_f_pointer(user_data, it)
    stat = 0
    call it%value(x, u(:n * it%of_u), it%context, stat)
    status = stat
  end function value_from_c

  function boundary_value_from_c(t, n, d, x, g, user_data) result(status) bind(C, name='')
    real(c_double), value :: t
    integer(c_int64_t), value :: n, d
    real(c_double), intent(in) :: x(d, n)
    real(c_double), intent(inout) :: g(n)
    type(c_ptr), value :: user_data
    integer(c_int32_t) :: status
    type(callback), pointer :: it
    integer :: stat
    call c_f_pointer(user_data, it)
    stat = 0
    call it%boundary_value(t, x, g, it%context, stat)
    status = stat
  end function boundary_value_from_c

  function mobility_from_c(t, n, d, x, u, m, user_data) result(status) bind(C, name='')
    real(c_double), value :: t
    integer(c_int64_t), value :: n, d
    real(c_double), intent(in) :: x(d, n)
    type(c_ptr), value :: u, user_data
    real(c_double), intent(inout) :: m(n)
    integer(c_int32_t) :: status
    type(callback), pointer :: it
    real(c_double), pointer, contiguous :: values(:)
    integer :: stat
    call c_f_pointer(user_data, it)
    nullify (values)
    if (c_associated(u)) call c_f_pointer(u, values, [n])
    stat = 0
    call it%mobility(t, x, values, m, it%context, stat)
    status = stat
  end function mobility_from_c

  function bounds_from_c(n, d, x, lower, upper, user_data) result(status) bind(C, name='')
    integer(c_int64_t), value :: n, d
    real(c_double), intent(in) :: x(d, n)
    real(c_double), intent(inout) :: lower(n), upper(n)
    type(c_ptr), value :: user_data
    integer(c_int32_t) :: status
    type(callback), pointer :: it
    integer :: stat
    call c_f_pointer(user_data, it)
    stat = 0
    call it%bounds(x, lower, upper, it%context, stat)
    status = stat
  end function bounds_from_c

  function function_of_integral_from_c(integral, phi, user_data) result(status) bind(C, name='')
    real(c_double), value :: integral
    real(c_double), intent(inout) :: phi(3)
    type(c_ptr), value :: user_data
    integer(c_int32_t) :: status
    type(callback), pointer :: it
    integer :: stat
    call c_f_pointer(user_data, it)
    stat = 0
    call it%function_of_integral(integral, phi, it%context, stat)
    status = stat
  end function function_of_integral_from_c

  function gradient_from_c(n, d, x, grad, user_data) result(status) bind(C, name='')
    integer(c_int64_t), value :: n, d
    real(c_double), intent(in) :: x(d, n)
    real(c_double), intent(inout) :: grad(d, *)
    type(c_ptr), value :: user_data
    integer(c_int32_t) :: status
    type(callback), pointer :: it
    integer :: stat
    call c_f_pointer(user_data, it)
    stat = 0
    call it%gradient(x, grad(:, :n * it%of_u), it%context, stat)
    status = stat
  end function gradient_from_c

  function field_from_c(n, d, x, u, values, user_data) result(status) bind(C, name='')
    integer(c_int64_t), value :: n, d
    real(c_double), intent(in) :: x(d, n), u(*)
    real(c_double), intent(inout), target :: values(*)
    type(c_ptr), value :: user_data
    integer(c_int32_t) :: status
    type(callback), pointer :: it
    real(c_double), pointer, contiguous :: columns(:, :)
    integer :: stat
    call c_f_pointer(user_data, it)
    call c_f_pointer(c_loc(values(1)), columns, [int(it%components, c_int64_t), n])
    stat = 0
    call it%field(x, u(:n * it%of_u), columns, it%context, stat)
    status = stat
  end function field_from_c

  function sum_from_c(n, values, user_data) result(status) bind(C, name='')
    integer(c_int64_t), value :: n
    real(c_double), intent(inout) :: values(n)
    type(c_ptr), value :: user_data
    integer(c_int32_t) :: status
    type(callback), pointer :: it
    call c_f_pointer(user_data, it)
    status = collective(it%sum, values, it%context)
  end function sum_from_c

  function max_from_c(n, values, user_data) result(status) bind(C, name='')
    integer(c_int64_t), value :: n
    real(c_double), intent(inout) :: values(n)
    type(c_ptr), value :: user_data
    integer(c_int32_t) :: status
    type(callback), pointer :: it
    call c_f_pointer(user_data, it)
    status = collective(it%max, values, it%context)
  end function max_from_c

  function broadcast_from_c(n, values, user_data) result(status) bind(C, name='')
    integer(c_int64_t), value :: n
    real(c_double), intent(inout) :: values(n)
    type(c_ptr), value :: user_data
    integer(c_int32_t) :: status
    type(callback), pointer :: it
    call c_f_pointer(user_data, it)
    status = collective(it%broadcast, values, it%context)
  end function broadcast_from_c

  function collective(operation, values, context) result(status)
    procedure(mov_collective_function) :: operation
    real(c_double), intent(inout) :: values(:)
    class(*), intent(inout) :: context
    integer(c_int32_t) :: status
    integer :: stat
    stat = 0
    call operation(values, context, stat)
    status = stat
  end function collective

  function progress_from_c(fitting, step, time, iteration, objective, user_data) result(status) &
      bind(C, name='')
    integer(c_int32_t), value :: fitting
    integer(c_int64_t), value :: step, iteration
    real(c_double), value :: time, objective
    type(c_ptr), value :: user_data
    integer(c_int32_t) :: status
    type(callback), pointer :: it
    logical :: cancel
    call c_f_pointer(user_data, it)
    cancel = .false.
    call it%progress(fitting == 1, step, time, iteration, objective, it%context, cancel)
    status = merge(1, 0, cancel)
  end function progress_from_c

  function event_from_c(time, energy, n, d, x, u, value, user_data) result(status) bind(C, name='')
    real(c_double), value :: time, energy
    integer(c_int64_t), value :: n, d
    real(c_double), intent(in) :: x(d, n), u(*)
    real(c_double), intent(inout) :: value
    type(c_ptr), value :: user_data
    integer(c_int32_t) :: status
    type(callback), pointer :: it
    integer :: stat
    call c_f_pointer(user_data, it)
    stat = 0
    call it%event(time, energy, x, u(:n * it%of_u), value, it%context, stat)
    status = stat
  end function event_from_c

  subroutine log_from_c(level, message, user_data) bind(C, name='')
    integer(c_int32_t), value :: level
    character(kind=c_char), intent(in), target :: message(*)
    type(c_ptr), value :: user_data
    type(callback), pointer :: it
    call c_f_pointer(user_data, it)
    call it%log(int(level), from_c(c_loc(message(1))), it%context)
  end subroutine log_from_c

end module movimento_callbacks
