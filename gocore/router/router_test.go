package router

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

var testFallbacks = Fallbacks[string]{
	NotFound: "not found", Malformed: "malformed", NotImplemented: "not implemented", OtherSlash: "other slash",
	NotAllowed: func(allow string) string { return "not allowed " + allow },
	Options:    func(allow string) string { return "options " + allow },
}

// route makes a route out of "GET host/path", "*" for any method, with "~" behind it
// for SlashRedirect. Its payload is the text.
func route(t testing.TB, text string) Route[string] {
	t.Helper()
	rest, slash := strings.CutSuffix(text, "~")
	method, place, found := strings.Cut(rest, " ")
	require.True(t, found)
	slashAt := strings.IndexByte(place, '/')
	pattern, err := Parse(place[slashAt:])
	require.NoError(t, err)
	return Route[string]{
		Method: gocore.ParseMethod(method), Any: method == "*", Host: place[:slashAt],
		Pattern: pattern, SlashRedirect: slash, Payload: text,
	}
}

func build(t testing.TB, routes ...string) *Table[string] {
	t.Helper()
	table, conflict := tryBuild(t, routes...)
	require.Nil(t, conflict)
	return table
}

func tryBuild(t testing.TB, texts ...string) (*Table[string], *Conflict) {
	t.Helper()
	var routes []Route[string]
	for _, text := range texts {
		routes = append(routes, route(t, text))
	}
	return Build(routes, testFallbacks)
}

// ask matches "GET host/path" and returns the payload and the values.
func ask(table *Table[string], text string) string {
	var params gocore.Params
	method, place, _ := strings.Cut(text, " ")
	host, path := "", place
	if slash := strings.IndexByte(place, '/'); slash >= 0 {
		host, path = place[:slash], place[slash:]
	}
	found := []string{table.Match(gocore.ParseMethod(method), []byte(host), []byte(path), &params)}
	return strings.Join(append(found, values(&params)...), "|")
}

type asked struct{ request, want string }

func check(t *testing.T, table *Table[string], tests []asked) {
	t.Helper()
	for _, test := range tests {
		assert.Equal(t, test.want, ask(table, test.request), test.request)
	}
}

func TestTheMostSpecificPatternWins(t *testing.T) {
	routes := []string{
		"GET /{all...}", "GET /users", "GET /users/", "GET /users/{id}", "GET /users/{id:int}", "GET /users/me",
		"GET /users/{id}/posts", "GET /users/me/posts", "GET /users/{id}/{rest...}", "GET /users/mean",
	}
	tests := []asked{
		{"GET /", "GET /{all...}|"},
		{"GET /x/y", "GET /{all...}|x/y"},
		{"GET /users", "GET /users"},
		{"GET /users/", "GET /users/"},
		{"GET /users/ann", "GET /users/{id}|ann"},
		{"GET /users/42", "GET /users/{id:int}|42"},
		{"GET /users/-42", "GET /users/{id:int}|-42"},
		{"GET /users/042", "GET /users/{id}|042"},
		{"GET /users/me", "GET /users/me"},
		{"GET /users/mean", "GET /users/mean"},
		{"GET /users/meaner", "GET /users/{id}|meaner"},
		{"GET /users/m", "GET /users/{id}|m"},
		{"GET /users/me/posts", "GET /users/me/posts"},
		{"GET /users/me/post", "GET /users/{id}/{rest...}|me|post"},
		{"GET /users/42/posts", "GET /users/{id}/posts|42"},
		{"GET /users/42/", "GET /users/{id}/{rest...}|42|"},
		{"GET /users//", "GET /{all...}|users//"},
	}
	for range 2 {
		check(t, build(t, routes...), tests)
		for i, j := 0, len(routes)-1; i < j; i, j = i+1, j-1 { // the order does not matter
			routes[i], routes[j] = routes[j], routes[i]
		}
	}
}

