//go:build python

/*
 * The Python module _concurrency: coroutines, channels, and what they wait with.
 *
 *   go, sleep, chan, select, aselect   as fastgo.concurrency has them
 *   Task, Chan, Operation              the types of what they return
 *   Scheduler, Bridge, Promise         for the package alone
 *   enter, leave                       the methods `__enter__` and `__exit__` of locks
 *   natives_are_idle(), stop_natives(milliseconds)
 *   here()                             the scheduler that runs in this thread
 *   configure(**hooks)                 gives it what is written in Python: struct fastgo_hooks
 *   note_main_thread(identifier)
 *   keep_scheduler()                   in a child of fork
 *
 *   scheduler.c  the loop, and its tasks    turn.c      one turn of one of them
 *   task.c       what a call has come to    join.c      waiting for that
 *   go.c         go()                       timers.c    sleep()
 *   channel.c    Chan                       values.c    what it carries
 *   exchange.c   send and receive           select.c    select
 *   await.c      what coroutines await      park.c      how they wait
 *   inbox.c      wake-ups from anywhere     blocking.c  how threads wait
 *   native.c     native tasks               promise.c   asyncio
 *   drop.c       long chains of objects     fork.c      tasks of the parent
 *
 * Types and hooks are static: it works in one interpreter, the one that loads it first.
 */
#include "blocking.h"
#include "channel.h"
#include "docs.h"
#include "native.h"
#include "promise.h"
#include "scheduler.h"

static int64_t owner = -1; /* the interpreter */

static PyObject *configure(PyObject *Py_UNUSED(module), PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"elsewhere", "is_coroutine_function", "function_type", "is_stuck", "deadlock", "sleep",
                            "cancel_later", "cancel_is_due", "promise", "running_loop", "neglected", "channel_error", "task_error",
                            "fork_error", "default", NULL};
    struct fastgo_hooks given;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "$OOOOOOOOOOOOOOO:configure", names, &given.elsewhere,
                                     &given.is_coroutine_function, &given.function_type, &given.is_stuck, &given.deadlock,
                                     &given.sleep, &given.cancel_later, &given.cancel_is_due, &given.promise, &given.running_loop,
                                     &given.neglected, &given.channel_error, &given.task_error, &given.fork_error,
                                     &given.otherwise)) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(given) / sizeof(PyObject *); i++) {
        Py_INCREF(((PyObject **)&given)[i]); /* for good, as the functions that use them are */
    }
    fastgo_hooks = given;
    Py_RETURN_NONE;
}

/* here(): the scheduler that runs in this thread, or None. */
static PyObject *here(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    return Py_NewRef(fastgo_here == NULL ? Py_None : (PyObject *)fastgo_here);
}

static PyObject *note_main_thread(PyObject *Py_UNUSED(module), PyObject *identifier)
{
    unsigned long value = PyLong_AsUnsignedLong(identifier);
    if (value == (unsigned long)-1 && PyErr_Occurred()) {
        return NULL;
    }
    fastgo_note_main_thread(value);
    Py_RETURN_NONE;
}

static int execute(PyObject *module)
{
    int64_t interpreter = PyInterpreterState_GetID(PyInterpreterState_Get());
    if (interpreter < 0) {
        return -1;
    }
    if (owner >= 0) {
        PyErr_SetString(PyExc_ImportError, owner == interpreter ? "fastgo.concurrency cannot be loaded twice"
                                                                : "another interpreter of this process uses fastgo.concurrency");
        return -1;
    }
    if (fastgo_add_operation(module) < 0 || fastgo_add_task(module) < 0 || fastgo_add_scheduler(module) < 0 ||
        fastgo_add_promise(module) < 0 || fastgo_add_chan(module) < 0) {
        return -1;
    }
    owner = interpreter;
    for (size_t i = 0; i < sizeof(fastgo_hooks) / sizeof(PyObject *); i++) {
        ((PyObject **)&fastgo_hooks)[i] = Py_NewRef(Py_None); /* until configure */
    }
    return 0;
}

static PyMethodDef methods[] = {
    {"go", (PyCFunction)(void (*)(void))fastgo_go_function, METH_FASTCALL | METH_KEYWORDS, FASTGO_GO_DOC},
    {"sleep", fastgo_make_sleep, METH_O, FASTGO_SLEEP_DOC},
    {"chan", (PyCFunction)(void (*)(void))fastgo_make_chan, METH_VARARGS | METH_KEYWORDS, FASTGO_CHAN_DOC},
    {"select", (PyCFunction)(void (*)(void))fastgo_select_blocking, METH_FASTCALL, FASTGO_SELECT_DOC},
    {"aselect", (PyCFunction)(void (*)(void))fastgo_select_awaitable, METH_FASTCALL, FASTGO_ASELECT_DOC},
    {"configure", (PyCFunction)(void (*)(void))configure, METH_VARARGS | METH_KEYWORDS, NULL},
    {"stop_natives", fastgo_native_stop, METH_O, NULL},
    {"natives_are_idle", fastgo_native_is_idle, METH_NOARGS, NULL},
    {"here", here, METH_NOARGS, NULL},
    {"note_main_thread", note_main_thread, METH_O, NULL},
    {"keep_scheduler", fastgo_keep_scheduler, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)execute},
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_concurrency",
    .m_doc = "Coroutines and channels.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__concurrency(void)
{
    return PyModuleDef_Init(&definition);
}
