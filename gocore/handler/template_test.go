package handler

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

var templateParams = []gocore.Param{
	{Name: "name"}, {Name: "n", Kind: gocore.ParamInt}, {Name: "rest", Kind: gocore.ParamRest},
}

// templateRequest has values of which each needs to be escaped somewhere.
func templateRequest(name, n string) *gocore.Request {
	request := withParams(newRequest("X-One: <1>", "X-One: 2", "x-two: \xff"), name, n, `a/"b"`)
	request.Query = []byte("q=%3Cb%3E+c&q=2&e=&z")
	return request
}

func TestTemplatesAreFilledIn(t *testing.T) {
	for _, test := range []struct{ format, template, want string }{
		{"", "Hello {name}!", "Hello <W>!"},
		{"text", "{name}", "<W>"},
		{"text", "{{{name}}} {{name}}", "{<W>} {name}"},
		{"text", "{name}{n}{rest}{name}", `<W>-7a/"b"<W>`},
		{"text", "ü {query.q}, {query.e}{query.z}{query.none}.", "ü <b> c, ."},
		{"text", "{header.x-one} {header.X-Two} {header.None}", "<1> \uFFFD "},
		{"html", "<p>{name} {n} {query.q} {header.X-One}</p>", "<p>&lt;W&gt; -7 &lt;b&gt; c &lt;1&gt;</p>"},
		{"json", `{{"a": {name}, "b": {n}, "c": [{query.none}, {rest}]}}`,
			`{"a": "\u003cW\u003e", "b": -7, "c": ["", "a/\"b\""]}`},
		{"json", `"{name}-{n} \"{rest}\" \\{n}"`, `"\u003cW\u003e--7 \"a/\"b\"\" \\-7"`},
		{"json", `{{{name}: 1, "{n}": {{}}}}`, `{"\u003cW\u003e": 1, "-7": {}}`},
		{"json", ` {n} `, ` -7 `},
		{"json", `{n}.5e{n}`, `-7.5e-7`},
		{"text", strings.Repeat("long ", 9) + "{name}" + strings.Repeat(" text", 9),
			strings.Repeat("long ", 9) + "<W>" + strings.Repeat(" text", 9)},
	} {
		handler := build(t, NewTemplate, TemplateSpec{Template: test.template, Format: test.format}, templateParams...)
		response := serve(t, handler, templateRequest("<W>", "-7"))
		assert.Equal(t, test.want, string(response.Bytes()), test.template)
		assert.Equal(t, gocore.StatusOK, response.Status)
	}
}

func TestTemplatesHaveTheTypeOfTheirFormat(t *testing.T) {
	for format, want := range map[string]string{"": PlainText, "text": PlainText, "html": HTML, "json": JSON} {
		handler := build(t, NewTemplate, TemplateSpec{Template: "{n}", Format: format}, templateParams...)
		response := serve(t, handler, templateRequest("", "1"))
		assert.Equal(t, "Content-Type: "+want+"\r\n", string(response.Header.Block()))
	}
	handler := build(t, NewTemplate, TemplateSpec{Template: "{n}", Status: 404,
		Headers: Fields{{"X", "y"}, {"content-type", "text/csv"}}}, templateParams...)
	response := serve(t, handler, templateRequest("", "1"))
	assert.Equal(t, "X: y\r\ncontent-type: text/csv\r\n", string(response.Header.Block()))
	assert.Equal(t, gocore.Status(404), response.Status)
}

func TestATemplateWithoutPlaceholdersIsAConstant(t *testing.T) {
	handler := build(t, NewTemplate, TemplateSpec{Template: "{{}}", Format: "json"})
	require.IsType(t, Constant{}, handler)
	rendered := serve(t, handler, newRequest()).Rendered()
	assert.Equal(t, "{}", string(rendered.Body))
	assert.Equal(t, "Content-Type: application/json\r\n", string(rendered.Header.Block()))
}

