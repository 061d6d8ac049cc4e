package server

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/handler"
)

func compile(text string) (*table, *Error) {
	source, failure := parseDocument(text)
	if failure != nil {
		return nil, failure
	}
	return testKinds().compile(source, 1)
}

func TestTableFindsRoutesAndRefusesOthers(t *testing.T) {
	compiled, failure := compile(documentOf(
		getText("/", "root"),
		getText("/a%20b", "encoded"),
		routeOf("POST", "/users", textHandler("posted")),
		routeOf("HEAD", "/head", textHandler("")),
		routeOf("GET", "/head", textHandler("got")),
		routeOf("GET", "/fibonacci", `{"kind": "builtin", "spec": {"name": "fibonacci"}}`),
	))
	require.Nil(t, failure)
	for _, test := range []struct {
		method      gocore.Method
		path        string
		status      gocore.Status
		body, allow string
	}{
		{gocore.MethodGet, "/", 200, "root", ""},
		{gocore.MethodHead, "/", 200, "root", ""},
		{gocore.MethodGet, "/a%20b", 200, "encoded", ""},
		{gocore.MethodGet, "/a%2520b", 404, "404 Not Found\n", ""},
		{gocore.MethodGet, "/nowhere", 404, "404 Not Found\n", ""},
		{gocore.MethodOther, "/nowhere", 501, "501 Not Implemented\n", ""},
		{gocore.MethodPost, "/users", 200, "posted", ""},
		{gocore.MethodHead, "/users", 405, "405 Method Not Allowed\n", "OPTIONS, POST"},
		{gocore.MethodPost, "/", 405, "405 Method Not Allowed\n", "GET, HEAD, OPTIONS"},
		{gocore.MethodOther, "/", 501, "501 Not Implemented\n", ""},
		{gocore.MethodConnect, "", 405, "405 Method Not Allowed\n", "GET, HEAD, OPTIONS, POST"},
		{gocore.MethodTrace, "/", 405, "405 Method Not Allowed\n", "GET, HEAD, OPTIONS"},
		{gocore.MethodGet, "/a/../b", 400, "the path has a dot segment or NUL, encoded or not (RFC 3986, section 3.3)\n", ""},
		{gocore.MethodOptions, "/", 204, "", "GET, HEAD, OPTIONS"},
		{gocore.MethodOptions, "/nowhere", 404, "404 Not Found\n", ""},
		{gocore.MethodOptions, "*", 204, "", "GET, HEAD, OPTIONS, POST"},
		{gocore.MethodHead, "/head", 200, "", ""},
		{gocore.MethodGet, "/head", 200, "got", ""},
	} {
		found := compiled.find(&gocore.Request{Method: test.method, Path: []byte(test.path)})
		var response gocore.Response
		require.Equal(t, gocore.Answered, found.Handler.Serve(new(gocore.Request), &response))
		rendered := response.Rendered()
		assert.Equal(t, test.status, rendered.Status, "%s %s", test.method, test.path)
		assert.Equal(t, test.body, string(rendered.Body), "%s %s", test.method, test.path)
		assert.Equal(t, test.allow, string(rendered.Header.Get("Allow")), "%s %s", test.method, test.path)
		assert.Equal(t, defaultLimits.Body, found.MaxBody, "%s %s", test.method, test.path)
	}
	found := compiled.find(&gocore.Request{Method: gocore.MethodGet, Path: []byte("/fibonacci")})
	assert.Equal(t, handler.Fibonacci{}, found.Handler)
}

func TestTableWithoutRoutesFindsNothing(t *testing.T) {
	compiled, failure := compile(`{"version": 1, "limits": {"body": 5}}`)
	require.Nil(t, failure)
	found := compiled.find(&gocore.Request{Method: gocore.MethodGet, Path: []byte("/")})
	assert.Equal(t, int64(5), found.MaxBody)
	var response gocore.Response
	found.Handler.Serve(new(gocore.Request), &response)
	assert.Equal(t, gocore.StatusNotFound, response.Rendered().Status)
}

func TestFindDoesNotAllocate(t *testing.T) {
	compiled, failure := compile(documentOf(getText("/", "root")))
	require.Nil(t, failure)
	request := &gocore.Request{Method: gocore.MethodGet, Path: []byte("/")}
	assert.Zero(t, testing.AllocsPerRun(100, func() { compiled.find(request) }))
}

