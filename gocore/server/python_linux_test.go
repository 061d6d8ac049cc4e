package server

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore/queue/queuetest"
)

// python is the handler object of a function, with the parameters of the path that it needs.
func python(number int, params ...string) string {
	names, _ := json.Marshal(append([]string{}, params...))
	return fmt.Sprintf(`{"kind": "python", "spec": {"number": %d, "params": %s}}`, number, names)
}

// eachEngine runs a test on every engine, with workers who do as they are told.
func eachEngine(t *testing.T, document string, count int, run func(*queuetest.Call), test func(*testing.T, *Server, *queuetest.Workers)) {
	for _, kind := range engineKinds {
		t.Run(kind.name, func(t *testing.T) {
			s, err := Start(Options{Address: Address{Host: "127.0.0.1"}, Document: document, Engine: kind.name, Loops: 2})
			require.NoError(t, err)
			t.Cleanup(func() { s.Stop(0) })
			test(t, s, queuetest.Start(s.Info().Queue, count, run))
		})
	}
}

func TestFunctionsOfPythonServe(t *testing.T) {
	eachEngine(t, documentOf(
		routeOf("GET", "/", python(1)),
		routeOf("GET", "/users/{name}/{id:int}", python(2, "id", "name")),
		routeOf("POST", "/", python(3)),
	), 2, func(call *queuetest.Call) {
		call.ContentType = "text/plain"
		call.Content = fmt.Sprint(call.Handler, " ", call.Values)
		if len(call.Body) > 0 {
			call.Content = string(call.Body)
		}
	}, func(t *testing.T, s *Server, workers *queuetest.Workers) {
		assert.Equal(t, "1 []", get(t, s, "/"))
		assert.Equal(t, "2 [a/b 42]", get(t, s, "/users/a%2Fb/42"))
		for _, size := range []int{1, 1000, 100_000, 1 << 20} {
			body := strings.Repeat("b", size)
			response, err := http.Post(s.Info().URL, "text/plain", strings.NewReader(body))
			require.NoError(t, err)
			answer, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			assert.Equal(t, body, string(answer))
		}
		s.Stop(deadline)
		workers.Wait()
		assert.Equal(t, workers.Lent.Load(), workers.Freed.Load())
	})
}

func TestParametersThatTheRouteHasNotAreRefused(t *testing.T) {
	_, err := Start(Options{Document: documentOf(routeOf("GET", "/{id}", python(1, "name"))), Engine: "auto"})
	require.Error(t, err)
	assert.Contains(t, err.Error(), `routes[0].handler.spec.params[0]: the path has no parameter "name"`)
}

