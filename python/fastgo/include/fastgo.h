/*
 * fastgo.h: handlers in C, and in all that speaks C's ABI.
 *
 * A handler is a function that fastgo's server calls for a request, on the thread that
 * serves the connection and outside of Python's GIL:
 *
 *     static int hello(const fastgo_request *request, fastgo_response *response, void *data)
 *     {
 *         fastgo_write(response, "Hello, World!", 13);
 *         return 200;
 *     }
 *
 * What it returns is the status of the answer, 200 to 599. Functions below that can fail
 * return 0, or the status with which the handler should return at once. Where memory runs out
 * or a mistake is found the answer is a 500 in any case, so that what write and its kin return
 * may be passed over.
 *
 * Rules for handlers
 *   - Many threads run a handler at once, with a request and a response of their own each.
 *   - A handler must not wait, nor run for long: all connections of its thread wait with it.
 *     One that has to is registered with blocking=True, and runs on a pool of threads.
 *   - No exception, longjmp or thread exit may leave it. It must not take Python's GIL.
 *   - The request, the response and all memory that they lead to are the handler's until it
 *     returns, and nobody's afterwards. What a handler keeps, it copies.
 *
 * There is no library to link with. C and C++ use the inline functions of this file; other
 * languages declare the structures and call by `functions`, which has the same functions
 * under the same names. The layout is fixed: FASTGO_ABI counts its versions, and fastgo
 * refuses a handler that was compiled for another one.
 *
 * C11. `fastgo.get_include()` in Python tells the folder of this file.
 */
#ifndef FASTGO_H
#define FASTGO_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FASTGO_ABI 1

typedef struct fastgo_request fastgo_request;
typedef struct fastgo_response fastgo_response;
typedef struct fastgo_arena fastgo_arena;
typedef struct fastgo_functions fastgo_functions;

typedef int (*fastgo_handler)(const fastgo_request *, fastgo_response *, void *data);

/* Bytes, not ended by NUL. data is NULL where there is nothing at all, such as a header
 * field that a request does not have. */
typedef struct fastgo_string {
    const char *data;
    size_t size;
} fastgo_string;

/* The client's address. family is 4 or 6, or 0 on a Unix socket. The address is in network
 * order, of IPv4 in the first four bytes; port is in the machine's order. */
typedef struct fastgo_peer {
    uint8_t address[16];
    uint16_t port;
    uint8_t family;
    uint8_t unused[5];
} fastgo_peer;

/* A request. Valid until the handler returns. */
struct fastgo_request {
    const fastgo_functions *functions;
    fastgo_string method; /* "GET" */
    fastgo_string path;   /* as it came, percent-encoded */
    fastgo_string query;  /* as it came, without "?" */
    fastgo_string header; /* the field lines as they came, each ended by CRLF */
    fastgo_string body;   /* all of it */
    fastgo_peer peer;
    /* The parameters of the route's path, in its order, percent-decoded. */
    size_t param_count;
    const fastgo_string *param_names;
    const fastgo_string *param_values;
    /* How many bytes the handler's data points to, where that is known; else 0. */
    size_t data_size;
    fastgo_arena *arena;
};

/* A response. Fill it in by the functions below; the fields are for those. */
struct fastgo_response {
    const fastgo_functions *functions;
    char *body; /* what was written */
    size_t size;
    size_t room;
    fastgo_string content_type;
    char *fields; /* the header fields that were added */
    size_t fields_size;
    size_t fields_room;
    const char *failure; /* why the answer must be a 500, for the log */
    uint8_t is_static;   /* body is somebody else's memory */
    uint8_t reserved;    /* bytes were reserved and not committed */
    uint8_t unused[6];
    fastgo_arena *arena;
};

/* Memory of one running handler. */
struct fastgo_arena {
    char *next;
    char *end;
};

/* The functions of this file for other languages, and what those of C need behind them. */
struct fastgo_functions {
    uint32_t abi;  /* FASTGO_ABI */
    uint32_t size; /* sizeof(fastgo_functions) */

    void *(*alloc)(const fastgo_request *, size_t size);

