package handler

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

// The parameters that targets here may name.
var redirectParams = []gocore.Param{
	{Name: "id"}, {Name: "n", Kind: gocore.ParamInt}, {Name: "rest", Kind: gocore.ParamRest}, {Name: "more", Kind: gocore.ParamRest},
}

// locationOf returns the Location of an answer, rendered or not.
func locationOf(response *gocore.Response) (gocore.Status, string) {
	if response.Kind() == gocore.RenderedBody {
		return response.Rendered().Status, string(response.Rendered().Header.Get("Location"))
	}
	return response.Status, string(response.Header.Get("Location"))
}

func TestRedirectsLeadToTheTarget(t *testing.T) {
	for _, test := range []struct{ to, id, rest, query, want string }{
		{"/", "", "", "", "/"},
		{"/new", "", "", "", "/new"},
		{"/new", "", "", "a=b", "/new?a=b"},
		{"/new?x=1", "", "", "a=b", "/new?x=1&a=b"},
		{"/new?", "", "", "a=b", "/new?a=b"},
		{"/new?x&", "", "", "a=b", "/new?x&a=b"},
		{"/new#top", "", "", "a=b", "/new?a=b#top"},
		{"/new?x#t?p", "", "", "a=b", "/new?x&a=b#t?p"},
		{"/a%20b;c=(d)!$&'*+,:@~", "", "", "", "/a%20b;c=(d)!$&'*+,:@~"},
		{"http://example.com", "", "", "a", "http://example.com?a"},
		{"https://example.com:8080/x", "", "", "a", "https://example.com:8080/x?a"},
		{"https://[::1]/x", "", "", "", "https://[::1]/x"},

		{"/people/{id}", "7", "", "", "/people/7"},
		{"/people/{id}", "a/b c\\ü", "", "q=/", "/people/a%2Fb%20c%5C%C3%BC?q=/"},
		{"/people-{id}.{n}/x", "7", "", "", "/people-7.42/x"},
		{"/{id}", "/evil.com", "", "", "/%2Fevil.com"},
		{"/{id}", "\\evil.com", "", "", "/%5Cevil.com"},
		{"/a/{rest}", "", "b/c d/", "", "/a/b/c%20d/"},
		{"/a/{rest}", "", "", "", "/a/"},
		{"/{rest}", "", "a/b", "", "/a/b"},
		{"/{rest}", "", "", "", "/"},
		{"/{rest}", "", "/evil.com", "", "/%2Fevil.com"},
		{"/{rest}", "", "//evil.com", "", "/%2F/evil.com"},
		{"/{rest}", "", "%2Fevil.com", "", "/%252Fevil.com"},
		{"/{rest}.html", "", "/evil.com", "", "/%2Fevil.com.html"},
		{"/{rest}{id}", "/evil.com", "", "", "/%2Fevil.com"},
		{"/{rest}-{rest}", "", "/a", "", "/%2Fa-/a"},
		{"/{rest}{rest}", "", "/a", "", "/%2Fa%2Fa"},
		{"/{rest}{more}", "", "", "", "/%2Fmore"},
		{"/{id}{more}", "7", "", "", "/7/more"},
		{"/{rest}?a={rest}/x#{rest}/", "", "/b", "", "/%2Fb?a=%2Fb/x#%2Fb/"},
		{"https://h/{rest}", "", "/a", "", "https://h/%2Fa"},
		{"https://h/{rest}{more}", "", "", "", "https://h/%2Fmore"},
		{"https://h/b{rest}", "", "/a", "", "https://h/b/a"},
		{"https://h?{rest}", "", "/a", "b", "https://h?%2Fa&b"},
		{"/?q={id}&p={rest}#{id}", "a&b", "c/d", "e", "/?q=a%26b&p=c%2Fd&e#a%26b"},
		{"/?{id}", "a?", "", "e", "/?a%3F&e"},
	} {
		handler := build(t, NewRedirect, RedirectSpec{To: test.to}, redirectParams...)
		request := withParams(newRequest(), test.id, "42", test.rest, "/more")
		request.Query = []byte(test.query)
		status, location := locationOf(serve(t, handler, request))
		assert.Equal(t, gocore.StatusTemporaryRedirect, status, test.to)
		assert.Equal(t, test.want, location, "%s for %q and %q", test.to, test.id, test.rest)
	}
}

func TestRedirectDropsTheQuery(t *testing.T) {
	for _, to := range []string{"/new", "/new?x", "/new?x#top", "/{id}?x#top"} {
		handler := build(t, NewRedirect, RedirectSpec{To: to, Query: "drop"}, redirectParams...)
		request := withParams(newRequest(), "7", "42", "", "")
		request.Query = []byte("a=b")
		_, location := locationOf(serve(t, handler, request))
		assert.Equal(t, strings.ReplaceAll(to, "{id}", "7"), location)
	}
}

