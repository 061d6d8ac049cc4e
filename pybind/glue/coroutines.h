/*
 * The type _glue.Coroutines.
 */
#ifndef FASTGO_COROUTINES_H
#define FASTGO_COROUTINES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "workers.h"

/* Queue.coroutines: see coroutines.c. */
PyObject *fastgo_coroutines_new(struct fastgo_functions *functions, PyObject *arguments);

#endif