    int (*param)(const fastgo_request *, fastgo_response *, const char *name, fastgo_string *value);
    int (*param_int64)(const fastgo_request *, fastgo_response *, const char *name, int64_t *value);
    int (*param_double)(const fastgo_request *, fastgo_response *, const char *name, double *value);
    int (*param_at)(const fastgo_request *, fastgo_response *, size_t index, fastgo_string *value);
    int (*param_int64_at)(const fastgo_request *, fastgo_response *, size_t index, int64_t *value);
    int (*param_double_at)(const fastgo_request *, fastgo_response *, size_t index, double *value);
    int (*query)(const fastgo_request *, fastgo_response *, const char *name, fastgo_string *value);
    int (*query_int64)(const fastgo_request *, fastgo_response *, const char *name, int64_t *value);
    int (*query_double)(const fastgo_request *, fastgo_response *, const char *name, double *value);
    int (*header)(const fastgo_request *, const char *name, fastgo_string *value);

    int (*content_type)(fastgo_response *, const char *value);
    int (*add_header)(fastgo_response *, const char *name, const char *value);
    int (*write)(fastgo_response *, const void *data, size_t size);
    int (*write_static)(fastgo_response *, const void *data, size_t size);
    int (*vprintf)(fastgo_response *, const char *format, va_list arguments);
    void *(*reserve)(fastgo_response *, size_t size);
    void (*commit)(fastgo_response *, size_t size);
    int (*fail)(fastgo_response *, const char *reason);
};

/* --- requests ------------------------------------------------------------------------ */

/* The value of a path's parameter, by its name or by its place from 0 on. A name or a place
 * that the route does not have is a mistake of the program: 500, and the log says so. */
static inline int fastgo_param(const fastgo_request *request, fastgo_response *response,
                               const char *name, fastgo_string *value)
{
    return request->functions->param(request, response, name, value);
}

static inline int fastgo_param_at(const fastgo_request *request, fastgo_response *response,
                                  size_t index, fastgo_string *value)
{
    if (index < request->param_count) {
        *value = request->param_values[index];
        return 0;
    }
    return request->functions->param_at(request, response, index, value);
}

/* The same as a number. Another text is the client's mistake: 400, and the answer says which
 * parameter is wrong and why. Whole numbers are decimal; doubles are decimal too, with an
 * exponent or without, finite. */
static inline int fastgo_param_int64(const fastgo_request *request, fastgo_response *response,
                                     const char *name, int64_t *value)
{
    return request->functions->param_int64(request, response, name, value);
}

static inline int fastgo_param_double(const fastgo_request *request, fastgo_response *response,
                                      const char *name, double *value)
{
    return request->functions->param_double(request, response, name, value);
}

static inline int fastgo_param_int64_at(const fastgo_request *request, fastgo_response *response,
                                        size_t index, int64_t *value)
{
    return request->functions->param_int64_at(request, response, index, value);
}

static inline int fastgo_param_double_at(const fastgo_request *request, fastgo_response *response,
                                         size_t index, double *value)
{
    return request->functions->param_double_at(request, response, index, value);
}

/* The first value of that name in the query, decoded as forms are (URL Standard, section
 * 5.1). Where the query has none, *value stays as it is and the result is 0: so it can be set
 * to a default before. 500 where there is no memory to decode it. */
static inline int fastgo_query(const fastgo_request *request, fastgo_response *response,
                               const char *name, fastgo_string *value)
{
    return request->functions->query(request, response, name, value);
}

/* The same as a number; another text is a 400, as for parameters. */
static inline int fastgo_query_int64(const fastgo_request *request, fastgo_response *response,
                                     const char *name, int64_t *value)
{
    return request->functions->query_int64(request, response, name, value);
}

static inline int fastgo_query_double(const fastgo_request *request, fastgo_response *response,
                                      const char *name, double *value)
{
    return request->functions->query_double(request, response, name, value);
}

/* The value of the first header field of that name, in whatever case; data is NULL where
 * there is none. */
static inline fastgo_string fastgo_header(const fastgo_request *request, const char *name)
{
    fastgo_string value = {NULL, 0};
    (void)request->functions->header(request, name, &value);
    return value;
}

/* --- memory -------------------------------------------------------------------------- */

/* Memory for the handler until it returns, aligned to 16 bytes, not zeroed. It is taken from
 * an arena, so it costs some instructions and is never freed by hand. NULL beyond the limit
 * `native_memory`: return 500 then. What was allocated may be written by write_static: the
 * arena lives until the answer has left. */
