//go:build python

/*
 * The bridge to an event loop of asyncio.
 *
 *   Bridge(loop)             one for each loop: an inbox, and the eventfd that the loop watches
 *     fileno()               of the eventfd
 *     deliver()              called by the loop: has the futures come true whose waits have fired
 *     abandon()              the loop was closed: takes back what its tasks wait for
 *   Promise(bridge, future)  one for each wait
 *
 * Who fires a wait needs neither the GIL nor the loop: it writes to the eventfd, and only where
 * nobody has since the loop looked last. So a batch of wake-ups is one turn of the loop.
 *
 * A descriptor that was ever written to is never closed: a late writer must not meet the file of
 * somebody else. Those of bridges that have gone serve new ones; but not in a forked process, as its
 * parent writes to them and reads them too.
 */
#include "promise.h"

#include <errno.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "await.h"

typedef struct {
    PyObject_HEAD
    struct fastgo_inbox inbox;
    unsigned made; /* behind so many forks */
    const void *loop; /* its address alone, to know it by */
    struct promise *parked; /* those that have an operation */
} bridge;

typedef struct promise {
    PyObject_HEAD
    struct fastgo_inbox *inbox; /* as a party has it */
    PyObject *bridge, *future;
    fastgo_await *operation; /* that is parked for it, or NULL; borrowed, as that has a reference to this */
    struct promise *next, *previous;
} promise;

static PyTypeObject *bridge_type, *promise_type;

/* The bridge that was used last, borrowed, and the thread in which its loop ran then. */
static bridge *latest;
static unsigned long latest_thread;

static PyObject *get_running_loop; /* of asyncio, from the first bridge on */

/* Events of bridges that have gone, all made behind so many forks. */
static int *spare;
static size_t spare_count, spare_room;
static unsigned spare_made;

/* --- bridges --- */

static int take_event(void)
{
    if (spare_made != fastgo_forks) {
        spare_made = fastgo_forks;
        spare_count = 0;
    }
    if (spare_count > 0) {
        return spare[--spare_count];
    }
    int event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (event < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
    }
    return event;
}

static void keep_event(int event)
{
    if (spare_count == spare_room) {
        size_t room = spare_room * 2 + 4;
        int *more = PyMem_Realloc(spare, room * sizeof(*more));
        if (more == NULL) {
            return; /* it stays open, unused */
        }
        spare = more;
        spare_room = room;
    }
    spare[spare_count++] = event;
}

static int load_asyncio(void)
{
    PyObject *module = PyImport_ImportModule("asyncio.events");
    PyObject *found = module == NULL ? NULL : PyObject_GetAttrString(module, "_get_running_loop");
    Py_XDECREF(module);
    if (found != NULL) {
        PyObject *before = get_running_loop;
        get_running_loop = found;
        Py_XDECREF(before);
    }
    return found == NULL ? -1 : 0;
}

static PyObject *bridge_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"loop", NULL};
    PyObject *loop;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O:Bridge", names, &loop) || load_asyncio() < 0) {
        return NULL;
    }
    int event = take_event();
    bridge *self = event < 0 ? NULL : (bridge *)PyType_GenericAlloc(type, 0);
    if (self == NULL) {
        if (event >= 0) {
            keep_event(event);
        }
        return NULL;
    }
    self->inbox.event = event;
    self->made = fastgo_forks;
    self->loop = loop;
    fastgo_inbox_retire(&self->inbox); /* the loop is told of the first that comes */
    return (PyObject *)self;
}

static void bridge_dealloc(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    if (latest == (bridge *)object) {
        latest = NULL;
    }
    if (((bridge *)object)->made == spare_made) { /* else it stays open, unused */
        keep_event(((bridge *)object)->inbox.event);
    }
    PyObject_Free(object);
    Py_DECREF(type);
}

static PyObject *bridge_fileno(PyObject *object, PyObject *Py_UNUSED(none))
{
    return PyLong_FromLong(((bridge *)object)->inbox.event);
}

static PyObject *bridge_deliver(PyObject *object, PyObject *Py_UNUSED(none))
{
    bridge *self = (bridge *)object;
    uint64_t count;
    while (read(self->inbox.event, &count, sizeof(count)) < 0 && errno == EINTR) {
    }
    do {
        fastgo_deliver(&self->inbox);
    } while (!fastgo_inbox_retire(&self->inbox));
    Py_RETURN_NONE;
}

/* What is parked keeps itself and all that waits for it, which never goes on any more. */
static PyObject *bridge_abandon(PyObject *object, PyObject *Py_UNUSED(none))
{
    bridge *self = (bridge *)object;
    while (self->parked != NULL) {
        fastgo_await *operation = (fastgo_await *)Py_NewRef((PyObject *)self->parked->operation);
        fastgo_await_abandon(operation);
        Py_DECREF((PyObject *)operation);
    }
    Py_RETURN_NONE;
}

