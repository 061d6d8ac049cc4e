/* Native handlers for the tests. */
#define _POSIX_C_SOURCE 200809L /* nanosleep */

#include <fastgo.h>
#include <stdatomic.h>
#include <time.h>

FASTGO_DECLARE_LAYOUT;

int hello(const fastgo_request *request, fastgo_response *response, void *data)
{
    (void)request;
    (void)data;
    fastgo_write(response, "Hello, World!", 13);
    return 200;
}

static void write_string(fastgo_response *response, const char *name, fastgo_string value)
{
    fastgo_printf(response, "%s=%.*s\n", name, (int)value.size, value.data);
}

/* All that there is in a request for POST /echo/{name}/{number:int}. */
int echo(const fastgo_request *request, fastgo_response *response, void *data)
{
    fastgo_string name, query = {"none", 4};
    int64_t number, count = -1;
    int status;
    (void)data;
    if ((status = fastgo_param(request, response, "name", &name)) != 0 ||
        (status = fastgo_param_int64_at(request, response, 1, &number)) != 0 ||
        (status = fastgo_query(request, response, "q", &query)) != 0 ||
        (status = fastgo_query_int64(request, response, "count", &count)) != 0) {
        return status;
    }
    write_string(response, "method", request->method);
    write_string(response, "path", request->path);
    write_string(response, "name", name);
    write_string(response, "first", request->param_values[0]);
    write_string(response, "q", query);
    write_string(response, "agent", fastgo_header(request, "user-agent"));
    write_string(response, "body", request->body);
    fastgo_printf(response, "number=%lld\ncount=%lld\n", (long long)number, (long long)count);
    fastgo_add_header(response, "X-Params", "2");
    fastgo_content_type(response, "text/x-echo");
    return 201;
}

/* The sum of the doubles in data. */
int sum(const fastgo_request *request, fastgo_response *response, void *data)
{
    const double *numbers = data;
    double found = 0;
    for (size_t i = 0; i < request->data_size / sizeof(double); i++) {
        found += numbers[i];
    }
    fastgo_printf(response, "%g of %zu bytes", found, request->data_size);
    return 200;
}

/* The status of the path, whatever it is. */
int answer(const fastgo_request *request, fastgo_response *response, void *data)
{
    int64_t status = 0;
    (void)data;
    return fastgo_param_int64_at(request, response, 0, &status) ? 400 : (int)status;
}

int forget(const fastgo_request *request, fastgo_response *response, void *data)
{
    (void)request;
    (void)data;
    return fastgo_reserve(response, 10) ? 200 : 500;
}

int flood(const fastgo_request *request, fastgo_response *response, void *data)
{
    static const char page[4096];
    (void)request;
    (void)data;
    while (fastgo_write(response, page, sizeof page) == 0) {
    }
    return 200;
}

int failing(const fastgo_request *request, fastgo_response *response, void *data)
{
    (void)request;
    (void)data;
    return fastgo_fail(response, "out of ideas");
}

/* Says in the first number of data that it runs, and waits for the second. */
int wait_for_go(const fastgo_request *request, fastgo_response *response, void *data)
{
    _Atomic int *gate = data;
    const struct timespec pause = {0, 1000000};
    (void)request;
    atomic_fetch_add(&gate[0], 1);
    while (atomic_load(&gate[1]) == 0) {
        nanosleep(&pause, NULL);
    }
    fastgo_write(response, "waited", 6);
    return 200;
}

int crash(const fastgo_request *request, fastgo_response *response, void *data)
{
    volatile int *nowhere = NULL;
    (void)request;
    (void)response;
    (void)data;
    *nowhere = 1;
    return 200;
}
