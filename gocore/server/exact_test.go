package server

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatReadersOfJSONDifferInIsRefused(t *testing.T) {
	route := func(text string) string { return documentOf(getText("/fine", "fine"), text) }
	const at = " (GET /x, registered at app.py:3)"
	const get = `"method": "GET", "path": "/x", "source": "app.py:3"`
	for _, test := range []struct{ text, want string }{
		{`{"Version": 1}`, `document: has an unknown field "Version"; remove it`},
		{`{"ver\u017fion": 1}`, `document: has an unknown field "verſion"; remove it`},
		{`{"version": 1, "version": 1}`, `document: has the field "version" twice; remove one`},
		{`{"version": 1, "v\u0065rsion": 1}`, `document: has the field "version" twice; remove one`},
		{`{"version": 1, "routes": null}`, `document.routes: is null; write a value, or leave it out`},
		{`{"version": 1, "routes": [null]}`, `document.routes[0]: is null; write a value, or leave it out`},
		{`{"version": 1, "limits": {"BODY": 1}}`, `document.limits: has an unknown field "BODY"; remove it`},
		{`{"version": 1, "limits": {"body": 1, "body": 2}}`, `document.limits: has the field "body" twice; remove one`},
		{`{"version": 1, "limits": {"body": null}}`, `document.limits.body: is null; write a value, or leave it out`},
		{route(`{` + get + `, "handler": {"Kind": "constant"}}`), `routes[1].handler: has an unknown field "Kind"; remove it` + at},
		{route(`{` + get + `, "handler": {"kind": "constant"}, "path": "/x"}`), `routes[1]: has the field "path" twice; remove one` + at},
		{route(`{` + get + `, "host": null, "handler": {"kind": "constant"}}`), `routes[1].host: is null; write a value, or leave it out` + at},
		{route(`{` + get + `, "handler": {"kind": "constant", "spec": null}}`), `routes[1].handler.spec: is null; write a value, or leave it out` + at},
		{route(`{` + get + `, "handler": {"kind": "constant", "spec": {"headers": [["A", "a"], ["B", null]]}}}`),
			`routes[1].handler.spec.headers[1][1]: is null; write a value, or leave it out` + at},
	} {
		_, failure := compile(test.text)
		require.NotNil(t, failure, test.text)
		assert.Equal(t, Error{Code: CodeConfig, Message: test.want}, *failure, test.text)
	}
}

func TestNamesMayBeWrittenWithEscapesAndSpace(t *testing.T) {
	_, failure := compile(" {\t\"v\\u0065rsion\"\r\n: 1 , \"limits\" : { } ,\n\"routes\" : [ ] } ")
	assert.Nil(t, failure)
}

// FuzzExact holds that the pass over the bytes finds what a pass by tokens finds.
func FuzzExact(f *testing.F) {
	for _, text := range []string{
		documentOf(getText("/", "Hello, \"World\"!\\")), `{"a": {"b": [1, -2e3, true, {}, [], [null]]}}`,
		`{"a": 1, "b": 2, "\u0061": 3}`, ` {"A" : {}} `, `{"": 1}`, `null`, ` 7 `, `"\\"`, `[[], {}, [null]]`,
	} {
		f.Add(text, 3)
	}
	f.Fuzz(func(t *testing.T, text string, levels int) {
		if !json.Valid([]byte(text)) || !utf8.ValidString(text) {
			return
		}
		levels = min(max(levels, 0), allLevels)
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		want, got := flawByTokens(decoder, "", levels), ""
		if failure := checkExact([]byte(text), "", levels); failure != nil {
			got = failure.Message
		}
		assert.Equal(t, want, got)
	})
}

func flawByTokens(decoder *json.Decoder, place string, levels int) string {
	if levels < 0 {
		var skipped json.RawMessage
		if err := decoder.Decode(&skipped); err != nil {
			panic(err)
		}
		return ""
	}
	token, err := decoder.Token()
	if err != nil {
		panic(err)
	}
	if token == nil {
		return place + ": is null; write a value, or leave it out"
	}
	_, nested := token.(json.Delim)
	var names []string
	for i := 0; nested && decoder.More(); i++ {
		inner := fmt.Sprintf("%s[%d]", place, i)
		if token == json.Delim('{') {
			name, err := decoder.Token()
			if err != nil {
				panic(err)
			}
			text := name.(string)
			inner = place + "." + text
			if levels > 0 && strings.ContainsFunc(text, func(r rune) bool {
				return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
			}) {
				return fmt.Sprintf("%s: has an unknown field %q; remove it", place, text)
			}
			if levels > 0 && slices.Contains(names, text) {
				return fmt.Sprintf("%s: has the field %q twice; remove one", place, text)
			}
			names = append(names, text)
		}
		if found := flawByTokens(decoder, inner, levels-1); found != "" {
			return found
		}
	}
	if nested {
		_, _ = decoder.Token() // the closing bracket
	}
	return ""
}
