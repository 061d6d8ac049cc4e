//go:build python

/*
 * Forks: a child has the thread that has forked, and with it the scheduler that runs there. The tasks
 * of all others have stayed in the parent. Here they neither end nor can be cancelled, and their
 * coroutines are kept as they are: to close them would run what cleans up twice.
 */
#include "scheduler.h"

PyObject *fastgo_keep_scheduler(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    if (fastgo_here != NULL) {
        fastgo_here->forks = (uint8_t)fastgo_forks;
    }
    Py_RETURN_NONE;
}

bool fastgo_pytask_is_lost(const fastgo_task_object *self)
{
    if (self->place == FASTGO_PLACE_DONE) {
        return false;
    }
    uint8_t forks = self->place == FASTGO_PLACE_ELSEWHERE ? self->forks : fastgo_scheduler_of(self)->forks;
    return forks != (uint8_t)fastgo_forks;
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
