package http1

import "bytes"

// appendFields appends a block of field lines without those that are the
// writer's own. Most blocks have none of these and go by one copy.
func appendFields(dst, block []byte) []byte {
	kept := 0
	for line := 0; line < len(block); {
		next := len(block)
		if lf := bytes.IndexByte(block[line:], '\n'); lf >= 0 {
			next = line + lf + 1
		}
		if ownField(block[line:next]) {
			dst = append(dst, block[kept:line]...)
			kept = next
		}
		line = next
	}
	return append(dst, block[kept:]...)
}

// ownField reports whether a field line is one that only the writer writes.
func ownField(line []byte) bool {
	for _, name := range ownFields {
		if len(line) > len(name) && line[len(name)] == ':' && is(line[:len(name)], name) {
			return true
		}
	}
	return false
}

var ownFields = [...]string{"date", "server", "connection", "content-length", "transfer-encoding"}
