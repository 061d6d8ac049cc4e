# cython: language_level=3
"""fastgo.h for Cython: the types and functions of native handlers.

    from fastgo cimport export, fastgo_request, fastgo_response, fastgo_write

    cdef int hello(const fastgo_request *request, fastgo_response *response, void *data) noexcept nogil:
        fastgo_write(response, "Hello, World!", 13)
        return 200

    hello_handler = export(hello)

In Python, `fastgo.native(module.hello_handler)` serves it. The C compiler needs the folder that
`fastgo.get_include()` tells. What the functions do is said in fastgo.h.
"""

from cpython.pycapsule cimport PyCapsule_New, PyCapsule_SetContext
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint64_t

cdef extern from "fastgo.h" nogil:
    const int FASTGO_ABI
    const uint64_t FASTGO_LAYOUT
    const char *FASTGO_CAPSULE

    ctypedef struct fastgo_string:
        const char *data
        size_t size

    ctypedef struct fastgo_peer:
        uint8_t address[16]
        uint16_t port
        uint8_t family

    ctypedef struct fastgo_request:
        fastgo_string method
        fastgo_string path
        fastgo_string query
        fastgo_string header
        fastgo_string body
        fastgo_peer peer
        size_t param_count
        const fastgo_string *param_names
        const fastgo_string *param_values
        size_t data_size

    ctypedef struct fastgo_response:
        pass

    ctypedef int (*fastgo_handler)(
        const fastgo_request *, fastgo_response *, void *data) noexcept

    int fastgo_param(
        const fastgo_request *, fastgo_response *, const char *name, fastgo_string *value) noexcept
    int fastgo_param_int64(
        const fastgo_request *, fastgo_response *, const char *name, int64_t *value) noexcept
    int fastgo_param_double(
        const fastgo_request *, fastgo_response *, const char *name, double *value) noexcept
    int fastgo_param_at(
        const fastgo_request *, fastgo_response *, size_t index, fastgo_string *value) noexcept
    int fastgo_param_int64_at(
        const fastgo_request *, fastgo_response *, size_t index, int64_t *value) noexcept
    int fastgo_param_double_at(
        const fastgo_request *, fastgo_response *, size_t index, double *value) noexcept
    int fastgo_query(
        const fastgo_request *, fastgo_response *, const char *name, fastgo_string *value) noexcept
    int fastgo_query_int64(
        const fastgo_request *, fastgo_response *, const char *name, int64_t *value) noexcept
    int fastgo_query_double(
        const fastgo_request *, fastgo_response *, const char *name, double *value) noexcept
    fastgo_string fastgo_header(const fastgo_request *, const char *name) noexcept

    void *fastgo_alloc(const fastgo_request *, size_t size) noexcept

    int fastgo_content_type(fastgo_response *, const char *value) noexcept
    int fastgo_add_header(fastgo_response *, const char *name, const char *value) noexcept
    void *fastgo_reserve(fastgo_response *, size_t size) noexcept
    void fastgo_commit(fastgo_response *, size_t size) noexcept
    int fastgo_write(fastgo_response *, const void *data, size_t size) noexcept
    int fastgo_write_static(fastgo_response *, const void *data, size_t size) noexcept
    int fastgo_printf(fastgo_response *, const char *format, ...) noexcept
    int fastgo_fail(fastgo_response *, const char *reason) noexcept

    # fastgo_concurrency.h
    const int FASTGO_OK
    const int FASTGO_DONE
    const int FASTGO_WAIT
    const int FASTGO_CLOSED
    const int FASTGO_WRONG_KIND
    const int FASTGO_NO_MEMORY
    const int FASTGO_TOO_LARGE
    const int FASTGO_CANCELLED
    const int FASTGO_WRONG_CALL

    ctypedef struct fastgo_chan:
        pass

    ctypedef struct fastgo_task:
        pass

    ctypedef struct fastgo_concurrency:
        pass

    ctypedef int (*fastgo_step)(fastgo_task *, void *state) noexcept

    ctypedef struct fastgo_select_case:
        fastgo_chan *chan
        int32_t sends
        int32_t closed
        int64_t integer
        fastgo_string bytes

    const fastgo_concurrency *fastgo_concurrency_of(const void *chan_or_task) noexcept

    int fastgo_chan_try_send(fastgo_chan *, const void *data, size_t size) noexcept
    int fastgo_chan_try_send_int(fastgo_chan *, int64_t value) noexcept
    int fastgo_chan_try_recv(fastgo_chan *, void *data, size_t room, size_t *size) noexcept
    int fastgo_chan_try_recv_int(fastgo_chan *, int64_t *value) noexcept
    int fastgo_close(fastgo_chan *) noexcept
    size_t fastgo_len(fastgo_chan *) noexcept
    size_t fastgo_cap(const fastgo_chan *) noexcept
    void fastgo_hold(fastgo_chan *) noexcept
    void fastgo_drop(fastgo_chan *) noexcept

    int fastgo_go(
        const fastgo_concurrency *, fastgo_step, void *state,
        void (*release)(void *state) noexcept) noexcept
    int fastgo_task_send(fastgo_task *, fastgo_chan *, const void *data, size_t size) noexcept
    int fastgo_task_send_int(fastgo_task *, fastgo_chan *, int64_t value) noexcept
    int fastgo_task_recv(fastgo_task *, fastgo_chan *, fastgo_string *bytes) noexcept
    int fastgo_task_recv_int(fastgo_task *, fastgo_chan *, int64_t *value) noexcept
    int fastgo_task_select(fastgo_task *, fastgo_select_case *, size_t count) noexcept
    int fastgo_task_yield(fastgo_task *) noexcept
    int fastgo_task_cancelled(fastgo_task *) noexcept
    int fastgo_task_return(fastgo_task *, const void *data, size_t size) noexcept
    int fastgo_task_return_int(fastgo_task *, int64_t value) noexcept
    int fastgo_task_fail(fastgo_task *, const char *reason) noexcept


cdef inline object export(fastgo_handler handler):
    """Returns a capsule with the handler, for `fastgo.native`.

    What needs the GIL or may raise does not compile: a handler is declared `noexcept nogil`.
    """
    capsule = PyCapsule_New(<void *> handler, FASTGO_CAPSULE, NULL)
    PyCapsule_SetContext(capsule, <void *> <size_t> FASTGO_LAYOUT)
    return capsule
