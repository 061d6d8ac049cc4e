package server

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/handler"
)

func TestKindsBuildTheHandlersTheyName(t *testing.T) {
	built, failure := newKinds().build([]byte(`{"kind": "builtin", "spec": {"name": "fibonacci"}}`), "h", nil)
	require.Nil(t, failure)
	assert.Equal(t, handler.Fibonacci{}, built)

	built, failure = newKinds().build([]byte(`{"kind": "constant", "spec": {"text": "I am a teapot", "status": 418}}`), "h", nil)
	require.Nil(t, failure)
	rendered := built.(handler.Constant).Rendered
	assert.Equal(t, gocore.Status(418), rendered.Status)
	assert.Equal(t, "I am a teapot", string(rendered.Body))
}

func TestHandlerErrorsNameThePlaceAndWhatToWrite(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{``, `h: is not a handler; write an object with a "kind"`},
		{`7`, `h: is not a handler; write an object with a "kind"`},
		{`{"kind": 7}`, `h: is not a handler; write an object with a "kind"`},
		{`null`, `h.kind: "" is not known; choose one of builtin, constant`},
		{`{}`, `h.kind: "" is not known; choose one of builtin, constant`},
		{`{"kind": "txet"}`, `h.kind: "txet" is not known; choose one of builtin, constant`},
		{`{"kind": "constant", "text": "x"}`, `h: has an unknown field "text"; remove it`},
		{`{"kind": "constant", "spec": {"txet": "x"}}`, `h: has an unknown field "txet"; remove it`},
		{`{"kind": "constant", "spec": "x"}`, `h.spec: is string; write an object`},
		{`{"kind": "constant", "spec": {"text": 7}}`, `h.spec.text: is number; write a string`},
		{`{"kind": "constant", "spec": {"text": "a\u0000"}}`, `h.spec.text: has a NUL character at byte 1; remove it`},
		{`{"kind": "constant", "spec": {"status": 65536}}`, `h.spec.status: is number 65536; write a whole number in range`},
		{`{"kind": "constant", "spec": {"status": 99}}`, `h.spec.status: status 99 is not a final status (200 to 599)`},
		{`{"kind": "constant", "spec": {"status": 204, "text": "x"}}`,
			`h.spec.status: status 204 allows no content (RFC 9110, section 6.4.1)`},
		{`{"kind": "builtin"}`, `h.spec.name: no builtin is called ""; choose one of fibonacci`},
		{`{"kind": "builtin", "spec": {"name": "fib"}}`, `h.spec.name: no builtin is called "fib"; choose one of fibonacci`},
	} {
		_, failure := newKinds().build([]byte(test.text), "h", nil)
		require.NotNil(t, failure, test.text)
		assert.Equal(t, Error{Code: CodeConfig, Message: test.want}, *failure, test.text)
	}
}

func TestOtherErrorsOfAConstructorNameTheHandler(t *testing.T) {
	broken := kind(func(struct{}, []gocore.Param) (gocore.Handler, error) { return nil, assert.AnError })
	_, failure := broken([]byte(`{"kind": "broken"}`), "h", nil)
	require.NotNil(t, failure)
	assert.Equal(t, Error{Code: CodeConfig, Message: "h: " + assert.AnError.Error()}, *failure)
}
