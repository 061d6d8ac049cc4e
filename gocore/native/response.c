/* What handlers make of responses. */
#define _GNU_SOURCE
#include "functions.h"

#include <stdio.h>

/* The first reason counts: others follow from it. The reasons are constants. */
int fastgo_fail_for(fastgo_response *response, const char *reason)
{
    if (response->failure == NULL) {
        response->failure = reason;
    }
    return 500;
}

#define LONGEST_REASON ((size_t)1000)

int fastgo_response_fail(fastgo_response *response, const char *reason)
{
    size_t size;
    char *copy;
    if (response->failure != NULL) {
        return 500;
    }
    if (reason == NULL) {
        return fastgo_fail_for(response, "no reason given");
    }
    size = strnlen(reason, LONGEST_REASON);
    copy = fastgo_frame_alloc(frame_of(response->arena), size + 1);
    if (copy == NULL) {
        return fastgo_fail_for(response, "the memory of the handler is used up (limits.native_memory)");
    }
    memcpy(copy, reason, size);
    copy[size] = 0;
    return fastgo_fail_for(response, copy);
}

int fastgo_no_memory(fastgo_response *response)
{
    return fastgo_fail_for(response, "the memory of the handler is used up (limits.native_memory)");
}

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

int fastgo_response_content_type(fastgo_response *response, const char *value)
{
    if (value == NULL || *value == 0 || !is_field_value(value)) {
        return fastgo_fail_for(response, "it sets a Content-Type that is empty or has a control character");
    }
    response->content_type = (fastgo_string){value, strlen(value)};
    return 0;
}

static bool has_field(const fastgo_response *response, const char *name)
{
    const fastgo_request with = {.header = {response->fields, response->fields_size}};
    fastgo_string found;
    fastgo_request_header(&with, name, &found);
    return found.data != NULL;
}

int fastgo_response_add_header(fastgo_response *response, const char *name, const char *value)
{
    size_t name_size, value_size, needed;
    char *at;
    if (name == NULL || value == NULL || !is_token(name)) {
        return fastgo_fail_for(response, "it adds a header field whose name is no token (RFC 9110, section 5.1)");
    }
    if (!is_field_value(value)) {
        return fastgo_fail_for(response, "it adds a header field whose value has a control character (RFC 9110, section 5.5)");
    }
    name_size = strlen(name);
    value_size = strlen(value);
    if (same_name(name, "content-type")) {
        char *copy = fastgo_frame_alloc(frame_of(response->arena), value_size + 1);
        return copy == NULL ? fastgo_no_memory(response) : fastgo_response_content_type(response, memcpy(copy, value, value_size + 1));
    }
    if (same_name(name, "content-encoding") && (value_size == 0 || has_field(response, name))) {
        return fastgo_fail_for(response, "it adds a Content-Encoding that is empty or the second one");
    }
    needed = response->fields_size + name_size + value_size + 4;
    if (needed > response->fields_room) {
        size_t room = 2 * needed > 512 ? 2 * needed : 512;
        char *moved = fastgo_frame_alloc(frame_of(response->arena), room);
        if (moved == NULL) {
            return fastgo_no_memory(response);
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

void *fastgo_response_reserve(fastgo_response *response, size_t size)
{
    if (response->reserved) {
        fastgo_fail_for(response, "it reserves or writes again before a commit");
        return NULL;
    }
    if (!make_room(response, size)) {
        fastgo_no_memory(response);
        return NULL;
    }
    response->reserved = 1;
    return response->body + response->size;
}

void fastgo_response_commit(fastgo_response *response, size_t size)
{
    if (!response->reserved || size > response->room - response->size) {
        fastgo_fail_for(response, "it commits more than it has reserved");
        return;
    }
    response->reserved = 0;
    response->size += size;
}

int fastgo_response_write(fastgo_response *response, const void *data, size_t size)
{
    void *room = fastgo_response_reserve(response, size);
    if (room == NULL) {
        return 500;
    }
    if (size != 0) {
        memcpy(room, data, size);
    }
    fastgo_response_commit(response, size);
    return 0;
}

int fastgo_response_write_static(fastgo_response *response, const void *data, size_t size)
{
    if (response->size != 0 || response->reserved || size == 0) {
        return fastgo_response_write(response, data, size);
    }
    /* A static body is full, so the next write comes to make_room. */
    response->body = (char *)(uintptr_t)data;
    response->size = response->room = size;
    response->is_static = 1;
    return 0;
}

int fastgo_response_vprintf(fastgo_response *response, const char *format, va_list arguments)
{
    size_t room;
    int size;
    va_list again;
    char *at;
    if (response->reserved || !make_room(response, 1)) {
        return response->reserved ? fastgo_fail_for(response, "it writes before a commit") : fastgo_no_memory(response);
    }
    room = response->room - response->size;
    va_copy(again, arguments);
    size = vsnprintf(response->body + response->size, room, format, again);
    va_end(again);
    if (size < 0) {
        return fastgo_fail_for(response, "it writes a format that printf refuses");
    }
    if ((size_t)size >= room) {
        at = fastgo_response_reserve(response, (size_t)size + 1);
        if (at == NULL) {
            return 500;
        }
        vsnprintf(at, (size_t)size + 1, format, arguments);
        response->reserved = 0;
    }
    response->size += (size_t)size;
    return 0;
}
