! Two coupled fields, kappa_u/2 |grad u|^2 + kappa_v/2 |grad v|^2 + g/2 (u - v)^2, in Fortran: an energy of two
! components. The tables of the plugin are in system_entry.c.
!
!   gfortran -O2 -frecursive -shared -fPIC -I../../include system.f90 system_entry.c -o libmovimento_two_fields_fortran.so
!
! Without -frecursive local arrays of a fixed size may lie in static memory, which threads would share.
module two_fields
  use, intrinsic :: iso_c_binding
  implicit none
  private

  !> movimento_system_batch of movimento_plugin.h, field by field.
  type, bind(C) :: system_batch
    integer(c_int64_t) :: struct_size, n, d, c
    type(c_ptr) :: x, u, p
    type(c_ptr) :: f, f_u, f_p, f_x, f_uu, f_up, f_pp
  end type

  !> movimento_argument.
  type, bind(C) :: argument
    type(c_ptr) :: name
    integer(c_int64_t) :: count
    type(c_ptr) :: values
  end type

  !> What `create` makes: the dimension and the parameters.
  type :: energy
    integer(c_int64_t) :: d = 0
    real(c_double) :: kappa(2) = 1, g = 1
  end type

  integer(c_int32_t), parameter :: ok = 0, fatal = -1

contains

  !> The density and its first derivatives, each where it is wanted. C's [n][c][d] is (d, c, n) here.
  integer(c_int32_t) function two_fields_evaluate(instance, batch, message, message_size) bind(C) result(status)
    type(c_ptr), value :: instance, message
    type(system_batch), intent(in) :: batch
    integer(c_int64_t), value :: message_size
    type(energy), pointer :: self
    real(c_double), pointer :: u(:, :), p(:, :, :), scalars(:), vectors(:, :), slopes(:, :, :)
    integer :: i
    status = ok
    if (batch%n == 0) return
    call c_f_pointer(instance, self)
    if (batch%d /= self%d .or. batch%c /= 2) then
      call say(message, message_size, 'called in another dimension than created, or for other components')
      status = fatal
      return
    end if
    call c_f_pointer(batch%u, u, [batch%c, batch%n])
    call c_f_pointer(batch%p, p, [batch%d, batch%c, batch%n])
    if (c_associated(batch%f)) then
      call c_f_pointer(batch%f, scalars, [batch%n])
      scalars = self%g / 2 * (u(1, :) - u(2, :))**2
      do i = 1, 2
        scalars = scalars + self%kappa(i) / 2 * sum(p(:, i, :)**2, dim=1)
      end do
    end if
    if (c_associated(batch%f_u)) then
      call c_f_pointer(batch%f_u, vectors, [batch%c, batch%n])
      vectors(1, :) = self%g * (u(1, :) - u(2, :))
      vectors(2, :) = -vectors(1, :)
    end if
    if (c_associated(batch%f_p)) then
      call c_f_pointer(batch%f_p, slopes, [batch%d, batch%c, batch%n])
      do i = 1, 2
        slopes(:, i, :) = self%kappa(i) * p(:, i, :)
      end do
    end if
    if (c_associated(batch%f_x)) then
      call c_f_pointer(batch%f_x, vectors, [batch%d, batch%n])
      vectors = 0
    end if
  end function

  !> The host has checked the names and ranges of the arguments.
  integer(c_int32_t) function two_fields_create(index, dimension, arguments, argument_count, instance, message, &
                                                 message_size) bind(C) result(status)
    integer(c_int32_t), value :: index, dimension
    type(c_ptr), value :: arguments, message
    integer(c_int64_t), value :: argument_count, message_size
    type(c_ptr), intent(out) :: instance
    type(energy), pointer :: self
    type(argument), pointer :: given(:)
    real(c_double), pointer :: value
    integer(c_int64_t) :: i
    integer :: failed
    instance = c_null_ptr
    status = fatal
    if (index /= 0) then
      call say(message, message_size, 'there is one energy')
      return
    end if
    allocate (self, stat=failed)
    if (failed /= 0) then
      call say(message, message_size, 'out of memory')
      return
    end if
    self%d = dimension
    if (argument_count > 0) call c_f_pointer(arguments, given, [argument_count])
    do i = 1, argument_count
      call c_f_pointer(given(i)%values, value)
      if (is(given(i)%name, 'kappa_u')) self%kappa(1) = value
      if (is(given(i)%name, 'kappa_v')) self%kappa(2) = value
      if (is(given(i)%name, 'g')) self%g = value
    end do
    instance = c_loc(self)
    status = ok
  end function

  subroutine two_fields_destroy(instance) bind(C)
    type(c_ptr), value :: instance
    type(energy), pointer :: self
    if (.not. c_associated(instance)) return
    call c_f_pointer(instance, self)
    deallocate (self)
  end subroutine

  !> Writes a message with its NUL, cut to its size.
  subroutine say(message, message_size, text)
    type(c_ptr), value :: message
    integer(c_int64_t), value :: message_size
    character(*), intent(in) :: text
    character(kind=c_char), pointer :: to(:)
    integer(c_int64_t) :: i, length
    call c_f_pointer(message, to, [message_size])
    length = min(len(text, c_int64_t), message_size - 1)
    do i = 1, length
      to(i) = text(i:i)
    end do
    to(length + 1) = c_null_char
  end subroutine

  !> Whether a text of C is this one.
  logical function is(name, text)
    type(c_ptr), value :: name
    character(*), intent(in) :: text
    character(kind=c_char), pointer :: from(:)
    integer :: i
    call c_f_pointer(name, from, [len(text) + 1])
    is = .false.
    do i = 1, len(text)
      if (from(i) /= text(i:i)) return ! also at the end of a shorter name
    end do
    is = from(len(text) + 1) == c_null_char
  end function
end module
