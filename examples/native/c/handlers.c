/* Handlers in C. */
#include <fastgo.h>

#include <inttypes.h>
#include <stdbool.h>

FASTGO_DECLARE_LAYOUT;

/* A handler must not run for long: this takes less than a millisecond. */
#define MOST 1000000

int hello(const fastgo_request *request, fastgo_response *response, void *data)
{
    (void)request, (void)data;
    fastgo_write(response, "Hello, World!", 13);
    return 200;
}

int greet(const fastgo_request *request, fastgo_response *response, void *data)
{
    fastgo_string name;
    int status = fastgo_param_at(request, response, 0, &name);
    (void)data;
    if (status != 0) {
        return status;
    }
    fastgo_write(response, "Hello ", 6);
    fastgo_write(response, name.data, name.size);
    fastgo_write(response, "!", 1);
    return 200;
}

int fibonacci(const fastgo_request *request, fastgo_response *response, void *data)
{
    int64_t n;
    uint32_t a = 0, b = 1;
    int status = fastgo_param_int64(request, response, "n", &n);
    (void)data;
    if (status != 0) {
        return status;
    }
    if (n < 0 || n > MOST) {
        fastgo_printf(response, "n must be 0 to %d\n", MOST);
        return 400;
    }
    for (int64_t i = 0; i < n / 2; i++) { /* by twos, which needs no copies */
        a += b;
        b += a;
    }
    fastgo_printf(response, "Fibonacci(%" PRId64 ") = %" PRIu32 " (with overflow)\n", n,
                  n % 2 ? b : a);
    return 200;
}

int words(const fastgo_request *request, fastgo_response *response, void *data)
{
    size_t count = 0;
    bool inside = false;
    (void)data;
    for (size_t i = 0; i < request->body.size; i++) {
        char byte = request->body.data[i];
        bool space = byte == ' ' || (byte >= '\t' && byte <= '\r');
        count += !space && !inside;
        inside = !space;
    }
    fastgo_printf(response, "%zu\n", count);
    return 200;
}
