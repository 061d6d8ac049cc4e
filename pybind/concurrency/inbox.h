/*
 * Inboxes: the way by which waits that have fired come back to who sleeps for them.
 *
 * Any thread puts waits in, with or without the GIL; a scheduler, or the bridge to an event loop
 * of asyncio, takes them all out at once, with the GIL. The word `head` is the newest wait, whose
 * `one.next` is the one before it; or 0; or FASTGO_ASLEEP, by which the owner asks to be told of
 * the next one. So one compare-and-swap puts a wait in and says whether the owner must be woken,
 * and many waits cost one wake-up.
 *
 * Behind the compare-and-swap the inbox may be gone. What is told then is a number: an address
 * for futex(2), at which to wake somebody else does no harm, or a descriptor, which is never closed.
 */
#ifndef FASTGO_INBOX_H
#define FASTGO_INBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "chan.h"

struct fastgo_inbox {
    _Atomic(uintptr_t) head;
    struct fastgo_case *taken; /* out, and not delivered yet; guarded by the GIL */
    int event; /* an eventfd, or -1 where the owner sleeps in fastgo_inbox_sleep */
};

#define FASTGO_ASLEEP ((uintptr_t)1)

/* Puts in a wait that has fired. It is the owner's from then on. */
void fastgo_inbox_put(struct fastgo_inbox *inbox, struct fastgo_wait *wait);

/* Wakes the owner, with the GIL held: there is something for it elsewhere. */
void fastgo_inbox_nudge(struct fastgo_inbox *inbox);

static inline bool fastgo_inbox_is_empty(struct fastgo_inbox *inbox)
{
    return inbox->taken == NULL && atomic_load_explicit(&inbox->head, memory_order_relaxed) <= FASTGO_ASLEEP;
}

/* Wakes the owner in any case. */
void fastgo_inbox_tell(struct fastgo_inbox *inbox);

/* Takes the oldest wait out, with the GIL held; NULL where there is none. Who is called for one may
 * take the next: so those that came together are not in the hands of one caller. */
struct fastgo_wait *fastgo_inbox_take(struct fastgo_inbox *inbox);

/* The wait whose case `one` this is. */
static inline struct fastgo_wait *fastgo_wait_of(struct fastgo_case *one)
{
    return (struct fastgo_wait *)((char *)one - offsetof(struct fastgo_wait, one));
}

/* Says that the owner goes to sleep; false where there is something to take. */
bool fastgo_inbox_retire(struct fastgo_inbox *inbox);

/* Takes that back: the owner need not be told. */
void fastgo_inbox_attend(struct fastgo_inbox *inbox);

/* Sleeps, without the GIL, until something is put in, it is nudged, a signal comes or so many
 * nanoseconds have passed; negative is for ever. */
void fastgo_inbox_sleep(struct fastgo_inbox *inbox, int64_t nanoseconds);

/* The system's monotonic clock, in nanoseconds. */
static inline int64_t fastgo_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* A span for futex(2). */
static inline struct timespec fastgo_timespec(int64_t nanoseconds)
{
    return (struct timespec){.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
}

#endif
