//go:build python

/*
 * Coroutines: the worker of the lane of coroutines, as an event loop of Python's calls it
 * (python/fastgo/_asyncio.py). Only the thread of that loop uses one.
 *
 *   Queue.coroutines(context, adapt, count_weak, native) -> Coroutines
 *       context     the context of contextvars that every request begins with
 *       adapt       adapt(awaitable) -> coroutine, for what is not of the next type
 *       count_weak  weakref.getweakrefcount
 *       native      the type of Python's own coroutines
 *   event                      the eventfd that is written to when the loop sleeps and there
 *                              is something to do
 *   drain(task, context, yield) -> outcome
 *   touch()                    the task was touched
 *   flush()                    tells the server's loops of all answers
 *   left() -> bool             whether clients have gone since it was asked last
 *   leave()                    gives the place back
 *
 * drain takes requests and drives their coroutines by hand, each a single step: most end in
 * it, and are answered. It returns
 *
 *   MORE       when it has taken as many as one turn of the loop may have
 *   EMPTY      when there are none, and the event will tell of the next
 *   TOUCHED    when somebody may have kept or changed the task or the context, which the
 *              next request must not see
 *   STOPPING   when the server has stopped: call leave
 *   FORKED     in the child, when a coroutine has forked
 *   (pending, coroutine, waits)    of a coroutine that has suspended: waits is what it
 *              yielded
 *   (pending, None, exception)     of one that has failed
 *   (pending, None, None)          where its arguments cannot be given: pending.problems
 *
 * It runs in the context of the task, which is the current one of the loop. Whether the
 * task is kept is seen by its count of references.
 *
 * After leave nothing here touches the memory that is shared with Go.
 */
#include "coroutines.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "answer.h"
#include "exception.h"
#include "glue.h"
#include "pending.h"
#include "workers.h"

enum { MORE, EMPTY, TOUCHED, STOPPING, FORKED };

/* How many requests are taken in one turn of the loop. */
enum { TURN = 64 };

typedef struct {
    PyObject_HEAD
    struct fastgo_functions *functions;
    PyObject *context, *adapt, *count_weak, *pending_type, *coroutine_type;
    struct fastgo_worker *me; /* NULL when it has left */
    uint32_t turn;
    int budget;
    bool touched;
} coroutines;

/* --- one request --- */

/* Makes a Pending, which takes the slot, the function and the call, and the tuple for it
 * with two new references. Where there is no memory for it the request is dropped. */
static PyObject *suspend(coroutines *self, struct fastgo_slot *slot, struct fastgo_function *function,
                         struct fastgo_call *call, PyObject *coroutine, PyObject *value)
{
    PyObject *made = fastgo_pending_new((PyTypeObject *)self->pending_type, self->functions, slot, function, call);
    if (made == NULL) {
        fastgo_answer_drop(slot);
        fastgo_answer_error(slot);
        fastgo_call_end(call);
        fastgo_function_release(function);
        fastgo_publish(slot);
        Py_XDECREF(coroutine);
        Py_XDECREF(value);
        return NULL;
    }
    return Py_BuildValue("(NNN)", made, coroutine != NULL ? coroutine : Py_NewRef(Py_None),
                         value != NULL ? value : Py_NewRef(Py_None));
}

static bool is_native(coroutines *self, PyObject *result)
{
    return (PyObject *)Py_TYPE(result) == self->coroutine_type;
}

/* Serves a request as far as its coroutine goes in one step. Returns None when it was
 * answered, else what drain returns; NULL with an exception that concerns no request. */
