/*
 * How a thread of Python's waits: with the GIL released, until the wait has fired, its time is
 * over or a handler of a signal has raised.
 */
#ifndef FASTGO_BLOCKING_H
#define FASTGO_BLOCKING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "inbox.h"

/* On the stack of the thread, which cannot leave before the wait was woken or taken back. */
struct fastgo_blocked {
    struct fastgo_wait wait;
    atomic_uint woken;
};

/* Makes one ready to be parked. -1 with an exception where the thread must not wait, because it
 * runs coroutines: `instead` says what to write. */
int fastgo_block_begin(struct fastgo_blocked *blocked, const char *instead);

enum {
    FASTGO_BLOCK_FIRED,
    FASTGO_BLOCK_TIME_OVER,       /* and it was taken back */
    FASTGO_BLOCK_RAISED,          /* an exception is set, and it was taken back */
    FASTGO_BLOCK_FIRED_AND_RAISED /* an exception is set, but it had fired: what came is to be dropped */
};

/* Waits for what is parked; `cancel` takes it back. Negative nanoseconds are for ever. */
int fastgo_block(struct fastgo_blocked *blocked, bool (*cancel)(struct fastgo_wait *), int64_t nanoseconds);

/* Whether this thread is the one in which handlers of signals run. */
bool fastgo_is_main_thread(void);

/* To be called in that thread, when the module is made and in a forked process. */
void fastgo_note_main_thread(unsigned long identifier);

/* Reads a timeout: None is for ever, and else it is in seconds. -1 with an exception. */
int fastgo_read_timeout(PyObject *seconds, int64_t *nanoseconds);

#endif
