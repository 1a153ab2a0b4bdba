! What can be asked about the state of a flow between its steps.
module movimento_fields
  use, intrinsic :: iso_c_binding, only: c_char, c_double, c_int32_t, c_int64_t, c_loc, c_null_ptr, c_ptr
  use movimento_c, only: mov_solver_entropy, mov_solver_evaluate, mov_solver_evaluate_all, &
      mov_solver_evaluate_between, mov_solver_evaluate_field, &
      mov_solver_fields_describe, mov_solver_grid, mov_solver_moments, mov_solver_parameter_count, &
      mov_solver_parameters, mov_solver_push_forward, mov_solver_quantiles, mov_solver_velocity, &
      MOV_ERROR_ARGUMENT, MOV_OK
  use movimento_errors, only: buffer_text, is_told, movimento_last_error, reason, to_c
  use movimento_objects, only: components_of, dimension_of, refuse_copy
  use movimento_options, only: mov_options
  use movimento_coupling, only: coupled
  use movimento_shapes, only: count_of, need_length, need_shape
  implicit none
  private

  public :: mov_axis, mov_solver

  ! An axis of a grid: which coordinate of R^d it is, from 1, and the coordinates along it.
  type :: mov_axis
    integer :: index = 0
    real(c_double), allocatable :: coordinates(:)
  end type mov_axis

  type, extends(coupled) :: mov_solver
  contains
    ! call s%evaluate(x, u, grad) at points x (d, n), or at one point x (d).
    ! Of several components also with u (c, n) and grad (d, c, n).
    generic :: evaluate => evaluate_points, evaluate_point, evaluate_components
    procedure, private :: evaluate_points, evaluate_point, evaluate_components
    procedure :: evaluate_all, evaluate_between
    procedure :: parameter_count, parameters
    procedure :: push_forward, velocity, moments, entropy, quantiles
    procedure :: describe_fields, evaluate_field, grid
    ! Here and not in the type that has `it`: gfortran 12 does not see an inherited assignment when the
    ! solver is a component of another type.
    procedure, private :: assign
    generic :: assignment(=) => assign
  end type mov_solver

