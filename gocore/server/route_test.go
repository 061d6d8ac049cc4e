package server

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMethodsAreThoseThatARouteCanHave(t *testing.T) {
	for _, name := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
		method, err := parseMethod(name)
		require.NoError(t, err)
		assert.Equal(t, name, method.String())
	}
	for _, name := range []string{"", "get", "BREW", "CONNECT", "TRACE"} {
		_, err := parseMethod(name)
		assert.EqualError(t, err, fmt.Sprintf(
			"%q is not a method of routes; write GET, HEAD, POST, PUT, DELETE, OPTIONS or PATCH, or \"*\" for all of them", name))
	}
}

func TestHostsAreNamesOrAddressesWithoutAPort(t *testing.T) {
	long := strings.Repeat("a", 254)
	for _, host := range []string{"", "localhost", "api.example.com", "A_b-1.test", "127.0.0.1", "[::1]", "[2001:db8::1]", "[2001:DB8::A]", "api.test."} {
		assert.NoError(t, checkHost(host), host)
	}
	for _, test := range []struct{ host, want string }{
		{"api.test:8080", `"api.test:8080" has a port, which hosts are compared without; write "api.test"`},
		{"[::1]:80", `"[::1]:80" is no IPv6 address in brackets; write one such as [::1]`},
		{"[::1", `"[::1" is no IPv6 address in brackets; write one such as [::1]`},
		{"[x]", `"[x]" is no IPv6 address in brackets; write one such as [::1]`},
		{"[]", `"[]" is no IPv6 address in brackets; write one such as [::1]`},
		{"[1.2.3.4]", `"[1.2.3.4]" is no IPv6 address in brackets; write one such as [::1]`},
		{"[fe80::1%eth0]", `"[fe80::1%eth0]" is no IPv6 address in brackets; write one such as [::1]`},
		{"[0:0:0:0:0:0:0:1]", `"[0:0:0:0:0:0:0:1]" has a shorter form; write [::1]`},
		{"...", `"..." is no host name: a part of it is empty, or it has more than 253 bytes; write a name such as api.example.com`},
		{"a..b", `"a..b" is no host name: a part of it is empty, or it has more than 253 bytes; write a name such as api.example.com`},
		{long, `"` + long + `" is no host name: a part of it is empty, or it has more than 253 bytes; write a name such as api.example.com`},
		{"::1", `"::1" is no host name: byte 0 (":") cannot be in one; write a name such as api.example.com`},
		{"http://a.test", `"http://a.test" is no host name: byte 4 (":") cannot be in one; write a name such as api.example.com`},
		{"a.test/x", `"a.test/x" is no host name: byte 6 ("/") cannot be in one; write a name such as api.example.com`},
		{"*.test", `"*.test" is no host name: byte 0 ("*") cannot be in one; write a name such as api.example.com`},
		{"é.test", `"é.test" is no host name: byte 0 ("\xc3") cannot be in one; write a name such as api.example.com`},
		{"a b", `"a b" is no host name: byte 1 (" ") cannot be in one; write a name such as api.example.com`},
	} {
		assert.EqualError(t, checkHost(test.host), test.want)
	}
}
