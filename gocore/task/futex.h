/*
 * Futexes (futex(2)), and a lock of one word on them.
 *
 * The lock is for critical sections of some dozen instructions: no system call, no allocation and
 * no foreign code happens in them, and Python's GIL is neither taken nor given back. So who finds
 * it held spins for a moment first. Its holder may have lost its core; then to sleep is what gives
 * the core back soonest, and the wait is for that core, never for another party of a channel.
 */
#ifndef FASTGO_FUTEX_H
#define FASTGO_FUTEX_H

#include <linux/futex.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Sleeps while the word is `expected`: until it is woken, the time (NULL for none) has passed, or
 * for no reason at all. */
static inline void fastgo_futex_wait(atomic_uint *word, unsigned expected, const struct timespec *time)
{
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, time, NULL, 0);
}

static inline void fastgo_futex_wake(atomic_uint *word, int count)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

/* A hint that the thread spins. */
static inline void fastgo_spin(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield" ::: "memory");
#endif
}

enum { FASTGO_FREE, FASTGO_HELD, FASTGO_AWAITED };

/* Zero is a free lock. */
struct fastgo_lock {
    atomic_uint state;
};

void fastgo_lock_slowly(struct fastgo_lock *lock);

static inline void fastgo_lock(struct fastgo_lock *lock)
{
    unsigned expected = FASTGO_FREE;
    if (!atomic_compare_exchange_strong_explicit(&lock->state, &expected, FASTGO_HELD, memory_order_acquire,
                                                 memory_order_relaxed)) {
        fastgo_lock_slowly(lock);
    }
}

static inline void fastgo_unlock(struct fastgo_lock *lock)
{
    if (atomic_exchange_explicit(&lock->state, FASTGO_FREE, memory_order_release) == FASTGO_AWAITED) {
        fastgo_futex_wake(&lock->state, 1);
    }
}

#endif
