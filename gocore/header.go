package gocore

import (
	"bytes"
	"fmt"
	"iter"
)

// Header is a block of field lines, each "Name: value" ended by CRLF, kept just
// as it travels. Nothing is decoded until somebody asks, so a request whose
// handler reads no header pays for none, and a response's fields are sent by
// one copy.
//
// The zero value is an empty header. A Header is not safe for concurrent use.
type Header struct {
	block    []byte
	own      []byte // memory of h itself, reused by Add after Reset
	borrowed bool
	head     *Head // whose fields these are, until they change
}

// Block returns the field lines without the empty line that ends a message's head.
func (h *Header) Block() []byte {
	return h.block
}

// Borrow makes h read a block that belongs to somebody else and must consist of
// valid field lines. Add copies it before it grows it.
func (h *Header) Borrow(block []byte) {
	h.block, h.borrowed, h.head = block, true, nil
}

// Reset empties h and keeps its memory within bounds.
func (h *Header) Reset() {
	h.own = kept(h.own)
	h.block, h.borrowed, h.head = h.own, false, nil
}

// Add appends a field. It refuses a name that is no token and a value with a
// control character (RFC 9110, sections 5.1 and 5.5), so that no value can end
// its line and begin another.
func (h *Header) Add(name, value string) error {
	if !IsToken(name) {
		return fmt.Errorf("header name %q is not a token (RFC 9110, section 5.1)", name)
	}
	if i := indexInvalidValueByte(value); i >= 0 {
		return fmt.Errorf("value of header %s: byte %d (0x%02x) is not allowed (RFC 9110, section 5.5)", name, i, value[i])
	}
	if h.borrowed {
		h.own = append(h.own[:0], h.block...)
		h.borrowed = false
	}
	h.own = append(h.own, name...)
	h.own = append(h.own, ": "...)
	h.own = append(h.own, value...)
	h.own = append(h.own, "\r\n"...)
	h.block, h.head = h.own, nil
	return nil
}

// Get returns the value of the first field with that name, compared without
// regard to case, and nil where there is none. The value is borrowed.
func (h *Header) Get(name string) []byte {
	for field, value := range h.All() {
		if len(field) == len(name) && equalFold(field, name) {
			return value
		}
	}
	return nil
}

// All iterates over the fields in the order they came. Name and value are
// borrowed; the value has no white space around it.
func (h *Header) All() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		rest := h.block
		for len(rest) > 0 {
			line := rest
			if end := bytes.IndexByte(rest, '\n'); end >= 0 {
				line, rest = rest[:end], rest[end+1:]
			} else {
				rest = nil
			}
			name, value, found := bytes.Cut(line, []byte{':'})
			if found && !yield(name, trimSpace(value)) {
				return
			}
		}
	}
}

// trimSpace cuts white space and the line's CR off both ends. Unlike bytes.Trim
// it never returns nil: an empty value is a value.
func trimSpace(value []byte) []byte {
	isSpace := func(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }
	for len(value) > 0 && isSpace(value[0]) {
		value = value[1:]
	}
	for len(value) > 0 && isSpace(value[len(value)-1]) {
		value = value[:len(value)-1]
	}
	return value
}

// IsToken reports whether text is a token (RFC 9110, section 5.6.2): the form of
// methods and field names.
func IsToken[T ~string | ~[]byte](text T) bool {
	for i := 0; i < len(text); i++ {
		if !tokenByte[text[i]] {
			return false
		}
	}
	return len(text) > 0
}

// indexInvalidValueByte returns where value stops being a field value, or -1.
func indexInvalidValueByte(value string) int {
	for i := 0; i < len(value); i++ {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return i
		}
	}
	return -1
}

// equalFold compares names of the same length.
func equalFold[T ~string | ~[]byte](field T, name string) bool {
	for i := range len(name) {
		if lower(field[i]) != lower(name[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

var tokenByte = func() (table [256]bool) {
	for _, c := range []byte("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
		table[c] = true
	}
	return table
}()
