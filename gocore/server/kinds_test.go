package server

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/handler"
)

func TestKindsBuildTheHandlersTheyName(t *testing.T) {
	built, failure := testKinds().build([]byte(`{"kind": "builtin", "spec": {"name": "fibonacci"}}`), site{place: "h"})
	require.Nil(t, failure)
	assert.Equal(t, handler.Fibonacci{}, built)

	built, failure = testKinds().build([]byte(`{"kind": "constant", "spec": {"text": "I am a teapot", "status": 418}}`), site{place: "h"})
	require.Nil(t, failure)
	rendered := built.(handler.Constant).Rendered
	assert.Equal(t, gocore.Status(418), rendered.Status)
	assert.Equal(t, "I am a teapot", string(rendered.Body))
}

func TestKindsPassTheParametersOn(t *testing.T) {
	built, failure := testKinds().build([]byte(`{"kind": "builtin", "spec": {"name": "fibonacci"}}`),
		site{place: "h", params: []gocore.Param{{Name: "n", Kind: gocore.ParamInt}}})
	require.Nil(t, failure)
	assert.Equal(t, handler.Fibonacci{Numbered: true}, built)

	params := []gocore.Param{{Name: "id"}}
	var request gocore.Request
	request.Params.Begin([]byte("7"))
	request.Params.Add(0, 1)

	built, failure = testKinds().build([]byte(`{"kind": "redirect", "spec": {"to": "/{id}", "status": 308, "query": "drop"}}`), site{place: "h", params: params})
	require.Nil(t, failure)
	var response gocore.Response
	require.Equal(t, gocore.Answered, built.Serve(&request, &response))
	assert.Equal(t, "/7", string(response.Header.Get("Location")))

	built, failure = testKinds().build([]byte(`{"kind": "template", "spec": {"template": "id {id}", "headers": [["X", "y"]]}}`), site{place: "h", params: params})
	require.Nil(t, failure)
	response.Reset()
	require.Equal(t, gocore.Answered, built.Serve(&request, &response))
	assert.Equal(t, "id 7", string(response.Bytes()))
}

func TestHandlerErrorsNameThePlaceAndWhatToWrite(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{``, `h: is not a handler; write an object with a "kind"`},
		{`7`, `h: is not a handler; write an object with a "kind"`},
		{`{"kind": 7}`, `h: is not a handler; write an object with a "kind"`},
		{`null`, `h.kind: "" is not known; choose one of builtin, compiled, constant, native, python, redirect, template`},
		{`{}`, `h.kind: "" is not known; choose one of builtin, compiled, constant, native, python, redirect, template`},
		{`{"kind": "txet"}`, `h.kind: "txet" is not known; choose one of builtin, compiled, constant, native, python, redirect, template`},
		{`{"kind": "constant", "text": "x"}`, `h: has an unknown field "text"; remove it`},
		{`{"kind": "constant", "spec": {"txet": "x"}}`, `h: has an unknown field "txet"; remove it`},
		{`{"kind": "constant", "spec": "x"}`, `h.spec: is string; write an object`},
		{`{"kind": "constant", "spec": {"text": 7}}`, `h.spec.text: is number; write a string`},
		{`{"kind": "constant", "spec": {"text": "a\u0000"}}`, `h.spec.text: has a NUL character at byte 1; remove it`},
		{`{"kind": "constant", "spec": {"status": 65536}}`, `h.spec.status: is number 65536; write a whole number in range`},
		{`{"kind": "constant", "spec": {"status": 99}}`, `h.spec.status: status 99 is not a final status (200 to 599)`},
		{`{"kind": "constant", "spec": {"status": 204, "text": "x"}}`,
			`h.spec.status: status 204 allows no content (RFC 9110, section 6.4.1)`},
		{`{"kind": "constant", "spec": {"headers": [["X", 7]]}}`, `h.spec.headers: is number; write a string`},
		{`{"kind": "constant", "spec": {"headers": {"X": "y"}}}`, `h.spec.headers: is object; write a list`},
		{`{"kind": "constant", "spec": {"headers": [["X", "y"], ["Date"]]}}`,
			`h.spec.headers[1]: has 1 elements; write a name and a value`},
		{`{"kind": "redirect", "spec": {"to": "/{name}"}}`, `h.spec.to: {name} at byte 1 is not known; choose one of {id}`},
		{`{"kind": "template", "spec": {"template": "{name}"}}`,
			`h.spec.template: {name} at byte 0 is not known; choose one of {id}, {query.NAME}, {header.NAME}, or write "{{" and "}}" for braces`},
		{`{"kind": "builtin"}`, `h.spec.name: no builtin is called ""; choose one of fibonacci`},
		{`{"kind": "builtin", "spec": {"name": "fib"}}`, `h.spec.name: no builtin is called "fib"; choose one of fibonacci`},
	} {
		_, failure := testKinds().build([]byte(test.text), site{place: "h", params: []gocore.Param{{Name: "id"}}})
		require.NotNil(t, failure, test.text)
		assert.Equal(t, Error{Code: CodeConfig, Message: test.want}, *failure, test.text)
	}
}

func TestOtherErrorsOfAConstructorNameTheHandler(t *testing.T) {
	broken := kind(func(struct{}, []gocore.Param) (gocore.Handler, error) { return nil, assert.AnError })
	_, failure := broken([]byte(`{"kind": "broken"}`), site{place: "h"})
	require.NotNil(t, failure)
	assert.Equal(t, Error{Code: CodeConfig, Message: "h: " + assert.AnError.Error()}, *failure)
}
