package server

import (
	"errors"
	"math"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Address says where to listen: on a TCP port of a host, on a Unix socket, or on
// a socket that the process has inherited.
type Address struct {
	// Host is an IP address or a name; "::" listens on IPv4 as well.
	Host string `json:"host"`
	// Port 0 takes a free port.
	Port int `json:"port"`
	// UDS is the path of a Unix socket. Where it is set, Host and Port are not used.
	UDS string `json:"uds"`
	// FD is the descriptor of a listening socket. Where it is set, all of the above
	// is not used. The descriptor stays its owner's.
	FD *int `json:"fd"`
	// Backlog is how many connections may wait to be accepted; 0 means as many as
	// the system allows.
	Backlog int `json:"backlog"`
}

func (a Address) listen() (net.Listener, *Error) {
	if a.Backlog < 0 || a.Backlog > math.MaxInt32 {
		return nil, configError("backlog", "%d is out of range; choose 1 to %d, or 0 for what the system allows", a.Backlog, math.MaxInt32)
	}
	listener, failure := a.open()
	if failure == nil && a.Backlog > 0 {
		setBacklog(listener, a.Backlog)
	}
	return listener, failure
}

func (a Address) open() (net.Listener, *Error) {
	switch {
	case a.FD != nil:
		return inherit(*a.FD)
	case a.UDS != "":
		return listenUnix(a.UDS)
	}
	return listenTCP(a)
}

func listenTCP(a Address) (net.Listener, *Error) {
	if a.Port < 0 || a.Port > 65535 {
		return nil, configError("port", "%d is out of range; choose 0 to 65535 (0 takes a free port)", a.Port)
	}
	if a.Host == "" {
		return nil, configError("host", "is empty; write \"127.0.0.1\" for this machine alone, \"0.0.0.0\" for all networks")
	}
	if bare := strings.Trim(a.Host, "[]"); bare != a.Host {
		return nil, configError("host", "%q has brackets, which belong in URLs; write %q", a.Host, bare)
	}
	if name, port, found := strings.Cut(a.Host, ":"); found && name != "" && port != "" && strings.Trim(port, "0123456789") == "" {
		return nil, configError("host", "%q has a port; write %q, and the port as port", a.Host, name)
	}
	network := "tcp"
	if ip, err := netip.ParseAddr(a.Host); err == nil && ip.Is4() {
		network = "tcp4" // else "0.0.0.0" would mean IPv6 too
	}
	address := net.JoinHostPort(a.Host, strconv.Itoa(a.Port))
	listener, err := net.Listen(network, address)
	if lookup, ok := errors.AsType[*net.DNSError](err); ok {
		return nil, &Error{
			Code: CodeBind, Errno: int(syscall.EADDRNOTAVAIL), Address: address,
			Message: "cannot listen on " + address + ": host " + strconv.Quote(a.Host) + " cannot be resolved (" + lookup.Err + "); write an IP address or a known name",
		}
	}
	if err != nil {
		return nil, bindError(address, err)
	}
	return listener, nil
}

// inherit listens on a duplicate of a descriptor.
func inherit(fd int) (net.Listener, *Error) {
	address := "descriptor " + strconv.Itoa(fd)
	if fd < 0 {
		return nil, configError("fd", "%d is no descriptor; write that of a listening socket", fd)
	}
	listener, err := listenerOf(fd)
	if err == nil {
		return listener, nil
	}
	failure := bindError(address, err)
	failure.Message += "; pass the descriptor of a listening TCP or Unix socket"
	return nil, failure
}

// listenUnix listens on a path. A socket that a dead server has left there is
// replaced; one where somebody listens, and any other file, is left alone.
func listenUnix(path string) (net.Listener, *Error) {
	if i := strings.IndexByte(path, 0); i >= 0 { // the system would end the path here
		return nil, configError("uds", "%q has a NUL character at byte %d; remove it", path, i)
	}
	listener, err := net.Listen("unix", path)
	if errors.Is(err, syscall.EADDRINUSE) && isStale(path) && os.Remove(path) == nil {
		listener, err = net.Listen("unix", path)
	}
	if err == nil {
		return listener, nil
	}
	failure := bindError(path, err)
	switch {
	case errors.Is(err, syscall.ENOENT):
		failure.Message += "; make its directory first"
	case errors.Is(err, syscall.EINVAL):
		failure.Message += "; the path is too long for a socket, choose a shorter one"
	case errors.Is(err, syscall.EADDRINUSE) && !isSocket(path):
		failure.Message = "cannot listen on " + path + ": there is a file that is no socket; remove it or choose another path"
	}
	return nil, failure
}

func isSocket(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().Type() == os.ModeSocket
}

// isStale reports whether path is a socket on which nobody listens.
func isStale(path string) bool {
	if !isSocket(path) {
		return false
	}
	connection, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		_ = connection.Close()
		return false
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// url returns where a listener can be reached.
func url(listener net.Listener) string {
	if listener.Addr().Network() == "unix" {
		return "unix:" + listener.Addr().String()
	}
	return "http://" + listener.Addr().String()
}

func port(listener net.Listener) int {
	if tcp, ok := listener.Addr().(*net.TCPAddr); ok {
		return tcp.Port
	}
	return 0
}
