package native

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/native/nativetest"
)

// repeating is the codec of nativetest.Repeat: the first parameter says how often.
type repeating struct {
	lends bool
	count int
}

func (r repeating) Words() (count, body int) { return r.count, 8 }

func (r repeating) Decode(request *gocore.Request, words []int64, response *gocore.Response) bool {
	number, err := strconv.ParseInt(string(request.Params.Value(0)), 10, 64)
	words[10] = number
	if err != nil {
		response.Status = gocore.StatusBadRequest
	}
	return err == nil
}

func (r repeating) Length(words []int64) int { return int(words[1]) }

func (r repeating) Encode(request *gocore.Request, _ []int64, memory []byte, response *gocore.Response) bool {
	if r.lends {
		response.SetBytes(memory)
		return true
	}
	parts := [][]byte{memory, request.Params.Value(0), request.Query, request.Header.Get("X-Token")}
	response.SetBytes(bytes.Join(parts, []byte{' '}))
	return false
}

func (r repeating) Arguments(words []int64) string { return strconv.FormatInt(words[10], 10) }

func (e environment) compiled(t testing.TB, blocking, lends bool) gocore.Handler {
	t.Helper()
	route := Route{Name: "GET /test", Params: []gocore.Param{{Name: "n"}}}
	spec := CompiledSpec{Address: nativetest.Repeat, Name: "repeat", Blocking: blocking, Codec: repeating{lends, 11}}
	made, err := e.NewCompiled(spec, route)
	require.NoError(t, err)
	return made
}

func repeatRequest(t testing.TB, number, body string) *gocore.Request {
	request := mappedRequest(t, "POST", "/"+number+"?q=1", number)
	request.Body = mapped(t, body)
	return request
}

func TestCompiledFunctionsAreCalledWithWords(t *testing.T) {
	for _, isMapped := range []bool{true, false} {
		for _, lends := range []bool{true, false} {
			e := newEnvironment(t)
			handler := e.compiled(t, false, lends)
			for number, want := range map[string]string{"3": "ababab", "0": "", "10000": strings.Repeat("ab", 10000)} {
				request := repeatRequest(t, number, "ab")
				request.Mapped = isMapped
				if !lends {
					want += " " + number + " q=1 secret"
				}
				assert.Equal(t, want, serve(t, handler, request).body)
			}
			assert.Equal(t, gocore.Status(400), serve(t, handler, repeatRequest(t, "x", "")).status)
			assert.Empty(t, e.logged())
		}
	}
}

func TestCompiledFunctionsRunOnThePool(t *testing.T) {
	for _, isMapped := range []bool{true, false} {
		e := newEnvironment(t)
		handler := e.compiled(t, true, false)
		request := repeatRequest(t, "3", "ab")
		request.Mapped = isMapped
		answers := make(completer, 1)
		request.Bind(answers)
		require.Equal(t, gocore.Deferred, handler.Serve(request, new(gocore.Response)))
		assert.Equal(t, "ababab 3 q=1 secret", (<-answers).body)
		assert.Equal(t, gocore.Status(400), serve(t, handler, repeatRequest(t, "x", "")).status)
	}
	e := newEnvironment(t, func(o *Options) { o.Threads, o.Queue = 0, 0 })
	assert.Equal(t, gocore.Status(503), serve(t, e.compiled(t, true, false), repeatRequest(t, "3", "")).status)
}

func TestFailuresOfCompiledFunctionsAreLogged(t *testing.T) {
	for _, test := range []struct{ number, body, reason string }{
		{"-1", "", "it raised an exception for -1"},
		{"-9", "", "it returned 9, which means nothing"},
		{"2000000", "x", "its result does not fit the memory of the handler (limits.native_memory)"},
		{"1", strings.Repeat("x", 2<<20), outgrown},
	} {
		e := newEnvironment(t)
		request := repeatRequest(t, test.number, test.body)
		request.Mapped = test.reason != outgrown
		assert.Equal(t, gocore.Status(500), serve(t, e.compiled(t, false, true), request).status)
		assert.Contains(t, e.logged(), test.reason)
		assert.Contains(t, e.logged(), "handler=repeat")
	}
}

func TestCompiledRefusesWhatCannotBeCalled(t *testing.T) {
	e := newEnvironment(t)
	_, err := e.NewCompiled(CompiledSpec{Address: 4096, Codec: repeating{false, 11}}, Route{})
	assert.ErrorContains(t, err, "address: has no code at 0x1000")
	_, err = e.NewCompiled(CompiledSpec{Address: nativetest.Repeat, Codec: repeating{false, 257}}, Route{})
	assert.EqualError(t, err, "a compiled function has 257 words; at most 256")
}

func TestCompiledDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	e := newEnvironment(t)
	handler, request, response := e.compiled(t, false, true), repeatRequest(t, "3", "ab"), new(gocore.Response)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		handler.Serve(request, response)
		response.Reset()
	}))
}
