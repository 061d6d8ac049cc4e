#include "handlers.h"

#include <stdatomic.h>
#include <time.h>

FASTGO_DECLARE_LAYOUT;

int nativetest_hello(const fastgo_request *request, fastgo_response *response, void *data)
{
    (void)request;
    (void)data;
    fastgo_write(response, "Hello, World!", 13);
    return 200;
}

static void write_string(fastgo_response *response, const char *name, fastgo_string value)
{
    fastgo_printf(response, "%s=%.*s\n", name, (int)value.size, value.data != NULL ? value.data : "");
}

int nativetest_show(const fastgo_request *request, fastgo_response *response, void *data)
{
    fastgo_string found = {NULL, 0};
    size_t i;
    (void)data;
    write_string(response, "method", request->method);
    write_string(response, "path", request->path);
    write_string(response, "query", request->query);
    write_string(response, "body", request->body);
    write_string(response, "x-token", fastgo_header(request, "X-Token"));
    write_string(response, "missing", fastgo_header(request, "Missing"));
    for (i = 0; i < request->param_count; i++) {
        write_string(response, request->param_names[i].data, request->param_values[i]);
    }
    fastgo_query(request, response, "q", &found);
    write_string(response, "q", found);
    fastgo_printf(response, "peer=%u.%u.%u.%u:%u/%u data=%zu\n", request->peer.address[0], request->peer.address[1],
                  request->peer.address[2], request->peer.address[3], request->peer.port, request->peer.family,
                  request->data_size);
    fastgo_content_type(response, "text/x-shown");
    fastgo_add_header(response, "X-Shown", "yes");
    return 201;
}

int nativetest_numbers(const fastgo_request *request, fastgo_response *response, void *data)
{
    int64_t n = 0, page = 1;
    double x = 0, ratio = 0.5;
    int status;
    (void)data;
    if ((status = fastgo_param_int64(request, response, "n", &n)) != 0 ||
        (status = fastgo_param_double_at(request, response, 1, &x)) != 0 ||
        (status = fastgo_query_int64(request, response, "page", &page)) != 0 ||
        (status = fastgo_query_double(request, response, "ratio", &ratio)) != 0) {
        return status;
    }
    fastgo_printf(response, "%lld %g %lld %g", (long long)n, x, (long long)page, ratio);
    return 200;
}

int nativetest_sum(const fastgo_request *request, fastgo_response *response, void *data)
{
    const int64_t *values = data;
    int64_t sum = 0;
    size_t i;
    for (i = 0; i < request->data_size / sizeof *values; i++) {
        sum += values[i];
    }
    fastgo_printf(response, "%lld", (long long)sum);
    return 200;
}

/* Lends its data. */
int nativetest_lend(const fastgo_request *request, fastgo_response *response, void *data)
{
    fastgo_write_static(response, data, request->data_size);
    return 200;
}

static atomic_int waiting, released;

int nativetest_waiting(void)
{
    return atomic_load(&waiting);
}

void nativetest_release(int number)
{
    atomic_fetch_add(&released, number);
}

/* Returns when it is released. */
int nativetest_wait(const fastgo_request *request, fastgo_response *response, void *data)
{
    const struct timespec while_ = {0, 1000000};
    int mine;
    (void)request;
    (void)data;
    atomic_fetch_add(&waiting, 1);
    for (;;) {
        mine = atomic_load(&released);
        if (mine > 0 && atomic_compare_exchange_strong(&released, &mine, mine - 1)) {
            break;
        }
        nanosleep(&while_, NULL);
    }
    atomic_fetch_sub(&waiting, 1);
    fastgo_write(response, "done", 4);
    return 200;
}

