//go:build python

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "search.h"

#include <string.h>

struct fastgo_search fastgo_search(struct fastgo_text name, const char *data, uint64_t size)
{
    return (struct fastgo_search){.name = name, .at = data, .end = data + size};
}

/* Returns where a character is, or the end where it is not there. */
static const char *find(const char *at, const char *end, char c)
{
    const char *found = at == end ? NULL : memchr(at, c, (size_t)(end - at));
    return found == NULL ? end : found;
}

/* Cuts off what is before a separator, and that itself. Returns where the part ends,
 * which begins where *at was. */
static const char *cut(const char **at, const char *end, char separator)
{
    const char *found = find(*at, end, separator);
    *at = found == end ? end : found + 1;
    return found;
}

/* --- queries --- */

static int hex(char c)
{
    if ('0' <= c && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return 'a' <= c && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads one character, whatever its escape. */
static char unescaped(const char **at, const char *end)
{
    char c = *(*at)++;
    if (c == '+') {
        return ' ';
    }
    if (c == '%' && end - *at >= 2 && hex((*at)[0]) >= 0 && hex((*at)[1]) >= 0) {
        c = (char)(hex((*at)[0]) << 4 | hex((*at)[1]));
        *at += 2;
    }
    return c;
}

bool fastgo_is_escaped(struct fastgo_text text)
{
    return text.size > 0 && (memchr(text.data, '%', text.size) != NULL || memchr(text.data, '+', text.size) != NULL);
}

uint64_t fastgo_unescape(struct fastgo_text text, char *into)
{
    char *to = into;
    for (const char *at = text.data, *end = at + text.size; at < end;) {
        *to++ = unescaped(&at, end);
    }
    return (uint64_t)(to - into);
}

static bool is_named(const char *at, const char *end, struct fastgo_text name)
{
    for (uint64_t i = 0; i < name.size; i++) {
        if (at == end || unescaped(&at, end) != name.data[i]) {
            return false;
        }
    }
    return at == end;
}

bool fastgo_search_query(struct fastgo_search *search, struct fastgo_text *value)
{
    while (search->at < search->end) {
        const char *pair = search->at, *end = cut(&search->at, search->end, '&');
        if (pair < end) {
            const char *data = pair, *name_end = cut(&data, end, '=');
            if (is_named(pair, name_end, search->name)) {
                *value = (struct fastgo_text){data, (uint64_t)(end - data)};
                return true;
            }
        }
    }
    return false;
}

/* --- headers --- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct fastgo_text trimmed(const char *at, const char *end)
{
    while (at < end && is_space(*at)) {
        at++;
    }
    while (at < end && is_space(end[-1])) {
        end--;
    }
    return (struct fastgo_text){at, (uint64_t)(end - at)};
}

/* Finds the next line of a name. */
static bool search_lines(struct fastgo_search *search, struct fastgo_text name, struct fastgo_text *value)
{
    while (search->at < search->end) {
        const char *line = search->at, *end = cut(&search->at, search->end, '\n');
        if ((uint64_t)(end - line) > name.size && line[name.size] == ':' &&
            PyOS_mystrnicmp(line, name.data, (Py_ssize_t)name.size) == 0) {
            *value = trimmed(line + name.size + 1, end);
            return true;
        }
    }
    return false;
}

bool fastgo_search_header(struct fastgo_search *search, struct fastgo_text *value)
{
    return search_lines(search, search->name, value);
}

static struct fastgo_text unquoted(struct fastgo_text text)
{
    if (text.size >= 2 && text.data[0] == '"' && text.data[text.size - 1] == '"') {
        return (struct fastgo_text){text.data + 1, text.size - 2};
    }
    return text;
}

bool fastgo_search_cookies(struct fastgo_search *search, struct fastgo_text *value)
{
    static const struct fastgo_text field = {"cookie", 6};
    struct fastgo_text line;
    for (;;) {
        while (search->pairs < search->pairs_end) {
            const char *pair = search->pairs, *end = cut(&search->pairs, search->pairs_end, ';');
            const char *data = pair, *name_end = cut(&data, end, '=');
            struct fastgo_text name = trimmed(pair, name_end);
            if (name_end < end && name.size == search->name.size && memcmp(name.data, search->name.data, name.size) == 0) {
                *value = unquoted(trimmed(data, end));
                return true;
            }
        }
        if (!search_lines(search, field, &line)) {
            return false;
        }
        search->pairs = line.data;
        search->pairs_end = line.data + line.size;
    }
}
