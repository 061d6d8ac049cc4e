//go:build python

/*
 * A signal's handler runs in the main thread, between two bytecodes or when PyErr_CheckSignals is
 * called. A signal may come just before the thread begins to sleep, or be given to another thread:
 * neither wakes it. So the main thread looks four times a second.
 *
 * What a wait has fired for must not be lost. So no handler runs behind that; and where one has fired
 * while a handler ran, the exception of the handler is put off until the caller has what came. A caller
 * in Python may lose it still, before it is stored, as anything that a call returns.
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

struct fastgo_blocked *fastgo_blocked_new(void)
{
    struct fastgo_blocked *made = PyMem_Malloc(sizeof(*made));
    if (made == NULL) {
        PyErr_NoMemory();
    }
    return made;
}

/* --- handlers that raise --- */

/* An exception that was put off, for the main thread, or NULL. */
static struct {
    PyObject *type, *value, *traceback;
} later;

/* Raises what was put off. -1 with an exception. */
static int raise_now(void *Py_UNUSED(argument))
{
    if (later.type == NULL) {
        return 0;
    }
    PyErr_Restore(later.type, later.value, later.traceback);
    later.type = NULL;
    return -1;
}

/* Puts the exception that is set off until the main thread runs bytecode, or waits again: a loop in C
 * may do so for ever. Where there is no room for the call, it is the next wait. */
static void raise_later(void)
{
    PyErr_Fetch(&later.type, &later.value, &later.traceback);
    (void)Py_AddPendingCall(raise_now, NULL);
}

/* Has handlers of signals run. -1 with an exception. */
static int run_handlers(void)
{
    return fastgo_is_main_thread() && raise_now(NULL) < 0 ? -1 : PyErr_CheckSignals();
}

/* --- the wait --- */

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
        raised = raised || run_handlers() < 0;
        if ((raised || over) && cancel(&blocked->wait)) {
            return raised ? FASTGO_BLOCK_RAISED : FASTGO_BLOCK_TIME_OVER;
        }
        Py_BEGIN_ALLOW_THREADS
        sleep_once(blocked, end);
        Py_END_ALLOW_THREADS
        over = end >= 0 && fastgo_clock() >= end;
    }
    if (raised) {
        raise_later();
    }
    return FASTGO_BLOCK_FIRED;
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
