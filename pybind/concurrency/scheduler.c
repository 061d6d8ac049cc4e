//go:build python

/*
 * The loop: takes a task from the run queue, has its coroutine run until that ends or waits, and
 * goes on with the next. Where none is ready it sleeps, with the GIL released, until the first
 * timer, a wake-up through the inbox, or a signal.
 *
 * There is no future and no callback between a wake-up and the coroutine, and no copy of a
 * context: all coroutines of a scheduler share the context of its thread.
 *
 * Wake-ups from outside and timers are looked for between any two tasks, and before it sleeps.
 */
#include "scheduler.h"

#include "native.h"


_Thread_local fastgo_scheduler *fastgo_here;
struct fastgo_hooks fastgo_hooks;

enum {
    TURNS = 64,        /* between two looks at the clock */
    SLICE = 250000000, /* nanoseconds between looks for signals and for a deadlock */
};

void fastgo_scheduler_make_ready(fastgo_scheduler *self, fastgo_task_object *task)
{
    task->place = FASTGO_PLACE_READY;
    fastgo_tasks_put_last(&self->ready, task);
}

void fastgo_scheduler_resume(fastgo_task_object *task)
{
    if (task->place == FASTGO_PLACE_PARKED) {
        fastgo_scheduler *self = fastgo_scheduler_of(task);
        fastgo_tasks_take_out(&self->parked, task);
        fastgo_scheduler_make_ready(self, task);
        if (self != fastgo_here) {
            fastgo_inbox_nudge(&self->inbox);
        }
    }
}

/* --- the loop --- */

/* How long to sleep; negative is for ever. */
static int64_t span_until(fastgo_scheduler *self, int64_t now)
{
    int64_t span = self->endless ? -1 : SLICE;
    if (self->timer_count > 0) {
        int64_t left = self->timers[0].deadline - now;
        left = left < 0 ? 0 : left;
        span = span < 0 || left < span ? left : span;
    }
    return span;
}

/* Whether native code, which may be in any thread, has a channel for which a parked task waits. */
static bool is_held_outside(const fastgo_scheduler *self)
{
    for (const fastgo_task_object *task = self->parked.first; task != NULL; task = task->next) {
        const struct fastgo_wait *wait = &task->waiting->wait;
        bool is_of_channels = task->waiting->wait.one.mark[0] <= FASTGO_KIND_SELECT;
        for (unsigned i = 0; is_of_channels && i < wait->count; i++) {
            if (wait->cases[i].chan != NULL && fastgo_chan_is_held(wait->cases[i].chan)) {
                return true;
            }
        }
    }
    return false;
}

/* Whether no task is ready, or will be so of itself. */
static bool nothing_comes(fastgo_scheduler *self)
{
    return self->timer_count == 0 && self->ready.first == NULL && fastgo_inbox_is_empty(&self->inbox);
}

/* Raises where nothing can ever wake a task. */
static int check_deadlock(fastgo_scheduler *self)
{
    if (self->endless || !nothing_comes(self)) {
        return 0;
    }
    PyObject *stuck = PyObject_CallNoArgs(fastgo_hooks.is_stuck);
    int is_stuck = stuck == NULL ? -1 : PyObject_IsTrue(stuck);
    Py_XDECREF(stuck);
    if (is_stuck <= 0 || is_held_outside(self) || !nothing_comes(self)) { /* what was outside has woken one last */
        return is_stuck < 0 ? -1 : 0;
    }
    PyObject *tasks = PyObject_CallMethod((PyObject *)self, "tasks", NULL);
    PyObject *error = tasks == NULL ? NULL : PyObject_CallFunctionObjArgs(fastgo_hooks.deadlock, tasks, NULL);
    if (error != NULL) {
        PyErr_SetObject((PyObject *)Py_TYPE(error), error);
    }
    Py_XDECREF(tasks);
    Py_XDECREF(error);
    return -1;
}

/* Sleeps until there is something to do. -1 with an exception. */
static int rest(fastgo_scheduler *self)
{
    int64_t before = fastgo_clock(), span = span_until(self, before);
    if (span != 0 && fastgo_inbox_retire(&self->inbox)) {
        Py_BEGIN_ALLOW_THREADS
        fastgo_inbox_sleep(&self->inbox, span);
        Py_END_ALLOW_THREADS
    }
    int64_t now = fastgo_clock();
    fastgo_deliver(&self->inbox);
    fastgo_timers_fire(self, now);
    if (PyErr_CheckSignals() < 0) {
        return -1;
    }
    return self->ready.first == NULL && now - before >= SLICE ? check_deadlock(self) : 0;
}

