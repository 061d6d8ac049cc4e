/*
 * Blocks of bytes. A channel keeps those that its receivers are done with for its next senders, at
 * most one more than its capacity: so in a steady state none is allocated. Nor does it keep more than
 * a megabyte, which a crowd would leave it for good. What the system is asked for, and given back, is
 * so without the lock.
 */
#include "chan_state.h"

#include <stdlib.h>
#include <string.h>

/* A block has room for a power of two, so that it serves messages of about its size again. Larger
 * ones than the largest are not kept. */
enum { SMALLEST_ROOM = 64, LARGEST_KEPT = 64 * 1024, MOST_KEPT = 1024 * 1024 };

struct fastgo_block *fastgo_block_new(size_t size)
{
    struct fastgo_block *block;
    size_t room = SMALLEST_ROOM;
    while (room < size && room <= LARGEST_KEPT) {
        room *= 2;
    }
    if (room < size) {
        room = size;
    }
    if (room > PTRDIFF_MAX - sizeof *block || (block = malloc(sizeof *block + room)) == NULL) {
        return NULL;
    }
    block->room = room;
    return block;
}

struct fastgo_block *fastgo_chan_spare_locked(struct fastgo_chan *chan, size_t size)
{
    struct fastgo_block *block = chan->spare;
    if (block == NULL || block->room < size) {
        return NULL;
    }
    chan->spare = block->next;
    chan->spare_count--;
    chan->spare_bytes -= block->room;
    return block;
}

struct fastgo_block *fastgo_chan_keep_locked(struct fastgo_chan *chan, struct fastgo_block *block)
{
    if (block == NULL || block->room > LARGEST_KEPT) {
        return block;
    }
    if (chan->spare_count > chan->capacity) { /* a larger one is the more useful one */
        struct fastgo_block *kept = chan->spare;
        if (kept->room >= block->room || chan->spare_bytes - kept->room + block->room > MOST_KEPT) {
            return block;
        }
        block->next = kept->next;
        chan->spare = block;
        chan->spare_bytes += block->room - kept->room;
        return kept;
    }
    if (chan->spare_bytes + block->room > MOST_KEPT) {
        return block;
    }
    block->next = chan->spare;
    chan->spare = block;
    chan->spare_count++;
    chan->spare_bytes += block->room;
    return NULL;
}

bool fastgo_chan_make_bytes(struct fastgo_chan *chan, const void *data, size_t size, union fastgo_value *value)
{
    struct fastgo_block *block = NULL;
    value->block = NULL;
    if (size == 0) {
        return true;
    }
    if (chan != NULL) {
        fastgo_lock(&chan->lock);
        block = fastgo_chan_spare_locked(chan, size);
        fastgo_unlock(&chan->lock);
    }
    if (block == NULL && (block = fastgo_block_new(size)) == NULL) {
        return false;
    }
    memcpy(block->data, data, size);
    block->size = size;
    value->block = block;
    return true;
}

void fastgo_chan_release(struct fastgo_chan *chan, union fastgo_value value)
{
    if (chan->kind == FASTGO_OBJECT) {
        fastgo_release_object(value.object);
    } else if (fastgo_chan_is_lost(chan)) {
        free(chan->kind == FASTGO_BYTES ? value.block : NULL);
    } else if (chan->kind == FASTGO_BYTES) {
        fastgo_lock(&chan->lock);
        value.block = fastgo_chan_keep_locked(chan, value.block);
        fastgo_unlock(&chan->lock);
        free(value.block);
    }
}
