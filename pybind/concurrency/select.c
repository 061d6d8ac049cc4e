//go:build python

/*
 * select(*cases), and aselect, which is awaited. A case is
 *
 *     ch.recv or ch.recv_     (ch.arecv and ch.arecv_ are the same here)
 *     (ch.send, value)
 *     default                 done where no other case can be
 *
 * The cases stand in an array in the order in which they are given, so that the index of the array
 * is the result's. The place of `default` has the nil channel, which is never ready.
 */
#include "blocking.h"
#include "channel.h"
#include "scheduler.h"

enum { NO_DEFAULT = -1, MOST_CASES = 65536 };

struct cases {
    struct fastgo_case *array; /* each has a reference to its channel; mark[0] is its kind */
    unsigned count;
    int64_t other; /* the index of default */
};

/* Gives up the cases; all but that of index `done` have a value that was not sent. */
static void drop_cases(struct fastgo_case *array, unsigned count, int64_t done)
{
    for (unsigned i = 0; i < count; i++) {
        struct fastgo_case *one = &array[i];
        if (one->mark[0] == FASTGO_KIND_SEND ? i != done || !one->ok : i == done && one->ok) {
            fastgo_value_drop(one->chan, one->value);
        }
        fastgo_case_let_go(one);
    }
    PyMem_Free(array);
}

/* Reads the case, whose memory is zeroed. -1 with an exception. */
static int read_case(PyObject *given, struct fastgo_case *one)
{
    PyObject *method = given, *sent = NULL;
    fastgo_chan_object *chan;
    if (PyTuple_Check(given) && PyTuple_Size(given) == 2) {
        method = PyTuple_GetItem(given, 0);
        sent = PyTuple_GetItem(given, 1);
    }
    int kind = fastgo_method_kind(method, &chan);
    if (kind < 0 || (kind == FASTGO_KIND_SEND) != (sent != NULL)) {
        PyErr_Format(PyExc_TypeError, "a case of select is ch.recv, ch.recv_, (ch.send, value) or default, and not %R", given);
        return -1;
    }
    if (sent == NULL ? fastgo_chan_check(chan->core) < 0 : fastgo_value_make(chan->core, sent, &one->value) < 0) {
        return -1;
    }
    one->chan = chan->core;
    one->mark[0] = (uint8_t)kind;
    one->direction = sent != NULL ? FASTGO_SEND : FASTGO_RECV;
    fastgo_case_hold(one);
    return 0;
}

