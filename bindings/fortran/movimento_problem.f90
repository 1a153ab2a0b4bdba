! Where a flow takes place and what it begins with.
module movimento_problem
  use, intrinsic :: iso_c_binding, only: c_double, c_funloc, c_funptr, c_int32_t, c_int64_t, c_loc, c_null_funptr, &
      c_null_ptr, c_ptr
  use movimento_c, only: MOV_ALL_SIDES, MOV_ERROR_ARGUMENT, MOV_OK, mov_solver_add_boundary_energy, mov_solver_set_boundary, &
      mov_solver_set_boundary_sides, mov_solver_set_communicator, mov_solver_set_dirichlet, &
      mov_solver_set_dirichlet_constant, &
      mov_solver_set_initial_barenblatt, mov_solver_set_initial_callback, mov_solver_set_initial_density, &
      mov_solver_set_initial_gaussians, mov_solver_set_initial_named, mov_solver_set_initial_particles, &
      mov_solver_set_initial_values, mov_solver_set_inside, mov_solver_set_nodes, mov_solver_set_mobility, &
      mov_solver_set_bounds, mov_solver_set_bounds_constant, mov_solver_hold_mean, mov_solver_hold_integral, &
      mov_solver_add_function_of_integral
  use movimento_callbacks, only: bounds_from_c, function_of_integral_from_c, mobility_from_c, mov_bounds_function, &
      mov_function_of_integral_function, mov_mobility_function, &
      boundary_value_from_c, broadcast_from_c, callback, gradient_from_c, inside_from_c, let_go, &
      max_from_c, mov_boundary_value_function, mov_collective_function, mov_gradient_function, &
      mov_inside_function, mov_value_function, &
      new_callback, sum_from_c, value_from_c
  use movimento_energies, only: mov_energy
  use movimento_errors, only: is_told, movimento_last_error, reason, to_c
  use movimento_objects, only: components_of, keep, keep_all, keep_density
  use movimento_shapes, only: count_of, need_length, need_shape
  use movimento_steps, only: stepper
  implicit none
  private

  public :: problem

  type, extends(stepper) :: problem
  contains
    procedure :: set_communicator
    procedure :: set_inside, set_nodes, set_boundary, add_boundary_energy
    ! call s%set_dirichlet(side, value), value real(real64) or a procedure g(t, x).
    generic :: set_dirichlet => set_dirichlet_constant, set_dirichlet_function
    procedure, private :: set_dirichlet_constant, set_dirichlet_function
    procedure :: set_mobility, hold_mean, hold_integral, add_function_of_integral
    ! call s%set_bounds(lower, upper), both real(real64), or a procedure of both.
    generic :: set_bounds => set_bounds_constant, set_bounds_function
    procedure, private :: set_bounds_constant, set_bounds_function
    procedure :: set_initial_callback, set_initial_values, set_initial_named
    procedure :: set_initial_gaussians, set_initial_barenblatt, set_initial_density, set_initial_particles
  end type problem

