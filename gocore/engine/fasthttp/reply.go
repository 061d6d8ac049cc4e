package fasthttp

import (
	"bufio"
	"errors"
	"io"
	"net"

	"github.com/valyala/fasthttp"

	"fastgo/gocore"
)

// send puts the response into fasthttp's. Bytes that need no release are lent to
// it: they belong to the connection's own response, which stays as it is until
// the next request. Other bytes are copied and released at once; files and
// streams are released when fasthttp closes them.
func (c *conn) send(ctx *fasthttp.RequestCtx, response *gocore.Response) {
	status := response.Status
	if status == 0 {
		status = gocore.StatusOK
	}
	switch response.Kind() {
	case gocore.RenderedBody:
		status = response.Rendered().Status
		setRendered(ctx, response.Rendered())
	case gocore.BytesBody:
		if response == &c.response && !response.HasReleaser() {
			ctx.Response.SetBodyRaw(response.Bytes())
		} else {
			ctx.Response.SetBody(response.Bytes())
		}
		setHead(ctx, status, &response.Header)
	case gocore.FileBody:
		section := response.File()
		c.reply.open(response, nil)
		ctx.Response.SetBodyStream(&c.reply, int(section.Length))
		setHead(ctx, status, &response.Header)
	case gocore.StreamBody:
		stream, length := response.Stream()
		c.reply.open(response, stream)
		setHead(ctx, status, &response.Header)
		if length < 0 && c.request.Minor == 0 {
			c.sendUntilClose(ctx)
		} else {
			ctx.Response.SetBodyStream(&c.reply, int(length))
		}
	}
	c.shard.Answered(status)
	if kind := response.Kind(); kind == gocore.RenderedBody || kind == gocore.BytesBody {
		c.release(response)
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

func setRendered(ctx *fasthttp.RequestCtx, rendered *gocore.Rendered) {
	setHead(ctx, rendered.Status, &rendered.Header)
	ctx.Response.SetBodyRaw(rendered.Body)
}

func setHead(ctx *fasthttp.RequestCtx, status gocore.Status, header *gocore.Header) {
	ctx.SetStatusCode(int(status))
	for name, value := range header.All() {
		ctx.Response.Header.AddBytesKV(name, value)
	}
}

// sendUntilClose sends a stream of unknown length to an HTTP/1.0 client, which
// knows no chunks: the end of the connection is the end of the body.
func (c *conn) sendUntilClose(ctx *fasthttp.RequestCtx) {
	ctx.Response.Header.SetContentLength(-2)
	head := ctx.Response.Header.AppendBytes(nil)
	withBody := !ctx.IsHead()
	ctx.HijackSetNoResponse(true)
	ctx.Hijack(func(net.Conn) {
		_, err := c.Write(head)
		if err == nil && withBody {
			_, _ = io.Copy(onlyWriter{c}, &c.reply) // a failure ends the connection, as success does
		}
		_ = c.reply.Close()
	})
}

// onlyWriter hides that the connection is more than a writer.
type onlyWriter struct{ io.Writer }

// reply is the body of a file or stream as fasthttp reads it.
type reply struct {
	conn     *conn
	response *gocore.Response // nil when closed
	stream   io.Reader        // nil for a file
}

func (r *reply) open(response *gocore.Response, stream io.Reader) {
	r.response, r.stream = response, stream
}

// Read implements io.Reader, for streams.
func (r *reply) Read(p []byte) (int, error) {
	return r.stream.Read(p)
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
	if err := buffered.Flush(); err != nil {
		return 0, err
	}
	n, err := r.conn.file.send(r.response.File())
	r.conn.busy = false
	return n, err
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
