/*
 * What the generated module takes from the hand-written one.
 */
#ifndef FASTGO_GLUE_H
#define FASTGO_GLUE_H

#include <stdbool.h>

/* True in a process forked from the one that loaded the library. Go's threads
 * do not exist there, so a call into Go may never return. */
bool fastgo_forked(void);

/* Sets the RuntimeError that a call from such a process deserves. */
void fastgo_refuse_fork(void);

#endif
