package http1_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

func TestHostFieldIsAnAuthority(t *testing.T) {
	valid := []string{
		"", "a", "example.com", "example.com:", "example.com:80", "a:0", "a:65535", "127.0.0.1:8080",
		"under_score", "a%20b", "%41", "!$&'()*+,;=", "[::]", "[::1]:80", "[1:2:3:4:5:6:7:8]",
		"[2001:DB8::ff00:42:8329]", "[1:2:3:4:5:6:7::]", "[::2:3:4:5:6:7:8]", "[::ffff:1.2.3.4]",
		"[1:2:3:4:5:6:255.0.10.1]", "[v1.a:b]", "[vF0.~]:1",
	}
	for _, host := range valid {
		got := parse(t, "GET / HTTP/1.1\r\nHost: "+host+" \r\n\r\n")
		require.Nil(t, got.Refusal, host)
		assert.Equal(t, host, got.Host)
	}
	invalid := []string{
		":80", "a:b", "a:80:80", "a:65536", "a:99999999999999999999", "a b", "a,b/", "user@a", "a/b", "a?b", "a#b",
		"\"a\"", "<a>", "caf\xc3\xa9", "%", "%4", "a%zz", "[", "[]", "[::1", "::1", "[::1]a", "[::1]80", "[:::]",
		"[1::2::3]", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]", "[1:2:3:4:5:6:7:8::]", "[12345::]", "[g::]", "[:1]", "[1:]",
		"[::1.2.3]", "[::1.2.3.4.5]", "[::256.1.1.1]", "[::01.1.1.1]", "[1.2.3.4]", "[::1.2.3.4:1]", "[::1.2.3.]",
		"[1:2:3:4:5:6:7:1.2.3.4]", "[fe80::1%eth0]", "[v.a]", "[v1]", "[v1.]", "[vg.a]",
	}
	for _, host := range invalid {
		got := parse(t, "GET / HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
		require.NotNil(t, got.Refusal, host)
		assert.Equal(t, gocore.StatusBadRequest, got.Refusal.Status)
	}
}