static PyObject *serve(coroutines *self, struct fastgo_slot *slot)
{
    slot->owners[0] = slot->owners[1] = NULL;
    struct fastgo_function *function = fastgo_find(&self->functions->registry, slot->handler);
    if (function == NULL) { /* it is registered before its table is */
        fastgo_answer_error(slot);
        fastgo_publish(slot);
        Py_RETURN_NONE;
    }
    function->users++;
    struct fastgo_call call = {NULL, NULL};
    PyObject *coroutine = fastgo_plan_call(&function->plan, function->callable, slot,
                                           (PyTypeObject *)self->functions->request_type, &call);
    if (coroutine != NULL && !is_native(self, coroutine)) {
        PyObject *adapted = PyObject_CallFunctionObjArgs(self->adapt, coroutine, NULL);
        Py_DECREF(coroutine);
        coroutine = adapted;
    }
    if (coroutine == NULL) {
        return suspend(self, slot, function, &call, NULL, PyErr_Occurred() ? fastgo_take_exception() : NULL);
    }
    PyObject *result = NULL;
    PySendResult how = PyIter_Send(coroutine, Py_None, &result);
    if (how == PYGEN_NEXT && !fastgo_forked()) {
        return suspend(self, slot, function, &call, coroutine, result);
    }
    if (how == PYGEN_RETURN && fastgo_answer(slot, result, &function->encoder, self->functions->convert) < 0) {
        fastgo_answer_drop(slot);
        how = PYGEN_ERROR;
    }
    Py_XDECREF(result);
    PyObject *failure = how == PYGEN_ERROR ? fastgo_take_exception() : NULL;
    Py_DECREF(coroutine);
    if (failure != NULL) {
        return suspend(self, slot, function, &call, NULL, failure);
    }
    fastgo_call_end(&call);
    fastgo_function_release(function);
    if (!fastgo_forked()) {
        fastgo_publish(slot);
    }
    Py_RETURN_NONE;
}

/* --- the worker --- */

/* What shows that somebody has kept the task or its context. */
struct marks {
    Py_ssize_t task, context; /* references */
    long weak;                /* references to the task */
};

static struct marks marks_of(coroutines *self, PyObject *task, PyObject *context)
{
    PyObject *weak = PyObject_CallFunctionObjArgs(self->count_weak, task, NULL);
    struct marks marks = {Py_REFCNT(task), Py_REFCNT(context), weak == NULL ? -1 : PyLong_AsLong(weak)};
    Py_XDECREF(weak);
    PyErr_Clear();
    return marks;
}

/* Whether the next request may have the same task. */
static bool is_untouched(coroutines *self, PyObject *task, const struct marks *before, PyObject *context)
{
    struct marks now = marks_of(self, task, context);
    if (self->touched || now.task != before->task || now.context != before->context || now.weak != before->weak) {
        return false;
    }
    int same = PyObject_RichCompareBool(context, self->context, Py_EQ);
    if (same < 0) {
        PyErr_Clear(); /* of a value that cannot be compared, and so is another */
    }
    return same > 0;
}

/* Does what there is to do when there are no requests. Reports whether it sleeps now. */
static bool rest(coroutines *self, bool yields)
{
    struct fastgo_queue *shared = self->functions->shared;
    bool sleeps;
    fastgo_drop_all_returned(shared);
    fastgo_set_state(self->me, FASTGO_HUNTING);
    Py_BEGIN_ALLOW_THREADS
    fastgo_flush(shared);
    sleeps = !(yields && fastgo_linger(shared, self->me)) && fastgo_fall_asleep(shared, self->me);
    Py_END_ALLOW_THREADS
    return sleeps;
}

static PyObject *drain(coroutines *self, PyObject *task, PyObject *context, bool yields)
{
    struct fastgo_queue *shared = self->functions->shared;
    const struct marks before = marks_of(self, task, context);
    self->touched = false;
    fastgo_set_state(self->me, FASTGO_HUNTING);
    while (!fastgo_is_stopping(shared)) {
        struct fastgo_slot *slot = self->budget > 0 ? fastgo_take(shared, FASTGO_COROUTINES, &self->turn) : NULL;
        if (slot == NULL) {
            if (self->budget == 0) {
                fastgo_drop_all_returned(shared);
            }
            bool more = self->budget == 0 || !rest(self, yields);
            self->budget = TURN;
            return PyLong_FromLong(more ? MORE : EMPTY);
        }
        self->budget--;
        fastgo_set_running(self->me, 0);
        PyObject *outcome = serve(self, slot);
        if (fastgo_forked()) {
            Py_XDECREF(outcome);
            return PyLong_FromLong(FORKED);
        }
        if (outcome != Py_None) {
            fastgo_set_state(self->me, FASTGO_HUNTING);
            return outcome;
        }
        Py_DECREF(outcome);
        if (!is_untouched(self, task, &before, context)) {
            return PyLong_FromLong(TOUCHED);
        }
    }
    return PyLong_FromLong(STOPPING);
}

/* --- the methods --- */

static PyObject *coroutines_drain(PyObject *object, PyObject *arguments)
{
    PyObject *task, *context;
    int yields;
    if (!PyArg_ParseTuple(arguments, "OOp", &task, &context, &yields)) {
        return NULL;
    }
    coroutines *self = (coroutines *)object;
    return self->me == NULL ? PyLong_FromLong(STOPPING) : drain(self, task, context, yields);
}

