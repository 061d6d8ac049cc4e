/* What a forked process finds of the channels of the one before. */
#include "chan_state.h"

#include <pthread.h>

unsigned fastgo_forks;

void fastgo_note_fork(void)
{
    fastgo_forks++;
}

__attribute__((constructor)) static void note_forks(void)
{
    pthread_atfork(NULL, NULL, fastgo_note_fork);
}

bool fastgo_chan_is_lost(const struct fastgo_chan *chan)
{
    return chan->made != fastgo_forks && chan->kind != FASTGO_OBJECT;
}
