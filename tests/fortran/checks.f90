! What the test programs share. The first surprise ends a program, with its name on standard error.
module checks
  use, intrinsic :: iso_fortran_env, only: dp => real64, error_unit
  implicit none
  private
  public :: dp, check, refused, near

  real(dp), parameter, public :: pi = 3.141592653589793_dp

contains

  subroutine check(condition, what)
    logical, intent(in) :: condition
    character(*), intent(in) :: what
    if (condition) return
    write (error_unit, '(2a)') 'failed: ', what
    error stop 2
  end subroutine check

  ! A refusal with this status, whose message holds this text.
  subroutine refused(stat, message, expected, part)
    integer, intent(in) :: stat, expected
    character(:), allocatable, intent(inout) :: message
    character(*), intent(in) :: part
    if (stat /= expected) write (error_unit, '(a, i0, a, i0)') 'status ', stat, ', expected ', expected
    call check(stat == expected .and. allocated(message), part)
    if (index(message, part) == 0) write (error_unit, '(2a)') 'message: ', message
    call check(index(message, part) > 0, part)
    deallocate (message)
  end subroutine refused

  elemental logical function near(a, b, tolerance)
    real(dp), intent(in) :: a, b, tolerance
    near = abs(a - b) < tolerance
  end function near

end module checks
