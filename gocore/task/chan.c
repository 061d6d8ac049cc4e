#include "chan_state.h"

#include <stdlib.h>

/* --- queues: claim, park, unpark ------------------------------------------------------ */

static void take_out(struct fastgo_queue *queue, struct fastgo_case *one)
{
    *(one->previous != NULL ? &one->previous->next : &queue->first) = one->next;
    *(one->next != NULL ? &one->next->previous : &queue->last) = one->previous;
    one->queued = false;
}

static bool is_dead(const struct fastgo_case *one)
{
    return atomic_load_explicit(&one->wait->fired, memory_order_relaxed) != 0;
}

/* Drops dead cases from the head of a queue and returns the first other, or NULL. It may be dead a
 * moment later, as a select is fired by its other channels too. */
static struct fastgo_case *head(struct fastgo_queue *queue)
{
    while (queue->first != NULL && is_dead(queue->first)) {
        take_out(queue, queue->first);
    }
    return queue->first;
}

/* Takes a case out of its queue and fires its wait, unless that is dead. */
static bool fire(struct fastgo_queue *queue, struct fastgo_case *one)
{
    unsigned parked = 0;
    take_out(queue, one);
    return atomic_compare_exchange_strong_explicit(&one->wait->fired, &parked, (unsigned)(one - one->wait->cases) + 1,
                                                   memory_order_acq_rel, memory_order_relaxed);
}

/* Fires the first wait of a queue that is not dead. NULL where nobody waits. */
static struct fastgo_case *claim(struct fastgo_queue *queue)
{
    struct fastgo_case *one;
    while ((one = queue->first) != NULL && !fire(queue, one)) {
    }
    return one;
}

static struct fastgo_queue *queue_of(const struct fastgo_case *one)
{
    return one->direction == FASTGO_SEND ? &one->chan->senders : &one->chan->receivers;
}

void fastgo_case_park_locked(struct fastgo_case *one)
{
    struct fastgo_queue *queue = queue_of(one);
    one->next = NULL;
    one->previous = queue->last;
    *(queue->last != NULL ? &queue->last->next : &queue->first) = one;
    queue->last = one;
    one->queued = true;
}

void fastgo_case_unpark_locked(struct fastgo_case *one)
{
    if (one->queued) {
        take_out(queue_of(one), one);
    }
}

/* --- operations under the lock -------------------------------------------------------- */

static void push(struct fastgo_chan *chan, union fastgo_value value)
{
    size_t at = chan->begin + chan->length++;
    chan->ring[at < chan->capacity ? at : at - chan->capacity] = value;
}

static void drop_first(struct fastgo_chan *chan)
{
    chan->begin = chan->begin + 1 < chan->capacity ? chan->begin + 1 : 0;
    chan->length--;
}

static bool fits(union fastgo_value value, size_t room)
{
    return room == FASTGO_ANY_SIZE || fastgo_value_bytes(value).size <= room;
}

int fastgo_chan_send_locked(struct fastgo_chan *chan, union fastgo_value value, struct fastgo_wait **woken)
{
    struct fastgo_case *receiver;
    if (chan->closed) {
        return FASTGO_CLOSED;
    }
    if ((receiver = claim(&chan->receivers)) != NULL) {
        receiver->value = value;
        receiver->ok = true;
        *woken = receiver->wait;
        return FASTGO_OK;
    }
    if (chan->length < chan->capacity) {
        push(chan, value);
        return FASTGO_OK;
    }
    return FASTGO_WAIT;
}

int fastgo_chan_recv_locked(struct fastgo_chan *chan, size_t room, union fastgo_value *value, struct fastgo_wait **woken)
{
    struct fastgo_case *sender;
    if (chan->length > 0) {
        *value = chan->ring[chan->begin];
        if (!fits(*value, room)) {
            return FASTGO_TOO_LARGE;
        }
        drop_first(chan);
        if ((sender = claim(&chan->senders)) != NULL) { /* it has waited for this place */
            push(chan, sender->value);
        }
    } else {
        do {
            if ((sender = head(&chan->senders)) == NULL) {
                return chan->closed ? FASTGO_CLOSED : FASTGO_WAIT;
            }
            *value = sender->value;
            if (!fits(*value, room)) {
                return FASTGO_TOO_LARGE;
            }
        } while (!fire(&chan->senders, sender));
    }
    if (sender != NULL) {
        sender->ok = true;
        *woken = sender->wait;
    }
    return FASTGO_OK;
}