func TestMethods(t *testing.T) {
	check(t, build(t,
		"GET /", "GET /both", "HEAD /both", "POST /both", "POST /users/me", "GET /users/{id}", "DELETE /users/{path...}",
		"* /any/{path...}", "PUT /any/{path...}", "OPTIONS /own", "GET /own",
	), []asked{
		{"HEAD /", "GET /"},
		{"HEAD /both", "HEAD /both"},
		{"POST /", "not allowed GET, HEAD, OPTIONS"},
		{"OPTIONS /", "options GET, HEAD, OPTIONS"},
		{"OPTIONS /own", "OPTIONS /own"},
		{"TRACE /", "not allowed GET, HEAD, OPTIONS"},
		{"CONNECT ", "not allowed DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"},
		{"PROPFIND /", "not implemented"},
		{"PROPFIND /nothing", "not implemented"},
		{"GET /users/me", "GET /users/{id}|me"},
		{"PUT /users/me", "not allowed DELETE, GET, HEAD, OPTIONS, POST"},
		{"DELETE /users/me", "DELETE /users/{path...}|me"},
		{"GET /any/x", "* /any/{path...}|x"},
		{"PUT /any/x", "PUT /any/{path...}|x"},
		{"OPTIONS /any/x", "* /any/{path...}|x"},
		{"PROPFIND /any/x", "* /any/{path...}|x"},
		{"TRACE /any/x", "not allowed DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"},
		{"OPTIONS *", "options DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"},
		{"GET /nothing", "not found"},
		{"OPTIONS /nothing", "not found"},
	})
}

func TestHosts(t *testing.T) {
	check(t, build(t, "GET Api.test/", "POST api.test/both", "GET /both", "GET /", "GET /every"), []asked{
		{"GET api.test/", "GET Api.test/"},
		{"GET API.Test:8080/", "GET Api.test/"},
		{"GET other.test/", "GET /"},
		{"GET /", "GET /"},
		{"GET api.test/every", "GET /every"},
		{"GET api.test/both", "GET /both"},
		{"PUT api.test/both", "not allowed GET, HEAD, OPTIONS, POST"},
		{"PUT other.test/both", "not allowed GET, HEAD, OPTIONS"},
		{"GET api.test./", "GET /"},
		{"GET " + strings.Repeat("a", 300) + "/", "GET /"},
	})
	check(t, build(t, "GET api.test/", "GET [::1]/"), []asked{
		{"GET other.test/", "not found"},
		{"GET [::1]:80/", "GET [::1]/"},
		{"GET [::1]/", "GET [::1]/"},
	})
}

func TestPathsAreDecodedOnce(t *testing.T) {
	check(t, build(t, "GET /a%20b/%7Bx%7D", "GET /caf%C3%A9", "GET /users/{id}", "GET /a%2Fb", "GET /files/{path...}", "GET /100%25", "GET /n/{n:int}"), []asked{
		{"GET /a%20b/%7bx%7D", "GET /a%20b/%7Bx%7D"},
		{"GET /caf%c3%a9", "GET /caf%C3%A9"},
		{"GET /%75sers/a%20b", "GET /users/{id}|a b"},
		{"GET /users/a%2Fb", "GET /users/{id}|a/b"},
		{"GET /users/a%252Fb", "GET /users/{id}|a%2Fb"},
		{"GET /a%2fb", "GET /a%2Fb"},
		{"GET /a/b", "not found"},
		{"GET /100%25", "GET /100%25"},
		{"GET /100%2525", "not found"},
		{"GET /files/a%2Fb/c%0a", "GET /files/{path...}|a/b/c\n"},
		{"GET /n/%34%32", "GET /n/{n:int}|42"},
		{"GET /users/%ff", "GET /users/{id}|\xff"},
		{"GET /users/%00", "malformed"},
		{"GET /nothing/%00", "malformed"},
	})
}

func TestDotSegmentsAreRefused(t *testing.T) {
	table := build(t, "GET /", "GET /users/{id}", "GET /files/{path...}", "GET /.well-known/{name}", "POST /post")
	for _, path := range []string{
		"/.", "/..", "/./", "/../", "/users/.", "/users/..", "/users/%2e", "/users/%2E%2e", "/users/../users/x",
		"/files/..", "/files/../x", "/files/a/..", "/files/a/../b", "/files/a/./b", "/files/.", "/files/a%2f..%2fb",
		"/files/..%2Fb", "/files/%2e%2e/b", "/nothing/..", "/users/a/../b", "/post/..", "/post/../post",
	} {
		assert.Equal(t, "malformed", ask(table, "GET "+path), path)
	}
	check(t, table, []asked{
		{"GET /users/...", "GET /users/{id}|..."},
		{"GET /users/.a", "GET /users/{id}|.a"},
		{"GET /users/..a", "GET /users/{id}|..a"},
		{"GET /files/.a/..b/c.", "GET /files/{path...}|.a/..b/c."},
		{"GET /.well-known/..x", "GET /.well-known/{name}|..x"},
	})
}

