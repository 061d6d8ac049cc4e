//go:build python

/*
 * Queue: the Python functions of a server, and the loop in which threads of
 * Python's run them.
 *
 *   Queue(address, request_type, convert, invalid, failed)
 *       address       where the memory of the server's queue begins
 *       request_type  made by request_type
 *       convert       convert(result): for what is no str, bytes or None; answer.h
 *       invalid       invalid(owner, request, problems) -> answer: arguments cannot be
 *                     given; plan.h has the problems
 *       failed        failed(owner, request, exception) -> answer
 *   register(number, function, plan, owner)
 *   forget(number)
 *   enter() -> worker      takes a place for a thread, before that is started
 *   work(worker)           runs functions until the server has stopped
 *   coroutines(...)        makes the worker that runs coroutines, see coroutines.c
 *   leave(worker)          gives a place back for which no thread could be started
 *   running() -> calls     what workers run: (worker, since, owner, method, path), where
 *                          since is in nanoseconds of the monotonic clock
 *
 * A worker takes one request at a time, with the GIL held, and keeps the GIL
 * until there is none: another thread gets it when Python's switch interval is
 * over, or a function waits. Functions without bytecode never look whether it is,
 * so the worker does. A batch would gain nothing, and one slow function in it
 * would hold up the others.
 *
 * The memory is there as long as a worker has its place: the server unmaps it
 * when all have left. So a Queue touches it in enter, work and leave alone.
 */
#include "workers.h"

#include <stddef.h>

#include "answer.h"
#include "coroutines.h"
#include "exception.h"
#include "glue.h"
#include "request.h"

typedef struct fastgo_functions queue;

/* --- one request --- */

/* Answers by what a function of Python's says of a failure; 500 where that fails. */
static void report(queue *self, struct fastgo_slot *slot, struct fastgo_function *function, struct fastgo_call *call,
                   PyObject *how, PyObject *what)
{
    PyObject *request = fastgo_call_request(call, slot, (PyTypeObject *)self->request_type);
    PyObject *answer = NULL;
    if (request != NULL) {
        answer = PyObject_CallFunctionObjArgs(how, function->owner, request, what, NULL);
    }
    if (answer == NULL || fastgo_answer_triple(slot, answer) < 0) {
        PyErr_WriteUnraisable(function->callable);
        fastgo_answer_drop(slot);
        fastgo_answer_error(slot);
    }
    Py_XDECREF(answer);
}

static void report_exception(queue *self, struct fastgo_slot *slot, struct fastgo_function *function, struct fastgo_call *call)
{
    PyObject *exception = fastgo_take_exception();
    fastgo_answer_drop(slot);
    report(self, slot, function, call, self->failed, exception);
    Py_XDECREF(exception);
}

static void serve(queue *self, struct fastgo_slot *slot)
{
    slot->owners[0] = slot->owners[1] = NULL;
    struct fastgo_function *function = fastgo_find(&self->registry, slot->handler);
    if (function == NULL) { /* it is registered before its table is */
        fastgo_answer_error(slot);
        return;
    }
    function->users++;
    struct fastgo_call call = {NULL, NULL};
    PyObject *result = fastgo_plan_call(&function->plan, function->callable, slot, (PyTypeObject *)self->request_type, &call);
    if (result == NULL && !PyErr_Occurred()) {
        report(self, slot, function, &call, self->invalid, call.problems);
    } else if (result == NULL || fastgo_answer(slot, result, &function->encoder, self->convert) < 0) {
        report_exception(self, slot, function, &call);
    }
    Py_XDECREF(result);
    fastgo_call_end(&call);
    fastgo_function_release(function);
}

/* --- the loop --- */

void fastgo_drop_returned(struct fastgo_port *port)
{
    struct fastgo_slot *slot = fastgo_take_chain(&port->returned);
    while (slot != NULL) {
        struct fastgo_slot *next = slot->next;
        fastgo_answer_drop(slot);
        fastgo_give_back(slot);
        slot = next;
    }
}

/* The same for answers that the loop has not taken: it has ended. */
static void drop_untaken(struct fastgo_port *port)
{
    struct fastgo_slot *slot = fastgo_take_chain(&port->answers);
    while (slot != NULL) {
        struct fastgo_slot *next = slot->next;
        if (slot->state == FASTGO_ANSWERED) {
            fastgo_answer_drop(slot);
        }
        slot = next;
    }
}

static void each_port(struct fastgo_queue *shared, void (*visit)(struct fastgo_port *))
{
    uint32_t count = __atomic_load_n(&shared->port_count, __ATOMIC_SEQ_CST);
    for (uint32_t i = 0; i < count; i++) {
        visit(shared->ports[i]);
    }
}

void fastgo_drop_all_returned(struct fastgo_queue *shared)
{
    each_port(shared, fastgo_drop_returned);
}

