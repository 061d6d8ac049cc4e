/* The functions of fastgo.h that are not inline, and those that are for other languages. */
#define _GNU_SOURCE
#include "frame.h"

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* Both are within a frame, of which the handler may change nothing but what they lead to. */
static struct fastgo_frame *frame_of(const fastgo_arena *arena)
{
    return (struct fastgo_frame *)((char *)(uintptr_t)arena - offsetof(struct fastgo_frame, arena));
}

/* --- failures --- */

/* The first reason counts: others follow from it. The reasons are constants. */
static int fail(fastgo_response *response, const char *reason)
{
    if (response->failure == NULL) {
        response->failure = reason;
    }
    return 500;
}

#define LONGEST_REASON ((size_t)1000)

static int fail_with_copy(fastgo_response *response, const char *reason)
{
    size_t size;
    char *copy;
    if (response->failure != NULL) {
        return 500;
    }
    if (reason == NULL) {
        return fail(response, "no reason given");
    }
    size = strnlen(reason, LONGEST_REASON);
    copy = fastgo_frame_alloc(frame_of(response->arena), size + 1);
    if (copy == NULL) {
        return fail(response, "the memory of the handler is used up (limits.native_memory)");
    }
    memcpy(copy, reason, size);
    copy[size] = 0;
    return fail(response, copy);
}

static int no_memory(fastgo_response *response)
{
    return fail(response, "the memory of the handler is used up (limits.native_memory)");
}

/* --- numbers --- */

static bool parse_int64(fastgo_string text, int64_t *value)
{
    size_t i = 0;
    bool negative = text.size > 0 && text.data[0] == '-';
    uint64_t sum = 0;
    const uint64_t most = (uint64_t)INT64_MAX + (negative ? 1 : 0);
    if (negative) {
        i = 1;
    }
    if (i == text.size) {
        return false;
    }
    for (; i < text.size; i++) {
        uint64_t digit = (uint64_t)(unsigned char)text.data[i] - '0';
        if (digit > 9 || sum > (most - digit) / 10) {
            return false;
        }
        sum = 10 * sum + digit;
    }
    *value = negative ? (int64_t)(0 - sum) : (int64_t)sum;
    return true;
}

static locale_t plain_locale; /* in which the decimal point is a point */

