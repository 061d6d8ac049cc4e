/*
 * The type _glue.Pending: a request that a coroutine answers later.
 */
#ifndef FASTGO_PENDING_H
#define FASTGO_PENDING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "workers.h"

/* Makes the type. */
PyObject *fastgo_pending_type(void);

/* Returns a Pending that takes the slot, the use of the function, and the call. Where it
 * fails, it takes nothing. */
PyObject *fastgo_pending_new(PyTypeObject *type, struct fastgo_functions *functions, struct fastgo_slot *slot,
                             struct fastgo_function *function, const struct fastgo_call *call);

#endif
