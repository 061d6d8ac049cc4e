package handler

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

func TestFieldsTravelAsTheyAreGiven(t *testing.T) {
	header, err := Fields{{"X-One", "1"}, {"x-one", "2"}, {"ETag", `W/"v1"`}, {"Content-Type", "a/b"}, {"X", "é\t"}}.header()
	require.NoError(t, err)
	assert.Equal(t, "X-One: 1\r\nx-one: 2\r\nETag: W/\"v1\"\r\nContent-Type: a/b\r\nX: é\t\r\n", string(header.Block()))
}

func TestFieldsThatCannotBeSentAreNamed(t *testing.T) {
	const pair = "; write a name and a value"
	for _, test := range []struct {
		field []string
		want  string
	}{
		{nil, "headers[1]: has 0 elements" + pair},
		{[]string{"X"}, "headers[1]: has 1 elements" + pair},
		{[]string{"X", "1", "2"}, "headers[1]: has 3 elements" + pair},
		{[]string{"", "1"}, `headers[1]: "" is not a name of a header; write letters, digits and "-" (RFC 9110, section 5.1)`},
		{[]string{"X\r\nY", "1"}, `headers[1]: "X\r\nY" is not a name of a header; write letters, digits and "-" (RFC 9110, section 5.1)`},
		{[]string{"X", "1\r\nSet-Cookie: a"},
			"headers[1]: value of header X: byte 1 (0x0d) is not allowed (RFC 9110, section 5.5); remove it"},
		{[]string{"X", "\x00"}, "headers[1]: value of header X: byte 0 (0x00) is not allowed (RFC 9110, section 5.5); remove it"},
		{[]string{"date", "today"}, "headers[1]: date is written by the server; remove it"},
		{[]string{"Server", "x"}, "headers[1]: Server is written by the server; remove it"},
		{[]string{"Connection", "x"}, "headers[1]: Connection is written by the server; remove it"},
		{[]string{"CONTENT-LENGTH", "1"}, "headers[1]: CONTENT-LENGTH is written by the server; remove it"},
		{[]string{"Transfer-Encoding", "x"}, "headers[1]: Transfer-Encoding is written by the server; remove it"},
		{[]string{"Keep-Alive", "x"}, "headers[1]: Keep-Alive is written by the server; remove it"},
		{[]string{"Proxy-Connection", "x"}, "headers[1]: Proxy-Connection is written by the server; remove it"},
		{[]string{"te", "x"}, "headers[1]: te is written by the server; remove it"},
		{[]string{"Trailer", "x"}, "headers[1]: Trailer is written by the server; remove it"},
		{[]string{"Upgrade", "x"}, "headers[1]: Upgrade is written by the server; remove it"},
		{[]string{"content-type", "a/b"}, "headers[1]: content-type is there already; remove one of the two"},
		{[]string{"etag", "v1"}, `headers[1]: "v1" is no entity-tag; write it in double quotes, as "\"v1\"" (RFC 9110, section 8.8.3)`},
	} {
		_, err := Fields{{"Content-Type", "text/plain"}, test.field}.header()
		assert.EqualError(t, err, test.want)
		assert.IsType(t, &gocore.FieldError{}, err)
	}
}

func TestFieldsThatStandAlone(t *testing.T) {
	_, err := Fields{{"ETag", `"a"`}, {"etag", `"a"`}}.header()
	assert.EqualError(t, err, "headers[1]: etag is there already; remove one of the two")
	_, err = Fields{{"Content-Encoding", "a"}, {"content-encoding", "b"}}.header()
	assert.EqualError(t, err, `headers[1]: content-encoding is there already; remove one of the two`)
}

func TestFieldsThatMeanNothingWhenEmpty(t *testing.T) {
	for _, name := range []string{"Content-Type", "content-encoding"} {
		for _, value := range []string{"", " \t"} {
			_, err := Fields{{name, value}}.header()
			assert.EqualError(t, err, "headers[0]: "+name+" is empty; write a value, or remove it")
		}
	}
}
