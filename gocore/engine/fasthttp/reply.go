package fasthttp

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/valyala/fasthttp"

	"fastgo/gocore"
	"fastgo/gocore/http1"
)

// send puts the response into fasthttp's. Bytes that need no release are lent to
// it: they belong to the connection's own response, which stays as it is until
// they have been written. Other bytes are copied and released at once; files and
// streams are released when fasthttp closes them.
func (c *conn) send(ctx *fasthttp.RequestCtx, response *gocore.Response) {
	c.setHead(ctx, response.Status.Final(), &response.Header)
	switch response.Kind() {
	case gocore.BytesBody:
		c.setBody(ctx, response.Bytes(), response == &c.response && !response.HasReleaser())
		c.release(response)
	case gocore.FileBody:
		c.sendReply(ctx, response, nil, response.File().Length)
	case gocore.StreamBody:
		stream, length := response.Stream()
		c.sendReply(ctx, response, stream, length)
	}
}

// release gives back what the response borrowed. The connection's own response
// without a Releaser is left for the next request, as its bytes are still to be sent.
func (c *conn) release(response *gocore.Response) {
	if response != &c.response {
		response.Recycle()
	} else if response.HasReleaser() {
		response.Reset()
	}
}

// setHead sets status and fields.
func (c *conn) setHead(ctx *fasthttp.RequestCtx, status gocore.Status, header *gocore.Header) {
	head := &ctx.Response.Header
	head.SetStatusCode(int(status))
	if status != gocore.StatusOK { // fasthttp has reasons of its own for some
		head.SetStatusMessage([]byte(status.Reason()))
	}
	block := header.Block()
	if len(block) > keptHeader {
		c.outsized = &ctx.Response
	}
	for len(block) > 0 {
		end := bytes.IndexByte(block, '\r')
		line := block[:end]
		block = block[end+len("\r\n"):]
		if value, found := bytes.CutPrefix(line, contentType); found { // as nearly all have
			head.SetContentTypeBytes(value)
			continue
		}
		colon := bytes.IndexByte(line, ':')
		if name := line[:colon]; !gocore.IsServerField(name) {
			head.AddBytesKV(name, bytes.TrimSpace(line[colon+1:]))
		}
	}
}

// keptHeader is the largest header whose memory fasthttp keeps for the next answer:
// it copies each field three times.
const keptHeader = keptMemory / 4

var contentType = []byte("Content-Type: ")

// setBody answers with bytes; lasting ones stay as they are until they have been
// written.
func (c *conn) setBody(ctx *fasthttp.RequestCtx, body []byte, lasting bool) {
	if len(body) == 0 { // whose length fasthttp leaves out in answer to HEAD
		ctx.Response.Header.SetContentLength(0)
	} else if lasting {
		ctx.Response.SetBodyRaw(body)
	} else {
		ctx.Response.SetBody(body)
		if len(body) > keptMemory {
			c.outsized = &ctx.Response
		}
	}
}

// sendReply answers with a file (stream is nil) or a stream. A length of -1 is
// unknown.
func (c *conn) sendReply(ctx *fasthttp.RequestCtx, response *gocore.Response, stream io.Reader, length int64) {
	if ctx.IsHead() { // with a stream, fasthttp would send the end of a chunked body
		ctx.Response.Header.SetContentLength(int(length))
		c.release(response)
		return
	}
	c.prompt = true // a stream may be long in coming, or fail
	c.reply.open(response, stream, length)
	ctx.Response.SetBodyStream(&c.reply, int(length))
	ctx.Response.ImmediateHeaderFlush = stream != nil
}

// isUntilClose reports whether the response is a stream of unknown length to an
// HTTP/1.0 client, which knows no chunks: the end of the connection is the end of
// the body. For fasthttp an answer has a length or chunks.
func (c *conn) isUntilClose(response *gocore.Response) bool {
	if response.Kind() != gocore.StreamBody || c.request.Minor > 0 {
		return false
	}
	_, length := response.Stream()
	return length < 0
}

// sendUntilClose sends such a response, past fasthttp.
func (c *conn) sendUntilClose(response *gocore.Response) {
	c.prompt, c.last = true, true
	stream, _ := response.Stream()
	c.reply.open(response, stream, -1)
	defer func() {
		if reason := recover(); reason != nil {
			c.engine.config.Logger.Error("body of an answer panicked", "panic", fmt.Sprint(reason))
		}
		_ = c.reply.Close()
	}()
	exchange := c.exchange()
	head, transfer := http1.AppendHead(nil, response, &exchange)
	if _, err := c.Write(head); err == nil && transfer == http1.TransferUntilClose {
		_, _ = io.Copy(onlyWriter{c}, onlyReader{&c.reply}) // a failure ends the connection, as success does
	}
}

// onlyWriter hides that the connection is more than a writer, onlyReader that a
// reply is more than a reader: io.Copy would use the rest.
type (
	onlyWriter struct{ io.Writer }
	onlyReader struct{ io.Reader }
)

// reply is the body of a file or stream as fasthttp reads it.
type reply struct {
	conn     *conn
	response *gocore.Response // nil when closed
	stream   io.Reader        // nil for a file
	left     int64            // of a stream, negative where unknown
}

func (r *reply) open(response *gocore.Response, stream io.Reader, length int64) {
	r.response, r.stream, r.left = response, stream, length
}

// Read implements io.Reader, for streams. What a stream yields beyond its length
// never reaches the client, who would take it for the next answer.
func (r *reply) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	if r.left > 0 && int64(len(p)) > r.left {
		p = p[:r.left]
	}
	n, err := r.stream.Read(p)
	if r.left > 0 {
		r.left -= int64(n)
	}
	return n, err
}

// SupportsBodyWriteTo makes fasthttp call WriteTo, for files.
func (r *reply) SupportsBodyWriteTo() bool {
	return r.stream == nil
}

// WriteTo sends the file's section past the buffer.
func (r *reply) WriteTo(w io.Writer) (int64, error) {
	buffered, ok := w.(*bufio.Writer)
	if !ok {
		return 0, errors.New("a file is written to a buffered connection")
	}
	if err := errors.Join(buffered.Flush(), r.conn.flush()); err != nil {
		return 0, err
	}
	return r.conn.file.send(r.response.File())
}

// Close implements io.Closer: fasthttp calls it when the body has been sent or
// given up.
func (r *reply) Close() error {
	if response := r.response; response != nil {
		r.response, r.stream = nil, nil
		r.conn.release(response)
	}
	return nil
}

// copySection sends a section where the system has no better way.
func copySection(c *conn, section gocore.FileSection) (int64, error) {
	return io.Copy(onlyWriter{c}, io.NewSectionReader(section.File, section.Offset, section.Length))
}
