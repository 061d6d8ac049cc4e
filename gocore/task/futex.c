#define _GNU_SOURCE
#include "futex.h"

#include <errno.h>

enum { SPINS = 100 };

void fastgo_lock_slowly(struct fastgo_lock *lock)
{
    const int error = errno; /* which the call that locks may be about to report */
    for (int i = 0; i < SPINS; i++) {
        unsigned expected = FASTGO_FREE;
        if (atomic_load_explicit(&lock->state, memory_order_relaxed) == FASTGO_FREE &&
            atomic_compare_exchange_weak_explicit(&lock->state, &expected, FASTGO_HELD, memory_order_acquire,
                                                  memory_order_relaxed)) {
            return;
        }
        fastgo_spin();
    }
    /* Who takes it here cannot know that nobody else waits, so its unlock wakes one in any case. */
    while (atomic_exchange_explicit(&lock->state, FASTGO_AWAITED, memory_order_acquire) != FASTGO_FREE) {
        fastgo_futex_wait(&lock->state, FASTGO_AWAITED, NULL);
    }
    errno = error;
}
