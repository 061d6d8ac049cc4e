//go:build python

#include "registry.h"

enum { IN_PAGE = 256 };

struct fastgo_page {
    int used;
    struct fastgo_function *functions[IN_PAGE];
};

struct fastgo_function *fastgo_find(const struct fastgo_registry *registry, uint32_t number)
{
    uint32_t at = number / IN_PAGE;
    struct fastgo_page *page = at < registry->count ? registry->pages[at] : NULL;
    return page == NULL ? NULL : page->functions[number % IN_PAGE];
}

static struct fastgo_page *page_for(struct fastgo_registry *registry, uint32_t number)
{
    uint32_t at = number / IN_PAGE;
    if (at >= registry->count) {
        uint32_t count = at + at / 2 + 1;
        struct fastgo_page **pages = PyMem_Realloc(registry->pages, count * sizeof(pages[0]));
        if (pages == NULL) {
            return NULL;
        }
        for (uint32_t i = registry->count; i < count; i++) {
            pages[i] = NULL;
        }
        registry->pages = pages;
        registry->count = count;
    }
    if (registry->pages[at] == NULL) {
        registry->pages[at] = PyMem_Calloc(1, sizeof(struct fastgo_page));
    }
    return registry->pages[at];
}

int fastgo_register(struct fastgo_registry *registry, uint32_t number, struct fastgo_function *function)
{
    struct fastgo_page *page = page_for(registry, number);
    if (page == NULL) {
        fastgo_function_release(function);
        PyErr_NoMemory();
        return -1;
    }
    struct fastgo_function *before = page->functions[number % IN_PAGE];
    page->functions[number % IN_PAGE] = function;
    if (before == NULL) {
        page->used++;
    } else {
        fastgo_function_release(before);
    }
    return 0;
}

void fastgo_forget(struct fastgo_registry *registry, uint32_t number)
{
    struct fastgo_function *function = fastgo_find(registry, number);
    if (function == NULL) {
        return;
    }
    struct fastgo_page *page = registry->pages[number / IN_PAGE];
    page->functions[number % IN_PAGE] = NULL;
    if (--page->used == 0) {
        registry->pages[number / IN_PAGE] = NULL;
        PyMem_Free(page);
    }
    fastgo_function_release(function); /* last: it may run anything */
}

void fastgo_forget_all(struct fastgo_registry *registry)
{
    for (uint32_t at = 0; at < registry->count; at++) {
        for (uint32_t i = 0; i < IN_PAGE && registry->pages[at] != NULL; i++) {
            fastgo_forget(registry, at * IN_PAGE + i);
        }
    }
    PyMem_Free(registry->pages);
    registry->pages = NULL;
    registry->count = 0;
}

int fastgo_visit(const struct fastgo_registry *registry, visitproc visit, void *arg)
{
    for (uint32_t at = 0; at < registry->count; at++) {
        for (uint32_t i = 0; i < IN_PAGE && registry->pages[at] != NULL; i++) {
            struct fastgo_function *function = registry->pages[at]->functions[i];
            if (function != NULL) {
                Py_VISIT(function->callable);
                Py_VISIT(function->owner);
                Py_VISIT(function->encoder.type);
                Py_VISIT(function->encoder.encode);
                int stopped = fastgo_plan_visit(&function->plan, visit, arg);
                if (stopped) {
                    return stopped;
                }
            }
        }
    }
    return 0;
}

void fastgo_function_release(struct fastgo_function *function)
{
    if (--function->users > 0) {
        return;
    }
    Py_XDECREF(function->callable);
    Py_XDECREF(function->owner);
    Py_XDECREF(function->encoder.type);
    Py_XDECREF(function->encoder.encode);
    fastgo_plan_clear(&function->plan);
    PyMem_Free(function);
}
