package native

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/native/nativetest"
)

// answer is what a handler has answered.
type answer struct {
	status      gocore.Status
	contentType string
	body        string
	header      string
}

// serve calls the handler and gives the response back.
func serve(t testing.TB, handler gocore.Handler, request *gocore.Request) answer {
	t.Helper()
	response := new(gocore.Response)
	require.Equal(t, gocore.Answered, handler.Serve(request, response))
	return read(response)
}

func read(response *gocore.Response) answer {
	defer response.Reset()
	if response.Kind() == gocore.RenderedBody {
		rendered := response.Rendered()
		return answer{status: rendered.Status, body: string(rendered.Body)}
	}
	return answer{
		response.Status, string(response.Header.Get("Content-Type")),
		string(response.Bytes()), string(response.Header.Block()),
	}
}

// onBothMemories runs a test with requests that lie outside of the Go heap, and with
// such that have to be copied.
func onBothMemories(t *testing.T, test func(t *testing.T, request func(method, target string, values ...string) *gocore.Request)) {
	for name, isMapped := range map[string]bool{"mapped": true, "copied": false} {
		t.Run(name, func(t *testing.T) {
			test(t, func(method, target string, values ...string) *gocore.Request {
				request := mappedRequest(t, method, target, values...)
				request.Mapped = isMapped
				return request
			})
		})
	}
}

func TestHandlerSeesTheWholeRequest(t *testing.T) {
	onBothMemories(t, func(t *testing.T, request func(method, target string, values ...string) *gocore.Request) {
		e := newEnvironment(t)
		handler := e.handler(t, Spec{Address: nativetest.Show, Data: 1, DataSize: 24}, "name", "rest")
		posted := request("POST", "/users/ada/a/b?p=1&q=a%20b+c", "ada", "a/b")
		posted.Body = mapped(t, "the body")
		assert.Equal(t, answer{
			status: 201, contentType: "text/x-shown",
			body: "method=POST\npath=/users/ada/a/b\nquery=p=1&q=a%20b+c\nbody=the body\nx-token=secret\nmissing=\n" +
				"name=ada\nrest=a/b\nq=a b c\npeer=192.0.2.1:1234/4 data=24\n",
			header: "Content-Type: text/x-shown\r\nX-Shown: yes\r\n",
		}, serve(t, handler, posted))
	})
}

func TestDecodedParametersAreCopied(t *testing.T) {
	e := newEnvironment(t)
	handler := e.handler(t, Spec{Address: nativetest.Show}, "name")
	request := mappedRequest(t, "GET", "/a%20b")
	request.Params.Memory = []byte("/a b")
	request.Params.Begin(request.Params.Memory)
	request.Params.Add(1, 4)
	require.True(t, request.Params.Decoded())
	assert.Contains(t, serve(t, handler, request).body, "\nname=a b\n")

	frame := e.frames.take()
	require.True(t, frame.load(request, false))
	decoded := &request.Params.Memory[1]
	assert.NotSame(t, decoded, &bytesOf(frame.c.params[0].data, frame.c.params[0].size)[0], "C gets no memory of Go's")
}

func TestNumbersAreReadStrictly(t *testing.T) {
	e := newEnvironment(t)
	handler := e.handler(t, Spec{Address: nativetest.Numbers}, "n", "x")
	for _, test := range []struct {
		n, x, query string
		status      gocore.Status
		body        string
	}{
		{"42", "1.5", "", 200, "42 1.5 1 0.5"},
		{"-9223372036854775808", "-1e3", "page=9223372036854775807&ratio=2", 200, "-9223372036854775808 -1000 9223372036854775807 2"},
		{"9223372036854775808", "1", "", 400, "n: \"9223372036854775808\" is not a whole number of 64 bits\n"},
		{"-", "1", "", 400, "n: \"-\" is not a whole number of 64 bits\n"},
		{"+1", "1", "", 400, "n: \"+1\" is not a whole number of 64 bits\n"},
		{"1", "inf", "", 400, "x: \"inf\" is not a number\n"},
		{"1", "0x10", "", 400, "x: \"0x10\" is not a number\n"},
		{"1", "1e999", "", 400, "x: \"1e999\" is not a number\n"},
		{"1", "1..2", "", 400, "x: \"1..2\" is not a number\n"},
		{"1", "1", "page=", 400, "page: \"\" is not a whole number of 64 bits\n"},
		{"1", "1", "page=%22%0a%3c", 400, "page: \"??<\" is not a whole number of 64 bits\n"},
		{"1", "1", "ratio=" + strings.Repeat("1", 401), 400, "ratio: \"" + strings.Repeat("1", 40) + "\"... is not a number\n"},
		{"1", "1", "pages=x&p%61ge=7", 200, "1 1 7 0.5"},
	} {
		request := mappedRequest(t, "GET", "/p"+test.n+"/q"+test.x+"?"+test.query)
		request.Params.Add(len("/p"), len("/p"+test.n))
		request.Params.Add(len("/p"+test.n+"/q"), len("/p"+test.n+"/q"+test.x))
		got := serve(t, handler, request)
		assert.Equal(t, test.status, got.status, "%v", test)
		assert.Equal(t, test.body, got.body, "%v", test)
	}
	assert.Empty(t, e.logged(), "a client's mistakes are not logged")
}

