/* Calls of functions that fastgo.compiled has made. */
#include "frame.h"

int fastgo_call_compiled(const fastgo_request *request, fastgo_response *response, void *function)
{
    const struct fastgo_frame *frame = (const struct fastgo_frame *)request; /* which begins with it */
    int64_t *words = frame->words;
    (void)response;
    words[FASTGO_WORD_ALLOC] = (int64_t)(uintptr_t)fastgo_function_table.alloc;
    words[FASTGO_WORD_REQUEST] = (int64_t)(uintptr_t)request;
    return ((fastgo_compiled)function)(words, (double *)words);
}
