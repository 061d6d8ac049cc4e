package enginetest

import (
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

// seen is a copy of what a handler saw of a request.
type seen struct {
	method                          gocore.Method
	name, target, path, query, host string
	minor                           uint8
	peer                            netip.AddrPort
	fields                          []string
	body                            string
	stream                          bool
}

func look(request *gocore.Request) seen {
	s := seen{
		method: request.Method,
		name:   string(request.MethodName),
		target: string(request.Target),
		path:   string(request.Path),
		query:  string(request.Query),
		host:   string(request.Host),
		minor:  request.Minor,
		peer:   request.Peer,
		body:   string(request.Body),
		stream: request.Stream != nil,
	}
	for name, value := range request.Header.All() {
		s.fields = append(s.fields, string(name)+": "+string(value))
	}
	return s
}

// observe starts a server that tells what its handler sees.
func observe(t *testing.T, make Make) (*server, chan seen) {
	requests := channel[seen](100)
	return serve(t, make, func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
		requests <- look(request)
		return gocore.Answered
	}), requests
}

// requestHeads covers what a handler sees of a request without a body.
func requestHeads(t *testing.T, make Make) {
	t.Run("TargetsAreSplit", func(t *testing.T) {
		s, requests := observe(t, make)
		c := s.dial()
		for _, test := range []struct{ method, target, path, query, host string }{
			{"GET", "/", "/", "", "field"},
			{"GET", "/a/b%20c/../d", "/a/b%20c/../d", "", "field"},
			{"GET", "/a?b=c&d=%2f?", "/a", "b=c&d=%2f?", "field"},
			{"GET", "/?", "/", "", "field"},
			{"GET", "//double//", "//double//", "", "field"},
			{"GET", "/a?http://other/b", "/a", "http://other/b", "field"},
			{"OPTIONS", "*", "*", "", "field"},
			{"GET", "http://other:81/a?b", "/a", "b", "other:81"},
			{"GET", "http://other", "/", "", "other"},
			{"GET", "http://other?b", "/", "b", "other"},
		} {
			c.send(test.method + " " + test.target + " HTTP/1.1\nHost: field\n\n")
			require.Equal(t, "200", c.read().code(), test.target)
			saw := receive(t, requests, "the request")
			assert.Equal(t, []string{test.target, test.path, test.query, test.host},
				[]string{saw.target, saw.path, saw.query, saw.host})
		}
	})
	t.Run("MethodsAreTokens", func(t *testing.T) {
		s, requests := observe(t, make)
		c := s.dial()
		for name, method := range map[string]gocore.Method{
			"GET": gocore.MethodGet, "POST": gocore.MethodPost, "PUT": gocore.MethodPut, "DELETE": gocore.MethodDelete,
			"PATCH": gocore.MethodPatch, "OPTIONS": gocore.MethodOptions, "TRACE": gocore.MethodTrace,
			"BREW": gocore.MethodOther, "get": gocore.MethodOther, "M-SEARCH": gocore.MethodOther, "!#$%&'*+.^_`|~": gocore.MethodOther,
		} {
			c.send(name + " / HTTP/1.1\nHost: test\n\n")
			require.Equal(t, "200", c.read().code(), name)
			saw := receive(t, requests, "the request")
			assert.Equal(t, name, saw.name)
			assert.Equal(t, method, saw.method, name)
		}
		c.send("HEAD / HTTP/1.1\nHost: test\n\n")
		require.Equal(t, "200", c.readHead().code())
		assert.Equal(t, gocore.MethodHead, receive(t, requests, "the request").method)
	})
	t.Run("FieldsKeepOrderAndDuplicates", func(t *testing.T) {
		s, requests := observe(t, make)
		c := s.dial()
		for range 2 {
			c.send("GET / HTTP/1.1\nHost: test\nx-b: 1\nX-A:2\nUser-Agent: me\nX-B: \t3 \ncontent-type: text/plain\nX-Empty:\nCookie: a=1; b=2\n\n")
			require.Equal(t, "200", c.read().code())
			assert.Equal(t, []string{
				"Host: test", "x-b: 1", "X-A: 2", "User-Agent: me", "X-B: 3", "content-type: text/plain", "X-Empty: ", "Cookie: a=1; b=2",
			}, receive(t, requests, "the request").fields)
		}
	})
	t.Run("FieldsAreFoundInAnyCase", func(t *testing.T) {
		s := serve(t, make, func(request *gocore.Request, response *gocore.Response) gocore.Outcome {
			response.Scratch = append(response.Scratch[:0], request.Header.Get("X-FIRST")...)
			response.Scratch = append(response.Scratch, request.Header.Get("user-AGENT")...)
			if request.Header.Get("X-None") == nil {
				response.Scratch = append(response.Scratch, "no X-None"...)
			}
			response.SetBytes(response.Scratch)
			return gocore.Answered
		})
		c := s.dial()
		c.send("GET / HTTP/1.1\nhost: test\nx-first: 1 \nX-First: 2\nUser-agent: me \n\n")
		assert.Equal(t, "1meno X-None", c.read().body)
	})
	t.Run("PeerIsTheClient", func(t *testing.T) {
		s, requests := observe(t, make)
		c := s.dial()
		c.get("/")
		assert.Equal(t, c.socket.LocalAddr().String(), receive(t, requests, "the request").peer.String())
	})
	t.Run("VersionIsTold", func(t *testing.T) {
		s, requests := observe(t, make)
		c := s.dial()
		c.get("/")
		assert.EqualValues(t, 1, receive(t, requests, "the request").minor)
		c.send("GET / HTTP/1.0\n\n")
		c.read()
		saw := receive(t, requests, "the request")
		assert.EqualValues(t, 0, saw.minor)
		assert.Empty(t, saw.host)
	})
	t.Run("NothingIsLeftFromTheRequestBefore", func(t *testing.T) {
		s, requests := observe(t, make)
		c := s.dial()
		c.send("POST http://other/a?b HTTP/1.1\nHost: test\nX-A: 1\nContent-Length: 4\n\nbody")
		c.read()
		receive(t, requests, "the request")
		c.send("GET / HTTP/1.0\n\n")
		c.read()
		saw := receive(t, requests, "the request")
		saw.peer = netip.AddrPort{}
		assert.Equal(t, seen{method: gocore.MethodGet, name: "GET", target: "/", path: "/"}, saw)
	})
	t.Run("HeadMayComeInPieces", func(t *testing.T) {
		s, requests := observe(t, make)
		c := s.dial()
		for _, piece := range strings.SplitAfter("GET /a?b HTTP/1.1\r\nHost: test\r\nX-A: 1\r\n\r\n", "") {
			c.sendBytes(piece)
		}
		c.read()
		saw := receive(t, requests, "the request")
		assert.Equal(t, "/a?b", saw.target)
		assert.Equal(t, []string{"Host: test", "X-A: 1"}, saw.fields)
	})
	t.Run("MalformedHeadIsRefusedAndNotServed", func(t *testing.T) {
		s, requests := observe(t, make)
		for _, head := range []string{
			"GET\n\n", "GET / HTTP/1.1\n\n", "GET / HTTP/1.1\nHost: a\nHost: b\n\n", "GET / HTTP/1.1\nHost: a\nbad\n\n",
			"POST / HTTP/1.1\nHost: a\nContent-Length: x\n\n", "POST / HTTP/1.1\nHost: a\nContent-Length: 1\nContent-Length: 2\n\n",
		} {
			c := s.dial()
			c.send(head)
			a := c.read()
			assert.Equal(t, "HTTP/1.1 400 Bad Request", a.status, head)
			assert.Equal(t, "close", a.value("Connection"), head)
			c.closeWrite()
			c.requireEnd()
		}
		assert.Empty(t, requests)
	})
	t.Run("UnixSocketServesWithoutPeer", func(t *testing.T) {
		listener, err := net.Listen("unix", filepath.Join(t.TempDir(), "socket"))
		require.NoError(t, err)
		requests := channel[seen](2)
		content := pattern(100_000)
		f := file(t, content)
		s := serveListener(t, make, listener, gocore.Route{MaxBody: maxBody, Handler: gocore.HandlerFunc(func(request *gocore.Request, response *gocore.Response) gocore.Outcome {
			requests <- look(request)
			response.SetFile(gocore.FileSection{File: f, Length: int64(len(content))})
			return gocore.Answered
		})}, config())
		c := s.dial()
		for range 2 {
			assert.True(t, string(content) == c.get("/").body)
			assert.False(t, receive(t, requests, "the request").peer.IsValid())
		}
	})
}