bool fastgo_case_is_ready_locked(const struct fastgo_case *one)
{
    struct fastgo_chan *chan = one->chan;
    if (one->direction == FASTGO_SEND) {
        return chan->closed || chan->length < chan->capacity || head(&chan->receivers) != NULL;
    }
    return chan->closed || chan->length > 0 || head(&chan->senders) != NULL;
}

/* --- operations ----------------------------------------------------------------------- */

/* Makes a wait ready for one case, and parks it. */
static void park(struct fastgo_wait *wait, struct fastgo_chan *chan, enum fastgo_direction direction, union fastgo_value value)
{
    struct fastgo_case *one = &wait->one;
    wait->cases = one;
    wait->count = 1;
    atomic_store_explicit(&wait->fired, 0, memory_order_relaxed);
    one->chan = chan;
    one->value = value;
    one->direction = (uint8_t)direction;
    one->queued = false;
    one->wait = wait;
    if (chan != NULL) {
        fastgo_case_park_locked(one);
    }
}

int fastgo_chan_send(struct fastgo_chan *chan, union fastgo_value value, struct fastgo_wait *wait)
{
    struct fastgo_wait *woken = NULL;
    int done = FASTGO_WAIT;
    if (chan != NULL) {
        fastgo_lock(&chan->lock);
        done = fastgo_chan_send_locked(chan, value, &woken);
    }
    if (done == FASTGO_WAIT && wait != NULL) {
        park(wait, chan, FASTGO_SEND, value);
    }
    if (chan != NULL) {
        fastgo_unlock(&chan->lock);
    }
    fastgo_wake(woken);
    return done;
}

int fastgo_chan_recv(struct fastgo_chan *chan, union fastgo_value *value, struct fastgo_wait *wait)
{
    const union fastgo_value nothing = {.integer = 0};
    struct fastgo_wait *woken = NULL;
    int done = FASTGO_WAIT;
    if (chan != NULL) {
        fastgo_lock(&chan->lock);
        done = fastgo_chan_recv_locked(chan, FASTGO_ANY_SIZE, value, &woken);
    }
    if (done == FASTGO_WAIT && wait != NULL) {
        park(wait, chan, FASTGO_RECV, nothing);
    }
    if (chan != NULL) {
        fastgo_unlock(&chan->lock);
    }
    fastgo_wake(woken);
    return done;
}

/* Fires all waits of a queue, for which the channel is closed, and puts their cases before a list. */
static struct fastgo_case *fire_all(struct fastgo_queue *queue, struct fastgo_case *list)
{
    struct fastgo_case *one;
    while ((one = claim(queue)) != NULL) {
        one->ok = false;
        one->next = list;
        list = one;
    }
    return list;
}

/* Holds the lock for as long as there are waiting parties: no other operation can come between. */
int fastgo_chan_close(struct fastgo_chan *chan)
{
    struct fastgo_case *fired = NULL, *in_order = NULL;
    bool again;
    if (chan == NULL) {
        return FASTGO_CLOSED;
    }
    fastgo_lock(&chan->lock);
    again = chan->closed;
    chan->closed = true;
    if (!again) {
        fired = fire_all(&chan->senders, fire_all(&chan->receivers, NULL));
    }
    fastgo_unlock(&chan->lock);
    while (fired != NULL) {
        struct fastgo_case *one = fired;
        fired = one->next;
        one->next = in_order;
        in_order = one;
    }
    while (in_order != NULL) {
        struct fastgo_case *one = in_order;
        in_order = one->next; /* before it is its owner's again */
        fastgo_wake(one->wait);
    }
    return again ? FASTGO_CLOSED : FASTGO_OK;
}

bool fastgo_wait_cancel(struct fastgo_wait *wait)
{
    unsigned parked = 0;
    if (!atomic_compare_exchange_strong_explicit(&wait->fired, &parked, FASTGO_WAIT_CANCELLED, memory_order_acq_rel,
                                                 memory_order_relaxed)) {
        return false;
    }
    fastgo_wait_finish(wait);
    return true;
}

/* Who claims one of the cases holds the lock of its channel for as long as it touches the wait,
 * but for wake. So when all locks have been held here, nobody does any more. */
