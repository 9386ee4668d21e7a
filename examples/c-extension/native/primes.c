/* Counts primes with the sieve of Eratosthenes. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define LIMIT 100000000

static PyObject *
count(PyObject *self, PyObject *argument)
{
    long below = PyLong_AsLong(argument);
    if (below == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (below > LIMIT) {
        return PyErr_Format(PyExc_ValueError, "at most %d, not %ld", LIMIT, below);
    }
    if (below < 2) {
        return PyLong_FromLong(0);
    }
    char *composite = PyMem_Calloc((size_t)below, 1);
    if (composite == NULL) {
        return PyErr_NoMemory();
    }
    long found = 0;
    for (long number = 2; number < below; number++) {
        if (composite[number]) {
            continue;
        }
        found++;
        for (long multiple = number * number; multiple < below; multiple += number) {
            composite[multiple] = 1;
        }
    }
    PyMem_Free(composite);
    return PyLong_FromLong(found);
}

static PyMethodDef methods[] = {
    {"count", count, METH_O, "Return how many primes are less than the argument."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "primes",
    .m_methods = methods,
};

PyMODINIT_FUNC
PyInit_primes(void)
{
    return PyModule_Create(&module);
}
