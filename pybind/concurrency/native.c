//go:build python

/*
 * Native tasks: Scheduler.spawn_native(address, data, words, form, kept) has gocore/task run one,
 * and returns its Task.
 *
 *   address  of `int step(fastgo_task *, void *data)`; or, where there are words, of what
 *            fastgo.compiled makes, `int32 call(int64 *words, double *floats)`
 *   words    None, or the block that it is called with, as bytes
 *   form     of an integer that it returns: 'q' signed, 'Q' unsigned, 'd' a double, '?' a bool
 *   kept     what has to live until it is done
 *
 * The worker that has run the last step puts an operation into the inbox of the scheduler, which
 * must be the one of the background, as that never goes; its thread then ends the Task, with the
 * GIL. The operation is kept by its reference to itself, as any that is parked, and `kept` by the
 * Task's value until then. When native tasks are stopped for good, the Tasks that are left end with an
 * error, so that nobody waits for them.
 */
#include "native.h"

#include <stdlib.h>
#include <string.h>

#include "fastgo.h"
#include "glue.h"
#include "task.h"

/* Of gocore/task; to be called without the GIL. */
void fastgo_tasks_start(void);
int fastgo_tasks_stop(int milliseconds);

static bool started, stopped;

/* The Tasks that are not done. */
static fastgo_tasks natives;

void fastgo_native_start(void)
{
    if (!started && !fastgo_forked()) {
        started = true;
        Py_BEGIN_ALLOW_THREADS
        fastgo_tasks_start();
        Py_END_ALLOW_THREADS
    }
}

/* Ends a Task that no worker will. What it keeps stays for good: its last step may still run, or its
 * operation be parked. */
static void give_up_first(void)
{
    PyObject *error = PyObject_CallFunction(PyExc_RuntimeError, "s",
                                            "this native task does not end: Python is about to, and has stopped all of them");
    fastgo_task_object *task = natives.first; /* now: to make the exception may have had Python code run */
    if (task == NULL) {
        Py_XDECREF(error);
        PyErr_Clear();
        return;
    }
    fastgo_tasks_take_out(&natives, task);
    Py_INCREF(task->value);
    task->asked = true; /* the error is no news where nobody waits */
    if (error != NULL) {
        PyErr_SetObject(PyExc_RuntimeError, error);
        Py_DECREF(error);
    }
    fastgo_pytask_fail(task);
}

