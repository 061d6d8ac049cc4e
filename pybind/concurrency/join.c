//go:build python

/*
 * Waits for the end of a task: an operation, for coroutines, or a thread that blocks. Either is in
 * the list of the task by the case of its wait, whose value is the task; `queued` says whether it
 * is there. All of it has the GIL.
 */
#include "blocking.h"
#include "scheduler.h"

void fastgo_pytask_wake(fastgo_task_object *self)
{
    struct fastgo_case *next;
    for (struct fastgo_case *one = self->joiners; one != NULL; one = next) {
        next = one->next; /* before it is its owner's again */
        struct fastgo_wait *wait = fastgo_wait_of(one);
        one->queued = false;
        wait->wake(wait);
    }
    self->joiners = NULL;
}

static void add_joiner(fastgo_task_object *self, struct fastgo_case *one)
{
    one->previous = NULL;
    one->next = self->joiners;
    if (one->next != NULL) {
        one->next->previous = one;
    }
    self->joiners = one;
    one->queued = true;
}

static bool remove_joiner(fastgo_task_object *self, struct fastgo_case *one)
{
    if (!one->queued) {
        return false;
    }
    *(one->previous != NULL ? &one->previous->next : &self->joiners) = one->next;
    if (one->next != NULL) {
        one->next->previous = one->previous;
    }
    one->queued = false;
    return true;
}

static fastgo_task_object *target_of(struct fastgo_wait *wait)
{
    return wait->one.value.object;
}

static int join_begin(fastgo_await *operation, bool park)
{
    fastgo_task_object *self = target_of(&operation->wait);
    if (self->place == FASTGO_PLACE_DONE) {
        return 1;
    }
    if (fastgo_pytask_check_lost(self) < 0) {
        return -1;
    }
    if (self == fastgo_current_task()) {
        PyErr_SetString(PyExc_RuntimeError, "a task cannot wait for its own end");
        return -1;
    }
    if (park) {
        add_joiner(self, &operation->wait.one);
    }
    return 0;
}

static bool take_back(struct fastgo_wait *wait)
{
    return remove_joiner(target_of(wait), &wait->one);
}

static bool join_cancel(fastgo_await *operation)
{
    return take_back(&operation->wait);
}

static void join_drop(fastgo_await *operation, bool Py_UNUSED(done))
{
    fastgo_task_object *self = target_of(&operation->wait);
    operation->wait.one.value.object = NULL;
    Py_XDECREF((PyObject *)self);
}

static PyObject *join_finish(fastgo_await *operation)
{
    PyObject *result = fastgo_pytask_outcome(target_of(&operation->wait));
    join_drop(operation, true);
    return result;
}

static PyObject *join_describe(fastgo_await *operation)
{
    PyObject *self = operation->wait.one.value.object;
    return self == NULL ? PyUnicode_FromString("waits for a task") : PyUnicode_FromFormat("waits for %R", self);
}

const fastgo_await_kind fastgo_join_kind = {
    "await task", join_begin, join_cancel, join_finish, join_drop, join_describe,
};

PyObject *fastgo_pytask_await(PyObject *object)
{
    fastgo_await *made = fastgo_await_new(FASTGO_KIND_JOIN);
    if (made != NULL) {
        made->wait.one.queued = false;
        made->wait.one.value.object = Py_NewRef(object);
    }
    return (PyObject *)made;
}

int fastgo_pytask_wait(fastgo_task_object *self, PyObject *timeout)
{
    int64_t nanoseconds;
    if (fastgo_read_timeout(timeout, &nanoseconds) < 0) {
        return -1;
    }
    if (self->place == FASTGO_PLACE_DONE) {
        return 0;
    }
    if (fastgo_pytask_check_lost(self) < 0) {
        return -1;
    }
    const char *instead = nanoseconds < 0 ? "await task" : "after_func(seconds, task.cancel)` for the timeout, and `await task";
    struct fastgo_blocked *blocked = fastgo_blocked_new();
    if (blocked == NULL || fastgo_block_begin(blocked, instead) < 0) {
        PyMem_Free(blocked);
        return -1;
    }
    if (self->place == FASTGO_PLACE_DONE) { /* meanwhile, as that had Python code run */
        PyMem_Free(blocked);
        return 0;
    }
    blocked->wait.one.value.object = self;
    add_joiner(self, &blocked->wait.one);
    int how = fastgo_block(blocked, take_back, nanoseconds);
    PyMem_Free(blocked);
    if (how == FASTGO_BLOCK_TIME_OVER) {
        PyErr_SetString(PyExc_TimeoutError, "the task is not done yet");
    }
    return how == FASTGO_BLOCK_FIRED ? 0 : -1;
}
