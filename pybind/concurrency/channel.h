/*
 * Chan, and how values of Python's travel.
 */
#ifndef FASTGO_CHANNEL_H
#define FASTGO_CHANNEL_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "chan.h"
#include "await.h"

typedef struct {
    PyObject_HEAD
    struct fastgo_chan *core; /* NULL is the nil channel; else its owner is this object */
    PyObject *label;          /* what it is a part of (_label.py), or NULL */
} fastgo_chan_object;

/* What to write instead of an operation that would block: what the label says, or `usual`. */
const char *fastgo_chan_instead(struct fastgo_chan *core, const char *usual);

/* Returns what somebody waits for: `what`, such as "send to", and the channel, or its label. */
PyObject *fastgo_chan_describe(struct fastgo_chan *core, const char *what);

/* To be asked before anything is done with a channel, NULL for the nil one. -1 with an exception where
 * a fork has lost it. */
int fastgo_chan_check_forked(const struct fastgo_chan *core);

static inline int fastgo_chan_check(const struct fastgo_chan *core)
{
    return fastgo_forks == 0 ? 0 : fastgo_chan_check_forked(core);
}

/* Makes a value that the channel carries. -1 with an exception. */
int fastgo_value_make(struct fastgo_chan *core, PyObject *object, union fastgo_value *value);

/* Makes an object of a value, which it gives up. NULL with an exception. */
PyObject *fastgo_value_take(struct fastgo_chan *core, union fastgo_value value);

/* Gives a value up. */
void fastgo_value_drop(struct fastgo_chan *core, union fastgo_value value);

/* The reference that a case has to its channel's object. */
void fastgo_case_hold(const struct fastgo_case *one);
void fastgo_case_let_go(const struct fastgo_case *one);

/* What a receive of a kind has come to: the value, or the pair of value and ok. */
PyObject *fastgo_received(struct fastgo_case *one, int kind);

/* Sets the exception for a send on a closed channel. */
void fastgo_raise_closed(void);

/* What fastgo_release_object is. */
void fastgo_give_object_back(void *object);

/* The methods of Chan (exchange.c). */
PyObject *fastgo_chan_object_send(PyObject *chan, PyObject *value);
PyObject *fastgo_chan_object_recv(PyObject *chan, PyObject *none);
PyObject *fastgo_chan_object_recv_ok(PyObject *chan, PyObject *none);
PyObject *fastgo_chan_object_next(PyObject *chan);
PyObject *fastgo_chan_object_asend(PyObject *chan, PyObject *value);
PyObject *fastgo_chan_object_arecv(PyObject *chan, PyObject *none);
PyObject *fastgo_chan_object_arecv_ok(PyObject *chan, PyObject *none);
PyObject *fastgo_chan_object_anext(PyObject *chan);
PyObject *fastgo_chan_object_close(PyObject *chan, PyObject *none);

/* The kind of operation of a bound method of a channel such as ch.recv or ch.asend, or -1. */
int fastgo_method_kind(PyObject *method, fastgo_chan_object **chan);

/* select(*cases) and aselect(*cases) (select.c) */
PyObject *fastgo_select_blocking(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *fastgo_select_awaitable(PyObject *module, PyObject *const *arguments, Py_ssize_t count);

/* chan(capacity=0, of=None) */
PyObject *fastgo_make_chan(PyObject *module, PyObject *arguments, PyObject *keywords);

/* Adds Chan, nilchan and enter to the module. */
int fastgo_add_chan(PyObject *module);

#endif