bool fastgo_is_stopping(struct fastgo_queue *shared)
{
    return __atomic_load_n(&shared->stopping, __ATOMIC_SEQ_CST) != 0;
}

void fastgo_set_state(struct fastgo_worker *me, uint32_t state)
{
    __atomic_store_n(&me->state, state, __ATOMIC_SEQ_CST);
}

void fastgo_set_running(struct fastgo_worker *me, uint64_t now)
{
    /* To know it a moment later does no harm. */
    __atomic_store_n(&me->since, now != 0 ? now : fastgo_now(), __ATOMIC_RELAXED);
    if (__atomic_load_n(&me->state, __ATOMIC_RELAXED) != FASTGO_RUNNING) {
        fastgo_set_state(me, FASTGO_RUNNING);
    }
}

void fastgo_leave(struct fastgo_queue *shared, struct fastgo_worker *me)
{
    each_port(shared, fastgo_drop_returned);
    each_port(shared, drop_untaken);
    fastgo_set_state(me, FASTGO_GONE);
}

/* That of Python, by default; in nanoseconds. */
enum { SWITCH_INTERVAL = 5000000 };

static PyObject *queue_work(PyObject *object, PyObject *number)
{
    queue *self = (queue *)object;
    struct fastgo_queue *shared = self->shared;
    long index = PyLong_AsLong(number);
    if (index < 0 || index >= FASTGO_MAX_WORKERS) {
        return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_ValueError, "there is no worker %ld", index);
    }
    struct fastgo_worker *me = &shared->workers[index];
    uint32_t turn = (uint32_t)index;
    uint64_t now = 0; /* unknown */
    uint64_t held = fastgo_now(); /* since when it has had the GIL, at most */
    while (!fastgo_is_stopping(shared)) {
        struct fastgo_slot *slot = fastgo_take(shared, FASTGO_THREADS, &turn);
        if (slot == NULL) {
            fastgo_drop_all_returned(shared);
            fastgo_set_state(me, FASTGO_HUNTING);
            Py_BEGIN_ALLOW_THREADS
            fastgo_flush(shared);
            if (!fastgo_linger(shared, me) && fastgo_fall_asleep(shared, me)) {
                fastgo_sleep(me);
            }
            Py_END_ALLOW_THREADS
            now = 0;
            held = fastgo_now();
            continue;
        }
        fastgo_set_running(me, now);
        struct fastgo_port *port = slot->port;
        self->running[index] = slot;
        serve(self, slot);
        self->running[index] = NULL;
        if (fastgo_forked()) { /* by the function: this is the child, which serves nobody */
            Py_RETURN_NONE;
        }
        now = fastgo_publish(slot);
        fastgo_drop_returned(port);
        if (now - held >= SWITCH_INTERVAL) {
            Py_BEGIN_ALLOW_THREADS /* gives way to whoever has asked for it */
            Py_END_ALLOW_THREADS
            now = 0;
            held = fastgo_now();
        }
    }
    fastgo_leave(shared, me);
    Py_RETURN_NONE;
}

PyObject *fastgo_refuse_worker(void)
{
    return PyErr_Format(PyExc_RuntimeError, "the server has stopped, or has %d workers already", FASTGO_MAX_WORKERS);
}

static PyObject *queue_enter(PyObject *object, PyObject *Py_UNUSED(none))
{
    int index = fastgo_enter(((queue *)object)->shared, FASTGO_THREADS, -1);
    if (index < 0) {
        return fastgo_refuse_worker();
    }
    return PyLong_FromLong(index);
}

static PyObject *queue_leave(PyObject *object, PyObject *number)
{
    long index = PyLong_AsLong(number);
    if (index < 0 || index >= FASTGO_MAX_WORKERS) {
        return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_ValueError, "there is no worker %ld", index);
    }
    fastgo_set_state(&((queue *)object)->shared->workers[index], FASTGO_GONE);
    Py_RETURN_NONE;
}

/* Describes a call. As long as it runs its worker owns the slot; so that is not looked at
 * after the first object that the collector knows is made, which may let others run. */
static PyObject *describe(queue *self, long index)
{
    const struct fastgo_slot *slot = self->running[index];
    struct fastgo_function *function = fastgo_find(&self->registry, slot->handler);
    if (function == NULL) {
        Py_RETURN_NONE;
    }
    uint64_t since = __atomic_load_n(&self->shared->workers[index].since, __ATOMIC_SEQ_CST);
    PyObject *method = PyUnicode_DecodeLatin1(slot->request.data + slot->method.offset, slot->method.size, NULL);
    PyObject *path = PyUnicode_DecodeLatin1(slot->request.data + slot->path.offset, slot->path.size, NULL);
    /* A NULL among them fails; N gives up the others. */
    return Py_BuildValue("(lKNNN)", index, (unsigned long long)since, Py_NewRef(function->owner), method, path);
}

