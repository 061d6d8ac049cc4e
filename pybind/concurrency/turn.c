//go:build python

/*
 * One turn of a task: its coroutine runs until it ends or waits.
 *
 * What a coroutine yields says what it waits for: the operation that it has begun in this turn; or
 * None, by which it only gives way. All else is not ours, and raises in the coroutine.
 *
 * A turn may begin more operations than the one that is yielded: of a coroutine that the task has begun
 * by hand, or that is closed or collected in its turn and awaits something in its `finally`, also while
 * the task's own is on its way out. All are kept until the turn is over, as only then it is known which
 * one is waited for; the others are taken back. By then no task runs, so that Python code that this
 * calls can begin no more.
 */
#include "scheduler.h"

enum { BUDGET = 256 }; /* operations that a task may do before others have their turn */

/* --- the end of a task --- */

/* Takes the scheduler's reference to a task that has just ended. */
static void forget(fastgo_scheduler *self, fastgo_task_object *task)
{
    self->live--;
    Py_DECREF((PyObject *)task);
}

static void fail(fastgo_scheduler *self, fastgo_task_object *task)
{
    fastgo_pytask_fail(task);
    if (!self->endless && self->fatal == NULL &&
        (PyErr_GivenExceptionMatches(task->value, PyExc_KeyboardInterrupt) ||
         PyErr_GivenExceptionMatches(task->value, PyExc_SystemExit))) {
        self->fatal = Py_NewRef(task->value);
        task->asked = true;
    }
    forget(self, task);
}

/* --- one turn of a task --- */

static void set_cancelled(void)
{
    PyObject *type = fastgo_cancelled_error();
    if (type != NULL) {
        PyErr_SetNone(type);
    }
}

/* Makes the coroutine of a task whose turn comes first. -1 with an exception. */
static int begin(fastgo_task_object *task)
{
    if (task->cancel) {
        set_cancelled();
        return -1;
    }
    task->begun = true;
    PyObject *function = task->coroutine, *arguments = task->value;
    PyObject *made = arguments == NULL ? PyObject_CallNoArgs(function) : PyObject_Call(function, arguments, NULL);
    if (made == NULL) {
        return -1;
    }
    task->coroutine = made;
    task->value = NULL;
    Py_DECREF(function);
    Py_XDECREF(arguments);
    return 0;
}

/* Resumes a coroutine with an exception. */
static PySendResult throw_into(fastgo_task_object *task, PyObject **out)
{
    PyObject *exception = task->value;
    task->value = NULL;
    *out = PyObject_CallMethod(task->coroutine, "throw", "O", exception);
    Py_DECREF(exception);
    if (*out != NULL) {
        return PYGEN_NEXT;
    }
    if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
        return PYGEN_ERROR;
    }
    PyObject *type, *stop, *traceback;
    PyErr_Fetch(&type, &stop, &traceback);
    PyErr_NormalizeException(&type, &stop, &traceback);
    *out = PyObject_GetAttrString(stop, "value");
    Py_XDECREF(type);
    Py_XDECREF(stop);
    Py_XDECREF(traceback);
    return *out == NULL ? PYGEN_ERROR : PYGEN_RETURN;
}

/* Runs a coroutine until it ends or waits. */
static PySendResult resume(fastgo_task_object *task, PyObject **out)
{
    *out = NULL;
    if (!task->begun && begin(task) < 0) {
        return PYGEN_ERROR;
    }
    if (task->cancel && task->bare && task->value == NULL) {
        PyObject *type = fastgo_cancelled_error();
        task->value = type == NULL ? NULL : PyObject_CallNoArgs(type);
        task->cancel = task->value == NULL; /* else there was no memory: the next turn tries again */
        PyErr_Clear();
    }
    task->bare = false;
    return task->value != NULL ? throw_into(task, out) : PyIter_Send(task->coroutine, Py_None, out);
}

/* --- what a task has begun in its turn --- */

int fastgo_scheduler_put_aside(fastgo_scheduler *self, fastgo_task_object *task)
{
    fastgo_await *begun = task->waiting;
    if (fastgo_await_state(begun) == FASTGO_AWAIT_SPENT) { /* so a turn may begin any number and close them */
        task->waiting = NULL;
        Py_DECREF((PyObject *)begun);
        return 0;
    }
    if (self->aside_count == self->aside_room) {
        uint32_t room = self->aside_room * 2 + 4;
        fastgo_await **aside = PyMem_Realloc(self->aside, room * sizeof(aside[0]));
        if (aside == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        self->aside = aside;
        self->aside_room = room;
    }
    self->aside[self->aside_count++] = begun;
    task->waiting = NULL;
    return 0;
}

/* Takes an operation back: nothing may be left parked behind a task. What has fired meanwhile keeps its
 * value, for who may have the operation. */
static void let_go(fastgo_await *operation)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (fastgo_await_take_back(operation)) {
        fastgo_kind_of(operation)->drop(operation, false);
    }
    Py_DECREF((PyObject *)operation);
    PyErr_Restore(type, value, traceback);
}

