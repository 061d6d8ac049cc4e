package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/engine"
	"fastgo/gocore/handler"
)

func TestDocumentHasDefaults(t *testing.T) {
	parsed, failure := parseDocument(`{"version": 1}`)
	require.Nil(t, failure)
	assert.Empty(t, parsed.Routes)
	assert.Equal(t, defaultLimits, parsed.Limits)
}

func TestDocumentOverridesSingleLimits(t *testing.T) {
	parsed, failure := parseDocument(`{"version": 1, "limits": {"idle_time": 0.5, "connections": 7}}`)
	require.Nil(t, failure)
	want := defaultLimits
	want.IdleTime, want.Connections = 0.5, 7
	assert.Equal(t, want, parsed.Limits)
	assert.Equal(t, 500*time.Millisecond, seconds(parsed.Limits.IdleTime))
}

func TestDocumentErrorsNameThePlaceAndWhatToWrite(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{``, `document: is not JSON: unexpected EOF`},
		{`{"version": 1`, `document: is not JSON: unexpected EOF`},
		{`{version: 1}`, `document: is not JSON: invalid character 'v' looking for beginning of object key string`},
		{`[]`, `document: is array; write an object`},
		{`{"version": 1} {}`, `document: has more than one value; remove what follows the first`},
		{`{"version": 1} x`, `document: has more than one value; remove what follows the first`},
		{`{"version": 1, "routers": []}`, `document: has an unknown field "routers"; remove it`},
		{`{"version": 1, "limits": {"haeder": 1}}`, `document: has an unknown field "haeder"; remove it`},
		{`null`, `document.version: 0 is not known; write 1`},
		{`{}`, `document.version: 0 is not known; write 1`},
		{`{"version": 2}`, `document.version: 2 is not known; write 1`},
		{`{"version": "1"}`, `document.version: is string; write a whole number in range`},
		{`{"version": 1.5}`, `document.version: is number 1.5; write a whole number in range`},
		{`{"version": 1, "routes": {}}`, `document.routes: is object; write a list`},
		{`{"version": 1, "limits": []}`, `document.limits: is array; write an object`},
		{`{"version": 1, "limits": {"body": 1e30}}`, `document.limits.body: is number 1e30; write a whole number in range`},
		{`{"version": 1, "limits": {"idle_time": "1"}}`, `document.limits.idle_time: is string; write a number`},
		{`{"version": 1, "limits": {"idle_time": 1e999}}`, `document.limits.idle_time: is number 1e999; write a number`},
	} {
		_, failure := parseDocument(test.text)
		require.NotNil(t, failure, test.text)
		assert.Equal(t, Error{Code: CodeConfig, Message: test.want}, *failure, test.text)
	}
}

func TestKindNamesAreWordsOfTheDocument(t *testing.T) {
	for kind, want := range map[string]string{
		"int": "a whole number in range", "uint16": "a whole number in range", "float64": "a number",
		"slice": "a list", "string": "a string", "bool": "true or false", "struct": "an object", "map": "an object",
	} {
		assert.Equal(t, want, kindName(kind), kind)
	}
}

func TestLimitsAreAcceptedUpToTheirEdges(t *testing.T) {
	for _, text := range []string{
		`"header": 64`, `"header": 16777216`,
		`"body": 0`, `"body": 9223372036854775806`,
		`"connections": 0`, `"connections": 16777216`,
		`"idle_time": 0.001`, `"idle_time": 3000000000`,
		`"write_time": 0.001`, `"write_time": 3000000000`,
		`"drain_time": 0`, `"drain_time": 3000000000`,
		`"native_memory": 65536`, `"native_memory": 1099511627776`,
		`"inline_budget": 0.001`, `"inline_budget": 3000000000`,
		`"blocking_threads": 0`, `"blocking_threads": 4096`,
		`"blocking_queue": 0`, `"blocking_queue": 1048576`,
		`"python_queue": 1`, `"python_queue": 1048576`,
		`"coroutine_time": 0`, `"coroutine_time": 3000000000`,
	} {
		parsed, failure := parseDocument(`{"version": 1, "limits": {` + text + `}}`)
		require.Nil(t, failure, text)
		assert.Positive(t, seconds(parsed.Limits.IdleTime), text)
		assert.Positive(t, seconds(parsed.Limits.WriteTime), text)
		assert.GreaterOrEqual(t, seconds(parsed.Limits.DrainTime), time.Duration(0), text)
	}
}

