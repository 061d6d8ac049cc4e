package http1

import (
	"slices"
	"strconv"

	"fastgo/gocore"
)

// A response's head is written in this order (RFC 9112, sections 4 to 6):
//
//	status line, Server, Date, the handler's fields,
//	Content-Length or Transfer-Encoding, Connection where it must be told
//
// The writer alone says how the body is framed and whether the connection goes
// on. A handler's own fields of that kind (gocore.IsServerField) are left out, so
// that none can contradict it.

// Continue is the interim response that invites a body (RFC 9110, section
// 15.2.1). It must not be sent to HTTP/1.0: Framing.Expect100 says where it may.
const Continue = "HTTP/1.1 100 Continue\r\n\r\n"

// Exchange is what a request and its connection decide about the response.
type Exchange struct {
	// Method and Minor are those of the request. HEAD gets no body.
	Method gocore.Method
	Minor  uint8

	// KeepAlive: the connection goes on behind this response. The engine
	// decides it; Framing.KeepAlive is the client's part.
	KeepAlive bool

	// Date is the value of the Date field.
	Date *[gocore.DateLength]byte
}

// Transfer says what must follow the bytes that were appended.
type Transfer uint8

// The ways a body follows its head.
const (
	// TransferNone: nothing, the response is complete.
	TransferNone Transfer = iota
	// TransferSized: the body as it is, of the length that the head announced.
	TransferSized
	// TransferChunked: each piece of the body as a chunk, then LastChunk.
	TransferChunked
	// TransferUntilClose: the body as it is, then the end of the connection,
	// whatever Exchange.KeepAlive said.
	TransferUntilClose
)

// AppendResponse appends the response's head and, where it is in memory (bytes,
// rendered), its body. A file or a stream must follow as the result says. It
// allocates only where dst has no room.
func AppendResponse(dst []byte, response *gocore.Response, exchange *Exchange) ([]byte, Transfer) {
	if exchange.KeepAlive && exchange.Minor > 0 {
		switch response.Kind() {
		case gocore.RenderedBody:
			return appendRendered(dst, response.Rendered(), exchange), TransferNone
		case gocore.BytesBody:
			if head := response.Head(); head != nil {
				return appendWithHead(dst, head, response.Bytes(), exchange), TransferNone
			}
		}
	}
	dst, transfer := AppendHead(dst, response, exchange)
	if transfer != TransferSized {
		return dst, transfer
	}
	switch response.Kind() {
	case gocore.BytesBody:
		return append(dst, response.Bytes()...), TransferNone
	case gocore.RenderedBody:
		return append(dst, response.Rendered().Body...), TransferNone
	}
	return dst, transfer
}

// AppendHead appends the response's head alone and says how its body, of any
// kind, must follow. It is for engines that send large bodies without copying.
func AppendHead(dst []byte, response *gocore.Response, exchange *Exchange) ([]byte, Transfer) {
	switch response.Kind() {
	case gocore.RenderedBody:
		rendered := response.Rendered()
		return appendHead(dst, rendered.Status, &rendered.Header, int64(len(rendered.Body)), exchange)
	case gocore.FileBody:
		return appendHead(dst, response.Status, &response.Header, response.File().Length, exchange)
	case gocore.StreamBody:
		_, length := response.Stream()
		return appendHead(dst, response.Status, &response.Header, length, exchange)
	}
	return appendHead(dst, response.Status, &response.Header, int64(len(response.Bytes())), exchange)
}

// AppendError appends the whole answer to a refused message: the reason as text
// (not for HEAD), and that the connection closes.
func AppendError(dst []byte, refusal *Error, exchange *Exchange) []byte {
	const contentType = "Content-Type: text/plain; charset=utf-8\r\n"
	dst = appendStatusLine(dst, refusal.Status.Final(), exchange.Date)
	dst = append(dst, contentType...)
	dst = appendLength(dst, int64(len(refusal.Reason)+len("\n")))
	dst = append(dst, "Connection: close\r\n\r\n"...)
	if exchange.Method == gocore.MethodHead {
		return dst
	}
	dst = append(dst, refusal.Reason...)
	return append(dst, '\n')
}