__attribute__((constructor)) static void make_plain_locale(void)
{
    plain_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

#define LONGEST_NUMBER ((size_t)400)

/* Takes what JSON's numbers and C's have in common: no hexadecimal, no "inf", no spaces. */
static bool parse_double(fastgo_string text, double *value)
{
    char copy[400 + 1], *end;
    size_t i;
    double parsed;
    if (text.size == 0 || text.size > LONGEST_NUMBER) {
        return false;
    }
    for (i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (!((c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E')) {
            return false;
        }
    }
    memcpy(copy, text.data, text.size);
    copy[text.size] = 0;
    parsed = strtod_l(copy, &end, plain_locale);
    if (end != copy + text.size || parsed - parsed != 0) { /* infinite */
        return false;
    }
    *value = parsed;
    return true;
}

/* --- requests --- */

static void *alloc_memory(const fastgo_request *request, size_t size)
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

static const fastgo_string *find_param(const fastgo_request *request, const char *name)
{
    size_t i, size = strlen(name);
    for (i = 0; i < request->param_count; i++) {
        fastgo_string candidate = request->param_names[i];
        if (candidate.size == size && memcmp(candidate.data, name, size) == 0) {
            return &request->param_values[i];
        }
    }
    return NULL;
}

static const char unknown_param[] = "it asks for a parameter that the route's path does not have";

static int param(const fastgo_request *request, fastgo_response *response, const char *name, fastgo_string *value)
{
    const fastgo_string *found = find_param(request, name);
    if (found == NULL) {
        return fail(response, unknown_param);
    }
    *value = *found;
    return 0;
}

static int param_int64(const fastgo_request *request, fastgo_response *response, const char *name, int64_t *value)
{
    const fastgo_string *found = find_param(request, name);
    if (found == NULL) {
        return fail(response, unknown_param);
    }
    return parse_int64(*found, value) ? 0 : bad_value(response, name, *found, whole_number);
}

static int param_double(const fastgo_request *request, fastgo_response *response, const char *name, double *value)
{
    const fastgo_string *found = find_param(request, name);
    if (found == NULL) {
        return fail(response, unknown_param);
    }
    return parse_double(*found, value) ? 0 : bad_value(response, name, *found, number);
}

/* The names of parameters are text of the target, ended by NUL. */
static int param_at(const fastgo_request *request, fastgo_response *response, size_t index, fastgo_string *value)
{
    if (index >= request->param_count) {
        return fail(response, unknown_param);
    }
    *value = request->param_values[index];
    return 0;
}

static int param_int64_at(const fastgo_request *request, fastgo_response *response, size_t index, int64_t *value)
{
    if (index >= request->param_count) {
        return fail(response, unknown_param);
    }
    return parse_int64(request->param_values[index], value)
               ? 0
               : bad_value(response, request->param_names[index].data, request->param_values[index], whole_number);
}

static int param_double_at(const fastgo_request *request, fastgo_response *response, size_t index, double *value)
{
    if (index >= request->param_count) {
        return fail(response, unknown_param);
    }
    return parse_double(request->param_values[index], value)
               ? 0
               : bad_value(response, request->param_names[index].data, request->param_values[index], number);
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

static int query(const fastgo_request *request, fastgo_response *response, const char *name, fastgo_string *value)
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
            copy = alloc_memory(request, (size_t)(stop - from));
            if (copy == NULL) {
                return no_memory(response);
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

static int query_int64(const fastgo_request *request, fastgo_response *response, const char *name, int64_t *value)
{
    fastgo_string found = {NULL, 0};
    int status = query(request, response, name, &found);
    if (status != 0 || found.data == NULL) {
        return status;
    }
    return parse_int64(found, value) ? 0 : bad_value(response, name, found, whole_number);
}

static int query_double(const fastgo_request *request, fastgo_response *response, const char *name, double *value)
{
    fastgo_string found = {NULL, 0};
    int status = query(request, response, name, &found);
    if (status != 0 || found.data == NULL) {
        return status;
    }
    return parse_double(found, value) ? 0 : bad_value(response, name, found, number);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
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

static int header(const fastgo_request *request, const char *name, fastgo_string *value)
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

/* --- responses --- */

static bool is_token(const char *name)
{
    const char *p;
    for (p = name; *p != 0; p++) {
        bool letter = (*p | 0x20) >= 'a' && (*p | 0x20) <= 'z', digit = *p >= '0' && *p <= '9';
        if (!letter && !digit && strchr("!#$%&'*+-.^_`|~", *p) == NULL) {
            return false;
        }
    }
    return p != name;
}

static bool is_field_value(const char *value)
{
    for (; *value != 0; value++) {
        unsigned char c = (unsigned char)*value;
        if ((c < ' ' && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

static bool same_name(const char *one, const char *other)
{
    while (*one != 0 && lower(*one) == lower(*other)) {
        one++, other++;
    }
    return *one == *other;
}

static int content_type(fastgo_response *response, const char *value)
{
    if (value == NULL || *value == 0 || !is_field_value(value)) {
        return fail(response, "it sets a Content-Type that is empty or has a control character");
    }
    response->content_type = (fastgo_string){value, strlen(value)};
    return 0;
}

static bool has_field(const fastgo_response *response, const char *name)
{
    const fastgo_request with = {.header = {response->fields, response->fields_size}};
    fastgo_string found;
    header(&with, name, &found);
    return found.data != NULL;
}

static int add_header(fastgo_response *response, const char *name, const char *value)
{
    size_t name_size, value_size, needed;
    char *at;
    if (name == NULL || value == NULL || !is_token(name)) {
        return fail(response, "it adds a header field whose name is no token (RFC 9110, section 5.1)");
    }
    if (!is_field_value(value)) {
        return fail(response, "it adds a header field whose value has a control character (RFC 9110, section 5.5)");
    }
    name_size = strlen(name);
    value_size = strlen(value);
    if (same_name(name, "content-type")) {
        char *copy = fastgo_frame_alloc(frame_of(response->arena), value_size + 1);
        return copy == NULL ? no_memory(response) : content_type(response, memcpy(copy, value, value_size + 1));
    }
    if (same_name(name, "content-encoding") && (value_size == 0 || has_field(response, name))) {
        return fail(response, "it adds a Content-Encoding that is empty or the second one");
    }
    needed = response->fields_size + name_size + value_size + 4;
    if (needed > response->fields_room) {
        size_t room = 2 * needed > 512 ? 2 * needed : 512;
        char *moved = fastgo_frame_alloc(frame_of(response->arena), room);
        if (moved == NULL) {
            return no_memory(response);
        }
        if (response->fields_size != 0) {
            memcpy(moved, response->fields, response->fields_size);
        }
        response->fields = moved;
        response->fields_room = room;
    }
    at = response->fields + response->fields_size;
    memcpy(at, name, name_size);
    memcpy(at + name_size, ": ", 2);
    memcpy(at + name_size + 2, value, value_size);
    memcpy(at + name_size + 2 + value_size, "\r\n", 2);
    response->fields_size = needed;
    return 0;
}

/* Makes room for size bytes behind what was written. */
static bool make_room(fastgo_response *response, size_t size)
{
    struct fastgo_frame *frame = frame_of(response->arena);
    if (response->is_static) { /* which becomes a part: it must be copied after all */
        const char *text = response->body;
        size_t written = response->size;
        response->is_static = 0;
        response->body = fastgo_frame_output(frame);
        response->room = FASTGO_FRAME_ROOM;
        response->size = 0;
        if (!make_room(response, written)) {
            return false;
        }
        if (written != 0) {
            memcpy(response->body, text, written);
        }
        response->size = written;
    }
    if (size <= response->room - response->size) {
        return true;
    }
    return size <= frame->limit && fastgo_frame_grow_output(frame, response->size + size);
}

static void *reserve(fastgo_response *response, size_t size)
{
    if (response->reserved) {
        fail(response, "it reserves or writes again before a commit");
        return NULL;
    }
    if (!make_room(response, size)) {
        no_memory(response);
        return NULL;
    }
    response->reserved = 1;
    return response->body + response->size;
}

static void commit(fastgo_response *response, size_t size)
{
    if (!response->reserved || size > response->room - response->size) {
        fail(response, "it commits more than it has reserved");
        return;
    }
    response->reserved = 0;
    response->size += size;
}

static int write_bytes(fastgo_response *response, const void *data, size_t size)
{
    void *room = reserve(response, size);
    if (room == NULL) {
        return 500;
    }
    if (size != 0) {
        memcpy(room, data, size);
    }
    commit(response, size);
    return 0;
}

static int write_static(fastgo_response *response, const void *data, size_t size)
{
    if (response->size != 0 || response->reserved || size == 0) {
        return write_bytes(response, data, size);
    }
    /* A static body is full, so the next write comes to make_room. */
    response->body = (char *)(uintptr_t)data;
    response->size = response->room = size;
    response->is_static = 1;
    return 0;
}

static int write_format(fastgo_response *response, const char *format, va_list arguments)
{
    size_t room;
    int size;
    va_list again;
    char *at;
    if (response->reserved || !make_room(response, 1)) {
        return response->reserved ? fail(response, "it writes before a commit") : no_memory(response);
    }
    room = response->room - response->size;
    va_copy(again, arguments);
    size = vsnprintf(response->body + response->size, room, format, again);
    va_end(again);
    if (size < 0) {
        return fail(response, "it writes a format that printf refuses");
    }
    if ((size_t)size >= room) {
        at = reserve(response, (size_t)size + 1);
        if (at == NULL) {
            return 500;
        }
        vsnprintf(at, (size_t)size + 1, format, arguments);
        response->reserved = 0;
    }
    response->size += (size_t)size;
    return 0;
}

const fastgo_functions fastgo_function_table = {
    .abi = FASTGO_ABI,
    .size = sizeof(fastgo_functions),
    .alloc = alloc_memory,
    .param = param,
    .param_int64 = param_int64,
    .param_double = param_double,
    .param_at = param_at,
    .param_int64_at = param_int64_at,
    .param_double_at = param_double_at,
    .query = query,
    .query_int64 = query_int64,
    .query_double = query_double,
    .header = header,
    .content_type = content_type,
    .add_header = add_header,
    .write = write_bytes,
    .write_static = write_static,
    .vprintf = write_format,
    .reserve = reserve,
    .commit = commit,
    .fail = fail_with_copy,
};
