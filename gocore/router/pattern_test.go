package router

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

func TestParseFindsParameters(t *testing.T) {
	pattern, err := Parse("/{a}/b/{_c1:int}/{Rest...}")
	require.NoError(t, err)
	assert.Equal(t, []gocore.Param{
		{Name: "a", Kind: gocore.ParamText}, {Name: "_c1", Kind: gocore.ParamInt}, {Name: "Rest", Kind: gocore.ParamRest},
	}, pattern.Params)
}

func TestParseTakesWhatClientsSend(t *testing.T) {
	for _, text := range []string{"/", "//", "/a/b", "/a%20b", "/%C3%a9", "/-._~!$&'()*+,;=:@", "/azAZ09", "/.well-known/...", "/{a}/", "/%3Aid", "/%2A", "/a:b", "/*a"} {
		_, err := Parse(text)
		assert.NoError(t, err, text)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, test := range []struct{ pattern, want string }{
		{"", `"" does not begin with "/"; write "/"`},
		{"a", `"a" does not begin with "/"; write "/a"`},
		{"{x}", `"{x}" does not begin with "/"; write "/{x}"`},
		{"/a b", `"/a b" has a byte 0x20 at 2 that a path cannot have; write it as "/a%20b"`},
		{"/x/{id}/é ?", `"/x/{id}/é ?" has a byte 0xc3 at 8 that a path cannot have; write it as "/x/{id}/%C3%A9%20%3F"`},
		{"/é", `"/é" has a byte 0xc3 at 1 that a path cannot have; write it as "/%C3%A9"`},
		{"/a?b", `"/a?b" has a byte 0x3f at 2 that a path cannot have; write it as "/a%3Fb"`},
		{"/#", `"/#" has a byte 0x23 at 1 that a path cannot have; write it as "/%23"`},
		{"/\n", `"/\n" has a control character 0x0a at 1; remove it`},
		{"/:id", `"/:id" has the segment ":id"; a parameter is written {name}, the rest of a path {name...}, and a literal ":" as "%3A"`},
		{"/users/*", `"/users/*" has the segment "*"; a parameter is written {name}, the rest of a path {name...}, and a literal "*" as "%2A"`},
		{"/**/x", `"/**/x" has the segment "**"; a parameter is written {name}, the rest of a path {name...}, and a literal "*" as "%2A"`},
		{"/%", `"/%" has a "%" at byte 1 without two hexadecimal digits; write "%25" for a percent sign`},
		{"/%4", `"/%4" has a "%" at byte 1 without two hexadecimal digits; write "%25" for a percent sign`},
		{"/a%4g", `"/a%4g" has a "%" at byte 2 without two hexadecimal digits; write "%25" for a percent sign`},
		{"/%g4", `"/%g4" has a "%" at byte 1 without two hexadecimal digits; write "%25" for a percent sign`},
		{"/%4/1", `"/%4/1" has a "%" at byte 1 without two hexadecimal digits; write "%25" for a percent sign`},
		{"/a%00", `"/a%00" has "%00" at byte 2, which stands for a control character; remove it`},
		{"/a%0A", `"/a%0A" has "%0A" at byte 2, which stands for a control character; remove it`},
		{"/a/../b", `"/a/../b" has the segment "..", which clients resolve before they ask; remove it`},
		{"/.", `"/." has the segment ".", which clients resolve before they ask; remove it`},
		{"/%2e%2E/b", `"/%2e%2E/b" has the segment "%2e%2E", which clients resolve before they ask; remove it`},
		{"/..%2Fb", `"/..%2Fb" has the segment "..%2Fb", which clients resolve before they ask; remove it`},
		{"/{id", `"/{id" has the segment "{id"; a parameter such as {id} takes a whole segment, and a brace of a literal is written %7B or %7D`},
		{"/id}", `"/id}" has the segment "id}"; a parameter such as {id} takes a whole segment, and a brace of a literal is written %7B or %7D`},
		{"/{a}.json", `"/{a}.json" has the segment "{a}.json"; a parameter such as {id} takes a whole segment, and a brace of a literal is written %7B or %7D`},
		{"/{a}{b}", `"/{a}{b}" has the segment "{a}{b}"; a parameter such as {id} takes a whole segment, and a brace of a literal is written %7B or %7D`},
		{"/{}", `"/{}" has the parameter {}, whose name "" is no identifier; write a name such as {id}`},
		{"/{1a}", `"/{1a}" has the parameter {1a}, whose name "1a" is no identifier; write a name such as {id}`},
		{"/{a-b}", `"/{a-b}" has the parameter {a-b}, whose name "a-b" is no identifier; write a name such as {id}`},
		{"/{...}", `"/{...}" has the parameter {...}, whose name "" is no identifier; write a name such as {id}`},
		{"/{a:str}", `"/{a:str}" has the parameter {a:str}, whose type "str" is not known; write {a} or {a:int}`},
		{"/{a...}/b", `"/{a...}/b" goes on behind {a...}, which takes all that is left; end with it or write {a}`},
		{"/{a...}/", `"/{a...}/" goes on behind {a...}, which takes all that is left; end with it or write {a}`},
		{"/{a}/{a:int}", `"/{a}/{a:int}" has two parameters called "a"; rename one`},
	} {
		_, err := Parse(test.pattern)
		if assert.Error(t, err, test.pattern) {
			assert.Equal(t, test.want, err.Error())
		}
	}
}

func TestParseTakesSixteenParameters(t *testing.T) {
	var pattern strings.Builder
	for i := range gocore.MaxParams {
		pattern.WriteString("/{p" + string(rune('a'+i)) + "}")
	}
	parsed, err := Parse(pattern.String())
	require.NoError(t, err)
	assert.Len(t, parsed.Params, gocore.MaxParams)
	_, err = Parse(pattern.String() + "/{one}")
	assert.ErrorContains(t, err, "has more than 16 parameters; take some of them from the query")
}

func TestIntsHaveOneForm(t *testing.T) {
	for _, text := range []string{"0", "7", "-7", "42", "9223372036854775807", "-9223372036854775808", "-1000000000000000000"} {
		assert.True(t, isInt([]byte(text)), text)
	}
	for _, text := range []string{"", "-", "-0", "00", "07", "-07", "+7", "7a", "a", " 7", "7 ", "1.0", "9223372036854775808", "-9223372036854775809", "10000000000000000000", "٣"} {
		assert.False(t, isInt([]byte(text)), text)
	}
}
