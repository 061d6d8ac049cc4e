package http1_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/http1"
)

func parseTarget(method, target string) (gocore.Request, *http1.Error) {
	request := gocore.Request{Method: gocore.ParseMethod(method), Target: exact(target)}
	refusal := http1.ParseTarget(&request)
	return request, refusal
}

func TestParseTargetKnowsTheFourForms(t *testing.T) {
	tests := []struct {
		form, method, target, path, query, host string
	}{
		{"origin", "GET", "/", "/", "", ""},
		{"origin with query", "GET", "/a?b=c?d", "/a", "b=c?d", ""},
		{"origin with empty query", "GET", "/?", "/", "", ""},
		{"origin with two slashes", "GET", "//a/b", "//a/b", "", ""},
		{"origin with dots left alone", "GET", "/a/../b%2F", "/a/../b%2F", "", ""},
		{"origin with every byte", "GET", "/AZaz09-._~!$&'()*+,;=:@[]^|%00", "/AZaz09-._~!$&'()*+,;=:@[]^|%00", "", ""},
		{"query as browsers send it", "GET", "/?a[]=1|2&b=`\\{}^%", "/", "a[]=1|2&b=`\\{}^%", ""},
		{"absolute", "GET", "http://h:80/a?b", "/a", "b", "h:80"},
		{"absolute, https, any case", "GET", "HTTPS://H/", "/", "", "H"},
		{"absolute without a path", "GET", "http://h", "/", "", "h"},
		{"absolute without a path, with query", "GET", "http://h?q", "/", "q", "h"},
		{"absolute with an IPv6 address", "GET", "http://[::1]:8080/", "/", "", "[::1]:8080"},
		{"asterisk", "OPTIONS", "*", "*", "", ""},
		{"absolute for asterisk", "OPTIONS", "http://h", "*", "", "h"},
		{"absolute OPTIONS with a path", "OPTIONS", "http://h/", "/", "", "h"},
		{"absolute OPTIONS with a query", "OPTIONS", "http://h?q", "/", "q", "h"},
		{"authority", "CONNECT", "example.com:443", "", "", "example.com:443"},
		{"authority with an IPv6 address", "CONNECT", "[2001:db8::1]:443", "", "", "[2001:db8::1]:443"},
		{"trace", "TRACE", "/", "/", "", ""},
	}
	for _, test := range tests {
		t.Run(test.form, func(t *testing.T) {
			request, refusal := parseTarget(test.method, test.target)
			require.Nil(t, refusal)
			assert.Equal(t, test.path, string(request.Path))
			assert.Equal(t, test.query, string(request.Query))
			assert.Equal(t, test.host, string(request.Host))
			assert.Equal(t, test.target, string(request.Target))
		})
	}
}

func TestParseTargetRefusesEverythingElse(t *testing.T) {
	tests := []struct{ reason, method, target string }{
		{"empty", "GET", ""},
		{"relative", "GET", "a/b"},
		{"relative with a dot", "GET", "./a"},
		{"asterisk for GET", "GET", "*"},
		{"more than an asterisk", "OPTIONS", "*a"},
		{"authority for GET", "GET", "example.com:443"},
		{"path for CONNECT", "CONNECT", "/"},
		{"absolute for CONNECT", "CONNECT", "http://h:1/"},
		{"CONNECT without a port", "CONNECT", "example.com"},
		{"CONNECT with an empty port", "CONNECT", "example.com:"},
		{"CONNECT with port 0", "CONNECT", "example.com:0"},
		{"CONNECT to an IPv6 address without a port", "CONNECT", "[::1]"},
		{"CONNECT without a host", "CONNECT", ":443"},
		{"CONNECT to nothing", "CONNECT", ""},
		{"port beyond 65535", "GET", "http://h:65536/"},
		{"another scheme", "GET", "ftp://h/"},
		{"scheme without authority", "GET", "http:/a"},
		{"scheme alone", "GET", "http:"},
		{"empty authority", "GET", "http:///a"},
		{"empty host", "GET", "http://:80/"},
		{"user information", "GET", "http://user@h/"},
		{"user information with a password", "GET", "http://u:p@h/"},
		{"fragment", "GET", "/a#b"},
		{"fragment in the query", "GET", "/a?b#c"},
		{"fragment behind the authority", "GET", "http://h#f"},
		{"quote", "GET", `/"`},
		{"angle bracket", "GET", "/<script>"},
		{"backslash in the path", "GET", `/..\a`},
		{"brace in the path", "GET", "/{a}"},
		{"raw UTF-8", "GET", "/caf\xc3\xa9"},
		{"raw UTF-8 in the query", "GET", "/?caf\xc3\xa9"},
		{"quote in an absolute path", "GET", "http://h/\""},
		{"control character", "GET", "/\x01"},
		{"DEL", "GET", "/\x7f"},
		{"half an escape", "GET", "/%2"},
		{"an escape of letters", "GET", "/%zz"},
		{"a lone percent sign", "GET", "/100%/"},
	}
	for _, test := range tests {
		t.Run(test.reason, func(t *testing.T) {
			_, refusal := parseTarget(test.method, test.target)
			require.NotNil(t, refusal)
			assert.Equal(t, gocore.StatusBadRequest, refusal.Status)
		})
	}
}
