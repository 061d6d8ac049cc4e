package handler

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

func newCompiled(t *testing.T, spec CompiledSpec, params ...gocore.Param) *Compiled {
	t.Helper()
	compiled, err := NewCompiled(spec, params)
	require.NoError(t, err)
	return compiled
}

func ptr[T any](value T) *T { return &value }

// asked returns a request for /name/7 with this query.
func asked(query string) *gocore.Request {
	request := withParams(newRequest(), "name", "7")
	request.Query = []byte(query)
	return request
}

var (
	compiledParams = []gocore.Param{{Name: "text"}, {Name: "n", Kind: gocore.ParamInt}}
	threeNumbers   = []ParameterSpec{
		{Name: "n", Type: "int8"}, {Name: "x", Type: "float64", Default: ptr("0.5")}, {Name: "on", Type: "bool"},
	}
	number = ResultSpec{Type: "int64"}
)

func TestArgumentsComeFromThePathAndTheQuery(t *testing.T) {
	spec := CompiledSpec{Parameters: append([]ParameterSpec{
		{Name: "body", Type: "bytes"}, {Name: "weights", Type: "array", Address: 1 << 40},
	}, threeNumbers...), Result: number}
	compiled := newCompiled(t, spec, compiledParams...)
	count, body := compiled.Words()
	assert.Equal(t, [...]int{14, 8}, [...]int{count, body})
	for query, want := range map[string][]int64{
		"on=1":                     {1 << 40, 7, bitsOf(0.5), 1},
		"n=8&x=1e3&on=false&x=9":   {1 << 40, 7, bitsOf(1000), 0},
		"%78=%31%2E5&on=%74rue&on": {1 << 40, 7, bitsOf(1.5), 1},
	} {
		words := make([]int64, compiled.count)
		words[compiled.bodyWord+1] = 3
		require.True(t, compiled.Decode(asked(query), words, new(gocore.Response)), query)
		assert.Equal(t, want, words[10:], query)
	}
}

func TestWrongValuesAreToldToTheClient(t *testing.T) {
	compiled := newCompiled(t, CompiledSpec{Parameters: threeNumbers, Result: number}, compiledParams...)
	for _, test := range []struct{ n, query, want string }{
		{"128", "on=1", "n: \"128\" is not int8, a whole number from -128 to 127\n"},
		{"\"\xff<\r\n", "on=1", "n: \"??<??\" is not int8, a whole number from -128 to 127\n"},
		{"0123456789012345678901234567890123456789012", "on=1",
			"n: \"0123456789012345678901234567890123456789\"... is not int8, a whole number from -128 to 127\n"},
		{"7", "x=a+b&on=1", "x: \"a b\" is not float64, a finite number\n"},
		{"7", "x=&on=1", "x: \"\" is not float64, a finite number\n"},
		{"7", "on=%41%22", "on: \"A?\" is not bool, true or false\n"},
		{"7", "", "on is missing from the query; it is bool, true or false\n"},
		{"7", "on", "on: \"\" is not bool, true or false\n"},
	} {
		request := withParams(newRequest(), "name", test.n)
		request.Query = []byte(test.query)
		var response gocore.Response
		assert.False(t, compiled.Decode(request, make([]int64, compiled.count), &response))
		assert.Equal(t, test.want, string(response.Bytes()))
		assert.Equal(t, gocore.StatusBadRequest, response.Status)
		assert.Equal(t, PlainText, string(response.Header.Get(contentTypeName)))
	}
}

func TestResultsArePutIn(t *testing.T) {
	for _, test := range []struct {
		format, template, kind string
		word                   int64
		want                   string
	}{
		{"text", "f({n}) = {result} {query.q}", "uint32", 21, "f(7) = 21 1"},
		{"html", "<b>{result}</b> {text}", "float64", bitsOf(math.Inf(1)), "<b>inf</b> name"},
		{"json", "{result}", "int64", -1, "-1"},
		{"json", `{{"a": [{result}], "b": "{result}"}}`, "float64", bitsOf(math.NaN()), `{"a": [null], "b": "null"}`},
		{"json", `{text}`, "bool", 1, `"name"`},
		{"", "{result}", "bool", 1, "True"},
	} {
		compiled := newCompiled(t, CompiledSpec{Template: test.template, Format: test.format, Result: ResultSpec{Type: test.kind}}, compiledParams...)
		var response gocore.Response
		assert.Zero(t, compiled.Length([]int64{test.word, 5}))
		assert.False(t, compiled.Encode(asked("q=1"), []int64{test.word}, nil, &response))
		assert.Equal(t, test.want, string(response.Bytes()))
		assert.Equal(t, formats[test.format].contentType, string(response.Header.Get(contentTypeName)))
	}
}

func TestArraysAreListsOfLists(t *testing.T) {
	var memory []byte
	for i := range int16(6) {
		memory = binary.NativeEndian.AppendUint16(memory, uint16(i-1))
	}
	for _, test := range []struct {
		shape []int64
		want  string
	}{
		{[]int64{6}, "[-1,0,1,2,3,4]"},
		{[]int64{0}, "[]"},
		{[]int64{3, 2}, "[[-1,0],[1,2],[3,4]]"},
		{[]int64{2, 0}, "[[],[]]"},
		{[]int64{1, 3, 2}, "[[[-1,0],[1,2],[3,4]]]"},
	} {
		compiled := newCompiled(t, CompiledSpec{Template: `{{"a": {result}}}`, Format: "json",
			Result: ResultSpec{Type: "int16", Dimensions: len(test.shape)}})
		words := append([]int64{0}, test.shape...)
		size := compiled.Length(words)
		var response gocore.Response
		assert.False(t, compiled.Encode(asked(""), words, memory[:size], &response))
		assert.Equal(t, `{"a": `+test.want+`}`, string(response.Bytes()))
	}
}

