"""A number of the path, and the body of a request."""

from libc.stdint cimport int64_t, uint32_t

from fastgo cimport export, fastgo_param_int64, fastgo_printf, fastgo_request, fastgo_response

# A handler must not run for long: this takes less than a millisecond.
cdef enum:
    MOST = 1_000_000


cdef int fibonacci(const fastgo_request *request, fastgo_response *response, void *data) noexcept nogil:
    cdef int64_t n
    cdef uint32_t a = 0, b = 1
    cdef int status = fastgo_param_int64(request, response, "n", &n)
    if status != 0:
        return status
    if n < 0 or n > MOST:
        fastgo_printf(response, "n must be 0 to %d\n", MOST)
        return 400
    for _ in range(n // 2):  # by twos, which needs no copies
        a += b
        b += a
    fastgo_printf(response, "Fibonacci(%lld) = %u (with overflow)\n", <long long> n, b if n % 2 else a)
    return 200


cdef int words(const fastgo_request *request, fastgo_response *response, void *data) noexcept nogil:
    cdef size_t count = 0, i
    cdef bint space, inside = False
    for i in range(request.body.size):
        space = request.body.data[i] in b" \t\n\v\f\r"
        count += not space and not inside
        inside = not space
    fastgo_printf(response, "%zu\n", count)
    return 200


fibonacci_handler = export(fibonacci)
words_handler = export(words)