func TestRedirectHasTheStatusThatIsGiven(t *testing.T) {
	for _, status := range []gocore.Status{301, 302, 303, 307, 308} {
		for _, to := range []string{"/new", "/{id}"} {
			handler := build(t, NewRedirect, RedirectSpec{To: to, Status: status, Query: "keep"}, redirectParams...)
			got, _ := locationOf(serve(t, handler, withParams(newRequest(), "7", "42", "", "")))
			assert.Equal(t, status, got)
		}
	}
}

func TestARedirectThatNeverChangesIsAConstant(t *testing.T) {
	handler := build(t, NewRedirect, RedirectSpec{To: "/new", Query: "drop"})
	assert.IsType(t, Constant{}, handler)
	handler = build(t, NewRedirect, RedirectSpec{To: "/new"})
	assert.Equal(t, gocore.RenderedBody, serve(t, handler, newRequest()).Kind(), "without a query")
}

func TestRedirectRefusesTargetsThatCannotBeServed(t *testing.T) {
	const (
		names   = "; choose one of {id}, {n}, {rest}, {more}"
		form    = `; write a path that begins with "/", or an http:// or https:// URL`
		slashes = ` begins with two slashes, which name a host; write one, or "https://"`
		host    = ` is no host; write a name or an address, and a port where it needs one, as "example.com:8080"`
		inHost  = ` is in the host; write the host without parameters, and "/" behind it`
		aURL    = ", which a URL cannot have; write it as "
		empty   = " may be empty, which would leave two slashes; end the path with it"
		dots    = " or can get one; write the path without it"
	)
	for _, test := range []struct{ to, want string }{
		{"", `"" is no target` + form},
		{"new", `"new" is no target` + form},
		{"?x", `"?x" is no target` + form},
		{"{id}", `"{id}" is no target` + form},
		{"ftp://example.com/", `"ftp://example.com/" is no target` + form},
		{"javascript:alert(1)", `"javascript:alert(1)" is no target` + form},
		{"http:/example.com", `"http:/example.com" is no target` + form},
		{"{id}://example.com", `"{id}://example.com" is no target` + form},
		{"//example.com", `"//example.com"` + slashes},
		{`/\example.com`, `"/\\example.com"` + slashes},
		{"https://", `""` + host},
		{"https:///x", `""` + host},
		{"https://:80/", `":80"` + host},
		{"https://a:b/", `"a:b"` + host},
		{"https://user@example.com/", `"user@example.com"` + host},
		{"https://user:secret@example.com", `"user:secret@example.com"` + host},
		{`https://example.com\x/`, `"example.com\\x"` + host},
		{"https://exa mple.com/", `"exa mple.com"` + host},
		{"https://ex%61mple.com/", `"ex%61mple.com"` + host},
		{"https://{{/", `"{"` + host},
		{"https://{id}/", `{id} at byte 8` + inHost},
		{"https://{id}.example.com/", `{id} at byte 8` + inHost},
		{"https://example.com{rest}", `{rest} at byte 19` + inHost},
		{"https://example.com:{n}/", `{n} at byte 20` + inHost},
		{"/{ident}", `{ident} at byte 1 is not known` + names},
		{"/a{rest...}", `{rest...} at byte 2 is not known` + names},
		{"/a{}", `{} at byte 2 has no name` + names},
		{"/a{id", `has a "{" at byte 2 that nothing closes; write "{{" for a brace`},
		{"/a b", `has " " at byte 2` + aURL + `"%20"`},
		{"/{id}/a\"", `has "\"" at byte 7` + aURL + `"%22"`},
		{"/a\\b", `has "\\" at byte 2` + aURL + `"%5C"`},
		{"/a{{", `has "{" at byte 2` + aURL + `"%7B"`},
		{"/ü", `has "ü" at byte 1` + aURL + `"%C3%BC"`},
		{"/a\xff", `has "\xff" at byte 2` + aURL + `"%FF"`},
		{"/a\r\nSet-Cookie: x", `has "\r" at byte 2` + aURL + `"%0D"`},
		{"/a?b=[", `has "[" at byte 5` + aURL + `"%5B"`},
		{"/a#b#c", `has "#" at byte 4` + aURL + `"%23"`},
		{"/a#{id}#c", `has "#" at byte 7` + aURL + `"%23"`},
		{"https://h/a b", `has " " at byte 11` + aURL + `"%20"`},
		{"/a%2", `has a "%" at byte 2 without two hexadecimal digits; write "%25" for a percent sign`},
		{"/a%{id}", `has a "%" at byte 2 without two hexadecimal digits; write "%25" for a percent sign`},
		{"/{rest}/", "{rest} at byte 1" + empty},
		{"/{rest}/{id}", "{rest} at byte 1" + empty},
		{"/a/{rest}/b", "{rest} at byte 3" + empty},
		{"/a/{rest}{rest}/b", "{rest} at byte 9" + empty},
		{"https://h/a{rest}/?x", "{rest} at byte 11" + empty},
		{"/../a", `"/../a" has a segment ".."` + dots},
		{"/a/.", `"/a/." has a segment "."` + dots},
		{"/a/%2e%2E/b", `"/a/%2e%2E/b" has a segment ".."` + dots},
		{"/a/.{rest}", `"/a/.{rest}" has a segment "."` + dots},
		{"/a{rest}..", `"/a{rest}.." has a segment ".."` + dots},
		{"/.{rest}.", `"/.{rest}." has a segment ".."` + dots},
		{"https://h/..?a", `"https://h/..?a" has a segment ".."` + dots},
	} {
		_, err := NewRedirect(RedirectSpec{To: test.to}, redirectParams)
		assert.EqualError(t, err, "to: "+test.want, test.to)
		assert.IsType(t, &gocore.FieldError{}, err, test.to)
	}
	for _, to := range []string{"/{id}.{n}", "/.{id}", "/...", "/a?../.", "/#/../"} {
		_, err := NewRedirect(RedirectSpec{To: to}, redirectParams)
		assert.NoError(t, err, to)
	}
}

