//go:build python

/*
 * Chan: gocore/task/chan.h for Python. What it does is in exchange.c, and what it carries in
 * values.c.
 *
 * The collector sees what is in the buffer. Who waits at a channel has a reference to it.
 */
#include "channel.h"
#include "docs.h"
#include "native.h"
#include "scheduler.h"

static PyTypeObject *chan_type;

static struct fastgo_chan *core_of(PyObject *object)
{
    return ((fastgo_chan_object *)object)->core;
}

int fastgo_chan_check_forked(const struct fastgo_chan *core)
{
    if (core == NULL || !fastgo_chan_is_lost(core)) {
        return 0;
    }
    PyErr_SetString(fastgo_hooks.fork_error,
                    "this channel of int or bytes was made before the fork, and serves the parent's native code: make another "
                    "one in this process");
    return -1;
}

/* --- what it is --- */

static Py_ssize_t chan_len(PyObject *object)
{
    return fastgo_chan_check(core_of(object)) < 0 ? -1 : (Py_ssize_t)fastgo_chan_len(core_of(object));
}

/* A channel is true, whatever is in it, and nilchan is not. */
static int chan_bool(PyObject *object)
{
    return core_of(object) != NULL;
}

static PyObject *chan_capacity(PyObject *object, void *Py_UNUSED(closure))
{
    return PyLong_FromSize_t(core_of(object) == NULL ? 0 : fastgo_chan_cap(core_of(object)));
}

static PyObject *chan_address(PyObject *object, void *Py_UNUSED(closure))
{
    struct fastgo_chan *core = core_of(object);
    if (core == NULL || fastgo_chan_kind(core) == FASTGO_OBJECT) {
        PyErr_SetString(PyExc_ValueError, "native code can use channels that were made by chan(n, of=bytes) or chan(n, of=int)");
        return NULL;
    }
    if (fastgo_chan_check(core) < 0) {
        return NULL;
    }
    fastgo_native_start(); /* native code may start tasks */
    return PyLong_FromVoidPtr(core);
}

static PyObject *chan_of(PyObject *object, void *Py_UNUSED(closure))
{
    static PyTypeObject *const kinds[] = {[FASTGO_INT] = &PyLong_Type, [FASTGO_BYTES] = &PyBytes_Type};
    struct fastgo_chan *core = core_of(object);
    if (core == NULL || fastgo_chan_kind(core) == FASTGO_OBJECT) {
        Py_RETURN_NONE;
    }
    return Py_NewRef((PyObject *)kinds[fastgo_chan_kind(core)]);
}

static PyObject *chan_repr(PyObject *object)
{
    static const char *const kinds[] = {[FASTGO_INT] = " of int", [FASTGO_BYTES] = " of bytes", [FASTGO_OBJECT] = ""};
    struct fastgo_chan *core = core_of(object);
    if (core == NULL) {
        return PyUnicode_FromString("nilchan");
    }
    if (fastgo_chan_is_lost(core)) {
        return PyUnicode_FromFormat("<fastgo.concurrency.Chan%s at %p, made before a fork>", kinds[fastgo_chan_kind(core)], object);
    }
    return PyUnicode_FromFormat("<fastgo.concurrency.Chan%s at %p, %s%zu of %zu>", kinds[fastgo_chan_kind(core)], object,
                                fastgo_chan_is_closed(core) ? "closed, " : "", fastgo_chan_len(core), fastgo_chan_cap(core));
}

/* --- what it is a part of --- */

/* _label: an object whose str() says what is waited for, and whose `instead` what to await. */
static int chan_set_label(PyObject *object, PyObject *label, void *Py_UNUSED(closure))
{
    fastgo_chan_object *self = (fastgo_chan_object *)object;
    PyObject *before = self->label;
    self->label = Py_XNewRef(label);
    Py_XDECREF(before);
    return 0;
}

static PyObject *label_of(struct fastgo_chan *core)
{
    return core == NULL ? NULL : ((fastgo_chan_object *)fastgo_chan_owner(core))->label;
}

const char *fastgo_chan_instead(struct fastgo_chan *core, const char *usual)
{
    PyObject *label = label_of(core);
    PyObject *instead = label == NULL ? NULL : PyObject_GetAttrString(label, "instead");
    if (instead == NULL) {
        PyErr_Clear();
        return usual;
    }
    const char *text = PyUnicode_AsUTF8AndSize(instead, NULL);
    Py_DECREF(instead); /* the label has it */
    if (text == NULL) {
        PyErr_Clear();
    }
    return text == NULL ? usual : text;
}

