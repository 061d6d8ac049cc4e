package gocore

import (
	"io"
	"os"
	"sync"
)

// BodyKind tells which of its four bodies a Response has.
type BodyKind uint8

// The bodies of a response.
const (
	// BytesBody is a slice, empty by default.
	BytesBody BodyKind = iota
	// RenderedBody is a whole answer made ready at start, header included.
	RenderedBody
	// FileBody is a section of an open file.
	FileBody
	// StreamBody is read until it ends.
	StreamBody
)

// Response is the answer that a handler fills in. Its zero value is an empty 200.
//
// Engines reuse responses. What a handler lends to one (bytes, rendered block,
// file, stream) stays untouched until the engine calls the Releaser given to
// OnRelease; without one the lender promises that it stays valid and unchanged
// for as long as the response may take to leave.
//
// A Response is not safe for concurrent use.
type Response struct {
	// Status is the status code; 0 means 200. A rendered body brings its own.
	Status Status

	// Header has the fields beside those the engine writes itself, which it leaves
	// out: see IsServerField. Content-Type and Content-Encoding are there once at
	// most, and not empty. A rendered body brings its own.
	Header Header

	// Scratch is memory of the response for handlers that render: append to
	// Scratch[:0], store the result back, pass it to SetBytes. No Releaser is
	// needed for it.
	Scratch []byte

	kind     BodyKind
	rendered *Rendered
	bytes    []byte
	file     FileSection
	stream   io.Reader
	length   int64
	releaser Releaser
}

// FileSection is a part of an open file.
type FileSection struct {
	File           *os.File
	Offset, Length int64
}

// Releaser takes back what a handler lent to a response.
type Releaser interface {
	// Release is called exactly once, from any goroutine, when the engine no
	// longer needs the body, whether it was sent or not.
	Release()
}

// SetHead sets Status and Header to those of a head made ready at start, which an
// engine can send by one copy. Either may be changed afterwards.
func (r *Response) SetHead(head *Head) {
	r.Status = head.Status
	r.Header.block, r.Header.borrowed, r.Header.head = head.Header.block, true, head
}

// Head returns the head given to SetHead, or nil where Status or Header are not
// those of one any more.
func (r *Response) Head() *Head {
	if head := r.Header.head; head != nil && r.Status == head.Status {
		return head
	}
	return nil
}

// SetRendered answers with a block made ready at start.
func (r *Response) SetRendered(rendered *Rendered) {
	r.kind, r.rendered = RenderedBody, rendered
}

// SetBytes answers with a body of bytes.
func (r *Response) SetBytes(body []byte) {
	r.kind, r.bytes = BytesBody, body
}

// SetFile answers with a section of a file.
func (r *Response) SetFile(section FileSection) {
	r.kind, r.file = FileBody, section
}

// SetStream answers with what stream yields until io.EOF. A length of -1 means
// unknown: the body goes chunked, or until the connection closes on HTTP/1.0.
// The engine reads it on a goroutine that may wait; a stream that fails, or ends
// before length, cuts the connection, so that the client notices.
func (r *Response) SetStream(stream io.Reader, length int64) {
	r.kind, r.stream, r.length = StreamBody, stream, length
}

// OnRelease names who is told when the body is no longer needed.
func (r *Response) OnRelease(releaser Releaser) {
	r.releaser = releaser
}

// HasReleaser reports whether somebody waits to take the body back.
func (r *Response) HasReleaser() bool { return r.releaser != nil }

// Kind tells which of the accessors below has the body.
func (r *Response) Kind() BodyKind { return r.kind }

// Rendered returns the rendered block of a RenderedBody.
func (r *Response) Rendered() *Rendered { return r.rendered }

// Bytes returns the body of a BytesBody.
func (r *Response) Bytes() []byte { return r.bytes }

// File returns the section of a FileBody.
func (r *Response) File() FileSection { return r.file }

// Stream returns the reader of a StreamBody and its length, -1 where unknown.
func (r *Response) Stream() (io.Reader, int64) { return r.stream, r.length }

// keptMemory is the largest memory of a kind that a response keeps for its next
// use: one unusual answer must not cost memory for good.
const keptMemory = 64 << 10

// kept returns memory emptied, and nil where it is too large to be kept.
func kept(memory []byte) []byte {
	if cap(memory) > keptMemory {
		return nil
	}
	return memory[:0]
}

// Reset is for engines: it tells the Releaser and empties r, keeping its memory
// within bounds.
func (r *Response) Reset() {
	releaser := r.releaser
	r.Status, r.Scratch = 0, kept(r.Scratch)
	r.Header.Reset()
	r.kind, r.bytes, r.rendered, r.file.File, r.stream, r.releaser = BytesBody, nil, nil, nil, nil, nil
	if releaser != nil {
		releaser.Release()
	}
}

var responses = sync.Pool{New: func() any { return new(Response) }}

// AcquireResponse returns an empty response for a deferred answer. Token.Answer
// takes it back.
func AcquireResponse() *Response {
	return responses.Get().(*Response)
}

// Recycle is for engines: it resets r and gives it back to AcquireResponse.
func (r *Response) Recycle() {
	r.Reset()
	responses.Put(r)
}