func TestOtherSlash(t *testing.T) {
	check(t, build(t, "GET /a~", "GET /b/~", "GET /strict", "GET /files/{path...}~", "GET /p/{x}/{y}/~", "POST /a/", "GET one.test/h~", "GET /~"), []asked{
		{"GET /a/", "other slash"},
		{"PUT /a/", "not allowed OPTIONS, POST"},
		{"OPTIONS /a/", "options OPTIONS, POST"},
		{"OPTIONS /b", "not found"},
		{"GET /b", "other slash"},
		{"HEAD /b", "other slash"},
		{"POST /b", "not found"},
		{"GET /strict/", "not found"},
		{"GET /files", "other slash"},
		{"GET /p/x%20/y", "other slash"},
		{"GET /p/x%2F/y", "other slash"},
		{"GET /p/x/..", "malformed"},
		{"GET one.test/h/", "other slash"},
		{"GET two.test/h/", "not found"},
		{"GET //", "not found"},
		{"GET //a", "not found"},
	})
}

func TestTwoRoutesInOnePlaceConflict(t *testing.T) {
	for _, test := range []struct{ first, second string }{
		{"GET /", "GET /"},
		{"GET /{a}", "GET /{b}"},
		{"GET /{a:int}/x", "GET /{b:int}/x"},
		{"GET /{a...}", "GET /{b...}"},
		{"* /a", "* /a"},
		{"GET api.test/", "GET API.test/"},
		{"GET /caf%C3%A9", "GET /caf%c3%a9"},
		{"GET /a", "GET /%61"},
	} {
		_, conflict := tryBuild(t, test.first, "POST /a", test.second)
		if assert.NotNil(t, conflict, test.second) {
			assert.Equal(t, Conflict{First: 0, Second: 2}, *conflict)
		}
	}
}

func TestAmbiguousRoutesConflict(t *testing.T) {
	for _, test := range []struct{ first, second, path string }{
		{"GET /users/{id}/posts", "GET /users/me/{page}", "/users/me/posts"},
		{"GET /static/{path...}", "GET /{user}/{repo}", "/static/0"},
		{"GET /a/{path...}", "GET /{x}/b/c", "/a/b/c"},
		{"GET /{x}/{y:int}", "GET /{x:int}/{y}", "/0/0"},
		{"GET /{x}/{y:int}/{z}", "GET /7/{y}/c", "/7/0/c"},
		{"GET /{x}/b/{r...}", "GET /a/{y}/", "/a/b/"},
		{"HEAD /a/{x}", "GET /{y}/b", "/a/b"},
		{"* /a/{x}", "POST /{y}/b", "/a/b"},
	} {
		for _, order := range [][]string{{test.first, test.second}, {test.second, test.first}} {
			_, conflict := tryBuild(t, "GET /{all...}", "GET /a/b/c/d", order[0], "POST /z/z/{q}", order[1])
			if assert.NotNil(t, conflict, "%v", order) {
				assert.Equal(t, Conflict{First: 2, Second: 4, Path: test.path}, *conflict)
			}
		}
	}
	for _, routes := range [][]string{
		{"POST /users/{id}/posts", "GET /users/me/{page}"},
		{"GET one.test/a/{x}", "GET /{y}/b"},
		{"GET /a/{x}/c", "GET /{y}/b/d"},
		{"GET /a/{x}/c", "GET /{y}/b"},
		{"GET /{x:int}/b", "GET /a/{y}"},
		{"GET /a/{x}", "GET /{y}/"},
		{"GET /a/{x...}", "GET /{y}/{z...}"},
	} {
		build(t, routes...)
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	table := build(t, "GET /users/{id}/posts/{post:int}", "GET /users/{id}/posts/{slug}", "GET /files/{path...}~", "GET api.test/", "GET /a")
	var params gocore.Params
	host := []byte("API.example.test:8080")
	for _, text := range []string{
		"/users/ann/posts/7", "/users/a%20b/posts/x%2Fy", "/files/a/b", "/a", "/nothing", "/files", "/a/../b", "/a/",
	} {
		path := []byte(text)
		match := func() {
			table.Match(gocore.MethodGet, host, path, &params)
			table.Match(gocore.MethodPost, host, path, &params)
		}
		match() // which gets the memory for a decoded path
		assert.Zero(t, testing.AllocsPerRun(100, match), text)
	}
}

func TestAnEmptyTableFindsNothing(t *testing.T) {
	check(t, build(t), []asked{{"GET /", "not found"}, {"OPTIONS *", "options OPTIONS"}, {"GET /..", "malformed"}})
}
