/* Counts the memory that C code takes of the system: the linker has its calls come here. */
#include "parties.h"

#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);

static _Atomic int64_t taken, given;

static void *count(void *memory)
{
    if (memory != NULL) {
        atomic_fetch_add_explicit(&taken, 1, memory_order_relaxed);
    }
    return memory;
}

void *__wrap_malloc(size_t size)
{
    return count(__real_malloc(size));
}

void *__wrap_calloc(size_t number, size_t size)
{
    return count(__real_calloc(number, size));
}

void *__wrap_realloc(void *memory, size_t size)
{
    return memory == NULL ? count(__real_realloc(memory, size)) : __real_realloc(memory, size);
}

void __wrap_free(void *memory)
{
    if (memory != NULL) {
        atomic_fetch_add_explicit(&given, 1, memory_order_relaxed);
    }
    __real_free(memory);
}

int64_t tasktest_allocations(void)
{
    return atomic_load(&taken);
}

int64_t tasktest_blocks(void)
{
    return atomic_load(&taken) - atomic_load(&given);
}
