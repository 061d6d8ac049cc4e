package handler

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

func textSpec(text string, fields ...[]string) ConstantSpec {
	return ConstantSpec{Text: &text, Headers: fields}
}

func base64Spec(text string) ConstantSpec { return ConstantSpec{Base64: &text} }

func TestConstantIsRenderedOnce(t *testing.T) {
	handler := build(t, NewConstant, textSpec("Hello, World!", []string{"Content-Type", PlainText}))
	response := serve(t, handler, newRequest())
	rendered := response.Rendered()
	assert.Equal(t, gocore.RenderedBody, response.Kind())
	assert.Equal(t, gocore.StatusOK, rendered.Status)
	assert.Equal(t, "Content-Type: text/plain; charset=utf-8\r\nETag: \"bKnb6JVIiGbk6yP6\"\r\n", string(rendered.Header.Block()))
	assert.Equal(t, "Hello, World!", string(rendered.Body))
	assert.Same(t, rendered, serve(t, handler, newRequest()).Rendered())
}

func TestConstantAnswers(t *testing.T) {
	for _, test := range []struct {
		name         string
		spec         ConstantSpec
		status       gocore.Status
		header, body string
	}{
		{"nothing", ConstantSpec{}, 200, "", ""},
		{"an empty text", textSpec(""), 200, "", ""},
		{"bytes", base64Spec("AP8="), 200, "ETag: \"oJYPjWO_5Pzmwmrp\"\r\n", "\x00\xff"},
		{"a status", ConstantSpec{Status: 204, Headers: Fields{{"X", "y"}}}, 204, "X: y\r\n", ""},
		{"an error", ConstantSpec{Status: 404, Base64: base64Spec("eA==").Base64}, 404, "", "x"},
		{"an ETag of its own", textSpec("x", []string{"etag", `W/"v1"`}), 200, "etag: W/\"v1\"\r\n", "x"},
	} {
		rendered := serve(t, build(t, NewConstant, test.spec), newRequest()).Rendered()
		assert.Equal(t, test.status, rendered.Status, test.name)
		assert.Equal(t, test.header, string(rendered.Header.Block()), test.name)
		assert.Equal(t, test.body, string(rendered.Body), test.name)
	}
}

func TestConstantRefusesWhatCannotBeServed(t *testing.T) {
	const notBase64 = "; write the standard alphabet with padding, without line breaks (RFC 4648, section 4)"
	both := textSpec("")
	both.Base64 = both.Text
	for _, test := range []struct {
		spec ConstantSpec
		want string
	}{
		{textSpec("a\x00b"), "text: has a NUL character at byte 1; remove it"},
		{textSpec("\xff"), "text: is not valid UTF-8"},
		{both, `base64: is there beside "text"; remove one of the two`},
		{base64Spec("eA"), "base64: is not base64 at byte 0" + notBase64},
		{base64Spec("eA==eA=="), "base64: is not base64 at byte 4" + notBase64},
		{base64Spec("eB=="), "base64: is not base64 at byte 2" + notBase64},
		{base64Spec("e_=="), "base64: is not base64 at byte 1" + notBase64},
		{base64Spec("eA==\n"), "base64: is not base64 at byte 4" + notBase64},
		{ConstantSpec{Status: 99}, "status: status 99 is not a final status (200 to 599)"},
		{ConstantSpec{Status: 204, Text: base64Spec("x").Base64},
			"status: status 204 allows no content (RFC 9110, section 6.4.1)"},
		{textSpec("x", []string{"X", "\n"}),
			"headers[0]: value of header X: byte 0 (0x0a) is not allowed (RFC 9110, section 5.5); remove it"},
	} {
		_, err := NewConstant(test.spec, nil)
		assert.EqualError(t, err, test.want)
		assert.IsType(t, &gocore.FieldError{}, err)
	}
}

func TestConstantTellsAClientThatItHasTheContent(t *testing.T) {
	tagged := func(status gocore.Status, fields ...[]string) ConstantSpec {
		spec := textSpec("x", append(fields, []string{"ETag", `"a"`})...)
		spec.Status = status
		return spec
	}
	tell := `If-None-Match: "a"`
	for _, test := range []struct {
		name   string
		spec   ConstantSpec
		method gocore.Method
		line   string
		want   gocore.Status
	}{
		{"GET", tagged(0), gocore.MethodGet, tell, 304},
		{"HEAD", tagged(0), gocore.MethodHead, tell, 304},
		{"POST", tagged(0), gocore.MethodPost, tell, 200},
		{"other content", tagged(0), gocore.MethodGet, `If-None-Match: "b"`, 200},
		{"another condition", tagged(0), gocore.MethodGet, `If-Match: "a"`, 200},
		{"another status", tagged(404), gocore.MethodGet, tell, 404},
		{"an empty text", textSpec(""), gocore.MethodGet, `If-None-Match: *`, 200},
		{"a tag that is computed", textSpec("x"), gocore.MethodGet, `If-None-Match: "PHMzWap5XkQadUFK"`, 304},
	} {
		request := newRequest(test.line)
		request.Method = test.method
		rendered := serve(t, build(t, NewConstant, test.spec), request).Rendered()
		assert.Equal(t, test.want, rendered.Status, test.name)
		if test.want == 304 {
			assert.Empty(t, rendered.Body, test.name)
			assert.NotContains(t, string(rendered.Block), "Content-Length", test.name)
		}
	}
}

func TestNotModifiedHasTheFieldsThatCachesNeed(t *testing.T) {
	handler := build(t, NewConstant, textSpec("x", []string{"Content-Type", PlainText}, []string{"cache-control", "max-age=5"},
		[]string{"Vary", "Accept"}, []string{"X-Other", "1"}, []string{"Vary", "Cookie"}, []string{"Expires", "0"},
		[]string{"Content-Location", "/x"}, []string{"Last-Modified", "x"}, []string{"ETag", `W/"a"`}))
	rendered := serve(t, handler, newRequest(`If-None-Match: "a"`)).Rendered()
	require.Equal(t, gocore.StatusNotModified, rendered.Status)
	assert.Equal(t, "cache-control: max-age=5\r\nVary: Accept\r\nVary: Cookie\r\nExpires: 0\r\n"+
		"Content-Location: /x\r\nETag: W/\"a\"\r\n", string(rendered.Header.Block()))
}

// A request that the parser says has no precondition is not searched for one.
func TestConstantBelievesTheParser(t *testing.T) {
	request := newRequest("If-None-Match: *")
	request.Conditional = false
	assert.Equal(t, gocore.StatusOK, serve(t, build(t, NewConstant, textSpec("x")), request).Rendered().Status)
}

func TestConstantDoesNotAllocate(t *testing.T) {
	assertNoAllocations(t, build(t, NewConstant, ConstantSpec{}), newRequest())
	tagged := build(t, NewConstant, textSpec("x"))
	for _, request := range []*gocore.Request{
		newRequest(), newRequest(`X: y`, `If-None-Match: "a", W/"b"`), newRequest(`If-None-Match: *`),
	} {
		assertNoAllocations(t, tagged, request)
	}
}
