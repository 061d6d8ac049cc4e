/*
 * The report of a crash in a handler. No program can go on behind one: the memory may be in
 * any state. It can only be said where it happened, by what is safe in a signal handler: no
 * memory is taken, and one write(2) puts the line out. Go's handler follows, which ends the
 * process with its own report, or calls the one that was there before Go.
 */
#define _GNU_SOURCE
#include "frame.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <ucontext.h>
#include <unistd.h>

static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
#define SIGNALS (sizeof signals / sizeof *signals)
static struct sigaction before[SIGNALS];

struct line {
    char text[1024];
    size_t size;
};

static void append(struct line *line, const char *text)
{
    while (*text != 0 && line->size < sizeof line->text) {
        line->text[line->size++] = *text++;
    }
}

static const void *fault_address(const void *context)
{
#if defined(__linux__) && defined(__x86_64__)
    return (const void *)((const ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
#elif defined(__linux__) && defined(__aarch64__)
    return (const void *)((const ucontext_t *)context)->uc_mcontext.pc;
#else
    (void)context;
    return NULL;
#endif
}

static void append_symbol(struct line *line, const void *address)
{
    Dl_info found;
    if (address == NULL || dladdr(address, &found) == 0 || found.dli_fname == NULL) {
        append(line, "a function of no library");
        return;
    }
    append(line, found.dli_sname != NULL ? found.dli_sname : "a function without a name");
    append(line, " (");
    append(line, found.dli_fname);
    append(line, ")");
}

static const char *name_of(int number)
{
    switch (number) {
    case SIGSEGV: return "SIGSEGV";
    case SIGBUS: return "SIGBUS";
    case SIGFPE: return "SIGFPE";
    case SIGILL: return "SIGILL";
    default: return "SIGABRT";
    }
}

static void report(int number, siginfo_t *info, void *context)
{
    const struct fastgo_frame *frame = fastgo_running_frame();
    const struct sigaction *next = NULL;
    size_t i;
    if (frame != NULL) {
        struct line line = {.size = 0};
        append(&line, "fastgo: ");
        append(&line, name_of(number));
        append(&line, " in the native handler of ");
        append(&line, frame->target->route);
        append(&line, ", at ");
        append_symbol(&line, fault_address(context));
        append(&line, "\n");
        line.text[line.size - 1] = '\n';
        while (write(STDERR_FILENO, line.text, line.size) < 0 && errno == EINTR) {
        }
    }
    for (i = 0; i < SIGNALS; i++) {
        if (signals[i] == number) {
            next = &before[i];
        }
    }
    if (next->sa_flags & SA_SIGINFO) {
        next->sa_sigaction(number, info, context);
    } else if (next->sa_handler != SIG_DFL && next->sa_handler != SIG_IGN) {
        next->sa_handler(number);
    } else { /* what it was before is what happens when it comes again */
        sigaction(number, next, NULL);
        raise(number);
    }
}

/* Go's threads have alternate stacks, which SA_ONSTACK uses. */
int fastgo_report_crashes(void)
{
    size_t i;
    for (i = 0; i < SIGNALS; i++) {
        struct sigaction ours;
        if (sigaction(signals[i], NULL, &before[i]) != 0) {
            return errno;
        }
        ours = before[i];
        ours.sa_sigaction = report;
        ours.sa_flags = (before[i].sa_flags & ~SA_RESETHAND) | SA_SIGINFO | SA_ONSTACK;
        if (sigaction(signals[i], &ours, NULL) != 0) {
            return errno;
        }
    }
    return 0;
}

int fastgo_symbol(const void *address, char *name, size_t room)
{
    Dl_info found;
    size_t size;
    *name = 0;
    if (dladdr(address, &found) == 0) {
        return 0;
    }
    if (found.dli_sname != NULL) {
        size = strnlen(found.dli_sname, room - 1);
        memcpy(name, found.dli_sname, size);
        name[size] = 0;
    }
    return 1;
}

uint64_t fastgo_declared_layout(const void *address)
{
    Dl_info found, declared;
    uint64_t layout = 0;
    const uint64_t *symbol;
    void *library;
    if (dladdr(address, &found) == 0 || found.dli_fname == NULL) {
        return 0;
    }
    library = dlopen(found.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    if (library == NULL) {
        return 0;
    }
    symbol = dlsym(library, "fastgo_layout");
    /* dlsym looks into what the library needs as well, which is not meant. */
    if (symbol != NULL && dladdr(symbol, &declared) != 0 && declared.dli_fbase == found.dli_fbase) {
        layout = *symbol;
    }
    dlclose(library);
    return layout;
}
