//go:build python

/*
 * sleep(), and the timers of a scheduler: a binary heap by deadline. The operation of a sleep has
 * its deadline as its value, and its place in the heap as `wait.count`.
 */
#include "blocking.h"
#include "scheduler.h"

static void put(fastgo_scheduler *self, uint32_t at, fastgo_timer timer)
{
    self->timers[at] = timer;
    timer.operation->wait.count = at;
}

/* Finds the place of a timer whose place `at` is free or its own. */
static void sift(fastgo_scheduler *self, uint32_t at, fastgo_timer timer)
{
    while (at > 0 && timer.deadline < self->timers[(at - 1) / 2].deadline) {
        put(self, at, self->timers[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child + 1 < self->timer_count && self->timers[child + 1].deadline < self->timers[child].deadline) {
            child++;
        }
        if (child >= self->timer_count || self->timers[child].deadline >= timer.deadline) {
            break;
        }
        put(self, at, self->timers[child]);
        at = child;
    }
    put(self, at, timer);
}

static int add(fastgo_scheduler *self, fastgo_timer timer)
{
    if (self->timer_count == self->timer_room) {
        uint32_t room = self->timer_room * 2 + 16;
        fastgo_timer *timers = PyMem_Realloc(self->timers, room * sizeof(timers[0]));
        if (timers == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        self->timers = timers;
        self->timer_room = room;
    }
    sift(self, self->timer_count++, timer);
    return 0;
}

static void take_out(fastgo_scheduler *self, uint32_t at)
{
    fastgo_timer last = self->timers[--self->timer_count];
    if (at < self->timer_count) {
        sift(self, at, last);
    }
}

void fastgo_timers_fire(fastgo_scheduler *self, int64_t now)
{
    while (self->timer_count > 0 && self->timers[0].deadline <= now) {
        struct fastgo_wait *wait = &self->timers[0].operation->wait;
        take_out(self, 0);
        wait->wake(wait);
    }
    fastgo_deliver(&self->inbox);
}

/* --- the operation --- */

static fastgo_scheduler *scheduler_of(fastgo_await *operation)
{
    return fastgo_scheduler_of((fastgo_task_object *)operation->wait.one.maker);
}

static int sleep_begin(fastgo_await *operation, bool park)
{
    int64_t span = operation->wait.one.value.integer, now = fastgo_clock();
    if (!park) {
        PyErr_SetString(PyExc_RuntimeError, "sleep: call it in the coroutine that awaits it");
        return -1;
    }
    if (span == 0) { /* it gives way, no more */
        operation->wait.count = UINT32_MAX;
        operation->wait.wake(&operation->wait);
        return 0;
    }
    return add(scheduler_of(operation), (fastgo_timer){span > INT64_MAX - now ? INT64_MAX : now + span, operation});
}

static bool sleep_cancel(fastgo_await *operation)
{
    fastgo_scheduler *self = scheduler_of(operation);
    uint32_t at = operation->wait.count;
    if (at >= self->timer_count || self->timers[at].operation != operation) {
        return false;
    }
    take_out(self, at);
    return true;
}

static PyObject *sleep_finish(fastgo_await *Py_UNUSED(operation))
{
    Py_RETURN_NONE;
}

static void sleep_drop(fastgo_await *Py_UNUSED(operation), bool Py_UNUSED(done))
{
}

static PyObject *sleep_describe(fastgo_await *operation)
{
    PyObject *seconds = PyFloat_FromDouble((double)operation->wait.one.value.integer / 1e9);
    PyObject *text = seconds == NULL ? NULL : PyUnicode_FromFormat("sleeps for %R s", seconds);
    Py_XDECREF(seconds);
    return text;
}

const fastgo_await_kind fastgo_sleep_kind = {
    "sleep", sleep_begin, sleep_cancel, sleep_finish, sleep_drop, sleep_describe,
};

PyObject *fastgo_make_sleep(PyObject *Py_UNUSED(module), PyObject *seconds)
{
    int64_t span;
    if (fastgo_read_timeout(seconds, &span) < 0) {
        return NULL;
    }
    if (span < 0) {
        PyErr_SetString(PyExc_TypeError, "sleep takes a number of seconds, not None");
        return NULL;
    }
    if (fastgo_current_task() == NULL) {
        return PyObject_CallFunctionObjArgs(fastgo_hooks.sleep, seconds, NULL);
    }
    fastgo_await *made = fastgo_await_new(FASTGO_KIND_SLEEP);
    if (made != NULL) {
        made->wait.one.value.integer = span;
    }
    return (PyObject *)made;
}
