/*
 * Values: texts of a request as objects of Python's.
 */
#ifndef FASTGO_VALUES_H
#define FASTGO_VALUES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

#include "queue.h"

enum fastgo_form {
    FASTGO_AS_STR,   /* UTF-8 */
    FASTGO_AS_FIELD, /* str that is UTF-8, or else ISO-8859-1, as fields of the header may be */
    FASTGO_AS_INT,   /* decimal digits, with a sign in front or not */
    FASTGO_AS_FLOAT, /* a finite decimal number, with an exponent or not */
    FASTGO_AS_BOOL,  /* true, 1, false or 0, in any case */
    FASTGO_AS_BYTES,
    FASTGO_AS_JSON, /* bytes, too: what is in them is for others to read */
};

/* Returns a text as an object. NULL: with an exception, or with invalid set and none
 * where the text has not the form. */
PyObject *fastgo_value(enum fastgo_form form, struct fastgo_text text, bool *invalid);

#endif
