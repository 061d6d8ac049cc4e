package router

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

// FuzzPattern holds that no pattern makes a panic, and that one without parameters
// which is accepted is found by a request for itself and says the same when decoded.
func FuzzPattern(f *testing.F) {
	for _, text := range []string{"/", "/a%2Fb/{id}", "/{id:int}/{path...}", "/%2e", "/{", "/caf%C3%A9/.x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		pattern, err := Parse(text)
		if err != nil {
			assert.NotEmpty(t, err.Error())
			return
		}
		table, conflict := Build([]Route[string]{{Method: gocore.MethodGet, Pattern: pattern, Payload: "it"}}, testFallbacks)
		require.Nil(t, conflict)
		if len(pattern.Params) > 0 {
			return
		}
		var params gocore.Params
		require.Equal(t, "it", table.Match(gocore.MethodGet, nil, []byte(text), &params))
		decoded, err := url.PathUnescape(text)
		require.NoError(t, err)
		require.Equal(t, decoded, strings.ReplaceAll(pattern.key, "\x00", "/"))
	})
}

// FuzzPath holds that no path makes a panic, that values are what the path says when
// it is decoded, and that none has a dot segment.
func FuzzPath(f *testing.F) {
	for _, path := range []string{"/", "/a/b", "/users/a%2Fb/..", "/files/%2e%2E/x", "/%", "/7/x%", "//"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if !strings.HasPrefix(path, "/") || strings.ContainsRune(path, 0) {
			return // as the parser sees to
		}
		table := build(t, "GET /{first}", "GET /{number:int}/x", "GET /files/{path...}~", "POST /{a}/{b}/{c...}")
		for _, method := range []gocore.Method{gocore.MethodGet, gocore.MethodPost} {
			var params gocore.Params
			found := table.Match(method, nil, []byte(path), &params)
			decoded, err := url.PathUnescape(path)
			for i := range params.Len() {
				value := string(params.Value(i))
				assert.False(t, hasDotSegment(value), found)
				if err == nil {
					assert.Contains(t, decoded, value)
				}
			}
		}
	})
}