static int read_cases(PyObject *const *given, Py_ssize_t count, struct cases *cases)
{
    if (count > MOST_CASES) {
        PyErr_Format(PyExc_ValueError, "select takes at most %d cases", MOST_CASES);
        return -1;
    }
    *cases = (struct cases){PyMem_Calloc((size_t)count + 1, sizeof(*cases->array)), 0, NO_DEFAULT};
    if (cases->array == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (; cases->count < count; cases->count++) {
        if (given[cases->count] == fastgo_hooks.otherwise && cases->other != NO_DEFAULT) {
            PyErr_SetString(PyExc_TypeError, "select takes default once, and not twice");
            drop_cases(cases->array, cases->count, -1);
            return -1;
        }
        if (given[cases->count] == fastgo_hooks.otherwise) {
            cases->array[cases->count].mark[0] = FASTGO_KIND_RECV;
            cases->other = cases->count;
        } else if (read_case(given[cases->count], &cases->array[cases->count]) < 0) {
            drop_cases(cases->array, cases->count, -1);
            return -1;
        }
    }
    return 0;
}

/* Makes (index, value) of the case that was done, and gives all cases up. */
static PyObject *finish_cases(struct fastgo_case *array, unsigned count, int64_t done)
{
    struct fastgo_case *one = &array[done];
    PyObject *value;
    if (one->mark[0] != FASTGO_KIND_SEND) {
        value = fastgo_received(one, one->mark[0]);
        one->ok = false; /* it is taken */
    } else if (one->ok) {
        value = Py_NewRef(Py_None);
    } else {
        fastgo_raise_closed();
        value = NULL;
    }
    PyObject *type, *exception, *traceback;
    PyErr_Fetch(&type, &exception, &traceback);
    drop_cases(array, count, done);
    PyErr_Restore(type, exception, traceback);
    return value == NULL ? NULL : Py_BuildValue("(LN)", (long long)done, value);
}

/* --- for threads --- */

PyObject *fastgo_select_blocking(PyObject *Py_UNUSED(module), PyObject *const *given, Py_ssize_t count)
{
    struct cases cases;
    struct fastgo_blocked *blocked = NULL;
    if (read_cases(given, count, &cases) < 0) {
        return NULL;
    }
    int64_t done = fastgo_select(cases.array, cases.count, NULL);
    if (done == FASTGO_WAIT) {
        done = cases.other;
    }
    if (done < 0) {
        if ((blocked = fastgo_blocked_new()) == NULL || fastgo_block_begin(blocked, "await aselect(...)") < 0) {
            PyMem_Free(blocked);
            drop_cases(cases.array, cases.count, -1);
            return NULL;
        }
        done = fastgo_select(cases.array, cases.count, &blocked->wait);
    }
    if (done < 0 && fastgo_block(blocked, fastgo_wait_cancel, -1) == FASTGO_BLOCK_FIRED) {
        fastgo_wait_finish(&blocked->wait);
        done = fastgo_wait_fired(&blocked->wait);
    }
    PyMem_Free(blocked);
    if (done < 0) {
        drop_cases(cases.array, cases.count, -1);
        return NULL;
    }
    return finish_cases(cases.array, cases.count, done);
}

/* --- for coroutines: the array is wait.cases, and the index of default is one.value --- */

static int select_begin(fastgo_await *self, bool park)
{
    struct fastgo_wait *wait = &self->wait;
    for (unsigned i = 0; fastgo_forks != 0 && i < wait->count; i++) { /* it may have been made before a fork */
        if (fastgo_chan_check(wait->cases[i].chan) < 0) {
            return -1;
        }
    }
    int64_t done = fastgo_select(wait->cases, wait->count, NULL);
    if (done == FASTGO_WAIT) {
        done = wait->one.value.integer;
    }
    if (done < 0 && park) {
        done = fastgo_select(wait->cases, wait->count, wait);
    }
    if (done < 0) {
        return 0;
    }
    atomic_store_explicit(&wait->fired, (unsigned)done + 1, memory_order_relaxed);
    return 1;
}

static bool select_cancel(fastgo_await *self)
{
    return fastgo_wait_cancel(&self->wait);
}

/* The index of the case that was done; what was parked of the others is nowhere then. */
static int64_t select_done(fastgo_await *self)
{
    fastgo_wait_finish(&self->wait);
    return fastgo_wait_fired(&self->wait);
}

static PyObject *select_finish(fastgo_await *self)
{
    return finish_cases(self->wait.cases, self->wait.count, select_done(self));
}

static void select_drop(fastgo_await *self, bool done)
{
    drop_cases(self->wait.cases, self->wait.count, done ? select_done(self) : -1);
}

static PyObject *select_describe(fastgo_await *self)
{
    if (fastgo_await_state(self) == FASTGO_AWAIT_SPENT) {
        return PyUnicode_FromString("has selected");
    }
    PyObject *text = PyUnicode_FromString("waits to select");
    for (unsigned i = 0; i < self->wait.count && text != NULL; i++) {
        const struct fastgo_case *one = &self->wait.cases[i];
        const char *what = one->direction == FASTGO_SEND ? "send to" : "receive from";
        PyObject *longer = one->chan == NULL
                               ? PyUnicode_FromFormat("%U%s %s nilchan", text, i == 0 ? ":" : ",", what)
                               : PyUnicode_FromFormat("%U%s %s %R", text, i == 0 ? ":" : ",", what, fastgo_chan_owner(one->chan));
        Py_DECREF(text);
        text = longer;
    }
    return text;
}

const fastgo_await_kind fastgo_select_kind = {
    "aselect", select_begin, select_cancel, select_finish, select_drop, select_describe,
};

PyObject *fastgo_select_awaitable(PyObject *Py_UNUSED(module), PyObject *const *given, Py_ssize_t count)
{
    struct cases cases;
    if (read_cases(given, count, &cases) < 0) {
        return NULL;
    }
    fastgo_await *made = fastgo_await_new(FASTGO_KIND_SELECT);
    if (made == NULL) {
        drop_cases(cases.array, cases.count, -1);
        return NULL;
    }
    made->wait.cases = cases.array;
    made->wait.count = cases.count;
    made->wait.one.value.integer = cases.other;
    return (PyObject *)made;
}