PyObject *fastgo_chan_describe(struct fastgo_chan *core, const char *what)
{
    PyObject *label = label_of(core);
    return core == NULL    ? PyUnicode_FromFormat("waits to %s nilchan", what)
           : label != NULL ? PyUnicode_FromFormat("waits %S", label)
                           : PyUnicode_FromFormat("waits to %s %R", what, (PyObject *)fastgo_chan_owner(core));
}

/* --- its life --- */

static PyObject *new_chan(struct fastgo_chan *core)
{
    fastgo_chan_object *made = (fastgo_chan_object *)PyType_GenericAlloc(chan_type, 0);
    if (made != NULL && core != NULL) {
        made->core = core;
        fastgo_chan_set_owner(core, made);
    }
    return (PyObject *)made;
}

/* -1 with an exception. What is too large for a size is the largest one, for which there is no memory. */
static Py_ssize_t read_capacity(PyObject *given)
{
    if (!PyIndex_Check(given)) {
        const char *instead = given == (PyObject *)&PyLong_Type    ? ": write chan(of=int)"
                              : given == (PyObject *)&PyBytes_Type ? ": write chan(of=bytes)"
                                                                   : "";
        PyErr_Format(PyExc_TypeError, "the capacity of a channel is an int, and not %R%s", given, instead);
        return -1;
    }
    Py_ssize_t capacity = PyNumber_AsSsize_t(given, NULL);
    if (capacity < 0 && !PyErr_Occurred()) {
        PyErr_Format(PyExc_ValueError, "a channel has room for 0 values or more, not for %R", given);
    }
    return capacity;
}

PyObject *fastgo_make_chan(PyObject *Py_UNUSED(module), PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"capacity", "of", NULL};
    PyObject *given = NULL, *of = Py_None;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|OO:chan", names, &given, &of)) {
        return NULL;
    }
    Py_ssize_t capacity = given == NULL ? 0 : read_capacity(given);
    if (capacity < 0) {
        return NULL;
    }
    enum fastgo_kind kind = of == (PyObject *)&PyLong_Type ? FASTGO_INT : of == (PyObject *)&PyBytes_Type ? FASTGO_BYTES : FASTGO_OBJECT;
    if (kind == FASTGO_OBJECT && of != Py_None) {
        return PyErr_Format(PyExc_TypeError, "a channel is of int, of bytes or, for any object, of None, and not of %R", of);
    }
    struct fastgo_chan *core = fastgo_chan_new((size_t)capacity, kind);
    if (core == NULL) {
        return PyErr_Format(PyExc_MemoryError, "there is no memory for a channel with room for %R values", given);
    }
    PyObject *made = new_chan(core);
    if (made == NULL) {
        fastgo_chan_unref(core);
    }
    return made;
}

struct visit {
    visitproc visit;
    void *arg;
};

static int visit_object(void *object, void *argument)
{
    struct visit *with = argument;
    return with->visit(object, with->arg);
}

static int chan_traverse(PyObject *object, visitproc visit, void *arg)
{
    struct visit with = {visit, arg};
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(((fastgo_chan_object *)object)->label);
    return core_of(object) == NULL ? 0 : fastgo_chan_visit(core_of(object), visit_object, &with);
}

/* Nobody waits for garbage: who waits has a reference. So this empties the buffer and no more. */
static int chan_clear(PyObject *object)
{
    struct fastgo_chan *core = core_of(object);
    if (core != NULL && fastgo_chan_kind(core) == FASTGO_OBJECT) {
        fastgo_chan_clear(core);
    }
    return 0;
}

