//go:build python

/*
 * A Pending owns the slot of its request, a use of the function and the call, until one of
 * its methods has answered, exactly once:
 *
 *   answer(result)        with what the function has returned; where that can be no
 *                         answer it raises, and has not answered
 *   answer_with(triple)   with an answer as _results and _failures make them; the same
 *   drop()                for a client that has gone
 *   detach()              answers nobody, as the memory of the slot will be gone
 *
 * Later calls do nothing. One that goes without having been answered is dropped.
 *
 *   handler    the owner of the function
 *   request    the Request of the call
 *   problems   None, or the arguments that cannot be given
 *   left       whether the client has gone
 *   is_answered
 *
 * An answer is published at once, and its loop told of it where that has not been told of
 * one for a moment: flush tells of the others (coroutines.c).
 */
#include "pending.h"

#include "answer.h"
#include "glue.h"

typedef struct {
    PyObject_HEAD
    struct fastgo_functions *functions;
    struct fastgo_slot *slot; /* NULL when it was answered */
    struct fastgo_function *function;
    struct fastgo_call call;
} pending;

/* Ends the call, and returns the slot, NULL where that was done before. */
static struct fastgo_slot *end(pending *self)
{
    struct fastgo_slot *slot = self->slot;
    self->slot = NULL;
    if (slot != NULL) {
        fastgo_call_end(&self->call);
    }
    return slot;
}

/* Publishes what was written into the slot. */
static void publish(pending *self)
{
    struct fastgo_slot *slot = end(self);
    if (slot != NULL && !fastgo_forked()) {
        fastgo_publish(slot);
    }
}

static void drop(pending *self)
{
    if (self->slot != NULL) {
        fastgo_answer_drop(self->slot);
        if (__atomic_load_n(&self->slot->left, __ATOMIC_SEQ_CST)) {
            fastgo_answer_gone(self->slot);
        } else {
            fastgo_answer_error(self->slot);
        }
        publish(self);
    }
}

/* Publishes where an answer could be written; what was written of another is dropped. */
static PyObject *publish_written(pending *self, int failed)
{
    if (failed < 0) {
        fastgo_answer_drop(self->slot);
        return NULL;
    }
    publish(self);
    Py_RETURN_NONE;
}

static PyObject *pending_answer(PyObject *object, PyObject *result)
{
    pending *self = (pending *)object;
    if (self->slot == NULL) {
        Py_RETURN_NONE;
    }
    return publish_written(self, fastgo_answer(self->slot, result, &self->function->encoder, self->functions->convert));
}

static PyObject *pending_answer_with(PyObject *object, PyObject *triple)
{
    pending *self = (pending *)object;
    if (self->slot == NULL) {
        Py_RETURN_NONE;
    }
    return publish_written(self, fastgo_answer_triple(self->slot, triple));
}

static PyObject *pending_drop(PyObject *object, PyObject *Py_UNUSED(none))
{
    drop((pending *)object);
    Py_RETURN_NONE;
}

static PyObject *pending_detach(PyObject *object, PyObject *Py_UNUSED(none))
{
    struct fastgo_slot *slot = end((pending *)object);
    if (slot != NULL) {
        fastgo_answer_drop(slot);
    }
    Py_RETURN_NONE;
}

static PyObject *get_handler(PyObject *object, void *Py_UNUSED(closure))
{
    return Py_NewRef(((pending *)object)->function->owner);
}

static PyObject *get_request(PyObject *object, void *Py_UNUSED(closure))
{
    pending *self = (pending *)object;
    if (self->slot == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "the request was answered");
        return NULL;
    }
    return Py_XNewRef(fastgo_call_request(&self->call, self->slot, (PyTypeObject *)self->functions->request_type));
}

static PyObject *get_problems(PyObject *object, void *Py_UNUSED(closure))
{
    PyObject *problems = ((pending *)object)->call.problems;
    return Py_NewRef(problems == NULL ? Py_None : problems);
}

static PyObject *get_left(PyObject *object, void *Py_UNUSED(closure))
{
    struct fastgo_slot *slot = ((pending *)object)->slot;
    return PyBool_FromLong(slot != NULL && __atomic_load_n(&slot->left, __ATOMIC_SEQ_CST) != 0);
}

static PyObject *get_is_answered(PyObject *object, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(((pending *)object)->slot == NULL);
}

PyObject *fastgo_pending_new(PyTypeObject *type, struct fastgo_functions *functions, struct fastgo_slot *slot,
                             struct fastgo_function *function, const struct fastgo_call *call)
{
    pending *made = (pending *)PyType_GenericAlloc(type, 0);
    if (made != NULL) {
        made->functions = (struct fastgo_functions *)Py_NewRef((PyObject *)functions);
        made->slot = slot;
        made->function = function;
        made->call = *call;
    }
    return (PyObject *)made;
}

static int traverse(PyObject *object, visitproc visit, void *arg)
{
    pending *self = (pending *)object;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT((PyObject *)self->functions);
    Py_VISIT(self->call.request);
    Py_VISIT(self->call.problems);
    return 0;
}

static void dealloc(PyObject *object)
{
    pending *self = (pending *)object;
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    drop(self);
    fastgo_function_release(self->function);
    Py_DECREF((PyObject *)self->functions);
    PyObject_GC_Del(object);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"answer", pending_answer, METH_O, NULL},
    {"answer_with", pending_answer_with, METH_O, NULL},
    {"drop", pending_drop, METH_NOARGS, NULL},
    {"detach", pending_detach, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef attributes[] = {
    {"handler", get_handler, NULL, NULL, NULL},
    {"request", get_request, NULL, NULL, NULL},
    {"problems", get_problems, NULL, NULL, NULL},
    {"left", get_left, NULL, NULL, NULL},
    {"is_answered", get_is_answered, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "A request that a coroutine answers later."},
    {Py_tp_dealloc, (void *)dealloc},
    {Py_tp_traverse, (void *)traverse},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "fastgo._lib._glue.Pending",
    .basicsize = sizeof(pending),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};

PyObject *fastgo_pending_type(void)
{
    return PyType_FromSpec(&spec);
}
