package http1

import (
	"fastgo/gocore"
)

// How long a message's body is, and whether the connection goes on behind it,
// is decided by the version and five fields (RFC 9112, sections 6.3 and 9.3).
// Two readers that disagree about it can be played against each other (section
// 11.2), so whatever could be read in two ways is refused, never repaired:
//
//	Transfer-Encoding + Content-Length      400
//	either of them in more than one line    400
//	Content-Length that is not 1*DIGIT      400, a list of equal numbers too
//	chunked not last, twice, parameters     400
//	empty elements in Transfer-Encoding     400: senders must not make them
//	other codings before chunked            501
//	Transfer-Encoding on HTTP/1.0           400
//
// Where a field only tells a wish, lists are read as RFC 9110, section 5.6.1
// asks: over several lines, with empty elements ignored.

// Framing is what an engine needs to know besides the request.
type Framing struct {
	// ContentLength is the length of the body in bytes, 0 where there is none
	// and -1 where it comes in chunks.
	ContentLength int64

	// KeepAlive: the client lets the connection go on.
	KeepAlive bool

	// Expect100: the client may wait for "100 Continue" before it sends its
	// body. Never set for HTTP/1.0 or without a body.
	Expect100 bool
}

// Chunked reports whether the body comes in chunks.
func (f Framing) Chunked() bool { return f.ContentLength < 0 }

// framing is what the fields seen so far say. Host is kept as offsets.
type framing struct {
	host, hostEnd int
	length        int64
	seen          facts
}

// facts is a set of things seen in a header.
type facts uint8

const (
	seenHost facts = 1 << iota
	seenLength
	seenCoding
	seenClose
	seenKeepAlive
	seenExpect100
	seenPrecondition
)

// note takes in a known field whose value is buf[value:end], white space behind
// it included.
func (f *framing) note(field known, buf []byte, value, end int) *Error {
	for end > value && isBlank(buf[end-1]) {
		end--
	}
	text := buf[value:end]
	switch field {
	case fieldHost:
		if f.seen&seenHost != 0 {
			return errHostTwice
		}
		if !ValidAuthority(text) {
			return errHost
		}
		f.seen |= seenHost
		f.host, f.hostEnd = value, end
	case fieldContentLength:
		if f.seen&seenLength != 0 {
			return errLengthTwice
		}
		length, ok := parseLength(text)
		if !ok {
			return errLength
		}
		f.seen |= seenLength
		f.length = length
	case fieldTransferEncoding:
		if f.seen&seenCoding != 0 {
			return errCodingTwice
		}
		f.seen |= seenCoding
		return checkCoding(text)
	case fieldConnection:
		return f.noteConnection(text)
	case fieldExpect:
		return f.noteExpect(text)
	case fieldPrecondition:
		f.seen |= seenPrecondition
	}
	return nil
}

// parseLength reads 1*DIGIT below 2^63 (RFC 9110, section 8.6).
func parseLength(text []byte) (length int64, ok bool) {
	const most = 1<<63 - 1
	for _, c := range text {
		digit := int64(c) - '0'
		if digit < 0 || digit > 9 || length > (most-digit)/10 {
			return 0, false
		}
		length = 10*length + digit
	}
	return length, len(text) > 0
}

// checkCoding allows Transfer-Encoding one value: chunked.
func checkCoding(text []byte) *Error {
	if is(text, "chunked") {
		return nil
	}
	for rest := text; ; {
		coding, others, more := nextElement(rest)
		last := !more
		if !gocore.IsToken(coding) || last != is(coding, "chunked") || is(coding, "identity") {
			return errCoding
		}
		if last {
			return errCodingUnknown
		}
		rest = others
	}
}

// noteConnection reads a list of connection options (RFC 9110, section 7.6.1).
func (f *framing) noteConnection(text []byte) *Error {
	for rest, more := text, true; more; {
		var option []byte
		option, rest, more = nextElement(rest)
		switch {
		case len(option) == 0:
		case is(option, "keep-alive"):
			f.seen |= seenKeepAlive
		case is(option, "close"):
			f.seen |= seenClose
		case !gocore.IsToken(option):
			return errConnection
		}
	}
	return nil
}

// noteExpect reads a list of expectations (RFC 9110, section 10.1.1).
func (f *framing) noteExpect(text []byte) *Error {
	for rest, more := text, true; more; {
		var expectation []byte
		expectation, rest, more = nextElement(rest)
		switch {
		case len(expectation) == 0:
		case is(expectation, "100-continue"):
			f.seen |= seenExpect100
		default:
			return errExpectation
		}
	}
	return nil
}

// nextElement splits the first element off a comma-separated list.
func nextElement(list []byte) (element, rest []byte, more bool) {
	for i, c := range list {
		if c == ',' {
			return trim(list[:i]), list[i+1:], true
		}
	}
	return trim(list), nil, false
}

// resolve draws the conclusions once the header is complete, and gives the
// request its Host and whether it is conditional.
func (f *framing) resolve(minor uint8, buf []byte, request *gocore.Request) (Framing, *Error) {
	if f.seen&seenHost == 0 && minor > 0 {
		return Framing{}, errHostMissing
	}
	if len(request.Host) == 0 && f.seen&seenHost != 0 {
		request.Host = buf[f.host:f.hostEnd:f.hostEnd]
	}
	request.Conditional = f.seen&seenPrecondition != 0
	framing := Framing{
		ContentLength: f.length,
		KeepAlive:     f.seen&seenClose == 0 && (minor > 0 || f.seen&seenKeepAlive != 0),
	}
	if f.seen&seenCoding != 0 {
		switch {
		case f.seen&seenLength != 0:
			return Framing{}, errLengthAndCoding
		case minor == 0:
			return Framing{}, errCodingVersion
		}
		framing.ContentLength = -1
	}
	framing.Expect100 = f.seen&seenExpect100 != 0 && minor > 0 && framing.ContentLength != 0
	return framing, nil
}
