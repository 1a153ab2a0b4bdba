! What options, energies and solvers have in common: a handle of C that is freed with them, and the
! callbacks that C may call until then.
!
! An object is where it was created, and cannot be assigned. (Sharing by assignment cannot be made safe with
! gfortran 12: it assigns a component by way of a bitwise copy that it finalises later.)
module movimento_objects
  use, intrinsic :: iso_c_binding, only: c_associated, c_int32_t, c_int64_t, c_intptr_t, c_loc, c_null_ptr, c_ptr
  use movimento_c, only: mov_last_status, MOV_OK
  use movimento_callbacks, only: callback, held, let_go
  use movimento_errors, only: end_program
  implicit none
  private

  public :: reference, adopt, move, release, refuse_copy, handle_of, dimension_of, components_of, set_dimension, &
      keep, keep_all, keep_same, keep_progress, keep_density

  abstract interface
    subroutine free_handle(handle) bind(C)
      import :: c_ptr
      implicit none
      type(c_ptr), value :: handle
    end subroutine free_handle
  end interface

  type :: object
    type(c_ptr) :: handle = c_null_ptr
    procedure(free_handle), pointer, nopass :: free => null()
    ! Of a solver: the dimension of its problem, to check the shapes of arrays by.
    integer(c_int64_t) :: dimension = 0
    ! And the components of its u.
    integer(c_int64_t) :: components = 1
    ! Kept until C has freed the handle.
    type(held), allocatable :: kept(:)
    ! Those that another one can replace.
    type(callback), pointer :: progress => null(), density => null()
  end type object

  ! What a variable of the host holds. It counts only where it says it lies: a bitwise copy is as good as none.
  type :: reference
    private
    type(object), pointer :: it => null()
    integer(c_intptr_t) :: home = 0
  end type reference

contains

  ! Puts a new object with this handle into `self`. C's NULL is a failure, and `self` stays as it was.
  function adopt(self, handle, free) result(status)
    type(reference), intent(inout) :: self
    type(c_ptr), intent(in) :: handle
    procedure(free_handle) :: free
    integer(c_int32_t) :: status
    type(object), pointer :: it
    if (.not. c_associated(handle)) then
      status = mov_last_status()
      return
    end if
    allocate (it)
    it%handle = handle
    it%free => free
    allocate (it%kept(0))
    call own(self, it)
    status = MOV_OK
  end function adopt

  ! Moves an object into `self`.
  subroutine move(other, self)
    type(reference), intent(inout) :: other, self
    type(object), pointer :: it
    it => other%it
    nullify (other%it)
    call own(self, it)
  end subroutine move

  subroutine own(self, it)
    type(reference), intent(inout) :: self
    type(object), pointer, intent(in) :: it
    call release(self)
    self%it => it
    self%home = address(self)
  end subroutine own

  ! Frees the handle, and then what C could have called.
  subroutine release(self)
    type(reference), intent(inout) :: self
    type(object), pointer :: it
    integer :: i
    it => object_of(self)
    nullify (self%it)
    if (.not. associated(it)) return
    call it%free(it%handle)
    do i = 1, size(it%kept)
      call let_go(it%kept(i)%it)
    end do
    call let_go(it%progress)
    call let_go(it%density)
    deallocate (it)
  end subroutine release

  ! Ends the program, but for variables that hold nothing.
  subroutine refuse_copy(self, other)
    type(reference), intent(in) :: self, other
    if (associated(self%it) .or. associated(other%it)) call end_program('options, energies and solvers cannot ' // &
        'be assigned: create each one where it is to be, and pass it as an argument or by a pointer')
  end subroutine refuse_copy

  ! The object; none if it was not created, or not here.
  function object_of(self) result(it)
    type(reference), intent(in) :: self
    type(object), pointer :: it
    nullify (it)
    if (self%home == address(self)) it => self%it
  end function object_of

  function address(self)
    type(reference), intent(in), target :: self
    integer(c_intptr_t) :: address
    address = transfer(c_loc(self), address)
  end function address

  ! The handle, NULL if there is none, which C refuses with a message.
  function handle_of(self) result(handle)
    type(reference), intent(in) :: self
    type(c_ptr) :: handle
    type(object), pointer :: it
    it => object_of(self)
    handle = c_null_ptr
    if (associated(it)) handle = it%handle
  end function handle_of

  ! Keeps a callback as long as the object; the caller hands its ownership over.
  subroutine keep(self, function)
    type(reference), intent(in) :: self
    type(callback), pointer, intent(in) :: function
    type(object), pointer :: it
    it => object_of(self)
    it%kept = [it%kept, held(function)]
  end subroutine keep

  ! Keeps what another object keeps as well.
  subroutine keep_all(self, other)
    type(reference), intent(in) :: self, other
    type(object), pointer :: from
    integer :: i
    from => object_of(other)
    do i = 1, size(from%kept)
      from%kept(i)%it%owners = from%kept(i)%it%owners + 1
      call keep(self, from%kept(i)%it)
    end do
  end subroutine keep_all

  ! Keeps all that another object keeps and this one does not, and the same density.
  subroutine keep_same(self, other)
    type(reference), intent(in) :: self, other
    type(object), pointer :: it, from
    logical :: is_kept
    integer :: i, k
    it => object_of(self)
    from => object_of(other)
    do i = 1, size(from%kept)
      is_kept = .false.
      do k = 1, size(it%kept)
        is_kept = is_kept .or. associated(it%kept(k)%it, from%kept(i)%it)
      end do
      if (is_kept) cycle
      from%kept(i)%it%owners = from%kept(i)%it%owners + 1
      call keep(self, from%kept(i)%it)
    end do
    if (associated(it%density, from%density)) return
    call let_go(it%density)
    it%density => from%density
    if (associated(it%density)) it%density%owners = it%density%owners + 1
  end subroutine keep_same

  ! Keeps a callback in place of the former one of its kind; NULL for none.
  subroutine keep_progress(self, function)
    type(reference), intent(in) :: self
    type(callback), pointer, intent(in) :: function
    type(object), pointer :: it
    it => object_of(self)
    call let_go(it%progress)
    it%progress => function
  end subroutine keep_progress

  subroutine keep_density(self, function)
    type(reference), intent(in) :: self
    type(callback), pointer, intent(in) :: function
    type(object), pointer :: it
    it => object_of(self)
    call let_go(it%density)
    it%density => function
  end subroutine keep_density

  ! The dimension of a solver's problem; 0 without one.
  function dimension_of(self) result(d)
    type(reference), intent(in) :: self
    integer(c_int64_t) :: d
    type(object), pointer :: it
    it => object_of(self)
    d = 0
    if (associated(it)) d = it%dimension
  end function dimension_of

  function components_of(self) result(c)
    type(reference), intent(in) :: self
    integer(c_int64_t) :: c
    type(object), pointer :: it
    it => object_of(self)
    c = 1
    if (associated(it)) c = it%components
  end function components_of

  subroutine set_dimension(self, d, components)
    type(reference), intent(in) :: self
    integer(c_int64_t), intent(in) :: d, components
    type(object), pointer :: it
    it => object_of(self)
    it%dimension = d
    it%components = components
  end subroutine set_dimension

end module movimento_objects
