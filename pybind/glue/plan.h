/*
 * Plans: where the arguments of a handler's function come from.
 */
#ifndef FASTGO_PLAN_H
#define FASTGO_PLAN_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "queue.h"

enum { FASTGO_MAX_ARGUMENTS = 16 };

enum fastgo_source {
    FASTGO_FROM_PATH,    /* slot->params, in the order of the plan */
    FASTGO_FROM_REQUEST, /* the request itself */
};

enum fastgo_form { FASTGO_AS_STR, FASTGO_AS_INT, FASTGO_AS_FLOAT };

struct fastgo_argument {
    enum fastgo_source source;
    enum fastgo_form form;
    uint32_t index; /* in slot->params */
};

struct fastgo_plan {
    int count;
    struct fastgo_argument arguments[FASTGO_MAX_ARGUMENTS];
};

/* Reads a plan: a sequence of pairs (source, form), such as ("path", "int") and
 * ("request", ""). -1 with an exception where it is wrong. */
int fastgo_plan_read(struct fastgo_plan *plan, PyObject *pairs);

/* A call of a function. Zeroed memory is one that has not begun. */
struct fastgo_call {
    /* The request, where an argument is it or somebody has asked for it. It borrows the
     * slot until fastgo_call_end. */
    PyObject *request;
    /* NULL, or the arguments that cannot be given: a list of their numbers. */
    PyObject *problems;
};

/* Calls a function for the request in the slot. NULL: with an exception, or with
 * call->problems and none. */
PyObject *fastgo_plan_call(const struct fastgo_plan *plan, PyObject *function, struct fastgo_slot *slot,
                           PyTypeObject *request_type, struct fastgo_call *call);

/* Returns the request of a call, borrowed; NULL with an exception. */
PyObject *fastgo_call_request(struct fastgo_call *call, struct fastgo_slot *slot, PyTypeObject *request_type);

/* Ends a call: what it refers to is not needed any more, the slot excepted. */
void fastgo_call_end(struct fastgo_call *call);

#endif