contains

  ! Splits the nodes among ranks; mpi/movimento_mpi.f90 does it for an MPI communicator. `rank` counts from 0, as
  ! in MPI.
  subroutine set_communicator(self, rank, size, sum, max, broadcast, context, stat, errmsg)
    class(problem), intent(inout) :: self
    integer, intent(in) :: rank, size
    procedure(mov_collective_function) :: sum, max, broadcast
    class(*), intent(in), optional :: context
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(callback), pointer :: made
    integer(c_int32_t) :: status
    made => new_callback(context)
    made%sum => sum
    made%max => max
    made%broadcast => broadcast
    status = mov_solver_set_communicator(self%c_handle(), int(rank, c_int32_t), int(size, c_int32_t), &
        c_funloc(sum_from_c), c_funloc(max_from_c), c_funloc(broadcast_from_c), c_loc(made))
    if (status == MOV_OK) then
      call keep(self%ref, made)
    else
      call let_go(made)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine set_communicator

  ! Cuts the box of `lower` and `upper`: the domain is where the procedure says so.
  subroutine set_inside(self, inside, context, stat, errmsg)
    class(problem), intent(inout) :: self
    procedure(mov_inside_function) :: inside
    class(*), intent(in), optional :: context
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(callback), pointer :: made
    integer(c_int32_t) :: status
    made => new_callback(context)
    made%inside => inside
    status = mov_solver_set_inside(self%c_handle(), c_funloc(inside_from_c), c_loc(made))
    if (status == MOV_OK) then
      call keep(self%ref, made)
    else
      call let_go(made)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine set_inside

  ! Takes all integrals with nodes of the host: positions x (d, n) and weights w (n). Steps are checked on a
  ! second set, or on an eighth of the first.
  subroutine set_nodes(self, x, w, x_check, w_check, stat, errmsg)
    class(problem), intent(inout) :: self
    real(c_double), intent(in) :: x(:, :), w(:)
    real(c_double), intent(in), optional, contiguous, target :: x_check(:, :), w_check(:)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(256) :: wrong
    integer(c_int32_t) :: status
    type(c_ptr) :: x_c, w_c
    integer(c_int64_t) :: n, n_check
    n = count_of(w)
    n_check = 0
    wrong = ''
    call need_shape(wrong, self%ref, 'x', shape(x, c_int64_t), [n])
    x_c = c_null_ptr
    w_c = c_null_ptr
    if (present(w_check)) then
      n_check = count_of(w_check)
      w_c = c_loc(w_check)
    end if
    if (present(x_check)) then
      call need_shape(wrong, self%ref, 'x_check', shape(x_check, c_int64_t), [n_check])
      x_c = c_loc(x_check)
    end if
    status = MOV_ERROR_ARGUMENT
    if (wrong == '') status = mov_solver_set_nodes(self%c_handle(), n, x, w, n_check, x_c, w_c)
    if (is_told(status, stat, present(errmsg), wrong)) errmsg = reason(wrong)
  end subroutine set_nodes

  ! Takes integrals over the boundary with nodes of the host: positions and outward normals (d, n), weights w (n),
  ! and the part of the boundary that each is on, side (n), numbers from 0 up.
  subroutine set_boundary(self, x, normal, w, stat, errmsg, side)
    class(problem), intent(inout) :: self
    real(c_double), intent(in) :: x(:, :), normal(:, :), w(:)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    integer, intent(in), optional :: side(:)
    integer(c_int32_t), allocatable, target :: sides(:)
    character(256) :: wrong
    integer(c_int32_t) :: status
    integer(c_int64_t) :: n
    n = count_of(w)
    wrong = ''
    call need_shape(wrong, self%ref, 'x', shape(x, c_int64_t), [n])
    call need_shape(wrong, self%ref, 'normal', shape(normal, c_int64_t), [n])
    if (present(side)) call need_length(wrong, 'side', size(side, kind=c_int64_t), n)
    status = MOV_ERROR_ARGUMENT
    if (wrong == '' .and. present(side)) then
      allocate (sides(n))
      sides = int(side, c_int32_t)
      status = mov_solver_set_boundary_sides(self%c_handle(), n, x, normal, w, c_loc(sides))
    else if (wrong == '') then
      status = mov_solver_set_boundary(self%c_handle(), n, x, normal, w)
    end if
    if (is_told(status, stat, present(errmsg), wrong)) errmsg = reason(wrong)
  end subroutine set_boundary

  ! Adds to F the integral of an energy's density b(x, u) over a side of the boundary, counted as in C, or without
  ! one over all of it. It is copied, and its procedure kept.
  subroutine add_boundary_energy(self, energy, side, stat, errmsg)
    class(problem), intent(inout) :: self
    type(mov_energy), intent(in) :: energy
    integer, intent(in), optional :: side
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    integer(c_int32_t) :: status, which
    which = MOV_ALL_SIDES
    if (present(side)) which = int(side, c_int32_t)
    status = mov_solver_add_boundary_energy(self%c_handle(), energy%c_handle(), which)
    if (status == MOV_OK) call keep_all(self%ref, energy%ref)
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine add_boundary_energy

  ! Gives u the same value everywhere on a side of the boundary, counted as in C; MOV_ALL_SIDES is all of it.
  subroutine set_dirichlet_constant(self, side, value, stat, errmsg)
    class(problem), intent(inout) :: self
    integer, intent(in) :: side
    real(c_double), intent(in) :: value
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    integer(c_int32_t) :: status
    status = mov_solver_set_dirichlet_constant(self%c_handle(), int(side, c_int32_t), value)
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine set_dirichlet_constant

  ! Gives u the value g(t, x) on a side of the boundary.
  subroutine set_dirichlet_function(self, side, value, context, stat, errmsg)
    class(problem), intent(inout) :: self
    integer, intent(in) :: side
    procedure(mov_boundary_value_function) :: value
    class(*), intent(in), optional :: context
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(callback), pointer :: made
    integer(c_int32_t) :: status
    made => new_callback(context)
    made%boundary_value => value
    status = mov_solver_set_dirichlet(self%c_handle(), int(side, c_int32_t), c_funloc(boundary_value_from_c), &
        c_loc(made))
    if (status == MOV_OK) then
      call keep(self%ref, made)
    else
      call let_go(made)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine set_dirichlet_function

  ! Gives the flow of a field the mobility M(t, x, u): du/dt = -M dF/du. Without `flags` it depends on x alone; else
  ! they are an or of MOV_USES_VALUE and MOV_USES_TIME.
  subroutine set_mobility(self, mobility, flags, context, stat, errmsg)
    class(problem), intent(inout) :: self
    procedure(mov_mobility_function) :: mobility
    integer, intent(in), optional :: flags
    class(*), intent(in), optional :: context
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(callback), pointer :: made
    integer(c_int32_t) :: status, which
    which = 0
    if (present(flags)) which = int(flags, c_int32_t)
    made => new_callback(context)
    made%mobility => mobility
    status = mov_solver_set_mobility(self%c_handle(), c_funloc(mobility_from_c), which, c_loc(made))
    if (status == MOV_OK) then
      call keep(self%ref, made)
    else
      call let_go(made)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine set_mobility

  ! Holds u between the same bounds everywhere, infinite where there is none.
  subroutine set_bounds_constant(self, lower, upper, stat, errmsg)
    class(problem), intent(inout) :: self
    real(c_double), intent(in) :: lower, upper
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    integer(c_int32_t) :: status
    status = mov_solver_set_bounds_constant(self%c_handle(), lower, upper)
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine set_bounds_constant

  ! Holds u between bounds that are functions of x.
  subroutine set_bounds_function(self, bounds, context, stat, errmsg)
    class(problem), intent(inout) :: self
    procedure(mov_bounds_function) :: bounds
    class(*), intent(in), optional :: context
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(callback), pointer :: made
    integer(c_int32_t) :: status
    made => new_callback(context)
    made%bounds => bounds
    status = mov_solver_set_bounds(self%c_handle(), c_funloc(bounds_from_c), c_loc(made))
    if (status == MOV_OK) then
      call keep(self%ref, made)
    else
      call let_go(made)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine set_bounds_function

  ! Holds the mean of u at a value.
  subroutine hold_mean(self, value, stat, errmsg)
    class(problem), intent(inout) :: self
    real(c_double), intent(in) :: value
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    integer(c_int32_t) :: status
    status = mov_solver_hold_mean(self%c_handle(), value)
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine hold_mean

  ! Holds the integral of an energy's density g(t, x, u) at a value. It is copied, and its procedure kept.
  subroutine hold_integral(self, energy, value, stat, errmsg)
    class(problem), intent(inout) :: self
    type(mov_energy), intent(in) :: energy
    real(c_double), intent(in) :: value
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    integer(c_int32_t) :: status
    status = mov_solver_hold_integral(self%c_handle(), energy%c_handle(), value)
    if (status == MOV_OK) call keep_all(self%ref, energy%ref)
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine hold_integral

  ! Adds to F a function of the integral of an energy's density g(t, x, u). The energy is copied, and its procedure
  ! kept.
  subroutine add_function_of_integral(self, energy, function, context, stat, errmsg)
    class(problem), intent(inout) :: self
    type(mov_energy), intent(in) :: energy
    procedure(mov_function_of_integral_function) :: function
    class(*), intent(in), optional :: context
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(callback), pointer :: made
    integer(c_int32_t) :: status
    made => new_callback(context)
    made%function_of_integral => function
    status = mov_solver_add_function_of_integral(self%c_handle(), energy%c_handle(), &
        c_funloc(function_of_integral_from_c), c_loc(made))
    if (status == MOV_OK) then
      call keep(self%ref, made)
      call keep_all(self%ref, energy%ref)
    else
      call let_go(made)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine add_function_of_integral

  ! Fits the network to an initial condition u_0, and its gradient if it is known.
  subroutine set_initial_callback(self, value, gradient, context, stat, errmsg)
    class(problem), intent(inout) :: self
    procedure(mov_value_function) :: value
    procedure(mov_gradient_function), optional :: gradient
    class(*), intent(in), optional :: context
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(callback), pointer :: made
    type(c_funptr) :: gradient_c
    integer(c_int32_t) :: status
    made => new_callback(context)
    made%value => value
    made%of_u = components_of(self%ref)
    gradient_c = c_null_funptr
    if (present(gradient)) then
      made%gradient => gradient
      gradient_c = c_funloc(gradient_from_c)
    end if
    status = mov_solver_set_initial_callback(self%c_handle(), c_funloc(value_from_c), gradient_c, c_loc(made))
    call let_go(made)
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine set_initial_callback

  ! Fits the network to values u (n) at points x (d, n), and gradients (d, n) if they are known; (c n) and (d, c n)
  ! of several components.
  subroutine set_initial_values(self, x, u, grad, stat, errmsg)
    class(problem), intent(inout) :: self
    real(c_double), intent(in) :: x(:, :), u(:)
    real(c_double), intent(in), optional, contiguous, target :: grad(:, :)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(256) :: wrong
    integer(c_int32_t) :: status
    type(c_ptr) :: grad_c
    integer(c_int64_t) :: n
    n = count_of(u) / components_of(self%ref)
    wrong = ''
    call need_shape(wrong, self%ref, 'x', shape(x, c_int64_t), [n])
    call need_length(wrong, 'u', count_of(u), n * components_of(self%ref))
    grad_c = c_null_ptr
    if (present(grad)) then
      call need_shape(wrong, self%ref, 'grad', shape(grad, c_int64_t), [n * components_of(self%ref)])
      grad_c = c_loc(grad)
    end if
    status = MOV_ERROR_ARGUMENT
    if (wrong == '') status = mov_solver_set_initial_values(self%c_handle(), n, x, u, grad_c)
    if (is_told(status, stat, present(errmsg), wrong)) errmsg = reason(wrong)
  end subroutine set_initial_values

  ! Fits the network to a closed form with a name.
  subroutine set_initial_named(self, name, stat, errmsg)
    class(problem), intent(inout) :: self
    character(*), intent(in) :: name
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_solver_set_initial_named(self%c_handle(), to_c(name)), stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine set_initial_named

  ! Starts a flow in Wasserstein space from k Gaussians: mean (d, k), covariance (d, d, k), and their
  ! shares (k) of the mass, without which they are equal.
  subroutine set_initial_gaussians(self, mean, covariance, share, stat, errmsg)
    class(problem), intent(inout) :: self
    real(c_double), intent(in) :: mean(:, :), covariance(:, :, :)
    real(c_double), intent(in), optional, contiguous, target :: share(:)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(256) :: wrong
    integer(c_int32_t) :: status
    type(c_ptr) :: share_c
    integer(c_int64_t) :: k
    k = size(mean, 2, c_int64_t)
    wrong = ''
    call need_shape(wrong, self%ref, 'mean', shape(mean, c_int64_t), [k])
    call need_shape(wrong, self%ref, 'covariance', shape(covariance, c_int64_t), [size(mean, 1, c_int64_t), k])
    share_c = c_null_ptr
    if (present(share)) then
      call need_length(wrong, 'share', count_of(share), k)
      share_c = c_loc(share)
    end if
    status = MOV_ERROR_ARGUMENT
    if (wrong == '') status = mov_solver_set_initial_gaussians(self%c_handle(), k, share_c, mean, covariance)
    if (is_told(status, stat, present(errmsg), wrong)) errmsg = reason(wrong)
  end subroutine set_initial_gaussians

  ! Starts a flow in Wasserstein space from the source solution of the porous medium equation.
  subroutine set_initial_barenblatt(self, m, t, stat, errmsg)
    class(problem), intent(inout) :: self
    real(c_double), intent(in) :: m, t
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_solver_set_initial_barenblatt(self%c_handle(), m, t), stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine set_initial_barenblatt

  ! Starts a flow in Wasserstein space from a density on the box of `lower` and `upper`.
  subroutine set_initial_density(self, density, context, stat, errmsg)
    class(problem), intent(inout) :: self
    procedure(mov_value_function) :: density
    class(*), intent(in), optional :: context
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(callback), pointer :: made
    integer(c_int32_t) :: status
    made => new_callback(context)
    made%value => density
    status = mov_solver_set_initial_density(self%c_handle(), c_funloc(value_from_c), c_loc(made))
    if (status == MOV_OK) then
      call keep_density(self%ref, made)
    else
      call let_go(made)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine set_initial_density

  ! Starts a flow in Wasserstein space from particles: positions x (d, n), densities rho (n), masses w (n),
  ! without which they are equal, and scores grad ln rho (d, n) if they are known.
  subroutine set_initial_particles(self, x, rho, w, score, stat, errmsg)
    class(problem), intent(inout) :: self
    real(c_double), intent(in) :: x(:, :), rho(:)
    real(c_double), intent(in), optional, contiguous, target :: w(:), score(:, :)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(256) :: wrong
    integer(c_int32_t) :: status
    type(c_ptr) :: w_c, score_c
    integer(c_int64_t) :: n
    n = count_of(rho)
    wrong = ''
    call need_shape(wrong, self%ref, 'x', shape(x, c_int64_t), [n])
    w_c = c_null_ptr
    score_c = c_null_ptr
    if (present(w)) then
      call need_length(wrong, 'w', count_of(w), n)
      w_c = c_loc(w)
    end if
    if (present(score)) then
      call need_shape(wrong, self%ref, 'score', shape(score, c_int64_t), [n])
      score_c = c_loc(score)
    end if
    status = MOV_ERROR_ARGUMENT
    if (wrong == '') status = mov_solver_set_initial_particles(self%c_handle(), n, x, w_c, rho, score_c)
    if (is_told(status, stat, present(errmsg), wrong)) errmsg = reason(wrong)
  end subroutine set_initial_particles

end module movimento_problem
