//go:build python

package glue

import "C" // makes the go command compile the package's C files
