/* The functions of fastgo.h that are not inline there: what those of C need behind them, and
 * all of them for other languages. fastgo.h says what each does. */
#ifndef FASTGO_FUNCTIONS_H
#define FASTGO_FUNCTIONS_H

#include "frame.h"

#include <stdbool.h>

/* Both are within a frame, of which the handler may change nothing but what they lead to. */
static inline struct fastgo_frame *frame_of(const fastgo_arena *arena)
{
    return (struct fastgo_frame *)((char *)(uintptr_t)arena - offsetof(struct fastgo_frame, arena));
}

static inline char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* numbers.c */
bool fastgo_parse_int64(fastgo_string text, int64_t *value);
bool fastgo_parse_double(fastgo_string text, double *value);

/* request.c */
void *fastgo_request_alloc(const fastgo_request *request, size_t size);
int fastgo_request_param(const fastgo_request *request, fastgo_response *response, const char *name, fastgo_string *value);
int fastgo_request_param_int64(const fastgo_request *request, fastgo_response *response, const char *name, int64_t *value);
int fastgo_request_param_double(const fastgo_request *request, fastgo_response *response, const char *name, double *value);
int fastgo_request_param_at(const fastgo_request *request, fastgo_response *response, size_t index, fastgo_string *value);
int fastgo_request_param_int64_at(const fastgo_request *request, fastgo_response *response, size_t index, int64_t *value);
int fastgo_request_param_double_at(const fastgo_request *request, fastgo_response *response, size_t index, double *value);
int fastgo_request_query(const fastgo_request *request, fastgo_response *response, const char *name, fastgo_string *value);
int fastgo_request_query_int64(const fastgo_request *request, fastgo_response *response, const char *name, int64_t *value);
int fastgo_request_query_double(const fastgo_request *request, fastgo_response *response, const char *name, double *value);
int fastgo_request_header(const fastgo_request *request, const char *name, fastgo_string *value);

/* response.c; the first two make the answer a 500, for a reason that is a constant */
int fastgo_fail_for(fastgo_response *response, const char *reason);
int fastgo_no_memory(fastgo_response *response);
int fastgo_response_fail(fastgo_response *response, const char *reason);
int fastgo_response_content_type(fastgo_response *response, const char *value);
int fastgo_response_add_header(fastgo_response *response, const char *name, const char *value);
void *fastgo_response_reserve(fastgo_response *response, size_t size);
void fastgo_response_commit(fastgo_response *response, size_t size);
int fastgo_response_write(fastgo_response *response, const void *data, size_t size);
int fastgo_response_write_static(fastgo_response *response, const void *data, size_t size);
int fastgo_response_vprintf(fastgo_response *response, const char *format, va_list arguments);

#endif
