package enginetest

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

// idleMost is how much memory of one kind an idle connection may hold.
const idleMost = 128 << 10

// memory proves that a connection that waits for its next request does not keep
// what an unusual one before has needed.
func memory(t *testing.T, make Make) {
	const connections, size = 20, 512 << 10 // so many that what a loop or a pool keeps does not count
	large := pattern(size)
	value := strings.Repeat("v", size)
	const get, small = "GET / HTTP/1.1\r\nHost: test\r\n", "GET /small HTTP/1.1\r\nHost: test\r\n\r\n"
	nothing := func(*gocore.Request, *gocore.Response) {}
	config := config()
	config.Limits.HeaderBytes = 2 * size
	for _, test := range []struct {
		name, request string
		fill          func(*gocore.Request, *gocore.Response)
	}{
		{"Scratch", get + "\r\n", func(_ *gocore.Request, response *gocore.Response) {
			response.Scratch = append(response.Scratch[:0], large...)
			response.SetBytes(response.Scratch)
		}},
		{"Fields", get + "\r\n", func(_ *gocore.Request, response *gocore.Response) {
			_ = response.Header.Add("X-Large", value)
		}},
		{"BorrowedFields", get + "\r\n", func(_ *gocore.Request, response *gocore.Response) {
			response.Scratch = append(append(append(response.Scratch[:0], "Location: "...), value...), "\r\n"...)
			response.Header.Borrow(response.Scratch)
		}},
		{"DecodedPath", get + "\r\n", func(request *gocore.Request, _ *gocore.Response) {
			request.Params.Memory = append(request.Params.Memory[:0], large...)
		}},
		{"RequestHead", get + "X-Large: " + value + "\r\n\r\n", nothing},
		{"RequestBody", "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: " + strconv.Itoa(size) + "\r\n\r\n" + value, nothing},
	} {
		for name, deferred := range map[string]bool{"Inline": false, "Deferred": true} {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				handler := gocore.HandlerFunc(func(request *gocore.Request, response *gocore.Response) gocore.Outcome {
					if string(request.Path) == "/small" {
						return gocore.Answered
					}
					if !deferred {
						test.fill(request, response)
						return gocore.Answered
					}
					later := gocore.AcquireResponse()
					test.fill(request, later)
					request.Defer().Answer(later)
					return gocore.Deferred
				})
				s := serveConfig(t, make, gocore.Route{Handler: handler, MaxBody: size}, config)
				var sockets []net.Conn
				for range connections {
					sockets = append(sockets, s.dial().socket)
				}
				for _, socket := range sockets {
					ask(t, socket, small)
				}
				before := heapInUse()
				for _, socket := range sockets {
					ask(t, socket, test.request)
				}
				// The clients may have their answers before the server has gone on.
				eventually(t, "idle connections to hold little", func() bool {
					return heapInUse() < before+connections*idleMost
				})
			})
		}
	}
}

// ask sends a request and throws its answer away.
func ask(t *testing.T, socket net.Conn, request string) {
	_, err := io.WriteString(socket, request)
	require.NoError(t, err)
	answer, err := http.ReadResponse(bufio.NewReader(socket), nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode)
	_, err = io.Copy(io.Discard, answer.Body)
	require.NoError(t, err)
}

// heapInUse returns the bytes of all objects that are reachable. What lies in a
// pool has gone after two collections.
func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