contains

  impure elemental subroutine assign(self, other)
    class(mov_solver), intent(inout) :: self
    class(mov_solver), intent(in) :: other
    call refuse_copy(self%ref, other%ref)
  end subroutine assign

  ! u (n) and, when wanted, grad u (d, n) at points x (d, n); (c n) and (d, c n) of several components.
  subroutine evaluate_points(self, x, u, grad, stat, errmsg)
    class(mov_solver), intent(in) :: self
    real(c_double), intent(in) :: x(:, :)
    real(c_double), intent(out) :: u(:)
    real(c_double), intent(out), optional, contiguous, target :: grad(:, :)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(256) :: wrong
    if (is_told(evaluated(self, x, u, grad, wrong), stat, present(errmsg), wrong)) errmsg = reason(wrong)
  end subroutine evaluate_points

  ! Evaluates at points, or says what is wrong.
  function evaluated(self, x, u, grad, wrong) result(status)
    class(mov_solver), intent(in) :: self
    real(c_double), intent(in) :: x(:, :)
    real(c_double), intent(out) :: u(:)
    real(c_double), intent(out), optional, contiguous, target :: grad(:, :)
    character(256), intent(out) :: wrong
    integer(c_int32_t) :: status
    type(c_ptr) :: grad_c
    integer(c_int64_t) :: n, all
    n = count_of(u) / components_of(self%ref)
    all = n * components_of(self%ref)
    wrong = ''
    call need_shape(wrong, self%ref, 'x', shape(x, c_int64_t), [n])
    call need_length(wrong, 'u', count_of(u), all)
    grad_c = c_null_ptr
    if (present(grad)) then
      call need_shape(wrong, self%ref, 'grad', shape(grad, c_int64_t), [all])
      grad_c = c_loc(grad)
    end if
    status = MOV_ERROR_ARGUMENT
    if (wrong == '') status = mov_solver_evaluate(self%c_handle(), n, x, u, grad_c)
  end function evaluated

  ! u (c, n) and, when wanted, grad u (d, c, n) of several components.
  subroutine evaluate_components(self, x, u, grad, stat, errmsg)
    class(mov_solver), intent(in) :: self
    real(c_double), intent(in) :: x(:, :)
    real(c_double), intent(out), contiguous, target :: u(:, :)
    real(c_double), intent(out), optional, contiguous, target :: grad(:, :, :)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    real(c_double), pointer, contiguous :: flat(:), slopes(:, :)
    character(256) :: wrong
    flat(1:size(u)) => u
    nullify (slopes)
    if (present(grad)) slopes(1:size(grad, 1), 1:size(grad, 2) * size(grad, 3)) => grad
    ! A pointer that points nowhere is an absent argument.
    if (is_told(evaluated(self, x, flat, slopes, wrong), stat, present(errmsg), wrong)) errmsg = reason(wrong)
  end subroutine evaluate_components

  ! u and, when wanted, grad u (d) at a point x (d).
  subroutine evaluate_point(self, x, u, grad, stat, errmsg)
    class(mov_solver), intent(in) :: self
    real(c_double), intent(in) :: x(:)
    real(c_double), intent(out) :: u
    real(c_double), intent(out), optional, contiguous, target :: grad(:)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(256) :: wrong
    integer(c_int32_t) :: status
    type(c_ptr) :: grad_c
    real(c_double) :: value(1)
    value = 0
    wrong = ''
    call need_shape(wrong, self%ref, 'x', shape(x, c_int64_t), [integer(c_int64_t) ::])
    ! Of several components there is no room.
    call need_length(wrong, 'u', 1_c_int64_t, components_of(self%ref))
    grad_c = c_null_ptr
    if (present(grad)) then
      call need_shape(wrong, self%ref, 'grad', shape(grad, c_int64_t), [integer(c_int64_t) ::])
      grad_c = c_loc(grad)
    end if
    status = MOV_ERROR_ARGUMENT
    if (wrong == '') status = mov_solver_evaluate(self%c_handle(), 1_c_int64_t, x, value, grad_c)
    if (is_told(status, stat, present(errmsg), wrong)) errmsg = reason(wrong)
    u = value(1)
  end subroutine evaluate_point

  ! All that is wanted of u at points x (d, n): u (n), grad (d, n), second derivatives (d, d, n), the Laplacian (n)
  ! and du/dt (n); with c n in the place of n of several components.
  subroutine evaluate_all(self, x, u, grad, hessian, laplacian, rate, stat, errmsg)
    class(mov_solver), intent(in) :: self
    real(c_double), intent(in) :: x(:, :)
    real(c_double), intent(out), optional, contiguous, target :: u(:), grad(:, :), hessian(:, :, :), laplacian(:), &
        rate(:)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(256) :: wrong
    integer(c_int32_t) :: status
    type(c_ptr) :: at(5)
    integer(c_int64_t) :: n, all
    n = size(x, 2, c_int64_t)
    all = n * components_of(self%ref)
    wrong = ''
    at = c_null_ptr
    call need_shape(wrong, self%ref, 'x', shape(x, c_int64_t), [n])
    if (present(u)) then
      call need_length(wrong, 'u', count_of(u), all)
      at(1) = c_loc(u)
    end if
    if (present(grad)) then
      call need_shape(wrong, self%ref, 'grad', shape(grad, c_int64_t), [all])
      at(2) = c_loc(grad)
    end if
    if (present(hessian)) then
      call need_shape(wrong, self%ref, 'hessian', shape(hessian, c_int64_t), [dimension_of(self%ref), all])
      at(3) = c_loc(hessian)
    end if
    if (present(laplacian)) then
      call need_length(wrong, 'laplacian', count_of(laplacian), all)
      at(4) = c_loc(laplacian)
    end if
    if (present(rate)) then
      call need_length(wrong, 'rate', count_of(rate), all)
      at(5) = c_loc(rate)
    end if
    status = MOV_ERROR_ARGUMENT
    if (wrong == '') status = mov_solver_evaluate_all(self%c_handle(), n, x, at(1), at(2), at(3), at(4), at(5))
    if (is_told(status, stat, present(errmsg), wrong)) errmsg = reason(wrong)
  end subroutine evaluate_all

  ! u (n), or (c n), at points x (d, n) at a time in the last step.
  subroutine evaluate_between(self, time, x, u, stat, errmsg)
    class(mov_solver), intent(in) :: self
    real(c_double), intent(in) :: time, x(:, :)
    real(c_double), intent(out) :: u(:)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(256) :: wrong
    integer(c_int32_t) :: status
    integer(c_int64_t) :: n
    n = count_of(u) / components_of(self%ref)
    wrong = ''
    call need_shape(wrong, self%ref, 'x', shape(x, c_int64_t), [n])
    call need_length(wrong, 'u', count_of(u), n * components_of(self%ref))
    status = MOV_ERROR_ARGUMENT
    if (wrong == '') status = mov_solver_evaluate_between(self%c_handle(), time, n, x, u)
    if (is_told(status, stat, present(errmsg), wrong)) errmsg = reason(wrong)
  end subroutine evaluate_between

  ! How many parameters the network has.
  function parameter_count(self, stat, errmsg) result(count)
    class(mov_solver), intent(in) :: self
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    integer :: count
    integer(c_int64_t) :: long
    long = 0
    if (is_told(mov_solver_parameter_count(self%c_handle(), long), stat, present(errmsg))) &
        errmsg = movimento_last_error()
    count = int(long)
  end function parameter_count

  ! The parameters of the network: layer after layer, weights before biases.
  subroutine parameters(self, values, stat, errmsg)
    class(mov_solver), intent(in) :: self
    real(c_double), allocatable, intent(inout) :: values(:)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    real(c_double), allocatable :: found(:)
    integer(c_int64_t) :: count
    integer(c_int32_t) :: status
    status = mov_solver_parameter_count(self%c_handle(), count)
    if (status == MOV_OK) then
      allocate (found(count))
      status = mov_solver_parameters(self%c_handle(), count, found)
      if (status == MOV_OK) call move_alloc(found, values)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine parameters

  ! The transport map: where the mass that was at x (d, n) in the beginning is now.
  subroutine push_forward(self, x, y, stat, errmsg)
    class(mov_solver), intent(in) :: self
    real(c_double), intent(in) :: x(:, :)
    real(c_double), intent(out) :: y(:, :)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(256) :: wrong
    if (is_told(mapped(self, mov_solver_push_forward, 'x', x, 'y', y, wrong), stat, present(errmsg), wrong)) &
        errmsg = reason(wrong)
  end subroutine push_forward

  ! The velocity (d, n) with which the mass at y (d, n) moves.
  subroutine velocity(self, y, v, stat, errmsg)
    class(mov_solver), intent(in) :: self
    real(c_double), intent(in) :: y(:, :)
    real(c_double), intent(out) :: v(:, :)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(256) :: wrong
    if (is_told(mapped(self, mov_solver_velocity, 'y', y, 'v', v, wrong), stat, present(errmsg), wrong)) &
        errmsg = reason(wrong)
  end subroutine velocity

  ! Calls one of C's functions of points that give vectors, or says what is wrong.
  function mapped(self, function, from, x, to, y, wrong) result(status)
    class(mov_solver), intent(in) :: self
    procedure(mov_solver_velocity) :: function
    character(*), intent(in) :: from, to
    real(c_double), intent(in) :: x(:, :)
    real(c_double), intent(out) :: y(:, :)
    character(256), intent(out) :: wrong
    integer(c_int32_t) :: status
    integer(c_int64_t) :: n
    n = size(x, 2, c_int64_t)
    wrong = ''
    call need_shape(wrong, self%ref, from, shape(x, c_int64_t), [n])
    call need_shape(wrong, self%ref, to, shape(y, c_int64_t), [n])
    status = MOV_ERROR_ARGUMENT
    if (wrong == '') status = function(self%c_handle(), n, x, y)
  end function mapped

  ! Mean (d) and, when wanted, covariance (d, d) of the density.
  subroutine moments(self, mean, covariance, stat, errmsg)
    class(mov_solver), intent(in) :: self
    real(c_double), intent(out) :: mean(:)
    real(c_double), intent(out), optional, contiguous, target :: covariance(:, :)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(256) :: wrong
    integer(c_int32_t) :: status
    type(c_ptr) :: covariance_c
    wrong = ''
    call need_shape(wrong, self%ref, 'mean', shape(mean, c_int64_t), [integer(c_int64_t) ::])
    covariance_c = c_null_ptr
    if (present(covariance)) then
      call need_shape(wrong, self%ref, 'covariance', shape(covariance, c_int64_t), [count_of(mean)])
      covariance_c = c_loc(covariance)
    end if
    status = MOV_ERROR_ARGUMENT
    if (wrong == '') status = mov_solver_moments(self%c_handle(), mean, covariance_c)
    if (is_told(status, stat, present(errmsg), wrong)) errmsg = reason(wrong)
  end subroutine moments

  ! int rho ln rho.
  function entropy(self, stat, errmsg) result(value)
    class(mov_solver), intent(in) :: self
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    real(c_double) :: value
    if (is_told(mov_solver_entropy(self%c_handle(), value), stat, present(errmsg))) errmsg = movimento_last_error()
  end function entropy

  ! Quantiles of one coordinate of the mass; `axis` counts from 1.
  subroutine quantiles(self, axis, probability, quantile, stat, errmsg)
    class(mov_solver), intent(in) :: self
    integer, intent(in) :: axis
    real(c_double), intent(in) :: probability(:)
    real(c_double), intent(out) :: quantile(:)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(256) :: wrong
    integer(c_int32_t) :: status
    integer(c_int64_t) :: n
    n = count_of(probability)
    wrong = ''
    call need_length(wrong, 'quantile', count_of(quantile), n)
    status = MOV_ERROR_ARGUMENT
    if (wrong == '') status = mov_solver_quantiles(self%c_handle(), axis - 1_c_int64_t, n, probability, quantile)
    if (is_told(status, stat, present(errmsg), wrong)) errmsg = reason(wrong)
  end subroutine quantiles

  ! The fields by name, in JSON.
  subroutine describe_fields(self, text, stat, errmsg)
    class(mov_solver), intent(in) :: self
    character(:), allocatable, intent(inout) :: text
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(kind=c_char), allocatable, target :: buffer(:)
    integer(c_int64_t), target :: needed
    integer(c_int32_t) :: status
    status = mov_solver_fields_describe(self%c_handle(), c_null_ptr, 0_c_int64_t, c_loc(needed))
    if (status == MOV_OK) then
      allocate (buffer(needed))
      status = mov_solver_fields_describe(self%c_handle(), c_loc(buffer), needed, c_null_ptr)
      if (status == MOV_OK) text = buffer_text(buffer)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine describe_fields

  ! The values (components, n) of a field at points x (d, n).
  subroutine evaluate_field(self, name, x, values, stat, errmsg)
    class(mov_solver), intent(in) :: self
    character(*), intent(in) :: name
    real(c_double), intent(in) :: x(:, :)
    real(c_double), intent(out) :: values(:, :)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(256) :: wrong
    integer(c_int32_t) :: status
    integer(c_int64_t) :: n
    n = size(values, 2, c_int64_t)
    wrong = ''
    call need_shape(wrong, self%ref, 'x', shape(x, c_int64_t), [n])
    status = MOV_ERROR_ARGUMENT
    if (wrong == '') status = mov_solver_evaluate_field(self%c_handle(), to_c(name), n, x, &
        size(values, kind=c_int64_t), values)
    if (is_told(status, stat, present(errmsg), wrong)) errmsg = reason(wrong)
  end subroutine evaluate_field

  ! The grid of snapshots, by these options or those of the solver: its axes, x first, and, when wanted, a
  ! point `origin` (d) that it goes through.
  subroutine grid(self, axes, origin, options, stat, errmsg)
    class(mov_solver), intent(in) :: self
    type(mov_axis), allocatable, intent(inout) :: axes(:)
    real(c_double), allocatable, intent(inout), optional :: origin(:)
    type(mov_options), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(mov_axis), allocatable :: found(:)
    real(c_double), allocatable, target :: all(:)
    real(c_double), allocatable :: point(:)
    integer(c_int64_t) :: index(3), points(3), first
    integer(c_int32_t) :: status
    type(c_ptr) :: chosen
    integer :: axis
    chosen = c_null_ptr
    if (present(options)) chosen = options%c_handle()
    allocate (point(dimension_of(self%ref)))
    status = mov_solver_grid(self%c_handle(), chosen, index, points, point, 0_c_int64_t, c_null_ptr)
    if (status == MOV_OK) then
      allocate (all(sum(points)))
      status = mov_solver_grid(self%c_handle(), chosen, index, points, point, sum(points), c_loc(all))
    end if
    if (status == MOV_OK) then
      allocate (found(count(points > 0)))
      first = 0
      do axis = 1, size(found)
        found(axis)%index = int(index(axis)) + 1
        found(axis)%coordinates = all(first + 1:first + points(axis))
        first = first + points(axis)
      end do
      call move_alloc(found, axes)
      if (present(origin)) call move_alloc(point, origin)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine grid

end module movimento_fields
