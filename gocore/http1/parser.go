package http1

import (
	"bytes"

	"fastgo/gocore"
)

// Parser reads the heads of the requests of one connection, one after the other.
// It holds no pointers, only offsets into a buffer that it is shown again and
// again: the buffer may grow and move between calls, its bytes may not change.
//
// The zero value is ready for a request. A Parser is not safe for concurrent use.
type Parser struct {
	// begin is where the request line begins: behind an empty line, if there was
	// one. end is where its CRLF is, 0 while that has not come.
	begin, end int
	fields     fields
}

// Parse reads the head of the request that buf begins with. Bytes behind the
// head do not matter. It returns
//
//   - n > 0: the head is complete and n bytes long (an empty line before it
//     included), request and framing are filled in, and the parser is ready for
//     the next request; or
//   - n == 0 and no refusal: the head is not complete; call again with the same
//     bytes and more behind them; or
//   - a refusal: answer with it and close the connection; Reset makes the parser
//     usable again. Method and Minor of the request are set if its request line
//     could be read, so that the answer to HEAD has no body.
//
// What it finds does not depend on the pieces in which the bytes came. It
// allocates nothing. The request's slices lie in buf, without exception but the
// Path "*" of an OPTIONS request in absolute form; Peer, Params, Body and
// Stream are left alone.
func (p *Parser) Parse(limits *Limits, buf []byte, request *gocore.Request) (n int, framing Framing, refusal *Error) {
	resumed := p.end > 0
	if !resumed {
		request.Method, request.Minor = gocore.MethodOther, 0
		if refusal = p.findLine(limits, buf); refusal != nil || p.end == 0 {
			return 0, Framing{}, refusal
		}
		if refusal = ParseRequestLine(buf[p.begin:p.end], request); refusal != nil {
			return 0, Framing{}, refusal
		}
	}
	header := p.end + len("\r\n")
	room := header + limits.HeaderBytes + len("\r\n")
	view := buf[:min(len(buf), room)]
	n, refusal = p.fields.scan(view, limits.HeaderCount)
	if n == 0 && refusal == nil {
		if len(view) < room {
			return 0, Framing{}, nil
		}
		refusal = errHeaderTooLarge
	}
	if resumed {
		// The buffer may have moved, and the request may be another. To read the
		// line once more is cheaper than to keep the offsets of all its parts.
		if again := ParseRequestLine(buf[p.begin:p.end], request); again != nil {
			return 0, Framing{}, again
		}
	}
	if refusal == nil {
		framing, refusal = p.fields.finish(buf, header, request)
	}
	if refusal != nil {
		return 0, Framing{}, refusal
	}
	p.Reset()
	return n, framing, nil
}

// Reset forgets the request that was being read.
func (p *Parser) Reset() {
	*p = Parser{}
}

// findLine looks for the end of the request line and sets p.end when it is there.
func (p *Parser) findLine(limits *Limits, buf []byte) *Error {
	if p.begin == 0 && len(buf) > 0 && buf[0] == '\r' {
		if len(buf) == 1 {
			return nil
		}
		if buf[1] != '\n' {
			return errEmptyLine
		}
		p.begin = len("\r\n")
		p.fields.searched = p.begin
	}
	if len(buf) == p.begin {
		return nil
	}
	if first := buf[p.begin]; classes[first]&classToken == 0 {
		if first == '\r' || first == '\n' {
			return errEmptyLine
		}
		return errNoRequest
	}
	room := p.begin + limits.RequestLine + len("\r\n")
	view := buf[:min(len(buf), room)]
	lf := bytes.IndexByte(view[p.fields.searched:], '\n')
	if lf < 0 {
		if len(view) == room {
			return errURITooLong
		}
		p.fields.searched = len(view)
		return nil
	}
	lf += p.fields.searched
	if buf[lf-1] != '\r' {
		return errLineEnd
	}
	p.end = lf - 1
	p.fields.line = lf + 1
	p.fields.searched = 0
	return nil
}
