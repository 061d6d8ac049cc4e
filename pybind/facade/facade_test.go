package facade

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore/server"
)

// deadline is far longer than anything here takes: it ends what hangs.
const deadline = 30 * time.Second

const configuration = `{"host": "127.0.0.1", "port": 0, "uds": "", "engine": "fasthttp", "loops": 1, ` +
	`"document": "{\"version\": 1, \"routes\": [{\"method\": \"GET\", \"path\": \"/\", \"source\": \"app.py:1\", ` +
	`\"handler\": {\"kind\": \"constant\", \"spec\": {\"text\": \"hello\"}}}]}"}`

// start starts a server and reads its events, as its owner does, until the test ends.
func start(t *testing.T) (s *Server, info server.Info) {
	t.Helper()
	s = new(Server)
	result, err := s.Start(configuration)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(result), &info))
	t.Cleanup(func() {
		_, err := s.Stop(0)
		assert.NoError(t, err)
		events(t, s)
	})
	return s, info
}

// events reads all events up to the end.
func events(t *testing.T, s *Server) (all []server.Event) {
	t.Helper()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			result, err := s.Events()
			var batch []server.Event
			if !assert.NoError(t, err) || !assert.NoError(t, json.Unmarshal([]byte(result), &batch)) || batch == nil {
				assert.Equal(t, "null", result)
				return
			}
			assert.NotEmpty(t, batch, "an empty list would end the reading")
			all = append(all, batch...)
		}
	}()
	select {
	case <-ended:
		return all
	case <-time.After(deadline):
		require.FailNow(t, "the events do not end")
		panic("not reached")
	}
}

// described returns the error that the text of err describes.
func described(t *testing.T, err error) (reported server.Error) {
	t.Helper()
	require.Error(t, err)
	require.NoError(t, json.Unmarshal([]byte(err.Error()), &reported), err.Error())
	return reported
}

func TestAServerServesUpdatesCountsAndStops(t *testing.T) {
	s, info := start(t)
	assert.Equal(t, server.Info{URL: info.URL, Port: info.Port, Engine: "fasthttp", Loops: 1, Table: 1, Queue: info.Queue}, info)
	client := http.Client{Timeout: deadline}
	response, err := client.Get(info.URL)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, "hello", string(body))
	client.CloseIdleConnections()

	result, err := s.Update(`{"version": 1}`)
	require.NoError(t, err)
	assert.Equal(t, "2", result)

	result, err = s.Stop(-1)
	require.NoError(t, err)
	assert.Equal(t, "true", result)
	all := events(t, s)
	require.NotEmpty(t, all)
	assert.Equal(t, server.Event{Kind: server.EventStopped}, all[len(all)-1])
	result, err = s.Events()
	require.NoError(t, err)
	assert.Equal(t, "null", result, "the end lasts")

	result, err = s.Stats()
	require.NoError(t, err)
	var stats server.Stats
	require.NoError(t, json.Unmarshal([]byte(result), &stats))
	assert.Equal(t, uint64(1), stats.Requests)
	assert.Equal(t, server.CodeState, described(t, second(s.Update(`{"version": 1}`))).Code)
}

func second(_ string, err error) error { return err }

func TestStatsHaveTheFormThatOwnersRead(t *testing.T) {
	s, _ := start(t)
	result, err := s.Stats()
	require.NoError(t, err)
	assert.JSONEq(t, `{"connections_open": 0, "connections_accepted": 0, "requests": 0, "classes": [0, 0, 0, 0, 0, 0],
		"bytes_in": 0, "bytes_out": 0, "events_dropped": 0, "python_refused": 0}`, result)
}

// methods are those of a server, with arguments that are fine.
func methods(s *Server) map[string]func() (string, error) {
	return map[string]func() (string, error){
		"Update": func() (string, error) { return s.Update(`{"version": 1}`) },
		"Stop":   func() (string, error) { return s.Stop(0) },
		"Stats":  s.Stats,
		"Events": s.Events,
	}
}

func TestMethodsBeforeStartAreStateErrors(t *testing.T) {
	for name, call := range methods(new(Server)) {
		result, err := call()
		assert.Empty(t, result, name)
		assert.EqualError(t, err, `{"code":"state","message":"the server has not been started; call Start first"}`, name)
	}
}

func TestAServerStartsOnce(t *testing.T) {
	s, info := start(t)
	_, err := s.Start(configuration)
	assert.EqualError(t, err, `{"code":"state","message":"the server has been started already; make another one"}`)
	client, err := net.Dial("tcp", strings.TrimPrefix(info.URL, "http://"))
	require.NoError(t, err, "the first goes on")
	require.NoError(t, client.Close())
}

