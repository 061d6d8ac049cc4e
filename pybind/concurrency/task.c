//go:build python

/*
 * Task: a call that go() has made, wherever it runs.
 *
 * What it has come to is its value. Who asks for it takes note of a failure; one that nobody has
 * asked for when the task goes is reported, as a failure that is silent helps nobody.
 *
 * The collector is told of a task late, see scheduler.h. So PyObject_GC_Track is called once at
 * most, by finish.
 */
#include "scheduler.h"

#include "docs.h"
#include "drop.h"
#include "native.h"

PyTypeObject *fastgo_pytask_type;

/* Tasks come and go by the thousand: some that have gone are kept, linked by `next`. */
enum { MOST_SPARE = 1024 };
static fastgo_task_object *spare;
static int spare_count;

fastgo_task_object *fastgo_pytask_new(void)
{
    fastgo_task_object *made = spare;
    if (made != NULL) {
        spare = made->next;
        spare_count--;
        PyObject_Init((PyObject *)made, fastgo_pytask_type);
    } else if ((made = PyObject_GC_New(fastgo_task_object, fastgo_pytask_type)) == NULL) {
        return NULL;
    }
    made->inbox = NULL;
    made->coroutine = made->value = NULL;
    made->next = made->previous = NULL;
    made->waiting = NULL;
    made->joiners = NULL;
    made->place = FASTGO_PLACE_ELSEWHERE;
    made->forks = (uint8_t)fastgo_forks;
    made->begun = made->cancel = made->bare = made->failed = made->asked = false;
    return made;
}

PyObject *fastgo_cancelled_error(void)
{
    static PyObject *type;
    if (type == NULL) {
        PyObject *module = PyImport_ImportModule("asyncio.exceptions");
        PyObject *found = module == NULL ? NULL : PyObject_GetAttrString(module, "CancelledError");
        Py_XDECREF(module);
        if (found == NULL) {
            return NULL; /* whatever the handler of a signal has found meanwhile */
        }
        type = found;
    }
    return type;
}

/* --- the end of a task --- */

/* Takes the reference to the value. */
static void end(fastgo_task_object *self, PyObject *value, bool failed)
{
    PyObject *coroutine = self->coroutine, *before = self->value;
    fastgo_await *waiting = self->waiting;
    self->coroutine = NULL;
    self->waiting = NULL;
    self->value = value;
    self->failed = failed;
    self->place = FASTGO_PLACE_DONE;
    if (waiting == NULL || fastgo_await_state(waiting) != FASTGO_AWAIT_PARKED) {
        self->inbox = NULL; /* else a native task was given up, whose worker may put its operation in at any time */
    }
    fastgo_pytask_wake(self);
    if (value != Py_None && Py_REFCNT((PyObject *)self) > 1) {
        PyObject_GC_Track((PyObject *)self);
    }
    Py_XDECREF((PyObject *)waiting);
    Py_XDECREF(before);
    Py_XDECREF(coroutine);
}

void fastgo_pytask_finish(fastgo_task_object *self, PyObject *result)
{
    end(self, result, false);
}

void fastgo_pytask_fail(fastgo_task_object *self)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL) {
        PyException_SetTraceback(value, traceback);
    }
    Py_XDECREF(type);
    end(self, value, true);
    self->coroutine = traceback; /* as it is now: whoever raises the exception again makes it longer */
}

/* Whether it has failed by being cancelled. */
static bool is_cancelled(fastgo_task_object *self)
{
    PyObject *type = self->failed ? fastgo_cancelled_error() : NULL;
    if (self->failed && type == NULL) {
        PyErr_Clear();
        return false;
    }
    return self->failed && PyErr_GivenExceptionMatches(self->value, type);
}

static PyObject *raise_failure(fastgo_task_object *self)
{
    PyObject *traceback = self->coroutine;
    PyException_SetTraceback(self->value, traceback == NULL ? Py_None : traceback);
    PyErr_SetObject((PyObject *)Py_TYPE(self->value), self->value);
    return NULL;
}

PyObject *fastgo_pytask_outcome(fastgo_task_object *self)
{
    self->asked = true;
    return self->failed ? raise_failure(self) : Py_NewRef(self->value);
}

/* --- methods --- */

/* Reads the only argument of result and exception, `timeout`, and waits. */
static int wait_by_arguments(PyObject *object, PyObject *arguments, PyObject *keywords, const char *format)
{
    static char *names[] = {"timeout", NULL};
    PyObject *timeout = Py_None;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, format, names, &timeout)) {
        return -1;
    }
    return fastgo_pytask_wait((fastgo_task_object *)object, timeout);
}

