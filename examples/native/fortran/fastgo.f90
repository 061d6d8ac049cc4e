! The structures of fastgo.h, and what makes them pleasant in Fortran.
module fastgo
  use, intrinsic :: iso_c_binding
  implicit none

  type, bind(c) :: fastgo_string
    type(c_ptr) :: data
    integer(c_size_t) :: size
  end type

  type, bind(c) :: fastgo_peer
    integer(c_int8_t) :: address(16)
    integer(c_int16_t) :: port
    integer(c_int8_t) :: family
    integer(c_int8_t) :: unused(5)
  end type

  type, bind(c) :: fastgo_request
    type(c_ptr) :: functions
    type(fastgo_string) :: method, path, query, header, body
    type(fastgo_peer) :: peer
    integer(c_size_t) :: param_count
    type(c_ptr) :: param_names, param_values
    integer(c_size_t) :: data_size
    type(c_ptr) :: arena
  end type

  type, bind(c) :: fastgo_response
    type(c_ptr) :: functions
    type(c_ptr) :: body
    integer(c_size_t) :: size, room
    type(fastgo_string) :: content_type
    type(c_ptr) :: fields
    integer(c_size_t) :: fields_size, fields_room
    type(c_ptr) :: failure
    integer(c_int8_t) :: is_static, reserved, unused(6)
    type(c_ptr) :: arena
  end type

  type, bind(c) :: fastgo_functions
    integer(c_int32_t) :: abi, size
    type(c_funptr) :: alloc
    type(c_funptr) :: param, param_int64, param_double
    type(c_funptr) :: param_at, param_int64_at, param_double_at
    type(c_funptr) :: query, query_int64, query_double
    type(c_funptr) :: header
    type(c_funptr) :: content_type, add_header, write, write_static, vprintf
    type(c_funptr) :: reserve, commit, fail
  end type

  abstract interface
    integer(c_int) function read_int64(request, response, name, value) bind(c)
      import
      type(fastgo_request), intent(in) :: request
      type(fastgo_response), intent(inout) :: response
      character(kind=c_char), intent(in) :: name(*)
      integer(c_int64_t), intent(out) :: value
    end function

    integer(c_int) function write_bytes(response, text, size) bind(c)
      import
      type(fastgo_response), intent(inout) :: response
      character(kind=c_char), intent(in) :: text(*)
      integer(c_size_t), value :: size
    end function
  end interface

  type(fastgo_request), private :: a_request
  type(fastgo_response), private :: a_response
  type(fastgo_functions), private :: a_table

  ! Lets fastgo refuse this library where its header has another layout.
  integer(c_int64_t), bind(c, name="fastgo_layout") :: layout = &
      1_c_int64_t * 2_c_int64_t**48 + c_sizeof(a_request) * 2_c_int64_t**32 &
      + c_sizeof(a_response) * 2_c_int64_t**16 + c_sizeof(a_table)

contains

  ! A parameter of the path. What is not 0 the handler should return.
  integer(c_int) function param_int64(request, response, name, value) result(status)
    type(fastgo_request), intent(in) :: request
    type(fastgo_response), intent(inout) :: response
    character(*), intent(in) :: name
    integer(c_int64_t), intent(out) :: value
    type(fastgo_functions), pointer :: functions
    procedure(read_int64), pointer :: read

    call c_f_pointer(request%functions, functions)
    call c_f_procpointer(functions%param_int64, read)
    status = read(request, response, name // c_null_char, value)
  end function

  ! Writes a line, without the spaces at its end. What fails makes the answer a 500 by itself.
  subroutine write_line(response, text)
    type(fastgo_response), intent(inout) :: response
    character(*), intent(in) :: text
    type(fastgo_functions), pointer :: functions
    procedure(write_bytes), pointer :: write
    integer(c_int) :: status

    call c_f_pointer(response%functions, functions)
    call c_f_procpointer(functions%write, write)
    status = write(response, trim(text) // c_new_line, len_trim(text, c_size_t) + 1)
  end subroutine

end module