static void chan_dealloc(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    struct fastgo_chan *core = core_of(object);
    PyObject_GC_UnTrack(object);
    if (core != NULL) {
        fastgo_chan_set_owner(core, NULL);
        fastgo_chan_unref(core);
    }
    Py_XDECREF(((fastgo_chan_object *)object)->label);
    PyObject_GC_Del(object);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"send", fastgo_chan_object_send, METH_O, "send(value): sends, and blocks the thread until somebody takes it or there is room."},
    {"recv", fastgo_chan_object_recv, METH_NOARGS, "recv(): receives, and blocks the thread until there is something. None: it is closed."},
    {"recv_", fastgo_chan_object_recv_ok, METH_NOARGS, "recv_(): as recv, but (value, True), or (None, False) where it is closed."},
    {"asend", fastgo_chan_object_asend, METH_O, "asend(value): send, to be awaited."},
    {"arecv", fastgo_chan_object_arecv, METH_NOARGS, "arecv(): recv, to be awaited."},
    {"arecv_", fastgo_chan_object_arecv_ok, METH_NOARGS, "arecv_(): recv_, to be awaited."},
    {"close", fastgo_chan_object_close, METH_NOARGS, "close(): says that nothing more will be sent."},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef attributes[] = {
    {"capacity", chan_capacity, NULL, "How many values fit into its buffer.", NULL},
    {"of", chan_of, NULL, "int or bytes, for native code; None for any object.", NULL},
    {"_label", NULL, chan_set_label, NULL, NULL},
    {"address", chan_address, NULL, "Where native code finds it, for as long as this object is there.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, FASTGO_CHAN_TYPE_DOC},
    {Py_tp_dealloc, (void *)chan_dealloc},
    {Py_tp_traverse, (void *)chan_traverse},
    {Py_tp_clear, (void *)chan_clear},
    {Py_tp_repr, (void *)chan_repr},
    {Py_tp_iter, (void *)PyObject_SelfIter},
    {Py_tp_iternext, (void *)fastgo_chan_object_next},
    {Py_am_aiter, (void *)PyObject_SelfIter},
    {Py_am_anext, (void *)fastgo_chan_object_anext},
    {Py_mp_length, (void *)chan_len},
    {Py_nb_bool, (void *)chan_bool},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "fastgo.concurrency.Chan",
    .basicsize = sizeof(fastgo_chan_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

/* --- locks --- */

/* Takes a lock: sends to the channel that is its `_token`. As `with` calls it without a frame of Python's,
 * an exception that was put off (blocking.c) is raised by the first call in the block, which gives the lock
 * back. */
static PyObject *enter(PyObject *lock, PyObject *Py_UNUSED(none))
{
    PyObject *token = PyObject_GetAttrString(lock, "_token"), *sent = NULL;
    if (token != NULL && Py_TYPE(token) == chan_type) {
        sent = fastgo_chan_object_send(token, Py_None);
    } else if (token != NULL) {
        PyErr_Format(PyExc_TypeError, "the token of a lock is a channel, and not %R", token);
    }
    Py_XDECREF(token);
    return sent;
}

/* Gives a lock back: receives from its `_token`, or calls its `_refuse()` where nobody has it; where that is
 * nilchan, nothing is to be given back. A function of Python's would keep the lock where the handler of a signal
 * raises as it begins. */
static PyObject *leave(PyObject *lock, PyObject *const *Py_UNUSED(error), Py_ssize_t Py_UNUSED(count))
{
    PyObject *token = PyObject_GetAttrString(lock, "_token"), *left = NULL;
    if (token != NULL && Py_TYPE(token) == chan_type) {
        struct fastgo_chan *core = core_of(token);
        union fastgo_value value;
        if (fastgo_chan_check(core) == 0) {
            int done = core == NULL ? FASTGO_CLOSED : fastgo_chan_recv(core, &value, NULL);
            if (done == FASTGO_OK) {
                fastgo_value_drop(core, value);
            }
            left = done == FASTGO_WAIT ? PyObject_CallMethod(lock, "_refuse", NULL) : Py_NewRef(Py_None);
        }
    } else if (token != NULL) {
        PyErr_Format(PyExc_TypeError, "the token of a lock is a channel, and not %R", token);
    }
    Py_XDECREF(token);
    return left;
}

static PyMethodDef enter_method = {"__enter__", enter, METH_NOARGS, "Takes it, and waits until it can be taken."};
static PyMethodDef leave_method = {"__exit__", (PyCFunction)(void (*)(void))leave, METH_FASTCALL, "Gives it back."};

int fastgo_add_chan(PyObject *module)
{
    fastgo_release_object = fastgo_give_object_back;
    chan_type = (PyTypeObject *)PyType_FromSpec(&spec);
    PyObject *nil = chan_type == NULL ? NULL : new_chan(NULL);
    PyObject *entered = PyDescr_NewMethod(&PyBaseObject_Type, &enter_method);
    PyObject *left = PyDescr_NewMethod(&PyBaseObject_Type, &leave_method);
    int failed = nil == NULL || entered == NULL || left == NULL || PyModule_AddType(module, chan_type) < 0 ||
                 PyModule_AddObjectRef(module, "nilchan", nil) < 0 || PyModule_AddObjectRef(module, "enter", entered) < 0 ||
                 PyModule_AddObjectRef(module, "leave", left) < 0;
    Py_XDECREF(nil);
    Py_XDECREF(entered);
    Py_XDECREF(left);
    return failed ? -1 : 0;
}
