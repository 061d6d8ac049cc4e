package server

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// listenOn listens until the test ends.
func listenOn(t *testing.T, address Address) net.Listener {
	t.Helper()
	listener, failure := address.listen()
	require.Nil(t, failure)
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

func TestListenTakesAFreePort(t *testing.T) {
	listener := listenOn(t, Address{Host: "127.0.0.1"})
	assert.NotZero(t, port(listener))
	assert.Equal(t, "http://127.0.0.1:"+strconv.Itoa(port(listener)), url(listener))
	client, err := net.Dial("tcp", strings.TrimPrefix(url(listener), "http://"))
	require.NoError(t, err)
	require.NoError(t, client.Close())
}

func TestAllOfIPv4IsNotIPv6(t *testing.T) {
	listener := listenOn(t, Address{Host: "0.0.0.0"})
	assert.Equal(t, "http://0.0.0.0:"+strconv.Itoa(port(listener)), url(listener))
	at := netip.MustParseAddrPort(listener.Addr().String())
	assert.True(t, at.Addr().Is4())
}

func TestListenOnIPv6(t *testing.T) {
	probe, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 here:", err)
	}
	require.NoError(t, probe.Close())
	one := listenOn(t, Address{Host: "::1"})
	assert.Equal(t, "http://[::1]:"+strconv.Itoa(port(one)), url(one))

	all := listenOn(t, Address{Host: "::"})
	assert.Equal(t, "http://[::]:"+strconv.Itoa(port(all)), url(all))
	client, err := net.Dial("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port(all))))
	require.NoError(t, err, "\"::\" listens on IPv4 as well")
	require.NoError(t, client.Close())
}

func TestListenOnAUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listener := listenOn(t, Address{UDS: path, Host: "ignored", Port: -1})
	assert.Equal(t, "unix:"+path, url(listener))
	assert.Zero(t, port(listener))
	require.NoError(t, listener.Close())
	assert.NoFileExists(t, path)
}

func TestAPortInUseIsABindError(t *testing.T) {
	taken := port(listenOn(t, Address{Host: "127.0.0.1"}))
	_, failure := Address{Host: "127.0.0.1", Port: taken}.listen()
	require.NotNil(t, failure)
	address := "127.0.0.1:" + strconv.Itoa(taken)
	assert.Equal(t, Error{
		Code: CodeBind, Errno: int(syscall.EADDRINUSE), Address: address,
		Message: "cannot listen on " + address +
			": address already in use; stop the program that listens there or choose another address",
	}, *failure)
}

func TestListenErrorsSayWhatToDo(t *testing.T) {
	directory := t.TempDir()
	long := filepath.Join(directory, strings.Repeat("x", 108))
	missing := filepath.Join(directory, "missing", "s")
	for _, test := range []struct {
		address Address
		want    Error
	}{
		{Address{Host: "127.0.0.1", Port: -1},
			Error{Code: CodeConfig, Message: "port: -1 is out of range; choose 0 to 65535 (0 takes a free port)"}},
		{Address{Host: "127.0.0.1", Port: 65536},
			Error{Code: CodeConfig, Message: "port: 65536 is out of range; choose 0 to 65535 (0 takes a free port)"}},
		{Address{}, Error{Code: CodeConfig,
			Message: `host: is empty; write "127.0.0.1" for this machine alone, "0.0.0.0" for all networks`}},
		{Address{Host: "[::1]"}, Error{Code: CodeConfig, Message: `host: "[::1]" has brackets, which belong in URLs; write "::1"`}},
		{Address{Host: "127.0.0.1:80"}, Error{Code: CodeConfig,
			Message: `host: "127.0.0.1:80" has a port; write "127.0.0.1", and the port as port`}},
		{Address{UDS: "/run/a\x00b"}, Error{Code: CodeConfig,
			Message: `uds: "/run/a\x00b" has a NUL character at byte 6; remove it`}},
		{Address{Host: "192.0.2.1"}, Error{Code: CodeBind, Errno: int(syscall.EADDRNOTAVAIL), Address: "192.0.2.1:0",
			Message: "cannot listen on 192.0.2.1:0: cannot assign requested address; the address is not one of this machine's"}},
		{Address{UDS: missing}, Error{Code: CodeBind, Errno: int(syscall.ENOENT), Address: missing,
			Message: "cannot listen on " + missing + ": no such file or directory; make its directory first"}},
		{Address{UDS: long}, Error{Code: CodeBind, Errno: int(syscall.EINVAL), Address: long,
			Message: "cannot listen on " + long + ": invalid argument; the path is too long for a socket, choose a shorter one"}},
	} {
		_, failure := test.address.listen()
		require.NotNil(t, failure, "%+v", test.address)
		assert.Equal(t, test.want, *failure)
	}
}

