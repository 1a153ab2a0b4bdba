! Arrays of the host must have the shape that the library reads or writes.
module movimento_shapes
  use, intrinsic :: iso_c_binding, only: c_double, c_int64_t
  use movimento_objects, only: dimension_of, reference
  implicit none
  private

  public :: count_of, need_shape, need_length

contains

  pure function count_of(array) result(count)
    real(c_double), intent(in) :: array(:)
    integer(c_int64_t) :: count
    count = size(array, kind=c_int64_t)
  end function count_of

  ! An array must have the shape (d, rest); `wrong` gets the message if it has not, and had none before.
  ! Without a solver C refuses the call.
  subroutine need_shape(wrong, ref, name, found, rest)
    character(*), intent(inout) :: wrong
    type(reference), intent(in) :: ref
    character(*), intent(in) :: name
    integer(c_int64_t), intent(in) :: found(:), rest(:)
    integer(c_int64_t) :: d
    d = dimension_of(ref)
    if (wrong /= '' .or. d == 0) return
    if (any(found /= [d, rest])) wrong = '`' // name // '` has the shape ' // text(found) // &
        ', not ' // text([d, rest]) // ': the first extent is the dimension of the problem'
  end subroutine need_shape

  ! An array must have a length.
  subroutine need_length(wrong, name, found, needed)
    character(*), intent(inout) :: wrong
    character(*), intent(in) :: name
    integer(c_int64_t), intent(in) :: found, needed
    if (wrong /= '' .or. found == needed) return
    wrong = '`' // name // '` has the shape ' // text([found]) // ', not ' // text([needed])
  end subroutine need_length

  ! A shape, such as (2, 100).
  pure function text(extents)
    integer(c_int64_t), intent(in) :: extents(:)
    character(:), allocatable :: text
    character(20) :: number
    integer :: i
    text = '('
    do i = 1, size(extents)
      write (number, '(i0)') extents(i)
      if (i > 1) text = text // ', '
      text = text // trim(number)
    end do
    text = text // ')'
  end function text

end module movimento_shapes
