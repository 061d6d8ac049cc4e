/*
 * The exception that is being raised, as an object.
 */
#ifndef FASTGO_EXCEPTION_H
#define FASTGO_EXCEPTION_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Takes the exception that is set, with its traceback. There must be one. (3.12 has
 * PyErr_GetRaisedException for it.) */
PyObject *fastgo_take_exception(void);

#endif
