package handler

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// form is a way to write a value, so that it stays a value where it is put. Most
// values need no change: one look at their bytes, and one copy.
type form struct {
	// plain are the bytes that go as they are.
	plain [256]bool
	// escaped has what is written for a byte in place of it, "" for itself.
	escaped [256]string
	// ascii: every byte of ASCII is plain.
	ascii bool
	// text: values are UTF-8. What is not goes as U+FFFD, so that the answer is
	// what its charset says; escaped is for ASCII alone.
	text bool
	// script: U+2028 and U+2029, which end a line of JavaScript, are escaped.
	script bool
}

// append appends a value in this form.
func (f *form) append(dst, value []byte) []byte {
	i := 0
	if f.ascii {
		for rest := value; len(rest) >= 16; rest = rest[16:] {
			if (binary.LittleEndian.Uint64(rest)|binary.LittleEndian.Uint64(rest[8:16]))&highs != 0 {
				break
			}
			i += 16
		}
	}
	for i < len(value) && f.plain[value[i]] {
		i++
	}
	dst = append(dst, value[:i]...)
	if i < len(value) {
		return f.appendEscaped(dst, value[i:])
	}
	return dst
}

// highs are the bits that no byte of ASCII has, eight bytes at a time.
const highs = 0x8080808080808080

// put stores a value that is no longer than dst, if all its bytes are plain.
func (f *form) put(dst *[shortSize]byte, value []byte) bool {
	switch size := len(value); {
	case !f.ascii || size < 4:
		for i, c := range value {
			if !f.plain[c] {
				return false
			}
			dst[i&(shortSize-1)] = c
		}
		return true
	case size < 8:
		first, last := binary.LittleEndian.Uint32(value), binary.LittleEndian.Uint32(value[size-4:])
		binary.LittleEndian.PutUint32(dst[:], first)
		binary.LittleEndian.PutUint32(dst[size-4:], last)
		return (first|last)&(highs&0xffffffff) == 0
	default:
		first, last := binary.LittleEndian.Uint64(value), binary.LittleEndian.Uint64(value[size-8:])
		binary.LittleEndian.PutUint64(dst[:], first)
		binary.LittleEndian.PutUint64(dst[size-8:], last)
		return (first|last)&highs == 0
	}
}

func (f *form) appendEscaped(dst, value []byte) []byte {
	for len(value) > 0 {
		c, size := value[0], 1
		switch {
		case f.escaped[c] != "":
			dst = append(dst, f.escaped[c]...)
		case c < utf8.RuneSelf || !f.text:
			dst = append(dst, c)
		default:
			var r rune
			r, size = utf8.DecodeRune(value)
			if f.script && (r == '\u2028' || r == '\u2029') {
				dst = append(dst, `\u202`...)
				dst = append(dst, '8'+byte(r-'\u2028'))
			} else {
				dst = utf8.AppendRune(dst, r)
			}
		}
		value = value[size:]
	}
	return dst
}

// asText writes plain text.
var asText = newTextForm(nil)

// asHTML writes text and values of attributes in double or single quotes.
var asHTML = newTextForm(map[byte]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&#34;", '\'': "&#39;"})

// inJSON writes what is between the quotes of a string (RFC 8259, section 7), safe
// within a script element of HTML too.
var inJSON = func() *form {
	escaped := map[byte]string{'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`}
	for c := range byte(0x80) {
		if _, known := escaped[c]; !known && (c < ' ' || c == '<' || c == '>' || c == '&') {
			escaped[c] = fmt.Sprintf(`\u%04x`, c)
		}
	}
	f := newTextForm(escaped)
	f.script = true
	return f
}()

func newTextForm(escaped map[byte]string) *form {
	f := &form{text: true, ascii: len(escaped) == 0}
	for c := range utf8.RuneSelf {
		f.escaped[c] = escaped[byte(c)]
		f.plain[c] = f.escaped[c] == ""
	}
	return f
}

// inURL writes a value so that it delimits nothing in a URL (RFC 3986, section
// 2.3); inPath keeps the slashes of a value that is many segments.
var inURL, inPath = newURLForm(""), newURLForm("/")

func newURLForm(kept string) *form {
	f := new(form)
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~" + kept) {
		f.plain[c] = true
	}
	for c := range f.plain {
		if !f.plain[c] {
			f.escaped[c] = fmt.Sprintf("%%%02X", c)
		}
	}
	return f
}