static PyObject *queue_running(PyObject *object, PyObject *Py_UNUSED(none))
{
    queue *self = (queue *)object;
    PyObject *calls = PyList_New(0);
    for (long i = 0; calls != NULL && i < FASTGO_MAX_WORKERS; i++) {
        PyObject *call = self->running[i] == NULL ? Py_NewRef(Py_None) : describe(self, i);
        if (call == NULL || (call != Py_None && PyList_Append(calls, call) < 0)) {
            Py_CLEAR(calls);
        }
        Py_XDECREF(call);
    }
    return calls;
}

static PyObject *queue_coroutines(PyObject *object, PyObject *arguments)
{
    return fastgo_coroutines_new((queue *)object, arguments);
}

/* --- functions --- */

static PyObject *queue_register(PyObject *object, PyObject *arguments)
{
    unsigned int number;
    PyObject *callable, *plan, *owner;
    if (!PyArg_ParseTuple(arguments, "IOO!O", &number, &callable, &PyTuple_Type, &plan, &owner)) {
        return NULL;
    }
    struct fastgo_function *function = PyMem_Calloc(1, sizeof(*function));
    if (function == NULL) {
        return PyErr_NoMemory();
    }
    function->users = 1;
    function->callable = Py_NewRef(callable);
    function->owner = Py_NewRef(owner);
    if (fastgo_plan_read(&function->plan, plan) < 0) {
        fastgo_function_release(function);
        return NULL;
    }
    if (fastgo_register(&((queue *)object)->registry, number, function) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *queue_forget(PyObject *object, PyObject *number)
{
    unsigned long value = PyLong_AsUnsignedLong(number);
    if (PyErr_Occurred()) {
        return NULL;
    }
    fastgo_forget(&((queue *)object)->registry, (uint32_t)value);
    Py_RETURN_NONE;
}

/* --- the type --- */

static PyObject *queue_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    unsigned long long address;
    PyObject *request_type, *convert, *invalid, *failed;
    if (keywords != NULL && PyDict_Size(keywords) > 0) {
        PyErr_SetString(PyExc_TypeError, "Queue takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(arguments, "KO!OOO", &address, &PyType_Type, &request_type, &convert, &invalid, &failed)) {
        return NULL;
    }
    struct fastgo_queue *shared = (struct fastgo_queue *)(uintptr_t)address;
    if (shared == NULL || shared->fingerprint != fastgo_fingerprint()) {
        PyErr_SetString(PyExc_RuntimeError, "the library's Go and C sides lay out their queues differently; build it again");
        return NULL;
    }
    queue *self = (queue *)PyType_GenericAlloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->shared = shared;
    self->request_type = Py_NewRef(request_type);
    self->convert = Py_NewRef(convert);
    self->invalid = Py_NewRef(invalid);
    self->failed = Py_NewRef(failed);
    return (PyObject *)self;
}

static int queue_traverse(PyObject *object, visitproc visit, void *arg)
{
    queue *self = (queue *)object;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(self->request_type);
    Py_VISIT(self->convert);
    Py_VISIT(self->invalid);
    Py_VISIT(self->failed);
    return fastgo_visit(&self->registry, visit, arg);
}

static int queue_clear(PyObject *object)
{
    queue *self = (queue *)object;
    Py_CLEAR(self->request_type);
    Py_CLEAR(self->convert);
    Py_CLEAR(self->invalid);
    Py_CLEAR(self->failed);
    fastgo_forget_all(&self->registry);
    return 0;
}

static void queue_dealloc(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    queue_clear(object);
    PyObject_GC_Del(object);
    Py_DECREF(type);
}

static PyMethodDef queue_methods[] = {
    {"register", queue_register, METH_VARARGS, NULL},
    {"forget", queue_forget, METH_O, NULL},
    {"enter", queue_enter, METH_NOARGS, NULL},
    {"work", queue_work, METH_O, NULL},
    {"coroutines", queue_coroutines, METH_VARARGS, NULL},
    {"leave", queue_leave, METH_O, NULL},
    {"running", queue_running, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot queue_slots[] = {
    {Py_tp_doc, "The Python functions of a server, and the loop in which threads run them."},
    {Py_tp_new, (void *)queue_new},
    {Py_tp_dealloc, (void *)queue_dealloc},
    {Py_tp_traverse, (void *)queue_traverse},
    {Py_tp_clear, (void *)queue_clear},
    {Py_tp_methods, queue_methods},
    {0, NULL},
};

static PyType_Spec queue_spec = {
    .name = "fastgo._lib._glue.Queue",
    .basicsize = sizeof(queue),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = queue_slots,
};

int fastgo_add_queue(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&queue_spec);
    int failed = type == NULL || PyModule_AddType(module, (PyTypeObject *)type) < 0;
    Py_XDECREF(type);
    return failed ? -1 : 0;
}