func TestRedirectRefusesOtherStatusesAndQueries(t *testing.T) {
	_, err := NewRedirect(RedirectSpec{To: "/", Status: 200}, nil)
	assert.EqualError(t, err, "status: 200 is no redirect; choose 301, 302, 303, 307 or 308")
	_, err = NewRedirect(RedirectSpec{To: "/", Status: 304}, nil)
	assert.EqualError(t, err, "status: 304 is no redirect; choose 301, 302, 303, 307 or 308")
	_, err = NewRedirect(RedirectSpec{To: "/", Query: "lose"}, nil)
	assert.EqualError(t, err, `query: "lose" is not known; choose "keep" or "drop"`)
	_, err = NewRedirect(RedirectSpec{To: "/{id}"}, nil)
	assert.EqualError(t, err, "to: {id} at byte 1 is not known; the path has no parameters: write one there, or leave this out")
}

// FuzzRedirect: whatever a request has in its path and query, it is led to the host
// and the scheme of the target, and to the segments that the target has.
func FuzzRedirect(f *testing.F) {
	targets := []string{
		"/{id}", "/{rest}", "/{rest}{id}", "/{rest}{rest}-x", "/{rest}{more}", "/a/{rest}?b={id}#{rest}", "/x?{rest}", "/{id}{rest}",
		"https://example.com/{rest}", "https://example.com/{rest}{more}{id}?x", "http://example.com:8080?{id}", "http://[::1]/{id}#x",
	}
	var handlers []gocore.Handler
	for _, to := range targets {
		handlers = append(handlers, build(f, NewRedirect, RedirectSpec{To: to}, redirectParams...))
	}
	for _, seed := range []string{"", "evil.com", "/evil.com", "//evil.com", "\\evil.com", "/\\evil.com", "\t//x", "@evil.com", ":80", "%2F", "a/b"} {
		f.Add(seed, seed, "q="+seed)
	}
	f.Fuzz(func(t *testing.T, id, rest, query string) {
		if id == "" || strings.ContainsFunc(query, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '#' }) {
			return // no parser of requests would let it by
		}
		for i, to := range targets {
			request := withParams(newRequest(), id, "42", rest, rest)
			request.Query = []byte(query)
			_, location := locationOf(serve(t, handlers[i], request))
			parsed, err := url.Parse(location)
			require.NoError(t, err, location)
			want, err := url.Parse(strings.NewReplacer("{", "", "}", "").Replace(to))
			require.NoError(t, err)
			require.Equal(t, want.Scheme, parsed.Scheme, location)
			require.Equal(t, want.Host, parsed.Host, location)
			require.Nil(t, parsed.User, location)
			_, fragment, _ := strings.Cut(to, "#")
			require.Equal(t, strings.ReplaceAll(fragment, "{rest}", rest), parsed.Fragment, location)
			if strings.Contains(to, "?b={id}") {
				require.Equal(t, id, parsed.Query().Get("b"), location)
			}
			require.False(t, strings.HasPrefix(parsed.EscapedPath(), "//"), location)
			require.NotContains(t, strings.SplitN(location, "?", 2)[0], `\`)
			require.NotContains(t, location, "\n")
			if query != "" {
				require.Contains(t, location, query)
			}
		}
	})
}

func TestRedirectDoesNotAllocate(t *testing.T) {
	for _, to := range []string{"/new", "/{rest}", "/people/{id}?x={n}#y"} {
		handler := build(t, NewRedirect, RedirectSpec{To: to}, redirectParams...)
		request := withParams(newRequest(), "a b", "42", "/evil/ü", "")
		request.Query = []byte("a=b")
		assertNoAllocations(t, handler, request)
		request.Query = nil
		assertNoAllocations(t, handler, request)
	}
}