static bool is_over(fastgo_scheduler *self, fastgo_task_object *until)
{
    return self->fatal != NULL || (until != NULL ? until->place == FASTGO_PLACE_DONE : self->live == 0 && !self->endless);
}

/* Runs tasks until one of them has ended, or all. -1 with an exception. */
static int drive(fastgo_scheduler *self, fastgo_task_object *until)
{
    unsigned turns = 0;
    while (!is_over(self, until)) {
        if (!fastgo_inbox_is_empty(&self->inbox)) {
            fastgo_deliver(&self->inbox);
        }
        if (self->timer_count > 0 && ++turns % TURNS == 0) {
            fastgo_timers_fire(self, fastgo_clock());
        }
        if (self->ready.first != NULL) {
            fastgo_scheduler_turn(self, self->ready.first);
        } else if (self->known != NULL) {
            Py_CLEAR(self->known); /* nobody's object is kept asleep; its end may make a task ready */
        } else if (rest(self) < 0) {
            return -1;
        }
    }
    if (self->fatal != NULL) {
        PyObject *fatal = self->fatal;
        self->fatal = NULL;
        PyErr_SetObject((PyObject *)Py_TYPE(fatal), fatal);
        Py_DECREF(fatal);
        return -1;
    }
    return 0;
}

/* run(until): runs tasks until that one has ended; all, for None. */
static PyObject *scheduler_run(PyObject *object, PyObject *until)
{
    fastgo_scheduler *self = (fastgo_scheduler *)object;
    if (until != Py_None && (Py_TYPE(until) != fastgo_pytask_type)) {
        return PyErr_Format(PyExc_TypeError, "run takes a task or None, not %R", until);
    }
    if (self->running || fastgo_here != NULL) {
        PyErr_SetString(PyExc_RuntimeError, "a scheduler runs in this thread already");
        return NULL;
    }
    self->running = true;
    fastgo_here = self;
    int failed = drive(self, until == Py_None ? NULL : (fastgo_task_object *)until);
    fastgo_here = NULL;
    self->running = false;
    Py_CLEAR(self->known);
    if (failed < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* --- its tasks --- */

void fastgo_scheduler_add(fastgo_scheduler *self, fastgo_task_object *task)
{
    task->inbox = &self->inbox;
    task->cancel = self->ending;
    self->live++;
    Py_INCREF((PyObject *)task);
    fastgo_scheduler_make_ready(self, task);
    if (self != fastgo_here) {
        fastgo_inbox_nudge(&self->inbox);
    }
}

static int append_all(PyObject *list, const fastgo_tasks *tasks)
{
    for (fastgo_task_object *task = tasks->first; task != NULL; task = task->next) {
        if (PyList_Append(list, (PyObject *)task) < 0) {
            return -1;
        }
    }
    return 0;
}

/* tasks(): those that are not done, but for the one that runs. */
static PyObject *scheduler_tasks(PyObject *object, PyObject *Py_UNUSED(none))
{
    fastgo_scheduler *self = (fastgo_scheduler *)object;
    PyObject *list = PyList_New(0);
    if (list != NULL && (append_all(list, &self->ready) < 0 || append_all(list, &self->parked) < 0)) {
        Py_CLEAR(list);
    }
    return list;
}

/* end(): cancels all tasks, and those that are still added. */
static PyObject *scheduler_end(PyObject *object, PyObject *Py_UNUSED(none))
{
    fastgo_scheduler *self = (fastgo_scheduler *)object;
    PyObject *tasks = scheduler_tasks(object, NULL);
    if (tasks == NULL) {
        return NULL;
    }
    self->ending = true;
    for (Py_ssize_t i = 0; i < PyList_Size(tasks); i++) {
        PyObject *done = PyObject_CallMethod(PyList_GetItem(tasks, i), "cancel", NULL);
        if (done == NULL) {
            Py_DECREF(tasks);
            return NULL;
        }
        Py_DECREF(done);
    }
    Py_DECREF(tasks);
    Py_RETURN_NONE;
}

/* abandon(): closes all tasks that are left. */
static PyObject *scheduler_abandon(PyObject *object, PyObject *Py_UNUSED(none))
{
    fastgo_scheduler *self = (fastgo_scheduler *)object;
    self->ending = true;
    fastgo_deliver(&self->inbox);
    while (self->ready.first != NULL || self->parked.first != NULL) {
        fastgo_scheduler_close_task(self, self->ready.first != NULL ? self->ready.first : self->parked.first);
    }
    Py_RETURN_NONE;
}

/* --- the type --- */

static PyObject *scheduler_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"endless", NULL};
    int endless = 0;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|p:Scheduler", names, &endless)) {
        return NULL;
    }
    fastgo_scheduler *self = (fastgo_scheduler *)PyType_GenericAlloc(type, 0); /* zeroed */
    if (self != NULL) {
        self->inbox.event = -1;
        self->endless = endless != 0;
        self->forks = (uint8_t)fastgo_forks;
    }
    return (PyObject *)self;
}

