"""Compiles the handlers of ../c/handlers.c into the module _handlers."""

from pathlib import Path

import cffi

import fastgo

HERE = Path(__file__).resolve().parent

ffi = cffi.FFI()
ffi.cdef(
    """
    typedef struct fastgo_request fastgo_request;
    typedef struct fastgo_response fastgo_response;
    int fibonacci(const fastgo_request *, fastgo_response *, void *);
    int words(const fastgo_request *, fastgo_response *, void *);
    """
)
source = HERE.parent / "c" / "handlers.c"
ffi.set_source("_handlers", source.read_text(), include_dirs=[fastgo.get_include()])
ffi.compile(tmpdir=str(HERE))
