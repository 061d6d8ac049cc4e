//go:build python

package concurrency

import _ "fastgo/gocore/task" // links its C code, which the files here call

// #cgo CFLAGS: -Wall -Wextra -Werror=implicit-function-declaration
// #cgo CFLAGS: -I${SRCDIR}/../glue -I${SRCDIR}/../../gocore/task -I${SRCDIR}/../../python/fastgo/include
import "C" // makes the go command compile the package's C files