/* Lets all operations of a turn go but for the one that the coroutine has yielded, which is what the
 * task has then. */
static void let_others_go(fastgo_scheduler *self, fastgo_task_object *task, PyObject *yielded)
{
    fastgo_await *kept = NULL;
    while (task->waiting != NULL || self->aside_count > 0) {
        fastgo_await *operation = task->waiting != NULL ? task->waiting : self->aside[--self->aside_count];
        task->waiting = NULL;
        if ((PyObject *)operation == yielded) {
            kept = operation;
        } else {
            let_go(operation);
        }
    }
    task->waiting = kept;
}

/* --- one turn of a task, to its end --- */

/* Returns what the message calls an object: what it says itself or, where that fails, its type. */
static PyObject *name_of(PyObject *object)
{
    PyObject *name = PyObject_Repr(object);
    if (name == NULL) {
        PyErr_Clear();
        PyObject *type = PyType_GetName(Py_TYPE(object));
        name = type == NULL ? NULL : PyUnicode_FromFormat("an object of type %U", type);
        Py_XDECREF(type);
    }
    return name;
}

/* A coroutine has yielded what no operation of ours has. The task goes on, and is told: if there is no
 * memory for that, of that. */
static void refuse(fastgo_task_object *task, PyObject *yielded)
{
    PyObject *name = name_of(yielded), *type, *traceback;
    if (name != NULL) {
        PyErr_Format(PyExc_RuntimeError,
                     "a coroutine that fastgo's scheduler runs has awaited %U, which is not fastgo's: to await what belongs to "
                     "asyncio, run the coroutine by asyncio.run, where fastgo's channels and tasks can be awaited as well",
                     name);
        Py_DECREF(name);
    }
    PyErr_Fetch(&type, &task->value, &traceback);
    PyErr_NormalizeException(&type, &task->value, &traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
}

/* A coroutine has yielded: it waits for an operation, or gives way. */
static void wait_or_go_on(fastgo_scheduler *self, fastgo_task_object *task, PyObject *out)
{
    if (out != (PyObject *)task->waiting || self->aside_count > 0) {
        let_others_go(self, task, out);
    }
    if (task->waiting != NULL) {
        if (fastgo_await_state(task->waiting) == FASTGO_AWAIT_PARKED) {
            task->place = FASTGO_PLACE_PARKED;
            fastgo_tasks_put_last(&self->parked, task);
            if (task->cancel && fastgo_pytask_cancel_wait(task)) { /* asked for behind the beginning of the operation */
                task->cancel = false;
            }
            return;
        }
    } else if (out == Py_None) {
        task->bare = true;
    } else {
        refuse(task, out);
    }
    fastgo_scheduler_make_ready(self, task);
}

void fastgo_scheduler_turn(fastgo_scheduler *self, fastgo_task_object *task)
{
    fastgo_await *awaited = task->waiting;
    PyObject *out;
    fastgo_tasks_take_out(&self->ready, task);
    task->place = FASTGO_PLACE_RUNNING;
    task->waiting = NULL;
    self->budget = BUDGET;
    self->current = task;
    PySendResult how = resume(task, &out);
    Py_XDECREF((PyObject *)awaited);
    self->current = NULL;
    if (how == PYGEN_NEXT) {
        wait_or_go_on(self, task, out);
        Py_DECREF(out);
        return;
    }
    let_others_go(self, task, NULL);
    if (how == PYGEN_RETURN) {
        fastgo_pytask_finish(task, out);
        forget(self, task);
    } else {
        fail(self, task);
    }
}

/* Closes the coroutine of a task that does not end, and ends the task. */
void fastgo_scheduler_close_task(fastgo_scheduler *self, fastgo_task_object *task)
{
    fastgo_tasks_take_out(task->place == FASTGO_PLACE_READY ? &self->ready : &self->parked, task);
    task->place = FASTGO_PLACE_RUNNING;
    if (task->begun) {
        PyObject *closed = PyObject_CallMethod(task->coroutine, "close", NULL);
        if (closed == NULL) {
            PyErr_WriteUnraisable(task->coroutine);
        }
        Py_XDECREF(closed);
    }
    if (task->waiting != NULL) {
        fastgo_await *waiting = task->waiting;
        task->waiting = NULL;
        let_go(waiting);
    }
    set_cancelled();
    fastgo_pytask_fail(task);
    forget(self, task);
}
