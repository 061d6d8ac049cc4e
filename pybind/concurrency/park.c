//go:build python

/* Operations that are parked, and not any more. */
#include <sched.h>

#include "await.h"
#include "native.h"
#include "promise.h"
#include "scheduler.h"

static fastgo_await *operation_of(struct fastgo_wait *wait)
{
    return (fastgo_await *)((char *)wait - offsetof(fastgo_await, wait));
}

void fastgo_await_wake(struct fastgo_wait *wait)
{
    fastgo_inbox_put(((fastgo_party *)wait->one.maker)->inbox, wait);
}

void fastgo_await_hold(fastgo_await *self, PyObject *party)
{
    self->wait.one.maker = Py_NewRef(party);
    Py_INCREF((PyObject *)self);
    fastgo_await_enter(self, FASTGO_AWAIT_PARKED);
    if (Py_TYPE(party) != fastgo_pytask_type) {
        fastgo_promise_hold(party, self);
    }
}

void fastgo_await_let_go(fastgo_await *self, enum fastgo_await_state state)
{
    PyObject *party = self->wait.one.maker;
    self->wait.one.maker = NULL;
    fastgo_await_enter(self, state);
    if (Py_TYPE(party) != fastgo_pytask_type) {
        fastgo_promise_let_go(party);
    }
    Py_DECREF(party);
    Py_DECREF((PyObject *)self);
}

/* Tells the party of an operation that has fired. */
static void deliver_one(fastgo_await *self)
{
    PyObject *party = Py_NewRef((PyObject *)self->wait.one.maker);
    Py_INCREF((PyObject *)self);
    fastgo_await_let_go(self, FASTGO_AWAIT_FIRED);
    if (Py_TYPE(party) != fastgo_pytask_type) {
        fastgo_promise_keep(party);
    } else if (self->wait.one.mark[0] == FASTGO_KIND_NATIVE) {
        fastgo_native_end(self, (fastgo_task_object *)party);
    } else if (((fastgo_task_object *)party)->waiting == self) {
        fastgo_scheduler_resume((fastgo_task_object *)party);
    }
    Py_DECREF((PyObject *)self);
    Py_DECREF(party);
}

void fastgo_deliver(struct fastgo_inbox *inbox)
{
    struct fastgo_wait *wait;
    while ((wait = fastgo_inbox_take(inbox)) != NULL) {
        deliver_one(operation_of(wait));
    }
}

/* Whether a fork has left the threads behind that fire an operation without the GIL. */
static bool is_lost(const fastgo_await *self)
{
    const struct fastgo_wait *wait = &self->wait;
    bool is_of_channels = fastgo_forks != 0 && wait->one.mark[0] <= FASTGO_KIND_SELECT;
    for (unsigned i = 0; is_of_channels && i < wait->count; i++) {
        if (wait->cases[i].chan != NULL && fastgo_chan_is_lost(wait->cases[i].chan)) {
            return true;
        }
    }
    return false;
}

/* What has fired is on its way: whoever has fired it, without the GIL, puts it into the inbox next.
 * False: that was in the process which this one was forked from, so that it never comes. Its value may
 * have gone on there by then, and is nobody's here. */
static bool wait_for_delivery(fastgo_await *self)
{
    bool lost = is_lost(self);
    fastgo_party *party = self->wait.one.maker;
    bool is_task = Py_TYPE((PyObject *)party) == fastgo_pytask_type;
    PyObject *owner = is_task ? (PyObject *)fastgo_scheduler_of((fastgo_task_object *)party) : (PyObject *)party;
    struct fastgo_inbox *inbox = party->inbox;
    Py_INCREF(owner); /* of the inbox */
    Py_INCREF((PyObject *)self); /* what is delivered may have Python code run, and so its party go on */
    while (fastgo_await_state(self) == FASTGO_AWAIT_PARKED) {
        fastgo_deliver(inbox);
        if (fastgo_await_state(self) == FASTGO_AWAIT_PARKED) {
            if (lost) {
                fastgo_wait_finish(&self->wait);
                self->wait.cases[fastgo_wait_fired(&self->wait)].value = (union fastgo_value){.block = NULL};
                break;
            }
            sched_yield();
        }
    }
    bool delivered = fastgo_await_state(self) != FASTGO_AWAIT_PARKED;
    Py_DECREF((PyObject *)self);
    Py_DECREF(owner);
    return delivered;
}

/* The task that is parked for an operation, or NULL. Its scheduler keeps it. */
static fastgo_task_object *task_that_waits_for(fastgo_await *self)
{
    fastgo_task_object *task = self->wait.one.maker;
    bool is_task = Py_TYPE((PyObject *)task) == fastgo_pytask_type;
    return is_task && task->place == FASTGO_PLACE_PARKED && task->waiting == self ? task : NULL;
}

bool fastgo_await_take_back(fastgo_await *self)
{
    if (fastgo_await_state(self) != FASTGO_AWAIT_PARKED) {
        return false;
    }
    if (fastgo_kind_of(self)->cancel(self) || !wait_for_delivery(self)) {
        fastgo_task_object *waiting = task_that_waits_for(self);
        fastgo_await_let_go(self, FASTGO_AWAIT_SPENT);
        if (waiting != NULL) { /* for what never comes any more */
            fastgo_scheduler_resume(waiting);
        }
        return true;
    }
    return false;
}