static inline void *fastgo_alloc(const fastgo_request *request, size_t size)
{
    fastgo_arena *arena = request->arena;
    size_t room = (size_t)(arena->end - arena->next);
    if (size <= room && ((size + 15) & ~(size_t)15) <= room) {
        char *memory = arena->next;
        arena->next += (size + 15) & ~(size_t)15;
        return memory;
    }
    return request->functions->alloc(request, size);
}

/* --- responses ----------------------------------------------------------------------- */

/* Sets Content-Type, which is "text/plain; charset=utf-8" else. The text is not copied: it
 * must live as long as the program, or come from fastgo_alloc. 500 where it has a byte that
 * header fields cannot have. */
static inline int fastgo_content_type(fastgo_response *response, const char *value)
{
    return response->functions->content_type(response, value);
}

/* Adds a header field, copied. 500 where the name is no token or the value has a byte that
 * could end the field (RFC 9110, sections 5.1 and 5.5). Content-Length, Date and other fields
 * that the server writes itself are passed over. */
static inline int fastgo_add_header(fastgo_response *response, const char *name, const char *value)
{
    return response->functions->add_header(response, name, value);
}

/* Reserves room at the end of the body, to be written in place, and then committed as far as
 * it was written. The memory is not zeroed. NULL beyond the limit `native_memory`: the answer
 * is a 500 then, whatever the handler returns; so it is when it returns without a commit. */
static inline void *fastgo_reserve(fastgo_response *response, size_t size)
{
    if (response->room - response->size < size || response->is_static || response->reserved) {
        return response->functions->reserve(response, size);
    }
    response->reserved = 1;
    return response->body + response->size;
}

/* Ends what fastgo_reserve began: the first `size` bytes belong to the body. More than were
 * reserved is a 500. */
static inline void fastgo_commit(fastgo_response *response, size_t size)
{
    if (!response->reserved || response->room - response->size < size) {
        response->functions->commit(response, size);
        return;
    }
    response->reserved = 0;
    response->size += size;
}

/* Writes bytes to the end of the body. */
static inline int fastgo_write(fastgo_response *response, const void *data, size_t size)
{
    if (response->room - response->size < size || response->is_static || response->reserved) {
        return response->functions->write(response, data, size);
    }
    if (size != 0) {
        memcpy(response->body + response->size, data, size);
    }
    response->size += size;
    return 0;
}

/* Writes bytes that are not copied where they are all of the body. They must stay as they are
 * for as long as the route is served, or come from fastgo_alloc. */
static inline int fastgo_write_static(fastgo_response *response, const void *data, size_t size)
{
    return response->functions->write_static(response, data, size);
}

/* Writes a formatted text, as printf(3) does. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static inline int fastgo_printf(fastgo_response *response, const char *format, ...)
{
    va_list arguments;
    int status;
    va_start(arguments, format);
    status = response->functions->vprintf(response, format, arguments);
    va_end(arguments);
    return status;
}

/* Makes the answer a 500 and has the reason, which is copied, logged with the route. The
 * client is not told. Returns 500. */
static inline int fastgo_fail(fastgo_response *response, const char *reason)
{
    return response->functions->fail(response, reason);
}

/* --- for what exports handlers -------------------------------------------------------- */

/* The layout that this file describes, as one number. */
#define FASTGO_LAYOUT                                                                             \
    ((uint64_t)FASTGO_ABI << 48 | (uint64_t)sizeof(fastgo_request) << 32 |                        \
     (uint64_t)sizeof(fastgo_response) << 16 | (uint64_t)sizeof(fastgo_functions))

/* The name of the capsules that hold handlers; the layout is their context. */
#define FASTGO_CAPSULE "fastgo.handler"

/* Written once in a shared library, outside of all functions, it lets fastgo check that the
 * library was compiled with a header of the same layout:
 *
 *     FASTGO_DECLARE_LAYOUT;
 */
#if defined(__GNUC__)
#define FASTGO_DECLARE_LAYOUT                                                                     \
    extern __attribute__((visibility("default"))) const uint64_t fastgo_layout;             \
    const uint64_t fastgo_layout = FASTGO_LAYOUT
#else
#define FASTGO_DECLARE_LAYOUT                                                                     \
    extern const uint64_t fastgo_layout;                                                          \
    const uint64_t fastgo_layout = FASTGO_LAYOUT
#endif

#include "fastgo_concurrency.h"

#ifdef __cplusplus
}
#endif

#endif
