package native

import (
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

// environment is an Environment with what its handlers have logged.
type environment struct {
	*Environment
	log *strings.Builder
	mu  *sync.Mutex
}

type lockedWriter struct{ environment }

func (w lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(p)
}

func (e environment) logged() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.log.String()
}

func newEnvironment(t testing.TB, change ...func(*Options)) environment {
	t.Helper()
	e := environment{log: new(strings.Builder), mu: new(sync.Mutex)}
	options := Options{
		Logger: slog.New(slog.NewTextHandler(lockedWriter{e}, nil)),
		Memory: 1 << 20, Budget: time.Minute, Threads: 2, Queue: 2,
		Failed: rendered(t, 500), Busy: rendered(t, 503),
	}
	for _, each := range change {
		each(&options)
	}
	e.Environment = NewEnvironment(options)
	t.Cleanup(func() { e.Close(time.Minute) })
	return e
}

func rendered(t testing.TB, status gocore.Status) *gocore.Rendered {
	made, err := gocore.Render(status, gocore.Header{}, []byte(status.Reason()))
	require.NoError(t, err)
	return made
}

func (e environment) handler(t testing.TB, spec Spec, params ...string) gocore.Handler {
	t.Helper()
	route := Route{Name: "GET /test"}
	for _, name := range params {
		route.Params = append(route.Params, gocore.Param{Name: name})
	}
	made, err := e.New(spec, route)
	require.NoError(t, err)
	return made
}

// mapped copies text out of the Go heap, as the event loops have it.
func mapped(t testing.TB, text string) []byte {
	if text == "" {
		return nil
	}
	memory, err := syscall.Mmap(-1, 0, len(text), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	t.Cleanup(func() { _ = syscall.Munmap(memory) })
	copy(memory, text)
	return memory
}

// mappedRequest makes a request for a target, whose values of parameters are those
// given: they must be parts of its path.
func mappedRequest(t testing.TB, method, target string, values ...string) *gocore.Request {
	path, query, _ := strings.Cut(target, "?")
	request := &gocore.Request{
		Mapped:     true,
		Method:     gocore.ParseMethod(method),
		MethodName: mapped(t, method),
		Path:       mapped(t, path),
		Query:      mapped(t, query),
		Peer:       netip.MustParseAddrPort("192.0.2.1:1234"),
	}
	request.Header.Borrow(mapped(t, "Host: example.com\r\nx-token:  secret \r\n"))
	request.Params.Begin(request.Path)
	for _, value := range values {
		at := strings.Index(path, value)
		require.GreaterOrEqual(t, at, 0)
		request.Params.Add(at, at+len(value))
	}
	return request
}