void fastgo_wait_finish(struct fastgo_wait *wait)
{
    unsigned fired = atomic_load_explicit(&wait->fired, memory_order_relaxed);
    if (wait->count == 1 && fired != FASTGO_WAIT_CANCELLED) {
        return;
    }
    for (unsigned i = 0; i < wait->count; i++) {
        struct fastgo_case *one = &wait->cases[i];
        if (one->chan != NULL && i + 1 != fired && !fastgo_chan_is_lost(one->chan)) {
            fastgo_lock(&one->chan->lock);
            fastgo_case_unpark_locked(one);
            fastgo_unlock(&one->chan->lock);
        }
    }
}

/* --- their life ----------------------------------------------------------------------- */

void (*fastgo_release_object)(void *object);

/* A seed for each channel (SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number
 * generators", 2014). Its address would be none: it is that of the channel that went last. */
static uint64_t new_seed(void)
{
    static atomic_uint_fast64_t last;
    const uint64_t step = 0x9e3779b97f4a7c15;
    uint64_t seed = atomic_fetch_add_explicit(&last, step, memory_order_relaxed) + step;
    seed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9;
    seed = (seed ^ (seed >> 27)) * 0x94d049bb133111eb;
    return (seed ^ (seed >> 31)) | 1; /* from 0 the generator of select would not go on */
}

struct fastgo_chan *fastgo_chan_new(size_t capacity, enum fastgo_kind kind)
{
    struct fastgo_chan *chan;
    if (capacity > (PTRDIFF_MAX - sizeof *chan) / sizeof chan->ring[0]) {
        return NULL;
    }
    chan = malloc(sizeof *chan + capacity * sizeof chan->ring[0]);
    if (chan == NULL) {
        return NULL;
    }
    *chan = (struct fastgo_chan){
        .functions = &fastgo_concurrency_functions,
        .references = 1,
        .capacity = capacity,
        .kind = (uint8_t)kind,
        .made = fastgo_forks,
        .random = new_seed(),
    };
    return chan;
}

void fastgo_chan_ref(struct fastgo_chan *chan)
{
    if (chan != NULL) {
        atomic_fetch_add_explicit(&chan->references, 1, memory_order_relaxed);
    }
}

void fastgo_chan_unref(struct fastgo_chan *chan)
{
    if (chan == NULL || atomic_fetch_sub_explicit(&chan->references, 1, memory_order_acq_rel) != 1 ||
        fastgo_chan_is_lost(chan)) {
        return;
    }
    fastgo_chan_clear(chan);
    while (chan->spare != NULL) {
        struct fastgo_block *block = chan->spare;
        chan->spare = block->next;
        free(block);
    }
    free(chan);
}

void fastgo_chan_clear(struct fastgo_chan *chan)
{
    union fastgo_value value;
    while (fastgo_chan_recv(chan, &value, NULL) == FASTGO_OK) {
        fastgo_chan_release(chan, value);
    }
}

int fastgo_chan_visit(struct fastgo_chan *chan, int (*visit)(void *object, void *argument), void *argument)
{
    int stop = 0;
    if (chan->kind != FASTGO_OBJECT) {
        return 0;
    }
    fastgo_lock(&chan->lock);
    for (size_t i = 0; i < chan->length && stop == 0; i++) {
        stop = visit(chan->ring[(chan->begin + i) % chan->capacity].object, argument);
    }
    fastgo_unlock(&chan->lock);
    return stop;
}

void *fastgo_chan_owner(const struct fastgo_chan *chan)
{
    return chan->owner;
}

void fastgo_chan_set_owner(struct fastgo_chan *chan, void *owner)
{
    chan->owner = owner;
}

enum fastgo_kind fastgo_chan_kind(const struct fastgo_chan *chan)
{
    return chan->kind;
}

size_t fastgo_chan_cap(const struct fastgo_chan *chan)
{
    return chan == NULL ? 0 : chan->capacity;
}

size_t fastgo_chan_len(struct fastgo_chan *chan)
{
    size_t length;
    if (chan == NULL) {
        return 0;
    }
    fastgo_lock(&chan->lock);
    length = chan->length;
    fastgo_unlock(&chan->lock);
    return length;
}

bool fastgo_chan_is_closed(struct fastgo_chan *chan)
{
    bool closed;
    fastgo_lock(&chan->lock);
    closed = chan->closed;
    fastgo_unlock(&chan->lock);
    return closed;
}

bool fastgo_chan_is_held(const struct fastgo_chan *chan)
{
    return atomic_load(&chan->references) > 1;
}
