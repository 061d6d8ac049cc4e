package native

/*
#include <stdlib.h>
#include "frame.h"
*/
import "C"

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"unsafe"

	"fastgo/gocore"
)

// layout is that of fastgo.h here.
const layout = uint64(C.FASTGO_LAYOUT)

// target is the C side of a handler, freed with it.
type target struct {
	c *C.struct_fastgo_target
}

// newTarget checks the addresses and makes the C side of them.
func newTarget(spec *Spec, route string, params []gocore.Param) (*target, error) {
	if err := check(spec); err != nil {
		return nil, err
	}
	made := &target{c: (*C.struct_fastgo_target)(C.calloc(1, C.sizeof_struct_fastgo_target))}
	if made.c == nil {
		panic("no memory for a native handler")
	}
	c := made.c
	*(*uint64)(unsafe.Pointer(&c.function)) = spec.Address
	*(*uint64)(unsafe.Pointer(&c.data)) = spec.Data
	c.data_size = C.size_t(spec.DataSize)
	c.route = C.CString(route)
	for i, param := range params {
		c.param_names[i] = C.fastgo_string{data: C.CString(param.Name), size: C.size_t(len(param.Name))}
	}
	c.param_count = C.size_t(len(params))
	runtime.AddCleanup(made, free, c)
	return made, nil
}

func free(c *C.struct_fastgo_target) {
	for i := range c.param_count {
		C.free(unsafe.Pointer(c.param_names[i].data))
	}
	C.free(unsafe.Pointer(c.route))
	C.free(unsafe.Pointer(c))
}

// check accepts what can be called. It cannot know what the code does; but a wrong
// address is found here and not by a crash, as is a library that is not loaded any more.
func check(spec *Spec) error {
	if spec.Address == 0 {
		return &gocore.FieldError{Field: "address", Reason: "is NULL; give the address of a function"}
	}
	code, err := isCode(spec.Address)
	if err != nil {
		return fmt.Errorf("cannot tell what lies at %#x: %w", spec.Address, err)
	}
	if !code {
		return &gocore.FieldError{Field: "address", Reason: fmt.Sprintf(
			"has no code at %#x; it is no function's, or its library has been closed: keep that open while the route is served", spec.Address)}
	}
	declared := uint64(C.fastgo_declared_layout(pointer(spec.Address)))
	if declared != 0 && declared != layout {
		return &gocore.FieldError{Field: "address", Reason: fmt.Sprintf(
			"is in a library that was compiled with another fastgo.h (ABI %d, layout %#x; this fastgo has ABI %d, layout %#x); compile it again",
			declared>>48, declared, layout>>48, layout)}
	}
	if spec.Data == 0 && spec.DataSize != 0 {
		return &gocore.FieldError{Field: "data_size", Reason: fmt.Sprintf("is %d, and data is NULL", spec.DataSize)}
	}
	return nil
}

// pointer makes an address that came as a number C's again.
func pointer(address uint64) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&address))
}

// symbol returns the name of the function at an address, "" where it has none.
func symbol(address uint64) string {
	var name [256]C.char
	C.fastgo_symbol(pointer(address), &name[0], C.size_t(len(name)))
	return C.GoString(&name[0])
}

// isCode reports whether an address lies in memory that can be executed, by the list
// that the system keeps (proc_pid_maps(5)).
func isCode(address uint64) (bool, error) {
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return false, err
	}
	defer func() { _ = maps.Close() }()
	lines := bufio.NewScanner(maps)
	for lines.Scan() {
		span, rest, _ := strings.Cut(lines.Text(), " ")
		from, to, _ := strings.Cut(span, "-")
		low, lowErr := strconv.ParseUint(from, 16, 64)
		high, highErr := strconv.ParseUint(to, 16, 64)
		if lowErr == nil && highErr == nil && low <= address && address < high {
			return len(rest) > 2 && rest[2] == 'x', nil
		}
	}
	return false, lines.Err()
}
