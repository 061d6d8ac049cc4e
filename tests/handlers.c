/* Native handlers for the tests, compiled by tests/compilers.py. */
#include <fastgo.h>

FASTGO_DECLARE_LAYOUT;

int hello(const fastgo_request *request, fastgo_response *response, void *data)
{
    (void)request;
    (void)data;
    fastgo_write(response, "Hello, World!", 13);
    return 200;
}
