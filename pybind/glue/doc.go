// Package glue is the hand-written C module _glue of the shared library that
// Python loads. Its C files need Python's headers and are compiled only under
// the build tag "python", which pybind/build.py sets; without the tag the
// package is empty, so that the Go code builds where there is no Python.
//
// Python.h stays out of every cgo preamble here: its C code calls no Go, and
// the library's main package imports it only to have it linked.
package glue
