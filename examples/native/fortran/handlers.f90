! Handlers in Fortran, to be compiled with -frecursive: many threads run them at once, and large
! local variables would be shared by all of them. So are results of a length that is found out at
! run time, even then: these handlers have none.
module handlers
  use, intrinsic :: iso_c_binding
  use fastgo
  implicit none

  ! A handler must not run for long: this takes less than a millisecond.
  integer(c_int64_t), parameter :: most = 1000000
  integer(c_int64_t), parameter :: bits = int(z'FFFFFFFF', c_int64_t)

contains

  integer(c_int) function fibonacci(request, response, data) bind(c) result(status)
    type(fastgo_request), intent(in) :: request
    type(fastgo_response), intent(inout) :: response
    type(c_ptr), value :: data
    integer(c_int64_t) :: n, i, a, b
    character(80) :: line

    status = param_int64(request, response, "n", n)
    if (status /= 0) return
    if (n < 0 .or. n > most) then
      write (line, "('n must be 0 to ', i0)") most
      call write_line(response, line)
      status = 400
      return
    end if
    ! Fortran has no unsigned numbers of 32 bits.
    a = 0
    b = 1
    do i = 1, n / 2 ! by twos, which needs no copies
      a = iand(a + b, bits)
      b = iand(a + b, bits)
    end do
    write (line, "('Fibonacci(', i0, ') = ', i0, ' (with overflow)')") n, merge(a, b, mod(n, 2_c_int64_t) == 0)
    call write_line(response, line)
    status = 200
  end function

  integer(c_int) function words(request, response, data) bind(c) result(status)
    type(fastgo_request), intent(in) :: request
    type(fastgo_response), intent(inout) :: response
    type(c_ptr), value :: data
    character(kind=c_char), pointer :: text(:)
    integer(c_size_t) :: i
    integer(c_int64_t) :: count
    character(20) :: line
    logical :: space, inside

    call c_f_pointer(request%body%data, text, [request%body%size])
    count = 0
    inside = .false.
    do i = 1, request%body%size
      select case (iachar(text(i)))
      case (9:13, 32)
        space = .true.
      case default
        space = .false.
      end select
      if (.not. space .and. .not. inside) count = count + 1
      inside = .not. space
    end do
    write (line, "(i0)") count
    call write_line(response, line)
    status = 200
  end function

end module