func TestPipelinedFunctionsKeepTheirOrder(t *testing.T) {
	slow := make(chan struct{})
	eachEngine(t, documentOf(routeOf("GET", "/{n}", python(1, "n")), getText("/text", "constant")), 2, func(call *queuetest.Call) {
		if call.Values[0] == "slow" {
			<-slow
		}
		call.Content = call.Values[0]
	}, func(t *testing.T, s *Server, _ *queuetest.Workers) {
		client, other := dial(t, s), dial(t, s)
		for _, path := range []string{"/1", "/slow", "/text", "/3"} {
			_, err := fmt.Fprintf(client, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path)
			require.NoError(t, err)
		}
		for range 50 { // while one waits, others are served
			_, err := io.WriteString(other, "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
			require.NoError(t, err)
			awaitText(t, other, "\r\n\r\n2")
		}
		slow <- struct{}{}
		read := awaitText(t, client, "\r\n\r\n3")
		var bodies []string
		for _, each := range strings.Split(read, "HTTP/1.1 ")[1:] {
			_, body, _ := strings.Cut(each, "\r\n\r\n")
			bodies = append(bodies, body)
		}
		assert.Equal(t, []string{"1", "slow", "constant", "3"}, bodies)
	})
}

// awaitText reads until something has come.
func awaitText(t *testing.T, client net.Conn, text string) (read string) {
	t.Helper()
	buffer := make([]byte, 4096)
	for !strings.Contains(read, text) {
		n, err := client.Read(buffer)
		require.NoError(t, err, "after %q", read)
		read += string(buffer[:n])
	}
	return read
}

func TestClientsThatLeaveDoNotDisturbOthers(t *testing.T) {
	eachEngine(t, documentOf(routeOf("GET", "/{n}", python(1, "n"))), 3, func(call *queuetest.Call) {
		time.Sleep(100 * time.Microsecond)
		call.Content = strings.Repeat(call.Values[0]+" ", 50_000)
	}, func(t *testing.T, s *Server, _ *queuetest.Workers) {
		var clients sync.WaitGroup
		for i := range 8 {
			clients.Go(func() {
				for j := range 20 {
					if i%2 == 0 {
						want := fmt.Sprintf("%d-%d ", i, j)
						assert.Equal(t, want, get(t, s, fmt.Sprintf("/%d-%d", i, j))[:len(want)])
						continue
					}
					client, err := net.Dial("tcp", address(s))
					if assert.NoError(t, err) {
						_, _ = io.WriteString(client, strings.Repeat("GET /gone HTTP/1.1\r\nHost: a\r\n\r\n", 3))
						_ = client.Close()
					}
				}
			})
		}
		clients.Wait()
	})
}

func TestFullQueueOfFunctionsIsRefused(t *testing.T) {
	end := make(chan struct{})
	document := strings.TrimSuffix(documentOf(routeOf("GET", "/", python(1)), getText("/text", "constant")), "}") + `, "limits": {"python_queue": 2}}`
	eachEngine(t, document, 1, func(*queuetest.Call) { <-end }, func(t *testing.T, s *Server, workers *queuetest.Workers) {
		answers := make(chan string, 4)
		ask := func() {
			client := dial(t, s)
			_, err := io.WriteString(client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
			require.NoError(t, err)
			go func() { answers <- awaitText(t, client, "\r\n\r\n") }()
		}
		ask()
		require.Eventually(t, func() bool { return workers.Taken.Load() == 1 }, deadline, time.Millisecond)
		for range 3 { // two of which may wait
			ask()
		}
		refused := within(t, func() string { return <-answers })
		assert.Contains(t, refused, "503 Service Unavailable")
		assert.Contains(t, refused, "Retry-After: 1")
		assert.Equal(t, "constant", get(t, s, "/text"), "which needs no worker")
		assert.EqualValues(t, 1, s.Stats().PythonRefused)
		for range 3 {
			end <- struct{}{}
			assert.Contains(t, within(t, func() string { return <-answers }), "200 OK")
		}
	})
}

func TestTableStaysWhileAWorkerHasARequestOfIt(t *testing.T) {
	begun, end := make(chan struct{}), make(chan struct{})
	eachEngine(t, documentOf(routeOf("GET", "/", python(1))), 1, func(*queuetest.Call) {
		begun <- struct{}{}
		<-end
	}, func(t *testing.T, s *Server, _ *queuetest.Workers) {
		client := dial(t, s)
		_, err := io.WriteString(client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		require.NoError(t, err)
		<-begun
		require.NoError(t, client.Close()) // nobody waits for the answer any more
		update(t, s, documentOf(getText("/", "2")))
		update(t, s, documentOf(getText("/", "3")))
		assert.Equal(t, []uint64{2}, collect(t, s, 2), "the first is still in use")
		end <- struct{}{}
		assert.Equal(t, []uint64{1}, collect(t, s, 1))
	})
}

func TestStopReportsWorkersThatDoNotReturn(t *testing.T) {
	begun, end := make(chan struct{}), make(chan struct{})
	eachEngine(t, documentOf(routeOf("GET", "/", python(1))), 2, func(*queuetest.Call) {
		begun <- struct{}{}
		<-end
	}, func(t *testing.T, s *Server, workers *queuetest.Workers) {
		_, err := io.WriteString(dial(t, s), "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		require.NoError(t, err)
		<-begun
		assert.Equal(t, 1, within(t, func() int { return s.Stop(0) }))
		events := within(t, s.NextEvents)
		assert.Equal(t, 1, events[len(events)-1].Running)
		end <- struct{}{}
		workers.Wait()
	})
}
