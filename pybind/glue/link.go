//go:build python

package glue

// #cgo CFLAGS: -Wall -Wextra -Werror=implicit-function-declaration
import "C" // makes the go command compile the package's C files