// doing returns what the test handler answers that does what it is told.
func (e environment) doing(t testing.TB, what, size string) answer {
	t.Helper()
	handler := e.handler(t, Spec{Address: nativetest.Do, Name: "doer"}, "what")
	return serve(t, handler, mappedRequest(t, "GET", "/"+what+"?size="+size, what))
}

func TestBodiesOfAnySizeUpToTheMemory(t *testing.T) {
	e := newEnvironment(t, func(o *Options) { o.Memory = 8 << 20 })
	letters := strings.Repeat("abcdefghijklmnopqrstuvwxyz", 4<<20/26+1)
	for _, size := range []int{0, 1, 64 << 10, 64<<10 + 1, 300_000, 4 << 20} {
		digits := intText(size)
		assert.Equal(t, letters[:size], e.doing(t, "write", digits).body, "written byte by byte: %d", size)
		assert.Equal(t, strings.Repeat("x", size), e.doing(t, "alloc", digits).body, "allocated: %d", size)
		assert.Equal(t, strings.Repeat("r", size/2), e.doing(t, "reserve", digits).body, "reserved: %d", size)
	}
	assert.Equal(t, "20000", e.doing(t, "many", "20000").body)
	assert.Equal(t, "static and 1 more", e.doing(t, "then", "0").body)
	assert.Empty(t, e.logged())
}

func TestMemoryIsBounded(t *testing.T) {
	e := newEnvironment(t) // 1 MiB
	for _, what := range []string{"write", "reserve"} {
		got := e.doing(t, what, "1100000")
		assert.Equal(t, gocore.Status(500), got.status, what)
		assert.Contains(t, e.logged(), "native_memory")
	}
	assert.Equal(t, gocore.Status(507), e.doing(t, "alloc", "1100000").status, "the handler is told by NULL")
	assert.Equal(t, gocore.Status(507), e.doing(t, "many", "20000").status)
	assert.Len(t, e.doing(t, "write", "1000000").body, 1_000_000)
	assert.Equal(t, "5000", e.doing(t, "many", "5000").body, "memory is given back")
}

func TestMistakesOfHandlersAreA500AndLogged(t *testing.T) {
	for what, reason := range map[string]string{
		"uncommitted": "without a commit",
		"commit":      "commits more than it has reserved",
		"fail":        "it was asked to fail",
		"inject":      "control character",
	} {
		e := newEnvironment(t)
		got := e.doing(t, what, "1")
		assert.Equal(t, gocore.Status(500), got.status, what)
		assert.Equal(t, "Internal Server Error", got.body, "the client is not told")
		assert.Contains(t, e.logged(), reason)
		assert.Contains(t, e.logged(), `route="GET /test" handler=doer`)
	}
	for _, status := range []string{"-1", "0", "99", "100", "199", "600", "65736"} { // 65736 is 200 in 16 bits
		e := newEnvironment(t)
		assert.Equal(t, gocore.Status(500), e.doing(t, "status", status).status, status)
		assert.Contains(t, e.logged(), "it returned "+status+", which is no final status")
	}
	e := newEnvironment(t)
	handler := e.handler(t, Spec{Address: nativetest.Numbers}, "m")
	assert.Equal(t, gocore.Status(500), serve(t, handler, mappedRequest(t, "GET", "/1", "1")).status)
	assert.Contains(t, e.logged(), "a parameter that the route's path does not have")
}

func TestMistakesLeaveNothingToTheNextRequest(t *testing.T) {
	e := newEnvironment(t)
	handler := e.handler(t, Spec{Address: nativetest.Do}, "what")
	for range 3 { // in the same frame
		assert.Equal(t, gocore.Status(500), serve(t, handler, mappedRequest(t, "GET", "/uncommitted", "uncommitted")).status)
		assert.Equal(t, "abc", serve(t, handler, mappedRequest(t, "GET", "/write?size=3", "write")).body)
	}
}

func TestWrongValueIsTheWholeAnswer(t *testing.T) {
	e := newEnvironment(t)
	handler := e.handler(t, Spec{Address: nativetest.Do}, "what")
	assert.Equal(t, answer{
		status: 400, contentType: "text/plain; charset=utf-8", header: "Content-Type: text/plain; charset=utf-8\r\n",
		body: "text: \"x\" is not a whole number of 64 bits\n",
	}, serve(t, handler, mappedRequest(t, "GET", "/no?text=x", "no")))
}

