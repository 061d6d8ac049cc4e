/* What handlers ask of requests. */
#include "functions.h"

void *fastgo_request_alloc(const fastgo_request *request, size_t size)
{
    return fastgo_frame_alloc(frame_of(request->arena), size);
}

#define SHOWN ((size_t)40)

/* Tells the client which value is wrong. What was written before is given up. */
static int bad_value(fastgo_response *response, const char *name, fastgo_string value, const char *wanted)
{
    char shown[SHOWN + 1];
    size_t i, size = value.size < SHOWN ? value.size : SHOWN;
    for (i = 0; i < size; i++) {
        char c = value.data[i];
        shown[i] = c >= ' ' && c <= '~' && c != '"' ? c : '?';
    }
    shown[size] = 0;
    response->size = 0;
    response->room = response->is_static ? 0 : response->room;
    response->reserved = 0;
    response->fields_size = 0;
    response->content_type = (fastgo_string){fastgo_plain_text, sizeof FASTGO_PLAIN_TEXT - 1};
    fastgo_printf(response, "%s: \"%s\"%s is not %s\n", name, shown, value.size > size ? "..." : "", wanted);
    return 400;
}

static const char whole_number[] = "a whole number of 64 bits", number[] = "a number";

/* The place of a parameter; one that there is not for a name that the path does not have. */
static size_t place_of(const fastgo_request *request, const char *name)
{
    const size_t size = strlen(name);
    size_t i;
    for (i = 0; i < request->param_count; i++) {
        fastgo_string candidate = request->param_names[i];
        if (candidate.size == size && memcmp(candidate.data, name, size) == 0) {
            break;
        }
    }
    return i;
}

static int unknown_param(fastgo_response *response)
{
    return fastgo_fail_for(response, "it asks for a parameter that the route's path does not have");
}

int fastgo_request_param_at(const fastgo_request *request, fastgo_response *response, size_t index, fastgo_string *value)
{
    if (index >= request->param_count) {
        return unknown_param(response);
    }
    *value = request->param_values[index];
    return 0;
}

/* The names of parameters are text of the target, ended by NUL. */
int fastgo_request_param_int64_at(const fastgo_request *request, fastgo_response *response, size_t index, int64_t *value)
{
    if (index >= request->param_count) {
        return unknown_param(response);
    }
    return fastgo_parse_int64(request->param_values[index], value)
               ? 0
               : bad_value(response, request->param_names[index].data, request->param_values[index], whole_number);
}

int fastgo_request_param_double_at(const fastgo_request *request, fastgo_response *response, size_t index, double *value)
{
    if (index >= request->param_count) {
        return unknown_param(response);
    }
    return fastgo_parse_double(request->param_values[index], value)
               ? 0
               : bad_value(response, request->param_names[index].data, request->param_values[index], number);
}

int fastgo_request_param(const fastgo_request *request, fastgo_response *response, const char *name, fastgo_string *value)
{
    return fastgo_request_param_at(request, response, place_of(request, name), value);
}

int fastgo_request_param_int64(const fastgo_request *request, fastgo_response *response, const char *name, int64_t *value)
{
    return fastgo_request_param_int64_at(request, response, place_of(request, name), value);
}

int fastgo_request_param_double(const fastgo_request *request, fastgo_response *response, const char *name, double *value)
{
    return fastgo_request_param_double_at(request, response, place_of(request, name), value);
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/* Decodes the byte that *at points to and goes on behind it (URL Standard, section 5.1). */
static char decode_byte(const char **at, const char *end)
{
    const char *p = *at;
    if (*p == '%' && end - p >= 3 && hex_digit(p[1]) >= 0 && hex_digit(p[2]) >= 0) {
        *at = p + 3;
        return (char)(hex_digit(p[1]) << 4 | hex_digit(p[2]));
    }
    *at = p + 1;
    return *p == '+' ? ' ' : *p;
}

static bool is_decoded(const char *p, const char *end, const char *name)
{
    while (p < end && *name != 0) {
        if (decode_byte(&p, end) != *name++) {
            return false;
        }
    }
    return p == end && *name == 0;
}

int fastgo_request_query(const fastgo_request *request, fastgo_response *response, const char *name, fastgo_string *value)
{
    const char *pair = request->query.data, *end = pair + request->query.size;
    while (pair < end) {
        const char *next = memchr(pair, '&', (size_t)(end - pair));
        const char *stop = next != NULL ? next : end;
        const char *equals = memchr(pair, '=', (size_t)(stop - pair));
        const char *name_end = equals != NULL ? equals : stop;
        const char *from = equals != NULL ? equals + 1 : stop;
        if (pair < stop && is_decoded(pair, name_end, name)) {
            char *copy;
            size_t size = 0;
            if (memchr(from, '%', (size_t)(stop - from)) == NULL && memchr(from, '+', (size_t)(stop - from)) == NULL) {
                *value = (fastgo_string){from, (size_t)(stop - from)};
                return 0;
            }
            copy = fastgo_request_alloc(request, (size_t)(stop - from));
            if (copy == NULL) {
                return fastgo_no_memory(response);
            }
            while (from < stop) {
                copy[size++] = decode_byte(&from, stop);
            }
            *value = (fastgo_string){copy, size};
            return 0;
        }
        pair = stop + 1;
    }
    return 0;
}

int fastgo_request_query_int64(const fastgo_request *request, fastgo_response *response, const char *name, int64_t *value)
{
    fastgo_string found = {NULL, 0};
    int status = fastgo_request_query(request, response, name, &found);
    if (status != 0 || found.data == NULL) {
        return status;
    }
    return fastgo_parse_int64(found, value) ? 0 : bad_value(response, name, found, whole_number);
}

int fastgo_request_query_double(const fastgo_request *request, fastgo_response *response, const char *name, double *value)
{
    fastgo_string found = {NULL, 0};
    int status = fastgo_request_query(request, response, name, &found);
    if (status != 0 || found.data == NULL) {
        return status;
    }
    return fastgo_parse_double(found, value) ? 0 : bad_value(response, name, found, number);
}

static bool is_field(const char *line, const char *name, size_t size)
{
    size_t i;
    for (i = 0; i < size; i++) {
        if (lower(line[i]) != lower(name[i])) {
            return false;
        }
    }
    return line[size] == ':';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

int fastgo_request_header(const fastgo_request *request, const char *name, fastgo_string *value)
{
    const char *line = request->header.data, *end = line + request->header.size;
    const size_t size = strlen(name);
    *value = (fastgo_string){NULL, 0};
    while (line < end) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        if (stop == NULL) {
            stop = end;
        }
        if ((size_t)(stop - line) > size && is_field(line, name, size)) {
            const char *from = line + size + 1;
            while (from < stop && is_space(*from)) {
                from++;
            }
            while (stop > from && is_space(stop[-1])) {
                stop--;
            }
            *value = (fastgo_string){from, (size_t)(stop - from)};
            return 0;
        }
        line = stop + 1;
    }
    return 0;
}
