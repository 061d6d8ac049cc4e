/*
 * Search: the values that a query, a header or its cookies have of a name.
 */
#ifndef FASTGO_SEARCH_H
#define FASTGO_SEARCH_H

#include <stdbool.h>

#include "queue.h"

/* What is left to look through. */
struct fastgo_search {
    struct fastgo_text name;
    const char *at, *end;
    const char *pairs, *pairs_end; /* of the Cookie line before at */
};

/* Begins to look for a name in a query, or in the lines of a header. */
struct fastgo_search fastgo_search(struct fastgo_text name, const char *data, uint64_t size);

/* Each finds the next value, as it lies there; false where there is none. */

/* A value of a form in a query, where the form's names and values are escaped
 * (application/x-www-form-urlencoded). */
bool fastgo_search_query(struct fastgo_search *search, struct fastgo_text *value);

/* The value of a field of that name, in any case, without the white space around it
 * (RFC 9110, section 5.5). */
bool fastgo_search_header(struct fastgo_search *search, struct fastgo_text *value);

/* The value of a cookie in the Cookie fields of a header (RFC 6265, section 5.4), without
 * the quotes around it. */
bool fastgo_search_cookies(struct fastgo_search *search, struct fastgo_text *value);

/* Whether a text of a query has something to unescape. */
bool fastgo_is_escaped(struct fastgo_text text);

/* Unescapes a text of a query: "+" is a space, and "%" followed by two hexadecimal digits
 * is a byte. Returns the size, which is that of the text at most. */
uint64_t fastgo_unescape(struct fastgo_text text, char *into);

#endif
