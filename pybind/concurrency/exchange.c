//go:build python

/*
 * Send and receive, in the two manners of Python: coroutines await an operation, threads block.
 *
 * The case of an operation has a reference to the channel's object, which is the core's owner.
 */
#include "blocking.h"
#include "channel.h"
#include "scheduler.h"

static struct fastgo_chan *core_of(PyObject *object)
{
    return ((fastgo_chan_object *)object)->core;
}

/* --- operations for coroutines --- */

static int send_begin(fastgo_await *self, bool park)
{
    struct fastgo_case *one = &self->wait.one;
    if (fastgo_chan_check(one->chan) < 0) { /* it may have been made before a fork */
        return -1;
    }
    int done = fastgo_chan_send(one->chan, one->value, park ? &self->wait : NULL);
    if (done == FASTGO_CLOSED) {
        fastgo_raise_closed();
        return -1;
    }
    if (done == FASTGO_OK) {
        one->ok = true;
    }
    return done == FASTGO_OK;
}

static int recv_begin(fastgo_await *self, bool park)
{
    struct fastgo_case *one = &self->wait.one;
    if (fastgo_chan_check(one->chan) < 0) {
        return -1;
    }
    int done = fastgo_chan_recv(one->chan, &one->value, park ? &self->wait : NULL);
    if (done != FASTGO_WAIT) {
        one->ok = done == FASTGO_OK;
    }
    return done != FASTGO_WAIT;
}

static bool cancel(fastgo_await *self)
{
    return fastgo_wait_cancel(&self->wait);
}

static void send_drop(fastgo_await *self, bool done)
{
    struct fastgo_case *one = &self->wait.one;
    if (!done || !one->ok) {
        fastgo_value_drop(one->chan, one->value);
    }
    fastgo_case_let_go(one);
}

static void recv_drop(fastgo_await *self, bool done)
{
    struct fastgo_case *one = &self->wait.one;
    if (done && one->ok) {
        fastgo_value_drop(one->chan, one->value);
    }
    fastgo_case_let_go(one);
}

