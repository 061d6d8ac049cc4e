/*
 * The functions of a queue, by their numbers.
 */
#ifndef FASTGO_REGISTRY_H
#define FASTGO_REGISTRY_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "answer.h"
#include "plan.h"

/* A function and how to call it. owner is told of what goes wrong. */
struct fastgo_function {
    int users; /* the registry, and calls that run */
    PyObject *callable, *owner;
    struct fastgo_encoder encoder;
    struct fastgo_plan plan;
};

/* Numbers only grow, and most of those before are forgotten: pages of them come
 * and go, and a list of pages grows by 8 bytes for every 256 numbers. Zeroed
 * memory is an empty registry. Used with the GIL held. */
struct fastgo_registry {
    uint32_t count;
    struct fastgo_page **pages;
};

struct fastgo_function *fastgo_find(const struct fastgo_registry *registry, uint32_t number);

/* Enters a function of one user, which it takes, also where it fails. -1 with an exception. */
int fastgo_register(struct fastgo_registry *registry, uint32_t number, struct fastgo_function *function);

void fastgo_forget(struct fastgo_registry *registry, uint32_t number);
void fastgo_forget_all(struct fastgo_registry *registry);
int fastgo_visit(const struct fastgo_registry *registry, visitproc visit, void *arg);

/* Gives up a use of a function. */
void fastgo_function_release(struct fastgo_function *function);

#endif