func TestOfConcurrentStartsOneSucceeds(t *testing.T) {
	for range 20 {
		s := new(Server)
		failures := make(chan error, 4)
		ready := make(chan struct{})
		for range cap(failures) {
			go func() {
				<-ready
				failures <- second(s.Start(configuration))
			}()
		}
		close(ready)
		var started int
		for range cap(failures) {
			if err := <-failures; err == nil {
				started++
			} else {
				assert.Equal(t, server.CodeState, described(t, err).Code)
			}
		}
		assert.Equal(t, 1, started)
		require.NoError(t, second(s.Stop(0)))
		events(t, s)
	}
}

func TestAServerThatFailedToStartMayTryAgain(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = taken.Close() })
	s := new(Server)
	text, err := json.Marshal(server.Options{
		Address:  server.Address{Host: "127.0.0.1", Port: taken.Addr().(*net.TCPAddr).Port},
		Document: `{"version": 1}`, Engine: "auto", Loops: 1,
	})
	require.NoError(t, err)
	reported := described(t, second(s.Start(string(text))))
	assert.Equal(t, server.CodeBind, reported.Code)
	assert.NotZero(t, reported.Errno)
	assert.Equal(t, taken.Addr().String(), reported.Address)

	require.NoError(t, second(s.Start(configuration)))
	require.NoError(t, second(s.Stop(0)))
	events(t, s)
}

func TestABrokenConfigurationIsAnError(t *testing.T) {
	for _, text := range []string{``, `{`, `[]`, `{"port": "80"}`, `{"port": 1e30}`} {
		reported := described(t, second(new(Server).Start(text)))
		assert.Equal(t, server.CodeInternal, reported.Code, text)
		assert.NotEmpty(t, reported.Message, text)
	}
	for _, text := range []string{`{}`, `{"engine": "auto", "document": "{}"}`} {
		assert.Equal(t, server.CodeConfig, described(t, second(new(Server).Start(text))).Code, text)
	}
}

func TestAnErrorOfUpdateIsJSON(t *testing.T) {
	s, _ := start(t)
	assert.EqualError(t, second(s.Update(`{}`)), `{"code":"config","message":"document.version: 0 is not known; write 1"}`)
}

func TestAPanicBecomesAnError(t *testing.T) {
	s := new(Server)
	s.running.Store(new(server.Server)) // not made by Start: it has no events to count
	result, err := s.Stats()
	assert.Empty(t, result)
	reported := described(t, err)
	assert.Equal(t, server.CodeInternal, reported.Code)
	assert.Contains(t, reported.Message, "nil pointer")
	assert.Contains(t, reported.Message, "facade.(*Server).Stats", "the stack")
}

func TestErrorsThatAreNotTheServersAreInternal(t *testing.T) {
	assert.EqualError(t, failure(errors.New(`a "quoted" reason`)), `{"code":"internal","message":"a \"quoted\" reason"}`)
	_, err := encode(math.NaN())
	assert.Equal(t, server.CodeInternal, described(t, err).Code)
}

func TestStopDoesNotWaitForTheDrain(t *testing.T) {
	s, info := start(t)
	client, err := net.Dial("tcp", strings.TrimPrefix(info.URL, "http://"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	require.NoError(t, client.SetDeadline(time.Now().Add(deadline)))
	_, err = io.WriteString(client, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
	require.NoError(t, err)
	reader := bufio.NewReader(client)
	line, err := reader.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.1 100 Continue\r\n", line, "the request is in flight")

	stopped := make(chan error, 1)
	go func() { stopped <- second(s.Stop(math.MaxFloat64)) }()
	select {
	case err := <-stopped:
		require.NoError(t, err)
	case <-time.After(deadline):
		require.FailNow(t, "Stop waits")
	}
	_, err = io.WriteString(client, "body")
	require.NoError(t, err)
	_, err = reader.ReadString('\n') // the end of the interim response
	require.NoError(t, err)
	line, err = reader.ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "HTTP/1.1 200 OK\r\n", line)
	assert.Equal(t, []server.Event{{Kind: server.EventStopped}}, events(t, s))
}

func TestAnyNumberIsADrain(t *testing.T) {
	for _, drain := range []float64{0, -1, 1e-9, math.MaxFloat64, math.Inf(1), math.Inf(-1), math.NaN()} {
		s, _ := start(t)
		require.NoError(t, second(s.Stop(drain)))
		assert.Equal(t, []server.Event{{Kind: server.EventStopped}}, events(t, s), "%v", drain)
	}
}
