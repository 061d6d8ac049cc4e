package handler

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestForms(t *testing.T) {
	for _, test := range []struct {
		form        *form
		value, want string
	}{
		{asText, "", ""},
		{asText, "plain <b>\x00\n", "plain <b>\x00\n"},
		{asText, "grüß dich \xff!", "grüß dich \uFFFD!"},
		{asText, "\xe2\x82", "\uFFFD\uFFFD"},
		{asText, "\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},
		{asHTML, `<a href="x" id='y'>&amp;</a>`, "&lt;a href=&#34;x&#34; id=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;"},
		{asHTML, "ü\xff\u2028", "ü\uFFFD\u2028"},
		{inJSON, `say "hi" \ </script>`, `say \"hi\" \\ \u003c/script\u003e`},
		{inJSON, "\x00\x1f\n\r\t\b&\x7f", `\u0000\u001f\n\r\t\u0008\u0026` + "\x7f"},
		{inJSON, "ü\u2027\u2028\u2029\u202a\xff😀", `ü` + "\u2027" + `\u2028\u2029` + "\u202a\uFFFD😀"},
		{inURL, "aZ09-._~", "aZ09-._~"},
		{inURL, "/\\?#%&+ =@:ü\xff\x00\r\n", "%2F%5C%3F%23%25%26%2B%20%3D%40%3A%C3%BC%FF%00%0D%0A"},
		{inPath, "/a/b\\c?", "/a/b%5Cc%3F"},
	} {
		assert.Equal(t, test.want, string(test.form.append([]byte("x"), []byte(test.value))[1:]), "%q", test.value)
	}
}

// Every byte, at every place of values around the sizes at which the way changes.
func TestShortAndLongValuesAreWrittenAlike(t *testing.T) {
	for _, form := range []*form{asText, asHTML, inJSON, inURL, inPath} {
		for _, size := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 50} {
			for at := range size * 256 {
				value := bytes.Repeat([]byte("a"), size)
				value[at/256] = byte(at)
				want := plainForm(form, value)
				if got := string(form.append(nil, value)); got != want {
					t.Fatalf("%q is written %q, not %q", value, got, want)
				}
				var short [shortSize]byte
				if size > shortSize {
					continue
				}
				stored := form.put(&short, value)
				if stored != (want == string(value)) || stored && string(short[:size]) != want {
					t.Fatalf("%q is stored as %q: %v", value, short[:size], stored)
				}
			}
		}
	}
}

// plainForm is the model of a form: character by character.
func plainForm(f *form, value []byte) string {
	if !f.text {
		return string(f.appendEscaped(nil, value))
	}
	var want strings.Builder
	for _, r := range string(value) {
		if r < utf8.RuneSelf {
			want.Write(f.appendEscaped(nil, []byte{byte(r)}))
		} else {
			want.WriteRune(r)
		}
	}
	return want.String()
}

// FuzzForms: whoever reads a value in its form gets the value, and nothing that
// would end the place where it is put.
func FuzzForms(f *testing.F) {
	for _, seed := range []string{"", "plain", `<"'&>`, "\xff\x00\u2028", "a/../b?c#d%41", "\\\r\n+"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		text := strings.ToValidUTF8(value, "\uFFFD")
		if strings.Contains(value, "\xff") || !utf8.ValidString(value) {
			text = string([]rune(value)) // a replacement for each byte
		}
		written := func(form *form) string { return string(form.append(nil, []byte(value))) }
		require.Equal(t, text, written(asText))

		require.Equal(t, text, html.UnescapeString(written(asHTML)))
		require.False(t, strings.ContainsAny(written(asHTML), `<>"'`))

		var decoded string
		require.NoError(t, json.Unmarshal([]byte(`"`+written(inJSON)+`"`), &decoded))
		require.Equal(t, text, decoded)
		require.False(t, strings.ContainsAny(written(inJSON), "<>&\u2028\u2029"))

		for form, kept := range map[*form]string{inURL: "", inPath: "/"} {
			unescaped, err := url.PathUnescape(written(form))
			require.NoError(t, err)
			require.Equal(t, value, unescaped)
			rest := strings.Trim(written(form), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%"+kept)
			require.Empty(t, rest, fmt.Sprintf("%q", written(form)))
		}
	})
}