func TestAnUnknownHostIsABindError(t *testing.T) {
	_, failure := Address{Host: "no-such-host.invalid", Port: 1}.listen()
	require.NotNil(t, failure)
	assert.Equal(t, CodeBind, failure.Code)
	assert.Equal(t, int(syscall.EADDRNOTAVAIL), failure.Errno)
	assert.Equal(t, "no-such-host.invalid:1", failure.Address)
	assert.Regexp(t, `^cannot listen on no-such-host\.invalid:1: host "no-such-host\.invalid" cannot be resolved `+
		`\(.+\); write an IP address or a known name$`, failure.Message)
}

func TestBindErrorsHintAtAWayOut(t *testing.T) {
	assert.Equal(t, Error{Code: CodeBind, Address: "h:80", Errno: int(syscall.EACCES),
		Message: "cannot listen on h:80: permission denied; choose a port above 1023 or a place you may write to"},
		*bindError("h:80", os.NewSyscallError("bind", syscall.EACCES)))
	assert.Equal(t, Error{Code: CodeBind, Address: "h:80", Message: "cannot listen on h:80: " + assert.AnError.Error()},
		*bindError("h:80", assert.AnError))
}

func TestAStaleSocketIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	dead := listenOn(t, Address{UDS: path}).(*net.UnixListener)
	dead.SetUnlinkOnClose(false)
	require.NoError(t, dead.Close())
	require.FileExists(t, path)

	listenOn(t, Address{UDS: path})
	client, err := net.Dial("unix", path)
	require.NoError(t, err)
	require.NoError(t, client.Close())
}

func TestALiveSocketIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listenOn(t, Address{UDS: path})
	_, failure := Address{UDS: path}.listen()
	require.NotNil(t, failure)
	assert.Equal(t, Error{Code: CodeBind, Errno: int(syscall.EADDRINUSE), Address: path, Message: "cannot listen on " + path +
		": address already in use; stop the program that listens there or choose another address"}, *failure)
	client, err := net.Dial("unix", path)
	require.NoError(t, err)
	require.NoError(t, client.Close())
}

func TestAFileThatIsNoSocketIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	require.NoError(t, os.WriteFile(path, []byte("precious"), 0o600))
	_, failure := Address{UDS: path}.listen()
	require.NotNil(t, failure)
	assert.Equal(t, Error{Code: CodeBind, Errno: int(syscall.EADDRINUSE), Address: path, Message: "cannot listen on " + path +
		": there is a file that is no socket; remove it or choose another path"}, *failure)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "precious", string(content))
}

func TestAddressInheritsASocket(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		address := "127.0.0.1:0"
		if network == "unix" {
			address = filepath.Join(t.TempDir(), "inherited")
		}
		parent, err := net.Listen(network, address)
		require.NoError(t, err)
		defer parent.Close()
		file, err := parent.(interface{ File() (*os.File, error) }).File()
		require.NoError(t, err)
		defer file.Close()
		fd := int(file.Fd())

		listener, failure := Address{FD: &fd}.listen()
		require.Nil(t, failure)
		assert.Equal(t, url(parent), url(listener))
		require.NoError(t, listener.Close())
		connection, err := net.Dial(network, parent.Addr().String())
		require.NoError(t, err, "the descriptor stays its owner's")
		require.NoError(t, connection.Close())
	}
}

func TestAddressRefusesWhatIsNoListeningSocket(t *testing.T) {
	file, err := os.Open(os.DevNull)
	require.NoError(t, err)
	defer file.Close()
	unused, notSocket := 1<<20, int(file.Fd())
	for _, test := range []struct {
		fd    int
		errno syscall.Errno
	}{{unused, syscall.EBADF}, {notSocket, syscall.ENOTSOCK}} {
		_, failure := Address{FD: &test.fd}.listen()
		require.NotNil(t, failure)
		assert.Equal(t, CodeBind, failure.Code)
		assert.EqualValues(t, test.errno, failure.Errno)
		assert.Contains(t, failure.Message, "pass the descriptor of a listening TCP or Unix socket")
	}
	negative := -1
	_, failure := Address{FD: &negative}.listen()
	require.NotNil(t, failure)
	assert.Equal(t, "fd: -1 is no descriptor; write that of a listening socket", failure.Message)
}

func TestAddressTakesABacklog(t *testing.T) {
	listener, failure := Address{Host: "127.0.0.1", Backlog: 1}.listen()
	require.Nil(t, failure)
	defer listener.Close()
	_, failure = Address{Host: "127.0.0.1", Backlog: -1}.listen()
	require.NotNil(t, failure)
	assert.Contains(t, failure.Message, "backlog: -1 is out of range")
}
