//go:build python

#include "await.h"

#include "promise.h"
#include "scheduler.h"

PyTypeObject *fastgo_await_type;

const fastgo_await_kind *const fastgo_await_kinds[FASTGO_KINDS] = {
    [FASTGO_KIND_SEND] = &fastgo_send_kind,       [FASTGO_KIND_RECV] = &fastgo_recv_kind,
    [FASTGO_KIND_RECV_OK] = &fastgo_recv_ok_kind, [FASTGO_KIND_NEXT] = &fastgo_next_kind,
    [FASTGO_KIND_SELECT] = &fastgo_select_kind,   [FASTGO_KIND_JOIN] = &fastgo_join_kind,
    [FASTGO_KIND_SLEEP] = &fastgo_sleep_kind,     [FASTGO_KIND_NATIVE] = &fastgo_native_kind,
};

fastgo_await *fastgo_await_new(int kind)
{
    fastgo_await *made = PyObject_New(fastgo_await, fastgo_await_type);
    if (made != NULL) {
        made->wait.wake = fastgo_await_wake;
        made->wait.one.maker = NULL;
        made->wait.one.mark[0] = (uint8_t)kind;
        fastgo_await_enter(made, FASTGO_AWAIT_NEW);
    }
    return made;
}

/* --- awaited --- */

void fastgo_await_abandon(fastgo_await *self)
{
    if (fastgo_await_state(self) == FASTGO_AWAIT_PARKED && fastgo_await_take_back(self)) {
        fastgo_kind_of(self)->drop(self, false);
        return;
    }
    enum fastgo_await_state before = fastgo_await_state(self); /* now: what was delivered may have had it abandoned */
    fastgo_await_enter(self, FASTGO_AWAIT_SPENT);
    if (before != FASTGO_AWAIT_SPENT) {
        fastgo_kind_of(self)->drop(self, before == FASTGO_AWAIT_FIRED);
    }
}

static PySendResult refuse(fastgo_await *self, const char *reason)
{
    PyErr_Format(PyExc_RuntimeError, "%s: %s", fastgo_kind_of(self)->name, reason);
    return PYGEN_ERROR;
}

#define AWAITED_BEFORE "it was awaited before; call it again for another one"

static PySendResult finish(fastgo_await *self, PyObject **result)
{
    fastgo_await_enter(self, FASTGO_AWAIT_SPENT);
    *result = fastgo_kind_of(self)->finish(self);
    return *result == NULL ? PYGEN_ERROR : PYGEN_RETURN;
}

static PySendResult raise_cancelled(void)
{
    PyObject *type = fastgo_cancelled_error();
    if (type != NULL) {
        PyErr_SetNone(type);
    }
    return PYGEN_ERROR;
}

/* The first step of an operation: in a task of a scheduler. */
static PySendResult begin_in_task(fastgo_await *self, fastgo_task_object *task, PyObject **result)
{
    if (task->cancel) {
        task->cancel = false;
        fastgo_await_abandon(self);
        return raise_cancelled();
    }
    if (task->waiting != NULL && fastgo_scheduler_put_aside(fastgo_here, task) < 0) {
        fastgo_await_abandon(self);
        return PYGEN_ERROR;
    }
    fastgo_await_hold(self, (PyObject *)task);
    int done = fastgo_kind_of(self)->begin(self, true);
    if (done != 0) {
        fastgo_await_let_go(self, done < 0 ? FASTGO_AWAIT_NEW : FASTGO_AWAIT_FIRED);
        if (done < 0) {
            fastgo_await_abandon(self);
            return PYGEN_ERROR;
        }
        if (fastgo_here->budget != 0) {
            fastgo_here->budget--;
            return finish(self, result);
        }
        /* What never has to wait must let the others run as well. */
    }
    task->waiting = (fastgo_await *)Py_NewRef((PyObject *)self);
    *result = Py_NewRef((PyObject *)self);
    return PYGEN_NEXT;
}

/* Parks an operation for a task of asyncio. Returns the future that the task awaits meanwhile; None
 * where the operation has been done; NULL with an exception. */
