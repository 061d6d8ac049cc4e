package router

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

func build(t *testing.T, routes map[string][]gocore.Method) *Table[string] {
	t.Helper()
	var builder Builder[string]
	for path, methods := range routes {
		for _, method := range methods {
			_, added := builder.Add(method, path, method.String()+" "+path)
			require.True(t, added)
		}
	}
	return builder.Build("not found", func(allow string) string { return "allow " + allow })
}

func TestMatchFindsMethodAndExactPath(t *testing.T) {
	table := build(t, map[string][]gocore.Method{
		"/":      {gocore.MethodGet},
		"/users": {gocore.MethodGet, gocore.MethodPost},
		"/head":  {gocore.MethodGet, gocore.MethodHead},
	})
	for _, test := range []struct {
		method gocore.Method
		path   string
		want   string
	}{
		{gocore.MethodGet, "/", "GET /"},
		{gocore.MethodGet, "/users", "GET /users"},
		{gocore.MethodPost, "/users", "POST /users"},
		{gocore.MethodHead, "/users", "GET /users"},
		{gocore.MethodHead, "/head", "HEAD /head"},
		{gocore.MethodDelete, "/users", "allow GET, HEAD, POST"},
		{gocore.MethodOther, "/", "allow GET, HEAD"},
		{gocore.MethodGet, "/users/", "not found"},
		{gocore.MethodGet, "/Users", "not found"},
		{gocore.MethodGet, "", "not found"},
	} {
		assert.Equal(t, test.want, table.Match(test.method, []byte(test.path)), "%s %s", test.method, test.path)
	}
}

func TestAddRefusesATakenPlace(t *testing.T) {
	var builder Builder[int]
	_, added := builder.Add(gocore.MethodGet, "/", 1)
	require.True(t, added)
	earlier, added := builder.Add(gocore.MethodGet, "/", 2)
	assert.False(t, added)
	assert.Equal(t, 1, earlier)
	table := builder.Build(0, func(string) int { return -1 })
	assert.Equal(t, 1, table.Match(gocore.MethodGet, []byte("/")))
}

func TestMatchInAnEmptyTable(t *testing.T) {
	var builder Builder[int]
	table := builder.Build(404, func(string) int { return 405 })
	assert.Equal(t, 404, table.Match(gocore.MethodGet, []byte("/")))
}

func TestMatchDoesNotAllocate(t *testing.T) {
	table := build(t, map[string][]gocore.Method{"/users": {gocore.MethodGet}})
	known, unknown := []byte("/users"), []byte("/nobody")
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		table.Match(gocore.MethodGet, known)
		table.Match(gocore.MethodPost, known)
		table.Match(gocore.MethodGet, unknown)
	}))
}

func BenchmarkMatch(b *testing.B) {
	var builder Builder[int]
	builder.Add(gocore.MethodGet, "/", 1)
	builder.Add(gocore.MethodGet, "/fibonacci", 2)
	table := builder.Build(0, func(string) int { return 0 })
	path := []byte("/fibonacci")
	for b.Loop() {
		table.Match(gocore.MethodGet, path)
	}
}
