/* The functions of fastgo_concurrency.h, which says what each does. */
#include "chan_state.h"
#include "task.h"

#include <stdlib.h>
#include <string.h>

/* Makes a block with a copy of the bytes, unless it could not be sent now: who sends more than the
 * channel takes is told so before anything is copied. */
static int make_block(struct fastgo_chan *chan, const void *data, size_t size, struct fastgo_block **made)
{
    const struct fastgo_case probe = {.chan = chan, .direction = FASTGO_SEND};
    struct fastgo_block *block = NULL;
    int done = FASTGO_WAIT;
    fastgo_lock(&chan->lock);
    if (fastgo_case_is_ready_locked(&probe)) {
        done = chan->closed ? FASTGO_CLOSED : FASTGO_OK;
    }
    if (done == FASTGO_OK && size != 0) {
        block = fastgo_chan_spare_locked(chan, size);
    }
    fastgo_unlock(&chan->lock);
    if (done != FASTGO_OK || size == 0) {
        return done;
    }
    if (block == NULL && (block = fastgo_block_new(size)) == NULL) {
        return FASTGO_NO_MEMORY;
    }
    memcpy(block->data, data, size);
    block->size = size;
    *made = block;
    return FASTGO_OK;
}

static int try_send(struct fastgo_chan *chan, const void *data, size_t size)
{
    struct fastgo_wait *woken = NULL;
    union fastgo_value value = {.block = NULL};
    int done;
    if (chan == NULL) {
        return FASTGO_WAIT;
    }
    done = chan->kind == FASTGO_BYTES ? make_block(chan, data, size, &value.block) : FASTGO_WRONG_KIND;
    if (done != FASTGO_OK) {
        return done;
    }
    fastgo_lock(&chan->lock);
    done = fastgo_chan_send_locked(chan, value, &woken);
    if (done != FASTGO_OK) { /* others were faster */
        value.block = fastgo_chan_keep_locked(chan, value.block);
    }
    fastgo_unlock(&chan->lock);
    if (done != FASTGO_OK) {
        free(value.block);
    }
    fastgo_wake(woken);
    return done;
}

static int try_send_int(struct fastgo_chan *chan, int64_t value)
{
    const union fastgo_value sent = {.integer = value};
    return chan == NULL || chan->kind == FASTGO_INT ? fastgo_chan_send(chan, sent, NULL) : FASTGO_WRONG_KIND;
}

static int try_recv(struct fastgo_chan *chan, void *data, size_t room, size_t *size)
{
    struct fastgo_wait *woken = NULL;
    union fastgo_value value;
    fastgo_string bytes = {NULL, 0};
    int done;
    if (chan == NULL || chan->kind != FASTGO_BYTES) {
        return chan == NULL ? FASTGO_WAIT : FASTGO_WRONG_KIND;
    }
    fastgo_lock(&chan->lock);
    done = fastgo_chan_recv_locked(chan, room, &value, &woken);
    if (done == FASTGO_OK || done == FASTGO_TOO_LARGE) {
        bytes = fastgo_value_bytes(value);
        *size = bytes.size;
    }
    fastgo_unlock(&chan->lock);
    if (done == FASTGO_OK) {
        if (bytes.size != 0) {
            memcpy(data, bytes.data, bytes.size);
        }
        fastgo_chan_release(chan, value);
    }
    fastgo_wake(woken);
    return done;
}

static int try_recv_int(struct fastgo_chan *chan, int64_t *value)
{
    union fastgo_value received;
    int done;
    if (chan != NULL && chan->kind != FASTGO_INT) {
        return FASTGO_WRONG_KIND;
    }
    done = fastgo_chan_recv(chan, &received, NULL);
    if (done == FASTGO_OK) {
        *value = received.integer;
    }
    return done;
}

const fastgo_concurrency fastgo_concurrency_functions = {
    .abi = FASTGO_CONCURRENCY_ABI,
    .size = sizeof(fastgo_concurrency),
    .chan_try_send = try_send,
    .chan_try_send_int = try_send_int,
    .chan_try_recv = try_recv,
    .chan_try_recv_int = try_recv_int,
    .close = fastgo_chan_close,
    .len = fastgo_chan_len,
    .cap = fastgo_chan_cap,
    .hold = fastgo_chan_ref,
    .drop = fastgo_chan_unref,
    .go = fastgo_operation_go,
    .task_send = fastgo_operation_send,
    .task_send_int = fastgo_operation_send_int,
    .task_recv = fastgo_operation_recv,
    .task_recv_int = fastgo_operation_recv_int,
    .task_select = fastgo_operation_select,
    .task_yield = fastgo_operation_yield,
    .task_cancelled = fastgo_operation_cancelled,
    .task_return = fastgo_operation_return,
    .task_return_int = fastgo_operation_return_int,
    .task_fail = fastgo_operation_fail,
};
