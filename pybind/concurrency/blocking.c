//go:build python

/*
 * A signal's handler runs in the main thread, between two bytecodes or when PyErr_CheckSignals is
 * called. A signal may come just before the thread begins to sleep, or be given to another thread:
 * neither wakes it. So the main thread looks four times a second.
 */
#include "blocking.h"

#include <math.h>

#include "scheduler.h"

enum { LOOK = 250 * 1000 * 1000 };

static unsigned long main_thread;

bool fastgo_is_main_thread(void)
{
    return PyThread_get_thread_ident() == main_thread;
}

void fastgo_note_main_thread(unsigned long identifier)
{
    main_thread = identifier;
}

static void wake_thread(struct fastgo_wait *wait)
{
    atomic_uint *woken = &((struct fastgo_blocked *)wait)->woken;
    atomic_store_explicit(woken, 1, memory_order_release);
    fastgo_futex_wake(woken, 1); /* where nobody may be any more, which does no harm */
}

/* Whether this thread runs coroutines, which would all wait with it. -1 with an exception. */
static int runs_coroutines(void)
{
    if (fastgo_current_task() != NULL) {
        return 1;
    }
    PyObject *loop = PyObject_CallNoArgs(fastgo_hooks.running_loop);
    int yes = loop == NULL ? -1 : loop != Py_None;
    Py_XDECREF(loop);
    return yes;
}

int fastgo_block_begin(struct fastgo_blocked *blocked, const char *instead)
{
    int yes = runs_coroutines();
    if (yes < 0) {
        return -1;
    }
    if (yes) {
        PyErr_Format(PyExc_RuntimeError,
                     "this would block the thread that runs all coroutines: in a coroutine, write `%s`", instead);
        return -1;
    }
    blocked->wait.wake = wake_thread;
    atomic_init(&blocked->woken, 0);
    return 0;
}

static bool is_woken(struct fastgo_blocked *blocked)
{
    return atomic_load_explicit(&blocked->woken, memory_order_acquire) != 0;
}

/* Sleeps once, until `end` at most. */
static void sleep_once(struct fastgo_blocked *blocked, int64_t end)
{
    int64_t span = end < 0 ? LOOK : end - fastgo_clock();
    if (span > LOOK) {
        span = LOOK;
    }
    if (span > 0 && !is_woken(blocked)) {
        struct timespec time = fastgo_timespec(span);
        bool for_ever = end < 0 && !fastgo_is_main_thread();
        fastgo_futex_wait(&blocked->woken, 0, for_ever ? NULL : &time);
    }
}

int fastgo_block(struct fastgo_blocked *blocked, bool (*cancel)(struct fastgo_wait *), int64_t nanoseconds)
{
    int64_t end = nanoseconds < 0 ? -1 : fastgo_clock() + nanoseconds;
    bool raised = false, over = false;
    while (!is_woken(blocked)) {
        if ((raised || over) && cancel(&blocked->wait)) {
            return raised ? FASTGO_BLOCK_RAISED : FASTGO_BLOCK_TIME_OVER;
        }
        Py_BEGIN_ALLOW_THREADS
        sleep_once(blocked, end);
        Py_END_ALLOW_THREADS
        raised = raised || PyErr_CheckSignals() < 0;
        over = end >= 0 && fastgo_clock() >= end;
    }
    return raised ? FASTGO_BLOCK_FIRED_AND_RAISED : FASTGO_BLOCK_FIRED;
}

int fastgo_read_timeout(PyObject *seconds, int64_t *nanoseconds)
{
    *nanoseconds = -1;
    if (seconds == Py_None) {
        return 0;
    }
    double value = PyFloat_AsDouble(seconds);
    if (value == -1.0 && PyErr_Occurred()) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(PyExc_TypeError, "a time is a number of seconds, and not %R", seconds);
        }
        return -1;
    }
    if (isnan(value)) {
        PyErr_SetString(PyExc_ValueError, "a time in seconds cannot be NaN");
        return -1;
    }
    *nanoseconds = value <= 0 ? 0 : value >= 9e9 ? INT64_MAX / 2 : (int64_t)(value * 1e9);
    return 0;
}
