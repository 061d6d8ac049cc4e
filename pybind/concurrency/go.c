//go:build python

/*
 * go(): a function of coroutines, called in a thread that runs a scheduler, is added to that here.
 * All else is Python's (fastgo/concurrency/_go.py): plain functions, native ones, other threads.
 */
#include "scheduler.h"

enum { IS_COROUTINE = 0x80 }; /* CO_COROUTINE, of the flags of a code object */

/* The flags of the code of a function that is written in Python; -1 with an exception. */
static long code_flags(PyObject *function)
{
    PyObject *code = PyObject_GetAttrString(function, "__code__");
    PyObject *flags = code == NULL ? NULL : PyObject_GetAttrString(code, "co_flags");
    long value = flags == NULL ? -1 : PyLong_AsLong(flags);
    Py_XDECREF(code);
    Py_XDECREF(flags);
    return value;
}

/* Whether a function is an `async def`: 1 yes, 0 no, -1 with an exception. */
static int is_coroutine_function(fastgo_scheduler *self, PyObject *function)
{
    if (function == self->known) {
        return 1;
    }
    int yes;
    if ((PyObject *)Py_TYPE(function) == fastgo_hooks.function_type) {
        long flags = code_flags(function);
        yes = flags == -1 ? -1 : (flags & IS_COROUTINE) != 0;
    } else {
        PyObject *answer = PyObject_CallFunctionObjArgs(fastgo_hooks.is_coroutine_function, function, NULL);
        yes = answer == NULL ? -1 : PyObject_IsTrue(answer);
        Py_XDECREF(answer);
    }
    if (yes > 0) {
        PyObject *before = self->known;
        self->known = Py_NewRef(function);
        Py_XDECREF(before);
    }
    return yes;
}

static PyObject *tuple_of(PyObject *const *items, Py_ssize_t count)
{
    PyObject *tuple = PyTuple_New(count);
    for (Py_ssize_t i = 0; tuple != NULL && i < count; i++) {
        PyTuple_SetItem(tuple, i, Py_NewRef(items[i])); /* which cannot fail on a new tuple */
    }
    return tuple;
}

/* Has Python do it. */
static PyObject *go_elsewhere(PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    Py_ssize_t named = names == NULL ? 0 : PyTuple_Size(names);
    PyObject *positional = tuple_of(arguments, count), *keywords = NULL, *task = NULL;
    if (positional == NULL || (named > 0 && (keywords = PyDict_New()) == NULL)) {
        Py_XDECREF(positional);
        return NULL;
    }
    Py_ssize_t i = 0;
    while (i < named && PyDict_SetItem(keywords, PyTuple_GetItem(names, i), arguments[count + i]) == 0) {
        i++;
    }
    if (i == named) {
        task = PyObject_Call(fastgo_hooks.elsewhere, positional, keywords);
    }
    Py_DECREF(positional);
    Py_XDECREF(keywords);
    return task;
}

PyObject *fastgo_go_function(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    fastgo_scheduler *self = fastgo_here;
    if (count < 1) {
        PyErr_SetString(PyExc_TypeError, "go takes a function and its arguments");
        return NULL;
    }
    if (self == NULL || names != NULL) {
        return go_elsewhere(arguments, count, names);
    }
    int here = is_coroutine_function(self, arguments[0]);
    if (here <= 0) {
        return here < 0 ? NULL : go_elsewhere(arguments, count, NULL);
    }
    fastgo_task_object *task = fastgo_pytask_new();
    if (task == NULL) {
        return NULL;
    }
    if (count > 1 && (task->value = tuple_of(arguments + 1, count - 1)) == NULL) {
        Py_DECREF((PyObject *)task);
        return NULL;
    }
    task->coroutine = Py_NewRef(arguments[0]);
    fastgo_scheduler_add(self, task);
    return (PyObject *)task;
}

PyObject *fastgo_scheduler_spawn(PyObject *scheduler, PyObject *coroutine)
{
    fastgo_task_object *task = fastgo_pytask_new();
    if (task != NULL) {
        task->coroutine = Py_NewRef(coroutine);
        task->begun = task->bare = true; /* as if it had given way: so it can be cancelled */
        fastgo_scheduler_add((fastgo_scheduler *)scheduler, task);
    }
    return (PyObject *)task;
}

PyObject *fastgo_scheduler_spawn_last(PyObject *scheduler, PyObject *coroutine)
{
    PyObject *task = fastgo_scheduler_spawn(scheduler, coroutine);
    if (task != NULL) {
        ((fastgo_task_object *)task)->cancel = false;
    }
    return task;
}
