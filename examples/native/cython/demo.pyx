"""The two handlers of `fastgo.run()`, in Cython."""

from libc.stdint cimport uint32_t

from fastgo cimport export, fastgo_printf, fastgo_request, fastgo_response, fastgo_write


cdef int hello(const fastgo_request *request, fastgo_response *response, void *data) noexcept nogil:
    fastgo_write(response, "Hello, World!", 13)
    return 200


cdef int fibonacci(const fastgo_request *request, fastgo_response *response, void *data) noexcept nogil:
    cdef uint32_t a = 0, b = 1
    for _ in range(500_000):
        a += b
        b += a
    fastgo_printf(response, "Fibonacci(10^6) = %u (with overflow)\n", a)
    return 200


hello_handler = export(hello)
fibonacci_handler = export(fibonacci)
