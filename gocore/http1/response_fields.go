package http1

import (
	"bytes"

	"fastgo/gocore"
)

// appendFields appends a block of field lines without those that only the server
// writes. Most blocks have none of these and go by one copy.
func appendFields(dst, block []byte) []byte {
	kept := 0
	for line := 0; line < len(block); {
		next := len(block)
		if lf := bytes.IndexByte(block[line:], '\n'); lf >= 0 {
			next = line + lf + 1
		}
		if name := block[line:next]; gocore.IsServerField(name[:max(0, bytes.IndexByte(name, ':'))]) {
			dst = append(dst, block[kept:line]...)
			kept = next
		}
		line = next
	}
	return append(dst, block[kept:]...)
}
