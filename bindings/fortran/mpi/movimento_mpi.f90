! Solvers whose nodes are split over the processes of an MPI communicator, the integer of `use mpi`. The library
! links no MPI: this module, compiled along with the program by its MPI compiler, is all that binds the two.
!
!     type(mov_mpi) :: ranks
!     call ranks%attach(solver%c_handle(), MPI_COMM_WORLD)   on every process, before the initial condition
!     ...                                                  energies, initial condition, steps
!     call solver%free()
!     call ranks%detach()                                    before MPI_Finalize
!
! Which calls are collective, see mov_solver_set_communicator in movimento.h. With mpi_f08 give comm%MPI_VAL.
module movimento_mpi
  use, intrinsic :: iso_c_binding, only: c_associated, c_double, c_f_pointer, c_funloc, c_int32_t, c_int64_t, c_loc, &
      c_ptr
  use movimento, only: MOV_ERROR_CALLBACK, MOV_OK, movimento_last_error
  use movimento_c, only: mov_solver_set_communicator
  use mpi, only: MPI_Allreduce, MPI_Bcast, MPI_Comm_dup, MPI_Comm_free, MPI_Comm_rank, MPI_Comm_size, &
      MPI_Comm_set_errhandler, MPI_COMM_NULL, MPI_DOUBLE_PRECISION, MPI_ERRORS_RETURN, MPI_IN_PLACE, MPI_MAX, &
      MPI_SUCCESS, MPI_SUM
  implicit none
  private

  public :: mov_mpi

  ! What a solver is attached to: a duplicate of the communicator, so that its messages do not meet those of
  ! the program.
  type :: mov_mpi
    private
    integer, pointer :: comm => null()
  contains
    procedure :: attach, detach
  end type mov_mpi

  ! Numbers that one call of MPI takes, whose counts are default integers.
  integer(c_int64_t), parameter :: chunk = 2_c_int64_t**24

contains

  ! Splits the nodes of a solver, given by its handle, over the processes of a communicator; a collective call.
  ! The communicator is duplicated, and of the duplicate errors are returned. `stat` is 0 or a MOV_ status;
  ! without it an error ends the program.
  subroutine attach(self, solver, comm, stat, errmsg)
    class(mov_mpi), intent(inout) :: self
    type(c_ptr), intent(in) :: solver
    integer, intent(in) :: comm
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(:), allocatable :: message
    integer, pointer :: ours
    integer :: rank, size, failed(4)
    integer(c_int32_t) :: status
    if (present(stat)) stat = 0
    allocate (ours)
    failed = MPI_SUCCESS
    rank = 0
    size = 0
    call MPI_Comm_dup(comm, ours, failed(1))
    if (failed(1) == MPI_SUCCESS) then
      call MPI_Comm_set_errhandler(ours, MPI_ERRORS_RETURN, failed(2))
      call MPI_Comm_rank(ours, rank, failed(3))
      call MPI_Comm_size(ours, size, failed(4))
    end if
    if (any(failed /= MPI_SUCCESS)) then
      ! As an error of the host's functions.
      status = MOV_ERROR_CALLBACK
      message = 'MPI refuses the communicator'
    else
      status = mov_solver_set_communicator(solver, int(rank, c_int32_t), int(size, c_int32_t), c_funloc(sum_of_ranks), &
          c_funloc(max_of_ranks), c_funloc(from_first_rank), c_loc(ours))
      if (status == MOV_OK) then
        self%comm => ours
        return
      end if
      message = movimento_last_error()
    end if
    if (failed(1) == MPI_SUCCESS) call MPI_Comm_free(ours, failed(1))
    deallocate (ours)
    if (.not. present(stat)) error stop 'movimento_mpi: a solver cannot be attached; `stat` and `errmsg` say why'
    stat = int(status)
    if (present(errmsg)) errmsg = message
  end subroutine attach

  ! Frees the duplicate, after the solver and before MPI_Finalize; a collective call.
  subroutine detach(self)
    class(mov_mpi), intent(inout) :: self
    integer :: failed
    if (.not. associated(self%comm)) return
    if (self%comm /= MPI_COMM_NULL) call MPI_Comm_free(self%comm, failed)
    deallocate (self%comm)
  end subroutine detach

  function sum_of_ranks(n, values, user_data) bind(C, name='') result(status)
    integer(c_int64_t), value :: n
    type(c_ptr), value :: values, user_data
    integer(c_int32_t) :: status
    status = reduce(n, values, MPI_SUM, user_data)
  end function sum_of_ranks

  function max_of_ranks(n, values, user_data) bind(C, name='') result(status)
    integer(c_int64_t), value :: n
    type(c_ptr), value :: values, user_data
    integer(c_int32_t) :: status
    status = reduce(n, values, MPI_MAX, user_data)
  end function max_of_ranks

  function reduce(n, values, operation, user_data) result(status)
    integer(c_int64_t), intent(in) :: n
    type(c_ptr), intent(in) :: values, user_data
    integer, intent(in) :: operation
    integer(c_int32_t) :: status
    real(c_double), pointer, contiguous :: all(:)
    integer, pointer :: comm
    integer :: failed
    integer(c_int64_t) :: first, last
    status = -1
    if (.not. c_associated(user_data)) return
    call c_f_pointer(user_data, comm)
    call c_f_pointer(values, all, [n])
    do first = 1, n, chunk
      last = min(n, first + chunk - 1)
      call MPI_Allreduce(MPI_IN_PLACE, all(first:last), int(last - first + 1), MPI_DOUBLE_PRECISION, operation, &
          comm, failed)
      if (failed /= MPI_SUCCESS) return
    end do
    status = 0
  end function reduce

  function from_first_rank(n, values, user_data) bind(C, name='') result(status)
    integer(c_int64_t), value :: n
    type(c_ptr), value :: values, user_data
    integer(c_int32_t) :: status
    real(c_double), pointer, contiguous :: all(:)
    integer, pointer :: comm
    integer :: failed
    integer(c_int64_t) :: first, last
    status = -1
    if (.not. c_associated(user_data)) return
    call c_f_pointer(user_data, comm)
    call c_f_pointer(values, all, [n])
    do first = 1, n, chunk
      last = min(n, first + chunk - 1)
      call MPI_Bcast(all(first:last), int(last - first + 1), MPI_DOUBLE_PRECISION, 0, comm, failed)
      if (failed /= MPI_SUCCESS) return
    end do
    status = 0
  end function from_first_rank

end module movimento_mpi
