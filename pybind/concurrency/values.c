//go:build python

/*
 * Values of channels. Objects travel as references, and only with the GIL. A channel that is made
 * of int or bytes carries them in native form, so that native code can be at its other end.
 */
#include "channel.h"
#include "drop.h"
#include "scheduler.h"

static int make_bytes(struct fastgo_chan *core, PyObject *object, union fastgo_value *value)
{
    Py_buffer view;
    if (PyObject_GetBuffer(object, &view, PyBUF_SIMPLE) < 0) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(PyExc_TypeError, "this is a channel of bytes: it cannot carry %R%s", object,
                         PyUnicode_Check(object) ? ": write text.encode()" : "");
        }
        return -1;
    }
    bool made = fastgo_chan_make_bytes(core, view.buf, (size_t)view.len, value);
    PyBuffer_Release(&view);
    if (!made) {
        PyErr_NoMemory();
    }
    return made ? 0 : -1;
}

int fastgo_value_make(struct fastgo_chan *core, PyObject *object, union fastgo_value *value)
{
    if (fastgo_chan_check(core) < 0) {
        return -1;
    }
    switch (core == NULL ? FASTGO_OBJECT : fastgo_chan_kind(core)) {
    case FASTGO_INT:
        if (!PyLong_Check(object)) {
            PyErr_Format(PyExc_TypeError, "this is a channel of int: it cannot carry %R", object);
            return -1;
        }
        value->integer = PyLong_AsLongLong(object);
        if (value->integer == -1 && PyErr_Occurred()) {
            PyErr_Format(PyExc_OverflowError, "a channel of int carries -2**63 to 2**63 - 1: it cannot carry %R", object);
            return -1;
        }
        return 0;
    case FASTGO_BYTES:
        return make_bytes(core, object, value);
    default:
        value->object = Py_NewRef(object);
        return 0;
    }
}

PyObject *fastgo_value_take(struct fastgo_chan *core, union fastgo_value value)
{
    fastgo_string bytes;
    PyObject *object;
    switch (fastgo_chan_kind(core)) {
    case FASTGO_INT:
        return PyLong_FromLongLong(value.integer);
    case FASTGO_BYTES:
        bytes = fastgo_value_bytes(value);
        object = PyBytes_FromStringAndSize(bytes.data, (Py_ssize_t)bytes.size);
        fastgo_chan_release(core, value);
        return object;
    default:
        return value.object;
    }
}

void fastgo_value_drop(struct fastgo_chan *core, union fastgo_value value)
{
    if (core != NULL) {
        fastgo_chan_release(core, value);
    } else {
        fastgo_give_up(value.object); /* for the nil channel */
    }
}

void fastgo_give_object_back(void *object)
{
    fastgo_give_up(object);
}

void fastgo_case_hold(const struct fastgo_case *one)
{
    if (one->chan != NULL) {
        Py_INCREF((PyObject *)fastgo_chan_owner(one->chan));
    }
}

void fastgo_case_let_go(const struct fastgo_case *one)
{
    if (one->chan != NULL) {
        Py_DECREF((PyObject *)fastgo_chan_owner(one->chan));
    }
}

PyObject *fastgo_received(struct fastgo_case *one, int kind)
{
    PyObject *value = one->ok ? fastgo_value_take(one->chan, one->value) : Py_NewRef(Py_None);
    if (value == NULL || kind != FASTGO_KIND_RECV_OK) {
        return value;
    }
    PyObject *pair = PyTuple_Pack(2, value, one->ok ? Py_True : Py_False);
    Py_DECREF(value);
    return pair;
}

void fastgo_raise_closed(void)
{
    PyErr_SetString(fastgo_hooks.channel_error, "send on a closed channel");
}
