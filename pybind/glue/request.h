/*
 * fastgo.Request as handlers see it.
 */
#ifndef FASTGO_REQUEST_H
#define FASTGO_REQUEST_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "queue.h"

/* Makes the type, a subclass of base, which documents it. */
PyObject *fastgo_request_type(PyObject *module, PyObject *base);

/* A request that borrows its slot until fastgo_request_release, which takes the
 * reference. One that somebody else has kept has a copy from then on. */
PyObject *fastgo_request_new(PyTypeObject *type, struct fastgo_slot *slot);
void fastgo_request_release(PyObject *request);

#endif