static PyObject *send_finish(fastgo_await *self)
{
    bool sent = self->wait.one.ok;
    send_drop(self, true);
    if (!sent) {
        fastgo_raise_closed();
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *recv_finish(fastgo_await *self)
{
    PyObject *result = fastgo_received(&self->wait.one, self->wait.one.mark[0]);
    fastgo_case_let_go(&self->wait.one);
    return result;
}

static PyObject *next_finish(fastgo_await *self)
{
    bool ended = !self->wait.one.ok;
    PyObject *result = recv_finish(self);
    if (ended) {
        Py_CLEAR(result);
        PyErr_SetNone(PyExc_StopAsyncIteration);
    }
    return result;
}

static PyObject *describe(fastgo_await *self, const char *what)
{
    enum fastgo_await_state state = fastgo_await_state(self);
    if (state == FASTGO_AWAIT_SPENT) {
        return PyUnicode_FromFormat("waited to %s a channel", what); /* which it does not know any more */
    }
    return fastgo_chan_describe(self->wait.one.chan, what);
}

static PyObject *send_describe(fastgo_await *self)
{
    return describe(self, "send to");
}

static PyObject *recv_describe(fastgo_await *self)
{
    return describe(self, "receive from");
}

const fastgo_await_kind fastgo_send_kind = {"asend", send_begin, cancel, send_finish, send_drop, send_describe},
                            fastgo_recv_kind = {"arecv", recv_begin, cancel, recv_finish, recv_drop, recv_describe},
                            fastgo_recv_ok_kind = {"arecv_", recv_begin, cancel, recv_finish, recv_drop, recv_describe},
                            fastgo_next_kind = {"__anext__", recv_begin, cancel, next_finish, recv_drop, recv_describe};

static PyObject *new_operation(PyObject *object, int kind)
{
    fastgo_await *made = fastgo_chan_check(core_of(object)) < 0 ? NULL : fastgo_await_new(kind);
    if (made != NULL) {
        made->wait.one.chan = core_of(object);
        fastgo_case_hold(&made->wait.one);
    }
    return (PyObject *)made;
}

PyObject *fastgo_chan_object_asend(PyObject *object, PyObject *sent)
{
    union fastgo_value value;
    if (fastgo_value_make(core_of(object), sent, &value) < 0) {
        return NULL;
    }
    PyObject *made = new_operation(object, FASTGO_KIND_SEND);
    if (made == NULL) {
        fastgo_value_drop(core_of(object), value);
        return NULL;
    }
    ((fastgo_await *)made)->wait.one.value = value;
    return made;
}

PyObject *fastgo_chan_object_arecv(PyObject *object, PyObject *Py_UNUSED(none))
{
    return new_operation(object, FASTGO_KIND_RECV);
}

PyObject *fastgo_chan_object_arecv_ok(PyObject *object, PyObject *Py_UNUSED(none))
{
    return new_operation(object, FASTGO_KIND_RECV_OK);
}

PyObject *fastgo_chan_object_anext(PyObject *object)
{
    return new_operation(object, FASTGO_KIND_NEXT);
}

/* --- for threads --- */

/* Sends a value, which is the channel's or given up then. -1 with an exception. */
static int send_blocking(struct fastgo_chan *core, union fastgo_value value)
{
    struct fastgo_blocked *blocked = NULL;
    int done = fastgo_chan_send(core, value, NULL), how = FASTGO_BLOCK_FIRED;
    if (done == FASTGO_WAIT) {
        if ((blocked = fastgo_blocked_new()) == NULL ||
            fastgo_block_begin(blocked, fastgo_chan_instead(core, "await ch.asend(value)")) < 0) {
            PyMem_Free(blocked);
            fastgo_value_drop(core, value);
            return -1;
        }
        done = fastgo_chan_send(core, value, &blocked->wait);
    }
    if (done == FASTGO_WAIT) {
        how = fastgo_block(blocked, fastgo_wait_cancel, -1);
        done = how == FASTGO_BLOCK_FIRED && blocked->wait.one.ok ? FASTGO_OK : FASTGO_CLOSED;
    }
    if (blocked != NULL) {
        PyMem_Free(blocked);
    }
    if (done == FASTGO_CLOSED) {
        fastgo_value_drop(core, value);
        if (how == FASTGO_BLOCK_FIRED) {
            fastgo_raise_closed();
        }
    }
    return done == FASTGO_OK ? 0 : -1;
}

/* Receives into a case. -1 with an exception: `instead` says what to await. */
static int recv_blocking(struct fastgo_chan *core, struct fastgo_case *one, const char *instead)
{
    struct fastgo_blocked *blocked = NULL;
    int done = fastgo_chan_recv(core, &one->value, NULL);
    one->chan = core;
    if (done == FASTGO_WAIT) {
        if ((blocked = fastgo_blocked_new()) == NULL ||
            fastgo_block_begin(blocked, fastgo_chan_instead(core, instead)) < 0) {
            PyMem_Free(blocked);
            return -1;
        }
        done = fastgo_chan_recv(core, &one->value, &blocked->wait);
    }
    int how = FASTGO_BLOCK_FIRED;
    one->ok = done == FASTGO_OK;
    if (done == FASTGO_WAIT && (how = fastgo_block(blocked, fastgo_wait_cancel, -1)) == FASTGO_BLOCK_FIRED) {
        one->ok = blocked->wait.one.ok;
        one->value = blocked->wait.one.value;
    }
    if (blocked != NULL) {
        PyMem_Free(blocked);
    }
    return how == FASTGO_BLOCK_FIRED ? 0 : -1;
}

PyObject *fastgo_chan_object_send(PyObject *object, PyObject *sent)
{
    union fastgo_value value;
    if (fastgo_value_make(core_of(object), sent, &value) < 0) {
        return NULL;
    }
    Py_INCREF(object); /* while the GIL is released, the caller's reference may go */
    int failed = send_blocking(core_of(object), value);
    Py_DECREF(object);
    if (failed < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *receive(PyObject *object, int kind)
{
    static const char *const instead[] = {
        [FASTGO_KIND_RECV] = "await ch.arecv()",
        [FASTGO_KIND_RECV_OK] = "await ch.arecv_()",
        [FASTGO_KIND_NEXT] = "async for value in ch:",
    };
    struct fastgo_case one;
    if (fastgo_chan_check(core_of(object)) < 0) {
        return NULL;
    }
    Py_INCREF(object);
    PyObject *result = recv_blocking(core_of(object), &one, instead[kind]) < 0 ? NULL
                       : kind == FASTGO_KIND_NEXT && !one.ok                   ? NULL
                                                                               : fastgo_received(&one, kind);
    Py_DECREF(object);
    return result;
}

PyObject *fastgo_chan_object_recv(PyObject *object, PyObject *Py_UNUSED(none))
{
    return receive(object, FASTGO_KIND_RECV);
}

PyObject *fastgo_chan_object_recv_ok(PyObject *object, PyObject *Py_UNUSED(none))
{
    return receive(object, FASTGO_KIND_RECV_OK);
}

PyObject *fastgo_chan_object_next(PyObject *object)
{
    return receive(object, FASTGO_KIND_NEXT);
}

PyObject *fastgo_chan_object_close(PyObject *object, PyObject *Py_UNUSED(none))
{
    struct fastgo_chan *core = core_of(object);
    if (fastgo_chan_check(core) < 0) {
        return NULL;
    }
    if (fastgo_chan_close(core) != FASTGO_OK) {
        PyErr_SetString(fastgo_hooks.channel_error, core == NULL ? "close of nilchan" : "close of a closed channel");
        return NULL;
    }
    Py_RETURN_NONE;
}

/* --- which method it is --- */

int fastgo_method_kind(PyObject *method, fastgo_chan_object **chan)
{
    static const struct {
        PyCFunction function;
        int kind;
    } known[] = {
        {fastgo_chan_object_send, FASTGO_KIND_SEND},  {fastgo_chan_object_recv, FASTGO_KIND_RECV},   {fastgo_chan_object_recv_ok, FASTGO_KIND_RECV_OK},
        {fastgo_chan_object_asend, FASTGO_KIND_SEND}, {fastgo_chan_object_arecv, FASTGO_KIND_RECV}, {fastgo_chan_object_arecv_ok, FASTGO_KIND_RECV_OK},
    };
    if (Py_TYPE(method) != &PyCFunction_Type) {
        return -1;
    }
    PyCFunction function = PyCFunction_GetFunction(method);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].function == function) {
            *chan = (fastgo_chan_object *)PyCFunction_GetSelf(method);
            return known[i].kind;
        }
    }
    return -1;
}