func TestLimitsAreRefusedBeyondTheirEdges(t *testing.T) {
	for _, test := range []struct{ name, value, shown, want string }{
		{"header", "63", "63", "choose 64 to 16777216"},
		{"header", "16777217", "16777217", "choose 64 to 16777216"},
		{"body", "-1", "-1", "choose 0 to 9223372036854775806"},
		{"body", "9223372036854775807", "9223372036854775807", "choose 0 to 9223372036854775806"},
		{"connections", "-1", "-1", "choose 0 to 16777216"},
		{"connections", "16777217", "16777217", "choose 0 to 16777216"},
		{"idle_time", "0", "0", "choose 0.001 to 3000000000 seconds"},
		{"idle_time", "3000000001", "3.000000001e+09", "choose 0.001 to 3000000000 seconds"},
		{"write_time", "0.0009", "0.0009", "choose 0.001 to 3000000000 seconds"},
		{"write_time", "3000000001", "3.000000001e+09", "choose 0.001 to 3000000000 seconds"},
		{"native_memory", "65535", "65535", "choose 65536 to 1099511627776"},
		{"native_memory", "1099511627777", "1099511627777", "choose 65536 to 1099511627776"},
		{"inline_budget", "0", "0", "choose 0.001 to 3000000000 seconds"},
		{"blocking_threads", "4097", "4097", "choose 0 to 4096"},
		{"blocking_queue", "-1", "-1", "choose 0 to 1048576"},
		{"python_queue", "0", "0", "choose 1 to 1048576"},
		{"python_queue", "1048577", "1048577", "choose 1 to 1048576"},
		{"coroutine_time", "-1", "-1", "choose 0 to 3000000000 seconds"},
		{"drain_time", "-1", "-1", "choose 0 to 3000000000 seconds"},
		{"drain_time", "3000000001", "3.000000001e+09", "choose 0 to 3000000000 seconds"},
	} {
		_, failure := parseDocument(fmt.Sprintf(`{"version": 1, "limits": {%q: %s}}`, test.name, test.value))
		require.NotNil(t, failure, "%s %s", test.name, test.value)
		assert.Equal(t, CodeConfig, failure.Code)
		assert.Equal(t, "limits."+test.name+": "+test.shown+" is out of range; "+test.want, failure.Message)
	}
}

// FuzzDocument holds that no document makes a panic, that every error can be
// shown to its author, and that a document which is accepted can be served.
func FuzzDocument(f *testing.F) {
	f.Add(documentOf(getText("/", "Hello, World!")))
	f.Fuzz(func(t *testing.T, text string) {
		source, failure := parseDocument(text)
		var compiled *table
		if failure == nil {
			compiled, failure = testKinds().compile(source, 1)
		}
		if failure != nil {
			assert.Equal(t, CodeConfig, failure.Code)
			assert.NotEmpty(t, strings.TrimSpace(failure.Message))
			return
		}
		for i, text := range source.Routes {
			var described route
			require.Nil(t, decode(text, "route", &described))
			request := &gocore.Request{Method: gocore.ParseMethod(described.Method), Host: []byte(described.Host), Path: []byte(described.Path)}
			found := compiled.find(request)
			assert.Equal(t, source.Limits.Body, found.MaxBody)
			if strings.ContainsAny(described.Path, "{%") { // a pattern is no path, and its host may not be its own
				continue
			}
			if constant, ok := found.Handler.(handler.Constant); ok {
				assert.NotSame(t, engine.Refusal(gocore.StatusNotFound), constant.Rendered, "route %d", i)
				assert.Nil(t, constant.Rendered.Header.Get("Allow"), "route %d", i)
			}
		}
	})
}
