package fasthttp

import (
	"io"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"fastgo/gocore"
	"fastgo/gocore/engine"
)

// endless is a client that sends the same request again, count times.
type endless struct {
	net.Conn
	request []byte
	count   int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.count == 0 {
		return 0, io.EOF
	}
	e.count--
	return copy(p, e.request), nil
}

func (e *endless) Write(p []byte) (int, error)      { return len(p), nil }
func (e *endless) Close() error                     { return nil }
func (e *endless) SetReadDeadline(time.Time) error  { return nil }
func (e *endless) SetWriteDeadline(time.Time) error { return nil }
func (e *endless) SetDeadline(time.Time) error      { return nil }
func (e *endless) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }
func (e *endless) LocalAddr() net.Addr              { return e.RemoteAddr() }

const smallRequest = "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"

// BenchmarkRequest compares what a request costs on this engine with what it
// costs on plain fasthttp, without the system calls: where the answer was rendered
// at start, and where fasthttp composes it.
func BenchmarkRequest(b *testing.B) {
	b.Run("plain", func(b *testing.B) {
		server := fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
			switch string(ctx.Path()) {
			case "/":
				ctx.SetContentType("text/plain; charset=utf-8")
				ctx.SetBodyString("Hello, World!")
			default:
				ctx.SetStatusCode(fasthttp.StatusNotFound)
			}
		}}
		b.ReportAllocs()
		_ = server.ServeConn(&endless{request: []byte(smallRequest), count: b.N})
	})
	var header gocore.Header
	_ = header.Add("Content-Type", "text/plain; charset=utf-8")
	body := []byte("Hello, World!")
	rendered, err := gocore.Render(gocore.StatusOK, header, body)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("rendered", func(b *testing.B) {
		benchmarkAnswer(b, func(response *gocore.Response) { response.SetRendered(rendered) })
	})
	b.Run("composed", func(b *testing.B) {
		benchmarkAnswer(b, func(response *gocore.Response) {
			response.Header.Borrow(header.Block())
			response.SetBytes(body)
		})
	})
}

func benchmarkAnswer(b *testing.B, fill func(*gocore.Response)) {
	e := newEngine(func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
		fill(response)
		return gocore.Answered
	})
	e.slots <- struct{}{}
	b.ReportAllocs()
	e.serve(&endless{request: []byte(smallRequest), count: b.N})
	e.open.Wait()
}

// newEngine returns an engine for one connection, all of whose requests get to one
// handler.
func newEngine(handler gocore.HandlerFunc) *Engine {
	route := &gocore.Route{MaxBody: 1 << 20, Handler: handler}
	e, err := New(engine.Config{
		Find: func(*gocore.Request) *gocore.Route { return route },
		Limits: engine.Limits{RequestLine: 8 << 10, HeaderBytes: 32 << 10, HeaderCount: 100, HeaderTime: time.Minute,
			Body: time.Minute, Idle: time.Minute, Write: time.Minute, InFlight: 32, Connections: 1},
		Stats:  new(engine.Stats),
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err) // it has no port
	}
	return e
}
