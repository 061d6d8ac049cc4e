//go:build python

/*
 * The Python module _glue: what must be known of the library without entering
 * Go, and how threads of Python's work for it.
 *
 *   version       str  of the package that the library was built from; a Python
 *                      package of another version must not use the library
 *   pid           int  of the process that loaded the library; after a fork the
 *                      child finds another PID and must not use the library
 *   request_type  makes the type of requests, request.c
 *   Queue         the functions of a server and their workers, workers.c
 *
 * It lives in the same shared library as the generated module, in the limited
 * API, so that one file serves every Python from 3.11 on. The first two values
 * are set before any thread of Go's can see them and never change.
 *
 *   workers.c     the loop of a worker; what goes wrong in a function
 *   coroutines.c  the worker that runs coroutines
 *   pending.c     a request whose coroutine has suspended
 *   rings.c       the memory that is shared with Go: queue.h
 *   registry.c    functions by their numbers
 *   plan.c        requests -> arguments
 *   answer.c      results -> answers
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <pthread.h>
#include <unistd.h>

#include "glue.h"
#include "request.h"
#include "workers.h"

#ifndef FASTGO_VERSION
#error "FASTGO_VERSION must be the version of the Python package"
#endif

static pid_t loaded_by;
static bool forked;

static void note_fork(void)
{
    forked = true;
}

/* Runs when the library is loaded, not when _glue is imported: a fork between
 * the two must not go unnoticed. */
__attribute__((constructor)) static void note_load(void)
{
    loaded_by = getpid();
    pthread_atfork(NULL, NULL, note_fork);
}

bool fastgo_forked(void)
{
    return forked;
}

void fastgo_refuse_fork(void)
{
    PyErr_Format(PyExc_RuntimeError,
                 "process %ld loaded the fastgo library and then forked this one; "
                 "load it after the fork, or start workers by spawn",
                 (long)loaded_by);
}

static int glue_exec(PyObject *module)
{
    if (PyModule_AddStringConstant(module, "version", FASTGO_VERSION) < 0) {
        return -1;
    }
    if (PyModule_AddIntConstant(module, "pid", (long)loaded_by) < 0) {
        return -1;
    }
    return fastgo_add_queue(module);
}

static PyMethodDef glue_methods[] = {
    {"request_type", fastgo_request_type, METH_O, "Makes the type of requests, a subclass of the class given."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot glue_slots[] = {
    {Py_mod_exec, (void *)glue_exec},
    {0, NULL},
};

static struct PyModuleDef glue_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_glue",
    .m_doc = "The part of the library that is not Go.",
    .m_methods = glue_methods,
    .m_slots = glue_slots,
};

PyMODINIT_FUNC PyInit__glue(void)
{
    return PyModuleDef_Init(&glue_module);
}