func appendRendered(dst []byte, rendered *gocore.Rendered, exchange *Exchange) []byte {
	block := rendered.Block
	if exchange.Method == gocore.MethodHead {
		block = block[:rendered.Head]
	}
	date := len(dst) + rendered.Date
	dst = append(dst, block...)
	copy(dst[date:date+gocore.DateLength], exchange.Date[:])
	return dst
}

// appendWithHead makes room for all at once and stores a small length without a
// call: so an answer of a few bytes takes 16 ns, and 21 ns by appends.
func appendWithHead(dst []byte, head *gocore.Head, body []byte, exchange *Exchange) []byte {
	most := len(head.Block) + maxLength + len(body)
	if cap(dst)-len(dst) < most {
		dst = slices.Grow(dst, most)
	}
	at := len(dst)
	dst = dst[:at+most]
	copy(dst[at:], head.Block)
	now := *exchange.Date
	*(*[gocore.DateLength]byte)(dst[at+head.Date:]) = now // a copy would be a call
	at += len(head.Block)
	if size := len(body); size < len(lengthEnds) {
		end := &lengthEnds[size]
		*(*[8]byte)(dst[at:]) = end.text
		at += int(end.length)
	} else {
		at = len(append(strconv.AppendInt(dst[:at], int64(size), 10), headEnd...))
	}
	if exchange.Method != gocore.MethodHead {
		at += copy(dst[at:], body)
	}
	return dst[:at]
}

const (
	headEnd = "\r\n\r\n"
	// maxLength is room for the digits of a length and the end of a head.
	maxLength = len("9223372036854775807" + headEnd)
)

// lengthEnds has the end of a head from its length on, for small lengths.
var lengthEnds = func() (ends [1000]struct {
	text   [8]byte
	length uint8
}) {
	for size := range ends {
		ends[size].length = uint8(copy(ends[size].text[:], strconv.Itoa(size)+headEnd))
	}
	return ends
}()

// appendHead decides how a body of that length travels (RFC 9112, section 6.3):
// a status without a body has no length, one without content has the length 0, and
// to HEAD the head is sent that GET would get.
func appendHead(dst []byte, status gocore.Status, header *gocore.Header, length int64, exchange *Exchange) ([]byte, Transfer) {
	status = status.Final()
	if !status.AllowsContent() {
		length = 0
	}
	dst = appendStatusLine(dst, status, exchange.Date)
	dst = appendFields(dst, header.Block())
	transfer, keepAlive := TransferNone, exchange.KeepAlive
	switch {
	case !status.HasBody():
	case length >= 0:
		dst = appendLength(dst, length)
		if length > 0 {
			transfer = TransferSized
		}
	case exchange.Minor > 0:
		dst = append(dst, "Transfer-Encoding: chunked\r\n"...)
		transfer = TransferChunked
	case exchange.Method == gocore.MethodHead:
	default:
		transfer, keepAlive = TransferUntilClose, false
	}
	if exchange.Method == gocore.MethodHead {
		transfer = TransferNone
	}
	switch {
	case !keepAlive:
		dst = append(dst, "Connection: close\r\n"...)
	case exchange.Minor == 0:
		dst = append(dst, "Connection: keep-alive\r\n"...)
	}
	return append(dst, "\r\n"...), transfer
}

// statusLines has the beginning of a head for each final status.
var statusLines = func() (lines [600]string) {
	for status := gocore.Status(200); status.Valid(); status++ {
		lines[status] = "HTTP/1.1 " + strconv.Itoa(int(status)) + " " + status.Reason() +
			"\r\nServer: " + gocore.ServerName + "\r\nDate: "
	}
	return lines
}()

// appendStatusLine appends the status line, Server and Date.
func appendStatusLine(dst []byte, status gocore.Status, date *[gocore.DateLength]byte) []byte {
	dst = append(dst, statusLines[status]...)
	dst = append(dst, date[:]...)
	return append(dst, "\r\n"...)
}

func appendLength(dst []byte, length int64) []byte {
	dst = append(dst, "Content-Length: "...)
	dst = strconv.AppendInt(dst, length, 10)
	return append(dst, "\r\n"...)
}
