/*
 * Plans: how a handler's function is called.
 */
#ifndef FASTGO_PLAN_H
#define FASTGO_PLAN_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "arguments.h"
#include "queue.h"

enum { FASTGO_MAX_ARGUMENTS = 64 };

/* The arguments in the order of the function: those that it takes by position, then
 * those that it takes by their names alone. */
struct fastgo_plan {
    int count, positional;
    struct fastgo_argument *arguments;
};

/* Reads a plan, which was zeroed: a tuple with one of these for each argument:
 *
 *   source    "path", "parameter", "query", "header", "cookie", "body" or "request"
 *   name      what requests call it
 *   form      "str", "field", "int", "float", "bool", "bytes" or "json"
 *   many      whether it is a list of all values
 *   steps     functions that the value goes through
 *   keyword   what the function calls it that takes it by its name alone; else ""
 *   default   a tuple of the default, or of nothing
 *
 * -1 with an exception where it is wrong; the plan is to be cleared then as well. */
int fastgo_plan_read(struct fastgo_plan *plan, PyObject *rows);

void fastgo_plan_clear(struct fastgo_plan *plan);
int fastgo_plan_visit(const struct fastgo_plan *plan, visitproc visit, void *arg);

/* A call of a function. Zeroed memory is one that has not begun. */
struct fastgo_call {
    /* The request, where an argument is it or somebody has asked for it. It borrows the
     * slot until fastgo_call_end. */
    PyObject *request;
    /* NULL, or what is wrong with the arguments: a list of tuples of the argument's number,
     * "missing", "malformed", "refused" or "no json", and the value and error that belong
     * to it or None; see arguments.h. */
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