static int scheduler_traverse(PyObject *object, visitproc visit, void *arg)
{
    fastgo_scheduler *self = (fastgo_scheduler *)object;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(self->known);
    Py_VISIT(self->fatal);
    return 0;
}

static int scheduler_clear(PyObject *object)
{
    fastgo_scheduler *self = (fastgo_scheduler *)object;
    Py_CLEAR(self->known);
    Py_CLEAR(self->fatal);
    return 0;
}

/* Its tasks refer to it by their inbox alone; those that are left end here. Behind that no operation
 * of theirs is parked, so that nobody puts anything into the inbox any more.
 *
 * Until then their coroutines may take references, for a while: without one of its own, the first that
 * is given back would free it. Nobody can keep one, as it is not to be found any more. */
static void scheduler_dealloc(PyObject *object)
{
    fastgo_scheduler *self = (fastgo_scheduler *)object;
    PyTypeObject *type = Py_TYPE(object);
    PyObject *kind, *value, *traceback;
    PyObject_GC_UnTrack(object);
    Py_INCREF(object);
    PyErr_Fetch(&kind, &value, &traceback);
    Py_DECREF(scheduler_abandon(object, NULL));
    PyErr_Restore(kind, value, traceback);
    scheduler_clear(object);
    PyMem_Free(self->timers);
    PyMem_Free(self->aside);
    PyObject_GC_Del(object);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"run", scheduler_run, METH_O, NULL},
    {"tasks", scheduler_tasks, METH_NOARGS, NULL},
    {"end", scheduler_end, METH_NOARGS, NULL},
    {"abandon", scheduler_abandon, METH_NOARGS, NULL},
    {"spawn", fastgo_scheduler_spawn, METH_O, NULL},
    {"spawn_last", fastgo_scheduler_spawn_last, METH_O, NULL},
    {"spawn_native", fastgo_scheduler_spawn_native, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyObject *scheduler_live(PyObject *object, void *Py_UNUSED(closure))
{
    return PyLong_FromSsize_t(((fastgo_scheduler *)object)->live);
}

static PyObject *scheduler_idle(PyObject *object, void *Py_UNUSED(closure))
{
    fastgo_scheduler *self = (fastgo_scheduler *)object;
    return PyBool_FromLong(self->running && self->live == 0 && fastgo_inbox_is_empty(&self->inbox));
}

static PyGetSetDef attributes[] = {
    {"idle", scheduler_idle, NULL, "Whether it runs in a thread, and has no task, and no news of one.", NULL},
    {"live", scheduler_live, NULL, "How many tasks are not done.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Runs coroutines in one thread."},
    {Py_tp_new, (void *)scheduler_new},
    {Py_tp_dealloc, (void *)scheduler_dealloc},
    {Py_tp_traverse, (void *)scheduler_traverse},
    {Py_tp_clear, (void *)scheduler_clear},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "fastgo.concurrency.Scheduler",
    .basicsize = sizeof(fastgo_scheduler),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

int fastgo_add_scheduler(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&spec);
    int failed = type == NULL || PyModule_AddType(module, (PyTypeObject *)type) < 0;
    Py_XDECREF(type);
    return failed ? -1 : 0;
}
