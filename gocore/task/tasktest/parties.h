/* Parties of channels for tests: threads that block, and such that are looked at. */
#ifndef TASKTEST_PARTIES_H
#define TASKTEST_PARTIES_H

#include "../task.h"

enum { TASKTEST_CASES = 8 };

struct tasktest_party {
    struct fastgo_wait wait;
    atomic_uint woken; /* how often */
    struct fastgo_case cases[TASKTEST_CASES];
};

struct tasktest_party *tasktest_party_new(void);
unsigned tasktest_party_woken(const struct tasktest_party *party);

/* Sleeps until the party has been woken once more than so many times. */
void tasktest_party_await(struct tasktest_party *party, unsigned woken);

/* Its wake, for tasks that are done as well. */
struct tasktest_done {
    atomic_uint word;
    struct fastgo_task *task;
};

struct tasktest_done *tasktest_spawn(fastgo_step step, int64_t (*function)(void *), void *state, void (*release)(void *));
void tasktest_await(struct tasktest_done *done);

/* Sets what releases objects of channels to a function that adds them up. */
void tasktest_count_released(void);
int64_t tasktest_released(void);

/* Adds up the objects in a channel's buffer. */
int64_t tasktest_visit(struct fastgo_chan *chan);

#endif
