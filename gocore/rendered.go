package gocore

import (
	"fmt"
	"strconv"
)

// DateLength is the length of a Date field's value (RFC 9110, section 5.6.7).
const DateLength = len("Sun, 06 Nov 1994 08:49:37 GMT")

const datePlaceholder = "Thu, 01 Jan 1970 00:00:00 GMT"

// ServerName is the value of the Server field.
const ServerName = "fastgo"

// IsServerField reports whether a field is one that only the server writes, since
// it says how an answer is framed, what becomes of the connection, or when and by
// whom the answer was made.
func IsServerField[T ~string | ~[]byte](name T) bool {
	if len(name) >= len(serverFields) {
		return false
	}
	for _, own := range serverFields[len(name)] {
		if equalFold(name, own) {
			return true
		}
	}
	return false
}

// serverFields has the names by their length, which tells nearly all others apart.
// Those of a connection are of RFC 9110, section 7.6.1.
var serverFields = [...][]string{
	len("te"):                {"te"},
	len("date"):              {"date"},
	len("server"):            {"server"},
	len("trailer"):           {"trailer", "upgrade"},
	len("connection"):        {"connection", "keep-alive"},
	len("content-length"):    {"content-length"},
	len("proxy-connection"):  {"proxy-connection"},
	len("transfer-encoding"): {"transfer-encoding"},
}

// Rendered is an answer made ready once, when routes are compiled, and sent any
// number of times. It is immutable and safe for concurrent use.
type Rendered struct {
	// Status, Header and Body are the parts: Header without the fields the
	// engine writes itself.
	Status Status
	Header Header
	Body   []byte

	// Block is the whole answer for a persistent HTTP/1.1 connection. Whoever
	// sends it overwrites DateLength bytes at Date in its copy, and sends only
	// the first Head bytes in answer to HEAD.
	Block      []byte
	Date, Head int
}

// Render makes an answer ready. It refuses a status that is not final, content
// where the status allows none (RFC 9110, sections 6.4.1 and 15.3.6), and fields
// that are the server's own to write.
func Render(status Status, header Header, body []byte) (*Rendered, error) {
	if len(body) > 0 && status.Valid() && !status.AllowsContent() {
		return nil, errNoContent(status)
	}
	block, date, err := renderFields(status, header)
	if err != nil {
		return nil, err
	}
	if status.HasBody() {
		block = append(block, lengthField...)
		block = strconv.AppendInt(block, int64(len(body)), 10)
		block = append(block, "\r\n"...)
	}
	block = append(block, "\r\n"...)
	head := len(block)
	block = append(block, body...)
	return &Rendered{
		Status: status,
		Header: header,
		Body:   block[head:],
		Block:  block,
		Date:   date,
		Head:   head,
	}, nil
}

// Head is the head of an answer made ready once, when routes are compiled, for
// bodies in memory that differ from request to request. It is immutable and safe
// for concurrent use.
type Head struct {
	// Status and Header are the parts, as in Rendered.
	Status Status
	Header Header

	// Block is the head for a persistent HTTP/1.1 connection, up to where the value
	// of Content-Length begins. Whoever sends it overwrites DateLength bytes at Date
	// in its copy, and goes on with the length and the end of the head.
	Block []byte
	Date  int
}

// RenderHead makes a head ready. It refuses what Render does for an answer with
// content.
func RenderHead(status Status, header Header) (*Head, error) {
	if status.Valid() && !status.AllowsContent() {
		return nil, errNoContent(status)
	}
	block, date, err := renderFields(status, header)
	if err != nil {
		return nil, err
	}
	return &Head{Status: status, Header: header, Block: append(block, lengthField...), Date: date}, nil
}

const lengthField = "Content-Length: "

func errNoContent(status Status) error {
	return fmt.Errorf("status %d allows no content (RFC 9110, section 6.4.1)", status)
}

// renderFields renders the status line and all fields but those of framing. It
// returns where the Date is, too.
func renderFields(status Status, header Header) (block []byte, date int, err error) {
	if !status.Valid() {
		return nil, 0, fmt.Errorf("status %d is not a final status (200 to 599)", status)
	}
	for name := range header.All() {
		if IsServerField(name) {
			return nil, 0, fmt.Errorf("header %s is written by the server; remove it", name)
		}
	}
	block = append([]byte("HTTP/1.1 "), strconv.Itoa(int(status))...)
	block = append(block, ' ')
	block = append(block, status.Reason()...)
	block = append(block, "\r\nServer: "+ServerName+"\r\nDate: "...)
	date = len(block)
	block = append(block, datePlaceholder+"\r\n"...)
	return append(block, header.Block()...), date, nil
}
