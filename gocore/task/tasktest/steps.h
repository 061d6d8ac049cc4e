/* Native tasks for tests and benchmarks. */
#ifndef TASKTEST_STEPS_H
#define TASKTEST_STEPS_H

#include "parties.h"

/* Spawned with tasktest_spawn, each frees its state, if it has one. */
struct tasktest_done *tasktest_sum(struct fastgo_chan *numbers);                                /* of all integers */
struct tasktest_done *tasktest_count(struct fastgo_chan *numbers, int64_t count);               /* sends 0 to count - 1, closes */
struct tasktest_done *tasktest_relay(struct fastgo_chan *in, struct fastgo_chan *out);          /* bytes or integers */
struct tasktest_done *tasktest_join(struct fastgo_chan *in);                                    /* all bytes, with "," between */
struct tasktest_done *tasktest_merge(struct fastgo_chan *a, struct fastgo_chan *b, struct fastgo_chan *out);
struct tasktest_done *tasktest_either(struct fastgo_chan *in, struct fastgo_chan *out, int64_t count);
struct tasktest_done *tasktest_do(const char *what); /* what the name says; see steps.c */
struct tasktest_done *tasktest_plain(int64_t value); /* a function that returns it */

/* Sends 1, and asks then for something else. */
struct tasktest_done *tasktest_change_mind(struct fastgo_chan *out);

/* Begins to send bytes, and ends. */
struct tasktest_done *tasktest_leave(struct fastgo_chan *out);

/* Spawns a task and does not return before that has run. */
struct tasktest_done *tasktest_wait_for_another(void);

/* Spawns tasks until there are so many with it, which all wait to run at the same time, for three
 * seconds at most; returns how many do. */
struct tasktest_done *tasktest_meet(unsigned count);

/* A function that returns when tasktest_unblock was called; tasktest_await_blocked waits until it
 * runs. */
struct tasktest_done *tasktest_blocking(void);
void tasktest_await_blocked(void);
void tasktest_unblock(void);

/* Whether a task can be spawned. */
bool tasktest_can_spawn(void);

/* Spawns so many tasks that end at once, from the calling thread or from a task, and returns when
 * all have run. */
void tasktest_spawn_empty(int64_t count, bool from_a_task);

/* Two tasks that send a number to and fro, so often. */
void tasktest_ping_pong(int64_t count);

/* So often try_send and try_recv of so many bytes, or of integers for 0, on one thread. */
void tasktest_try(int64_t count, size_t size);

/* States that were given to tasks and not yet released. */
int64_t tasktest_states(void);

#endif
