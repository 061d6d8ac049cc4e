package http1

import (
	"bytes"

	"fastgo/gocore"
)

// The header block is read line by line in one pass: name, colon, value, CRLF,
// each byte looked at once (RFC 9112, section 5; RFC 9110, section 5). The few
// fields that decide how the message is framed are told by their length and
// their text, and noted as they go by; all others are only checked.
//
// A line is judged when its LF is there, never before: so it does not matter in
// which pieces the bytes arrive, the verdict is the same. An incomplete line is
// remembered with how far its LF has been sought, so that no byte is searched
// twice for it and each is parsed at most twice, however small the pieces.

// fields is the state of a header block between calls. Its zero value begins a
// block at the start of the buffer. It holds offsets only: the buffer may move.
type fields struct {
	// line is where the first line not yet read begins, and searched how far its
	// LF has been sought.
	line, searched int
	count          int
	framing        framing
}

// scan reads field lines of buf, up to and with the empty line. It returns the
// offset behind that, and 0 when buf ends before it.
func (f *fields) scan(buf []byte, maxCount int) (end int, refusal *Error) {
	if f.searched > f.line && bytes.IndexByte(buf[f.searched:], '\n') < 0 {
		f.searched = len(buf)
		return 0, nil
	}
	i := f.line
	for i < len(buf) {
		line := i
		if buf[i] == '\r' {
			if i+1 < len(buf) && buf[i+1] == '\n' {
				f.line = i
				return i + 2, nil
			}
			return f.judge(buf, line, errLineEnd)
		}
		if f.count == maxCount {
			return 0, errTooManyFields
		}
		for i < len(buf) && classes[buf[i]]&classToken != 0 {
			i++
		}
		colon := i
		if i == len(buf) || buf[i] != ':' || i == line {
			return f.judge(buf, line, errFieldName)
		}
		i++
		for i < len(buf) && isBlank(buf[i]) {
			i++
		}
		value := i
		i = valueEnd(buf, i)
		if i+1 >= len(buf) || buf[i] != '\r' || buf[i+1] != '\n' {
			return f.judge(buf, line, errFieldValue)
		}
		if known := recognise(buf[line:colon]); known != fieldOther {
			if refusal := f.framing.note(known, buf, value, i); refusal != nil {
				return 0, refusal
			}
		}
		f.count++
		i += 2
	}
	f.line = i
	return 0, nil
}

// judge is where scan stops short at a line: because the line is not complete
// yet, or because it is refused, for the reason given or a better one.
func (f *fields) judge(buf []byte, line int, reason *Error) (int, *Error) {
	text := buf[line:]
	end := bytes.IndexByte(text, '\n')
	switch {
	case end < 0:
		f.line, f.searched = line, len(buf)
		return 0, nil
	case isBlank(text[0]):
		return 0, errFold
	case end == 0 || text[end-1] != '\r' || bytes.IndexByte(text[:end-1], '\r') >= 0:
		return 0, errLineEnd
	}
	return 0, reason
}

// known is a field that decides about framing, or that answers depend on.
type known uint8

const (
	fieldOther known = iota
	fieldHost
	fieldExpect
	fieldConnection
	fieldContentLength
	fieldTransferEncoding
	fieldPrecondition
)

// recognise returns which field name names.
func recognise(name []byte) known {
	switch len(name) {
	case 4:
		if is(name, "host") {
			return fieldHost
		}
	case 6:
		if is(name, "expect") {
			return fieldExpect
		}
	case 8:
		if is(name, "if-match") || is(name, "if-range") {
			return fieldPrecondition
		}
	case 10:
		if is(name, "connection") {
			return fieldConnection
		}
	case 13:
		if is(name, "if-none-match") {
			return fieldPrecondition
		}
	case 14:
		if is(name, "content-length") {
			return fieldContentLength
		}
	case 17:
		if is(name, "transfer-encoding") {
			return fieldTransferEncoding
		}
		if is(name, "if-modified-since") {
			return fieldPrecondition
		}
	case 19:
		if is(name, "if-unmodified-since") {
			return fieldPrecondition
		}
	}
	return fieldOther
}

// ParseHeader reads a whole header block: field lines as they travelled, each
// ended by CRLF, with or without the empty line that ends the head. It is for
// servers that got their request line elsewhere: Method, Minor and, where the
// target names an authority, Host of the request must be set (see ParseTarget).
// It sets Header, Host, which lie in block, and Conditional, and returns the framing.
func ParseHeader(limits *Limits, block []byte, request *gocore.Request) (Framing, *Error) {
	var f fields
	if len(block) > limits.HeaderBytes+len("\r\n") {
		return Framing{}, errHeaderTooLarge
	}
	end, refusal := f.scan(block, limits.HeaderCount)
	if refusal != nil {
		return Framing{}, refusal
	}
	if end != len(block) && f.line != len(block) {
		return Framing{}, errHeaderIncomplete
	}
	if f.line > limits.HeaderBytes {
		return Framing{}, errHeaderTooLarge
	}
	return f.finish(block, 0, request)
}

// finish makes the request and the framing out of the block that begins at
// offset begin of buf and ends at f.line.
func (f *fields) finish(buf []byte, begin int, request *gocore.Request) (Framing, *Error) {
	framing, refusal := f.framing.resolve(request.Minor, buf, request)
	if refusal != nil {
		return Framing{}, refusal
	}
	request.Header.Borrow(buf[begin:f.line])
	return framing, nil
}
