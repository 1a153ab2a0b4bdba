! Series of snapshots on the disk.
module movimento_writer
  use, intrinsic :: iso_c_binding, only: c_char, c_double, c_funloc, c_int32_t, c_int64_t, c_loc, c_null_char, &
      c_null_ptr, c_ptr
  use movimento_c, only: MOV_ERROR_ARGUMENT, MOV_OK, mov_index_describe, mov_index_snapshots, mov_pack_snapshots, &
      mov_writer_add_callback, &
      mov_writer_add_field, mov_writer_close, mov_writer_count, mov_writer_create, mov_writer_describe_field, &
      mov_writer_free, mov_writer_set_points, mov_writer_write
  use movimento_callbacks, only: callback, field_from_c, let_go, mov_field_function, new_callback
  use movimento_errors, only: buffer_text, is_told, movimento_last_error, reason, to_c
  use movimento_fields, only: mov_solver
  use movimento_objects, only: adopt, components_of, dimension_of, handle_of, keep, move, reference, refuse_copy, release, &
      set_dimension
  use movimento_options, only: mov_options
  use movimento_shapes, only: need_shape
  implicit none
  private

  public :: mov_writer, movimento_index_describe, movimento_index_snapshots, movimento_pack_snapshots

  type :: mov_writer
    private
    type(reference) :: ref
  contains
    procedure :: create, free, c_handle
    procedure :: add_field, add_callback, describe_field, set_points
    procedure :: write => write_snapshot
    procedure :: count => get_count, close => close_writer
    procedure, private :: assign
    generic :: assignment(=) => assign
    final :: finalise
  end type mov_writer

