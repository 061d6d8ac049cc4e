/*
 * How a thread of Python's waits: with the GIL released, until the wait has fired, its time is
 * over or a handler of a signal has raised.
 */
#ifndef FASTGO_BLOCKING_H
#define FASTGO_BLOCKING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "inbox.h"

/* A thread that waits. It cannot leave before the wait was woken or taken back; but where Python ends,
 * a thread ends as it takes the GIL again. So this is not on its stack, and stays then as it is. */
struct fastgo_blocked {
    struct fastgo_wait wait;
    atomic_uint woken;
};

/* NULL with an exception. It is given back by PyMem_Free. */
struct fastgo_blocked *fastgo_blocked_new(void);

/* Makes one ready to be parked. -1 with an exception where the thread must not wait, because it
 * runs coroutines: `instead` says what to write. */
int fastgo_block_begin(struct fastgo_blocked *blocked, const char *instead);

enum {
    FASTGO_BLOCK_FIRED,
    FASTGO_BLOCK_TIME_OVER, /* and it was taken back */
    FASTGO_BLOCK_RAISED,    /* an exception is set, and it was taken back */
};

/* Waits for what is parked; `cancel` takes it back. Negative nanoseconds are for ever. What has fired
 * is told, also where the handler of a signal has raised meanwhile: its exception comes after that. */
int fastgo_block(struct fastgo_blocked *blocked, bool (*cancel)(struct fastgo_wait *), int64_t nanoseconds);

/* Whether this thread is the one in which handlers of signals run. */
bool fastgo_is_main_thread(void);

/* To be called in that thread, when the module is made and in a forked process. */
void fastgo_note_main_thread(unsigned long identifier);

/* Reads a timeout: None is for ever, and else it is in seconds. -1 with an exception. */
int fastgo_read_timeout(PyObject *seconds, int64_t *nanoseconds);

#endif
