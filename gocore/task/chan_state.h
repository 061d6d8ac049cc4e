/*
 * What a channel consists of, and what can be done while its lock is held: the part that plain
 * operations, select and the functions of fastgo.h share.
 *
 * Invariants, under the lock
 *   - A live case in `receivers`: the buffer is empty, and no live case is in `senders`, but for
 *     those of one select.
 *   - A live case in `senders`: the buffer is full.
 *   - A closed channel has no live case.
 */
#ifndef FASTGO_CHAN_STATE_H
#define FASTGO_CHAN_STATE_H

#include "chan.h"

struct fastgo_queue {
    struct fastgo_case *first, *last;
};

struct fastgo_chan {
    const fastgo_concurrency *functions; /* first, as fastgo.h says */
    struct fastgo_lock lock;
    atomic_uint references;
    size_t capacity;
    uint8_t kind;
    bool closed;
    unsigned made; /* behind so many forks */
    size_t length, begin; /* of what is in the ring */
    struct fastgo_queue receivers, senders;
    struct fastgo_block *spare; /* blocks to be used again */
    size_t spare_count, spare_bytes;
    uint64_t random;
    void *owner;
    union fastgo_value ring[];
};

extern const fastgo_concurrency fastgo_concurrency_functions;

/* Try one operation. FASTGO_WAIT: it cannot be done now. *woken becomes the wait that has fired,
 * which the caller wakes when it has given all locks back. FASTGO_TOO_LARGE: *value is the block
 * that comes next, of more bytes than there is room for, and is not the caller's. */
int fastgo_chan_send_locked(struct fastgo_chan *chan, union fastgo_value value, struct fastgo_wait **woken);
int fastgo_chan_recv_locked(struct fastgo_chan *chan, size_t room, union fastgo_value *value, struct fastgo_wait **woken);

#define FASTGO_ANY_SIZE SIZE_MAX

/* Whether the operation of a case could be done now. */
bool fastgo_case_is_ready_locked(const struct fastgo_case *one);

/* Puts a case into the queue of its channel, and takes it out if it is there. */
void fastgo_case_park_locked(struct fastgo_case *one);
void fastgo_case_unpark_locked(struct fastgo_case *one);

/* Blocks, under the lock: one with room for so many bytes, or NULL; and one that is not needed
 * any more, which is kept, or returned to be freed when the lock is given back. */
struct fastgo_block *fastgo_chan_spare_locked(struct fastgo_chan *chan, size_t size);
struct fastgo_block *fastgo_chan_keep_locked(struct fastgo_chan *chan, struct fastgo_block *block);

/* A block from the system, NULL where it has none. */
struct fastgo_block *fastgo_block_new(size_t size);

static inline void fastgo_wake(struct fastgo_wait *woken)
{
    if (woken != NULL) {
        woken->wake(woken);
    }
}

#endif
