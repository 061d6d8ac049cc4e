// Package nativetest has handlers in C for the tests of package native: tests cannot
// use cgo themselves.
package nativetest

/*
#cgo CFLAGS: -std=gnu11 -Wall -Wextra -I${SRCDIR}/../../../python/fastgo/include
#include "handlers.h"
*/
import "C"

import "unsafe"

// The addresses of the handlers; handlers.c says what each does.
var (
	Hello   = address(C.nativetest_hello)
	Show    = address(C.nativetest_show)
	Numbers = address(C.nativetest_numbers)
	Sum     = address(C.nativetest_sum)
	Do      = address(C.nativetest_do)
	Lend    = address(C.nativetest_lend)
	Wait    = address(C.nativetest_wait)
	// Repeat takes words, as the functions that fastgo.compiled makes.
	Repeat = address(C.nativetest_repeat)
)

// Waiting returns how many calls of Wait have not returned.
func Waiting() int { return int(C.nativetest_waiting()) }

// Release lets so many of them return.
func Release(number int) { C.nativetest_release(C.int(number)) }

func address(function unsafe.Pointer) uint64 { return uint64(uintptr(function)) }
