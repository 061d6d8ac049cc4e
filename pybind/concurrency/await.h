/*
 * Operations: what a coroutine awaits. `chan.arecv()`, `sleep(1)` or a task make one, which is
 * done when it is awaited: at once, or it is parked, and its party is told when it has been done.
 *
 *     NEW --await--> SPENT                                    done at once
 *      |
 *      +--await--> PARKED --woken--> FIRED --resumed--> SPENT
 *                    |
 *                    +--cancel(task)--> CANCELLED --resumed--> SPENT (raises)
 *
 * The party is the Task that waits, of a scheduler here, or a Promise, where a task of asyncio
 * waits. A parked operation has a reference to itself and one to its party, so that whoever fires
 * the wait, without the GIL, finds both. All but that needs the GIL.
 *
 * An operation, its wait and the case in it are 96 bytes. To keep that, the kind and the state are
 * in `mark` of the case, and the party is in `maker`.
 */
#ifndef FASTGO_AWAIT_H
#define FASTGO_AWAIT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stddef.h>

#include "inbox.h"

enum fastgo_await_state { FASTGO_AWAIT_NEW, FASTGO_AWAIT_PARKED, FASTGO_AWAIT_FIRED, FASTGO_AWAIT_CANCELLED, FASTGO_AWAIT_SPENT };

typedef struct {
    PyObject_HEAD
    struct fastgo_wait wait;
} fastgo_await;

/* What the two kinds of parties begin with. */
typedef struct {
    PyObject_HEAD
    struct fastgo_inbox *inbox;
} fastgo_party;

/* The functions of a kind of operation. */
typedef struct {
    const char *name; /* of the method that makes it, for messages */

    /* Does it if it can be done at once: 1. If not, 0: it is parked then where that is asked for.
     * -1 with an exception. */
    int (*begin)(fastgo_await *, bool park);

    /* Takes back what is parked. False: it has fired. */
    bool (*cancel)(fastgo_await *);

    /* Returns what it has come to; NULL with an exception. */
    PyObject *(*finish)(fastgo_await *);

    /* Gives up what it holds. `done`: finish was not called after it was done. */
    void (*drop)(fastgo_await *, bool done);

    /* Returns what it waits for, in words. */
    PyObject *(*describe)(fastgo_await *);
} fastgo_await_kind;

enum {
    FASTGO_KIND_SEND,
    FASTGO_KIND_RECV,
    FASTGO_KIND_RECV_OK,
    FASTGO_KIND_NEXT,
    FASTGO_KIND_SELECT, /* up to here: of channels, with cases where it is parked */
    FASTGO_KIND_JOIN,
    FASTGO_KIND_SLEEP,
    FASTGO_KIND_NATIVE, /* no coroutine has it: the end of a native task */
    FASTGO_KINDS,
};

extern const fastgo_await_kind fastgo_send_kind, fastgo_recv_kind, fastgo_recv_ok_kind, fastgo_next_kind,
    fastgo_select_kind, fastgo_join_kind, fastgo_sleep_kind, fastgo_native_kind;
extern const fastgo_await_kind *const fastgo_await_kinds[FASTGO_KINDS];

static inline const fastgo_await_kind *fastgo_kind_of(const fastgo_await *operation)
{
    return fastgo_await_kinds[operation->wait.one.mark[0]];
}

static inline enum fastgo_await_state fastgo_await_state(const fastgo_await *operation)
{
    return (enum fastgo_await_state)operation->wait.one.mark[1];
}

static inline void fastgo_await_enter(fastgo_await *operation, enum fastgo_await_state state)
{
    operation->wait.one.mark[1] = (uint8_t)state;
}

/* A new operation; NULL with an exception. */
fastgo_await *fastgo_await_new(int kind);

/* Called by whatever has fired the wait, without the GIL as well. */
void fastgo_await_wake(struct fastgo_wait *wait);

/* Takes the references of an operation that is about to be parked for a party; and gives them up,
 * as it is parked no more. */
void fastgo_await_hold(fastgo_await *operation, PyObject *party);
void fastgo_await_let_go(fastgo_await *operation, enum fastgo_await_state state);

/* Takes a parked operation back: true. False: it was done before; it is FIRED then. */
bool fastgo_await_take_back(fastgo_await *operation);

/* Gives up what it is about, whatever has become of it. */
void fastgo_await_abandon(fastgo_await *operation);

/* Takes all operations that have fired out of an inbox and tells their parties. */
void fastgo_deliver(struct fastgo_inbox *inbox);

/* Makes the type and adds it to the module. */
int fastgo_add_operation(PyObject *module);
extern PyTypeObject *fastgo_await_type;

#endif