static PyObject *coroutines_touch(PyObject *object, PyObject *Py_UNUSED(none))
{
    ((coroutines *)object)->touched = true;
    Py_RETURN_NONE;
}

static PyObject *coroutines_flush(PyObject *object, PyObject *Py_UNUSED(none))
{
    coroutines *self = (coroutines *)object;
    if (self->me != NULL) {
        fastgo_flush(self->functions->shared);
    }
    Py_RETURN_NONE;
}

static PyObject *coroutines_left(PyObject *object, PyObject *Py_UNUSED(none))
{
    coroutines *self = (coroutines *)object;
    if (self->me == NULL) {
        Py_RETURN_FALSE;
    }
    return PyBool_FromLong(__atomic_exchange_n(&self->functions->shared->left, 0, __ATOMIC_SEQ_CST) != 0);
}

static PyObject *coroutines_leave(PyObject *object, PyObject *Py_UNUSED(none))
{
    coroutines *self = (coroutines *)object;
    struct fastgo_worker *me = self->me;
    self->me = NULL;
    if (me != NULL) {
        fastgo_leave(self->functions->shared, me);
    }
    Py_RETURN_NONE;
}

static PyObject *get_event(PyObject *object, void *Py_UNUSED(closure))
{
    coroutines *self = (coroutines *)object;
    return PyLong_FromLong(self->me == NULL ? -1 : self->me->event);
}

/* Takes a place, with an eventfd of its own. -1 with an exception. */
static int enter(coroutines *self)
{
    int event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (event < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    int index = fastgo_enter(self->functions->shared, FASTGO_COROUTINES, event);
    if (index < 0) {
        close(event);
        fastgo_refuse_worker();
        return -1;
    }
    self->me = &self->functions->shared->workers[index];
    return 0;
}

static int traverse(PyObject *object, visitproc visit, void *arg)
{
    coroutines *self = (coroutines *)object;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT((PyObject *)self->functions);
    Py_VISIT(self->context);
    Py_VISIT(self->adapt);
    Py_VISIT(self->count_weak);
    Py_VISIT(self->pending_type);
    Py_VISIT(self->coroutine_type);
    return 0;
}

static void dealloc(PyObject *object)
{
    coroutines *self = (coroutines *)object;
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    if (self->me != NULL) {
        fastgo_leave(self->functions->shared, self->me);
    }
    Py_XDECREF((PyObject *)self->functions);
    Py_XDECREF(self->context);
    Py_XDECREF(self->adapt);
    Py_XDECREF(self->count_weak);
    Py_XDECREF(self->pending_type);
    Py_XDECREF(self->coroutine_type);
    PyObject_GC_Del(object);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"drain", coroutines_drain, METH_VARARGS, NULL},
    {"touch", coroutines_touch, METH_NOARGS, NULL},
    {"flush", coroutines_flush, METH_NOARGS, NULL},
    {"left", coroutines_left, METH_NOARGS, NULL},
    {"leave", coroutines_leave, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef attributes[] = {
    {"event", get_event, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "The worker that runs the coroutines of a server."},
    {Py_tp_dealloc, (void *)dealloc},
    {Py_tp_traverse, (void *)traverse},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "fastgo._lib._glue.Coroutines",
    .basicsize = sizeof(coroutines),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};

PyObject *fastgo_coroutines_new(struct fastgo_functions *functions, PyObject *arguments)
{
    PyObject *context, *adapt, *count_weak, *coroutine_type;
    if (!PyArg_ParseTuple(arguments, "OOOO!", &context, &adapt, &count_weak, &PyType_Type, &coroutine_type)) {
        return NULL;
    }
    PyObject *type = PyType_FromSpec(&spec);
    coroutines *self = type == NULL ? NULL : (coroutines *)PyType_GenericAlloc((PyTypeObject *)type, 0);
    Py_XDECREF(type);
    if (self == NULL) {
        return NULL;
    }
    self->functions = (struct fastgo_functions *)Py_NewRef((PyObject *)functions);
    self->context = Py_NewRef(context);
    self->adapt = Py_NewRef(adapt);
    self->count_weak = Py_NewRef(count_weak);
    self->coroutine_type = Py_NewRef(coroutine_type);
    self->budget = TURN;
    self->pending_type = fastgo_pending_type();
    if (self->pending_type == NULL || enter(self) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}
