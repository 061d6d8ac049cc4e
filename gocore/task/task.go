package task

// #cgo CFLAGS: -O2 -std=gnu11 -Wall -Wextra -I${SRCDIR}/../../python/fastgo/include
import "C" // makes the go command compile the package's C files