PyObject *fastgo_native_stop(PyObject *Py_UNUSED(module), PyObject *milliseconds)
{
    long time = PyLong_AsLong(milliseconds);
    int ended = 1;
    if (time == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (started && !fastgo_forked()) {
        Py_BEGIN_ALLOW_THREADS
        ended = fastgo_tasks_stop((int)time);
        Py_END_ALLOW_THREADS
        stopped = true;
        if (natives.first != NULL) {
            fastgo_deliver(natives.first->inbox); /* those that were done before */
        }
        while (natives.first != NULL) {
            give_up_first();
        }
    }
    return PyBool_FromLong(ended);
}

PyObject *fastgo_native_is_idle(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    return PyBool_FromLong(!started || stopped || fastgo_forked() || fastgo_tasks_are_idle());
}

/* --- compiled functions --- */

struct compiled_call {
    int32_t (*function)(int64_t *words, double *floats);
    int64_t words[];
};

static int run_compiled(struct fastgo_task *task, void *state)
{
    struct compiled_call *call = state;
    if (call->function(call->words, (double *)call->words) != 0) {
        return fastgo_task_fail(task, "the compiled function has raised an exception");
    }
    return fastgo_task_return_int(task, call->words[0]);
}

static struct compiled_call *compiled_call_new(void *address, PyObject *words)
{
    Py_ssize_t size = PyBytes_Size(words);
    struct compiled_call *call = size < 0 ? NULL : malloc(sizeof(*call) + (size_t)size + sizeof(int64_t));
    if (call == NULL) {
        if (size >= 0) {
            PyErr_NoMemory();
        }
        return NULL;
    }
    *(void **)&call->function = address;
    memcpy(call->words, PyBytes_AsString(words), (size_t)size);
    return call;
}

/* --- the end --- */

static PyObject *integer_of(int64_t integer, uint8_t form)
{
    double number;
    switch (form) {
    case 'Q':
        return PyLong_FromUnsignedLongLong((uint64_t)integer);
    case 'd':
        memcpy(&number, &integer, sizeof(number));
        return PyFloat_FromDouble(number);
    case '?':
        return PyBool_FromLong(integer != 0);
    default:
        return PyLong_FromLongLong(integer);
    }
}

static PyObject *outcome_of(struct fastgo_task *core, uint8_t form)
{
    int64_t integer;
    fastgo_string bytes;
    PyObject *type;
    switch (fastgo_task_outcome(core, &integer, &bytes)) {
    case FASTGO_RETURNED_INT:
        return integer_of(integer, form);
    case FASTGO_RETURNED_BYTES:
        return PyBytes_FromStringAndSize(bytes.data, (Py_ssize_t)bytes.size);
    case FASTGO_FAILED:
        type = PyUnicode_DecodeUTF8(bytes.data, (Py_ssize_t)bytes.size, "replace");
        if (type != NULL) {
            PyErr_SetObject(fastgo_hooks.task_error, type);
            Py_DECREF(type);
        }
        return NULL;
    case FASTGO_WAS_CANCELLED:
        if ((type = fastgo_cancelled_error()) != NULL) {
            PyErr_SetNone(type);
        }
        return NULL;
    default:
        Py_RETURN_NONE;
    }
}

/* No coroutine awaits it: it is there to be delivered. So of its kind only the name is used. */
static void drop(fastgo_await *Py_UNUSED(operation), bool Py_UNUSED(done))
{
}

const fastgo_await_kind fastgo_native_kind = {.name = "native", .drop = drop};

static struct fastgo_task *core_of(const fastgo_await *operation)
{
    return operation->wait.one.value.object;
}

/* Ends the Task of an operation that has just been delivered. */
void fastgo_native_end(fastgo_await *operation, fastgo_task_object *task)
{
    struct fastgo_task *core = core_of(operation);
    if (task->place == FASTGO_PLACE_DONE) { /* it was given up */
        fastgo_task_unref(core);
        return;
    }
    fastgo_tasks_take_out(&natives, task);
    PyObject *result = outcome_of(core, operation->wait.one.mark[2]);
    if (result != NULL) {
        fastgo_pytask_finish(task, result);
    } else {
        fastgo_pytask_fail(task);
    }
    fastgo_task_unref(core); /* until the end, Python code may cancel it */
}

void fastgo_native_cancel(fastgo_task_object *task)
{
    fastgo_task_cancel(core_of(task->waiting));
}

/* Called by the worker, without the GIL. */
static void done(struct fastgo_task *core)
{
    struct fastgo_wait *wait = core->spec.owner;
    wait->wake(wait);
}

/* --- the beginning --- */

/* Hands the Task over to gocore/task. -1 with an exception. */
static int start(fastgo_task_object *task, fastgo_await *operation, struct fastgo_task_spec *spec)
{
    fastgo_await_hold(operation, (PyObject *)task); /* before it can be done */
    spec->done = done;
    spec->owner = &operation->wait;
    struct fastgo_task *core = fastgo_task_spawn(spec);
    if (core == NULL) {
        fastgo_await_let_go(operation, FASTGO_AWAIT_SPENT);
        PyErr_SetString(PyExc_RuntimeError, "no native task can be started: there is no memory, or Python is about to end");
        return -1;
    }
    operation->wait.one.value.object = core;
    fastgo_tasks_put_last(&natives, task);
    return 0;
}

/* Fills the specification in. -1 with an exception. */
static int specify(struct fastgo_task_spec *spec, void *address, void *data, PyObject *words)
{
    *spec = (struct fastgo_task_spec){.state = data};
    if (words == Py_None) {
        *(void **)&spec->step = address;
        return 0;
    }
    spec->step = run_compiled;
    spec->release = free;
    spec->state = compiled_call_new(address, words);
    return spec->state == NULL ? -1 : 0;
}

PyObject *fastgo_scheduler_spawn_native(PyObject *object, PyObject *arguments)
{
    unsigned long long address, data;
    PyObject *words, *kept;
    int form;
    struct fastgo_task_spec spec;
    if (!PyArg_ParseTuple(arguments, "KKOCO:spawn_native", &address, &data, &words, &form, &kept)) {
        return NULL;
    }
    if (fastgo_forked()) {
        PyErr_SetString(fastgo_hooks.fork_error, "native tasks run in the process that was forked, and not in this one, its child");
        return NULL;
    }
    fastgo_native_start();
    if (specify(&spec, (void *)(uintptr_t)address, (void *)(uintptr_t)data, words) < 0) {
        return NULL;
    }
    fastgo_task_object *task = fastgo_pytask_new();
    fastgo_await *operation = task == NULL ? NULL : fastgo_await_new(FASTGO_KIND_NATIVE);
    if (operation != NULL) {
        operation->wait.one.mark[2] = (uint8_t)form;
        task->inbox = &((fastgo_scheduler *)object)->inbox;
        task->value = Py_NewRef(kept);
        task->waiting = operation; /* its reference */
        if (start(task, operation, &spec) == 0) {
            return (PyObject *)task;
        }
    }
    Py_XDECREF((PyObject *)task);
    if (spec.release != NULL) {
        spec.release(spec.state);
    }
    return NULL;
}
