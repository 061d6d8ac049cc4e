//go:build python

#include "inbox.h"

#include <errno.h>
#include <unistd.h>

/* The half of the word that tells FASTGO_ASLEEP from all else: what is aligned has no 1 in it. */
static atomic_uint *futex_of(struct fastgo_inbox *inbox)
{
    atomic_uint *halves = (atomic_uint *)&inbox->head;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return &halves[sizeof(inbox->head) / sizeof(*halves) - 1];
#else
    return halves;
#endif
}

static void tell(atomic_uint *futex, int event)
{
    const uint64_t one = 1;
    if (event < 0) {
        fastgo_futex_wake(futex, 1);
        return;
    }
    while (write(event, &one, sizeof(one)) < 0 && errno == EINTR) {
    }
}

void fastgo_inbox_put(struct fastgo_inbox *inbox, struct fastgo_wait *wait)
{
    atomic_uint *futex = futex_of(inbox);
    int event = inbox->event;
    uintptr_t before = atomic_load_explicit(&inbox->head, memory_order_relaxed);
    do {
        wait->one.next = before <= FASTGO_ASLEEP ? NULL : &((struct fastgo_wait *)before)->one;
    } while (!atomic_compare_exchange_weak_explicit(&inbox->head, &before, (uintptr_t)wait, memory_order_acq_rel,
                                                    memory_order_relaxed));
    if (before == FASTGO_ASLEEP) {
        tell(futex, event);
    }
}

void fastgo_inbox_nudge(struct fastgo_inbox *inbox)
{
    uintptr_t asleep = FASTGO_ASLEEP;
    if (atomic_compare_exchange_strong(&inbox->head, &asleep, 0)) {
        tell(futex_of(inbox), inbox->event);
    }
}

void fastgo_inbox_tell(struct fastgo_inbox *inbox)
{
    tell(futex_of(inbox), inbox->event);
}

/* Takes all that were put in, and turns their order round. */
static void take_all(struct fastgo_inbox *inbox)
{
    struct fastgo_wait *newest = (struct fastgo_wait *)atomic_exchange_explicit(&inbox->head, 0, memory_order_acquire);
    for (struct fastgo_case *one = &newest->one; one != NULL;) {
        struct fastgo_case *before = one->next;
        one->next = inbox->taken;
        inbox->taken = one;
        one = before;
    }
}

struct fastgo_wait *fastgo_inbox_take(struct fastgo_inbox *inbox)
{
    if (fastgo_inbox_is_empty(inbox)) {
        return NULL;
    }
    if (inbox->taken == NULL) {
        take_all(inbox);
    }
    struct fastgo_case *oldest = inbox->taken;
    inbox->taken = oldest->next;
    return fastgo_wait_of(oldest);
}

void fastgo_inbox_attend(struct fastgo_inbox *inbox)
{
    uintptr_t asleep = FASTGO_ASLEEP;
    atomic_compare_exchange_strong(&inbox->head, &asleep, 0);
}

bool fastgo_inbox_retire(struct fastgo_inbox *inbox)
{
    uintptr_t empty = 0;
    return atomic_compare_exchange_strong(&inbox->head, &empty, FASTGO_ASLEEP) || empty == FASTGO_ASLEEP;
}

void fastgo_inbox_sleep(struct fastgo_inbox *inbox, int64_t nanoseconds)
{
    struct timespec span = fastgo_timespec(nanoseconds < 0 ? 0 : nanoseconds);
    if (atomic_load(&inbox->head) == FASTGO_ASLEEP) {
        fastgo_futex_wait(futex_of(inbox), (unsigned)FASTGO_ASLEEP, nanoseconds < 0 ? NULL : &span);
    }
    fastgo_inbox_attend(inbox);
}
