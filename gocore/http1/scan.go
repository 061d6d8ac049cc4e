package http1

import (
	"encoding/binary"
	"math/bits"
)

// Byte classes, one bit each, and the loops that run over bytes of a class.
//
// Field values are most of a head, so they are checked eight bytes at a step
// (SWAR: a uint64 as eight lanes of a byte). For a lane x below 0x80 and n up to
// 0x80, the high bit of x-n tells x < n; a byte is refused when it is below 0x20
// or, xor 0x7f, below 1. The subtraction may borrow from the lane above, but only
// for a lane that is marked itself: the lowest mark is right, and the lowest is
// all that is used. The table decides for the bytes that do not fill a step, and
// for what follows a HTAB, which is rare.
//
// Names and targets are too short for that to pay: the table is faster (measured
// for names, with lanes that accept letters and '-' and leave the rest to the
// table: a browser's fields took 289 ns so, and 249 ns by the table alone).
const (
	classToken     = 1 << iota // tchar (RFC 9110, section 5.6.2)
	classValue                 // field-vchar, SP, HTAB (RFC 9110, section 5.5)
	classPlainPath             // what a path may hold as it stands
	classPath                  // the same and '%'
	classQuery                 // what a query may hold
	classRegName               // reg-name but '%' (RFC 3986, section 3.2.2)
	classHex
	classDigit
)

const (
	alpha      = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	digits     = "0123456789"
	unreserved = alpha + digits + "-._~"
	subDelims  = "!$&'()*+,;="

	// Browsers send these as they are (URL Standard, "percent-encode sets"),
	// outside the grammar of RFC 3986. None of them delimits anything in a
	// request line: refusing them would lose users and gain nothing.
	browserPath  = "[]^|"
	browserQuery = browserPath + "\\`{}"

	pathBytes = unreserved + subDelims + ":@/" + browserPath
)

var classes = func() (table [256]uint8) {
	mark := func(class uint8, members string) {
		for i := range len(members) {
			table[members[i]] |= class
		}
	}
	mark(classToken, alpha+digits+"!#$%&'*+-.^_`|~")
	mark(classPlainPath, pathBytes)
	mark(classPath, pathBytes+"%")
	mark(classQuery, pathBytes+"%?"+browserQuery)
	mark(classRegName, unreserved+subDelims)
	mark(classHex, digits+"ABCDEFabcdef")
	mark(classDigit, digits)
	for c := range table {
		if c >= ' ' && c != 0x7f || c == '\t' {
			table[c] |= classValue
		}
	}
	return table
}()

const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
)

// valueEnd returns where the field value at i ends: the first control character
// that is not HTAB, or len(buf).
func valueEnd(buf []byte, i int) int {
	rest := buf[i:]
	for step := 0; step <= len(rest)-8; step += 8 {
		x := binary.LittleEndian.Uint64(rest[step : step+8 : step+8])
		control := ((x - ' '*ones) | (x ^ 0x7f*ones - ones)) &^ x & highs
		if control != 0 {
			return classEnd(buf, i+step+bits.TrailingZeros64(control)>>3, classValue)
		}
	}
	return classEnd(buf, len(buf)-len(rest)&7, classValue)
}

// classEnd returns the first place from i on whose byte is not of the class, or
// len(buf).
func classEnd(buf []byte, i int, class uint8) int {
	for n, c := range buf[i:] {
		if classes[c]&class == 0 {
			return i + n
		}
	}
	return len(buf)
}

// commonClasses returns the classes that every byte of text is of: all of them
// for an empty text.
func commonClasses(text []byte) uint8 {
	common := ^uint8(0)
	for _, c := range text {
		common &= classes[c]
	}
	return common
}

// all reports whether every byte of text is of the class.
func all(text []byte, class uint8) bool {
	return commonClasses(text)&class != 0
}

// escaped reports whether every '%' in text begins an escape of two hexadecimal
// digits (RFC 3986, section 2.1).
func escaped(text []byte) bool {
	for i, c := range text {
		if c == '%' && (len(text)-i < 3 || !all(text[i+1:i+3], classHex)) {
			return false
		}
	}
	return true
}

// is reports whether text is the word, compared without regard to case. The
// word must be in lower case.
func is(text []byte, word string) bool {
	if len(text) != len(word) {
		return false
	}
	for i := range len(word) {
		if c := text[i]; c != word[i] && (c < 'A' || c > 'Z' || c|0x20 != word[i]) {
			return false
		}
	}
	return true
}

// trim returns text without the white space (SP, HTAB) around it.
func trim(text []byte) []byte {
	for len(text) > 0 && isBlank(text[0]) {
		text = text[1:]
	}
	for len(text) > 0 && isBlank(text[len(text)-1]) {
		text = text[:len(text)-1]
	}
	return text
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
