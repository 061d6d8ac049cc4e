// Package http1 is strict HTTP/1.1 (RFC 9112, RFC 9110): bytes in, Request out;
// Response in, bytes out. It does no I/O, starts nothing and allocates nothing.
//
//	Parser             a request's head, resumable at every byte
//	ParseRequestLine   its parts, for engines whose bytes were read elsewhere
//	ParseTarget
//	ParseHeader
//	Chunked            a chunked body, resumable at every byte, in place
//	AppendResponse     a response; AppendHead and AppendChunk for its pieces
//	AppendError        the answer to a refused message
//
// An engine shows the parser its buffer whenever bytes have come:
//
//	n, framing, refusal := parser.Parse(&limits, buf, &request)
//	switch {
//	case refusal != nil: // send AppendError(...), close
//	case n == 0:         // read more
//	default:             // the body begins at buf[n:], see framing
//	}
//
// # What is accepted
//
//	request line    method SP target SP HTTP/1.x, one empty line before it allowed
//	method          any token; one that is not known becomes MethodOther
//	origin-form     /path?query
//	absolute-form   http:// or https://; its authority wins over Host
//	authority-form  host:port, for CONNECT alone
//	asterisk-form   *, for OPTIONS alone
//	path, query     RFC 3986, and the bytes [ ] ^ | (in a query \ ` { } too), which
//	                browsers send as they are; an escape in a path must be whole
//	field           token ":" OWS value OWS CRLF; bytes from 0x80 are allowed in values
//	Host            exactly one from HTTP/1.1 on, a valid authority or empty
//	body            one Content-Length, or Transfer-Encoding: chunked
//
// # What is refused
//
//	400  anything else: folded lines, white space around a name, bare CR or LF,
//	     control characters, lengths in any other form, both framings, ...
//	414  a request line, 431 a header or trailer section beyond the limits
//	417  an expectation other than 100-continue
//	501  a transfer coding before chunked
//	505  a major version other than 1
//
// Whether a method is allowed (405) or implemented (501) is for the routes to
// say; CONNECT and TRACE parse like any other.
package http1
