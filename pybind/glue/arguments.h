/*
 * Arguments: what a function is called with, read from a request.
 */
#ifndef FASTGO_ARGUMENTS_H
#define FASTGO_ARGUMENTS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

#include "queue.h"
#include "values.h"

enum fastgo_source {
    FASTGO_FROM_PATH,      /* the parameter of the path that has the name */
    FASTGO_FROM_PARAMETER, /* the same; where the path has none, the query */
    FASTGO_FROM_QUERY,
    FASTGO_FROM_HEADER,
    FASTGO_FROM_COOKIE,
    FASTGO_FROM_BODY,
    FASTGO_FROM_REQUEST, /* the request itself, which the caller has */
};

/* All objects are owned, and NULL where there is none. */
struct fastgo_argument {
    enum fastgo_source source;
    enum fastgo_form form;
    bool many;               /* all values of the name, as a list */
    struct fastgo_text name; /* what requests call it; lies in name_object */
    PyObject *name_object;
    PyObject *steps;   /* a tuple of functions that the value goes through, one after the other */
    PyObject *keyword; /* what the function calls it, which takes it by its name alone */
    PyObject *fallback;
};

/* Why an argument cannot be given. */
enum fastgo_reason {
    FASTGO_NO_REASON,
    FASTGO_MISSING,  /* the request has no value */
    FASTGO_MALFORMED, /* value, as text, has not the form; NULL where it is the body */
    FASTGO_REFUSED,  /* a step has refused value by error; value is NULL where it is the body */
    FASTGO_NO_JSON,  /* value is the Content-Type, which is not JSON's; NULL where there is none */
};

struct fastgo_problem {
    enum fastgo_reason reason;
    PyObject *value, *error; /* owned, or NULL */
};

/* Returns an argument, which is not the request itself. NULL: with an exception, or with
 * the problem, which was zeroed before, and none. */
PyObject *fastgo_argument_read(const struct fastgo_argument *argument, const struct fastgo_slot *slot,
                               struct fastgo_problem *problem);

#endif
