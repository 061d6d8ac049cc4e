/* What answers POST /events: without Python, and without ever waiting for it. */
#include <fastgo.h>

FASTGO_DECLARE_LAYOUT;

int collect(const fastgo_request *request, fastgo_response *response, void *events)
{
    switch (fastgo_chan_try_send(events, request->body.data, request->body.size)) {
    case FASTGO_OK:
        return 202;
    case FASTGO_WAIT: /* Python is behind: the client is to come back later */
        fastgo_add_header(response, "Retry-After", "1");
        return 503;
    default:
        return 500;
    }
}
