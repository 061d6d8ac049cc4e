//go:build python

/*
 * Forks: a child has the thread that has forked, and with it the scheduler that runs there. The tasks
 * of all others have stayed in the parent. Here they neither end nor can be cancelled, and their
 * coroutines are kept as they are: to close them would run what cleans up twice.
 */
#include "scheduler.h"

uint8_t fastgo_forks;

PyObject *fastgo_note_fork(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    fastgo_forks++;
    if (fastgo_here != NULL) {
        fastgo_here->forks = fastgo_forks;
    }
    Py_RETURN_NONE;
}

bool fastgo_pytask_is_lost(const fastgo_task_object *self)
{
    if (self->place == FASTGO_PLACE_DONE) {
        return false;
    }
    return (self->place == FASTGO_PLACE_ELSEWHERE ? self->forks : fastgo_scheduler_of(self)->forks) != fastgo_forks;
}

int fastgo_pytask_check_lost(const fastgo_task_object *self)
{
    if (fastgo_pytask_is_lost(self)) {
        PyErr_SetString(fastgo_hooks.fork_error,
                        "this task runs in the process that this one was forked from, and ends there: call go again here");
        return -1;
    }
    return 0;
}
