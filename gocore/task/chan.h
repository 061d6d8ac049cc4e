/*
 * Channels and select, with the semantics of Go's (The Go Programming Language Specification:
 * "Send statements", "Receive operator", "Close", "Select statements").
 *
 * The parties of a channel are whatever waits: a native task, a coroutine, a thread. A party that
 * has to wait leaves a fastgo_wait with the channel and is told by a callback; nothing here blocks,
 * takes the GIL or calls Go.
 *
 * A wait has a case for each channel that it waits for. Each case stands in the queue of senders
 * or of receivers of its channel, first come, first served. The next party whose operation fits
 * claims the wait: `fired` goes by one compare-and-swap from 0 to the number of the case, so that
 * of all channels exactly one serves it. The claimed case leaves its queue at once; those that a
 * select has in other queues stay there, dead, until fastgo_wait_finish or whoever meets them
 * takes them out.
 *
 *     free --operation returns FASTGO_WAIT--> parked --claimed, then wake()--> fired --finish--> free
 *                                               |
 *                                               +------- fastgo_wait_cancel -----------------> free
 *
 * Locks: each channel has one, which is held for some dozen instructions. select takes those of
 * all its channels, in the order of their addresses. wake() is called with none of them held.
 *
 * Who owns a value: a sender's operation takes it over, the buffer or a parked case has it then,
 * and the receiver gets it. A send that fails or is cancelled leaves it with the sender.
 */
#ifndef FASTGO_CHAN_H
#define FASTGO_CHAN_H

#include "futex.h"

#include "fastgo.h" /* fastgo_chan, and what operations return: FASTGO_OK, FASTGO_WAIT, ... */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the values of a channel are. */
enum fastgo_kind {
    FASTGO_INT,    /* integers of 64 bits */
    FASTGO_BYTES,  /* blocks */
    FASTGO_OBJECT, /* references of Python's, which only its parties send and receive, with the GIL */
};

/* Bytes that travel. A block has one owner at a time. */
struct fastgo_block {
    struct fastgo_block *next; /* while it is spare */
    size_t room;
    size_t size;
    char data[];
};

union fastgo_value {
    int64_t integer;
    struct fastgo_block *block; /* NULL for no bytes */
    void *object;
};

enum fastgo_direction { FASTGO_RECV, FASTGO_SEND };

/* One operation of a select. Its maker fills in the first part. */
struct fastgo_case {
    struct fastgo_chan *chan; /* NULL is the nil channel, which is never ready */
    union fastgo_value value; /* to be sent; or received, where ok */
    uint8_t direction;        /* enum fastgo_direction */

    /* Valid for the case that was done. False: the channel was closed, so nothing was received,
     * or the value was not sent and is still the sender's. */
    bool ok;

    bool queued; /* under the channel's lock, as next and previous */
    uint8_t mark[4]; /* its maker's */
    struct fastgo_wait *wait;
    struct fastgo_case *next, *previous; /* its maker's, where it is not queued */
    union {
        struct fastgo_case *locked; /* the next of a select's channels in the order of locking */
        void *maker;                /* its maker's, where it is of a plain operation */
    };
};

/* A party that waits, or may have to. Its owner sets `wake` and keeps it in place while it is
 * parked, and after it has fired until wake has been called. */
struct fastgo_wait {
    /* Called once, by whatever thread has fired the wait, with the GIL or without it, with no lock
     * held. The results are valid from then on, and the wait is its owner's again, so that the
     * callback may be the last that touches it. It must not block. */
    void (*wake)(struct fastgo_wait *wait);
    struct fastgo_case *cases;
    unsigned count;
    atomic_uint fired; /* 0, or the index of the case that was done + 1, or FASTGO_WAIT_CANCELLED */
    struct fastgo_case one; /* the case of a plain send or receive */
};

#define FASTGO_WAIT_CANCELLED UINT32_MAX

/* The index of the case for which the wait has fired. */
static inline unsigned fastgo_wait_fired(const struct fastgo_wait *wait)
{
    return atomic_load_explicit(&wait->fired, memory_order_relaxed) - 1;
}

/* --- channels ------------------------------------------------------------------------- */

/* Returns a channel with one reference, or NULL where there is no memory. */
struct fastgo_chan *fastgo_chan_new(size_t capacity, enum fastgo_kind kind);