static PyObject *task_result(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    Py_INCREF(object); /* while the GIL is released, the caller's may go */
    PyObject *result = wait_by_arguments(object, arguments, keywords, "|O:result") < 0
                           ? NULL
                           : fastgo_pytask_outcome((fastgo_task_object *)object);
    Py_DECREF(object);
    return result;
}

static PyObject *task_exception(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    fastgo_task_object *self = (fastgo_task_object *)object;
    PyObject *result = NULL;
    Py_INCREF(object); /* the same */
    if (wait_by_arguments(object, arguments, keywords, "|O:exception") == 0) {
        self->asked = true;
        result = is_cancelled(self) ? raise_failure(self) : Py_NewRef(self->failed ? self->value : Py_None);
    }
    Py_DECREF(object);
    return result;
}

static PyObject *task_done(PyObject *object, PyObject *Py_UNUSED(none))
{
    return PyBool_FromLong(((fastgo_task_object *)object)->place == FASTGO_PLACE_DONE);
}

static PyObject *task_cancelled(PyObject *object, PyObject *Py_UNUSED(none))
{
    return PyBool_FromLong(is_cancelled((fastgo_task_object *)object));
}

bool fastgo_pytask_cancel_wait(fastgo_task_object *self)
{
    fastgo_await *waiting = (fastgo_await *)Py_NewRef((PyObject *)self->waiting);
    bool taken = fastgo_await_take_back(waiting); /* which has made the task ready */
    if (taken) {
        fastgo_await_enter(waiting, FASTGO_AWAIT_CANCELLED);
    }
    Py_DECREF((PyObject *)waiting);
    return taken;
}

static PyObject *cancel_elsewhere(fastgo_task_object *self)
{
    if (self->waiting != NULL) {
        fastgo_native_cancel(self);
        Py_RETURN_TRUE;
    }
    if (self->coroutine == NULL) {
        Py_RETURN_FALSE;
    }
    PyObject *cancel = Py_NewRef(self->coroutine); /* the task's goes where it ends meanwhile */
    PyObject *done = PyObject_CallNoArgs(cancel);
    Py_DECREF(cancel);
    return done;
}

static PyObject *task_cancel(PyObject *object, PyObject *Py_UNUSED(none))
{
    fastgo_task_object *self = (fastgo_task_object *)object;
    if (fastgo_cancelled_error() == NULL) {
        return NULL; /* before anything has changed: to throw it must not fail */
    }
    for (;;) {
        if (self->waiting != NULL && fastgo_await_state(self->waiting) == FASTGO_AWAIT_CANCELLED) {
            Py_RETURN_TRUE; /* once is enough */
        }
        if (self->place == FASTGO_PLACE_DONE || fastgo_pytask_is_lost(self)) {
            Py_RETURN_FALSE;
        }
        if (self->place == FASTGO_PLACE_ELSEWHERE) {
            return cancel_elsewhere(self);
        }
        if (self->place != FASTGO_PLACE_PARKED) {
            self->cancel = true; /* it gets what it has waited for, and is cancelled at its next wait */
            Py_RETURN_TRUE;
        }
        if (fastgo_pytask_cancel_wait(self)) {
            Py_RETURN_TRUE;
        }
    }
}

/* _waits() -> (coroutine, operation or None) */
static PyObject *task_waits(PyObject *object, PyObject *Py_UNUSED(none))
{
    fastgo_task_object *self = (fastgo_task_object *)object;
    return PyTuple_Pack(2, self->coroutine == NULL ? Py_None : self->coroutine,
                        self->waiting == NULL ? Py_None : (PyObject *)self->waiting);
}

/* --- tasks that run elsewhere --- */

/* pending(cancel): a task that somebody else ends; cancel() -> bool or None. */
static PyObject *task_pending(PyObject *Py_UNUSED(type), PyObject *cancel)
{
    fastgo_task_object *made = fastgo_pytask_new();
    if (made != NULL && cancel != Py_None) {
        made->coroutine = Py_NewRef(cancel);
    }
    return (PyObject *)made;
}

static int check_elsewhere(PyObject *object)
{
    fastgo_task_object *self = (fastgo_task_object *)object;
    if (self->place != FASTGO_PLACE_ELSEWHERE || self->waiting != NULL) {
        PyErr_SetString(PyExc_RuntimeError, "this task is not ended from outside, or has ended");
        return -1;
    }
    return 0;
}

static PyObject *task_succeed(PyObject *object, PyObject *result)
{
    if (check_elsewhere(object) < 0) {
        return NULL;
    }
    fastgo_pytask_finish((fastgo_task_object *)object, Py_NewRef(result));
    Py_RETURN_NONE;
}