func TestTemplateRefusesWhatCannotBeServed(t *testing.T) {
	const (
		names  = `; choose one of {name}, {n}, {rest}, {query.NAME}, {header.NAME}, or write "{{" and "}}" for braces`
		braces = `; write "{{" and "}}" for the braces of JSON`
		first  = "template: is not JSON, with values for its placeholders, at the end of "
	)
	for _, test := range []struct {
		spec TemplateSpec
		want string
	}{
		{TemplateSpec{Template: "{nam}"}, "template: {nam} at byte 0 is not known" + names},
		{TemplateSpec{Template: "Hello {}"}, "template: {} at byte 6 has no name" + names},
		{TemplateSpec{Template: "{name:>5}"}, "template: {name:>5} at byte 0 is not known" + names},
		{TemplateSpec{Template: "{query.}"}, "template: {query.} at byte 0 is not known" + names},
		{TemplateSpec{Template: "{header.}"}, "template: {header.} at byte 0 is not known" + names},
		{TemplateSpec{Template: "{header.a b}"}, "template: {header.a b} at byte 0 is not known" + names},
		{TemplateSpec{Template: "{cookie.a}"}, "template: {cookie.a} at byte 0 is not known" + names},
		{TemplateSpec{Template: "{name"}, `template: has a "{" at byte 0 that nothing closes; write "{{" for a brace`},
		{TemplateSpec{Template: "a\x00"}, "template: has a NUL character at byte 1; remove it"},
		{TemplateSpec{Template: "\xff"}, "template: is not valid UTF-8"},
		{TemplateSpec{Format: "xml"}, `format: "xml" is not known; choose "text", "html" or "json"`},
		{TemplateSpec{Template: "{n}", Status: 99}, "status: status 99 is not a final status (200 to 599)"},
		{TemplateSpec{Template: "{n}", Status: 204}, "status: status 204 allows no content (RFC 9110, section 6.4.1)"},
		{TemplateSpec{Template: "x", Status: 205}, "status: status 205 allows no content (RFC 9110, section 6.4.1)"},
		{TemplateSpec{Template: "{n}", Headers: Fields{{"Date", "x"}}}, "headers[0]: Date is written by the server; remove it"},
		{TemplateSpec{Template: "{n}", Headers: Fields{{"content-type", "Text/HTML ; charset=utf-8"}}},
			`headers: have a Content-Type of HTML, in which values must be escaped; write the format "html"`},
		{TemplateSpec{Template: `{"a": {name}}`, Format: "json"}, `template: has a "{" at byte 0 that nothing closes; write "{{" for a brace`},
		{TemplateSpec{Template: ``, Format: "json"}, first + `"": unexpected end of JSON input` + braces},
		{TemplateSpec{Template: `[{name}`, Format: "json"}, first + `"[\"x\"": unexpected end of JSON input` + braces},
		{TemplateSpec{Template: `[{name}{n}]`, Format: "json"}, first + `"[\"x\"0": invalid character '0' after array element` + braces},
		{TemplateSpec{Template: `{{{n}: 1}}`, Format: "json"},
			first + `"{0": invalid character '0' looking for beginning of object key string` + braces},
		{TemplateSpec{Template: `-{n}`, Format: "json"}, first + `"--": invalid character '-' in numeric literal` + braces},
		{TemplateSpec{Template: `1{n}`, Format: "json"}, first + `"1-": invalid character '-' after top-level value` + braces},
		{TemplateSpec{Template: `{n}1`, Format: "json"}, first + `"01": invalid character '1' after top-level value` + braces},
		{TemplateSpec{Template: `"\{name}"`, Format: "json"}, first + `"\"\\x": invalid character 'x' in string escape code` + braces},
		{TemplateSpec{Template: `"\u00{n}1"`, Format: "json"},
			first + `"\"\\u00x": invalid character 'x' in \u hexadecimal character escape` + braces},
	} {
		_, err := NewTemplate(test.spec, templateParams)
		assert.EqualError(t, err, test.want)
		assert.IsType(t, &gocore.FieldError{}, err, test.want)
	}
}

func TestAParameterMayHaveTheNameOfASource(t *testing.T) {
	handler := build(t, NewTemplate, TemplateSpec{Template: "{query} {query.q}"}, gocore.Param{Name: "query"})
	request := withParams(newRequest(), "a")
	request.Query = []byte("q=b")
	assert.Equal(t, "a b", string(serve(t, handler, request).Bytes()))
}

// FuzzTemplateJSON: a template that is accepted is JSON, whatever its values are.
func FuzzTemplateJSON(f *testing.F) {
	f.Add(`{{"a": {name}, "b": "{rest}{n}"}}`, "x", int64(7), `"`)
	f.Add(`[{n}.5, {n}e1, 1e{n}, "\\{name}"]`, `\`, int64(-7), "\xff")
	f.Fuzz(func(t *testing.T, template, name string, n int64, rest string) {
		handler, err := NewTemplate(TemplateSpec{Template: template, Format: "json"}, templateParams)
		if err != nil {
			return
		}
		number, err := json.Marshal(n)
		require.NoError(t, err)
		request := withParams(newRequest(), name, string(number), rest)
		response := serve(t, handler, request)
		body := response.Bytes()
		if response.Kind() == gocore.RenderedBody {
			body = response.Rendered().Body
		}
		require.True(t, json.Valid(body), "%s", body)
	})
}

func TestTemplateDoesNotAllocate(t *testing.T) {
	for format, template := range map[string]string{
		"text": "Hello {name}, {rest}, {query.q}, {query.none}, {header.X-One}!",
		"html": "<p>{name} {n} {rest} {query.q} {header.X-Two}</p>",
		"json": `{{"a": {name}, "b": "{rest}", "c": {query.q}, "d": {n}}}`,
	} {
		handler := build(t, NewTemplate, TemplateSpec{Template: template, Format: format}, templateParams...)
		assertNoAllocations(t, handler, templateRequest(strings.Repeat("long <i>", 20), "-7"))
	}
}

// Whatever memory the response has, and however much of it a value takes.
func TestTemplatesGrowTheirMemory(t *testing.T) {
	handler := build(t, NewTemplate, TemplateSpec{Template: "a{name}b{rest}c{name}d"}, templateParams...)
	for size := range 100 {
		name := strings.Repeat("n", size)
		request, want := templateRequest(name, "1"), "a"+name+`ba/"b"c`+name+"d"
		for room := range 250 {
			response := gocore.Response{Scratch: make([]byte, 0, room)}
			handler.Serve(request, &response)
			if got := string(response.Bytes()); got != want {
				t.Fatalf("%q with room for %d, not %q", got, room, want)
			}
		}
	}
}