contains

  ! A writer of a series into a folder, with the options snapshot_* of the solver, or others.
  subroutine create(self, solver, folder, options, stat, errmsg)
    class(mov_writer), intent(inout) :: self
    class(mov_solver), intent(in) :: solver
    character(*), intent(in) :: folder
    type(mov_options), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(reference) :: made
    type(c_ptr) :: options_c
    integer(c_int32_t) :: status
    options_c = c_null_ptr
    if (present(options)) options_c = options%c_handle()
    status = adopt(made, mov_writer_create(solver%c_handle(), to_c(folder), options_c), mov_writer_free)
    if (status == MOV_OK) then
      call set_dimension(made, dimension_of(solver%ref), components_of(solver%ref))
      call move(made, self%ref)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine create

  ! Frees it now, and closes it first; the end of its scope does so as well. (A main program has none: there the library
  ! closes what is open when the program ends.)
  subroutine free(self)
    class(mov_writer), intent(inout) :: self
    call release(self%ref)
  end subroutine free

  impure elemental subroutine finalise(self)
    type(mov_writer), intent(inout) :: self
    call release(self%ref)
  end subroutine finalise

  impure elemental subroutine assign(self, other)
    class(mov_writer), intent(inout) :: self
    class(mov_writer), intent(in) :: other
    call refuse_copy(self%ref, other%ref)
  end subroutine assign

  ! The handle, for functions of movimento_c.
  function c_handle(self) result(handle)
    class(mov_writer), intent(in) :: self
    type(c_ptr) :: handle
    handle = handle_of(self%ref)
  end function c_handle

  ! Shows a field that the solver has by itself.
  subroutine add_field(self, solver, name, stat, errmsg)
    class(mov_writer), intent(inout) :: self
    class(mov_solver), intent(in) :: solver
    character(*), intent(in) :: name
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_writer_add_field(self%c_handle(), solver%c_handle(), to_c(name)), stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine add_field

  ! Shows a field of so many components that a procedure gives.
  subroutine add_callback(self, name, components, values, context, stat, errmsg)
    class(mov_writer), intent(inout) :: self
    character(*), intent(in) :: name
    integer, intent(in) :: components
    procedure(mov_field_function) :: values
    class(*), intent(in), optional :: context
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    type(callback), pointer :: made
    integer(c_int32_t) :: status
    made => new_callback(context)
    made%field => values
    made%components = components
    made%of_u = components_of(self%ref)
    status = mov_writer_add_callback(self%c_handle(), to_c(name), int(components, c_int64_t), &
        c_funloc(field_from_c), c_loc(made))
    if (status == MOV_OK) then
      call keep(self%ref, made)
    else
      call let_go(made)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine add_callback

  ! Says what a field, or `t`, `x`, `y`, `z`, `position` is, and in which unit.
  subroutine describe_field(self, name, long_name, units, stat, errmsg)
    class(mov_writer), intent(inout) :: self
    character(*), intent(in) :: name
    character(*), intent(in), optional :: long_name, units
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(:), allocatable, target :: long_name_c, units_c
    type(c_ptr) :: long_name_at, units_at
    long_name_at = c_null_ptr
    units_at = c_null_ptr
    if (present(long_name)) then
      long_name_c = trim(long_name) // c_null_char
      long_name_at = c_loc(long_name_c)
    end if
    if (present(units)) then
      units_c = trim(units) // c_null_char
      units_at = c_loc(units_c)
    end if
    if (is_told(mov_writer_describe_field(self%c_handle(), to_c(name), long_name_at, units_at), stat, &
        present(errmsg))) errmsg = movimento_last_error()
  end subroutine describe_field

  ! Shows the fields at points x (d, n) too; with n = 0 at none.
  subroutine set_points(self, x, stat, errmsg)
    class(mov_writer), intent(inout) :: self
    real(c_double), intent(in) :: x(:, :)
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    character(256) :: wrong
    integer(c_int32_t) :: status
    integer(c_int64_t) :: n
    n = size(x, 2, c_int64_t)
    wrong = ''
    call need_shape(wrong, self%ref, 'x', shape(x, c_int64_t), [n])
    status = MOV_ERROR_ARGUMENT
    if (wrong == '') status = mov_writer_set_points(self%c_handle(), n, x)
    if (is_told(status, stat, present(errmsg), wrong)) errmsg = reason(wrong)
  end subroutine set_points

  ! Writes a snapshot; its number counts from 0, as in the name of the file.
  subroutine write_snapshot(self, solver, number, stat, errmsg)
    class(mov_writer), intent(inout) :: self
    class(mov_solver), intent(in) :: solver
    integer, intent(out), optional :: number
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    integer(c_int64_t), target :: long
    long = -1
    if (is_told(mov_writer_write(self%c_handle(), solver%c_handle(), c_loc(long)), stat, present(errmsg))) &
        errmsg = movimento_last_error()
    if (present(number)) number = int(long)
  end subroutine write_snapshot

  ! How many snapshots the series has.
  function get_count(self, stat, errmsg) result(count)
    class(mov_writer), intent(in) :: self
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    integer :: count
    integer(c_int64_t) :: long
    long = 0
    if (is_told(mov_writer_count(self%c_handle(), long), stat, present(errmsg))) errmsg = movimento_last_error()
    count = int(long)
  end function get_count

  ! Brings the index up to date and lets go of the folder.
  subroutine close_writer(self, stat, errmsg)
    class(mov_writer), intent(inout) :: self
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_writer_close(self%c_handle()), stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine close_writer

  ! Copies all snapshots of a folder into one file.
  subroutine movimento_pack_snapshots(folder, path, stat, errmsg)
    character(*), intent(in) :: folder, path
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    if (is_told(mov_pack_snapshots(to_c(folder), to_c(path)), stat, present(errmsg))) &
        errmsg = movimento_last_error()
  end subroutine movimento_pack_snapshots

  ! Makes the index of a folder anew from its snapshots; with `path` another file, with their full paths.
  subroutine movimento_index_snapshots(folder, path, stat, errmsg)
    character(*), intent(in) :: folder
    character(*), intent(in), optional :: path
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    integer(c_int32_t) :: status
    character(:, c_char), allocatable, target :: there
    if (present(path)) then
      there = to_c(path)
      status = mov_index_snapshots(to_c(folder), c_loc(there))
    else
      status = mov_index_snapshots(to_c(folder), c_null_ptr)
    end if
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine movimento_index_snapshots

  ! What became of the snapshots that an index lists, as JSON.
  subroutine movimento_index_describe(path, text, stat, errmsg)
    character(*), intent(in) :: path
    character(:), allocatable, intent(inout) :: text
    integer, intent(out), optional :: stat
    character(:), allocatable, intent(inout), optional :: errmsg
    integer(c_int32_t) :: status
    integer(c_int64_t), target :: needed
    character(kind=c_char), allocatable, target :: buffer(:)
    status = mov_index_describe(to_c(path), c_null_ptr, 0_c_int64_t, c_loc(needed))
    if (status == MOV_OK) then
      allocate (buffer(needed))
      status = mov_index_describe(to_c(path), c_loc(buffer), needed, c_null_ptr)
    end if
    if (status == MOV_OK) text = buffer_text(buffer)
    if (is_told(status, stat, present(errmsg))) errmsg = movimento_last_error()
  end subroutine movimento_index_describe

end module movimento_writer