static PyObject *task_fail(PyObject *object, PyObject *exception)
{
    if (check_elsewhere(object) < 0) {
        return NULL;
    }
    if (!PyExceptionInstance_Check(exception)) {
        return PyErr_Format(PyExc_TypeError, "%R is no exception", exception);
    }
    PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
    fastgo_pytask_fail((fastgo_task_object *)object);
    Py_RETURN_NONE;
}

/* --- the type --- */

static PyObject *task_repr(PyObject *object)
{
    static const char *const places[] = {"ready", "running", "waiting", "running elsewhere", "done"};
    fastgo_task_object *self = (fastgo_task_object *)object;
    const char *place = self->failed ? is_cancelled(self) ? "cancelled" : "failed" : places[self->place];
    PyObject *name = NULL;
    if (self->inbox != NULL && self->coroutine != NULL) {
        name = PyObject_GetAttrString(self->coroutine, "__qualname__");
        if (name == NULL) {
            PyErr_Clear();
        }
    }
    PyObject *text = name != NULL ? PyUnicode_FromFormat("<fastgo.concurrency.Task %S, %s>", name, place)
                                  : PyUnicode_FromFormat("<fastgo.concurrency.Task at %p, %s>", object, place);
    Py_XDECREF(name);
    return text;
}

static int task_traverse(PyObject *object, visitproc visit, void *arg)
{
    fastgo_task_object *self = (fastgo_task_object *)object;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(self->coroutine);
    Py_VISIT(self->value);
    return 0;
}

static int task_clear(PyObject *object)
{
    fastgo_task_object *self = (fastgo_task_object *)object;
    Py_CLEAR(self->coroutine);
    PyObject *value = self->value;
    self->value = Py_NewRef(Py_None);
    self->failed = false;
    Py_XDECREF(value);
    return 0;
}

static void report_neglect(fastgo_task_object *self)
{
    PyObject *type, *value, *traceback;
    if (!self->failed || self->asked || is_cancelled(self)) {
        return;
    }
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *done = PyObject_CallFunctionObjArgs(fastgo_hooks.neglected, self->value, NULL);
    if (done == NULL) {
        PyErr_WriteUnraisable(self->value);
    }
    Py_XDECREF(done);
    PyErr_Restore(type, value, traceback);
}

/* The collector calls it before it clears anything. */
static void task_finalize(PyObject *object)
{
    report_neglect((fastgo_task_object *)object);
    ((fastgo_task_object *)object)->asked = true;
}

static void task_dealloc(PyObject *object)
{
    fastgo_task_object *self = (fastgo_task_object *)object;
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    report_neglect(self);
    fastgo_give_up_if_any((PyObject *)self->waiting);
    fastgo_give_up_if_any(self->coroutine);
    fastgo_give_up_if_any(self->value);
    if (spare_count < MOST_SPARE && !PyObject_GC_IsFinalized(object)) { /* it would not be so again */
        self->next = spare;
        spare = self;
        spare_count++;
    } else {
        PyObject_GC_Del(object);
    }
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"result", (PyCFunction)(void (*)(void))task_result, METH_VARARGS | METH_KEYWORDS,
     "result(timeout=None): waits for the end and returns what the function has returned, or raises its exception."},
    {"exception", (PyCFunction)(void (*)(void))task_exception, METH_VARARGS | METH_KEYWORDS,
     "exception(timeout=None): waits for the end and returns the exception, or None."},
    {"done", task_done, METH_NOARGS, "Whether it has ended."},
    {"cancelled", task_cancelled, METH_NOARGS, "Whether it has ended because it was cancelled."},
    {"cancel", task_cancel, METH_NOARGS, "Has it raise Cancelled where it waits. False: it has ended, or cannot be cancelled."},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, NULL},
    {"_waits", task_waits, METH_NOARGS, NULL},
    {"_pending", task_pending, METH_O | METH_STATIC, NULL},
    {"_succeed", task_succeed, METH_O, NULL},
    {"_fail", task_fail, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, FASTGO_TASK_DOC},
    {Py_tp_dealloc, (void *)task_dealloc},
    {Py_tp_finalize, (void *)task_finalize},
    {Py_tp_traverse, (void *)task_traverse},
    {Py_tp_clear, (void *)task_clear},
    {Py_tp_repr, (void *)task_repr},
    {Py_am_await, (void *)fastgo_pytask_await},
    {Py_tp_methods, methods},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "fastgo.concurrency.Task",
    .basicsize = sizeof(fastgo_task_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

int fastgo_add_task(PyObject *module)
{
    fastgo_pytask_type = (PyTypeObject *)PyType_FromSpec(&spec);
    return fastgo_pytask_type == NULL ? -1 : PyModule_AddType(module, fastgo_pytask_type);
}