func TestRouteErrorsNameThePlaceTheRouteAndItsLine(t *testing.T) {
	fine := getText("/fine", "fine")
	for _, test := range []struct{ route, want string }{
		{`7`, `routes[1]: is number; write an object (a route, registered at an unknown place)`},
		{`{}`, `routes[1].method: "" is not a method of routes; write GET, HEAD, POST, PUT, DELETE, OPTIONS or PATCH, or "*" for all of them` +
			` (a route, registered at an unknown place)`},
		{`{"method": "GET", "path": "/x", "haendler": {}, "source": "app.py:3"}`,
			`routes[1]: has an unknown field "haendler"; remove it (GET /x, registered at app.py:3)`},
		{`{"method": "GET", "path": 7, "source": "app.py:3"}`,
			`routes[1].path: is number; write a string (GET, registered at app.py:3)`},
		{`{"method": "got", "path": "/x", "source": "app.py:3"}`,
			`routes[1].method: "got" is not a method of routes; write GET, HEAD, POST, PUT, DELETE, OPTIONS or PATCH, or "*" for all of them` +
				` (got /x, registered at app.py:3)`},
		{`{"method": "GET", "path": "x", "source": "app.py:3"}`,
			`routes[1].path: "x" does not begin with "/"; write "/x" (GET x, registered at app.py:3)`},
		{`{"method": "GET", "path": "/x", "host": "a.test:80", "source": "app.py:3"}`,
			`routes[1].host: "a.test:80" has a port, which hosts are compared without; write "a.test" (GET a.test:80/x, registered at app.py:3)`},
		{`{"method": "GET", "path": "/x", "trailing_slash": "lax", "source": "app.py:3"}`,
			`routes[1].trailing_slash: "lax" is not known; write "strict" or "redirect" (GET /x, registered at app.py:3)`},
		{`{"method": "GET", "path": "/x"}`,
			`routes[1].handler: is not a handler; write an object with a "kind" (GET /x, registered at an unknown place)`},
		{`{"method": "GET", "path": "/x", "source": "app.py:3", "handler": {"kind": "constant", "spec": {"status": 7}}}`,
			`routes[1].handler.spec.status: status 7 is not a final status (200 to 599) (GET /x, registered at app.py:3)`},
	} {
		_, failure := compile(documentOf(fine, test.route))
		require.NotNil(t, failure, test.route)
		assert.Equal(t, Error{Code: CodeConfig, Message: test.want}, *failure, test.route)
	}
}

func TestARouteRegisteredTwiceNamesBothLines(t *testing.T) {
	at := func(source string) string {
		return `{"method": "GET", "path": "/x", "source": "` + source + `", "handler": ` + textHandler("x") + `}`
	}
	_, failure := compile(documentOf(getText("/", ""), at("app.py:3"), at("other.py:7")))
	require.NotNil(t, failure)
	assert.Equal(t, Error{Code: CodeConfig, Message: "routes[2]: GET /x is registered twice, " +
		"at app.py:3 and at other.py:7; remove one"}, *failure)

	_, failure = compile(documentOf(at(""), at("other.py:7")))
	require.NotNil(t, failure)
	assert.Contains(t, failure.Message, "at an unknown place and at other.py:7")
}

func TestRoutesThatCannotBeTogetherAreBothNamed(t *testing.T) {
	at := func(method, host, path, source string) string {
		return fmt.Sprintf(`{"method": %q, "host": %q, "path": %q, "source": %q, "handler": %s}`, method, host, path, source, textHandler("x"))
	}
	for _, test := range []struct{ first, second, want string }{
		{at("GET", "", "/users/{id}/posts", "app.py:3"), at("*", "", "/users/me/{page}", "other.py:7"),
			`routes[2]: GET /users/{id}/posts, registered at app.py:3, and * /users/me/{page}, registered at other.py:7, ` +
				`both match "/users/me/posts", and neither is more specific; change one of them`},
		{at("GET", "api.test", "/{a}", "app.py:3"), at("GET", "API.test", "/{b}", "other.py:7"),
			`routes[2]: GET api.test/{a}, registered at app.py:3, and GET API.test/{b}, registered at other.py:7, ` +
				`match the same requests; remove one`},
		{at("*", "", "/a%2fb/{x}", "app.py:3"), at("*", "", "/{y}/c", "other.py:7"),
			`routes[2]: * /a%2fb/{x}, registered at app.py:3, and * /{y}/c, registered at other.py:7, ` +
				`both match "/a%2Fb/c", and neither is more specific; change one of them`},
	} {
		_, failure := compile(documentOf(getText("/", ""), test.first, test.second))
		require.NotNil(t, failure)
		assert.Equal(t, Error{Code: CodeConfig, Message: test.want}, *failure)
	}
}

func TestARouteIsFoundByItsHostAndPattern(t *testing.T) {
	compiled, failure := compile(documentOf(
		`{"method": "*", "host": "Api.Test", "path": "/users/{id:int}", "trailing_slash": "redirect", "handler": ` + textHandler("api") + `}`,
	))
	require.Nil(t, failure)
	request := &gocore.Request{Method: gocore.MethodOther, Host: []byte("api.test:80"), Path: []byte("/users/42")}
	var response gocore.Response
	compiled.find(request).Handler.Serve(request, &response)
	assert.Equal(t, "api", string(response.Rendered().Body))
	assert.Equal(t, "42", string(request.Params.Value(0)))

	request.Path = []byte("/users/42/")
	assert.Equal(t, handler.TrailingSlash{}, compiled.find(request).Handler)
	request.Host = nil
	compiled.find(request).Handler.Serve(request, &response)
	assert.Equal(t, gocore.StatusNotImplemented, response.Rendered().Status)
}