static PyObject *park_in_asyncio(fastgo_await *self)
{
    PyObject *promise = PyObject_CallNoArgs(fastgo_hooks.promise), *future = NULL;
    if (promise == NULL || (future = fastgo_promise_future(promise)) == NULL) {
        Py_XDECREF(promise);
        return NULL;
    }
    if (fastgo_await_state(self) != FASTGO_AWAIT_NEW) { /* meanwhile, as that had Python code run */
        Py_DECREF(promise);
        Py_DECREF(future);
        (void)refuse(self, AWAITED_BEFORE);
        return NULL;
    }
    fastgo_await_hold(self, promise);
    int done = fastgo_kind_of(self)->begin(self, true);
    if (done != 0) {
        fastgo_await_let_go(self, FASTGO_AWAIT_NEW);
        Py_DECREF(future);
        future = done < 0 ? NULL : Py_NewRef(Py_None);
    }
    Py_DECREF(promise);
    return future;
}

static PySendResult begin_in_loop(fastgo_await *self, PyObject **result)
{
    int done = fastgo_kind_of(self)->begin(self, false);
    if (done == 0) {
        PyObject *future = park_in_asyncio(self);
        if (future != NULL && future != Py_None) {
            *result = future;
            return PYGEN_NEXT;
        }
        Py_XDECREF(future);
        done = future == NULL ? -1 : 1;
    }
    if (done < 0) {
        if (fastgo_await_state(self) == FASTGO_AWAIT_NEW) { /* else it is somebody else's */
            fastgo_await_abandon(self);
        }
        return PYGEN_ERROR;
    }
    return finish(self, result);
}

/* Whether some task of asyncio was not cancelled when it was asked, as its operation was done. */
static bool cancels_are_due;

/* Whether the one that runs is to be cancelled now: 1 yes, 0 no, -1 with an exception. */
static int cancel_is_due(void)
{
    cancels_are_due = false; /* before it is asked: another thread may have one meanwhile */
    PyObject *due = PyObject_CallNoArgs(fastgo_hooks.cancel_is_due);
    if (due != Py_None) { /* else there are none any more */
        cancels_are_due = true;
    }
    int yes = due == NULL ? -1 : due == Py_True;
    Py_XDECREF(due);
    return yes;
}

/* A task of asyncio begins an operation, by which it may wake others of its loop: these are told
 * at once, and not by the eventfd. */
static PySendResult begin_in_asyncio(fastgo_await *self, PyObject **result)
{
    int due = cancels_are_due ? cancel_is_due() : 0;
    if (due != 0) {
        fastgo_await_abandon(self);
        return due < 0 ? PYGEN_ERROR : raise_cancelled();
    }
    PyObject *bridge = fastgo_bridge_attend();
    PySendResult how = begin_in_loop(self, result);
    if (bridge != NULL) {
        fastgo_bridge_retire(bridge);
    }
    return how;
}

static PySendResult operation_send(PyObject *object, PyObject *Py_UNUSED(value), PyObject **result)
{
    fastgo_await *self = (fastgo_await *)object;
    fastgo_task_object *task;
    *result = NULL;
    switch (fastgo_await_state(self)) {
    case FASTGO_AWAIT_NEW:
        task = fastgo_current_task();
        return task != NULL ? begin_in_task(self, task, result) : begin_in_asyncio(self, result);
    case FASTGO_AWAIT_FIRED:
        return finish(self, result);
    case FASTGO_AWAIT_CANCELLED:
        fastgo_await_abandon(self);
        return raise_cancelled();
    case FASTGO_AWAIT_PARKED:
        return refuse(self, "it was resumed before it was done");
    case FASTGO_AWAIT_SPENT:
        break;
    }
    return refuse(self, AWAITED_BEFORE);
}

static PyObject *operation_next(PyObject *object)
{
    PyObject *result;
    if (operation_send(object, Py_None, &result) != PYGEN_RETURN) {
        return result;
    }
    if (result != Py_None) {
        /* An instance made here: a tuple or an exception as the value would be taken apart. */
        PyObject *stop = PyObject_CallFunctionObjArgs(PyExc_StopIteration, result, NULL);
        if (stop != NULL) {
            PyErr_SetObject(PyExc_StopIteration, stop);
            Py_DECREF(stop);
        }
    }
    Py_DECREF(result);
    return NULL;
}

static PyObject *operation_send_method(PyObject *object, PyObject *Py_UNUSED(value))
{
    PyObject *result = operation_next(object);
    if (result == NULL && !PyErr_Occurred()) {
        PyErr_SetNone(PyExc_StopIteration);
    }
    return result;
}

/* --- not awaited to its end --- */

/* Whether a task of asyncio is cancelled although the operation was done: the value must not be
 * lost. Then the task gets it, and is cancelled at its next await. 1 yes, 0 no, -1 an exception. */