func TestHeadersAreTakenOver(t *testing.T) {
	e := newEnvironment(t)
	got := e.doing(t, "header", "3")
	assert.Equal(t, "Content-Type: text/x-added\r\n"+strings.Repeat("X-Many: value\r\n", 3)+"Content-Length: 3\r\n", got.header,
		"the engine leaves out what is the server's to write")
	assert.Equal(t, "X-Many: value\r\n", e.doing(t, "header", "5000").header[len("Content-Type: text/x-added\r\n"):][:len("X-Many: value\r\n")])
	assert.Equal(t, "text/plain; charset=utf-8", e.doing(t, "status", "418").contentType)
	assert.Empty(t, e.doing(t, "status", "204").contentType)
}

func TestSlowHandlerIsReportedOnce(t *testing.T) {
	e := newEnvironment(t, func(o *Options) { o.Budget = 10 * time.Millisecond })
	handler := e.handler(t, Spec{Address: nativetest.Do, Name: "doer"}, "what")
	busy := mappedRequest(t, "GET", "/busy?size=60", "busy")
	serve(t, handler, busy)
	serve(t, handler, busy)
	assert.Equal(t, 1, strings.Count(e.logged(), "blocking=True"))
	assert.Contains(t, e.logged(), `route="GET /test" handler=doer`)
}

func TestBlockingHandlerMayTakeItsTime(t *testing.T) {
	e := newEnvironment(t, func(o *Options) { o.Budget = time.Millisecond })
	handler := e.handler(t, Spec{Address: nativetest.Do, Blocking: true}, "what")
	request := mappedRequest(t, "GET", "/busy?size=60", "busy")
	answers := make(completer, 1)
	request.Bind(answers)
	require.Equal(t, gocore.Deferred, handler.Serve(request, new(gocore.Response)))
	assert.Equal(t, "done", (<-answers).body)
	assert.Empty(t, e.logged())
}

func TestServingAllocatesNothing(t *testing.T) {
	onBothMemories(t, func(t *testing.T, request func(method, target string, values ...string) *gocore.Request) {
		e := newEnvironment(t)
		response := new(gocore.Response)
		for name, serving := range map[string]struct {
			handler gocore.Handler
			request *gocore.Request
		}{
			"hello":  {e.handler(t, Spec{Address: nativetest.Hello}), request("GET", "/")},
			"all":    {e.handler(t, Spec{Address: nativetest.Show}, "name"), request("GET", "/users/ada?q=a%20b", "ada")},
			"number": {e.handler(t, Spec{Address: nativetest.Numbers}, "n", "x"), request("GET", "/1/2?page=3", "1", "2")},
			"large":  {e.handler(t, Spec{Address: nativetest.Do}, "what"), request("GET", "/write?size=200000", "write")},
		} {
			serveOnce := func() {
				serving.handler.Serve(serving.request, response)
				response.Reset()
			}
			serveOnce()
			if !raceEnabled {
				assert.Zero(t, testing.AllocsPerRun(100, serveOnce), name)
			}
		}
	})
}

func TestBlockingHandlersRunOnThePool(t *testing.T) {
	e := newEnvironment(t)
	handler := e.handler(t, Spec{Address: nativetest.Show, Blocking: true}, "name")
	request := mappedRequest(t, "GET", "/users/ada?q=1", "ada")
	answers := make(completer, 1)
	request.Bind(answers)
	require.Equal(t, gocore.Deferred, handler.Serve(request, new(gocore.Response)))
	copy(request.Path, "overwritten") // the handler has a copy
	got := <-answers
	assert.Equal(t, gocore.Status(201), got.status)
	assert.Contains(t, got.body, "name=ada\n")
}

func TestFullPoolIsBusy(t *testing.T) {
	e := newEnvironment(t) // 2 threads, 2 more wait
	handler := e.handler(t, Spec{Address: nativetest.Wait, Blocking: true})
	answers := make(completer, 4)
	request, response := mappedRequest(t, "GET", "/"), new(gocore.Response)
	request.Bind(answers)
	for range 4 {
		require.Equal(t, gocore.Deferred, handler.Serve(request, response))
	}
	assert.Equal(t, gocore.Status(503), serve(t, handler, request).status)
	nativetest.Release(4)
	for range 4 {
		assert.Equal(t, "done", (<-answers).body)
	}
	assert.Empty(t, e.logged(), "they may run as long as they like")
	assert.Zero(t, e.Close(time.Minute))
}

func TestRequestThatDoesNotFitIsRefused(t *testing.T) {
	e := newEnvironment(t)
	for _, blocking := range []bool{false, true} {
		handler := e.handler(t, Spec{Address: nativetest.Show, Blocking: blocking})
		request := mappedRequest(t, "GET", "/")
		request.Mapped = false
		request.Body = make([]byte, 2<<20)
		assert.Equal(t, gocore.Status(500), serve(t, handler, request).status)
		assert.Contains(t, e.logged(), "does not fit")
	}
}

// completer collects deferred answers.
type completer chan answer

func (c completer) Defer() gocore.Token { return gocore.NewToken(c, 0, 0, 0) }

func (c completer) Watch(gocore.Watcher) {}

func (c completer) Complete(_ gocore.Token, response *gocore.Response) bool {
	got := read(response)
	response.Recycle()
	c <- got
	return true
}
