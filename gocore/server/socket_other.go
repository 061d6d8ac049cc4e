//go:build !unix

package server

import (
	"errors"
	"net"
)

// setBacklog does nothing where the system does not let it be changed.
func setBacklog(net.Listener, int) {}

func listenerOf(int) (net.Listener, error) {
	return nil, errors.New("descriptors are not inherited on this system")
}
