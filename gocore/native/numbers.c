/* Numbers of requests, read strictly: decimal, and nothing around them. */
#define _GNU_SOURCE
#include "functions.h"

#include <locale.h>
#include <stdlib.h>

bool fastgo_parse_int64(fastgo_string text, int64_t *value)
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
bool fastgo_parse_double(fastgo_string text, double *value)
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
