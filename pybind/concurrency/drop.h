/*
 * Giving up what may be the first of a long chain.
 */
#ifndef FASTGO_DROP_H
#define FASTGO_DROP_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Gives up a reference that a channel or a task has. Where that goes deep, it is done a little later:
 * when the outermost of those that are given up in this thread is through. */
void fastgo_give_up(PyObject *object);

static inline void fastgo_give_up_if_any(PyObject *object)
{
    if (object != NULL) {
        fastgo_give_up(object);
    }
}

#endif
