"""A NumPy array, read on all cores while Python may change it."""

from libc.stdint cimport int64_t

from fastgo cimport export, fastgo_param_int64, fastgo_printf, fastgo_request, fastgo_response


cdef int total(const fastgo_request *request, fastgo_response *response, void *data) noexcept nogil:
    # Memoryviews are objects of Python, the memory is not.
    cdef const double *values = <const double *> data
    cdef int64_t size = <int64_t> (request.data_size // sizeof(double))
    cdef int64_t first, last
    cdef double sum = 0
    cdef int status = (
        fastgo_param_int64(request, response, "first", &first)
        or fastgo_param_int64(request, response, "last", &last)
    )
    if status != 0:
        return status
    if not 0 <= first <= last < size:
        fastgo_printf(response, "first and last must be 0 to %lld\n", <long long> (size - 1))
        return 400
    for i in range(first, last + 1):
        sum += values[i]
    fastgo_printf(response, "%.17g\n", sum)
    return 200


total_handler = export(total)