/* Whether the loop of a bridge runs in this thread: it may go on in another one than before. */
static bool runs_here(const bridge *self)
{
    PyObject *loop = PyObject_CallNoArgs(get_running_loop);
    bool yes = loop == self->loop;
    if (loop == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(loop);
    return yes;
}

PyObject *fastgo_bridge_attend(void)
{
    if (latest == NULL || latest_thread != PyThread_get_thread_ident()) {
        return NULL;
    }
    fastgo_inbox_attend(&latest->inbox);
    return Py_NewRef((PyObject *)latest);
}

void fastgo_bridge_retire(PyObject *object)
{
    bridge *self = (bridge *)object;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    while (self->inbox.taken != NULL || !fastgo_inbox_retire(&self->inbox)) {
        if (!runs_here(self)) {
            fastgo_inbox_tell(&self->inbox); /* what came meanwhile has told nobody */
            break;
        }
        fastgo_deliver(&self->inbox);
    }
    Py_DECREF(object);
    PyErr_Restore(type, value, traceback);
}

static PyMethodDef bridge_methods[] = {
    {"fileno", bridge_fileno, METH_NOARGS, NULL},
    {"deliver", bridge_deliver, METH_NOARGS, NULL},
    {"abandon", bridge_abandon, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot bridge_slots[] = {
    {Py_tp_doc, "Brings what has fired to an event loop of asyncio."},
    {Py_tp_new, (void *)bridge_new},
    {Py_tp_dealloc, (void *)bridge_dealloc},
    {Py_tp_methods, bridge_methods},
    {0, NULL},
};

static PyType_Spec bridge_spec = {
    .name = "fastgo.concurrency.Bridge",
    .basicsize = sizeof(bridge),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = bridge_slots,
};

/* --- promises --- */

static PyObject *promise_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"bridge", "future", NULL};
    PyObject *to, *future;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O!O:Promise", names, bridge_type, &to, &future)) {
        return NULL;
    }
    promise *self = (promise *)PyType_GenericAlloc(type, 0);
    if (self != NULL) {
        self->inbox = &((bridge *)to)->inbox;
        self->bridge = Py_NewRef(to);
        latest = (bridge *)to;
        latest_thread = PyThread_get_thread_ident();
        self->future = Py_NewRef(future);
    }
    return (PyObject *)self;
}

static int promise_traverse(PyObject *object, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(((promise *)object)->future);
    return 0;
}

static void promise_dealloc(PyObject *object)
{
    promise *self = (promise *)object;
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    Py_DECREF(self->bridge);
    Py_DECREF(self->future);
    PyObject_GC_Del(object);
    Py_DECREF(type);
}

PyObject *fastgo_promise_future(PyObject *object)
{
    if (Py_TYPE(object) != promise_type) {
        return PyErr_Format(PyExc_TypeError, "%R is no Promise", object);
    }
    PyObject *future = ((promise *)object)->future;
    if (PyObject_SetAttrString(future, "_asyncio_future_blocking", Py_True) < 0) {
        return NULL;
    }
    return Py_NewRef(future);
}

void fastgo_promise_hold(PyObject *object, fastgo_await *operation)
{
    promise *self = (promise *)object, **first = &((bridge *)self->bridge)->parked;
    self->operation = operation;
    self->previous = NULL;
    self->next = *first;
    if (self->next != NULL) {
        self->next->previous = self;
    }
    *first = self;
}

void fastgo_promise_let_go(PyObject *object)
{
    promise *self = (promise *)object;
    *(self->previous != NULL ? &self->previous->next : &((bridge *)self->bridge)->parked) = self->next;
    if (self->next != NULL) {
        self->next->previous = self->previous;
    }
    self->operation = NULL;
}

void fastgo_promise_keep(PyObject *object)
{
    PyObject *future = ((promise *)object)->future;
    PyObject *done = PyObject_CallMethod(future, "done", NULL), *kept = NULL;
    int is_done = done == NULL ? -1 : PyObject_IsTrue(done);
    if (is_done == 0) {
        kept = PyObject_CallMethod(future, "set_result", "O", Py_None);
    }
    if (PyErr_Occurred()) { /* the loop was closed, for example: nobody waits any more */
        PyErr_WriteUnraisable(future);
    }
    Py_XDECREF(done);
    Py_XDECREF(kept);
}

static PyType_Slot promise_slots[] = {
    {Py_tp_doc, "A wait of a task of asyncio."},
    {Py_tp_new, (void *)promise_new},
    {Py_tp_dealloc, (void *)promise_dealloc},
    {Py_tp_traverse, (void *)promise_traverse},
    {0, NULL},
};

static PyType_Spec promise_spec = {
    .name = "fastgo.concurrency.Promise",
    .basicsize = sizeof(promise),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = promise_slots,
};

int fastgo_add_promise(PyObject *module)
{
    bridge_type = (PyTypeObject *)PyType_FromSpec(&bridge_spec);
    promise_type = (PyTypeObject *)PyType_FromSpec(&promise_spec);
    if (bridge_type == NULL || promise_type == NULL) {
        return -1;
    }
    return PyModule_AddType(module, bridge_type) < 0 || PyModule_AddType(module, promise_type) < 0 ? -1 : 0;
}
