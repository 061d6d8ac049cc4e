//go:build python

/*
 * A channel may have a channel in its buffer, a task may have a task as its result, and so on, by the
 * hundred thousand. To give up the first gives up the others, each within the one before: without a
 * limit that overflows the stack. The interpreter's own types have one, by means that the limited API
 * does not offer. Here a reference that is too deep is put aside, and the outermost gives it up.
 */
#include "drop.h"

#include <stdbool.h>
#include <stddef.h>

enum { DEEPEST = 40 };

static _Thread_local struct {
    unsigned depth;
    PyObject **aside;
    size_t count, room;
} here;

static bool put_aside(PyObject *object)
{
    if (here.count == here.room) {
        size_t room = here.room * 2 + 16;
        PyObject **more = PyMem_Realloc(here.aside, room * sizeof(more[0]));
        if (more == NULL) {
            return false; /* the stack may have room yet */
        }
        here.aside = more;
        here.room = room;
    }
    here.aside[here.count++] = object;
    return true;
}

void fastgo_give_up(PyObject *object)
{
    if (Py_REFCNT(object) > 1) {
        Py_DECREF(object);
        return;
    }
    if (here.depth >= DEEPEST && put_aside(object)) {
        return;
    }
    here.depth++;
    Py_DECREF(object);
    while (here.depth == 1 && here.count > 0) {
        Py_DECREF(here.aside[--here.count]);
    }
    if (--here.depth == 0 && here.aside != NULL) {
        PyMem_Free(here.aside);
        here.aside = NULL;
        here.room = 0;
    }
}
