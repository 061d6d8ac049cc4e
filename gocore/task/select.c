/*
 * select: the locks of all channels are held while one of the cases is done or all are parked, so
 * that it happens at one moment for all channels. They are taken in the order of their addresses,
 * so that no two selects wait for each other.
 */
#include "chan_state.h"

/* Merges two lists in the order of locking, each channel once. */
static struct fastgo_case *merge(struct fastgo_case *a, struct fastgo_case *b)
{
    struct fastgo_case *merged = NULL, **end = &merged;
    while (a != NULL && b != NULL) {
        struct fastgo_case **lower = (uintptr_t)a->chan < (uintptr_t)b->chan ? &a : &b;
        if (a->chan == b->chan) {
            a = a->locked;
        }
        *end = *lower;
        end = &(*lower)->locked;
        *lower = (*lower)->locked;
    }
    *end = a != NULL ? a : b;
    return merged;
}

/* Returns the list of the channels that are not nil, by cases of theirs. */
static struct fastgo_case *in_order(struct fastgo_case *cases, unsigned count)
{
    if (count > 1) {
        return merge(in_order(cases, count / 2), in_order(cases + count / 2, count - count / 2));
    }
    if (count == 0 || cases->chan == NULL) {
        return NULL;
    }
    cases->locked = NULL;
    return cases;
}

static void unlock_all(struct fastgo_case *list)
{
    for (; list != NULL; list = list->locked) {
        fastgo_unlock(&list->chan->lock);
    }
}

/* A number below the limit, of a generator in a channel whose lock is held (Marsaglia, "Xorshift
 * RNGs", 2003). */
static unsigned random_below(struct fastgo_chan *chan, unsigned limit)
{
    chan->random ^= chan->random << 13;
    chan->random ^= chan->random >> 7;
    chan->random ^= chan->random << 17;
    return (unsigned)((chan->random >> 32) * limit >> 32);
}

static unsigned count_ready(struct fastgo_case *cases, unsigned count)
{
    unsigned ready = 0;
    for (unsigned i = 0; i < count; i++) {
        ready += cases[i].chan != NULL && fastgo_case_is_ready_locked(&cases[i]);
    }
    return ready;
}

/* Returns the index of the nth case that is ready. */
static unsigned find_ready(struct fastgo_case *cases, unsigned count, unsigned nth)
{
    unsigned last = 0;
    for (unsigned i = 0; i < count; i++) {
        if (cases[i].chan != NULL && fastgo_case_is_ready_locked(&cases[i])) {
            last = i;
            if (nth-- == 0) {
                break;
            }
        }
    }
    return last;
}

static int try_case(struct fastgo_case *one, struct fastgo_wait **woken)
{
    int done = one->direction == FASTGO_SEND ? fastgo_chan_send_locked(one->chan, one->value, woken)
                                             : fastgo_chan_recv_locked(one->chan, FASTGO_ANY_SIZE, &one->value, woken);
    one->ok = done == FASTGO_OK;
    return done;
}

/* Does a ready case and returns its index, or FASTGO_WAIT. */
static int do_one(struct fastgo_case *cases, unsigned count, struct fastgo_chan *random, struct fastgo_wait **woken)
{
    unsigned ready;
    /* A case is ready no longer where its peer is a select that another channel has just fired. */
    while ((ready = count_ready(cases, count)) != 0) {
        unsigned chosen = find_ready(cases, count, ready == 1 ? 0 : random_below(random, ready));
        if (cases[chosen].chan != NULL && try_case(&cases[chosen], woken) != FASTGO_WAIT) {
            return (int)chosen;
        }
    }
    return FASTGO_WAIT;
}

static void park_all(struct fastgo_case *cases, unsigned count, struct fastgo_wait *wait)
{
    wait->cases = cases;
    wait->count = count;
    atomic_store_explicit(&wait->fired, 0, memory_order_relaxed);
    for (unsigned i = 0; i < count; i++) {
        cases[i].wait = wait;
        cases[i].queued = false;
        if (cases[i].chan != NULL) {
            fastgo_case_park_locked(&cases[i]);
        }
    }
}

int fastgo_select(struct fastgo_case *cases, unsigned count, struct fastgo_wait *wait)
{
    struct fastgo_case *list = in_order(cases, count);
    struct fastgo_wait *woken = NULL;
    int done = FASTGO_WAIT;
    for (struct fastgo_case *each = list; each != NULL; each = each->locked) {
        fastgo_lock(&each->chan->lock);
    }
    if (list != NULL) {
        done = do_one(cases, count, list->chan, &woken);
    }
    if (done == FASTGO_WAIT && wait != NULL) {
        park_all(cases, count, wait);
    }
    unlock_all(list);
    fastgo_wake(woken);
    return done;
}