static int must_keep(fastgo_await *self, PyObject *type)
{
    if (fastgo_await_state(self) != FASTGO_AWAIT_FIRED || fastgo_current_task() != NULL) {
        return 0;
    }
    PyObject *cancelled = fastgo_cancelled_error();
    if (cancelled == NULL) {
        return -1;
    }
    if (!PyErr_GivenExceptionMatches(type, cancelled)) {
        return 0;
    }
    PyObject *done = PyObject_CallNoArgs(fastgo_hooks.cancel_later);
    cancels_are_due = true;
    Py_XDECREF(done);
    return done == NULL ? -1 : 1;
}

static PyObject *operation_throw(PyObject *object, PyObject *arguments)
{
    fastgo_await *self = (fastgo_await *)object;
    PyObject *type, *value = NULL, *traceback = NULL;
    if (!PyArg_UnpackTuple(arguments, "throw", 1, 3, &type, &value, &traceback)) {
        return NULL;
    }
    bool cancelled = fastgo_await_state(self) == FASTGO_AWAIT_PARKED && fastgo_await_take_back(self);
    if (cancelled) {
        fastgo_kind_of(self)->drop(self, false);
    } else {
        int keep = must_keep(self, type);
        if (keep != 0) {
            return keep < 0 ? NULL : operation_send_method(object, Py_None);
        }
        fastgo_await_abandon(self);
    }
    if (PyExceptionInstance_Check(type)) {
        PyErr_SetObject((PyObject *)Py_TYPE(type), type);
    } else if (!PyExceptionClass_Check(type)) {
        PyErr_SetString(PyExc_TypeError, "throw takes an exception");
    } else {
        PyErr_Restore(Py_NewRef(type), Py_XNewRef(value), traceback == Py_None ? NULL : Py_XNewRef(traceback));
    }
    return NULL;
}

static PyObject *operation_close(PyObject *object, PyObject *Py_UNUSED(none))
{
    fastgo_await_abandon((fastgo_await *)object);
    Py_RETURN_NONE;
}

/* An exception that comes between the call and its await is no mistake: it has passed them. */
static void warn_of_no_await(fastgo_await *self)
{
    if (!PyErr_Occurred() &&
        PyErr_WarnFormat(PyExc_RuntimeWarning, 1, "%s was never awaited: it has not been done", fastgo_kind_of(self)->name) < 0) {
        PyErr_WriteUnraisable((PyObject *)fastgo_await_type);
    }
}

static void operation_dealloc(PyObject *object)
{
    fastgo_await *self = (fastgo_await *)object;
    PyTypeObject *type = Py_TYPE(object);
    if (fastgo_await_state(self) == FASTGO_AWAIT_NEW) {
        warn_of_no_await(self);
    }
    fastgo_await_abandon(self);
    PyObject_Free(object);
    Py_DECREF(type);
}

/* --- the type --- */

static PyObject *operation_repr(PyObject *object)
{
    PyObject *what = fastgo_kind_of((fastgo_await *)object)->describe((fastgo_await *)object);
    PyObject *text = what == NULL ? NULL : PyUnicode_FromFormat("<fastgo.concurrency.Operation: %U>", what);
    Py_XDECREF(what);
    return text;
}

static PyObject *operation_describe(PyObject *object, PyObject *Py_UNUSED(none))
{
    return fastgo_kind_of((fastgo_await *)object)->describe((fastgo_await *)object);
}

static PyMethodDef methods[] = {
    {"send", operation_send_method, METH_O, NULL},
    {"throw", operation_throw, METH_VARARGS, NULL},
    {"close", operation_close, METH_NOARGS, NULL},
    {"_describe", operation_describe, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "What a coroutine awaits, once: an operation on a channel, a task's end, or a time."},
    {Py_tp_dealloc, (void *)operation_dealloc},
    {Py_tp_repr, (void *)operation_repr},
    {Py_tp_iter, (void *)PyObject_SelfIter},
    {Py_tp_iternext, (void *)operation_next},
    {Py_am_await, (void *)PyObject_SelfIter},
    {Py_am_send, (void *)operation_send},
    {Py_tp_methods, methods},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "fastgo.concurrency.Operation",
    .basicsize = sizeof(fastgo_await),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

int fastgo_add_operation(PyObject *module)
{
    fastgo_await_type = (PyTypeObject *)PyType_FromSpec(&spec);
    return fastgo_await_type == NULL ? -1 : PyModule_AddType(module, fastgo_await_type);
}
