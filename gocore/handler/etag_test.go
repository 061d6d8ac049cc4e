package handler

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

func TestEntityTags(t *testing.T) {
	for text, want := range map[string]bool{
		`"a"`: true, `""`: true, `W/"a"`: true, `"!#~é` + "\x80\xff" + `"`: true, `"a,b"`: true, `"*"`: true,
		``: false, `a`: false, `"`: false, `"a`: false, `a"`: false, `w/"a"`: false, `W/`: false, `W/a`: false,
		`W/W/"a"`: false, `W/ "a"`: false, `"a b"`: false, `"a" `: false, ` "a"`: false, `"a""b"`: false, "\"\x7f\"": false,
		"\"\t\"": false, `*`: false,
	} {
		assert.Equal(t, want, isEntityTag(text), "%q", text)
	}
}

func TestEntityTagDependsOnWhatIsSent(t *testing.T) {
	seen := map[string]string{}
	for _, test := range []struct{ lines, body string }{
		{"", "a"}, {"", "b"}, {"Content-Type: a\r\n", ""}, {"Content-Type: text/plain\r\n", "a"}, {"Content-Type: text/html\r\n", "a"},
		{"Content-Encoding: text/plain\r\n", "a"}, {"Content-Language: text/plain\r\n", "a"},
	} {
		var header gocore.Header
		header.Borrow([]byte(test.lines))
		tag := entityTag(&header, []byte(test.body))
		assert.Regexp(t, `^"[A-Za-z0-9_-]{16}"$`, tag)
		assert.NotContains(t, seen, tag)
		seen[tag] = test.lines
	}
	var plain, cached gocore.Header
	cached.Borrow([]byte("Cache-Control: no-cache\r\n"))
	assert.Equal(t, entityTag(&plain, []byte("a")), entityTag(&cached, []byte("a")), "the representation is the same")
}

var noneMatchTests = []struct {
	name  string
	lines []string
	want  bool
}{
	{"no field", nil, false},
	{"another field", []string{`If-Match: "a"`, `If-None-Matches: "a"`}, false},
	{"the tag", []string{`If-None-Match: "a"`}, true},
	{"another tag", []string{`If-None-Match: "b"`}, false},
	{"a longer tag", []string{`If-None-Match: "ab"`}, false},
	{"a weak tag", []string{`If-None-Match: W/"a"`}, true},
	{"any", []string{`If-None-Match: *`}, true},
	{"the name in another case", []string{`if-none-MATCH:"a"`}, true},
	{"the last of a list", []string{`If-None-Match: "b", W/"c","d"` + "\t, \"a\""}, true},
	{"empty elements", []string{`If-None-Match: ,, "b",,"a",`}, true},
	{"nothing", []string{`If-None-Match:`}, false},
	{"the second line", []string{`If-None-Match: "b"`, `X: y`, `If-None-Match: "a"`}, true},
	{"a comma in a tag", []string{`If-None-Match: "b,"a"`}, false},
	{"behind what is malformed", []string{`If-None-Match: b, "a"`}, false},
	{"a line behind what is malformed", []string{`If-None-Match: "b`, `If-None-Match: "a"`}, false},
	{"before what is malformed", []string{`If-None-Match: "a", b`}, true},
	{"without a comma", []string{`If-None-Match: "b" "a"`}, false},
	{"followed by text", []string{`If-None-Match: "a"b`}, false},
	{"without quotes", []string{`If-None-Match: a`}, false},
	{"any in a list", []string{`If-None-Match: "b", *`}, false},
	{"any with another", []string{`If-None-Match: *, "a"`}, false},
	{"any before a line", []string{`If-None-Match: *`, `If-None-Match: "a"`}, false},
	{"any behind a line", []string{`If-None-Match: "b"`, `If-None-Match: *`}, false},
	{"any twice", []string{`If-None-Match: *`, `If-None-Match: *`}, false},
}

func TestIfNoneMatch(t *testing.T) {
	for _, test := range noneMatchTests {
		request := newRequest(test.lines...)
		assert.Equal(t, test.want, noneMatchFails(&request.Header, []byte(`"a"`)), test.name)
	}
}

// FuzzIfNoneMatch holds the reading of If-None-Match, on two lines, to a plain
// model of its grammar.
func FuzzIfNoneMatch(f *testing.F) {
	for _, test := range noneMatchTests {
		if len(test.lines) == 2 {
			f.Add(valueOf(test.lines[0]), valueOf(test.lines[1]))
		} else if len(test.lines) == 1 {
			f.Add(valueOf(test.lines[0]), "")
		}
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		var header gocore.Header
		if header.Add("If-None-Match", first) != nil || header.Add("If-None-Match", second) != nil {
			return
		}
		require.Equal(t, modelNoneMatch(first+", "+second), noneMatchFails(&header, []byte(`"a"`)))
	})
}

func valueOf(line string) string {
	_, value, _ := strings.Cut(line, ":")
	return strings.TrimSpace(value)
}

var modelElement = regexp.MustCompile(`^[ \t,]*(?:W/)?("[!#-~\x{80}-\x{ff}]*")[ \t]*(?:,|$)`)

// modelNoneMatch reads the value of all lines together, byte by byte as Latin-1:
// element after element, as long as they are well-formed. It is for two lines, of
// which "*" can be none.
func modelNoneMatch(value string) bool {
	latin := make([]rune, len(value))
	for i := range len(value) {
		latin[i] = rune(value[i])
	}
	for rest := string(latin); ; {
		element := modelElement.FindStringSubmatch(rest)
		if element == nil {
			return false
		}
		if element[1] == `"a"` {
			return true
		}
		rest = rest[len(element[0]):]
	}
}
