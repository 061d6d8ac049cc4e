/*
 * The type _glue.Queue.
 */
#ifndef FASTGO_WORKERS_H
#define FASTGO_WORKERS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Adds the type to the module. */
int fastgo_add_queue(PyObject *module);

#endif