/* What to do is the parameter "what"; how much is the query's "size". */
int nativetest_do(const fastgo_request *request, fastgo_response *response, void *data)
{
    fastgo_string what;
    int64_t size = 0, i;
    char *memory;
    (void)data;
    if (fastgo_param(request, response, "what", &what) != 0 ||
        fastgo_query_int64(request, response, "size", &size) != 0) {
        return 500;
    }
    switch (what.data[0]) {
    case 'w': /* write byte by byte */
        for (i = 0; i < size; i++) {
            char byte = (char)('a' + i % 26);
            fastgo_write(response, &byte, 1);
        }
        return 200;
    case 'a': /* alloc, and write it without a copy */
        memory = fastgo_alloc(request, (size_t)size);
        if (memory == NULL) {
            return 507;
        }
        memset(memory, 'x', (size_t)size);
        fastgo_write_static(response, memory, (size_t)size);
        return 200;
    case 'm': /* many small allocations, all filled */
        for (i = 0; i < size; i++) {
            memory = fastgo_alloc(request, 100);
            if (memory == NULL) {
                return 507;
            }
            memset(memory, (int)i, 100);
        }
        fastgo_printf(response, "%lld", (long long)size);
        return 200;
    case 'r': /* reserve, and commit a part */
        memory = fastgo_reserve(response, (size_t)size);
        if (memory == NULL) {
            return 200;
        }
        memset(memory, 'r', (size_t)size / 2);
        fastgo_commit(response, (size_t)size / 2);
        return 200;
    case 'u': /* uncommitted */
        fastgo_reserve(response, 10);
        return 200;
    case 'c': /* commits too much */
        fastgo_reserve(response, 10);
        fastgo_commit(response, 1000000);
        return 200;
    case 't': /* static, then more */
        fastgo_write_static(response, "static ", 7);
        fastgo_printf(response, "and %d more", 1);
        return 200;
    case 'n': /* writes, and then finds that a value is no number */
        fastgo_write(response, "written before", 14);
        fastgo_add_header(response, "X-Before", "yes");
        fastgo_content_type(response, "text/html");
        return fastgo_query_int64(request, response, "text", &size);
    case 's': /* the status that size says */
        fastgo_write(response, "gone", 4);
        return (int)size;
    case 'f': /* fails */
        return fastgo_fail(response, "it was asked to fail");
    case 'i': /* an injected header */
        fastgo_add_header(response, "X-Bad", "a\r\nX-Injected: yes");
        return 200;
    case 'h': /* headers */
        for (i = 0; i < size; i++) {
            fastgo_add_header(response, "X-Many", "value");
        }
        fastgo_add_header(response, "Content-Type", "text/x-added");
        fastgo_add_header(response, "Content-Length", "3");
        return 200;
    case 'b': { /* busy for so many milliseconds */
        struct timespec from, now;
        clock_gettime(CLOCK_MONOTONIC, &from);
        do {
            clock_gettime(CLOCK_MONOTONIC, &now);
        } while ((now.tv_sec - from.tv_sec) * 1000 + (now.tv_nsec - from.tv_nsec) / 1000000 < size);
        fastgo_write(response, "done", 4);
        return 200;
    }
    default:
        return 404;
    }
}

/* As fastgo.compiled makes functions: the body, so often as word 10 says, in memory that it is
 * given; or the code that a negative number stands for. Word 8 and 9 are the body. */
int32_t nativetest_repeat(int64_t *words, double *floats)
{
    void *(*alloc)(void *, size_t) = (void *(*)(void *, size_t))(uintptr_t)words[5];
    size_t size = (size_t)words[9];
    char *memory;
    int64_t i;
    (void)floats;
    if (words[10] < 0) {
        return (int32_t)-words[10];
    }
    memory = alloc((void *)(uintptr_t)words[6], size * (size_t)words[10]);
    if (memory == NULL) {
        return 2;
    }
    for (i = 0; i < words[10]; i++) {
        memcpy(memory + (size_t)i * size, (const char *)(uintptr_t)words[8], size);
    }
    words[0] = (int64_t)(uintptr_t)memory;
    words[1] = (int64_t)size * words[10];
    return 0;
}