/* References, to no channel where it is NULL. The last one frees the channel and the values in its
 * buffer, so that one of objects must be given back with the GIL. A parked wait has none of its own: its owner keeps the channel. */
void fastgo_chan_ref(struct fastgo_chan *chan);
void fastgo_chan_unref(struct fastgo_chan *chan);

/* Set once, before the first channel of objects: gives a reference back. */
extern void (*fastgo_release_object)(void *object);

/* What the party that made the channel notes with it; NULL at first. */
void *fastgo_chan_owner(const struct fastgo_chan *chan);
void fastgo_chan_set_owner(struct fastgo_chan *chan, void *owner);

enum fastgo_kind fastgo_chan_kind(const struct fastgo_chan *chan);
size_t fastgo_chan_cap(const struct fastgo_chan *chan);
size_t fastgo_chan_len(struct fastgo_chan *chan);
bool fastgo_chan_is_closed(struct fastgo_chan *chan);

/* Calls visit for each object in the buffer, for the cycle collector, until one call returns other
 * than 0, which is returned. Objects of parked senders are their owners'. */
int fastgo_chan_visit(struct fastgo_chan *chan, int (*visit)(void *object, void *argument), void *argument);

/* Takes out and gives back what is in the buffer. */
void fastgo_chan_clear(struct fastgo_chan *chan);

/* Gives back a value that was received or not sent. */
void fastgo_chan_release(struct fastgo_chan *chan, union fastgo_value value);

/* Puts a copy of the bytes into a block for a send on the channel. False: no memory. */
bool fastgo_chan_make_bytes(struct fastgo_chan *chan, const void *data, size_t size, union fastgo_value *value);

static inline fastgo_string fastgo_value_bytes(union fastgo_value value)
{
    fastgo_string bytes = {"", 0};
    if (value.block != NULL) {
        bytes.data = value.block->data;
        bytes.size = value.block->size;
    }
    return bytes;
}

/* A process that was forked has none of the threads that ran native code: the channels of integers and
 * bytes that were made before may be locked for ever, or anything else that one of those had begun. They
 * are lost. Nothing may be done with them but to cancel and finish waits, to release values and to give
 * references back, upon which their memory stays as it is. Those of objects are used with the GIL alone,
 * as fork(2) is. */
extern unsigned fastgo_forks; /* how many lie behind the process */
void fastgo_note_fork(void);  /* fork(2) has called it already */
bool fastgo_chan_is_lost(const struct fastgo_chan *chan);

/* Whether there are references beside one: native code may have the channel. */
bool fastgo_chan_is_held(const struct fastgo_chan *chan);

/* --- operations ----------------------------------------------------------------------- */

/*
 * chan may be NULL, the nil channel. Without a wait FASTGO_WAIT says that the operation cannot be
 * done at once, and nothing has happened; with one, that it is parked. What it has come to is then
 * in the wait, its case `one`, once it was woken.
 *
 *     send   FASTGO_OK; FASTGO_CLOSED: nothing was sent, which in Go is a panic
 *     recv   FASTGO_OK with *value; FASTGO_CLOSED: closed, and the buffer is empty
 *     close  FASTGO_OK; FASTGO_CLOSED: it was closed before, or is nil
 */
int fastgo_chan_send(struct fastgo_chan *chan, union fastgo_value value, struct fastgo_wait *wait);
int fastgo_chan_recv(struct fastgo_chan *chan, union fastgo_value *value, struct fastgo_wait *wait);
int fastgo_chan_close(struct fastgo_chan *chan);

/* Does one of the cases that can be done, each with the same chance, and returns its index; `ok` of
 * the case tells whether the channel was closed. FASTGO_WAIT where there is none: with a wait all
 * cases are parked, and must stay in place with it. */
int fastgo_select(struct fastgo_case *cases, unsigned count, struct fastgo_wait *wait);

/* Takes a parked wait back. False: it has fired, and wake has been or will be called. */
bool fastgo_wait_cancel(struct fastgo_wait *wait);

/* Takes what is left of a select that was woken out of its queues; values that its other cases were
 * to send may be used, and given back, from then on only. A wait of one case needs none of it. */
void fastgo_wait_finish(struct fastgo_wait *wait);

#endif
