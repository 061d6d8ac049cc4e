# distutils: language = c++
"""Objects without the GIL: a class of C++, written in Cython, in the memory of the request.

Python's own classes, and `cdef class`, need the GIL for every object.
"""

from libc.stdint cimport int64_t

from fastgo cimport (
    export,
    fastgo_handler,
    fastgo_param_int64,
    fastgo_printf,
    fastgo_request,
    fastgo_response,
)

cdef extern from * nogil:
    """
    #include <fastgo.hpp>
    #define GUARDED(function) (fastgo::handler<function>)
    """
    # Makes a 500 of the exceptions of C++, which must not leave a handler.
    fastgo_handler GUARDED(fastgo_handler) noexcept

cdef extern from "fastgo.hpp" namespace "fastgo" nogil:
    T *make[T](const fastgo_request *, ...)

cdef enum:
    MOST = 100_000


cdef cppclass Pair:
    int64_t first, second
    Pair *next

    __init__(int64_t first, int64_t second, Pair *next) nogil:
        this.first = first
        this.second = second
        this.next = next

    int64_t sum() noexcept nogil:
        return this.first + this.second


cdef int build(const fastgo_request *request, fastgo_response *response, void *data) noexcept nogil:
    cdef int64_t n, i, sum = 0
    cdef Pair *pairs = NULL
    cdef int status = fastgo_param_int64(request, response, "n", &n)
    if status != 0:
        return status
    if n < 0 or n > MOST:
        fastgo_printf(response, "n must be 0 to %d\n", MOST)
        return 400
    for i in range(n):
        pairs = make[Pair](request, i, i + 1, pairs)
    while pairs != NULL:
        sum += pairs.sum()
        pairs = pairs.next
    fastgo_printf(response, "%lld objects, sum %lld\n", <long long> n, <long long> sum)
    return 200


build_handler = export(GUARDED(build))


cdef class PythonPair:
    """The same for Python, to be compared with."""

    cdef int64_t first, second

    def __init__(self, int64_t first, int64_t second):
        self.first = first
        self.second = second

    def sum(self):
        return self.first + self.second