func TestTheMemoryOfAnArrayIsLent(t *testing.T) {
	compiled := newCompiled(t, CompiledSpec{Format: "bytes", Status: 201, Headers: Fields{{"X", "y"}},
		Result: ResultSpec{Type: "float32", Dimensions: 2}})
	words := []int64{0, 3, 2}
	require.Equal(t, 24, compiled.Length(words))
	memory := make([]byte, 24)
	var response gocore.Response
	assert.True(t, compiled.Encode(asked(""), words, memory, &response))
	assert.Same(t, &memory[0], &response.Bytes()[0])
	assert.Equal(t, gocore.Status(201), response.Status)
	assert.Equal(t, "X: y\r\nContent-Type: application/octet-stream\r\n", string(response.Header.Block()))
}

func TestTheLogHasTheArguments(t *testing.T) {
	spec := CompiledSpec{Parameters: append(threeNumbers, ParameterSpec{Name: "body", Type: "bytes"}), Result: number}
	compiled := newCompiled(t, spec, compiledParams...)
	words := make([]int64, compiled.count)
	require.True(t, compiled.Decode(asked("on=1"), words, new(gocore.Response)))
	words[compiled.bodyWord+1] = 3
	assert.Equal(t, "n=7 x=0.5 on=True body=(3 bytes)", compiled.Arguments(words))
	assert.Empty(t, newCompiled(t, CompiledSpec{Result: number}).Arguments(nil))
}

func TestCompiledRefusesWhatCannotBeServed(t *testing.T) {
	types := "; choose one of " + scalarNames
	for _, test := range []struct {
		spec CompiledSpec
		want string
	}{
		{CompiledSpec{}, `result.type: "" is not known` + types},
		{CompiledSpec{Result: ResultSpec{"int64", 5}}, `result.dimensions: is 5; write 0 to 4`},
		{CompiledSpec{Result: number, Format: "bytes"},
			`format: "bytes" is for arrays, and the result is a number; choose "text", "html" or "json"`},
		{CompiledSpec{Result: number, Format: "xml"}, `format: "xml" is not known; choose "text", "html", "json" or "bytes"`},
		{CompiledSpec{Result: ResultSpec{"int8", 1}, Format: "bytes", Template: "x"}, `template: is of no use in the format "bytes"; remove it`},
		{CompiledSpec{Result: number, Template: "{res}"},
			`template: {res} at byte 0 is not known; choose one of {text}, {n}, {result}, {query.NAME}, {header.NAME}, or write "{{" and "}}" for braces`},
		{CompiledSpec{Result: ResultSpec{Type: "float64"}, Format: "json", Template: "{result}.5"},
			"template: is not JSON, with values for its placeholders, at the end of \"null.\": invalid character '.' after top-level value; " +
				`write "{{" and "}}" for the braces of JSON`},
		{CompiledSpec{Result: number, Status: 204}, "status: status 204 allows no content (RFC 9110, section 6.4.1)"},
		{CompiledSpec{Result: number, Headers: Fields{{"Date", "x"}}}, "headers[0]: Date is written by the server; remove it"},
		{CompiledSpec{Result: number, Parameters: []ParameterSpec{{Name: "a", Type: "str"}}},
			`parameters[0].type: "str" is not known` + types + ", bytes, array"},
		{CompiledSpec{Result: number, Parameters: []ParameterSpec{{Name: "body", Type: "bytes"}, {Name: "b", Type: "bytes"}}},
			`parameters[1].type: is "bytes" a second time; a request has one body`},
		{CompiledSpec{Result: number, Parameters: []ParameterSpec{{Name: "a", Type: "int8", Default: ptr("128")}}},
			`parameters[0].default: "128" is not int8, a whole number from -128 to 127`},
		{CompiledSpec{Result: number, Parameters: []ParameterSpec{{Name: "a", Type: "bytes", Default: ptr("")}}},
			`parameters[0].default: is for scalars, and a is "bytes"; remove it`},
		{CompiledSpec{Result: number, Parameters: []ParameterSpec{{Type: "int8"}}},
			`parameters[0].name: is empty; write the name that requests have it by`},
		{CompiledSpec{Result: number, Parameters: make([]ParameterSpec, 65)}, `parameters: are 65; write at most 64`},
	} {
		_, err := NewCompiled(test.spec, compiledParams)
		assert.EqualError(t, err, test.want)
		assert.IsType(t, &gocore.FieldError{}, err)
	}
}

func TestCompiledDoesNotAllocate(t *testing.T) {
	compiled := newCompiled(t, CompiledSpec{Parameters: threeNumbers, Result: ResultSpec{"float64", 1},
		Template: "{n} {query.x} {result}"}, compiledParams...)
	words, memory := make([]int64, compiled.count), make([]byte, 80)
	var response gocore.Response
	for _, query := range []string{"x=-1.25&on=1", "x=%31&on=1", "on=2", "x=nan"} {
		request := asked(query)
		assert.Zero(t, testing.AllocsPerRun(10, func() {
			response.Reset()
			if compiled.Decode(request, words, &response) {
				words[WordShape] = 10
				compiled.Encode(request, words, memory, &response)
			}
		}), query)
	}
}
